"""Two ways to write a reply behind one protocol: the offline engine, and any chat model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from assistant.conversation import Conversation
from assistant.values import EngineName, Finding, Proposal, Situation, Strategy, Tone
from knowledge.errors import KefuError
from knowledge.phrasebook import MoveKind, Slot
from knowledge.values import Passage


class EngineError(KefuError):
    """An engine could not write a whole reply: why, and what the agent gets instead. Codes are `chat.<fault>`."""


@dataclass(frozen=True)
class SketchedMove:
    """A step of a plan, the technique that it carries out ("" for none), and words for it."""

    kind: MoveKind
    technique: str
    text: str


@dataclass(frozen=True)
class Sketch:
    """What the offline engine would do, before a chat model does it better: its moves in their order, and every value that it
    has looked up or reckoned, in Chinese.
    """

    moves: tuple[SketchedMove, ...]
    values: Mapping[Slot, str]


@dataclass(frozen=True)
class Brief:
    """All that an engine may use. `passages` are clean ones only, best first; `now` is local time. `dated`: the customer
    writes today, as far as one can tell, so that days may be counted up to `now`. `ordered`: what messages order the assistant
    to do, where that has been taken out of `conversation`. `sketch` is for engines that plan nothing.
    """

    conversation: Conversation
    situation: Situation
    passages: tuple[Passage, ...]
    now: datetime
    tone: Tone = "normal"
    strategy: Strategy = "balanced"
    dated: bool = True
    ordered: str = ""
    sketch: Sketch | None = None


class Engine(Protocol):
    """Writes a reply."""

    @property
    def name(self) -> EngineName: ...

    def propose(self, brief: Brief) -> Iterator[Proposal]:
        """Growing proposals, sentence by sentence; the last one is whole. Raises EngineError when it cannot."""
        ...


@runtime_checkable
class RepairingEngine(Engine, Protocol):
    """An engine that can be told what to mend."""

    def repair(self, brief: Brief, rejected: Proposal, findings: Sequence[Finding]) -> Iterator[Proposal]:
        """As `propose`, told exactly which words of `rejected` may not be said and why."""
        ...
