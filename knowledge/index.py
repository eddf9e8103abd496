"""The vector index, in Chroma: derived from the store, never the truth; and the snapshot that searches read.

Chroma holds ids and vectors only, no text, so that an erased document leaves none behind here. Each generation of the
index is a folder of its own with the identity of the embedder that made it; `current.json` names the one in use, and is
replaced in one step when a new generation is whole.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.config import Settings
from chromadb.errors import ChromaError
from numpy.typing import NDArray
from pydantic import ValidationError

from knowledge.disk import full_disk_explained, is_full_disk
from knowledge.embedding import EmbeddingIdentity
from knowledge.values import Passage, Progress, Value

SCHEMA = 1
COLLECTION = "passages"
CURRENT = "current.json"
PAGE = 2000
CHUNK = 64

Vectors = NDArray[np.float32]
EmbedPassages = Callable[[Sequence[str]], Vectors]


class Manifest(Value):
    """Which generation is in use and what made it."""

    folder: str
    schema_version: int
    identity: EmbeddingIdentity


@dataclass(frozen=True)
class Snapshot:
    """What searches read, whole and unchanging: row i of `vectors` (float32 [n, dimension], length 1) is `passages[i]`."""

    number: int
    passages: tuple[Passage, ...]
    vectors: Vectors

    @cached_property
    def by_id(self) -> dict[str, Passage]:
        return {passage.passage_id: passage for passage in self.passages}


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
        self._vectors: dict[str, Vectors] = {}
        self._rebuild_reason = ""
        self.snapshot = Snapshot(0, (), np.zeros((0, identity.dimension), dtype=np.float32))

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
        wanted = {passage.passage_id: passage for passage in passages}
        missing = [passage for passage in passages if passage.passage_id not in self._vectors]
        stale = [known for known in self._vectors if known not in wanted]
        if missing:
            self.add(missing, embed_in_chunks(embed, [embedded_text(p) for p in missing], progress))
        self.delete(stale)
        self._publish(passages)
        reason, self._rebuild_reason = self._rebuild_reason, ""
        if reason:
            self._put_in_use()
        return Synchronised(added=len(missing), deleted=len(stale), rebuilt=reason)

    def add(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Put passages in, not yet in the snapshot. `vectors`: float32 [len(passages), dimension]."""
        page = min(PAGE, int(self._client.get_max_batch_size()))
        ids = [passage.passage_id for passage in passages]
        for first in range(0, len(ids), page):
            with full_disk_explained(self._folder):
                self._collection.upsert(ids=ids[first : first + page], embeddings=vectors[first : first + page])
        self._vectors.update(zip(ids, vectors, strict=True))

    def delete(self, ids: Sequence[str]) -> None:
        """Take passages out of the index; searches see them until the next `synchronise`."""
        page = min(PAGE, int(self._client.get_max_batch_size()))
        for first in range(0, len(ids), page):
            with full_disk_explained(self._folder):
                self._collection.delete(ids=list(ids[first : first + page]))
        for known in ids:
            self._vectors.pop(known, None)

    def has(self, passage_id: str) -> bool:
        return passage_id in self._vectors

    def nearest(self, query: Vectors, k: int) -> list[tuple[str, float]]:
        """Chroma's own answer: up to k ids with cosine similarity, best first. For checks and for very large indexes."""
        if not self._vectors:
            return []
        found = self._collection.query(
            query_embeddings=[query], n_results=min(k, len(self._vectors)), include=["distances"]
        )
        return [(i, 1.0 - float(d)) for i, d in zip(found["ids"][0], found["distances"][0], strict=True)]

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = self._collection = None

    def _publish(self, passages: Sequence[Passage]) -> None:
        """A new snapshot in one assignment: readers hold the old one until they ask again."""
        rows = [self._vectors[passage.passage_id] for passage in passages]
        vectors = np.stack(rows) if rows else np.zeros((0, self._identity.dimension), dtype=np.float32)
        vectors.setflags(write=False)
        # The map keeps views into the one matrix, so that vectors are in memory once.
        self._vectors = {passage.passage_id: vectors[i] for i, passage in enumerate(passages)}
        self.snapshot = Snapshot(self.snapshot.number + 1, tuple(passages), vectors)

    def _load(self, generation: Path) -> None:
        try:
            self._connect(generation, create=False)
            total = self._collection.count()
            for first in range(0, total, PAGE):
                page = self._collection.get(limit=PAGE, offset=first, include=["embeddings"])
                vectors = np.asarray(page["embeddings"], dtype=np.float32)
                self._vectors.update(zip(page["ids"], vectors, strict=True))
        except (ChromaError, OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
            if is_full_disk(error):
                raise
            self.close()
            self._vectors = {}
            self._rebuild_reason = "unreadable"

    def _start_generation(self) -> None:
        """A new, empty generation, not yet in use; what is in use on disk stays until this one is whole."""
        self._vectors = {}
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
                COLLECTION, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
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


def _read_manifest(folder: Path) -> Manifest | None:
    try:
        return Manifest.model_validate_json((folder / CURRENT).read_text(encoding="utf-8"))
    except (OSError, ValueError, ValidationError):
        return None
