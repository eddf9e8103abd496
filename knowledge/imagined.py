"""What a chat model imagined customers to say when a passage is needed: votes for that passage from the nearest of them.

Derived from the store's suggestions and from the embedder; nothing here is asked where nothing was imagined.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import Embedder
from knowledge.kept import read_kept, write_kept
from knowledge.matching import LEXICAL, SOUND, SituationMatcher
from knowledge.ngrams import NgramIndex, sounds

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]
Imagined = Mapping[str, Sequence[str]]
"""Questions by the id of the passage that they were imagined for."""

NEAREST, GAMMA, WEIGHT = 30, 3.0, 8.0
"""So many questions vote, each with how close it is (as the matcher measures it, but steeper); what a passage's questions
vote together counts so much beside the meaning's 1 (docs/decisions/retrieval.md, "Imagined questions")."""
KEPT = "imagined-*.npz"
CHUNK = 256


@dataclass(frozen=True)
class Questions:
    """All questions of a moment: `owners` [questions] passages' ids, `vectors` [questions, dimension] centred, `drawn`
    [questions] how close each is to what customers say on the whole, which is no merit.
    """

    texts: tuple[str, ...]
    owners: tuple[str, ...]
    vectors: Floats
    drawn: Floats
    grams: NgramIndex
    sounds: NgramIndex

    def rows(self, row_of: Mapping[str, int]) -> Rows:
        """[questions] the place of each one's passage, -1 for one that is not there."""
        return np.array([row_of.get(owner, -1) for owner in self.owners], dtype=np.intp)

    def closeness(self, text: str, vector: Floats) -> Floats:
        """[questions] how close each is to what was said; `vector` [dimension] is that, centred."""
        meant = np.exp(GAMMA * (self.vectors @ vector - 1)) - self.drawn
        shared = LEXICAL * self.grams.similarities(text) + SOUND * self.sounds.similarities(text)
        return np.asarray(np.maximum((1 - LEXICAL - SOUND) * meant + shared, 0), dtype=np.float32)

    def votes(self, closeness: Floats, rows: Rows, passages: int) -> Floats:
        """[passages] what the nearest questions speak for each."""
        there = np.flatnonzero(rows >= 0)
        nearest = there[np.argsort(-closeness[there], kind="stable")[:NEAREST]]
        out = np.zeros(passages, dtype=np.float32)
        np.add.at(out, rows[nearest], np.float32(WEIGHT) * closeness[nearest])
        return out


class ImaginedQuestions:
    """Keeps `now` in line with what was imagined; any thread may read it, and it is swapped whole."""

    def __init__(self, embedder: Embedder, matcher: SituationMatcher, cache: Path | None = None) -> None:
        """`cache` is a folder that keeps the questions' vectors between starts; it may be deleted at any time."""
        self._embedder = embedder
        self._matcher = matcher
        self._cache = cache
        self._known: dict[str, Floats] | None = None
        self._adopting = threading.Lock()
        self.now: Questions | None = None

    def adopt(self, imagined: Imagined) -> None:
        """Search by these from now on; only questions that were not there before are embedded."""
        texts = tuple(text for own in imagined.values() for text in own)
        owners = tuple(passage for passage, own in imagined.items() for _ in own)
        with self._adopting:
            now = self.now
            if (now.texts, now.owners) == (texts, owners) if now else not texts and self._known == {}:
                return
            vectors = self._vectors(texts)
            self.now = self._laid_out(texts, owners, vectors) if texts else None

    def _laid_out(self, texts: tuple[str, ...], owners: tuple[str, ...], vectors: Floats) -> Questions:
        centred = self._matcher.centre(vectors)
        customers = self._matcher.customers
        drawn = np.zeros(len(texts), dtype=np.float32)
        for first in range(0, len(texts) if len(customers) else 0, CHUNK):
            close = centred[first : first + CHUNK] @ customers.T
            drawn[first : first + CHUNK] = np.exp(GAMMA * (close - 1)).mean(axis=1)
        return Questions(texts, owners, centred, drawn, NgramIndex(texts), NgramIndex(texts, sounds))

    def _vectors(self, texts: Sequence[str]) -> Floats:
        """float32 [texts, dimension]; what is kept of questions that are gone is forgotten."""
        known = self._remembered() if self._known is None else self._known
        marks = [_mark(text) for text in texts]
        new = {mark: text for mark, text in zip(marks, texts, strict=True) if mark not in known}
        wanted = dict.fromkeys(marks)
        if new:
            known = known | dict(zip(new, self._embedder.queries(list(new.values())), strict=True))
        kept = {mark: known[mark] for mark in wanted}
        if self._cache is not None and (new or len(kept) < len(known)):
            self._keep(self._cache, kept)
        self._known = kept
        return np.stack([kept[mark] for mark in marks]) if marks else self._embedder.queries([])

    def _remembered(self) -> dict[str, Floats]:
        kept = read_kept(self._file(self._cache) if self._cache else None) or {}
        marks, vectors = kept.get("marks"), kept.get("vectors")
        if marks is None or vectors is None or vectors.shape != (len(marks), self._embedder.identity.dimension):
            return {}
        return dict(zip(marks.tolist(), vectors, strict=True))

    def _keep(self, cache: Path, kept: Mapping[str, Floats]) -> None:
        if not kept:
            forget(cache)
            return
        arrays = {"marks": np.array(list(kept), dtype="U16"), "vectors": np.stack(list(kept.values()))}
        write_kept(self._file(cache), arrays, instead_of=cache.glob(KEPT))

    def _file(self, cache: Path) -> Path:
        return cache / f"imagined-{self._embedder.identity.key}.npz"


def forget(cache: Path) -> None:
    """Take away what is kept of questions; it is made again of those that are left."""
    for path in cache.glob(KEPT):
        path.unlink(missing_ok=True)


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
