"""What was sent and how drafts were rated, between two times; and phrases that a manager does not want offered again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from assistant.conversation import Conversation
from assistant.records.records import Records, now
from assistant.records.tables import DeclinedPhraseRow, DraftRow, EditRow, FeedbackRow


class SentRow(NamedTuple):
    """A draft that was sent; `situation` is "" where none was seen, `difference` None where it was kept without one."""

    draft_id: str
    at: datetime
    situation: str
    reply: str
    sent: str
    difference: Mapping[str, object] | None


class RatingRow(NamedTuple):
    """The last thumb of a draft."""

    draft_id: str
    at: datetime
    situation: str
    good: bool
    reason: str


def sent_between(records: Records, since: datetime, until: datetime) -> Iterator[SentRow]:
    """What was sent in [since, until), UTC, the oldest first; of a draft that was copied twice, the last copy."""
    last = select(func.max(EditRow.id)).where(EditRow.at >= since, EditRow.at < until).group_by(EditRow.draft_id)
    return _sent(records, last)


def sent_of(records: Records, draft_ids: tuple[str, ...]) -> Iterator[SentRow]:
    """What was sent of these drafts last; those that were not sent are left out."""
    return _sent(
        records, select(func.max(EditRow.id)).where(EditRow.draft_id.in_(draft_ids)).group_by(EditRow.draft_id)
    )


def _sent(records: Records, chosen: Select[int]) -> Iterator[SentRow]:
    query = (
        select(
            EditRow.draft_id,
            EditRow.at,
            DraftRow.draft["situation"]["intents"][0].as_string(),
            DraftRow.draft["reply"].as_string(),
            EditRow.sent,
            EditRow.difference,
        )
        .join(DraftRow, DraftRow.id == EditRow.draft_id)
        .where(EditRow.id.in_(chosen))
        .order_by(EditRow.id)
    )
    with Session(records.engine) as session:
        for draft_id, at, situation, reply, sent, difference in session.execute(query):
            yield SentRow(draft_id, at, situation or "", reply, sent, difference)


def ratings_between(records: Records, since: datetime, until: datetime) -> Iterator[RatingRow]:
    """The thumbs in [since, until), UTC, the newest first; of a draft rated twice, the last one."""
    last = (
        select(func.max(FeedbackRow.id))
        .where(FeedbackRow.at >= since, FeedbackRow.at < until)
        .group_by(FeedbackRow.draft_id)
    )
    query = (
        select(
            FeedbackRow.draft_id,
            FeedbackRow.at,
            DraftRow.draft["situation"]["intents"][0].as_string(),
            FeedbackRow.good,
            FeedbackRow.reason,
        )
        .join(DraftRow, DraftRow.id == FeedbackRow.draft_id)
        .where(FeedbackRow.id.in_(last))
        .order_by(FeedbackRow.id.desc())
    )
    with Session(records.engine) as session:
        for draft_id, at, situation, good, reason in session.execute(query):
            yield RatingRow(draft_id, at, situation or "", good, reason)


def conversations_of(records: Records, draft_ids: tuple[str, ...]) -> dict[str, Conversation]:
    """The conversations that these drafts answer, as they are kept; unknown ids are left out."""
    query = select(DraftRow.id, DraftRow.conversation).where(DraftRow.id.in_(draft_ids))
    with Session(records.engine) as session:
        return {name: Conversation.model_validate(talk) for name, talk in session.execute(query)}


def decline_phrase(records: Records, phrase: str, who: str) -> None:
    """Keep that a manager does not want this phrase."""
    records.add(DeclinedPhraseRow(at=now(), who=who[:64], phrase=records.masked(phrase)))


def declined_phrases(records: Records) -> tuple[str, ...]:
    """Every phrase that was declined."""
    with Session(records.engine) as session:
        return tuple(session.scalars(select(DeclinedPhraseRow.phrase).order_by(DeclinedPhraseRow.id)))
