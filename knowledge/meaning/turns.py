"""Authored customers' turns: what is written in one go, bubble by bubble, with what is wanted, felt and at risk."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from knowledge.datafile import load_rows
from knowledge.fold import letters
from knowledge.values import Value

TURNS = Path(__file__).parents[1] / "library" / "turns"

Sign = Literal[
    "self_harm", "injury", "allergy", "fire", "child_danger", "food_poisoning", "threat", "minor", "legal", "media",
    "extortion", "injection", "personal_data",
]  # fmt: skip
"""Risks as the assistant knows them (assistant.values.Risk); what is told, not what is feared before buying."""
Mood = Literal["calm", "pleased", "anxious", "disappointed", "angry", "furious", "grieving", "sarcastic"]


class Turn(Value):
    """One turn. `wants` is the situation to answer first, `also` further ones; `signs` are all dangers that it tells.

    A turn without signs is one that a hasty reader may take for dangerous, or an ordinary one: both teach.
    """

    bubbles: tuple[str, ...] = Field(min_length=1)
    wants: str
    also: tuple[str, ...] = ()
    signs: tuple[Sign, ...] = ()
    mood: Mood = "calm"

    @field_validator("bubbles")
    @classmethod
    def _say_something(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not bubble.strip() for bubble in value):
            raise ValueError("an empty bubble")
        return value

    @property
    def text(self) -> str:
        """All of it, as it is read together."""
        return "\n".join(self.bubbles)


def load_turns(folder: Path = TURNS) -> tuple[Turn, ...]:
    """Every authored turn once, in the order of the files; DataFileError names file and line of the first mistake."""
    kept: dict[str, Turn] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for turn in load_rows(path, Turn):
            kept.setdefault(letters(turn.text) or turn.text, turn)
    return tuple(kept.values())
