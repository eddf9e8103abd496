"""Chat logs as agents paste them."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.chatlog import parse

QIANNIU = """tb88231 (2026-11-20 10:02:33):
在吗
我的快递到哪了
织语围巾旗舰店:小美 (2026-11-20 10:02:40):
亲,在的
tb88231 (2026-11-20 10:03:01):
[图片]
已读
"""
JINGMAI = """jd_abc*** 2026-11-20 10:02:33
明天 10:00 能到吗
京东自营客服小王 2026-11-20 10:03:00
您好:请稍等
"""
PINDUODUO = """10:02
顾客:什么时候发
10:03
商家:今天安排
"""
DOUYIN = """2026/11/20 10:02:33 用户8871
什么时候发货
2026/11/20 10:05:33 禾灶小店:小李
今天发
"""
INLINE = """小明爱吃鱼(2026-11-20 10:02:33):多少钱
阿月(2026-11-20 10:02:50):59
"""
BRACKETS = """[10:02] 顾客:在吗
[10:03] 客服:在的
顾客撤回了一条消息
[10:04] 顾客:好的,地址:北京
"""


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (QIANNIU, [("customer", "在吗\n我的快递到哪了"), ("agent", "亲,在的"), ("customer", "[图片]")]),
        (JINGMAI, [("customer", "明天 10:00 能到吗"), ("agent", "您好:请稍等")]),
        (PINDUODUO, [("customer", "什么时候发"), ("agent", "今天安排")]),
        (DOUYIN, [("customer", "什么时候发货"), ("agent", "今天发")]),
        (INLINE, [("customer", "多少钱"), ("agent", "59")]),
        (BRACKETS, [("customer", "在吗"), ("agent", "在的"), ("customer", "好的,地址:北京")]),
        ("小美: 什么\n阿强: 好\n小美: 走", [("customer", "什么"), ("agent", "好"), ("customer", "走")]),
    ],
)
def test_each_workbench_is_read(log: str, said: list[tuple[str, str]]) -> None:
    assert [(m.role, m.text) for m in parse(log).messages] == said


def test_names_and_times_are_kept() -> None:
    first = parse(QIANNIU).messages[0]
    assert first.name == "tb88231"
    assert first.at == datetime(2026, 11, 20, 10, 2, 33)


def test_system_lines_are_reported_not_sent_as_the_customers_words() -> None:
    assert [(line.number, line.why) for line in parse(QIANNIU).report] == [(8, "system")]
    assert [line.text for line in parse(BRACKETS).report] == ["顾客撤回了一条消息"]


def test_the_shops_name_tells_the_agent() -> None:
    log = "织语(2026-11-20 10:02:33):在的\n小雨(2026-11-20 10:02:50):哦"
    assert [m.role for m in parse(log, shop="织语").messages] == ["agent", "customer"]


def test_plain_text_is_one_customer_message_a_line() -> None:
    log = parse("在吗\n\n下单时间 2026-11-18 10:00:00\n这个价格:太贵")
    assert [(m.role, m.text) for m in log.messages] == [
        ("customer", "在吗"),
        ("customer", "下单时间 2026-11-18 10:00:00"),
        ("customer", "这个价格:太贵"),
    ]
    assert log.report == ()


def test_a_time_that_is_none_does_not_start_a_message() -> None:
    log = parse("顾客 (2026-11-20 10:02:33):\n比分 (2026-99-20 10:02:33):\n好")
    assert len(log.messages) == 1
    assert "比分" in log.messages[0].text


def test_lines_before_the_first_name_are_kept_and_pointed_out() -> None:
    log = parse("前面少复制了\n" + QIANNIU)
    assert log.messages[0].text == "前面少复制了"
    assert log.report[0].why == "unsure"


LINE = st.text(alphabet="在吗退货a1:：()[]（）10:02 2026-11-20客服顾客小店已读,。?", max_size=24)


@given(st.lists(LINE, max_size=12))
def test_no_text_is_lost(lines: list[str]) -> None:
    log = parse("\n".join(lines))
    kept = "".join([*(f"{m.name or ''}{m.text}" for m in log.messages), *(r.text for r in log.report)])
    meta = set("0123456789-/:：()（）[] \t\n年月日,")
    for line in lines:
        for character in line.strip():
            if character not in meta:
                assert character in kept
    words = [w for line in lines for w in line.split() if w and not set(w) & meta]
    for word in words:
        assert word in kept


def test_an_exported_text_keeps_its_days_and_loses_its_furniture() -> None:
    exported = (
        "消息记录\n================\n消息对象: 小雨\n================\n2026-11-19\n"
        "小雨(23:58:05): 在吗\n2026-11-20\n暖屿旗舰店:小乔(08:01:10): 在的,您说\n小雨(08:01:30):\n伞断了"
    )
    log = parse(exported)
    assert [(m.role, m.text) for m in log.messages] == [
        ("customer", "在吗"),
        ("agent", "在的,您说"),
        ("customer", "伞断了"),
    ]
    assert [m.at for m in log.messages] == [
        datetime(2026, 11, 19, 23, 58, 5), datetime(2026, 11, 20, 8, 1, 10), datetime(2026, 11, 20, 8, 1, 30),
    ]  # fmt: skip
    assert {line.why for line in log.report} == {"system", "time"}


@pytest.mark.parametrize("log", [QIANNIU, JINGMAI, PINDUODUO])
def test_logs_are_read_in_full_width_too_and_words_stay_as_written(log: str) -> None:
    wide = str.maketrans(",:()?!", "\uff0c\uff1a\uff08\uff09\uff1f\uff01")
    written, usual = parse(log.translate(wide)), parse(log)
    assert [(m.role, m.at, m.text) for m in written.messages] == [
        (m.role, m.at, m.text.translate(wide)) for m in usual.messages
    ]
    assert len(written.report) == len(usual.report)


def test_a_name_with_nothing_said_is_reported_and_makes_no_message() -> None:
    log = parse("客服小林:\n顾客:到哪了\n客服小林:")
    assert [m.text for m in log.messages] == ["到哪了"]
    assert [(line.number, line.why) for line in log.report] == [(1, "empty"), (3, "empty")]
