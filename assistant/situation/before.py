"""The customer's turn before the last, and what of it still counts."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log

from assistant.conversation import Conversation
from assistant.situation.questions import questions_of
from assistant.values import Situation
from assistant.waiting import closes
from knowledge.values import SituationMatch

EARLIER = 0.6
"""What a cue of the turn before counts against one of this turn."""
HOW_SPOKEN = frozenset(
    {
        "after.immediate", "after.angry_vent", "after.abuse", "after.endless_talk", "after.sarcasm", "after.deny_all",
        "after.unreasonable", "after.distrust_agent", "after.not_understood", "after.follow_up", "after.manager",
        "after.service_attitude", "after.repeat_trouble", "after.misunderstanding", "general.waiting_reply",
        "general.robot", "general.emoji_only", "pre.waiting",
    }
)  # fmt: skip
"""Wishes that say how somebody speaks of a matter told before, and not which."""
_ASKING = 5
"""Characters from which a question of the last turn is one of its own."""
_TOLD = 0.9
"""Probability from which a point says what the last turn is about."""
_PAST = 0.7
"""Log odds that a resemblance of the turn before loses."""


def turn_before(conversation: Conversation) -> tuple[str, ...]:
    """The customer's bubbles between the agent's last two messages, at most three; empty when there are none."""
    customer = [m for m in conversation.messages if m.role == "customer"]
    rest = customer[: len(customer) - len(conversation.last_customer_turn)]
    return tuple(m.text[:200] for m in rest[-3:] if m.text.strip())


def aged(matches: Sequence[SituationMatch]) -> tuple[SituationMatch, ...]:
    """What only the turn before says counts less."""
    return tuple(
        m.model_copy(update={"score": 1 / (1 + exp(_PAST - log_odds(m.score)))}) if m.text_index == 0 else m
        for m in matches
    )


def log_odds(probability: float) -> float:
    p = min(max(probability, 1e-4), 1 - 1e-4)
    return log(p / (1 - p))


def says_its_own(conversation: Conversation, situation: Situation) -> bool:
    """Whether the waiting turn closes the talk, thanks, mourns, asks a question or makes a point: then it stands by itself."""
    if closes([m.text for m in conversation.last_customer_turn]) or situation.emotion in ("pleased", "grieving"):
        return True
    told = any(p.score >= _TOLD and not p.point.startswith("gen.") for p in situation.points)
    return told or any(len(q.text) >= _ASKING for q in questions_of(conversation))
