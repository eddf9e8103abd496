"""The one door to a KEFU_HOME's knowledge: documents in, passages out. One process owns it while it is open."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge import imagined
from knowledge.coverage import SituationCoverage, coverage
from knowledge.curation import Curation
from knowledge.embedding import Embedder
from knowledge.embedding.loading import Precision
from knowledge.embedding.shipped import recalled
from knowledge.enrichment import Enrichment
from knowledge.errors import KefuError
from knowledge.fold import letters
from knowledge.history import Versions
from knowledge.index import PassageIndex, Synchronised, Vectors, embed_in_chunks, embedded_text
from knowledge.ingest.ingestion import Ingestion
from knowledge.kept_words import forget
from knowledge.matching import SituationMatcher
from knowledge.owner import HomeLock
from knowledge.prepared import said_of
from knowledge.review import Review, settle
from knowledge.search import Searcher
from knowledge.situations import SituationCatalogue
from knowledge.store import KnowledgeStore, Place, Version
from knowledge.values import (
    Cautioner,
    DocumentDetail,
    DocumentSummary,
    IngestReport,
    Passage,
    Progress,
    SearchAnswer,
    SituationMatch,
)

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever

STORE = "knowledge.db"
INDEX = "index"
CACHE = "cache"


class KnowledgeBase:
    """Open it once per process; every method may be called from any thread. Searches go on during an ingest, on what was
    there before, until the new documents are whole.
    """

    def __init__(
        self,
        home: Path,
        lock: HomeLock,
        store: KnowledgeStore,
        index: PassageIndex,
        embedder: Embedder,
        cautioner: Cautioner | None,
        catalogue: SituationCatalogue,
    ) -> None:
        self._home = home
        self._lock = lock
        self._store = store
        self._index = index
        self._embedder = embedder
        self._cautioner = cautioner
        self._writing = threading.RLock()
        self._starting = threading.Lock()
        self._searcher: Searcher | None = None
        self.catalogue = catalogue
        self.repairs: tuple[str, ...] = ()
        self.review = Review(store, self._writing, self._publish)
        self.curation = Curation(store, self._writing, self._publish, cautioner, catalogue)
        self.versions = Versions(store, self._writing, self._publish)
        self.enrichment = Enrichment(store.suggestions, self)

    @classmethod
    def open(
        cls,
        home: Path,
        *,
        embedding_model: str = "",
        embedding_precision: Precision = "fp32",
        cautioner: Cautioner | None = None,
        progress: Progress | None = None,
        embedder: Embedder | None = None,
        catalogue: SituationCatalogue | None = None,
    ) -> KnowledgeBase:
        """Own `home` and repair what a killed ingest left (`repairs` says what, in Chinese).

        Raises KefuError: "home.in_use", "home.not_writable", "disk.full", and what opening the embedder raises.
        `embedder` takes the place of the one that `embedding_model` names, `catalogue` that of the shipped one.
        """
        lock = HomeLock.acquire(home)
        store: KnowledgeStore | None = None
        index: PassageIndex | None = None
        try:
            model = embedder or Embedder.open(home, embedding_model, progress, embedding_precision)
            store = KnowledgeStore.open(home / STORE)
            index = PassageIndex.open(home / INDEX, model.identity)
            situations = catalogue or SituationCatalogue.load()
            base = cls(home, lock, store, index, model, cautioner, situations)
            base.repairs = base._repair(progress)
        except BaseException:
            if index is not None:
                index.close()
            if store is not None:
                store.close()
            lock.release()
            raise
        return base

    @property
    def embedder(self) -> Embedder:
        """The model that this home's vectors come from."""
        return self._embedder

    def close(self) -> None:
        """Let go of the home. Safe to call twice."""
        with self._writing:
            self._index.close()
            self._store.close()
            self._lock.release()

    # --- documents ---------------------------------------------------------------------------------------------------

    def ingest(
        self, paths: Sequence[Path], *, shipped: bool = False, progress: Progress | None = None, who: str = ""
    ) -> IngestReport:
        """Read files and folders in, live at once. A file that cannot be read is reported as failed and the others go on.

        Raises KefuError "disk.full"; documents that were whole by then stay, the one at hand leaves nothing.
        """
        with self._writing:
            report = self._ingestion(who).run(paths, shipped=shipped, progress=progress)
            self._refresh_search(progress)
        return report

    def stage(self, paths: Sequence[Path], *, who: str = "", progress: Progress | None = None) -> IngestReport:
        """Read files and folders in for `review`: no search sees them before they are approved."""
        with self._writing:
            return self._ingestion(who).run(paths, shipped=False, progress=progress, staged=True)

    def _ingestion(self, who: str) -> Ingestion:
        return Ingestion(self._store, self._index, self._embed, self._cautioner, who)

    def documents(self) -> tuple[DocumentSummary, ...]:
        return self._store.summaries()

    def document(self, document_id: str) -> DocumentDetail:
        """A document with its passages and what was dropped of it. Raises KefuError "document.unknown"."""
        return self._store.detail(self._live(document_id))

    def source_text(self, document_id: str) -> str:
        """The text of a document as decoded; passages' offsets count in it. Raises KefuError "document.unknown"."""
        return self._store.source_text(self._live(document_id).document_id)

    def remove(self, document_id: str) -> None:
        """Erase a document with all its versions from store, index and disk. Raises KefuError "document.unknown"."""
        with self._writing:
            self._live(document_id)
            self._store.forget([version.row for version in self._store.editions.of_document(document_id)])
            self._synchronise()
            self._refresh_search()
            if self._searcher is None:  # else what it keeps was written anew
                forget(self._home / CACHE, [said_of(p) for p in self._index.snapshot.passages])
                imagined.forget(self._home / CACHE)
            self._store.erase()

    def set_in_use(self, document_id: str, who: str, *, searched: bool) -> None:
        """Take a whole document out of search, or put it back. Raises KefuError "document.unknown"."""
        with self._writing:
            version = self._live(document_id)
            if searched:
                settle(self._store, version, self._store.editions.placed(version.row))
            new = self._store.passages_of_row(version.row) if searched else ()
            self._publish(new, lambda: self._store.set_in_use(version, searched=searched, who=who))

    def _live(self, document_id: str) -> Version:
        found = self._store.editions.in_state(("live", "retired"), document_id)
        if not found:
            raise KefuError(
                "document.unknown",
                f"没有编号为 {document_id} 的文档。用 kefu documents 查看现有文档。",
                f"There is no document {document_id}. List them with kefu documents.",
            )
        return found[0]

    # --- passages ----------------------------------------------------------------------------------------------------

    def passage(self, passage_id: str) -> Passage | None:
        return self._index.snapshot.passage(passage_id)

    def places(self, passage_id: str) -> tuple[Place, ...]:
        """Everywhere that a passage's text stands: its own document first, then those that repeat it."""
        return self._store.places(passage_id)

    def passages_of_technique(self, technique: str) -> tuple[Passage, ...]:
        """Passages that teach a technique, by any of its names: clean ones first, the library first; no bad examples."""
        return self._index.snapshot.by_technique.get(letters(technique), ())

    # --- searching ---------------------------------------------------------------------------------------------------

    def prepare(self, progress: Progress | None = None) -> None:
        """Learn the situations and read the passages' words, which the first search needs; what is kept of an earlier time is taken."""
        with self._starting:
            if self._searcher is None:
                cache = self._home / CACHE
                matcher = SituationMatcher(self.catalogue, self._embedder, cache, progress)
                self._searcher = Searcher(self._index, self._embedder, matcher, cache)
            self._refresh_search(progress)

    def match(self, texts: Sequence[str]) -> tuple[SituationMatch, ...]:
        """The situations of the catalogue that the words resemble, best first."""
        return self._search().match(texts)

    def search(self, texts: Sequence[str], k: int = 5) -> SearchAnswer:
        """Passages for one query, or for a customer's bubbles (oldest first)."""
        return self._search().search(texts, k)

    def search_many(self, queries: Sequence[Sequence[str]], k: int = 5) -> list[SearchAnswer]:
        """`search` for each, embedded together."""
        return self._search().search_many(queries, k)

    def situations_of(self, passage_id: str, k: int = 3) -> tuple[tuple[str, float], ...]:
        """The situations that a passage serves best, as search sees it: (id, affinity), best first."""
        return self._search().situations_of(passage_id, k)

    def coverage(self) -> tuple[SituationCoverage, ...]:
        """What there is for each situation of the catalogue: what passages say, and what search takes them to serve."""
        passages = self._index.snapshot.passages
        return coverage(self.catalogue, passages, self._search().found_for() if passages else {})

    def found_of(self, passage_id: str) -> tuple[str, ...]:
        """The situations that search takes a passage to serve by what it says, best first; none while it is not in use."""
        return self._search().found_of(passage_id)

    def passages_for(self, situation_id: str, k: int = 5) -> tuple[Passage, ...]:
        """Passages that search would bring for a situation, whether or not they say that they serve it; best first."""
        return self._search().passages_for(situation_id, k)

    def passages(self) -> tuple[Passage, ...]:
        """Everything that searches may find."""
        return self._index.snapshot.passages

    def follow_questions(self) -> None:
        """Search by what was imagined for passages, as it stands in the store now."""
        self._refresh_search()

    def as_retriever(self, k: int = 5) -> BaseRetriever:
        """LangChain's face of the search."""
        from knowledge.retriever import PassageRetriever

        return PassageRetriever(searches=self, k=k)

    def _search(self) -> Searcher:
        if self._searcher is None:
            self.prepare()
        assert self._searcher is not None
        return self._searcher

    def _refresh_search(self, progress: Progress | None = None) -> None:
        if self._searcher is not None:
            self._searcher.prepare(progress)
            self._searcher.adopt(self._store.suggestions.questions())

    def _publish(self, new: Sequence[Passage], commit: Callable[[], None], progress: Progress | None = None) -> None:
        """Knowledge's one way to change what is live: vectors into the index, `commit` into the store, then the snapshot.
        A process that dies in between leaves the old version or the new one, and an index that the next start mends.
        """
        with self._writing:
            missing = [passage for passage in new if not self._index.has(passage.passage_id)]
            texts = [embedded_text(passage) for passage in missing]
            self._index.add(missing, embed_in_chunks(self._embed, texts, progress))
            try:
                commit()
            except BaseException:
                self._index.delete([passage.passage_id for passage in missing])
                raise
            self._synchronise(progress)
            self._refresh_search(progress)

    # --- upkeep ------------------------------------------------------------------------------------------------------

    def _synchronise(self, progress: Progress | None = None) -> Synchronised:
        return self._index.follow(self._store, self._embed, progress)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        """Passages' vectors; those of the shipped manuals come with the project."""
        identity = self._embedder.identity
        return recalled(texts, self._embedder.passages, identity, identity.passage_prompt)

    def _repair(self, progress: Progress | None) -> tuple[str, ...]:
        """Finish what was written but not indexed, name what was not begun, bring the index in line with the store."""
        said: list[str] = []
        pending = self._store.versions("pending")
        if pending:
            self._store.go_live(pending)
            titles = "、".join(f"「{version.title}」" for version in pending)
            said.append(f"上次导入在中途停止:{titles} 已补完索引,现在可以使用。")
        undone = self._store.unfinished_work()
        if undone:
            names = "、".join(f"「{Path(source).name}」" for source in undone[:5])
            more = f" 等 {len(undone)} 个文件" if len(undone) > 5 else ""
            said.append(f"上次导入在中途停止:{names}{more}没有导入,没有留下半成品;请再导入一次。")
            self._store.end_work()
        had_passages = bool(self._store.versions("live"))
        done = self._synchronise(progress)
        if done.rebuilt == "model_changed":
            said.append(f"向量模型或文字规范化方式变了:已用新的模型重建索引({done.added} 段)。")
        elif done.rebuilt and had_passages and not pending:
            said.append(f"索引缺失或无法读取:已从知识库重建({done.added} 段)。")
        elif not done.rebuilt and not pending and (done.added or done.deleted):
            said.append(f"索引与知识库不一致:补上 {done.added} 段,删去 {done.deleted} 段。")
        return tuple(said)
