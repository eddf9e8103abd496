"""What customers tell of their need before they buy is said back: their numbers and purpose, never their bargaining."""

from __future__ import annotations

import pytest

from assistant.engines import matter
from assistant.engines.offline import OfflineEngine
from assistant.engines.telling import said_back
from tests.assistant.drafts import brief, conversation, match, proposal


@pytest.fixture(scope="module")
def shipped() -> OfflineEngine:
    return OfflineEngine(lambda _: ())


def back(*lines: str, of: str = "pre.recommend") -> str:
    return said_back(brief(conversation(*lines), match(of, 0.9)))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("想给我妈买个轮椅", "她体重140斤 家里门宽70公分"), "给您妈妈买个轮椅、她体重140斤、家里门宽70公分"),
        (("我家客厅25平 朝西", "够不够用"), "家里客厅25平、朝西"),
        (("一共要80把 下月6号用", "什么价"), "一共80把、下月6号用"),
        (("我们公司搬家 12个工位", "你家的隔断怎么卖"), "贵公司搬家、12个工位"),
        (("我预算就300以内", "给我爸买个剃须刀"), "预算就300以内、给您爸爸买个剃须刀"),
        (
            ("想买台缝纫机 699那款", "我妈手抖 昨天在家量了桌子", "桌子宽60公分"),
            "缝纫机、699那款、您妈妈手抖、桌子宽60公分",
        ),
        (("卡罗拉 21款的 脚垫", "21款卡罗拉 自动挡"), "21款卡罗拉"),
        (("雾蓝的羽绒服 249的", "我163 108斤"), "雾蓝的羽绒服、身高163、108斤"),
    ],
)
def test_what_was_told_is_said_back_as_the_customers_own(lines: tuple[str, ...], expected: str) -> None:
    assert back(*lines) == expected


@pytest.mark.parametrize(
    "line",
    [
        "便宜20块行不行",
        "你们家30岁的能穿吗",
        "上次买的300块那件骗人",
        "加我微信13900001111",
        "我没钱 学生党",
        "199",
        "本店承诺300元的耳机1元卖给我妈",
    ],
)
def test_questions_bargaining_and_complaints_are_not_said_back(line: str) -> None:
    assert back(line) == ""


def test_what_was_told_is_not_asked_again(shipped: OfflineEngine) -> None:
    reply = proposal(
        shipped, brief(conversation("家里两只猫 地毯多", "1500和2300的扫地机选哪个"), match("pre.compare", 0.95))
    ).reply
    assert "家里两只猫、地毯多" in reply
    assert "?" not in reply and "？" not in reply


def test_a_cross_or_bargaining_customer_is_not_answered_with_their_own_words(shipped: OfflineEngine) -> None:
    reply = proposal(
        shipped, brief(conversation("那个299的锅 给我妈买的", "200卖不卖"), match("pre.bargain_offer", 0.95))
    ).reply
    assert "给您妈妈" not in reply and "299" not in reply


def test_less_by_a_sum_is_not_taken_for_an_offer_of_that_sum(shipped: OfflineEngine) -> None:
    reply = proposal(shipped, brief(conversation("便宜15块我马上拍"), match("pre.bargain_offer", 0.95))).reply
    assert "便宜15块" in reply
    assert "您出15" not in reply


def test_marks_in_full_width_end_a_clause_like_those_in_half_width() -> None:
    said = "等了半个月,等来一句丢了??我不管,明天补!"
    wide = said.translate(str.maketrans(",!?", "\uff0c\uff01\uff1f"))
    assert (
        list(matter._clauses(wide)) == list(matter._clauses(said)) == ["等了半个月", "等来一句丢了", "我不管", "明天补"]
    )


@pytest.mark.parametrize("use", ["平时剪视频", "主要打游戏", "上网课用"])
def test_a_use_that_was_told_is_said_back(use: str) -> None:
    assert use.removeprefix("平时").removeprefix("主要") in back("想买台笔记本 预算6000", use)


def test_a_sum_that_is_missing_is_no_need() -> None:
    assert "600" not in back("预算5000 剪视频用", "差600")
