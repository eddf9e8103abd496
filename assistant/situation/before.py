"""The customer's turn before the last: what of it still counts, and the matter that stands where the last only doubts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import exp, log

from assistant.conversation import Conversation
from assistant.situation.cues import Seen
from assistant.situation.ranking import Heard
from knowledge.values import SituationMatch

EARLIER = 0.6
"""What a cue of the turn before counts against one of this turn."""
HOW_SPOKEN = frozenset(
    {
        "after.immediate", "after.angry_vent", "after.abuse", "after.endless_talk", "after.sarcasm", "after.deny_all",
        "after.unreasonable", "after.distrust_agent", "after.not_understood", "after.follow_up", "after.manager",
        "after.service_attitude", "after.repeat_trouble", "after.misunderstanding", "general.waiting_reply",
        "general.robot", "general.emoji_only",
    }
)  # fmt: skip
"""Wishes that say how somebody speaks of a matter told before, and not which."""
_PAST = 0.7
"""Log odds that a resemblance of the turn before loses."""
_SURE = 0.0
"""Log odds from which the turn before was about its likeliest matter: who was only guessed at is not taken at their word later."""

Learnt = Callable[[Heard, Sequence[SituationMatch], Sequence[Seen[str]]], Mapping[str, float]]
"""Log odds of every situation, from what was heard, what resembles it and what words name."""


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


def standing(
    intents: Sequence[str],
    unsure: Sequence[str],
    named_now: Sequence[Seen[str]],
    named_before: Sequence[Seen[str]],
    heard: Heard,
    matches: Sequence[SituationMatch],
    learnt: Learnt,
) -> str:
    """The matter of the turn before, where the last turn names none of its own: who only doubts, presses or scolds still
    speaks of it. "" where there was no such turn, or it was not sure what it was about.
    """
    own = {h.value for h in named_now} - HOW_SPOKEN
    if own or not len(heard.before.situations) or not all(i in unsure or i in HOW_SPOKEN for i in intents):
        return ""
    then = Heard(before=heard.before[:0], whole=heard.before[:1])
    named = [replace(h, weight=h.weight / EARLIER) for h in named_before]
    odds = learnt(then, [m for m in matches if m.text_index == 0], named)
    matters = {s: o for s, o in odds.items() if s not in HOW_SPOKEN and not s.startswith("general.")}
    best = max(matters, key=lambda s: (matters[s], s), default="")
    return best if best and matters[best] >= _SURE else ""
