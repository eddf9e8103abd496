"""Language and script of what a customer writes, and the way back to them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import opencc
import re2

from assistant.values import ReplyLanguage

_TO_SIMPLIFIED = opencc.OpenCC("t2s")
_TO_HONG_KONG = opencc.OpenCC("s2hk")
_TO_TAIWAN = opencc.OpenCC("s2twp")

_CJK = re2.compile(r"[\x{3400}-\x{9fff}\x{f900}-\x{faff}]")
_KANA_HANGUL = re2.compile(r"[\x{3040}-\x{30ff}\x{ac00}-\x{d7af}]")
_WORD = re2.compile(r"[A-Za-z]+")
NO_WORD = "x{0,3}[sml]|ok|vip|app"
"""Letters that stand in every language: sizes and the like."""
_NO_WORD = re2.compile(NO_WORD)
_FEWEST_LETTERS = 4
"""Of a message that tells a language: shorter ones (ok, hi, L) are written by everybody."""
_CANTONESE = re2.compile(r"[嘅咗喺唔啲冇佢嚟乜嘢俾嗰咁畀攞啱睇]|點解|幾時|好平|係咪")
_SYLLABLES = (Path(__file__).parent / "syllables.txt").read_text(encoding="utf-8").split()
_PINYIN = re2.compile("(?:" + "|".join(sorted(_SYLLABLES, key=len, reverse=True)) + ")+")
"""Words that can be cut into the syllables of standard Chinese, written without tones."""
_COMMON_ENGLISH = frozenset((Path(__file__).parent / "english.txt").read_text(encoding="utf-8").split())


_CIRCLED = frozenset("①②③④⑤⑥⑦⑧⑨⑩⑪⑫❶❷❸❹❺❻❼❽❾❿")


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    """One character, folded to one character, so that offsets stay; the circled number of a list parts what it numbers."""
    if character in _CIRCLED:
        return "、"
    normal = unicodedata.normalize("NFKC", character)
    if len(normal) != 1:
        normal = character
    simple = str(_TO_SIMPLIFIED.convert(normal))
    return (simple if len(simple) == 1 else normal).lower()


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """Full-width to half-width, Traditional to Simplified, lower case; as long as `text`, offsets unchanged."""
    return "".join(map(_fold_character, text))


def _script_votes(text: str) -> tuple[int, int]:
    """How many characters only stand in Traditional, and how many only in Simplified text."""
    traditional = sum(1 for c in text if _fold_character(c) != c.lower() and _CJK.search(c))
    simplified = sum(1 for c in text if _CJK.search(c) and _to_traditional_character(c) != c)
    return traditional, simplified


@lru_cache(maxsize=4096)
def _to_traditional_character(character: str) -> str:
    return str(_TO_HONG_KONG.convert(character))


def in_pinyin(text: str) -> bool:
    """Whether a message is Chinese in Latin letters: every word can be cut into syllables, and most of it is no English."""
    if _CJK.search(text):
        return False
    words = [w for w in map(str.lower, _WORD.findall(text)) if not _NO_WORD.fullmatch(w)]
    strange = sum(len(w) for w in words if w not in _COMMON_ENGLISH)
    letters = sum(map(len, words))
    return letters >= _FEWEST_LETTERS and 2 * strange > letters and all(_PINYIN.fullmatch(w) for w in words)


def language_of(texts: tuple[str, ...]) -> ReplyLanguage:
    """The language to answer in; `texts` are the customer's messages, the latest last.

    The latest message that shows anything decides. Languages that Kefu has no words for are answered in English.
    """
    for text in reversed(texts):
        if _KANA_HANGUL.search(text):
            return "en"
        if _CJK.search(text):
            break
        words = _WORD.findall(text)
        english = sum(w.lower() in _COMMON_ENGLISH for w in words)
        if len("".join(words)) >= _FEWEST_LETTERS and not in_pinyin(text) and (english or len(words) >= 3):
            return "en"
        if sum(c.isalpha() and not c.isascii() for c in text) >= 4:
            return "en"
    for text in reversed(texts):
        traditional, simplified = _script_votes(text)
        if traditional > simplified:
            return "zh-Hant"
        if simplified > traditional:
            return "zh-Hans"
    return "zh-Hans"


def is_foreign(texts: tuple[str, ...]) -> bool:
    """Neither Chinese nor English: Japanese, Korean, Russian and the like."""
    joined = "".join(texts)
    if _KANA_HANGUL.search(joined):
        return True
    return not _CJK.search(joined) and sum(c.isalpha() and not c.isascii() for c in joined) >= 4


_MENDED = (
    ("麵單", "面單"), ("麪單", "面單"), ("急著籤", "急著簽"), ("急着籤", "急着簽"), ("先籤", "先簽"), ("別籤", "別簽"), ("誰籤", "誰簽"),
    ("許可權", "權限"), ("彙報", "匯報"), ("衝紅", "沖紅"), ("檢視物流", "查看物流"), ("資訊有誤", "資料有誤"), ("賬號", "帳號"),
    ("支援七天", "支持七天"), ("不支援", "不支持"), ("説", "說"), ("衞", "衛"), ("溼", "濕"),
)  # fmt: skip
"""What the dictionaries turn into another word than a shop would write; on what they have made, in this order."""


_OF_TAIWAN = (
    ("質量", "品質"),
    ("質檢", "品檢"),
    ("保修", "保固"),
    ("質保", "保固"),
    ("到賬", "入帳"),
    ("到帳", "入帳"),
    ("充電寶", "行動電源"),
)
"""Words of trade that the dictionaries leave as the mainland says them."""
_EMERGENCY = (
    (re.compile(r"(?<=[打叫撥])(?:120[或、]110|110[或、]120)(?!\d)"), "當地的急救或報警電話"),
    (re.compile(r"(?<=[打叫撥])120(?![\d元個件條])"), "當地急救電話"),
    (re.compile(r"(?<=[打叫撥])119(?![\d元個件條])"), "當地消防電話"),
    (re.compile(r"(?<=[打叫撥])110(?![\d元個件條])"), "當地報警電話"),
)
"""Who writes Traditional may well not be on the mainland, where its numbers ring nowhere."""


def traditional(text: str, customer: str) -> str:
    """`text` in Traditional characters, with Hong Kong's words where the customer writes Cantonese, else Taiwan's."""
    converter = _TO_HONG_KONG if _CANTONESE.search(customer) else _TO_TAIWAN
    converted = str(converter.convert(text))
    for made, meant in _MENDED:
        converted = converted.replace(made, meant)
    if converter is _TO_TAIWAN:
        for made, meant in _OF_TAIWAN:
            converted = converted.replace(made, meant)
    for number, place in _EMERGENCY:
        converted = number.sub(place, converted)
    return converted
