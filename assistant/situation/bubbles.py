"""Bubble by bubble: what each message of a turn says, so that no question goes unanswered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from assistant.situation.cues import Seen
from assistant.situation.script import folded
from knowledge.values import SituationMatch

_UNANSWERED = -2.5
"""Log odds (a probability of 0.08) from which a cue names what a bubble asks that no chosen wish accounts for."""


def leading(
    texts: tuple[str, ...], matches: Sequence[SituationMatch], turn: tuple[tuple[int, str], ...]
) -> dict[int, frozenset[str]]:
    """What each message of the last turn resembles most: message index to the situations that lead its bubbles."""
    best: dict[int, str] = {}
    for match in matches:
        best.setdefault(match.text_index, match.situation_id)
    return {
        index: frozenset(best[i] for i, t in enumerate(texts) if i in best and folded(t) in message)
        for index, message in turn
    }


def unanswered(
    wanted: Sequence[str],
    hits: Sequence[Seen[str]],
    odds: Mapping[str, float],
    leads: Mapping[int, frozenset[str]],
) -> Iterator[str]:
    """For each bubble that no chosen wish accounts for, the wish that its own words name best: each question counts."""
    for message, leading in leads.items():
        named = [
            h.value for h in hits if h.message == message and h.value in odds and not h.value.startswith("general.")
        ]
        if not named or leading.intersection(wanted) or set(named).intersection(wanted):
            continue
        best = max(named, key=lambda s: odds[s])
        if odds[best] >= _UNANSWERED:
            yield best


_MANNER = frozenset(
    {
        "after.abuse", "after.angry_vent", "after.deny_all", "after.distrust_agent", "after.endless_talk",
        "after.hardship", "after.immediate", "after.manager", "after.many_questions", "after.nitpick",
        "after.not_understood", "after.sarcasm",
    }
)  # fmt: skip
_COLOURS = 1.35
"""Log odds by which how somebody speaks may be likelier than what it is about, and the matter still leads. Of turns left out
of training, golden ones and the suite's, two more are read right so; beyond it, fewer."""


def matter_first(ranked: Sequence[str], odds: Mapping[str, float]) -> list[str]:
    """`ranked` with the matter before the manner that it is told in, where there is a matter that is about as likely."""
    if not ranked or ranked[0] not in _MANNER:
        return list(ranked)
    matter = next((s for s in ranked[1:] if s not in _MANNER and not s.startswith("general.")), None)
    if matter is None or odds[ranked[0]] - odds[matter] >= _COLOURS:
        return list(ranked)
    return [matter, *(s for s in ranked if s != matter)]
