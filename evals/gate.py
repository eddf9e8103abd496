"""Whether a release may go out: thresholds and must-pass cases from `gate.yaml`, nothing lost, no regression that is real.

A red can be accepted with a written reason (`evals/accepting.py`): it is then said each time, and never silently green.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field, model_validator

from evals.accepting import Acceptance, load_accepted
from evals.inventory import missing
from evals.text import Said, said
from evals.values import Comparison, EvalRun, Gate, Red, SuiteResult
from knowledge import datafile
from knowledge.values import Value

GATE = Path(__file__).parent / "gate.yaml"
NAMED = 5
"""Cases that a reason names at most."""


class Threshold(Value):
    """The least or the most that a metric of a suite may be."""

    suite: str
    metric: str
    least: float | None = None
    most: float | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Threshold:
        if (self.least is None) == (self.most is None):
            raise ValueError("give either least or most")
        return self


class GateRules(Value):
    """`all_pass` are suites of which every case must pass; `new_pass` suites of which no case may fail
    that did not fail in the baseline. `smallest_effect` is the smallest change that matters, by "default", suite or metric. `null_rate` is the most
    false verdicts that the comparison may give on a run against itself.
    """

    thresholds: tuple[Threshold, ...]
    must_pass: tuple[str, ...] = ()
    all_pass: tuple[str, ...] = ()
    new_pass: tuple[str, ...] = ()
    smallest_effect: dict[str, float] = Field(default_factory=lambda: {"default": 0.02})
    null_rate: float = 0.05

    @classmethod
    def load(cls, path: Path = GATE) -> GateRules:
        return datafile.load(path, cls)

    def judge(
        self, run: EvalRun, baseline: EvalRun | None = None, accepted: Sequence[Acceptance] | None = None
    ) -> Gate:
        """Every reason against the release. Suites that were not run are not asked about; an empty run never passes."""
        known = load_accepted() if accepted is None else accepted
        reasons: list[Said] = []
        left: list[Red] = []
        for red in self.reds(run, baseline):
            told = Said(zh=red.text, en=red.text_en or red.text)
            newest = next((a for a in reversed(known) if a.covers(red)), None)
            if newest:
                on = f"{newest.at:%Y-%m-%d}"
                told = said(f"gate.{newest.decision}", text=told, by=newest.by, at=on, why=newest.why)
            if newest is None or newest.decision == "rejected":
                left.append(red)
            reasons.append(told)
        return Gate(
            passed=not left,
            reasons=tuple(r.zh for r in reasons),
            reasons_en=tuple(r.en for r in reasons),
            reds=tuple(left),
            accepted=len(reasons) - len(left),
        )

    def reds(self, run: EvalRun, baseline: EvalRun | None = None) -> tuple[Red, ...]:
        """Everything that speaks against the release, in the order in which people want to know."""
        suites = run.suites
        found = [] if any(s.results for s in suites.values()) else [_red("empty", said("gate.empty"))]
        if run.inventory.rules:
            found += [_red(f"missing.{lost.key}", Said(zh=lost.zh, en=lost.en)) for lost in missing(run.inventory)]
        for suite in suites.values():
            if errors := suite.count("error"):
                found.append(
                    _red(f"errors.{suite.name}", said("gate.errors", suite=suite.name, count=errors), float(errors))
                )
        found += [red for t in self.thresholds if (red := _missed(t, suites))]
        for case in self.must_pass:
            name, _, case_id = case.partition("/")
            if name not in suites:
                continue
            result = next((r for r in suites[name].results if r.id == case_id), None)
            if result is None or not result.passed:
                found.append(_red(f"must_pass.{case}", said("gate.must_pass", case=case)))
        found += [red for name in self.all_pass if name in suites for red in _failing(suites[name], None)]
        if baseline:
            found += [
                red
                for name in self.new_pass
                if name in suites and name in baseline.suites and name not in self.all_pass
                for red in _failing(suites[name], baseline.suites[name])
            ]
        if run.comparison:
            found += self._compared(run.comparison)
        return tuple(dict.fromkeys(found))

    def _compared(self, comparison: Comparison) -> list[Red]:
        found = [
            _red(f"lost.{lost.key}", said("gate.lost", lost=Said(zh=lost.zh, en=lost.en)))
            for lost in comparison.lost
            if lost.red
        ]
        effects = {e.metric: e for e in comparison.effects}
        for metric, verdict in comparison.verdicts.items():
            if verdict != "worse":
                continue
            told = said("gate.worse", metric=metric, baseline=comparison.baseline)
            value = None
            if effect := effects.get(metric):
                told = said(
                    "gate.worse_by",
                    metric=metric,
                    baseline=comparison.baseline,
                    before=f"{effect.before:.3f}",
                    now=f"{effect.now:.3f}",
                    worse=effect.worse,
                    better=effect.better,
                    p=f"{effect.p_corrected:.2g}",
                )
                value = abs(effect.difference)
            found.append(_red(f"worse.{metric}", told, value))
        if comparison.null and comparison.null.rate > self.null_rate:
            rate = comparison.null.rate
            found.append(_red("null", said("gate.null", rate=f"{rate:.0%}"), rate))
        return found


def _red(key: str, told: Said, value: float | None = None) -> Red:
    return Red(key=key, text=told.zh, text_en=told.en, value=value)


def _missed(threshold: Threshold, suites: dict[str, SuiteResult]) -> Red | None:
    """`value` is how far off the metric is, so that an acceptance does not cover a worse one."""
    suite = suites.get(threshold.suite)
    if suite is None:
        return None
    value = suite.metrics.get(threshold.metric)
    name = f"{threshold.suite}.{threshold.metric}"
    if value is None:
        return _red(f"threshold.{name}", said("gate.unmeasured", name=name))
    if threshold.least is not None and value < threshold.least:
        told = said("gate.least", name=name, value=f"{value:.3f}", bound=f"{threshold.least:g}")
        return _red(f"threshold.{name}", told, threshold.least - value)
    if threshold.most is not None and value > threshold.most:
        told = said("gate.most", name=name, value=f"{value:.3f}", bound=f"{threshold.most:g}")
        return _red(f"threshold.{name}", told, value - threshold.most)
    return None


def _failing(suite: SuiteResult, baseline: SuiteResult | None) -> list[Red]:
    """Cases that failed, but for those that failed in the baseline, too; the first few by name, with their reasons."""
    known = {r.id for r in baseline.results if not r.passed} if baseline else set()
    failing = [r for r in suite.results if r.outcome == "failed" and r.id not in known]
    found = [
        _red(
            f"case.{suite.name}/{r.id}",
            said(
                "gate.failed",
                case=f"{suite.name}/{r.id}",
                reasons=Said(zh=";".join(r.reasons), en="; ".join(r.told("en"))),
            ),
        )
        for r in failing[:NAMED]
    ]
    if len(failing) > NAMED:
        more = len(failing) - NAMED
        told = said("gate.more_failed", suite=suite.name, count=more)
        found.append(_red(f"cases.{suite.name}", told, float(more)))
    return found
