"""Language, script and folding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.situation.script import folded, is_foreign, language_of, traditional


@given(st.text(max_size=60))
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(folded(text)) == len(text)


def test_folding_meets_traditional_full_width_and_capitals() -> None:
    assert folded("這個ＶＸ退貨，Ａ") == "这个vx退货,a"


@pytest.mark.parametrize(
    ("texts", "language"),
    [
        (("这个几时到",), "zh-Hans"),
        (("這個幾時到",), "zh-Hant"),
        (("Where is my order?",), "en"),
        (("hello",), "en"),
        (("zai ma",), "zh-Hans"),
        (("shen me shi hou fa huo",), "zh-Hans"),
        (("98jin chuan L hai shi XL",), "zh-Hans"),
        (("can he take one like mine",), "en"),
        (("？",), "zh-Hans"),
        (("退貨點處理", "好"), "zh-Hant"),
        (("Hi", "请问在吗"), "zh-Hans"),
        (("こんにちは、注文について",), "en"),
        (("Где мой заказ",), "en"),
        ((), "zh-Hans"),
    ],
)
def test_language_of_the_reply(texts: tuple[str, ...], language: str) -> None:
    assert language_of(texts) == language


def test_foreign_is_neither_chinese_nor_english() -> None:
    assert is_foreign(("Где мой заказ",))
    assert not is_foreign(("where", "订单"))


def test_traditional_follows_the_customers_region() -> None:
    assert "影片" in traditional("发个视频", "這個怎麼退")
    assert "視頻" in traditional("发个视频", "呢個點退㗎 係咪")


def test_traditional_is_written_as_people_there_write_it() -> None:
    assert traditional("如果是质量问题,保修期内可以送检", "這個壞了耶") == "如果是品質問題,保固期內可以送檢"
    assert "品質" not in traditional("是不是质量问题", "呢個係咪壞咗")
    assert "説" not in traditional("您说一句", "呢個點退㗎")


def test_emergency_numbers_of_the_mainland_are_not_given_to_who_may_be_elsewhere() -> None:
    assert traditional("喘不上气就打120", "我媽喘不過氣") == "喘不上氣就打當地急救電話"
    assert traditional("请马上打120或110", "我撐不住了").endswith("打當地的急救或報警電話")
    assert "120元" in traditional("可以退120元", "想退錢")
