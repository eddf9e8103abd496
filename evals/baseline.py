"""Baselines: committed files, small and readable in a diff, that a later run is compared with.

A line for each case: its outcome, and the marks that its outcome does not tell.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from evals.registry import SUITES, chosen
from evals.values import CaseResult, EvalRun, Gate, Inventory, Outcome, SuiteResult
from knowledge.values import Value

BASELINES = Path(__file__).parent / "baselines"
DEFAULT = "release"


class BaselineSuite(Value):
    """`cases` holds "outcome" or "outcome name=value …" by case id."""

    metrics: dict[str, float]
    cases: dict[str, str]


class Baseline(Value):
    """What a later build is held to. `baseline` is the run that it was made from."""

    baseline: str
    at: datetime
    engine: str
    inventory: Inventory
    suites: dict[str, BaselineSuite]

    @classmethod
    def of(cls, run: EvalRun) -> Baseline:
        """Of a suite whose cases are made from what ships, only those that did not pass: the others are thousands."""
        chosen(())
        suites = {}
        for name, suite in run.suites.items():
            shipped = name in SUITES and SUITES[name].shipped
            told = {r.id: _line(r) for r in suite.results if not (shipped and r.passed)}
            suites[name] = BaselineSuite(metrics=suite.metrics, cases=told)
        return cls(baseline=run.run_id, at=run.at, engine=run.engine, inventory=run.inventory, suites=suites)

    def as_run(self) -> EvalRun:
        """As a run to compare with; what was said in its cases is not in a baseline."""
        suites = {
            name: SuiteResult(
                name=name,
                results=tuple(_read(case, line) for case, line in suite.cases.items()),
                metrics=suite.metrics,
            )
            for name, suite in self.suites.items()
        }
        return EvalRun(
            run_id=self.baseline,
            at=self.at,
            suites=suites,
            gate=Gate(passed=True),
            inventory=self.inventory,
            engine=self.engine,
        )

    def write(self, path: Path) -> None:
        """One line for each case, in order of their ids, so that a diff shows what changed."""
        data = self.model_dump(mode="json")
        for suite in data["suites"].values():
            suite["cases"] = dict(sorted(suite["cases"].items()))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def baseline_path(name: str) -> Path:
    """Where the committed baseline of that name is, whether or not there is one."""
    return BASELINES / f"{name}.json"


def _told(outcome: Outcome) -> float:
    return float(outcome == "passed")


def _line(result: CaseResult) -> str:
    told = _told(result.outcome)
    marks = (f"{name}={value:g}" for name, value in sorted(result.marks.items()) if value != told)
    return " ".join([result.outcome, *marks])


def _read(case: str, line: str) -> CaseResult:
    outcome, *marks = line.split(" ")
    named = {name: float(value) for name, _, value in (mark.rpartition("=") for mark in marks)}
    return CaseResult.model_validate({"id": case, "outcome": outcome, "marks": named})


def mark_of(result: CaseResult, name: str) -> float:
    """A mark, or what the outcome says where a baseline left it out."""
    return result.marks.get(name, _told(result.outcome))
