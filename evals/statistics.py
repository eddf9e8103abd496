"""The statistics of a comparison: exact and resampled tests of paired differences, intervals, correction, power.

Cases that stand or fall together (a minimal pair, questions about one technique) form a cluster, and a cluster counts as
one: its differences are added up before anything is tested.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Floats = NDArray[np.float64]

ROUNDS = 4999
"""Resamples of a test that cannot be exact: p-values down to 0.0002."""
RESAMPLES = 2000
"""Of an interval."""


def sign_flip_p(differences: Sequence[float] | Floats, rounds: int = ROUNDS, seed: int = 0) -> float:
    """The two-sided p of paired differences, one for each cluster: had chance decided which side is which.

    Exact where all differences are whole numbers, as those of passes and failures are; with clusters of one case this is
    the exact McNemar test. Else over `rounds` random choices (Fisher's randomisation test), never 0.
    """
    d = np.asarray(differences, dtype=np.float64)
    d = d[d != 0]
    if not d.size:
        return 1.0
    if np.all(np.abs(d) == 1):
        return _binomial(int((d > 0).sum()), d.size)
    if np.all(d == np.rint(d)):
        return _exact(np.abs(d).astype(np.int64), int(abs(d.sum())))
    observed = abs(d.sum())
    signs = np.random.default_rng(seed).integers(0, 2, size=(rounds, d.size)) * 2.0 - 1.0
    as_far = int((np.abs(signs @ d) >= observed * (1 - 1e-12)).sum())
    return (as_far + 1) / (rounds + 1)


def _binomial(ups: int, flips: int) -> float:
    """Twice the smaller tail of the binomial distribution with 1/2."""
    return min(1.0, 2 * float(special.bdtr(min(ups, flips - ups), flips, 0.5)))


def _exact(steps: NDArray[np.int64], observed: int) -> float:
    """The share of all choices of signs whose sum is as far from 0 as `observed`."""
    total = int(steps.sum())
    chance = np.zeros(2 * total + 1)
    chance[total] = 1.0
    for step in steps:
        chance = (np.roll(chance, step) + np.roll(chance, -step)) / 2
    sums = np.abs(np.arange(-total, total + 1))
    return min(1.0, float(chance[sums >= observed].sum()))


def interval(differences: Sequence[float], sizes: Sequence[int], seed: int = 0) -> tuple[float, float]:
    """95% bounds of the mean difference of a case: the paired bootstrap over clusters (sums and sizes of each)."""
    d, n = np.asarray(differences, dtype=np.float64), np.asarray(sizes, dtype=np.float64)
    if d.size < 2 or not np.any(d):
        mean = float(d.sum() / n.sum()) if d.size else 0.0
        return mean, mean

    def mean_difference(sums: Floats, counts: Floats, axis: int = -1) -> Floats:
        return np.asarray(sums.sum(axis=axis) / counts.sum(axis=axis))

    found = stats.bootstrap(
        (d, n), mean_difference, paired=True, vectorized=True, n_resamples=RESAMPLES, batch=200, method="percentile",
        rng=np.random.default_rng(seed),
    )  # fmt: skip
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def holm(values: Sequence[float]) -> tuple[float, ...]:
    """Holm's step-down correction (1979): with them, the chance of even one false verdict among all stays under the level."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    out = [1.0] * len(values)
    highest = 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(values) - rank) * values[index]))
        out[index] = highest
    return tuple(out)


def cases_to_tell_flips(flip_rate: float, effect: float, level: float, power: float = 0.8) -> int:
    """Cases that a McNemar test needs to see a change of `effect` in the pass rate when `flip_rate` of cases change sides.

    Connor 1987, "Sample size for testing differences in proportions for the paired-sample design", Biometrics 43.
    """
    flips = max(flip_rate, effect)
    a, b = float(special.ndtri(1 - level / 2)), float(special.ndtri(power))
    return math.ceil((a * math.sqrt(flips) + b * math.sqrt(flips - effect**2)) ** 2 / effect**2)


def cases_to_tell_scores(deviation: float, effect: float, level: float, power: float = 0.8) -> int:
    """Cases that a paired test needs to see a mean change of `effect` among differences of this standard deviation."""
    a, b = float(special.ndtri(1 - level / 2)), float(special.ndtri(power))
    return math.ceil(((a + b) * deviation / effect) ** 2)
