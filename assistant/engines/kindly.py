"""Who praises or thanks: it is returned in kind, and what they ask beside it is answered."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.engines import Brief
from assistant.engines.misread import meant_kindly
from assistant.engines.moves import PlannedMove
from assistant.engines.questions import is_asked
from assistant.situation.questions import questions_of
from assistant.values import PointMade
from knowledge.points import PointBook

KIND_WORDS = ("general.praise", "general.thanks", "general.chitchat")
"""What is not meant kindly by someone upset."""


def points_in_kind(
    points: tuple[PointMade, ...], book: PointBook, brief: Brief, intents: Sequence[str]
) -> tuple[PointMade, ...]:
    """`points` of praise that is meant: kind words, and what is asked; a good thing told is no complaint."""
    if intents[:1] != ["general.praise"] or not (meant_kindly(brief) or brief.situation.emotion == "pleased"):
        return points
    asked = questions_of(brief.conversation)
    return tuple(p for p in points if is_asked(p, asked) or book.by_id[p.point].situations[0].startswith(KIND_WORDS))


def replies_in_kind(replies: tuple[PlannedMove, ...], intents: Sequence[str]) -> tuple[PlannedMove, ...]:
    """What is said to single sentences, with no regret in it and no second opening, where kind words lead."""
    if not intents or intents[0] not in KIND_WORDS:
        return replies
    return tuple(r for r in replies if r.is_substance or r.move.move in ("ask", "next_step", "safety", "thank"))


def answered_in_kind(moves: tuple[PlannedMove, ...], intents: Sequence[str]) -> tuple[PlannedMove, ...]:
    """`moves` with the answer after a word of thanks, and no phrases around it, where something is asked beside kind words."""
    answered = any(m.point for m in moves if m.is_substance or m.move.move == "next_step")
    if not answered or not intents or intents[0] not in KIND_WORDS:
        return moves
    return tuple(m for m in moves if m.point or m.move.move not in ("acknowledge", "close"))
