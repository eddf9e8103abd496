"""Who did what to a document, and when; the changes that were seen by searches are numbered as its versions."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from knowledge.store.database import Database
from knowledge.store.values import Action, Change
from knowledge.tables import changes, documents

_CHANGE = [changes.c[name] for name in Change.model_fields]


class History:
    def __init__(self, database: Database) -> None:
        self._database = database

    def of_document(self, document_id: str) -> tuple[Change, ...]:
        """Everything that happened to it, oldest first; what was only staged and thrown away is not told."""
        query = (
            sa.select(*_CHANGE)
            .join(documents)
            .where(documents.c.document_id == document_id, documents.c.state != "staged")
            .order_by(changes.c.change)
        )
        return self._read(query)

    def of_row(self, row: int) -> tuple[Change, ...]:
        return self._read(sa.select(*_CHANGE).where(changes.c.row == row).order_by(changes.c.change))

    def last(self) -> dict[str, Change]:
        """Of each document its newest numbered change: document id -> change."""
        query = (
            sa.select(*_CHANGE, documents.c.document_id)
            .join(documents)
            .where(changes.c.number.is_not(None))
            .order_by(changes.c.change)
        )
        with self._database.reading() as connection:
            found = [dict(row) for row in connection.execute(query).mappings()]
        return {str(row.pop("document_id")): Change.model_validate(row) for row in found}

    def _read(self, query: sa.Select[tuple[object, ...]]) -> tuple[Change, ...]:
        with self._database.reading() as connection:
            return tuple(Change.model_validate(dict(found)) for found in connection.execute(query).mappings())


def log_change(
    connection: Connection, row: int, revision: int, who: str, action: Action, *, passage_id: str = "", note: str = ""
) -> None:
    """Note a change, not yet numbered."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    values = {"row": row, "revision": revision, "at": at, "who": who, "action": action}
    connection.execute(changes.insert().values(**values, passage_id=passage_id, note=note))


def number_last_change(connection: Connection, row: int) -> None:
    """Make the newest change of an edition the next version of its document."""
    last = sa.select(sa.func.max(changes.c.change)).where(changes.c.row == row)
    own_id = sa.select(documents.c.document_id).where(documents.c.row == row).scalar_subquery()
    numbers = sa.select(sa.func.max(changes.c.number)).join(documents).where(documents.c.document_id == own_id)
    change = connection.execute(last).scalar_one()
    number = (connection.execute(numbers).scalar_one() or 0) + 1
    connection.execute(changes.update().where(changes.c.change == change).values(number=number))
