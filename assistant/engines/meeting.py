"""How a customer is met whose reply begins with the matter: one short word on what weighs on them, told by their own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.engines import Brief
from assistant.engines.moves import PlannedMove, usable
from assistant.engines.taken_back import with_taken_back
from assistant.engines.taking_up import dangers
from knowledge.phrasebook import Phrasebook, Slot

MET = "met.concern"
_MEETS = frozenset({"acknowledge", "apologise", "safety", "thank", "greet"})
_BULK = "pre.bulk"
"""Whose thanks give way first, a quotation being long: they are said as what meets the customer."""
_UNMET = (
    "general.injection",
    "general.spam",
    "general.emoji_only",
    "general.self_harm",
    "after.privacy",
    "after.extortion",
)
"""Wishes to which no understanding is owed, or which are met in their own way."""


def with_meeting(
    moves: Sequence[PlannedMove], brief: Brief, intents: Sequence[str], slots: Mapping[Slot, str], fallback: Phrasebook
) -> tuple[PlannedMove, ...]:
    """`moves`, led by a word on the customer's worry, hurry or trouble where nothing in them meets the customer; what the shop
    said before and should not have is taken back.
    """
    return with_taken_back(_met(moves, brief, intents, slots, fallback), brief, slots, fallback)


def _met(
    moves: Sequence[PlannedMove], brief: Brief, intents: Sequence[str], slots: Mapping[Slot, str], fallback: Phrasebook
) -> tuple[PlannedMove, ...]:
    courtesies = {"thank", "greet"} if intents[:1] == [_BULK] else set()
    meeting = [m for m in moves if m.move.move in _MEETS - courtesies]
    if dangers(brief) or any(i in _UNMET for i in intents[:1]) or any(not _is_general(m) for m in meeting):
        return tuple(moves)
    if not any(m.is_substance or m.move.move == "next_step" for m in moves):
        return tuple(moves)
    (entry, *_) = fallback.by_situation[MET]
    words = [m for m in usable(entry.moves, brief, slots, MET) if m.move.move in _MEETS][:1]
    instead = [m for m in moves if m in meeting or m.move.move in courtesies]
    return (*words, *(m for m in moves if not words or m not in instead))


def _is_general(planned: PlannedMove) -> bool:
    """Whether a move meets whoever writes of what we do not know."""
    return planned.situation.startswith("fallback.")
