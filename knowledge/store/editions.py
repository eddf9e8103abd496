"""Editions of documents: each a reading of a file, or an older version brought back, with all its passages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from knowledge.store.database import Database
from knowledge.store.rows import INDEXED, NOW, at_revision, passage_row, placed_of, with_document
from knowledge.store.values import Counts, Cut, DocumentState, Edition, PlacedPassage, PreparedDocument, Version
from knowledge.tables import cuts, documents, marks, passages

_VERSION = [documents.c[name] for name in Version.model_fields]


class Editions:
    def __init__(self, database: Database) -> None:
        self._database = database

    def in_state(self, states: Sequence[DocumentState], document_id: str | None = None) -> tuple[Version, ...]:
        """Oldest first."""
        query = sa.select(*_VERSION).where(documents.c.state.in_(states)).order_by(documents.c.row)
        if document_id is not None:
            query = query.where(documents.c.document_id == document_id)
        with self._database.reading() as connection:
            return tuple(Version.model_validate(dict(found)) for found in connection.execute(query).mappings())

    def of_document(self, document_id: str) -> tuple[Version, ...]:
        """Every edition that there is of it, whatever its state."""
        return self.in_state(("pending", "staged", "live", "retired", "past"), document_id)

    def edition(self, row: int) -> Edition:
        columns = [*_VERSION, documents.c.shipped, documents.c.added_at, documents.c.text]
        with self._database.reading() as connection:
            found = dict(connection.execute(sa.select(*columns).where(documents.c.row == row)).mappings().one())
        version = Version.model_validate({name: found.pop(name) for name in Version.model_fields})
        return Edition(version=version, **found)

    def placed(self, row: int, revision: int | None = None) -> tuple[PlacedPassage, ...]:
        """All passages of an edition in order, repeats and retired ones too, as of a revision or as they are now."""
        of_row = with_document().where(passages.c.row == row, at_revision(revision)).order_by(passages.c.ordinal)
        known: dict[str, list[int]] = defaultdict(list)
        with self._database.reading() as connection:
            found = connection.execute(of_row).mappings().all()
            marked = connection.execute(sa.select(marks.c.passage_id, marks.c.mark).where(marks.c.row == row))
            for passage_id, mark in marked:
                known[passage_id].append(mark)
        return tuple(placed_of(one, known[one["passage_id"]]) for one in found)

    def holding(self, passage_id: str, states: Sequence[DocumentState]) -> tuple[Version, PlacedPassage] | None:
        """The passage of that id as it reads now, with its edition; None when none in these states has it."""
        query = with_document().where(passages.c.passage_id == passage_id, NOW, documents.c.state.in_(states))
        with self._database.reading() as connection:
            found = connection.execute(query).mappings().first()
            if found is None:
                return None
            own = marks.c.row == found["row"], marks.c.passage_id == passage_id
            marked = connection.execute(sa.select(marks.c.mark).where(*own)).scalars().all()
            version = connection.execute(sa.select(*_VERSION).where(documents.c.row == found["row"])).mappings().one()
        return Version.model_validate(dict(version)), placed_of(found, marked)

    def cuts(self, row: int) -> tuple[Cut, ...]:
        """What was left out or repaired, in the order of the source."""
        columns = [cuts.c[name] for name in Cut.model_fields]
        with self._database.reading() as connection:
            found = connection.execute(sa.select(*columns).where(cuts.c.row == row).order_by(cuts.c.ordinal))
            return tuple(Cut.model_validate(dict(cut)) for cut in found.mappings())

    def counts(self, row: int) -> Counts:
        """How many passages of each sort an edition has now."""
        cautioned = sa.and_(INDEXED, passages.c.cautions != sa.literal([], passages.c.cautions.type))
        repeats = passages.c.duplicate_of.is_not(None)
        sorts = {
            "indexed": INDEXED,
            "cautioned": cautioned,
            "retired": sa.and_(~repeats, passages.c.status == "retired"),
            "merged": repeats,
        }
        columns = [sa.func.count(sa.case((what, 1))).label(name) for name, what in sorts.items()]
        with self._database.reading() as connection:
            found = connection.execute(sa.select(*columns).where(passages.c.row == row, NOW)).mappings().one()
        return Counts.model_validate(dict(found))

    def prepared(self, row: int, revision: int | None = None) -> PreparedDocument:
        """An edition as it was at a revision, ready to be written once more."""
        query = sa.select(documents).where(documents.c.row == row)
        with self._database.reading() as connection:
            found = connection.execute(query).mappings().one()
        kept = {name: found[name] for name in PreparedDocument.model_fields if name not in ("passages", "cuts")}
        placed = self.placed(row, revision)
        spans = [(p.passage.start, p.passage.end) for p in placed if p.kept]

        def was_kept(cut: Cut) -> bool:
            return cut.kept and any(start <= cut.start < end for start, end in spans)

        cuts_then = (cut.model_copy(update={"kept": was_kept(cut)}) for cut in self.cuts(row))
        return PreparedDocument(**kept, passages=placed, cuts=tuple(cuts_then))

    def settle(self, row: int, duplicate_of: Mapping[str, str | None]) -> None:
        """Say anew which passages of an edition repeat another: passage id -> id of the other."""
        with self._database.writing() as connection:
            for passage_id, other in duplicate_of.items():
                own = passages.c.row == row, passages.c.passage_id == passage_id, NOW
                connection.execute(passages.update().where(*own).values(duplicate_of=other))


def insert_edition(connection: Connection, document: PreparedDocument, state: DocumentState) -> int:
    """Write a whole edition and give its row."""
    values = document.model_dump(exclude={"passages", "cuts"})
    added_at = datetime.now(UTC).isoformat(timespec="seconds")
    result = connection.execute(documents.insert().values(**values, state=state, added_at=added_at))
    (row,) = result.inserted_primary_key or (0,)
    placed = [passage_row(row, i, 0, p) for i, p in enumerate(document.passages)]
    cut_rows = [{"row": row, "ordinal": i, **cut.model_dump()} for i, cut in enumerate(document.cuts)]
    mark_rows = [mark for p in document.passages for mark in mark_rows_of(row, p)]
    for table, rows in ((passages, placed), (cuts, cut_rows), (marks, mark_rows)):
        if rows:
            connection.execute(table.insert(), rows)
    return int(row)


def mark_rows_of(row: int, placed: PlacedPassage) -> list[dict[str, object]]:
    return [{"row": row, "passage_id": placed.passage.passage_id, "mark": mark} for mark in placed.marks]
