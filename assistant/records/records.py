"""One store for what happened, SQLite by default, any SQLAlchemy URL by setting; migrated when opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from assistant.conversation import Conversation
from assistant.records.tables import AuditRow, Base, DraftRow, EditRow, FeedbackRow, SearchRow
from assistant.values import Draft, Finding
from knowledge.errors import KefuError
from knowledge.values import Value

MIGRATIONS = Path(__file__).parent / "migrations"


class RecordsError(KefuError):
    """The records database can't be opened or written."""


class DraftRecord(Value):
    """A draft as it was made, and what became of it. `at` is UTC; `sent` is None until the agent says what was sent."""

    id: str
    at: datetime
    verdict: str
    engine: str
    reply: str
    last_customer_words: str
    sent: str | None = None
    good: bool | None = None
    reason: str = ""


class AuditRecord(Value):
    """Something that was done, by whom; `at` is UTC."""

    at: datetime
    who: str
    action: str


class Records:
    """Keeps what happened. `masked` takes personal data out of text before it is written."""

    def __init__(self, engine: Engine, mask: Callable[[str], str]) -> None:
        self.engine = engine
        self.masked = mask

    def masked_order(self, order: Mapping[str, object] | None) -> dict[str, object] | None:
        """An order's facts without personal data; of its number only the last four characters are kept."""
        if order is None:
            return None
        masked = {k: self.masked(v) if isinstance(v, str) else v for k, v in order.items()}
        if number := str(order.get("order_id") or ""):
            masked["order_id"] = f"***{number[-4:]}"
        return masked

    def masked_finding(self, finding: Finding) -> dict[str, object]:
        """A finding whose words, and whatever quotes them, hold no personal data."""
        quoting = ("text", "message", "message_en", "opinions")
        data = finding.model_dump(mode="json")
        return {key: self._masked_in(value) if key in quoting else value for key, value in data.items()}

    def _masked_in(self, value: object) -> object:
        if isinstance(value, dict):
            return {key: self._masked_in(one) for key, one in value.items()}
        return self.masked(value) if isinstance(value, str) else value

    @classmethod
    def open(cls, url: str, mask: Callable[[str], str] = lambda text: text) -> Records:
        """Open and migrate the database at `url`; RecordsError when that is not possible."""
        try:
            engine = create_engine(url)
            if engine.dialect.name == "sqlite":
                event.listen(engine, "connect", _sqlite_for_many_threads)
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            with engine.begin() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except (SQLAlchemyError, OSError) as error:
            raise RecordsError(
                "records.unusable",
                f"记录库打不开({error.__class__.__name__}):请检查 KEFU_DATABASE_URL 或 KEFU_HOME 是否可写。",
                f"The records database can't be opened ({error.__class__.__name__}): check KEFU_DATABASE_URL or KEFU_HOME.",
            ) from error
        return cls(engine, mask)

    def keep_draft(self, draft: Draft, conversation: Conversation) -> None:
        talk = conversation.model_dump(mode="json")
        for message in talk["messages"]:
            message["text"] = self.masked(message["text"])
        talk["order"] = self.masked_order(talk.get("order"))
        kept = draft.model_dump(mode="json")
        kept["reply"] = self.masked(draft.reply)
        kept["bubbles"] = [self.masked(bubble) for bubble in draft.bubbles]
        kept["findings"] = [self.masked_finding(finding) for finding in draft.findings]
        for told in ("notice", "notice_said"):  # a notice quotes what was found
            kept[told] = self._masked_in(kept[told])
        self.add(
            DraftRow(
                id=draft.id,
                at=now(),
                fingerprint=draft.fingerprint,
                engine=draft.engine,
                verdict=draft.verdict,
                conversation=talk,
                draft=kept,
            )
        )

    def keep_edit(self, draft_id: str, sent: str, difference: Mapping[str, object] | None = None) -> None:
        """What the agent sent, which may differ from the draft, and how (free of personal data already)."""
        kept = dict(difference) if difference is not None else None
        self.add(EditRow(at=now(), draft_id=draft_id, sent=self.masked(sent), difference=kept))

    def keep_feedback(self, draft_id: str, good: bool, reason: str) -> None:
        self.add(FeedbackRow(at=now(), draft_id=draft_id, good=good, reason=self.masked(reason)))

    def keep_search(self, query: str, passage_ids: Sequence[str]) -> None:
        self.add(SearchRow(at=now(), query=self.masked(query), passage_ids=list(passage_ids)))

    def audit(self, who: str, action: str, **detail: object) -> None:
        """Who did what; `detail` must be JSON and free of personal data."""
        self.add(AuditRow(at=now(), who=who, action=action, detail=detail))

    def recent_drafts(self, limit: int = 50) -> tuple[DraftRecord, ...]:
        """The newest first, with the last edit and the last thumb of each."""
        with Session(self.engine) as session:
            rows = session.scalars(select(DraftRow).order_by(DraftRow.at.desc()).limit(limit)).all()
            return tuple(self._record(session, row) for row in rows)

    def recent_audit(self, limit: int = 50) -> tuple[AuditRecord, ...]:
        """Who did what, the newest first."""
        with Session(self.engine) as session:
            rows = session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)).all()
            return tuple(AuditRecord(at=row.at, who=row.who, action=row.action) for row in rows)

    def recent_searches(self, limit: int = 12) -> tuple[str, ...]:
        """What was searched for by hand, the newest first, each once."""
        newest = func.max(SearchRow.id)
        query = select(SearchRow.query).group_by(SearchRow.query).order_by(newest.desc()).limit(limit)
        with Session(self.engine) as session:
            return tuple(session.scalars(query))

    def used_passages(self, limit: int = 20_000) -> Counter[str]:
        """How often each passage was found by a search or cited by a draft, among the newest of both: passage id -> times."""
        used: Counter[str] = Counter()
        with Session(self.engine) as session:
            for ids in session.scalars(select(SearchRow.passage_ids).order_by(SearchRow.id.desc()).limit(limit)):
                used.update(ids)
            for draft in session.scalars(select(DraftRow.draft).order_by(DraftRow.at.desc()).limit(limit)):
                used.update(c["passage_id"] for c in draft["citations"])  # type: ignore[attr-defined]
        return used

    def _record(self, session: Session, row: DraftRow) -> DraftRecord:
        edit = session.scalars(
            select(EditRow).where(EditRow.draft_id == row.id).order_by(EditRow.id.desc()).limit(1)
        ).first()
        thumb = session.scalars(
            select(FeedbackRow).where(FeedbackRow.draft_id == row.id).order_by(FeedbackRow.id.desc()).limit(1)
        ).first()
        turn = Conversation.model_validate(row.conversation).last_customer_turn
        return DraftRecord(
            id=row.id,
            at=row.at,
            verdict=row.verdict,
            engine=row.engine,
            reply=str(row.draft["reply"]),
            last_customer_words=" ".join(m.text for m in turn),
            sent=edit.sent if edit else None,
            good=thumb.good if thumb else None,
            reason=thumb.reason if thumb else "",
        )

    def close(self) -> None:
        self.engine.dispose()

    def add(self, row: Base) -> None:
        """Write one row; RecordsError when it can't be written."""
        try:
            with Session(self.engine) as session, session.begin():
                session.add(row)
        except SQLAlchemyError as error:
            raise RecordsError(
                "records.not_written",
                f"没能写入记录库({error.__class__.__name__}):回复不受影响,请检查磁盘空间和权限。",
                f"The records database could not be written ({error.__class__.__name__}): check disk space and rights.",
            ) from error


def now() -> datetime:
    """UTC without zone, as every table keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)


def _sqlite_for_many_threads(connection: object, _: object) -> None:
    """WAL lets the desk read while a draft is being written; foreign keys are off in SQLite unless asked for."""
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in ("journal_mode=WAL", "busy_timeout=5000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
