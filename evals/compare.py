"""One run against another: paired by case, so that only what changed counts."""

from __future__ import annotations

from scipy.stats import binomtest

from evals.values import Comparison, EvalRun, MetricVerdict, SuiteResult

SIGNIFICANCE = 0.05
SMALLEST_EFFECT = 0.03
"""A change of the share of passed cases smaller than this does not matter to a release."""


def compare(run: EvalRun, baseline: EvalRun) -> Comparison:
    """What got worse and what got better, and whether that is more than chance."""
    regressed: list[str] = []
    improved: list[str] = []
    verdicts: dict[str, MetricVerdict] = {}
    for name in sorted(run.suites.keys() & baseline.suites.keys()):
        worse, better, shared = _flips(run.suites[name], baseline.suites[name])
        regressed += [f"{name}/{case}" for case in worse]
        improved += [f"{name}/{case}" for case in better]
        verdicts[f"{name}.pass_rate"] = judge_flips(len(worse), len(better), shared)
    return Comparison(baseline=baseline.run_id, regressed=tuple(regressed), improved=tuple(improved), verdicts=verdicts)


def _flips(suite: SuiteResult, baseline: SuiteResult) -> tuple[list[str], list[str], int]:
    """Cases that passed before and fail now, those that failed and pass, and how many both could judge."""
    before = {r.id: r for r in baseline.results if r.outcome != "error"}
    now = {r.id: r for r in suite.results if r.outcome != "error"}
    shared = sorted(before.keys() & now.keys())
    worse = [case for case in shared if before[case].passed and not now[case].passed]
    better = [case for case in shared if now[case].passed and not before[case].passed]
    return worse, better, len(shared)


def judge_flips(worse: int, better: int, cases: int) -> MetricVerdict:
    """The exact McNemar test on the cases that changed sides.

    "same" only when a change of SMALLEST_EFFECT is ruled out: the flips, taken together, are too few to make one.
    """
    flips = worse + better
    if flips == 0:
        return "same" if cases else "unclear"
    if binomtest(better, flips).pvalue < SIGNIFICANCE:
        return "better" if better > worse else "worse"
    return "same" if flips / cases < SMALLEST_EFFECT else "unclear"
