"""A way out for every block: the reply with its breaching clauses replaced, the rest kept, itself passing.

From least to most: replace the clause, then the sentence, then leave the sentence out, then a short safe reply.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import opencc

from assistant.guardrails.rulefile import Rewrite

_CLAUSE_MARKS = ",,。!!??;;\n~~:"
_SENTENCE_MARKS = "。!!??;;\n"
_HAN = re.compile(r"[\u3400-\u9fff]")
_LAST_RESORT = Rewrite(
    zh="您的情况我看到了,我先帮您核实清楚,再在这里给您明确的答复。",
    en="I have seen your message. Let me check the details and reply to you here.",
)


@dataclass(frozen=True, slots=True)
class Wrong:
    """A span of the original reply that must go, and what may stand in its place."""

    start: int
    end: int
    instead: Rewrite


@lru_cache(maxsize=2)
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)


def is_traditional(text: str) -> bool:
    """Whether a text is mostly in Traditional script where the scripts differ."""
    return (
        _converter("t2s").convert(text) != text
        and _converter("s2t").convert(text) == _converter("s2t").convert(_converter("t2s").convert(text))
        and sum(a != b for a, b in zip(text, _converter("t2s").convert(text), strict=False))
        >= sum(a != b for a, b in zip(text, _converter("s2t").convert(text), strict=False))
    )


def rewrite(reply: str, wrongs: Sequence[Wrong], breaches: Callable[[str], Sequence[Wrong]]) -> str | None:
    """A mended reply that `breaches` finds nothing in; None when there is nothing to mend.

    `breaches` names what is still wrong in a candidate; it is called at most four times.
    """
    if not wrongs:
        return None
    english = not _HAN.search(reply)
    traditional = not english and is_traditional(reply)

    def said(text: Rewrite) -> str:
        if english:
            return text.en
        return _converter("s2t").convert(text.zh) if traditional else text.zh

    candidate = _replaced(reply, wrongs, _CLAUSE_MARKS, said)
    left = breaches(candidate)
    if not left:
        return candidate
    candidate = _replaced(candidate, left, _SENTENCE_MARKS, said)
    left = breaches(candidate)
    if not left:
        return candidate
    candidate = _replaced(candidate, left, _SENTENCE_MARKS, lambda _: "").strip()
    if len(candidate) >= 4 and not breaches(candidate):
        return candidate
    return said(_LAST_RESORT)


def _replaced(reply: str, wrongs: Sequence[Wrong], marks: str, said: Callable[[Rewrite], str]) -> str:
    """The reply with each piece between marks that holds a wrong span replaced, every replacement used once."""
    pieces = _pieces(reply, marks)
    out: list[str] = []
    used: set[str] = set()
    for start, end, mark in pieces:
        hits = [w for w in wrongs if w.start < end and start < max(w.end, w.start + 1)]
        if not hits:
            out.append(reply[start:end] + mark)
            continue
        instead = said(hits[0].instead)
        if instead and instead not in used and instead not in reply:
            used.add(instead)
            lead = "亲," if reply[start:end].startswith("亲") and start == 0 and marks is _SENTENCE_MARKS else ""
            out.append(lead + instead + (mark if mark not in {"?", "?", ":", ":"} else "。"))
    text = "".join(out)
    return text[0].upper() + text[1:] if text and text[0].isascii() else text


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
