"""Whether a release may go out: thresholds and must-pass cases from `gate.yaml`, nothing lost, no regression that is real.

A red can be accepted with a written reason (`evals/accepting.py`): it is then said each time, and never silently green.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field, model_validator

from evals.accepting import Acceptance, load_accepted
from evals.inventory import missing
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
        reasons: list[str] = []
        left: list[Red] = []
        for red in self.reds(run, baseline):
            if acceptance := next((a for a in reversed(known) if a.covers(red)), None):
                reasons.append(f"已接受:{red.text}。{acceptance.by}({acceptance.at:%Y-%m-%d}):{acceptance.why}")
            else:
                left.append(red)
                reasons.append(red.text)
        return Gate(passed=not left, reasons=tuple(reasons), reds=tuple(left), accepted=len(reasons) - len(left))

    def reds(self, run: EvalRun, baseline: EvalRun | None = None) -> tuple[Red, ...]:
        """Everything that speaks against the release, in the order in which people want to know."""
        suites = run.suites
        found = (
            [] if any(s.results for s in suites.values()) else [Red(key="empty", text="没有运行任何用例,不能算通过")]
        )
        if run.inventory.rules:
            found += [Red(key=f"missing.{lost.key}", text=lost.zh) for lost in missing(run.inventory)]
        for suite in suites.values():
            if errors := suite.count("error"):
                found.append(
                    Red(key=f"errors.{suite.name}", text=f"{suite.name}:{errors} 个用例没能评判(出错不算通过)", value=errors)
                )  # fmt: skip
        found += [red for t in self.thresholds if (red := _missed(t, suites))]
        for case in self.must_pass:
            name, _, case_id = case.partition("/")
            if name not in suites:
                continue
            result = next((r for r in suites[name].results if r.id == case_id), None)
            if result is None or not result.passed:
                found.append(Red(key=f"must_pass.{case}", text=f"必过用例 {case} 没有通过"))
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
        found = [Red(key=f"lost.{lost.key}", text=f"和基线比,{lost.zh}") for lost in comparison.lost if lost.red]
        effects = {e.metric: e for e in comparison.effects}
        for metric, verdict in comparison.verdicts.items():
            if verdict != "worse":
                continue
            text = f"{metric} 比基线 {comparison.baseline} 变差"
            value = None
            if effect := effects.get(metric):
                text += f":{effect.before:.3f} → {effect.now:.3f},{effect.worse} 个用例变差,{effect.better} 个变好(p={effect.p_corrected:.2g})"
                value = abs(effect.difference)
            found.append(Red(key=f"worse.{metric}", text=text, value=value))
        if comparison.null and comparison.null.rate > self.null_rate:
            found.append(
                Red(
                    key="null",
                    text=f"自己跟自己比也有 {comparison.null.rate:.0%} 被判成不同,这次的比较不可信",
                    value=comparison.null.rate,
                )
            )
        return found


def _missed(threshold: Threshold, suites: dict[str, SuiteResult]) -> Red | None:
    """`value` is how far off the metric is, so that an acceptance does not cover a worse one."""
    suite = suites.get(threshold.suite)
    if suite is None:
        return None
    value = suite.metrics.get(threshold.metric)
    name = f"{threshold.suite}.{threshold.metric}"
    if value is None:
        return Red(key=f"threshold.{name}", text=f"{name} 没有测出来")
    if threshold.least is not None and value < threshold.least:
        text = f"{name} 是 {value:.3f},应不低于 {threshold.least:g}"
        return Red(key=f"threshold.{name}", text=text, value=threshold.least - value)
    if threshold.most is not None and value > threshold.most:
        text = f"{name} 是 {value:.3f},应不高于 {threshold.most:g}"
        return Red(key=f"threshold.{name}", text=text, value=value - threshold.most)
    return None


def _failing(suite: SuiteResult, baseline: SuiteResult | None) -> list[Red]:
    """Cases that failed, but for those that failed in the baseline, too; the first few by name, with their reasons."""
    known = {r.id for r in baseline.results if not r.passed} if baseline else set()
    failing = [r for r in suite.results if r.outcome == "failed" and r.id not in known]
    found = [
        Red(key=f"case.{suite.name}/{r.id}", text=f"{suite.name}/{r.id} 没有通过:{';'.join(r.reasons)}")
        for r in failing[:NAMED]
    ]
    if len(failing) > NAMED:
        more = len(failing) - NAMED
        found.append(Red(key=f"cases.{suite.name}", text=f"{suite.name} 还有 {more} 个用例没有通过", value=more))
    return found
