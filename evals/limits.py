"""What counts as a difference between two runs: the level of proof, the smallest change that matters, which way is better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evals.baseline import mark_of
from evals.registry import SUITES
from evals.statistics import holm
from evals.values import CaseResult

LEVEL = 0.05
"""The chance of even one false "better" or "worse" in a whole comparison, half of it for the metrics of whole suites and
half for their slices (metrics with a dot in their name)."""
SMALLEST = {"default": 0.02}
"""A change of a share smaller than this does not matter to a release. By metric or suite in gate.yaml."""
RELATIVE = 0.05
"""The same for what is counted in characters, as a share of what it was."""


def direction(metric: str) -> int:
    """1 when more is better, -1 when less is, 0 for neither; `metric` as "suite.name" or "suite.name.slice"."""
    suite_name, _, name = metric.partition(".")
    base = name.partition(".")[0]
    suite = SUITES.get(suite_name)
    if suite and base in suite.neutral:
        return 0
    return -1 if suite and base in suite.lower else 1


def smallest_of(metric: str, before: float, smallest: Mapping[str, float]) -> float:
    """The smallest change of this metric that matters."""
    suite, _, name = metric.partition(".")
    if name.endswith("chars"):
        return max(1.0, RELATIVE * before)
    return next((smallest[key] for key in (metric, suite, "default") if key in smallest), SMALLEST["default"])


def correct(metrics: Sequence[str], chances: Sequence[float]) -> tuple[float, ...]:
    """Holm's correction within whole suites and within slices."""
    out = [1.0] * len(metrics)
    for slices in (False, True):
        family = [i for i, metric in enumerate(metrics) if (metric.count(".") > 1) is slices]
        for index, value in zip(family, holm([chances[i] for i in family]), strict=True):
            out[index] = value
    return tuple(out)


def significant(corrected: float) -> bool:
    """Whether a corrected p speaks against chance; each of the two families has half of the level."""
    return corrected < LEVEL / 2


def marks_of(result: CaseResult) -> Mapping[str, float]:
    """A case's marks, of which the pass rate is always one."""
    return {"pass_rate": mark_of(result, "pass_rate"), **result.marks}
