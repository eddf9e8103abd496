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
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import Embedder
from knowledge.ngrams import NgramIndex, sounds
from knowledge.situations import SituationCatalogue
from knowledge.values import Progress, SituationMatch, Stage

Floats = NDArray[np.float32]

VERSION = 3
GAMMA, LEXICAL, SOUND, RIDGE = 2.0, 0.15, 0.15, 0.4
"""Chosen by leave-one-out accuracy over the shipped catalogue (docs/decisions/retrieval.md); flat around these values."""
CHUNK = 256
UNREADABLE = (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile)
"""What reading a kept file may raise when it is not there, cut short or of another make: it is then made again."""


class Labelled(Protocol):
    """Something that texts can be of, with authored texts that are."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def stage(self) -> Stage: ...
    @property
    def exemplars(self) -> tuple[str, ...]: ...


class Catalogue(Protocol):
    """What a matcher learns: `everything` are the `entries`, then the `topics`."""

    @property
    def entries(self) -> Sequence[Labelled]: ...
    @property
    def topics(self) -> Sequence[Labelled]: ...
    @property
    def everything(self) -> Sequence[Labelled]: ...


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

    matcher: ExemplarMatcher
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


class ExemplarMatcher:
    """Matches texts to what their exemplars are of. `customers` [exemplars, dim] are the centred exemplars:
    the sample of what customers write by which hubs are known."""

    def __init__(
        self,
        catalogue: Catalogue,
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
        self._ngrams, self._sounds = NgramIndex(self.exemplars), NgramIndex(self.exemplars, sounds)
        vectors, fits = self._cached(cache)
        if vectors is None or fits is None:
            vectors = self._embed(self._remembered(cache), progress)
            self._prepare(vectors)
            kernel = self._kernel(self.exemplars, vectors).astype(np.float64)
            both = self._fit(kernel, len(catalogue.everything))
            own = kernel[: self._wishes, : self._wishes]
            fits = (self._fit(own, len(catalogue.entries)) if catalogue.topics else both, both)
            self._keep(cache, vectors, fits)
        else:
            self._prepare(vectors)
        self.fit, self.fit_both = fits

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
        lexical = np.stack([self._ngrams.similarities(t) for t in texts])
        heard = np.stack([self._sounds.similarities(t) for t in texts])
        return np.asarray((1 - LEXICAL - SOUND) * dense + LEXICAL * lexical + SOUND * heard, dtype=np.float32)

    # --- learning from the exemplars ---

    def _embed(self, known: dict[str, Floats], progress: Progress | None) -> Floats:
        """The exemplars' vectors; only those that no earlier catalogue had are embedded."""
        new = [x for x in dict.fromkeys(self.exemplars) if _mark(x) not in known]
        for at in range(0, len(new), CHUNK):
            part = new[at : at + CHUNK]
            known.update(zip(map(_mark, part), self._embedder.queries(part), strict=True))
            if progress:
                progress("学习顾客怎么说 / Reading the situations' exemplars", min(at + CHUNK, len(new)), len(new))
        rows = [known[_mark(x)] for x in self.exemplars]
        return np.stack(rows) if rows else self._embedder.queries([])

    def _fit(self, kernel: NDArray[np.float64], entries: int) -> Fit:
        """Over the first exemplars, as many as `kernel` [exemplars, exemplars] has, of the first `entries` entries."""
        count = len(kernel)
        if count < 2:
            return Fit(np.zeros((count, entries), dtype=np.float32), 1.0, 0.0, 0.0, 0.0)
        labels = self._labels[:count]
        target = np.zeros((count, entries))
        target[np.arange(count), labels] = 1
        inverse = np.linalg.inv((kernel + kernel.T) / 2 + RIDGE * np.eye(count))
        weights = inverse @ target
        left_out = target - weights / np.diag(inverse)[:, None]
        rank = (left_out > left_out[np.arange(count), labels][:, None]).sum(axis=1)
        slope, intercept = _logistic(left_out.ravel(), target.ravel())
        return Fit(weights.astype(np.float32), slope, intercept, float(np.mean(rank == 0)), float(np.mean(rank < 3)))

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
            try:
                with np.load(path, allow_pickle=False) as kept:
                    known.update(zip(kept["marks"].tolist(), kept["vectors"], strict=True))
            except UNREADABLE:
                path.unlink(missing_ok=True)
        return known

    def _cached(self, cache: Path | None) -> tuple[Floats | None, tuple[Fit, Fit] | None]:
        if cache is None:
            return None, None
        try:
            with np.load(self._file(cache), allow_pickle=False) as kept:
                numbers = kept["numbers"].tolist()
                vectors, wishes, both = kept["vectors"], kept["wishes"], kept["both"]
        except UNREADABLE:
            return None, None
        if vectors.shape != (len(self.exemplars), self._embedder.identity.dimension):
            return None, None
        return vectors, (Fit(wishes, *numbers[0]), Fit(both, *numbers[1]))

    def _keep(self, cache: Path | None, vectors: Floats, fits: tuple[Fit, Fit]) -> None:
        if cache is None:
            return
        cache.mkdir(parents=True, exist_ok=True)
        wishes, both = fits
        numbers = np.array([wishes.numbers, both.numbers])
        marks = np.array([_mark(x) for x in self.exemplars], dtype="U16")
        target = self._file(cache)
        staged = cache / f".{target.name}"
        with staged.open("wb") as file:
            np.savez(file, marks=marks, vectors=vectors, wishes=wishes.weights, both=both.weights, numbers=numbers)
        staged.replace(target)
        for old in cache.glob("exemplars-*.npz"):
            if old != target:
                old.unlink(missing_ok=True)

    def _file(self, cache: Path) -> Path:
        return cache / f"exemplars-{self._embedder.identity.key}-{self._key()}.npz"


class SituationMatcher(ExemplarMatcher):
    """Matches texts to situations and topics."""

    catalogue: SituationCatalogue


def _mark(exemplar: str) -> str:
    return hashlib.sha256(exemplar.encode()).hexdigest()[:16]


def _logistic(scores: NDArray[np.float64], truth: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and intercept of P(truth | score), by Newton's method on the logistic likelihood."""
    design = np.stack([scores, np.ones_like(scores)], axis=1)
    share = float(np.clip(truth.mean(), 1e-6, 1 - 1e-6))
    beta = np.array([0.0, np.log(share / (1 - share))])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        curvature = (design * (p * (1 - p) + 1e-9)[:, None]).T @ design + 1e-6 * np.eye(2)
        step = np.linalg.solve(curvature, design.T @ (truth - p))
        beta += np.clip(step, -5, 5)
        if np.abs(step).max() < 1e-8:
            break
    return float(beta[0]), float(beta[1])
