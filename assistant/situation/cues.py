"""Cue words: what a customer's own words say of risk, feeling, kind of customer, stage and wish. Data in cues.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar

import re2
from pydantic import Field, field_validator

from assistant.values import CustomerType, Emotion, Risk
from knowledge import datafile
from knowledge.sieve import Sieve
from knowledge.values import Stage, Value

CUES = Path(__file__).parent / "cues.yaml"
T = TypeVar("T")
_REACH = 24
"""How many characters around a match an `unless` may stand: a message may ask several things."""


class Cue(Value, Generic[T]):
    """Something that holds where one of `patterns` matches a message and none of `unless` does nearby.

    Patterns are RE2 over text in normal form (assistant.situation.script.folded).
    """

    value: T
    patterns: tuple[str, ...] = Field(min_length=1)
    unless: tuple[str, ...] = ()
    weight: float = Field(default=1.0, gt=0, le=1)

    @field_validator("patterns", "unless")
    @classmethod
    def _patterns_are_linear(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in value:
            try:
                re2.compile(pattern, _OPTIONS)
            except re2.error as error:
                raise ValueError(f"not an RE2 pattern: {pattern!r:.60} ({error})") from error
        return value

    @cached_property
    def _any(self) -> Any:
        return re2.compile("|".join(f"(?:{p})" for p in self.patterns), _OPTIONS)

    @cached_property
    def _none(self) -> Any | None:
        return re2.compile("|".join(f"(?:{p})" for p in self.unless), _OPTIONS) if self.unless else None

    def spans(self, text: str) -> tuple[tuple[int, int], ...]:
        """Where the cue stands in `text` (normal form); empty when it does not hold."""
        found = tuple(m.span() for m in self._any.finditer(text) if m.end() > m.start())
        if self._none is None:
            return found
        return tuple(s for s in found if not self._none.search(text[max(0, s[0] - _REACH) : s[1] + _REACH]))


def _quiet() -> Any:
    options = re2.Options()
    options.log_errors = False
    return options


_OPTIONS = _quiet()


@dataclass(frozen=True)
class Seen(Generic[T]):
    """A cue that held: what it says, how sure it is, and where (message index, start, end)."""

    value: T
    weight: float
    message: int
    start: int
    end: int


class CueBook(Value):
    """All cues. `emotions` and `customer_types` are in order: the first that holds wins."""

    risks: tuple[Cue[Risk], ...]
    emotions: tuple[Cue[Emotion], ...]
    customer_types: tuple[Cue[CustomerType], ...]
    stages: tuple[Cue[Stage], ...]
    intents: tuple[Cue[str], ...]
    risk_intents: dict[Risk, str]
    intent_types: dict[str, CustomerType]

    @classmethod
    def load(cls, path: Path = CUES) -> CueBook:
        """Raises DataFileError with file and line of the first mistake."""
        return datafile.load(path, cls)


def seen(cues: tuple[Cue[T], ...], texts: tuple[tuple[int, str], ...]) -> Iterator[Seen[T]]:
    """Each cue that holds in a message, in the order of the cues; `texts` are (message index, normal form)."""
    every = frozenset(range(len(cues)))
    likely = [every if len(cues) < _FEW else frozenset(_sieve(cues).anywhere(text)) for _, text in texts]
    for row in sorted(frozenset().union(*likely)):
        cue = cues[row]
        for (index, text), rows in zip(texts, likely, strict=True):
            spans = cue.spans(text) if row in rows else ()
            if spans:
                yield Seen(cue.value, cue.weight, index, *spans[0])


_FEW = 4
"""Cues that are looked for one by one: a sieve of fewer costs more than it spares."""
_sieves: dict[int, tuple[tuple[Cue[Any], ...], Sieve]] = {}


def _sieve(cues: tuple[Cue[Any], ...]) -> Sieve:
    """Made once for a book's cues, which are kept alive beside it, so that no others get their id."""
    found = _sieves.get(id(cues))
    if found is None:
        found = _sieves[id(cues)] = (cues, Sieve(["|".join(f"(?:{p})" for p in c.patterns) for c in cues]))
    return found[1]
