"""The comparison tried on nothing: a run against itself must hardly ever be "better" or "worse".

In each round the clusters of a run are shuffled and paired, and one side of each pair is called now, the other before.
Nothing differs but chance, so every verdict of better or worse is a false one; there must be few (`limits.LEVEL`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from evals.limits import correct, direction, marks_of, significant, smallest_of
from evals.statistics import Floats, sign_flip_p
from evals.values import EvalRun, NullTrial

TRIALS = 200
_ROUNDS = 1999
"""Resamples of one test; the smallest p that it can give is 0.0005."""


def null_trial(run: EvalRun, smallest: Mapping[str, float], trials: int = TRIALS, seed: int = 1) -> NullTrial:
    """Compare random halves of a run, one case of each cluster, with the tests and limits of a true comparison."""
    columns = _columns(run)
    chance = np.random.default_rng(seed)
    false = 0
    for trial in range(trials):
        sides = {suite: _halves(table, chance) for suite, table in columns.items()}
        metrics: list[str] = []
        chances: list[float] = []
        effects: list[tuple[float, float]] = []
        for suite, table in columns.items():
            now, before = sides[suite]
            for name, values in table.items():
                known = ~np.isnan(values[now]) & ~np.isnan(values[before])
                a, b = values[now][known], values[before][known]
                metric = f"{suite}.{name}"
                if a.size < 2 or direction(metric) == 0:
                    continue
                metrics.append(metric)
                chances.append(sign_flip_p(a - b, _ROUNDS, seed=trial))
                effects.append((float(a.mean() - b.mean()), float(b.mean())))
        corrected = correct(metrics, chances)
        false += any(
            significant(q) and abs(difference) >= smallest_of(metric, before, smallest)
            for metric, q, (difference, before) in zip(metrics, corrected, effects, strict=True)
        )
    return NullTrial(rounds=trials, false_verdicts=false)


def _columns(run: EvalRun) -> dict[str, dict[str, Floats]]:
    """By suite and metric, a value for the first case of each cluster that could be judged; nan where it has no mark."""
    out: dict[str, dict[str, Floats]] = {}
    for name, suite in run.suites.items():
        firsts = {r.cluster or r.id: r for r in reversed(suite.results) if r.outcome != "error"}
        rows = [marks_of(r) for r in firsts.values()]
        marks = dict.fromkeys(mark for row in rows for mark in row)
        if len(rows) > 1:
            out[name] = {mark: np.array([row.get(mark, np.nan) for row in rows]) for mark in marks}
    return out


def _halves(table: Mapping[str, Floats], chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    rows = chance.permutation(len(next(iter(table.values()))))
    half = len(rows) // 2
    return rows[:half], rows[half : 2 * half]
