"""顾客按号提问:①…②…或 1… 2…;回复按同样的号答,没答上的号点出来,说几点前补。"""

from __future__ import annotations

import pytest

from assistant.engines.offline import OfflineEngine
from assistant.situation.numbered import numbered
from tests.assistant.drafts import brief, conversation, match, proposal

ORDER = {
    "order_id": "2611150087", "item": "台灯", "price_yuan": 129, "paid_at": "2026-11-15 10:00",
    "shipped_at": "2026-11-15 20:00", "signed_at": "2026-11-18 12:00", "tracking_status": "已签收",
}  # fmt: skip


@pytest.fixture(scope="module")
def shipped() -> OfflineEngine:
    return OfflineEngine(lambda _: ())


@pytest.mark.parametrize(
    ("lines", "points"),
    [
        (("①吸力多少 ②几天发货", "别废话"), [("①", "吸力多少"), ("②", "几天发货")]),
        (("1发票没收到 2少了一盒 3能换不",), [("1、", "发票没收到"), ("2、", "少了一盒"), ("3、", "能换不")]),
        (("(1) 能洗吗", "(2) 起球吗"), [("1、", "能洗吗"), ("2、", "起球吗")]),
        (("1 什么木头 2 甲醛达标不 3 上楼吗 4 包安装吗",), [("1、", "什么木头"), ("2、", "甲醛达标不"), ("3、", "上楼吗"), ("4、", "包安装吗")]),
        (("1.锅底多厚 2.电磁炉能用不 3.80L够几个人",), [("1、", "锅底多厚"), ("2、", "电磁炉能用不"), ("3、", "80L够几个人")]),
        (("1. does it shrink? 2. how long is it",), [("1、", "does it shrink?"), ("2、", "how long is it")]),
    ],
)  # fmt: skip
def test_each_numbered_point_is_found_with_its_words(lines: tuple[str, ...], points: list[tuple[str, str]]) -> None:
    talk = conversation(*lines)
    found = numbered(talk)
    assert [(p.label, p.words.text) for p in found] == points
    assert all(talk.messages[p.words.message].text[p.words.start : p.words.end] == p.words.text for p in found)


@pytest.mark.parametrize(
    "line",
    [
        "买1个 2个 3个都行",
        "1.67折射率的镜片 2.5米能看清吗",
        "周一1点到 2点走 3点来",
        "3号拍的 5号发的",
        "1号付的款 到现在没发",
        "1只坏了 2只好的",
    ],
)
def test_what_counts_things_numbers_nothing(line: str) -> None:
    assert numbered(conversation(line)) == ()


def test_answers_stand_behind_the_customer_s_numbers_and_what_is_open_is_named(shipped: OfflineEngine) -> None:
    talk = conversation("1保修几年 2能开票不 3这个图案谁设计的", authorised=["warranty_1y", "invoice"])
    reply = proposal(shipped, brief(talk, match("pre.product_question", 0.9))).reply
    warranty, invoice, left = reply.index("1、"), reply.index("2、"), reply.index("3（")
    assert warranty < invoice < left
    assert "保修" in reply[warranty:invoice] and "票" in reply[invoice:left] and "设计" in reply[left:]


def test_a_numbered_point_that_asks_nothing_is_not_passed_over(shipped: OfflineEngine) -> None:
    talk = conversation("1发票没收到 2少了一盒订书钉 3能换新的不", order=ORDER, authorised=["invoice", "exchange"])
    reply = proposal(shipped, brief(talk, match("after.exchange", 0.9))).reply
    assert "2" in reply and "订书钉" in reply
    assert "3、" in reply


def test_where_nothing_is_numbered_no_number_is_put_before_an_answer(shipped: OfflineEngine) -> None:
    talk = conversation("保修几年", "能开票不", authorised=["warranty_1y", "invoice"])
    reply = proposal(shipped, brief(talk, match("pre.product_question", 0.9))).reply
    assert "1、" not in reply and "2、" not in reply
