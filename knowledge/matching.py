"""Words to situations and topics of the catalogue, by the exemplars that were authored for each.

A kernel ridge classifier over all exemplars: the kernel adds the closeness of centred embeddings (the exemplars' mean is
taken off, since every e5 vector shares it, which makes hubs) to the cosines of n-grams of characters and of sounds (terse
messages share characters where they share no meaning that a small model sees, mistyped ones sounds). Ridge has its leave-one-out predictions in closed form
(every exemplar scored as if it had not been there), and those calibrate the scores: no training loop, no random seed.

It is learnt twice: over the situations alone, for what a customer wants, and over situations and topics, for finding
passages. A topic must not take a customer's wish away, and a wish must not hide what an agent asks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import Embedder
from knowledge.embedding.shipped import recalled
from knowledge.kept import Arrays, read_kept, write_kept
from knowledge.ngrams import NgramIndex, sounds
from knowledge.ridge import Matrix, inverse_root, logistic, one_hot, solved
from knowledge.situations import SituationCatalogue
from knowledge.values import Progress, SituationMatch

Floats = NDArray[np.float32]

VERSION = 4
GAMMA, LEXICAL, SOUND, RIDGE = 2.0, 0.15, 0.15, 0.4
"""Chosen by leave-one-out accuracy over the shipped catalogue (docs/decisions/retrieval.md); flat around these values."""
CHUNK = 256
_MANY = 16
"""Texts from which one product of sparse matrices is quicker than going through the n-grams of each."""


@dataclass(frozen=True)
class Fit:
    """What the exemplars teach: `weights` [exemplars, entries], the logistic curve that turns a score into a
    probability, and how often the right situation was first, and among the first three, leave-one-out.
    """

    weights: Floats
    slope: float
    intercept: float
    first: float
    first_three: float

    def probabilities(self, kernel: Floats) -> Floats:
        """[texts, entries] from `kernel` [texts, exemplars]"""
        scores = kernel @ self.weights
        return np.asarray(1 / (1 + np.exp(-(self.slope * scores + self.intercept))), dtype=np.float32)

    @property
    def numbers(self) -> list[float]:
        return [self.slope, self.intercept, self.first, self.first_three]


@dataclass(frozen=True)
class Reading:
    """Texts as the exemplars see them: `kernel` [texts, exemplars] how close each exemplar is, `probabilities`
    [texts, situations] in [0, 1] how likely each situation, `votes` [texts, situations and topics] the same over both;
    rows need not add up to 1.
    """

    matcher: SituationMatcher
    kernel: Floats
    probabilities: Floats
    votes: Floats

    def best(self, k: int = 5) -> tuple[SituationMatch, ...]:
        """The k likeliest situations over all texts, each with the text that says so and the nearest exemplar."""
        if not self.kernel.size:
            return ()
        highest = self.probabilities.max(axis=0)
        order = np.argsort(-highest, kind="stable")[:k]
        return tuple(self._match(int(i), int(np.argmax(self.probabilities[:, i])), float(highest[i])) for i in order)

    def vote(self, entry: int) -> SituationMatch:
        """What speaks for a situation or topic, by its place in `catalogue.everything`."""
        text = int(np.argmax(self.votes[:, entry]))
        return self._match(entry, text, float(self.votes[text, entry]))

    def nearest(self, text: int, entry: int) -> str:
        """The exemplar of an entry that a text is closest to."""
        own = self.matcher.exemplars_of(entry)
        closest = int(own[int(np.argmax(self.kernel[text, own]))])
        return self.matcher.exemplars[closest]

    def _match(self, row: int, text: int, score: float) -> SituationMatch:
        entry = self.matcher.catalogue.everything[row]
        return SituationMatch(
            situation_id=entry.id,
            name=entry.name,
            stage=entry.stage,
            score=score,
            exemplar=self.nearest(text, row),
            text_index=text,
        )


class SituationMatcher:
    """Matches texts to situations. `customers` [exemplars, dim] are the centred exemplars:
    the sample of what customers write by which hubs are known."""

    def __init__(
        self,
        catalogue: SituationCatalogue,
        embedder: Embedder,
        cache: Path | None = None,
        progress: Progress | None = None,
    ) -> None:
        """`cache` is a folder that keeps the exemplars' vectors between starts; it may be deleted at any time."""
        self.catalogue = catalogue
        self._embedder = embedder
        self.exemplars = tuple(x for e in catalogue.everything for x in e.exemplars)
        self._labels = np.array([i for i, e in enumerate(catalogue.everything) for _ in e.exemplars], dtype=np.intp)
        self._wishes = sum(len(e.exemplars) for e in catalogue.entries)
        if not self._recall(cache):
            self._ngrams, self._sounds = NgramIndex(self.exemplars), NgramIndex(self.exemplars, sounds)
            self._prepare(self._embed(self._remembered(cache), progress))
            self.fit, self.fit_both = self._learn()
            self._keep(cache)

    def _prepare(self, vectors: Floats) -> None:
        self.exemplar_vectors = vectors
        self.mean: Floats = vectors.mean(axis=0) if len(vectors) else np.zeros(vectors.shape[1], dtype=np.float32)
        self.customers = self.centre(vectors)

    def centre(self, vectors: Floats) -> Floats:
        """Query vectors without what all customers' messages share, again of length 1."""
        centred = vectors - self.mean
        length = np.linalg.norm(centred, axis=1, keepdims=True)
        return np.ascontiguousarray(centred / np.maximum(length, 1e-9), dtype=np.float32)

    # --- matching ---

    def match(self, texts: Sequence[str], k: int = 5) -> tuple[SituationMatch, ...]:
        """The situations that `texts` (a query, or a customer's bubbles) resemble, best first, at most k."""
        return self.read(texts, self._embedder.queries(texts)).best(k)

    def read(self, texts: Sequence[str], vectors: Floats) -> Reading:
        """What the exemplars say of `texts`, from their query vectors [texts, dim]."""
        kernel = self._kernel(texts, vectors)
        wishes = self.fit.probabilities(kernel[:, : self._wishes])
        return Reading(self, kernel, wishes, self.fit_both.probabilities(kernel))

    def exemplars_of(self, entry: int) -> NDArray[np.intp]:
        """The rows of `exemplars` that were authored for an entry, by its place in `catalogue.everything`."""
        return np.flatnonzero(self._labels == entry)

    def _kernel(self, texts: Sequence[str], vectors: Floats) -> Floats:
        """[texts, exemplars]"""
        if not len(texts) or not self.exemplars:
            return np.zeros((len(texts), len(self.exemplars)), dtype=np.float32)
        dense = np.exp(GAMMA * (self.centre(vectors) @ self.customers.T - 1))
        return np.asarray(
            (1 - LEXICAL - SOUND) * dense
            + LEXICAL * _shared(self._ngrams, texts)
            + SOUND * _shared(self._sounds, texts),
            dtype=np.float32,
        )

    # --- learning from the exemplars ---

    def _embed(self, known: dict[str, Floats], progress: Progress | None) -> Floats:
        """The exemplars' vectors; only those that no earlier catalogue had, and that do not ship, are embedded."""
        new = [x for x in dict.fromkeys(self.exemplars) if _mark(x) not in known]
        embedder = self._embedder
        for at in range(0, len(new), CHUNK):
            part = new[at : at + CHUNK]
            vectors = recalled(part, embedder.queries, embedder.identity, embedder.identity.query_prompt)
            known.update(zip(map(_mark, part), vectors, strict=True))
            if progress:
                progress("学习顾客怎么说 / Reading the situations' exemplars", min(at + CHUNK, len(new)), len(new))
        rows = [known[_mark(x)] for x in self.exemplars]
        return np.stack(rows) if rows else self._embedder.queries([])

    def _learn(self) -> tuple[Fit, Fit]:
        """Over the situations alone, and over situations and topics."""
        entries, everything = len(self.catalogue.entries), len(self.catalogue.everything)
        if len(self.exemplars) < 2:
            nothing = Fit(np.zeros((len(self.exemplars), everything), dtype=np.float32), 1.0, 0.0, 0.0, 0.0)
            return nothing, nothing
        root = self._root()
        both = self._fit(root, everything)
        return (self._fit(root[: self._wishes, : self._wishes], entries) if self.catalogue.topics else both), both

    def _root(self) -> Matrix:
        """Of all exemplars; that of the situations alone is its upper left corner."""
        count = len(self.exemplars)
        kernel = np.empty((count, count), order="F")
        for at in range(0, count, CHUNK):
            rows = slice(at, at + CHUNK)
            kernel[rows] = self._kernel(self.exemplars[rows], self.exemplar_vectors[rows])
        return inverse_root(kernel, RIDGE)

    def _fit(self, root: Matrix, entries: int) -> Fit:
        """Over the first exemplars, as many as `root` has rows, of the first `entries` entries."""
        labels = self._labels[: len(root)]
        fitted = solved(root, labels, entries)
        rank = (fitted.left_out > fitted.left_out[np.arange(len(root)), labels][:, None]).sum(axis=1)
        slope, intercept = logistic(fitted.left_out.ravel(), one_hot(labels, entries).ravel())
        first, first_three = float(np.mean(rank == 0)), float(np.mean(rank < 3))
        return Fit(fitted.weights.astype(np.float32), slope, intercept, first, first_three)

    # --- the cache ---

    def _key(self) -> str:
        what = [[e.id, e.exemplars] for e in self.catalogue.everything]
        said = json.dumps(
            [VERSION, GAMMA, LEXICAL, SOUND, RIDGE, self._embedder.identity.key, self._wishes, what], ensure_ascii=False
        )
        return hashlib.sha256(said.encode()).hexdigest()[:24]

    def _files(self, cache: Path) -> list[Path]:
        """What was kept for this embedder, of whichever catalogue."""
        return sorted(cache.glob(f"exemplars-{self._embedder.identity.key}-*.npz"))

    def _remembered(self, cache: Path | None) -> dict[str, Floats]:
        """Vectors of an earlier catalogue's exemplars, by their mark."""
        known: dict[str, Floats] = {}
        for path in self._files(cache) if cache else ():
            kept = read_kept(path) or {}
            if "marks" in kept and "vectors" in kept and len(kept["marks"]) == len(kept["vectors"]):
                known.update(zip(kept["marks"].tolist(), kept["vectors"], strict=True))
            else:
                path.unlink(missing_ok=True)
        return known

    def _recall(self, cache: Path | None) -> bool:
        """Whether an earlier start left what the exemplars teach; it is then taken over."""
        kept = read_kept(self._file(cache) if cache else None)
        if kept is None:
            return False
        try:
            vectors, size = kept["vectors"], len(self.exemplars)
            if vectors.shape != (size, self._embedder.identity.dimension):
                return False
            self._ngrams = NgramIndex.of(_part(kept, "ngrams"), size)
            self._sounds = NgramIndex.of(_part(kept, "sounds"), size, sounds)
            wishes, both = kept["numbers"].tolist()
            self.fit, self.fit_both = Fit(kept["wishes"], *wishes), Fit(kept["both"], *both)
        except (KeyError, ValueError, TypeError):
            return False
        self._prepare(vectors)
        return True

    def _keep(self, cache: Path | None) -> None:
        if cache is None:
            return
        arrays: Arrays = {
            "marks": np.array([_mark(x) for x in self.exemplars], dtype="U16"),
            "vectors": self.exemplar_vectors,
            "wishes": self.fit.weights,
            "both": self.fit_both.weights,
            "numbers": np.array([self.fit.numbers, self.fit_both.numbers]),
        }
        for name, index in (("ngrams", self._ngrams), ("sounds", self._sounds)):
            arrays |= {f"{name}.{part}": array for part, array in index.arrays().items()}
        write_kept(self._file(cache), arrays, instead_of=cache.glob("exemplars-*.npz"))

    def _file(self, cache: Path) -> Path:
        return cache / f"exemplars-{self._embedder.identity.key}-{self._key()}.npz"


def _shared(index: NgramIndex, texts: Sequence[str]) -> Floats:
    """[texts, exemplars]"""
    if len(texts) >= _MANY:
        return index.many(texts)
    return np.stack([index.similarities(text) for text in texts])


def _part(kept: Arrays, name: str) -> Arrays:
    """The arrays of one of several things that were kept together."""
    return {key.partition(".")[2]: array for key, array in kept.items() if key.startswith(f"{name}.")}


def _mark(exemplar: str) -> str:
    return hashlib.sha256(exemplar.encode()).hexdigest()[:16]
