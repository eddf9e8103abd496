"""A short reply in the customer's own language where the phrasebooks have none: Japanese, Korean, Russian."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import re2
from pydantic import Field, field_validator

from assistant.engines import Brief
from assistant.engines.clock import AnswerBy
from knowledge import datafile
from knowledge.phrasebook import Slot, linear_pattern
from knowledge.values import AuthorityKind, Value

REPLIES = Path(__file__).parent / "foreign.yaml"
_OF_THE_BODY = frozenset({"injury", "allergy", "food_poisoning", "child_danger"})
_LEAST = 2
"""Letters of a script from which a turn is written in it."""


class _Sentence(Value):
    """`zh` is its meaning; said where all of `authority` is granted, every slot is known and the customer did not say `unless`."""

    text: str
    zh: str
    authority: tuple[AuthorityKind, ...] = ()
    unless: str = ""

    @field_validator("unless")
    @classmethod
    def _pattern_compiles(cls, value: str) -> str:
        return linear_pattern(value)


class _Topic(Value):
    """What a turn is about, by words of its language."""

    patterns: tuple[str, ...] = Field(min_length=1)
    sentences: tuple[_Sentence, ...] = Field(min_length=1)

    @field_validator("patterns")
    @classmethod
    def _patterns_compile(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(linear_pattern(p) for p in value)


class _Tongue(Value):
    """A language: its script, the answer-by time ({hour} on a 24-hour clock), and what is said on each topic: first on
    someone hurt, then on fire and smoke, the last on anything.
    """

    tongue: str
    script: str
    today: str
    tomorrow: str
    opening: _Sentence
    closing: _Sentence
    topics: tuple[_Topic, ...] = Field(min_length=3)

    @field_validator("script")
    @classmethod
    def _script_compiles(cls, value: str) -> str:
        return linear_pattern(value)


class _Tongues(Value):
    tongues: tuple[_Tongue, ...]


@dataclass(frozen=True)
class ForeignReply:
    """Up to three bubbles, and what they mean in Chinese."""

    bubbles: tuple[str, ...]
    gloss: str


@lru_cache(maxsize=1)
def _tongues() -> tuple[_Tongue, ...]:
    return datafile.load(REPLIES, _Tongues).tongues


def foreign_reply(brief: Brief, slots: Mapping[Slot, str], urgent: bool) -> ForeignReply | None:
    """The reply, where the last turn is written in a language of `foreign.yaml` and would be answered in English; else None.

    `slots` are the Chinese ones.
    """
    if brief.situation.language != "en":
        return None
    turn = " ".join(m.text for m in brief.conversation.last_customer_turn)
    tongue = next((t for t in _tongues() if len(re2.findall(t.script, turn)) >= _LEAST), None)
    if tongue is None:
        return None
    hurt, burning, *_ = tongue.topics
    risks = set(brief.situation.risks)
    topic = next(
        (t for t, told in ((burning, {"fire"}), (hurt, _OF_THE_BODY)) if told & risks),
        None,
    ) or next(t for t in tongue.topics if any(re2.search(f"(?i){p}", turn) for p in t.patterns))
    due = AnswerBy.of(brief.conversation, brief.now, urgent)
    by = (tongue.tomorrow if due.days else tongue.today).replace("{hour}", str(due.hour))
    granted = {a.kind for a in brief.conversation.policy.authorities}
    known = {**{str(name): value for name, value in slots.items()}, "answer_by": due.zh}
    theirs = {**known, "answer_by": by}
    order = brief.conversation.order
    if order is not None and order.shipped_at is not None:
        theirs |= {"m": str(order.shipped_at.month), "d": str(order.shipped_at.day)}
    said = [
        s
        for s in topic.sentences
        if granted.issuperset(s.authority)
        and not (s.unless and re2.search(s.unless, turn))
        and _filled(s.text, theirs) is not None
    ]
    danger = topic.sentences[0].text if topic in tongue.topics[:2] else ""
    head = [s for s in said if s.text == danger] or [tongue.opening, *said[:1]]
    rest = said[1:]
    groups = [[_filled(s.text, theirs) for s in part] for part in (head, rest, [tongue.closing]) if part]
    glossed = [_filled(s.zh, known) for s in (*head, *rest, tongue.closing)]
    gap = "" if tongue.tongue == "ja" else " "
    return ForeignReply(
        bubbles=tuple(gap.join(t for t in group if t) for group in groups),
        gloss="".join(g if g[-1:] in "。?" else f"{g}。" for g in glossed if g),
    )


def _filled(text: str, slots: Mapping[str, str]) -> str | None:
    """`text` with its slots filled; None when one is not known."""
    for name, value in slots.items():
        text = text.replace("{" + name + "}", value)
    return None if "{" in text else text
