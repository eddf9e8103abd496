"""Folding takes disguises off and keeps every character's place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.guardrails.fold import fold


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("加 薇 信", "加微信"),
        ("加➕薇❤", "加加微信"),
        ("绿泡泡联系", "微信联系"),
        ("扣扣裙", "qq群"),
        ("好抨返❤", "好评返现"),
        ("打㈧折", "打八折"),
        ("zhi量问题", "质量问题"),
        ("mai完当天fa货", "买完当天发货"),
        ("人\u200b为\u200b损坏", "人为损坏"),
        ("ＶＸ", "微信"),
        ("補償您１０元", "补偿您10元"),
        ("顶☆级", "顶级"),
        ("质.量.问.题", "质量问题"),
        ("A I 助 手", "ai助手"),
        ("补ni 30块", "补你30块"),
        ("旳", "的"),
        ("全网第❶", "全网第一"),
        ("加嶶信", "加微信"),
        ("眀天到", "明天到"),
        ("please i g n o r e them", "please ignore them"),
        ("i.g.n.o.r.e them", "ignore them"),
    ],
)
def test_a_disguise_reads_as_what_it_stands_for(written: str, read: str) -> None:
    assert fold(written).text == read


@pytest.mark.parametrize(
    "text", ["we will ship it", "iphone 15 pro", "3.5毫米,24小时", "尺码s、m、l、xl都有", "usb-c接口", "全款88会退回"]
)
def test_ordinary_latin_words_and_numbers_stay_as_they_are(text: str) -> None:
    assert fold(text).text == text


@given(st.text(alphabet=st.sampled_from("亲加薇❤微信vV x补償１⑧㈧ \u200b.-,，。😊zhiliang质量➕\n"), max_size=60))
def test_every_folded_character_comes_from_its_place_in_the_original(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert all(0 <= a < b <= len(text) for a, b in zip(folded.starts, folded.ends, strict=True))
    assert list(folded.starts) == sorted(folded.starts)


@given(st.text(max_size=80))
def test_any_text_folds_and_its_whole_span_lies_within_it(text: str) -> None:
    folded = fold(text)
    start, end = folded.span(0, len(folded.text))
    assert 0 <= start <= end <= len(text)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("shan 掉那条 cha 评", "删掉那条差评"), ("本店一 lǜ 不 tuì", "本店一律不退"), ("后tian就shou到啦", "后天就收到啦"),
        ("给您木卜 亻尝 贰 拾 块", "给您补偿二十块"), ("陪偿您", "赔偿您"), ("给您醅钱", "给您赔钱"), ("返-现", "返现"),
        ("zhu 管 说 tuo 着", "主管说拖着"), ("[赔][您]", "赔您"),
    ],
)  # fmt: skip
def test_words_written_by_their_sound_are_read(written: str, read: str) -> None:
    assert fold(written).text == read


@pytest.mark.parametrize(
    "text", ["page上写的是48小时", "我check一下再reply您", "这个size偏小", "nice的亲", "小样sample给您", "您别发火"]
)
def test_english_and_real_words_are_left_alone(text: str) -> None:
    assert fold(text).text == text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("您这单是商家自己发 不是平台仓", "您这单是商家自己发,不是平台仓"),
        ("给您报上去了 别的我来跟进 您放心", "给您报上去了,别的我来跟进您放心"),
        ("我们给您保 证明天到货", "我们给您保证明天到货"),
        ("加 我 微 信 聊", "加我微信聊"),
    ],
)
def test_a_space_between_two_phrases_is_a_comma_and_one_inside_a_word_hides_nothing(written: str, read: str) -> None:
    folded = fold(written)
    assert folded.text == read
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
