"""A way out for every block: the reply with its breaching clauses replaced, the rest kept, itself passing.

From least to most: replace the clause, then the sentence, then leave the sentence out, then a short safe reply.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import opencc

from assistant.guardrails.rulefile import Rewrite

_CLAUSE_MARKS = ",\uff0c。!\uff01?\uff1f;\uff1b\n~\uff5e\uff1a"
_SENTENCE_MARKS = "。!\uff01?\uff1f;\uff1b\n"
_OPEN_ENDS = ",\uff0c;\uff1b:\uff1a~\uff5e、\n"
_CLOSED_ENDS = "。.!\uff01?\uff1f"
_FULL_WIDTH_COMMA = "\uff0c"
_HANGING = 12
_HANGING_WORDS = 10
"""A clause of at most so many characters (English: words) after a replaced one is taken to hang on it."""
_REFERS = re.compile(r"[他她]|\b(?:him|her|them)\b")
"""Speaks of somebody whom the replaced clause brought in: hangs on it at any length."""
_LEADS = re.compile(
    r"\s*(?:不瞒您说|(?:跟您)?(?:说实话|实话(?:跟您)?说|老实(?:跟您)?[说說]|讲真的?|坦白[说讲]|说白了|说真的|私下(?:跟您)?说)|嗯|(?:这|那)[^,\uff0c]{1,4}嘛"
    r"|(?:您|你|亲)?(?:要是|如果|只要|若是)[^,\uff0c]{1,12}|honestly|frankly|to be honest|between (?:us|you and me))\s*",
    re.IGNORECASE,
)
"""Leads into what is replaced (frank words, the condition of an offer), and says nothing without it."""
_STATED = str.maketrans("?\uff1f", ".。")
_ASKS = re.compile(r"吗|呢|请|麻烦|[?\uff1f]|您(?:看|说|点|拍|发)|please")
_HAN = re.compile(r"[\u3400-\u9fff]")
LAST_RESORT = Rewrite(
    zh="您的情况我看到了,我先帮您核实清楚,再在这里给您明确的答复。",
    en="I have seen your message. Let me check the details and reply to you here.",
)


@dataclass(frozen=True, slots=True)
class Wrong:
    """A span of the original reply that must go, and what may stand in its place."""

    start: int
    end: int
    instead: Rewrite


@cache
def _converter(name: str) -> Callable[[str], str]:
    convert: Callable[[str], str] = opencc.OpenCC(name).convert
    return convert


def is_traditional(text: str) -> bool:
    """Whether more of a text's characters are Traditional forms than Simplified ones."""
    traditional = sum(a != b for a, b in zip(text, _converter("t2s")(text), strict=False))
    simplified = sum(a != b for a, b in zip(text, _converter("s2t")(text), strict=False))
    return traditional > simplified


def rewrite(
    reply: str, wrongs: Sequence[Wrong], breaches: Callable[[str], Sequence[Wrong]], keep: Sequence[str] = ()
) -> str | None:
    """A mended reply that `breaches` finds nothing in; None when there is nothing to mend. Words to `keep` do not go with a
    clause that they hang on.

    `breaches` names what is still wrong in a candidate; it is called at most four times.
    """
    if not wrongs:
        return None
    said = _spelt_like(reply)
    candidate = _replaced(reply, wrongs, _CLAUSE_MARKS, said, keep)
    left = breaches(candidate)
    if not left and candidate:
        return candidate
    candidate = _replaced(candidate, left, _SENTENCE_MARKS, said, keep)
    left = breaches(candidate)
    if not left and candidate:
        return candidate
    candidate = _replaced(candidate, left, _SENTENCE_MARKS, lambda _: "", keep).strip()
    if len(candidate) >= 4 and not breaches(candidate):
        return candidate
    return said(LAST_RESORT)


def first_try(reply: str, wrongs: Sequence[Wrong]) -> str:
    """The candidate that `rewrite` begins with."""
    return _replaced(reply, wrongs, _CLAUSE_MARKS, _spelt_like(reply))


def _spelt_like(reply: str) -> Callable[[Rewrite], str]:
    """A rewrite in the language, script and marks of a reply."""
    english = not _HAN.search(reply)
    traditional = not english and is_traditional(reply)

    def said(text: Rewrite) -> str:
        if english:
            return text.en
        zh = _converter("s2tw")(text.zh) if traditional else text.zh
        return zh if "," in reply and _FULL_WIDTH_COMMA not in reply else zh.replace(",", _FULL_WIDTH_COMMA)

    return said


def _replaced(
    reply: str, wrongs: Sequence[Wrong], marks: str, said: Callable[[Rewrite], str], keep: Sequence[str] = ()
) -> str:
    """The reply with each piece between marks that holds a wrong span replaced, every replacement used once.

    What hangs on a replaced clause (a short clause up to the end of its sentence) goes with it.
    """
    out: list[str] = []
    used: set[str] = set()
    hanging = False
    led = ""
    pieces = _pieces(reply, marks)
    kept = "\n".join(reply[a:b] for a, b, _ in pieces if not any(w.start < b and a < w.end for w in wrongs))
    for start, end, mark in pieces:
        piece = reply[start:end]
        closes = mark.strip() in _SENTENCE_MARKS or not mark
        hits = [w for w in wrongs if w.start < end and start < max(w.end, w.start + 1)]
        if hits:
            instead = said(hits[0].instead)
            if out and led and _LEADS.fullmatch(led) and not _holds(led, keep):
                out.pop()
            if instead and instead not in used and instead not in kept:
                used.add(instead)
                out.append(instead + mark.translate(_STATED))
            hanging = True
        elif hanging and _hangs(piece) and not _holds(piece, keep):
            if closes and out:
                out[-1] = out[-1].rstrip(_CLAUSE_MARKS + " ") + mark
        else:
            out.append(piece + mark)
            hanging = False
        led = "" if hits or closes else piece
        hanging = hanging and not closes
    text = "".join(out).strip()
    if text and (text[-1] in _OPEN_ENDS or (hanging and text[-1] not in _CLOSED_ENDS)):
        text = text.rstrip(_CLAUSE_MARKS + " ") + ("。" if _HAN.search(text) else ".")
    return text[0].upper() + text[1:] if text and text[0].isascii() else text


def _hangs(piece: str) -> bool:
    """Whether a clause after a replaced one only goes on with it."""
    if _REFERS.search(piece):
        return True
    short = len(piece.strip()) <= _HANGING if _HAN.search(piece) else len(piece.split()) <= _HANGING_WORDS
    return short and not _ASKS.search(piece)


def _holds(piece: str, words: Sequence[str]) -> bool:
    return any(said in piece for said in words)


def _pieces(reply: str, marks: str) -> list[tuple[int, int, str]]:
    pieces: list[tuple[int, int, str]] = []
    start = 0
    for i, c in enumerate(reply):
        following = reply[i + 1 : i + 2]
        if c in marks or (c == "." and following in {" ", ""} and marks):
            space = " " if c.isascii() and following == " " else ""
            if i + 1 > start:
                pieces.append((start, i, c + space))
            start = i + 1 + len(space)
    if start < len(reply):
        pieces.append((start, len(reply), ""))
    return pieces
