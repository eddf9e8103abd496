"""Two spellings of one thing fold into one string, and every folded character leads back to where it came from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.fold import fold, fold_with_offsets, letters

texts = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("退貨旳ＡÉé\u0301\u200b\u00ad㍿①ﾊﾞ각")), max_size=16)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("請問這個退貨怎麼弄", "请问这个退货怎么弄"),
        ("我旳快递", "我的快递"),
        ("ＸＬ碼", "xl码"),
        ("妳好", "你好"),
        ("退\u200b款\ufeff", "退款"),
        ("①号", "1号"),
        ("Cafe\u0301", "café"),
        ("在吗?", "在吗?"),
    ],
)
def test_spellings_of_one_thing_meet(written: str, meant: str) -> None:
    assert fold(written) == meant


@given(texts)
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(texts)
def test_every_folded_character_leads_back(text: str) -> None:
    folded = fold_with_offsets(text)
    assert folded.text == fold(text)
    assert len(folded.offsets) == len(folded.text) + 1
    assert list(folded.offsets) == sorted(folded.offsets)
    assert folded.offsets[-1] == len(text)


@given(st.text(alphabet="客服退货貨來后後里裡abc,。! 的", max_size=30))
def test_plain_chinese_keeps_its_length(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_a_span_found_in_the_folded_text_marks_the_original() -> None:
    text = "您可以退\u200b貨㍿哦"
    folded = fold_with_offsets(text)
    at = folded.text.index("退货")
    assert text[slice(*folded.span(at, at + 2))] == "退\u200b貨"
    at = folded.text.index("株式会社")
    assert text[slice(*folded.span(at, at + 2))] == "㍿"


def test_letters_keep_only_what_quotes_are_compared_by() -> None:
    assert letters("「亲,請您 放心~」OK!") == "亲请您放心ok"
