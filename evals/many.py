"""A knowledge base of any size for the benchmark: real texts shaken together, vectors near the real ones, no model run."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from knowledge.embedding import Embedder
from knowledge.embedding.embedder import Vectors
from knowledge.index import PassageIndex
from knowledge.kept_words import KeptWords, marks_of
from knowledge.lexical import Cutter, LexicalIndex
from knowledge.store import KnowledgeStore, PlacedPassage, PreparedDocument
from knowledge.values import Passage

PER_DOCUMENT = 200


def fill(home: Path, embedder: Embedder, sample: Sequence[Passage], vectors: Vectors, count: int) -> None:
    """`count` passages into the store and the index of `home`, made of the sentences of `sample`."""
    chance, noise = random.Random(7), np.random.default_rng(7)
    sentences = sorted({s for p in sample for s in p.text.replace("\n", "。").split("。") if len(s) > 4})
    store = KnowledgeStore.open(home / "knowledge.db")
    index = PassageIndex.open(home / "index", embedder.identity)
    index.synchronise((), embedder.passages)
    words = _Words(home / "cache")
    for first in range(0, count, PER_DOCUMENT):
        document = _document(first, min(PER_DOCUMENT, count - first), sample, sentences, chance)
        passages = [placed.passage for placed in document.passages]
        like = vectors[noise.integers(len(vectors), size=len(passages))]
        near = like + noise.normal(0, 0.02, like.shape)
        near /= np.linalg.norm(near, axis=1, keepdims=True)
        store.go_live(store.add_pending([document]))
        index.add(passages, np.asarray(near, dtype=np.float32))
        words.add(passages)
    words.keep()
    index.close()
    store.close()


class _Words:
    """The passages' words, put together from those of their sentences: cutting each passage would take minutes."""

    def __init__(self, cache: Path) -> None:
        self._cutter = Cutter(cache)
        self._kept = KeptWords(cache, self._cutter)
        self._terms: dict[str, list[str]] = {}
        self._said: list[str] = []
        self._documents: list[list[str]] = []

    def add(self, passages: Sequence[Passage]) -> None:
        for passage in passages:
            said = f"{passage.section}\n{passage.text}"
            parts = [passage.section, *passage.text.split("。")]
            self._said.append(said)
            self._documents.append([term for part in parts for term in self._of(part)])

    def keep(self) -> None:
        self._kept.keep(LexicalIndex(self._documents), marks_of(self._said), np.ones(len(self._said), dtype=np.bool_))

    def _of(self, part: str) -> list[str]:
        if part not in self._terms:
            self._terms[part] = self._cutter.terms(part)
        return self._terms[part]


def _document(
    number: int, size: int, sample: Sequence[Passage], sentences: Sequence[str], chance: random.Random
) -> PreparedDocument:
    name, placed, text = f"many-{number}", [], ""
    for i in range(size):
        like = chance.choice(sample)
        said = f"{number + i}号。" + "。".join(chance.choices(sentences, k=4))
        own = like.model_copy(
            update={
                "passage_id": f"{number + i:016x}",
                "document_id": name,
                "document": name,
                "text": said,
                "start": len(text),
                "end": len(text) + len(said),
            }
        )
        text += said + "\n"
        marks = tuple(chance.randrange(2**32) for _ in range(8))
        placed.append(PlacedPassage(passage=own, segments=((own.start, own.end),), marks=marks))
    return PreparedDocument(
        document_id=name,
        source=name,
        title=name,
        shipped=False,
        content_hash=name,
        encoding="utf-8",
        pipeline=1,
        text=text,
        passages=tuple(placed),
        cuts=(),
    )
