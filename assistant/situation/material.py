"""What a customer tells of an order that matters for it: by when, what was tried, what was promised, what they refuse.

A good reply shows that each of these was read; what is only felt or scolded is not material.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import re2
from pydantic import Field, field_validator

from assistant.conversation import Conversation
from assistant.situation.questions import is_question, spans
from assistant.situation.script import folded
from knowledge import datafile
from knowledge.phrasebook import linear_pattern
from knowledge.values import Value

MATERIAL = Path(__file__).parent / "material.yaml"
MaterialKind = Literal["deadline", "promised", "tried", "proof", "refusal", "wish", "person", "state", "extent", "said"]
_CLAUSE = re2.compile(r"(?:\s?\d\.\d|\s\d|[^,,。.!!??;;::~~…\s])+")
_ENGLISH_CLAUSE = re2.compile(r"(?:\d\.\d|[^,.!?;\n])+")
_AND = re2.compile(r"\s(?:and|but|so|because)\s(?:i|it|my|we|they|the|your?)\b")
_CJK = re2.compile(r"\p{Han}")
_ASKED = re2.compile(r"^\s*[??]")
_SHOP = re2.compile(r"你们(?:家|店)?|你哋|(?:你|您)[家店]|恁家")
"""The shop as it is spoken to; whoever is 你 for himself is spoken to, not told of."""
_WHOLE = re2.compile(r"[^\n]+")
_SHORTEST = 3


@dataclass(frozen=True)
class Told:
    """A fact told: [start, end) of message `message`, of which kind, and the words as written."""

    kind: MaterialKind
    message: int
    start: int
    end: int
    text: str


class _Kind(Value):
    kind: MaterialKind
    patterns: tuple[str, ...] = Field(min_length=1)
    unless: tuple[str, ...] = ()

    @field_validator("patterns", "unless")
    @classmethod
    def _patterns_compile(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(linear_pattern(v) for v in value)


class MaterialBook(Value):
    """Words by which what matters is known, kind by kind, and words that are never said back."""

    kinds: tuple[_Kind, ...]
    never: tuple[str, ...]

    @field_validator("never")
    @classmethod
    def _never_compiles(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(linear_pattern(v) for v in value)

    @classmethod
    def load(cls, path: Path = MATERIAL) -> MaterialBook:
        """Raises DataFileError with file and line of the first mistake."""
        return datafile.load(path, cls)


_Compiled = tuple[tuple[tuple[MaterialKind, re2._Regexp, re2._Regexp | None], ...], re2._Regexp]


@lru_cache(maxsize=1)
def _read() -> _Compiled:
    book = MaterialBook.load()
    kinds = tuple(
        (k.kind, re2.compile("|".join(k.patterns)), re2.compile("|".join(k.unless)) if k.unless else None)
        for k in book.kinds
    )
    return kinds, re2.compile("|".join(book.never))


def told_of(conversation: Conversation) -> tuple[Told, ...]:
    """What the waiting turn tells that matters, in its order; nothing that asks, scolds, demands money or speaks to us."""
    waiting = {id(m) for m in conversation.last_customer_turn}
    return _told_in(tuple((i, m.text) for i, m in enumerate(conversation.messages) if id(m) in waiting))


@lru_cache(maxsize=64)
def _told_in(turn: tuple[tuple[int, str], ...]) -> tuple[Told, ...]:
    """`told_of` messages by their place and text: every part of a plan asks for it."""
    kinds = _read()[0]
    found: list[Told] = []
    for index, written in turn:
        text = folded(written)
        for start, end in _clauses(text):
            clause = text[start:end]
            if not is_sayable(clause) or _ASKED.match(text[end:]):
                continue
            kind = next((k for k, has, but in kinds if has.search(clause) and not (but and but.search(clause))), None)
            if kind is not None:
                found.append(Told(kind, index, start, end, written[start:end]))
    return tuple(found)


def is_sayable(text: str) -> bool:
    """Whether words may be said back as told: they ask nothing and hold nothing that is never said back."""
    plain = folded(text)
    return not _read()[1].search(" ".join(_SHOP.split(plain))) and not is_question(plain)


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    """Clauses of a message in normal form, without white space around them."""
    chinese = _CJK.search(text) is not None
    for match in (_CLAUSE if chinese else _ENGLISH_CLAUSE).finditer(text):
        at = match.start()
        cuts = () if chinese else tuple(_AND.finditer(match.group(0)))
        for begin, end in _between(at, match.end(), [(at + c.start(), at + c.start() + 1) for c in cuts]):
            yield from ((a, b) for a, b in spans(_WHOLE, text, begin, end) if b - a >= _SHORTEST)


def _between(start: int, end: int, cuts: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for at, after in cuts:
        yield start, at
        start = after
    yield start, end
