"""Bytes to text, whichever of the encodings that Chinese files come in: UTF-8, UTF-16, GBK/GB18030, Big5."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from charset_normalizer import from_bytes

from knowledge.fold import half

# The most frequent characters of Chinese text, both scripts. What a wrong codec yields is rare characters.
_COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形"
    "相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展"
    "五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战"
    "先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白"
    "教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且"
    "客服您请亲买家卖店货快递款退换售订单价格优惠谢感商购付收评诉投顾满态度歉歡"
    "這個國時來們會對發動產種過說後經進電裡現實兩體機當應開還間樣與關線內數麼質氣條沒結問無系軍總設長將見計運農幾區強決戰處隊給門規"
    "熱領東導壓爭濟階術極聯認權證單風帶場車務萬達積議聲報類離華張馬節話許記請親買賣貨遞換訂價優謝購評訴顧滿態"
)
_PUNCTUATION = frozenset(",。、;:?!“”‘’()《》【】「」…—·~ \n\t\r")
_PLAUSIBLE = 0.35


class Decoded(NamedTuple):
    text: str
    encoding: str


def decode(data: bytes) -> Decoded | None:
    """`data` as text without byte-order mark, with line ends as "\\n"; None when no encoding makes sense of it."""
    found = _by_mark(data) or _strictly(data, "utf-8") or _utf16_without_mark(data) or _chinese(data) or _guessed(data)
    if found is None:
        return None
    found = _saved_wrongly(found) or found
    return Decoded(found.text.replace("\r\n", "\n").replace("\r", "\n"), found.encoding)


def is_garbled(text: str) -> bool:
    """Whether characters of the text were lost for good when it was read with a wrong codec and saved so."""
    lost = text.count("\ufffd") + 3 * len(re.findall("锟斤拷|烫烫烫|屯屯屯", text))
    if lost * 20 > len(text):
        return True
    if not lost or _likeness(text) >= _PLAUSIBLE:
        return False
    return _likeness(text.encode("gb18030", "ignore").decode("utf-8", "ignore")) >= _PLAUSIBLE


def is_binary(data: bytes) -> bool:
    """Whether the bytes are no text in any encoding: control bytes beyond what text carries."""
    sample = data[:65536]
    if _by_mark(sample[: len(sample) // 4 * 4]) or _utf16_without_mark(sample[: len(sample) // 2 * 2]):
        return False
    control = sum(1 for b in sample if b < 32 and b not in b"\t\n\r\f\x1b")
    return b"\x00" in sample or control > len(sample) // 100


def _strictly(data: bytes, encoding: str) -> Decoded | None:
    try:
        return Decoded(data.decode(encoding), encoding)
    except UnicodeDecodeError:
        return None


def _by_mark(data: bytes) -> Decoded | None:
    marks = (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    )
    return next((_strictly(data, name) for mark, name in marks if data.startswith(mark)), None)


def _utf16_without_mark(data: bytes) -> Decoded | None:
    """UTF-16 gives itself away by line ends and ASCII, every second byte of which is zero."""
    if len(data) % 2 or b"\x00" not in data:
        return None
    options = [d for d in (_strictly(data, "utf-16-le"), _strictly(data, "utf-16-be")) if d]
    best = max(options, key=lambda d: _likeness(d.text), default=None)
    return best if best and _likeness(best.text) >= _PLAUSIBLE and "\x00" not in best.text else None


def _chinese(data: bytes) -> Decoded | None:
    """GB18030 or Big5, whichever yields the more ordinary Chinese."""
    options = [d for d in (_strictly(data, "gb18030"), _strictly(data, "big5hkscs"), _strictly(data, "cp950")) if d]
    best = max(options, key=lambda d: _likeness(d.text), default=None)
    return best if best and _likeness(best.text) >= _PLAUSIBLE else None


_MISREADINGS = (("latin-1", "utf-8"), ("latin-1", "gb18030"), ("gb18030", "utf-8"), ("big5", "utf-8"))
"""(the codec that a text was wrongly read with before it was saved, the one it was really in)."""
_WINDOWS = {ord(bytes([b]).decode("cp1252")): b for b in range(0x80, 0xA0) if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}


def _saved_wrongly(found: Decoded) -> Decoded | None:
    """A text that was once read with the wrong codec and saved so (「閫€璐」, 「é€€è´§」), put right: only where the whole of it
    goes back byte for byte and is ordinary Chinese then, which it is not as it stands.
    """
    if found.text.isascii() or _likeness(found.text) >= _PLAUSIBLE:
        return None
    for wrong, right in _MISREADINGS:
        try:
            text = found.text.translate(_WINDOWS) if wrong == "latin-1" else found.text
            mended = text.encode(wrong).decode(right)
        except UnicodeError:
            continue
        if _likeness(mended) >= _PLAUSIBLE and len(mended) < len(found.text):
            return Decoded(mended, f"{right} ({found.encoding})")
    return None


def _guessed(data: bytes) -> Decoded | None:
    guess = from_bytes(data).best()
    if guess is None or guess.percent_chaos > 10 or guess.percent_coherence < 20:
        return None
    return _strictly(data, guess.encoding)


def _likeness(text: str) -> float:
    """Share of the text that ordinary Chinese or English text is made of; in [0, 1]."""
    sample = half(text[:20000])
    wide = [c for c in sample if ord(c) > 127]
    if not wide:
        return sum(c.isprintable() or c.isspace() for c in sample) / max(1, len(sample))
    return sum(c in _COMMON or c in _PUNCTUATION for c in wide) / len(wide)
