"""The canonical knowledge store, in SQLite: documents with their source text, passages, what was cut, what is unfinished.

A document is written as "pending", indexed, then made "live" in one transaction that also ends its older version; a
process that dies in between leaves a pending version that the next start finishes. Deleted text is overwritten on disk
(`secure_delete`, then VACUUM), so that an erased document is gone from the file too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection, Engine, RowMapping

from knowledge.disk import full_disk_explained
from knowledge.tables import cuts, documents, marks, passages, unfinished
from knowledge.values import Caution, DocumentDetail, DocumentSummary, Dropped, Passage, Value

MIGRATIONS = Path(__file__).parent / "migrations"
EXAMPLES = 3


class Cut(Value):
    """Source characters [start, end) that are not shown as they stand: left out, or shown as `replacement`."""

    start: int
    end: int
    reason: str
    replacement: str = ""


class PlacedPassage(Value):
    """A passage with every source span it was made of; `duplicate_of` names the indexed passage that says the same.

    `marks` are hashes by which near-duplicates are found (knowledge/ingest/deduplicate.py).
    """

    passage: Passage
    segments: tuple[tuple[int, int], ...]
    marks: tuple[int, ...] = ()
    duplicate_of: str | None = None


class PreparedDocument(Value):
    """A file, read, cleaned, split and described: all that the store keeps of it."""

    document_id: str
    source: str
    title: str
    shipped: bool
    content_hash: str
    encoding: str
    pipeline: int
    text: str
    passages: tuple[PlacedPassage, ...]
    cuts: tuple[Cut, ...]


class Version(Value):
    """One version of a document in the store."""

    row: int
    document_id: str
    source: str
    title: str
    content_hash: str
    pipeline: int
    state: Literal["pending", "live"]


class Place(Value):
    """Somewhere a passage stands: its own document, or one that repeats it."""

    document_id: str
    document: str
    section: str
    start: int
    end: int


class KnowledgeStore:
    """Opened once per KEFU_HOME; may be used from several threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, path: Path) -> KnowledgeStore:
        """Open or make the store at `path`, migrated to the newest schema. KefuError "disk.full" when there is no room."""
        engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
        sa.event.listen(engine, "connect", _set_pragmas)
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with full_disk_explained(path.parent), engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        return cls(engine)

    def close(self) -> None:
        self._engine.dispose()

    # --- reading -----------------------------------------------------------------------------------------------------

    def versions(self, state: Literal["pending", "live"], document_id: str | None = None) -> tuple[Version, ...]:
        columns = [documents.c[name] for name in Version.model_fields]
        query = sa.select(*columns).where(documents.c.state == state).order_by(documents.c.row)
        if document_id is not None:
            query = query.where(documents.c.document_id == document_id)
        with self._engine.connect() as connection:
            return tuple(Version.model_validate(dict(found)) for found in connection.execute(query).mappings())

    def live_passages(self) -> tuple[Passage, ...]:
        """Every passage that searches may find, library first, in the order of the documents."""
        return self._passages(documents.c.state == "live", passages.c.duplicate_of.is_(None))

    def passages_of_row(self, row: int) -> tuple[Passage, ...]:
        """The indexed passages of one version of a document, in order."""
        return self._passages(documents.c.row == row, passages.c.duplicate_of.is_(None))

    def _passages(self, *where: sa.ColumnElement[bool]) -> tuple[Passage, ...]:
        query = (
            sa.select(passages, documents.c.document_id, documents.c.title)
            .join(documents)
            .where(*where)
            .order_by(documents.c.shipped.desc(), documents.c.row, passages.c.ordinal)
        )
        with self._engine.connect() as connection:
            return tuple(_passage(found) for found in connection.execute(query).mappings())

    def summaries(self, document_id: str | None = None) -> tuple[DocumentSummary, ...]:
        """Live documents, the shipped library first, then by title."""
        shown = passages.c.duplicate_of.is_(None)
        cautioned = sa.and_(shown, passages.c.cautions != sa.literal([], passages.c.cautions.type))
        query = (
            sa.select(
                documents.c.document_id.label("id"),
                documents.c.title,
                documents.c.source,
                documents.c.shipped,
                documents.c.added_at,
                sa.func.count(sa.case((shown, 1))).label("passages"),
                sa.func.count(sa.case((cautioned, 1))).label("cautions"),
            )
            .outerjoin(passages)
            .where(documents.c.state == "live")
            .group_by(documents.c.row)
            .order_by(documents.c.shipped.desc(), documents.c.title, documents.c.row)
        )
        if document_id is not None:
            query = query.where(documents.c.document_id == document_id)
        with self._engine.connect() as connection:
            return tuple(DocumentSummary.model_validate(dict(found)) for found in connection.execute(query).mappings())

    def detail(self, version: Version) -> DocumentDetail:
        (summary,) = self.summaries(version.document_id)
        return DocumentDetail(
            summary=summary, passages=self.passages_of_row(version.row), dropped=self.dropped(version.row)
        )

    def dropped(self, row: int) -> tuple[Dropped, ...]:
        """What one version left out, by reason, most frequent first; repeated passages among it."""
        reasons: Counter[str] = Counter()
        examples: dict[str, list[str]] = {}
        for reason, text in self._left_out(row):
            reasons[reason] += 1
            kept = examples.setdefault(reason, [])
            if len(kept) < EXAMPLES and text not in kept:
                kept.append(text)
        return tuple(Dropped(reason=r, count=n, examples=tuple(examples[r])) for r, n in reasons.most_common())

    def _left_out(self, row: int) -> Iterator[tuple[str, str]]:
        with self._engine.connect() as connection:
            text = connection.execute(sa.select(documents.c.text).where(documents.c.row == row)).scalar_one()
            found = connection.execute(
                sa.select(cuts.c.reason, cuts.c.start, cuts.c.end)
                .where(
                    cuts.c.row == row, cuts.c.replacement == "", cuts.c.reason != "metadata"
                )  # metadata: read, not lost
                .order_by(cuts.c.ordinal)
            ).all()
            repeated = connection.execute(
                sa.select(passages.c.text)
                .where(passages.c.row == row, passages.c.duplicate_of.is_not(None))
                .order_by(passages.c.ordinal)
            ).scalars()
            for reason, start, end in found:
                yield reason, _excerpt(text[start:end])
            for repeat in repeated:
                yield "duplicate", _excerpt(repeat)

    def source_text(self, document_id: str) -> str:
        """The decoded text of a live document, in which passages' offsets count."""
        with self._engine.connect() as connection:
            query = sa.select(documents.c.text).where(
                documents.c.document_id == document_id, documents.c.state == "live"
            )
            return str(connection.execute(query).scalar_one())

    def cuts_of(self, row: int) -> tuple[Cut, ...]:
        query = sa.select(cuts.c.start, cuts.c.end, cuts.c.reason, cuts.c.replacement).where(cuts.c.row == row)
        with self._engine.connect() as connection:
            found = connection.execute(query.order_by(cuts.c.ordinal)).mappings()
            return tuple(Cut.model_validate(dict(cut)) for cut in found)

    def places(self, passage_id: str) -> tuple[Place, ...]:
        """Where the text of an indexed passage stands: its own place first, then those that repeat it."""
        query = (
            sa.select(passages, documents.c.document_id, documents.c.title)
            .join(documents)
            .where(documents.c.state == "live")
            .where(sa.or_(passages.c.passage_id == passage_id, passages.c.duplicate_of == passage_id))
            .order_by(passages.c.duplicate_of.is_not(None), documents.c.row, passages.c.ordinal)
        )
        with self._engine.connect() as connection:
            found = [_passage(place) for place in connection.execute(query).mappings()]
        return tuple(
            Place(document_id=p.document_id, document=p.document, section=p.section, start=p.start, end=p.end)
            for p in found
        )

    def marked(self, wanted: Sequence[int], without_document: str) -> dict[str, str]:
        """Indexed passages of other live documents that share one of the marks: id -> text."""
        # Two steps on purpose: joined, SQLite walks all marks of a large document for each of its passages.
        by_mark = sa.select(marks.c.passage_id).distinct()
        by_id = (
            sa.select(passages.c.passage_id, passages.c.text)
            .join(documents, documents.c.row == passages.c.row)
            .where(documents.c.state == "live", documents.c.document_id != without_document)
            .where(passages.c.duplicate_of.is_(None))
        )
        found: dict[str, str] = {}
        with self._engine.connect() as connection:
            ids: set[str] = set()
            for some in _portions(wanted):
                ids.update(connection.execute(by_mark.where(marks.c.mark.in_(some))).scalars())
            for some_ids in _portions(sorted(ids)):
                rows = connection.execute(by_id.where(passages.c.passage_id.in_(some_ids)))
                found.update((passage_id, text) for passage_id, text in rows)
        return found

    # --- writing -----------------------------------------------------------------------------------------------------

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        folder = Path(str(self._engine.url.database)).parent
        with full_disk_explained(folder), self._engine.begin() as connection:
            yield connection

    def add_pending(self, prepared: Sequence[PreparedDocument]) -> tuple[Version, ...]:
        """Write whole documents, not yet visible to anyone, all or none."""
        with self._write() as connection:
            rows = [self._insert(connection, document) for document in prepared]
        pending = {version.row: version for version in self.versions("pending")}
        return tuple(pending[row] for row in rows)

    def _insert(self, connection: Connection, document: PreparedDocument) -> int:
        values = document.model_dump(exclude={"passages", "cuts"})
        added_at = datetime.now(UTC).isoformat(timespec="seconds")
        result = connection.execute(documents.insert().values(**values, state="pending", added_at=added_at))
        (row,) = result.inserted_primary_key or (0,)
        placed = [_passage_row(row, i, p) for i, p in enumerate(document.passages)]
        cut_rows = [{"row": row, "ordinal": i, **cut.model_dump()} for i, cut in enumerate(document.cuts)]
        mark_rows = [
            {"row": row, "passage_id": p.passage.passage_id, "mark": mark}
            for p in document.passages
            for mark in p.marks
        ]
        for table, values_of_rows in ((passages, placed), (cuts, cut_rows), (marks, mark_rows)):
            if values_of_rows:
                connection.execute(table.insert(), values_of_rows)
        return int(row)

    def go_live(self, versions: Sequence[Version]) -> None:
        """Make pending versions live, end the versions they replace, and tick their sources off, in one transaction."""
        with self._write() as connection:
            for version in versions:
                connection.execute(
                    documents.delete().where(
                        documents.c.document_id == version.document_id, documents.c.row != version.row
                    )
                )
                connection.execute(documents.update().where(documents.c.row == version.row).values(state="live"))
                connection.execute(unfinished.delete().where(unfinished.c.source == version.source))
            _promote_orphans(connection)

    def forget(self, rows: Sequence[int]) -> None:
        """Delete versions, and make passages that only repeated them findable in their own right."""
        with self._write() as connection:
            connection.execute(documents.delete().where(documents.c.row.in_(rows)))
            _promote_orphans(connection)

    def erase(self) -> None:
        """Leave no trace of deleted text in the file or in the write-ahead log."""
        folder = Path(str(self._engine.url.database)).parent
        engine = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        with full_disk_explained(folder), engine.connect() as connection:
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def begin_work(self, sources: Sequence[str]) -> None:
        """Note the files that an ingest takes on, so that a later start knows what was left undone."""
        with self._write() as connection:
            for source in sources:
                connection.execute(sa.insert(unfinished).prefix_with("OR IGNORE").values(source=source))

    def end_work(self, sources: Sequence[str] | None = None) -> None:
        """Tick files off; all of them when none are named."""
        with self._write() as connection:
            if sources is None:
                connection.execute(unfinished.delete())
            else:
                for source in sources:
                    connection.execute(unfinished.delete().where(unfinished.c.source == source))

    def unfinished_work(self) -> tuple[str, ...]:
        with self._engine.connect() as connection:
            return tuple(connection.execute(sa.select(unfinished.c.source).order_by(unfinished.c.source)).scalars())


T = TypeVar("T")


def _portions(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """As many at a time as one statement should name."""
    for first in range(0, len(values), 500):
        yield values[first : first + 500]


def _set_pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "secure_delete=ON", "synchronous=NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _promote_orphans(connection: Connection) -> None:
    """Where the passage that others repeat is gone, the first of them takes its place and the rest point to it."""
    live = sa.select(passages.c.passage_id).where(passages.c.duplicate_of.is_(None)).scalar_subquery()
    query = (
        sa.select(passages.c.row, passages.c.ordinal, passages.c.passage_id, passages.c.duplicate_of)
        .where(passages.c.duplicate_of.is_not(None), passages.c.duplicate_of.not_in(live))
        .order_by(passages.c.row, passages.c.ordinal)
    )
    heirs: dict[str, str] = {}
    for row, ordinal, passage_id, gone in connection.execute(query).all():
        heir = heirs.setdefault(gone, passage_id)
        value = None if heir == passage_id else heir
        connection.execute(
            passages.update().where(passages.c.row == row, passages.c.ordinal == ordinal).values(duplicate_of=value)
        )


def _passage_row(row: int, ordinal: int, placed: PlacedPassage) -> dict[str, object]:
    passage = placed.passage
    return {
        "row": row,
        "ordinal": ordinal,
        "passage_id": passage.passage_id,
        "section": passage.section,
        "text": passage.text,
        "kind": passage.kind,
        "stage": passage.stage,
        "techniques": list(passage.techniques),
        "situations": list(passage.situations),
        "cautions": [caution.model_dump() for caution in passage.cautions],
        "segments": [list(segment) for segment in placed.segments],
        "duplicate_of": placed.duplicate_of,
    }


def _passage(found: RowMapping) -> Passage:
    segments = found["segments"]
    return Passage(
        passage_id=found["passage_id"],
        document_id=found["document_id"],
        document=found["title"],
        section=found["section"],
        text=found["text"],
        kind=found["kind"],
        stage=found["stage"],
        techniques=tuple(found["techniques"]),
        situations=tuple(found["situations"]),
        cautions=tuple(Caution.model_validate(caution) for caution in found["cautions"]),
        start=min(start for start, _ in segments),
        end=max(end for _, end in segments),
    )


def _excerpt(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 80 else words[:79] + "…"
