"""What an agent asks customers for, and how a talk shows that it was given: asked once, never again."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

import re2
from pydantic import field_validator

from assistant.conversation import Order
from assistant.situation.script import folded
from assistant.values import Evidence, Thing
from knowledge import datafile
from knowledge.phrasebook import linear_pattern
from knowledge.values import Value

THINGS = Path(__file__).parent / "things.yaml"
GIVEN = "given."
"""How evidence of a thing given begins: `given.photo`."""


class AskedThing(Value):
    """One thing: patterns over a wording that asks for it, over the customer's words that give it or refuse it, and the
    order's facts that say it.
    """

    thing: Thing
    asked: tuple[str, ...]
    given: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    order: tuple[Literal["order_id", "item", "paid_at"], ...] = ()

    @field_validator("asked", "given", "refused")
    @classmethod
    def _patterns_compile(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(linear_pattern(v) for v in value)

    @cached_property
    def asking(self) -> Any:
        return re2.compile("|".join(self.asked))

    @cached_property
    def giving(self) -> Any | None:
        patterns = (*self.given, *self.refused)
        return re2.compile("|".join(patterns)) if patterns else None


class ThingBook(Value):
    """All things that can be asked for."""

    things: tuple[AskedThing, ...]

    @classmethod
    def load(cls, path: Path = THINGS) -> ThingBook:
        """Raises DataFileError with file and line of the first mistake."""
        return datafile.load(path, cls)

    def told(self, index: int, text: str) -> Iterator[Evidence]:
        """What message `index` of the customer's gives, or says that it can't be given; `text` is in normal form."""
        for thing in self.things:
            match = thing.giving.search(text) if thing.giving is not None else None
            if match:
                yield Evidence(what=GIVEN + thing.thing, message=index, start=match.start(), end=match.end())

    def of_order(self, order: Order | None) -> frozenset[Thing]:
        """What the order says by itself."""
        if order is None:
            return frozenset()
        return frozenset(t.thing for t in self.things if any(getattr(order, fact) is not None for fact in t.order))

    def asked(self, wording: str) -> frozenset[Thing]:
        """The things that words of ours ask for."""
        return _asked(self, wording)


@lru_cache(maxsize=8192)
def _asked(book: ThingBook, wording: str) -> frozenset[Thing]:
    text = folded(wording)
    return frozenset(t.thing for t in book.things if t.asking.search(text))


@lru_cache(maxsize=1)
def shipped_things() -> ThingBook:
    """The book that ships with the product."""
    return ThingBook.load()
