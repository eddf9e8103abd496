"""What people change in an edition's passages. The old reading is kept beside the new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from knowledge.store.database import Database
from knowledge.store.editions import mark_rows_of
from knowledge.store.history import log_change, number_last_change
from knowledge.store.rows import NOW, passage_row
from knowledge.store.values import Action, PlacedPassage
from knowledge.tables import cuts, documents, marks, passages


class Amendments:
    def __init__(self, database: Database) -> None:
        self._database = database

    def replace(
        self, row: int, readings: Mapping[str, PlacedPassage], who: str, action: Action, note: str = ""
    ) -> None:
        """Passages of an edition as they read from now on: id as it was -> new reading. One transaction, one version."""
        with self._database.writing() as connection:
            revision = _next_revision(connection, row)
            for old_id, placed in readings.items():
                own = passages.c.row == row, passages.c.passage_id == old_id, NOW
                ordinal = connection.execute(sa.select(passages.c.ordinal).where(*own)).scalar_one()
                connection.execute(passages.update().where(*own).values(died=revision))
                connection.execute(passages.insert(), passage_row(row, ordinal, revision, placed))
                if old_id != placed.passage.passage_id:
                    _renamed(connection, row, old_id, placed)
                log_change(connection, row, revision, who, action, passage_id=placed.passage.passage_id, note=note)
            _number_if_live(connection, row)

    def keep_block(self, row: int, starts: Sequence[int], placed: PlacedPassage, who: str) -> None:
        """Bring back what was left out from these source offsets, as a passage of its own."""
        with self._database.writing() as connection:
            revision = _next_revision(connection, row)
            last = connection.execute(sa.select(sa.func.max(passages.c.ordinal)).where(passages.c.row == row))
            ordinal = (last.scalar_one() or 0) + 1
            connection.execute(passages.insert(), passage_row(row, ordinal, revision, placed))
            if rows := mark_rows_of(row, placed):
                connection.execute(marks.insert(), rows)
            left_out = cuts.c.row == row, cuts.c.start.in_(starts)
            connection.execute(cuts.update().where(*left_out).values(kept=True))
            log_change(connection, row, revision, who, "kept", passage_id=placed.passage.passage_id)
            _number_if_live(connection, row)


def _next_revision(connection: Connection, row: int) -> int:
    own = documents.c.row == row
    connection.execute(documents.update().where(own).values(revision=documents.c.revision + 1))
    return int(connection.execute(sa.select(documents.c.revision).where(own)).scalar_one())


def _renamed(connection: Connection, row: int, old_id: str, placed: PlacedPassage) -> None:
    """A text that changed has a new id; what repeated the old text goes on repeating the passage."""
    repeats = passages.c.duplicate_of == old_id, NOW
    connection.execute(passages.update().where(*repeats).values(duplicate_of=placed.passage.passage_id))
    connection.execute(marks.delete().where(marks.c.row == row, marks.c.passage_id == placed.passage.passage_id))
    if rows := mark_rows_of(row, placed):
        connection.execute(marks.insert(), rows)


def _number_if_live(connection: Connection, row: int) -> None:
    state = connection.execute(sa.select(documents.c.state).where(documents.c.row == row)).scalar_one()
    if state in ("live", "retired"):
        number_last_change(connection, row)
