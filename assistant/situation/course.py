"""The course of a conversation: how often the customer came back to it, what the shop has said, what does not fit the order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal

from assistant.conversation import Conversation, Message, Order
from assistant.situation.counted import counted
from assistant.situation.cues import Cue, CueBook, seen
from assistant.situation.script import folded
from assistant.values import AgentSaid, Claim, Contradiction, Course, Emotion
from knowledge import datafile
from knowledge.values import Value

COURSE = Path(__file__).parent / "course.yaml"
_DAYS_APART = 3
"""「昨天收到」 and a record of the day before yesterday is no contradiction: people count loosely, couriers sign early."""
_SEVEN = 7
"""Days for a return without a reason, from the day after signing (消费者权益保护法 §25)."""


class CourseBook(Value):
    """The words that tell what agents have said and what customers claim."""

    said: tuple[Cue[AgentSaid], ...]
    claims: tuple[Cue[Claim], ...]

    @classmethod
    def load(cls, path: Path = COURSE) -> CourseBook:
        """Raises DataFileError with file and line of the first mistake."""
        return datafile.load(path, cls)


class CourseReader:
    """Reads the course; `cues` are those that the situation is read by."""

    def __init__(self, cues: CueBook, book: CourseBook | None = None) -> None:
        self._cues = cues
        self._book = book or CourseBook.load()

    def read(self, conversation: Conversation, intent: str, now: datetime) -> Course:
        """`intent` is what the last turn wants most ("" when nothing); `now` is the shop's local time."""
        turns = list(_turns(conversation))
        return Course(
            times=max(1, sum(self._wants(intent, turn) for turn in turns)),
            said=tuple(dict.fromkeys(hit.value for hit in seen(self._book.said, _of(conversation, "agent")))),
            moods=tuple(self._mood(turn) for turn in turns),
            contradictions=tuple(self._contradictions(conversation, now)),
        )

    @cached_property
    def _by_intent(self) -> dict[str, tuple[Cue[str], ...]]:
        found: dict[str, tuple[Cue[str], ...]] = {}
        for cue in self._cues.intents:
            found[cue.value] = (*found.get(cue.value, ()), cue)
        return found

    def _wants(self, intent: str, turn: tuple[tuple[int, str], ...]) -> bool:
        return any(True for _ in seen(self._by_intent.get(intent, ()), turn))

    def _mood(self, turn: tuple[tuple[int, str], ...]) -> Emotion:
        return next((hit.value for hit in seen(self._cues.emotions, turn)), "calm")

    def _contradictions(self, conversation: Conversation, now: datetime) -> Iterator[Contradiction]:
        order = conversation.order
        if order is None:
            return
        for hit in seen(self._book.claims, _of(conversation, "customer")):
            against = _against(hit.value, order, now)
            if against:
                yield Contradiction(claim=hit.value, fact=against, message=hit.message, start=hit.start, end=hit.end)
        yield from counted(conversation)


def _against(claim: Claim, order: Order, now: datetime) -> Literal["signed_at", "shipped_at", "paid_at"] | None:
    """The order's fact that speaks against a claim; None when none does."""
    if claim == "not_shipped":
        if order.signed_at is not None:
            return "signed_at"
        return "shipped_at" if order.shipped_at is not None else None
    if claim == "within_seven_days":
        over = order.signed_at is not None and (now.date() - order.signed_at.date()).days > _SEVEN
        return "signed_at" if over else None
    received = claim == "received_just_now"
    # what came yesterday is said to have been bought then
    at = order.signed_at if received else order.signed_at or order.paid_at
    if at is None or (now.date() - at.date()).days <= _DAYS_APART:
        return None
    return "signed_at" if received else "paid_at"


def _turns(conversation: Conversation) -> Iterator[tuple[tuple[int, str], ...]]:
    """The customer's turns, oldest first: (message index, normal form) of their bubbles."""
    turn: list[tuple[int, str]] = []
    for index, message in enumerate(conversation.messages):
        if message.role == "customer":
            turn.append((index, folded(message.text)))
        elif turn:
            yield tuple(turn)
            turn = []
    if turn:
        yield tuple(turn)


def _of(conversation: Conversation, role: str) -> tuple[tuple[int, str], ...]:
    def its(message: Message) -> bool:
        return message.role == role

    return tuple((i, folded(m.text)) for i, m in enumerate(conversation.messages) if its(m))
