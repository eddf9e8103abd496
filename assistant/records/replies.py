"""What was drafted, to try a rule on: the reply and the conversation it answers."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.conversation import Conversation
from assistant.records.records import Records
from assistant.records.tables import DraftRow


def newest(records: Records, limit: int) -> Iterator[tuple[str, Conversation]]:
    """The newest drafts first, as they are kept: free of personal data."""
    query = select(DraftRow.draft, DraftRow.conversation).order_by(DraftRow.at.desc()).limit(limit)
    with Session(records.engine) as session:
        for draft, conversation in session.execute(query):
            if reply := str(draft["reply"]):
                yield reply, Conversation.model_validate(conversation)


def one(records: Records, draft_id: str) -> tuple[str, Conversation] | None:
    """A draft's reply and the conversation it answers, as they are kept; None when there is no such draft."""
    with Session(records.engine) as session:
        row = session.get(DraftRow, draft_id)
        return (str(row.draft["reply"]), Conversation.model_validate(row.conversation)) if row else None
