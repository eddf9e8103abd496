"""Replies as a supervisor would send them, for a chat model to see how it is done: `material/examples.yaml`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from pydantic import BaseModel, ConfigDict, Field, field_validator

from assistant.authority import Authority
from assistant.values import ReplyLanguage
from knowledge import datafile
from prompts import PROMPTS


class Example(BaseModel):
    """A conversation with what was known of its order, and its reply: a bubble a line, each sentence with its mark."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    situations: tuple[str, ...] = Field(min_length=1)
    language: ReplyLanguage
    authorised: tuple[str, ...]
    facts: str
    talk: str
    reply: str

    @field_validator("authorised")
    @classmethod
    def _are_authorities(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            Authority.parse(text)
        return value


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    examples: tuple[Example, ...]


@cache
def examples() -> tuple[Example, ...]:
    """All of them; DataFileError names file and line of a mistake."""
    return datafile.load(PROMPTS / "material" / "examples.yaml", _File).examples


def like(intents: Sequence[str], language: ReplyLanguage, count: int = 2) -> tuple[Example, ...]:
    """Those in the reply's language that share most with what the customer wants, the first wish counting most.

    One that shares nothing shows the manner all the same, where none does better.
    """
    spoken = [e for e in examples() if e.language == language]
    worth = {e.id: sum(1 / (at + 1) for at, intent in enumerate(intents) if intent in e.situations) for e in spoken}
    return tuple(sorted(spoken, key=lambda e: -worth[e.id])[:count])
