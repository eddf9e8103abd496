"""One run against another: paired by case, clustered by conversation, every metric tested, the tests corrected.

A verdict is "better" or "worse" where the change is more than chance and large enough to matter, "same" where a change that
matters is ruled out, and "unclear" where neither is; then `Effect.more_cases` says how many more cases would tell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evals.baseline import mark_of
from evals.inventory import lost, vanished
from evals.limits import LEVEL, SMALLEST, correct, direction, significant, smallest_of
from evals.null import null_trial
from evals.registry import SUITES, chosen
from evals.statistics import Floats, cases_to_tell_flips, cases_to_tell_scores, interval, sign_flip_p
from evals.values import Comparison, Effect, EvalRun, MetricVerdict, SuiteResult


@dataclass(frozen=True)
class Paired:
    """One metric in both runs: sums of the differences and numbers of cases, by cluster."""

    metric: str
    before: float
    now: float
    differences: Floats
    sizes: Floats
    better: int
    worse: int
    binary: bool
    deviation: float

    @property
    def cases(self) -> int:
        return int(self.sizes.sum())


def compare(run: EvalRun, baseline: EvalRun, smallest: Mapping[str, float] = SMALLEST) -> Comparison:
    """What got worse and what got better, and whether that is more than chance."""
    chosen(())
    regressed: list[str] = []
    improved: list[str] = []
    pairs: list[Paired] = []
    for name in sorted(run.suites.keys() & baseline.suites.keys()):
        worse, better = _flips(run.suites[name], baseline.suites[name])
        regressed += [f"{name}/{case}" for case in worse]
        improved += [f"{name}/{case}" for case in better]
        pairs += paired(run.suites[name], baseline.suites[name])
    effects = judge(pairs, smallest)
    authored = frozenset(s for s in run.suites if s not in SUITES or not SUITES[s].shipped)
    known = baseline.inventory.rules or baseline.inventory.manuals
    gone = (*(lost(run.inventory, baseline.inventory) if known else ()), *vanished(run, baseline, authored))
    return Comparison(
        baseline=baseline.run_id,
        regressed=tuple(regressed),
        improved=tuple(improved),
        verdicts={e.metric: e.verdict for e in effects},
        effects=effects,
        null=null_trial(run, smallest),
        lost=gone,
    )


def _flips(suite: SuiteResult, baseline: SuiteResult) -> tuple[list[str], list[str]]:
    """Cases that passed before and fail now, and those that failed and pass; errors are neither."""
    before = {r.id: r for r in baseline.results if r.outcome != "error"}
    now = {r.id: r for r in suite.results if r.outcome != "error"}
    shared = sorted(before.keys() & now.keys())
    worse = [case for case in shared if before[case].passed and not now[case].passed]
    better = [case for case in shared if now[case].passed and not before[case].passed]
    return worse, better


def paired(suite: SuiteResult, baseline: SuiteResult) -> list[Paired]:
    """Every metric of the cases that both could judge."""
    before = {r.id: r for r in baseline.results if r.outcome != "error"}
    both = [(r, before[r.id]) for r in suite.results if r.outcome != "error" and r.id in before]
    names = dict.fromkeys(name for r, _ in both for name in ("pass_rate", *r.marks))
    found = []
    for name in names:
        values = [
            (now.cluster or now.id, mark_of(now, name), mark_of(old, name))
            for now, old in both
            if name in now.marks or name == "pass_rate"
        ]
        found.append(pair_up(f"{suite.name}.{name}", values))
    if not both:
        found.append(pair_up(f"{suite.name}.pass_rate", ()))
    return found


def pair_up(metric: str, values: Sequence[tuple[str, float, float]]) -> Paired:
    """From (cluster, now, before) of each case."""
    sums: dict[str, float] = defaultdict(float)
    sizes: dict[str, int] = defaultdict(int)
    for cluster, now, before in values:
        sums[cluster] += now - before
        sizes[cluster] += 1
    count = max(len(values), 1)
    differences = np.array([now - before for _, now, before in values])
    return Paired(
        metric=metric,
        before=sum(v[2] for v in values) / count,
        now=sum(v[1] for v in values) / count,
        differences=np.round(np.array(list(sums.values())), 9),
        sizes=np.array(list(sizes.values()), dtype=np.float64),
        better=int((differences * direction(metric) > 0).sum()) if values else 0,
        worse=int((differences * direction(metric) < 0).sum()) if values else 0,
        binary=all(v in (0.0, 1.0) for _, now, before in values for v in (now, before)),
        deviation=float(differences.std(ddof=1)) if len(values) > 1 else 0.0,
    )


def judge(pairs: Sequence[Paired], smallest: Mapping[str, float] = SMALLEST) -> tuple[Effect, ...]:
    """An effect for each metric; the tests are corrected within whole suites and within slices."""
    chances = [sign_flip_p(pair.differences) for pair in pairs]
    corrected = correct([pair.metric for pair in pairs], chances)
    return tuple(_effect(pair, p, q, smallest) for pair, p, q in zip(pairs, chances, corrected, strict=True))


def _effect(pair: Paired, p: float, corrected: float, smallest: Mapping[str, float]) -> Effect:
    least = smallest_of(pair.metric, pair.before, smallest)
    low, high = interval(list(pair.differences), [int(n) for n in pair.sizes])
    difference = pair.now - pair.before
    verdict: MetricVerdict
    if significant(corrected) and abs(difference) >= least:
        towards = direction(pair.metric) * difference
        verdict = "better" if towards > 0 else "worse" if towards < 0 else "unclear"
    elif pair.cases and -least < low and high < least:
        verdict = "same"
    else:
        verdict = "same" if pair.cases and significant(corrected) else "unclear"
    more = (
        _more(pair, max(abs(difference), least))
        if verdict == "unclear" and pair.cases and direction(pair.metric)
        else None
    )
    return Effect(
        metric=pair.metric,
        cases=pair.cases,
        clusters=len(pair.sizes),
        before=round(pair.before, 6),
        now=round(pair.now, 6),
        low=round(low, 6),
        high=round(high, 6),
        p=p,
        p_corrected=corrected,
        better=pair.better,
        worse=pair.worse,
        smallest=round(least, 6),
        verdict=verdict,
        more_cases=more,
    )


def _more(pair: Paired, effect: float) -> int:
    """How many more cases would tell a change of `effect` from none."""
    if pair.binary:
        needed = cases_to_tell_flips((pair.better + pair.worse) / pair.cases, effect, LEVEL)
    else:
        needed = cases_to_tell_scores(pair.deviation, effect, LEVEL)
    return max(1, needed - pair.cases)
