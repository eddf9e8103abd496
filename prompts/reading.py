"""What the program's own reading of a conversation is called when a chat model is told of it: `material/reading.yaml`."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from assistant.values import AgentSaid, Emotion, Risk
from knowledge import datafile
from knowledge.phrasebook import MoveKind, Slot
from prompts import PROMPTS


class ReadingWords(BaseModel):
    """Chinese words by value; `reckoned` names the slots that are a reckoning, in the order in which they are told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    moods: dict[Emotion, str]
    risks: dict[Risk, str]
    said: dict[AgentSaid, str]
    contradictions: dict[Literal["signed_at", "shipped_at", "paid_at", "item_in_full"], str]
    moves: dict[MoveKind, str]
    reckoned: dict[Slot, str]


@cache
def reading_words() -> ReadingWords:
    """The words; DataFileError names file and line of a mistake."""
    return datafile.load(PROMPTS / "material" / "reading.yaml", ReadingWords)
