"""What is live and what is being written. Editions, amendments and their history have rooms beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from knowledge.store.amendments import Amendments
from knowledge.store.database import Database
from knowledge.store.editions import Editions, insert_edition
from knowledge.store.history import History, log_change, number_last_change
from knowledge.store.rows import INDEXED, NOW, ORIGINAL, passage_of, portions, with_document
from knowledge.store.suggestions import Suggestions
from knowledge.store.values import Action, Copy, Cut, DocumentState, Place, PreparedDocument, Version
from knowledge.tables import cuts, documents, marks, passages, unfinished
from knowledge.values import DocumentDetail, DocumentSummary, Dropped, Passage

EXAMPLES = 3


class KnowledgeStore:
    """Opened once per KEFU_HOME; may be used from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.editions = Editions(database)
        self.history = History(database)
        self.amendments = Amendments(database)
        self.suggestions = Suggestions(database)

    @classmethod
    def open(cls, path: Path) -> KnowledgeStore:
        """Open or make the store at `path`, migrated to the newest schema. KefuError "disk.full" when there is no room."""
        return cls(Database(path))

    def close(self) -> None:
        self._database.close()

    # --- reading -----------------------------------------------------------------------------------------------------

    def versions(self, state: DocumentState, document_id: str | None = None) -> tuple[Version, ...]:
        """Editions in a state, oldest first."""
        return self.editions.in_state((state,), document_id)

    def live_passages(self, of: Collection[str] | None = None) -> tuple[Passage, ...]:
        """Every passage that searches may find, library first, in the order of the documents; or those `of` some."""
        if of is None:
            return self._passages(documents.c.state == "live", INDEXED)
        found: list[Passage] = []
        for some in portions(sorted(of)):
            found += self._passages(documents.c.document_id.in_(some), documents.c.state == "live", INDEXED)
        return tuple(found)

    def take_touched(self) -> frozenset[str]:
        """Documents that were written to since this was last asked."""
        return self._database.take_touched()

    def passages_of_row(self, row: int) -> tuple[Passage, ...]:
        """The indexed passages of one edition of a document, in order."""
        return self._passages(documents.c.row == row, INDEXED)

    def _passages(self, *where: sa.ColumnElement[bool]) -> tuple[Passage, ...]:
        order = (documents.c.shipped.desc(), documents.c.row, passages.c.ordinal)
        with self._database.reading() as connection:
            found = connection.execute(with_document().where(*where).order_by(*order)).mappings()
            return tuple(passage_of(row) for row in found)

    def summaries(self, document_id: str | None = None) -> tuple[DocumentSummary, ...]:
        """Documents in use or taken out of search, the shipped library first, then by title."""
        cautioned = sa.and_(INDEXED, passages.c.cautions != sa.literal([], passages.c.cautions.type))
        retired = sa.and_(NOW, ORIGINAL, passages.c.status == "retired")

        def count(what: sa.ColumnElement[bool], name: str) -> sa.Label[int]:
            return sa.func.count(sa.case((what, 1))).label(name)

        query = (
            sa.select(
                documents.c.document_id.label("id"),
                documents.c.title,
                documents.c.source,
                documents.c.shipped,
                documents.c.added_at,
                documents.c.state.label("status"),
                count(INDEXED, "passages"),
                count(cautioned, "cautions"),
                count(retired, "retired"),
                count(sa.and_(NOW, passages.c.flag != ""), "flagged"),
            )
            .outerjoin(passages)
            .where(documents.c.state.in_(("live", "retired")))
            .group_by(documents.c.row)
            .order_by(documents.c.shipped.desc(), documents.c.title, documents.c.row)
        )
        if document_id is not None:
            query = query.where(documents.c.document_id == document_id)
        with self._database.reading() as connection:
            return tuple(DocumentSummary.model_validate(dict(found)) for found in connection.execute(query).mappings())

    def detail(self, version: Version) -> DocumentDetail:
        (summary,) = self.summaries(version.document_id)
        return DocumentDetail(
            summary=summary, passages=self.passages_of_row(version.row), dropped=self.dropped(version.row)
        )

    def dropped(self, row: int) -> tuple[Dropped, ...]:
        """What one edition left out, by reason, most frequent first; repeated passages among it."""
        reasons: Counter[str] = Counter()
        examples: dict[str, list[str]] = {}
        for reason, text in self._left_out(row):
            reasons[reason] += 1
            kept = examples.setdefault(reason, [])
            if len(kept) < EXAMPLES and text not in kept:
                kept.append(text)
        return tuple(Dropped(reason=r, count=n, examples=tuple(examples[r])) for r, n in reasons.most_common())

    def _left_out(self, row: int) -> Iterator[tuple[str, str]]:
        with self._database.reading() as connection:
            text = connection.execute(sa.select(documents.c.text).where(documents.c.row == row)).scalar_one()
            found = connection.execute(
                sa.select(cuts.c.reason, cuts.c.start, cuts.c.end)
                .where(cuts.c.row == row, cuts.c.replacement == "", ~cuts.c.kept)
                .where(cuts.c.reason != "metadata")  # read, not lost
                .order_by(cuts.c.ordinal)
            ).all()
            repeated = connection.execute(
                sa.select(passages.c.text)
                .where(passages.c.row == row, NOW, passages.c.duplicate_of.is_not(None))
                .order_by(passages.c.ordinal)
            ).scalars()
            for reason, start, end in found:
                yield reason, _excerpt(text[start:end])
            for repeat in repeated:
                yield "duplicate", _excerpt(repeat)

    def source_text(self, document_id: str) -> str:
        """The decoded text of a document in use, in which passages' offsets count."""
        in_use = documents.c.state.in_(("live", "retired"))
        query = sa.select(documents.c.text).where(documents.c.document_id == document_id, in_use)
        with self._database.reading() as connection:
            return str(connection.execute(query).scalar_one())

    def cuts_of(self, row: int) -> tuple[Cut, ...]:
        return self.editions.cuts(row)

    def places(self, passage_id: str) -> tuple[Place, ...]:
        """Where the text of an indexed passage stands: its own place first, then those that repeat it."""
        query = (
            with_document()
            .where(documents.c.state == "live", NOW)
            .where(sa.or_(passages.c.passage_id == passage_id, passages.c.duplicate_of == passage_id))
            .order_by(passages.c.duplicate_of.is_not(None), documents.c.row, passages.c.ordinal)
        )
        with self._database.reading() as connection:
            found = [passage_of(place) for place in connection.execute(query).mappings()]
        return tuple(
            Place(document_id=p.document_id, document=p.document, section=p.section, start=p.start, end=p.end)
            for p in found
        )

    def marked(self, wanted: Sequence[int], without_document: str) -> dict[str, Copy]:
        """Passages of other live documents that share one of the marks and repeat none, by id. Retired ones are among
        them: a copy of what a manager took out must not come in again by another file.
        """
        # Two steps on purpose: joined, SQLite walks all marks of a large document for each of its passages.
        by_mark = sa.select(marks.c.passage_id).distinct()
        by_id = (
            sa.select(passages.c.passage_id, passages.c.text, passages.c.kind)
            .join(documents, documents.c.row == passages.c.row)
            .where(documents.c.state == "live", documents.c.document_id != without_document)
            .where(NOW, ORIGINAL)
        )
        found: dict[str, Copy] = {}
        with self._database.reading() as connection:
            ids: set[str] = set()
            for some in portions(wanted):
                ids.update(connection.execute(by_mark.where(marks.c.mark.in_(some))).scalars())
            for some_ids in portions(sorted(ids)):
                rows = connection.execute(by_id.where(passages.c.passage_id.in_(some_ids)))
                found.update((i, Copy(text, kind == "bad_example")) for i, text, kind in rows)
        return found

    # --- writing -----------------------------------------------------------------------------------------------------

    def add_pending(
        self, prepared: Sequence[PreparedDocument], who: str = "", action: Action = "ingested", note: str = ""
    ) -> tuple[Version, ...]:
        """Write whole documents, not yet visible to anyone, all or none."""
        return self._add(prepared, "pending", who, action, note)

    def add_staged(self, prepared: Sequence[PreparedDocument], who: str = "") -> tuple[Version, ...]:
        """Write whole documents that wait for approval; each takes the place of what waited for it before."""
        return self._add(prepared, "staged", who, "staged", "")

    def _add(
        self, prepared: Sequence[PreparedDocument], state: DocumentState, who: str, action: Action, note: str
    ) -> tuple[Version, ...]:
        rows = []
        with self._database.writing() as connection:
            for document in prepared:
                if state == "staged":
                    waited = documents.c.document_id == document.document_id, documents.c.state == "staged"
                    connection.execute(documents.delete().where(*waited))
                row = insert_edition(connection, document, state)
                log_change(connection, row, 0, who, action, note=note)
                rows.append(row)
        added = {version.row: version for version in self.versions(state)}
        return tuple(added[row] for row in rows)

    def go_live(self, versions: Sequence[Version], approved_by: str | None = None) -> None:
        """Make editions live, make past what they replace, and tick their sources off, in one transaction."""
        with self._database.writing() as connection:
            for version in versions:
                others = documents.c.document_id == version.document_id, documents.c.row != version.row
                replaced = documents.c.state.in_(("live", "retired", "pending"))
                connection.execute(documents.update().where(*others, replaced).values(state="past"))
                connection.execute(documents.update().where(documents.c.row == version.row).values(state="live"))
                connection.execute(unfinished.delete().where(unfinished.c.source == version.source))
                if approved_by is not None:
                    log_change(connection, version.row, version.revision, approved_by, "approved")
                number_last_change(connection, version.row)
            _promote_orphans(connection)

    def set_in_use(self, version: Version, *, searched: bool, who: str) -> None:
        """Take a document out of search, or put it back, whole."""
        state, action = ("live", "document_restored") if searched else ("retired", "document_retired")
        with self._database.writing() as connection:
            connection.execute(documents.update().where(documents.c.row == version.row).values(state=state))
            log_change(connection, version.row, version.revision, who, action)  # type: ignore[arg-type]
            number_last_change(connection, version.row)
            _promote_orphans(connection)

    def forget(self, rows: Sequence[int]) -> None:
        """Delete editions, and make passages that only repeated them findable in their own right."""
        with self._database.writing() as connection:
            connection.execute(documents.delete().where(documents.c.row.in_(rows)))
            _promote_orphans(connection)

    def erase(self) -> None:
        """Leave no trace of deleted text in the file or in the write-ahead log."""
        self._database.erase()

    # --- work under way ----------------------------------------------------------------------------------------------

    def begin_work(self, sources: Sequence[str]) -> None:
        """Note the files that an ingest takes on, so that a later start knows what was left undone."""
        with self._database.writing() as connection:
            for source in sources:
                connection.execute(sa.insert(unfinished).prefix_with("OR IGNORE").values(source=source))

    def end_work(self, sources: Sequence[str] | None = None) -> None:
        """Tick files off; all of them when none are named."""
        with self._database.writing() as connection:
            if sources is None:
                connection.execute(unfinished.delete())
            else:
                for source in sources:
                    connection.execute(unfinished.delete().where(unfinished.c.source == source))

    def unfinished_work(self) -> tuple[str, ...]:
        with self._database.reading() as connection:
            return tuple(connection.execute(sa.select(unfinished.c.source).order_by(unfinished.c.source)).scalars())


def _promote_orphans(connection: Connection) -> None:
    """Where the passage that others repeat is gone, the first of them takes its place and the rest point to it."""
    live = sa.select(documents.c.row).where(documents.c.state == "live").scalar_subquery()
    original = passages.alias("original")
    there = sa.exists().where(
        original.c.passage_id == passages.c.duplicate_of,
        sa.func.coalesce(original.c.duplicate_of, "") == "",
        original.c.died.is_(None),
        (original.c.row + 0).in_(live),
    )
    # `> ''` (so of every id), `+ 0` and no order: SQLite begins at the few that repeat others, not at all passages.
    query = sa.select(passages.c.row, passages.c.ordinal, passages.c.passage_id, passages.c.duplicate_of).where(
        passages.c.duplicate_of > "", NOW, (passages.c.row + 0).in_(live), ~there
    )
    heirs: dict[str, str] = {}
    for row, ordinal, passage_id, gone in sorted(map(tuple, connection.execute(query))):
        heir = heirs.setdefault(gone, passage_id)
        own = passages.c.row == row, passages.c.ordinal == ordinal, NOW
        value = None if heir == passage_id else heir
        connection.execute(passages.update().where(*own).values(duplicate_of=value))


def _excerpt(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 80 else words[:79] + "…"
