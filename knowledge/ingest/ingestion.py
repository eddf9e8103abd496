"""Files into the knowledge base, many at a time, all or nothing per document.

Order of writing: the document whole into the store as pending; its vectors into the index; live in the store; then the
new snapshot. Wherever a process dies, the next start can tell from the store what is left to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from knowledge.carrying import carried
from knowledge.errors import KefuError
from knowledge.index import EmbedPassages, PassageIndex, embed_in_chunks, embedded_text
from knowledge.ingest.deduplicate import copy_of, deduplicate
from knowledge.ingest.prepare import PIPELINE, document_id, prepare
from knowledge.ingest.read import named, printable, read, walk
from knowledge.store import Copy, KnowledgeStore, PlacedPassage, PreparedDocument, Version
from knowledge.values import Cautioner, IngestedDocument, IngestReport, Passage, Progress

LIBRARY = Path(__file__).parents[1] / "library"
BATCH_FILES = 64
BATCH_BYTES = 4_000_000


class Ingestion:
    """One run over files and folders. The caller holds the knowledge base's writing lock."""

    def __init__(
        self,
        store: KnowledgeStore,
        index: PassageIndex,
        embed: EmbedPassages,
        cautioner: Cautioner | None,
        who: str = "",
    ) -> None:
        self._store = store
        self._index = index
        self._embed = embed
        self._cautioner = cautioner
        self._who = who
        self._staged = False

    def run(
        self, paths: Sequence[Path], *, shipped: bool, progress: Progress | None, staged: bool = False
    ) -> IngestReport:
        """`staged` documents wait for approval instead of going live (knowledge/review.py).

        Raises KefuError "disk.full"; what else goes wrong with a file is in the report.
        """
        self._staged = staged
        files, skipped = walk(paths)
        names = {path: _name(path, shipped=shipped) for path in files}
        tell = progress or (lambda _what, _done, _total: None)
        reports: dict[Path, IngestedDocument] = {}
        self._store.begin_work(list(names.values()))
        try:
            for batch in _batches(files):
                reports.update(
                    self._batch(batch, names, shipped=shipped, tell=tell, done=len(reports), total=len(files))
                )
                self._store.end_work([names[path] for path in batch])
        finally:
            self._end_work(list(names.values()))
        passed_over = tuple(_failed(s.path, s.path, s.error) for s in skipped)
        return IngestReport(documents=(*(reports[path] for path in files), *passed_over))

    def _end_work(self, names: Sequence[str]) -> None:
        """The caller knows what failed; only a killed run leaves work for the next start to tell of."""
        try:
            self._store.end_work(names)
        except KefuError as error:
            if error.code != "disk.full":
                raise

    def _batch(
        self,
        batch: Sequence[Path],
        names: dict[Path, str],
        *,
        shipped: bool,
        tell: Progress,
        done: int,
        total: int,
    ) -> dict[Path, IngestedDocument]:
        reports: dict[Path, IngestedDocument] = {}
        fresh: dict[Path, PreparedDocument] = {}
        for i, path in enumerate(batch):
            tell(f"读取 / Reading {printable(path.name)}", done + i, total)
            read_in = self._one(path, names[path], shipped=shipped, beside=tuple(fresh.values()))
            if isinstance(read_in, PreparedDocument):
                fresh[path] = read_in
            else:
                reports[path] = read_in
        replaced = {path for path, doc in fresh.items() if self._store.versions("live", doc.document_id)}
        if fresh:
            written = self._write(tuple(fresh.values()), tell)
            for (path, doc), version in zip(fresh.items(), written, strict=True):
                reports[path] = self._report(doc, version, replaced=path in replaced)
        tell("导入 / Ingesting", done + len(batch), total)
        return reports

    def _one(
        self, path: Path, name: str, *, shipped: bool, beside: Sequence[PreparedDocument]
    ) -> PreparedDocument | IngestedDocument:
        """A file read and made ready; or its report, when it is unchanged or cannot be read."""
        try:
            source = read(path)
        except KefuError as error:
            return _failed(name, Path(name).name, error.as_json(), error.en)
        live = self._store.versions("live", document_id(name))
        if live and live[0].content_hash == source.content_hash and live[0].pipeline == PIPELINE:
            return self._unchanged(live[0])
        document = prepare(source, name=name, shipped=shipped, cautioner=self._cautioner)
        document = carried(document, self._before(document.document_id), self._cautioner)

        def elsewhere(marks: Sequence[int]) -> dict[str, Copy]:
            found = self._store.marked(marks, without_document=document.document_id)
            wanted = set(marks)
            for other in beside:
                for placed in other.passages:
                    if placed.duplicate_of is None and wanted.intersection(placed.marks):
                        found[placed.passage.passage_id] = copy_of(placed)
            return found

        found = deduplicate(document.passages, elsewhere)
        kept = (p.model_copy(update={"duplicate_of": None}) if p.kept else p for p in found)
        return document.model_copy(update={"passages": tuple(kept)})

    def _before(self, own_id: str) -> tuple[PlacedPassage, ...]:
        """The passages of the reading that this one takes the place of, with what people decided on them."""
        waiting = self._store.versions("staged", own_id) if self._staged else ()
        found = waiting or self._store.editions.in_state(("live", "retired"), own_id)
        return self._store.editions.placed(found[0].row) if found else ()

    def _write(self, documents: Sequence[PreparedDocument], tell: Progress) -> tuple[Version, ...]:
        if self._staged:
            return self._store.add_staged(documents, self._who)
        new = _not_indexed(documents, self._index)
        vectors = embed_in_chunks(self._embed, [embedded_text(passage) for passage in new], tell)
        pending = self._store.add_pending(documents, self._who)
        try:
            self._index.add(new, vectors)
            self._store.go_live(pending)
        except BaseException:
            self._withdraw(pending, new)
            raise
        self._index.follow(self._store, self._embed)
        return pending

    def _withdraw(self, pending: Sequence[Version], new: Sequence[Passage]) -> None:
        """Leave no half document. What a full disk does not let us take back now, the next start does."""
        try:
            self._store.forget([version.row for version in pending])
            self._index.delete([passage.passage_id for passage in new])
        except KefuError as error:
            if error.code != "disk.full":
                raise

    def _report(self, document: PreparedDocument, version: Version, *, replaced: bool) -> IngestedDocument:
        shown = [p.passage for p in document.passages if p.duplicate_of is None and p.status == "live"]
        return IngestedDocument(
            id=document.document_id,
            source=document.source,
            title=document.title,
            status="replaced" if replaced else "added",
            passages=len(shown),
            dropped=self._store.dropped(version.row),
            cautions=sum(bool(passage.cautions) for passage in shown),
        )

    def _unchanged(self, version: Version) -> IngestedDocument:
        (summary,) = self._store.summaries(version.document_id)
        return IngestedDocument(
            id=version.document_id,
            source=version.source,
            title=version.title,
            status="unchanged",
            passages=summary.passages,
            dropped=self._store.dropped(version.row),
            cautions=summary.cautions,
        )


def _not_indexed(documents: Sequence[PreparedDocument], index: PassageIndex) -> list[Passage]:
    return [
        placed.passage
        for document in documents
        for placed in document.passages
        if placed.duplicate_of is None and placed.status == "live" and not index.has(placed.passage.passage_id)
    ]


def _name(path: Path, *, shipped: bool) -> str:
    """What identifies a file: its path; in the shipped library its place there, the same on every machine."""
    if shipped and path.is_relative_to(LIBRARY):
        return f"library/{path.relative_to(LIBRARY).as_posix()}"
    return named(path)


def _batches(files: Sequence[Path]) -> Iterator[list[Path]]:
    batch: list[Path] = []
    size = 0
    for path in files:
        batch.append(path)
        size += _size(path)
        if len(batch) >= BATCH_FILES or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _failed(name: str, title: str, error: dict[str, str], english: str = "") -> IngestedDocument:
    return IngestedDocument(
        id=document_id(name),
        source=name,
        title=printable(title),
        status="failed",
        passages=0,
        error=error,
        error_en=english,
    )
