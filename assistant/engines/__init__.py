"""Two ways to write a reply behind one protocol: the offline engine, and any chat model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from assistant.conversation import Conversation
from assistant.values import EngineName, Proposal, Situation, Tone
from knowledge.values import Passage


@dataclass(frozen=True)
class Brief:
    """All that an engine may use. `passages` are clean ones only, best first; `now` is local time."""

    conversation: Conversation
    situation: Situation
    passages: tuple[Passage, ...]
    now: datetime
    tone: Tone = "normal"


class Engine(Protocol):
    """Writes a reply."""

    name: EngineName

    def propose(self, brief: Brief) -> Iterator[Proposal]:
        """Growing proposals, sentence by sentence; the last one is whole. Raises EngineError when it cannot."""
        ...
