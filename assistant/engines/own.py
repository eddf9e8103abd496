"""Wordings that a shop added itself, as moves in a plan: said where their situation leads, never where people are at risk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import get_args

from assistant.engines import Brief
from assistant.engines.moves import SUBSTANCE, PlannedMove, usable
from assistant.engines.sameness import alike
from assistant.situation.script import folded
from knowledge.phrasebook import Move, MoveKind, Slot

MOST = 2
"""Own wordings in one reply: a chat reply is short."""
_ONCE: tuple[MoveKind, ...] = ("greet", "thank", "acknowledge", "apologise", "ask", "close")
"""Of these a reply has one: the shop's own takes the other's place."""
_ORDER = {kind: 5 if kind in SUBSTANCE else at for at, kind in enumerate(get_args(MoveKind))}


@dataclass(frozen=True)
class OwnMove:
    """A shop's own wordings for a move in a situation of the catalogue."""

    situation: str
    move: Move


def with_own(
    moves: Sequence[PlannedMove], own: Sequence[OwnMove], leads: Set[str], brief: Brief, slots: Mapping[Slot, str]
) -> tuple[PlannedMove, ...]:
    """`moves` with the shop's own for the situations that lead, as far as they hold, at most `MOST`.

    What the reply says already, or the agent has said before, is not said again.
    """
    mine = [m for m in own if m.situation in leads]
    if not mine or any(m.move.move == "safety" for m in moves):
        return tuple(moves)
    agent_said = " ".join(folded(m.text) for m in brief.conversation.messages if m.role == "agent")
    planned = list(moves)
    added = 0
    for move in usable([m.move for m in mine], brief, slots, mine[0].situation):
        kind = move.move.move
        others = [m for m in planned if not (kind in _ONCE and m.move.move == kind)]
        said = any(folded(w.zh).rstrip("。.!?~") in agent_said for w in move.wordings)
        if added == MOST or said or any(alike(move, m) for m in others):
            continue
        at = next((i for i, m in enumerate(others) if _ORDER[m.move.move] > _ORDER[kind]), len(others))
        planned = [*others[:at], replace(move, own=True), *others[at:]]
        added += 1
    return tuple(planned)
