"""The authored examples that the layer learns from: one reply a line, with what it would breach."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field, field_validator

from assistant.authority import Authority
from assistant.guardrails.fold import fold
from assistant.values import Category
from knowledge.datafile import load_rows
from knowledge.values import Value

EXAMPLES = Path(__file__).parent / "examples"

Voice = Literal["plain", "colloquial", "terse", "long", "obfuscated", "traditional", "english", "mixed"]


class Example(Value):
    """What an agent writes. `acts` are breaches when nothing is authorised and no fact is given; none: it is fine.

    `allows` are authority ids that would make it fine.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(min_length=1)
    acts: tuple[Category, ...]
    allows: tuple[str, ...] = ()
    voice: Voice = "plain"

    @field_validator("allows")
    @classmethod
    def _authorities_exist(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(Authority.parse(text)) for text in value)


def load_examples(folder: Path = EXAMPLES) -> dict[str, tuple[Example, ...]]:
    """The examples by the name of their file. DataFileError names file and line of the first that is wrong."""
    return {path.stem: load_rows(path, Example) for path in sorted(folder.glob("*.jsonl"))}


def without_repeats(examples: tuple[Example, ...]) -> tuple[Example, ...]:
    """Of examples that fold to the same text only the first."""
    seen: dict[str, Example] = {}
    for example in examples:
        seen.setdefault(fold(example.text).text, example)
    return tuple(seen.values())
