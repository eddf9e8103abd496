"""Ways to meet the same customer that differ in what is done, not in how it is worded."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.engines.moves import PlannedMove
from assistant.values import Strategy
from knowledge.phrasebook import MoveKind

_FEELING: tuple[MoveKind, ...] = ("greet", "thank", "acknowledge", "apologise", "close")


def in_strategy(moves: Sequence[PlannedMove], strategy: Strategy) -> tuple[PlannedMove, ...]:
    """The moves that a strategy makes of a plan; safety is never left out. The plan as it is where nothing would be left.

    soothe: feelings first, one thing of substance at most, no question. solve: what is the case, what is offered or
    declined and what comes next, without preliminaries. clarify: ask before anything is offered or declined.
    """
    if strategy == "soothe":
        kept = _but(moves, drop=("ask", "explain", "advise", "decline"), most_substance=1)
    elif strategy == "solve":
        kept = _but(moves, drop=_FEELING, most_substance=len(moves))
    elif strategy == "clarify":
        kept = _but(moves, drop=("apologise", "explain", "decline", "offer", "advise", "thank"), most_substance=1)
    else:
        return tuple(moves)
    return kept if len(kept) >= 2 else tuple(moves)


def fits(moves: Sequence[PlannedMove], strategy: Strategy) -> bool:
    """Whether a plan has what the strategy lives on: a feeling to meet, something to do, a question to ask."""
    kinds = {m.move.move for m in moves}
    if strategy == "soothe":
        return bool(kinds & {"acknowledge", "apologise", "safety"})
    if strategy == "clarify":
        return "ask" in kinds and "safety" not in kinds
    return any(m.is_substance for m in moves) and "safety" not in kinds


def _but(moves: Sequence[PlannedMove], drop: Sequence[MoveKind], most_substance: int) -> tuple[PlannedMove, ...]:
    kept: list[PlannedMove] = []
    substance = 0
    for move in moves:
        if move.move.move in drop:
            continue
        if move.is_substance:
            substance += 1
            if substance > most_substance:
                continue
        kept.append(move)
    return tuple(kept)
