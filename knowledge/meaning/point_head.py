"""What a reader learnt of points or cases: directions among its vectors, and how sure a likeness makes it. Light: no torch.

Both are data that anyone may edit, so nothing here is bound to those that training saw: a point that it did not see
stands where its exemplars are, and so do exemplars and look-alikes that were added since (`PointHead.over`).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from knowledge.fold import letters

Floats = NDArray[np.float32]


class Told(Protocol):
    """What texts tell: a point by its sentences, a case by its turns."""

    @property
    def id(self) -> str: ...
    @property
    def exemplars(self) -> tuple[str, ...]: ...
    @property
    def unlike(self) -> tuple[str, ...]: ...


Read = Callable[[Sequence[str]], Floats]
"""Texts in, the reader's vectors of them out."""

SHARPNESS = 18.0
"""By how much a cosine is multiplied before the softmax over points."""
GONE = 60.0
"""Log odds that a point loses which its twin makes instead."""


@dataclass(frozen=True)
class Bearings:
    """Where the points of a book lie: `points` [points, width] and `nothing` [kinds, width], each of length 1."""

    points: Floats
    nothing: Floats
    slope: float = 1.0
    silent: float = 0.0
    """Log odds in favour of none of them."""

    def odds(
        self,
        vectors: Floats,
        besides: Floats | None = None,
        twins: Sequence[tuple[int, int]] = (),
        prior: Floats | None = None,
    ) -> Floats:
        """float32 [texts, points]: log odds that a text, by its vector, makes each point and no other. `besides`
        [texts, points] are log odds of what in the text speaks for or against a point, `prior` [points] of what else does.
        Of `twins`, rows of points made in the same words, the one that the prior speaks for takes what both have.
        """
        texts = centred(vectors)
        points = self.slope * SHARPNESS * (texts @ self.points.T) + (0.0 if besides is None else besides)
        before = np.zeros(points.shape[1]) if prior is None else prior
        for pair in twins:
            one, other = sorted(pair, key=lambda row: -before[row])
            if before[one] > before[other]:
                points[:, one] = np.logaddexp(points[:, one], points[:, other])
                points[:, other] -= GONE
        points = points + before
        nothing = self.slope * SHARPNESS * (texts @ self.nothing.T) + self.silent
        every = np.concatenate([points, nothing], axis=1)
        top = every.max(axis=1, keepdims=True)
        shares = np.exp(every - top)
        rest = np.maximum(shares.sum(axis=1, keepdims=True) - shares[:, : points.shape[1]], 1e-9)
        return np.asarray(points - top - np.log(rest), dtype=np.float32)


@dataclass(frozen=True)
class PointHead:
    """As training left it. `points` are the ids that `directions` [points, width] are of; `nothing` [kinds, width] lie
    where no point is made; `seen` are marks of the exemplars and look-alikes that there were.
    """

    points: tuple[str, ...]
    directions: Floats
    nothing: Floats
    seen: frozenset[int]
    slope: float = 1.0
    silent: float = 0.0

    @classmethod
    def load(cls, path: Path) -> PointHead:
        """From the reader's weights. Raises OSError, KeyError or ValueError for a file that has no points."""
        with np.load(path) as stored:
            points = tuple(stored["labels.points"].tolist())
            rows = unit(stored["points"].astype(np.float32))
            slope, silent = stored["points.sure"].tolist()
            seen = frozenset(stored["points.seen"].tolist())
        return cls(points, rows[: len(points)], rows[len(points) :], seen, slope, silent)

    def new(self, told: Sequence[Told]) -> tuple[str, ...]:
        """What training did not see of their sentences."""
        said = (text for p in told for text in (*p.exemplars, *p.unlike))
        return tuple(dict.fromkeys(text for text in said if mark(text) not in self.seen))

    def over(self, told: Sequence[Told], read: Read) -> Bearings:
        """For these points, in their order. What training did not see is read now."""
        new = self.new(told)
        at = dict(zip(new, centred(read(new)), strict=True)) if new else {}
        learnt = {point: row for row, point in enumerate(self.points)}
        rows = np.zeros((len(told), self.directions.shape[1]), dtype=np.float32)
        for row, point in enumerate(told):
            added = [at[text] for text in point.exemplars if text in at]
            if point.id in learnt:
                old = max(1, len(point.exemplars) - len(added))
                added += [self.directions[learnt[point.id]]] * old
            rows[row] = np.sum(added, axis=0)
        alike = [at[text] for p in told for text in p.unlike if text in at]
        nothing = np.concatenate([self.nothing, np.stack(alike)]) if alike else self.nothing
        return Bearings(unit(rows), nothing, self.slope, self.silent)


def sureness(bearings: Bearings, vectors: Floats, made: Sequence[int]) -> tuple[float, float]:
    """Slope and log odds of silence under which sentences that taught nothing are likeliest: from their vectors and the row
    of the point that each makes (-1: none).
    """
    from scipy.optimize import minimize

    points = len(bearings.points)
    cosines = SHARPNESS * centred(vectors).astype(np.float64) @ np.concatenate([bearings.points, bearings.nothing]).T
    rows, own = np.arange(len(made)), np.asarray(made)

    def loss(sure: NDArray[np.float64]) -> float:
        every = sure[0] * cosines
        every[:, points:] += sure[1]
        said = np.where(own >= 0, every[rows, own], logsumexp(every[:, points:], axis=1))
        return float((logsumexp(every, axis=1) - said).mean())

    slope, silent = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead").x.tolist()
    return slope, silent


def mark(text: str) -> int:
    """The same for sentences of the same letters."""
    return zlib.crc32((letters(text) or text).encode())


def centred(vectors: Floats) -> Floats:
    """[texts, width]: as the network has them before it compares them, without what all states share; of length 1."""
    return unit(vectors - vectors.mean(axis=1, keepdims=True))


def unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), dtype=np.float32)
