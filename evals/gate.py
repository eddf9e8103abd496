"""Whether a release may go out: thresholds and must-pass cases from `gate.yaml`, and no regression that is real."""

from __future__ import annotations

from pathlib import Path

from pydantic import model_validator

from evals.values import Comparison, Gate, SuiteResult
from knowledge import datafile
from knowledge.values import Value

GATE = Path(__file__).parent / "gate.yaml"


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
    thresholds: tuple[Threshold, ...]
    must_pass: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: Path = GATE) -> GateRules:
        return datafile.load(path, cls)

    def judge(self, suites: dict[str, SuiteResult], comparison: Comparison | None) -> Gate:
        """Every reason against the release. Suites that were not run are not asked about; an empty run never passes."""
        reasons = [] if any(s.results for s in suites.values()) else ["没有运行任何用例,不能算通过"]
        for suite in suites.values():
            if errors := suite.count("error"):
                reasons.append(f"{suite.name}:{errors} 个用例没能评判(出错不算通过)")
        reasons += [reason for t in self.thresholds if (reason := _missed(t, suites))]
        for case in self.must_pass:
            name, _, case_id = case.partition("/")
            result = next((r for r in suites[name].results if r.id == case_id), None) if name in suites else None
            if name in suites and (result is None or not result.passed):
                reasons.append(f"必过用例 {case} 没有通过")
        if comparison:
            reasons += [
                f"{m} 比基线 {comparison.baseline} 变差" for m, v in comparison.verdicts.items() if v == "worse"
            ]
        return Gate(passed=not reasons, reasons=tuple(reasons))


def _missed(threshold: Threshold, suites: dict[str, SuiteResult]) -> str:
    suite = suites.get(threshold.suite)
    if suite is None:
        return ""
    value = suite.metrics.get(threshold.metric)
    name = f"{threshold.suite}.{threshold.metric}"
    if value is None:
        return f"{name} 没有测出来"
    if threshold.least is not None and value < threshold.least:
        return f"{name} 是 {value:.3f},应不低于 {threshold.least:g}"
    if threshold.most is not None and value > threshold.most:
        return f"{name} 是 {value:.3f},应不高于 {threshold.most:g}"
    return ""
