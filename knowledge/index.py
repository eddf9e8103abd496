"""The vector index, in Chroma: derived from the store, never the truth; and the snapshot that searches read.

Chroma holds ids and vectors only, no text, so that an erased document leaves none behind here. Each generation of the
index is a folder of its own with the identity of the embedder that made it; `current.json` names the one in use, and is
replaced in one step when a new generation is whole.
"""

from __future__ import annotations

import itertools
import shutil
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import chromadb
import numpy as np
from chromadb.config import Settings
from chromadb.errors import ChromaError
from numpy.typing import NDArray
from pydantic import ValidationError

from knowledge.disk import full_disk_explained, is_full_disk
from knowledge.embedding import EmbeddingIdentity
from knowledge.fold import letters
from knowledge.growing import Growing
from knowledge.values import Passage, Progress, Value

SCHEMA = 1
COLLECTION = "passages"
CURRENT = "current.json"
PAGE = 2000
CHUNK = 64
HNSW: Any = {"space": "cosine", "ef_construction": 16, "max_neighbors": 8}
"""A thin graph: searches are exact over the snapshot, so Chroma's own graph only has to be quick to extend."""
SMALL = 2000
"""Up to so many passages are laid out and measured anew at every change, in the order of the store."""
DEAD = 0.1
"""A larger collection is laid out anew when so much of it is dead."""

Vectors = NDArray[np.float32]
EmbedPassages = Callable[[Sequence[str]], Vectors]


class Manifest(Value):
    """Which generation is in use and what made it."""

    folder: str
    schema_version: int
    identity: EmbeddingIdentity


class Canonical(Protocol):
    """Where the passages of this moment stand: knowledge/store."""

    def live_passages(self, of: Collection[str] | None = None) -> tuple[Passage, ...]: ...
    def take_touched(self) -> frozenset[str]: ...


@dataclass(frozen=True)
class Snapshot:
    """What searches read, whole and unchanging: row i of `vectors` (float32 [n, dimension], length 1) is `rows[i]`, which is
    found where `alive[i]`. While `layout` stays the same, rows are only added at the end, or die.
    """

    number: int
    layout: int
    rows: tuple[Passage, ...]
    alive: NDArray[np.bool_]
    vectors: Vectors
    places: Mapping[str, int]

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """What is found, in the order of the rows."""
        return self.rows if self.alive.all() else tuple(itertools.compress(self.rows, self.alive.tolist()))

    @cached_property
    def by_technique(self) -> Mapping[str, tuple[Passage, ...]]:
        """Passages that teach a technique, by the letters of each of its names: clean ones first, no bad examples."""
        found: dict[str, list[Passage]] = defaultdict(list)
        for passage in self.passages:
            if passage.kind != "bad_example":
                for name in {letters(technique) for technique in passage.techniques}:
                    found[name].append(passage)
        return {name: tuple(sorted(own, key=lambda p: bool(p.cautions))) for name, own in found.items()}

    def passage(self, passage_id: str) -> Passage | None:
        """None for an id that there is not, or not any more."""
        row = self.places.get(passage_id, len(self.rows))
        return self.rows[row] if row < len(self.rows) and self.alive[row] else None


@dataclass(frozen=True)
class Synchronised:
    """What bringing the index in line with the store took; `rebuilt` says why it was made anew, or is empty."""

    added: int
    deleted: int
    rebuilt: str = ""


def embedded_text(passage: Passage) -> str:
    """What of a passage is embedded: its text, which opens with its own heading.

    The whole trail in front of it costs 4 to 6 of 100 development queries (e5-small, the raw seed documents).
    """
    return passage.text


def embed_in_chunks(embed: EmbedPassages, texts: Sequence[str], progress: Progress | None) -> Vectors:
    """`embed(texts)`, a chunk at a time, so that progress shows. Texts of like length go together: little is padded."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    parts: list[Vectors] = []
    for first in range(0, len(order), CHUNK):
        if progress:
            progress("计算段落向量 / Embedding passages", first, len(texts))
        parts.append(embed([texts[i] for i in order[first : first + CHUNK]]))
    if not parts:
        return embed([])
    if progress:
        progress("计算段落向量 / Embedding passages", len(texts), len(texts))
    joined = np.concatenate(parts)
    out = np.empty_like(joined)
    out[order] = joined
    return out


class PassageIndex:
    """One writer at a time (KnowledgeBase sees to it); any number of readers of `snapshot`."""

    def __init__(self, folder: Path, identity: EmbeddingIdentity) -> None:
        self._folder = folder
        self._identity = identity
        self._client: Any = None
        self._collection: Any = None
        self._generation: Path | None = None
        self._coming: dict[str, Vectors] = {}  # in Chroma, not yet in the snapshot
        self._places: dict[str, int] = {}  # rows of the snapshot that Chroma holds too
        self._rows_of: dict[str, list[int]] = {}  # by document
        self._matrix: Growing[np.float32] = Growing(np.zeros((0, identity.dimension), dtype=np.float32))
        self._rebuild_reason = ""
        self._behind = True
        self.snapshot = Snapshot(0, 0, (), np.zeros(0, dtype=np.bool_), self._matrix.view, {})

    @classmethod
    def open(cls, folder: Path, identity: EmbeddingIdentity) -> PassageIndex:
        """The index in `folder`, made where it is missing, unreadable or of another model. Call `synchronise` next."""
        index = cls(folder, identity)
        with full_disk_explained(folder):
            folder.mkdir(parents=True, exist_ok=True)
            manifest = _read_manifest(folder)
            if manifest is None:
                index._rebuild_reason = "unreadable" if any(folder.iterdir()) else "missing"
            elif manifest.identity != identity or manifest.schema_version != SCHEMA:
                index._rebuild_reason = "model_changed"
            else:
                index._load(folder / manifest.folder)
            if index._rebuild_reason:
                index._start_generation()
        return index

    def synchronise(
        self, passages: Sequence[Passage], embed: EmbedPassages, progress: Progress | None = None
    ) -> Synchronised:
        """Make index and snapshot hold exactly `passages`, embedding only what is new."""
        wanted = {passage.passage_id for passage in passages}
        missing = [passage for passage in passages if not self.has(passage.passage_id)]
        stale = [known for known in (*self._places, *self._coming) if known not in wanted]
        self._take_in(missing, embed, progress)
        self.delete(stale)
        self._publish(passages)
        reason, self._rebuild_reason = self._rebuild_reason, ""
        if reason:
            self._put_in_use()
        return Synchronised(added=len(missing), deleted=len(stale), rebuilt=reason)

    def follow(self, store: Canonical, embed: EmbedPassages, progress: Progress | None = None) -> Synchronised:
        """Bring index and snapshot in line with what was just written. Of a large collection only the documents that were
        touched are looked at; a small one is laid out anew, in the store's order.
        """
        touched = store.take_touched()
        rows, dead = len(self.snapshot.rows), np.count_nonzero(~self.snapshot.alive)
        all_anew = rows <= SMALL or dead > DEAD * rows or self._behind
        self._behind = True  # unless what follows comes to its end
        if all_anew:
            done = self.synchronise(store.live_passages(), embed, progress)
        else:
            done = self._change(touched, store.live_passages(touched), embed, progress)
        self._behind = False
        return done

    def _change(
        self, documents: Collection[str], passages: Sequence[Passage], embed: EmbedPassages, progress: Progress | None
    ) -> Synchronised:
        """Some documents have exactly `passages` now; the others are as they were."""
        old = self.snapshot
        wanted = {passage.passage_id: passage for passage in passages}
        held = [row for document in documents for row in self._rows_of.get(document, ()) if old.alive[row]]
        stays = {old.rows[row].passage_id for row in held if wanted.get(old.rows[row].passage_id) == old.rows[row]}
        missing = [passage for passage in passages if not self.has(passage.passage_id)]
        self._take_in(missing, embed, progress)
        gone = [row for row in held if old.rows[row].passage_id not in stays]
        stale = [old.rows[row].passage_id for row in gone if old.rows[row].passage_id not in wanted]
        self.delete(stale)
        new = [passage for passage in passages if passage.passage_id not in stays]
        if gone or new:
            self._append(new, gone)
        return Synchronised(added=len(missing), deleted=len(stale))

    def _take_in(self, missing: Sequence[Passage], embed: EmbedPassages, progress: Progress | None) -> None:
        if missing:
            self.add(missing, embed_in_chunks(embed, [embedded_text(p) for p in missing], progress))

    def add(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Put passages in, not yet in the snapshot. `vectors`: float32 [len(passages), dimension]."""
        page = min(PAGE, int(self._client.get_max_batch_size()))
        ids = [passage.passage_id for passage in passages]
        for first in range(0, len(ids), page):
            with full_disk_explained(self._folder):
                self._collection.upsert(ids=ids[first : first + page], embeddings=vectors[first : first + page])
        self._coming.update(zip(ids, vectors, strict=True))

    def delete(self, ids: Sequence[str]) -> None:
        """Take passages out of the index; searches see them until the next snapshot."""
        page = min(PAGE, int(self._client.get_max_batch_size()))
        for first in range(0, len(ids), page):
            with full_disk_explained(self._folder):
                self._collection.delete(ids=list(ids[first : first + page]))
        for known in ids:
            self._coming.pop(known, None)
            self._places.pop(known, None)

    def has(self, passage_id: str) -> bool:
        return passage_id in self._places or passage_id in self._coming

    def nearest(self, query: Vectors, k: int) -> list[tuple[str, float]]:
        """Chroma's own answer: up to k ids with cosine similarity, best first. Approximate; for checks."""
        held = len(self._places) + len(self._coming)
        if not held:
            return []
        found = self._collection.query(query_embeddings=[query], n_results=min(k, held), include=["distances"])
        return [(i, 1.0 - float(d)) for i, d in zip(found["ids"][0], found["distances"][0], strict=True)]

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = self._collection = None

    def _publish(self, passages: Sequence[Passage]) -> None:
        """A new snapshot, laid out anew, in one assignment: readers hold the old one until they ask again."""
        vectors = np.empty((len(passages), self._identity.dimension), dtype=np.float32)
        for row, passage in enumerate(passages):
            vectors[row] = self._vector(passage.passage_id)
        self._matrix = Growing(vectors)
        self._coming, self._places, self._rows_of = {}, {}, {}
        self._settle(passages, 0)
        alive = np.ones(len(passages), dtype=np.bool_)
        self._swap(tuple(passages), alive, self.snapshot.layout + 1)

    def _append(self, new: Sequence[Passage], gone: Sequence[int]) -> None:
        """A new snapshot in the same layout: `new` at the end, the rows `gone` dead."""
        old = self.snapshot
        if new:
            self._matrix.append(np.stack([self._vector(passage.passage_id) for passage in new]))
        alive = np.concatenate((old.alive, np.ones(len(new), dtype=np.bool_)))
        alive[list(gone)] = False
        for row in gone:
            self._rows_of[old.rows[row].document_id].remove(row)
        self._settle(new, len(old.rows))
        self._swap((*old.rows, *new), alive, old.layout)

    def _vector(self, passage_id: str) -> Vectors:
        coming = self._coming.get(passage_id)
        return coming if coming is not None else self._matrix.view[self._places[passage_id]]

    def _settle(self, passages: Sequence[Passage], first: int) -> None:
        for row, passage in enumerate(passages, start=first):
            self._places[passage.passage_id] = row
            self._rows_of.setdefault(passage.document_id, []).append(row)
            self._coming.pop(passage.passage_id, None)

    def _swap(self, rows: tuple[Passage, ...], alive: NDArray[np.bool_], layout: int) -> None:
        alive.setflags(write=False)
        number = self.snapshot.number + 1
        self.snapshot = Snapshot(number, layout, rows, alive, self._matrix.view, self._places)

    def _load(self, generation: Path) -> None:
        try:
            self._connect(generation, create=False)
            total = self._collection.count()
            for first in range(0, total, PAGE):
                page = self._collection.get(limit=PAGE, offset=first, include=["embeddings"])
                vectors = np.asarray(page["embeddings"], dtype=np.float32)
                self._coming.update(zip(page["ids"], vectors, strict=True))
        except (ChromaError, OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
            if is_full_disk(error):
                raise
            self.close()
            self._coming = {}
            self._rebuild_reason = "unreadable"

    def _start_generation(self) -> None:
        """A new, empty generation, not yet in use; what is in use on disk stays until this one is whole."""
        self._coming = {}
        self._connect(self._folder / f"generation-{uuid.uuid4().hex[:12]}", create=True)

    def _connect(self, generation: Path, *, create: bool) -> None:
        if not create and not generation.is_dir():
            raise FileNotFoundError(generation)
        self._generation = generation
        self._client = chromadb.PersistentClient(
            path=str(generation), settings=Settings(anonymized_telemetry=False, is_persistent=True)
        )
        if create:
            self._collection = self._client.create_collection(
                COLLECTION, configuration={"hnsw": HNSW}, embedding_function=None
            )
        else:
            self._collection = self._client.get_collection(COLLECTION, embedding_function=None)

    def _put_in_use(self) -> None:
        assert self._generation is not None
        manifest = Manifest(folder=self._generation.name, schema_version=SCHEMA, identity=self._identity)
        new = self._folder / f"{CURRENT}.new"
        with full_disk_explained(self._folder):
            new.write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
            new.replace(self._folder / CURRENT)
        for path in self._folder.iterdir():
            if path.is_dir() and path.name != self._generation.name:
                shutil.rmtree(path, ignore_errors=True)


def vectors_on_disk(folder: Path, identity: EmbeddingIdentity) -> dict[str, Vectors] | None:
    """What the index in `folder` holds, by passage id; None when it is missing, unreadable or of another model."""
    manifest = _read_manifest(folder)
    if manifest is None or manifest.identity != identity or manifest.schema_version != SCHEMA:
        return None
    index = PassageIndex(folder, identity)
    index._load(folder / manifest.folder)
    held = None if index._rebuild_reason else index._coming
    index.close()
    return held


def leftovers(folder: Path) -> tuple[Path, ...]:
    """What lies in an index's folder and belongs to no index in use."""
    manifest = _read_manifest(folder)
    if manifest is None or not folder.is_dir():
        return ()
    return tuple(sorted(path for path in folder.iterdir() if path.name not in (CURRENT, manifest.folder)))


def _read_manifest(folder: Path) -> Manifest | None:
    try:
        return Manifest.model_validate_json((folder / CURRENT).read_text(encoding="utf-8"))
    except (OSError, ValueError, ValidationError):
        return None
