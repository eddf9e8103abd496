"""What an evaluation yields: one frozen value per stage."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from knowledge.values import Value

Outcome = Literal["passed", "failed", "error"]
"""An error is a case that could not be judged. It is never counted as passed, nor as failed."""

MetricVerdict = Literal["better", "worse", "same", "unclear"]


class CaseResult(Value):
    """One case: what came of it, why, and what was said. `reasons` is empty only when passed."""

    id: str
    outcome: Outcome
    reasons: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    shown: str = ""
    reply: str = ""

    @property
    def passed(self) -> bool:
        return self.outcome == "passed"


class SuiteResult(Value):
    """All cases of one suite. `metrics` are shares in [0, 1] unless their name ends in a unit (_ms, _chars)."""

    name: str
    results: tuple[CaseResult, ...]
    metrics: dict[str, float]

    def count(self, outcome: Outcome) -> int:
        return sum(r.outcome == outcome for r in self.results)


class Comparison(Value):
    """A run beside a baseline, case by case."""

    baseline: str
    regressed: tuple[str, ...]
    improved: tuple[str, ...]
    verdicts: dict[str, MetricVerdict]


class Gate(Value):
    """Whether a release may go out, and every reason why not."""

    passed: bool
    reasons: tuple[str, ...] = ()


class EvalRun(Value):
    """One evaluation of one build. `run_id` sorts by time; `at` is UTC."""

    run_id: str
    at: datetime
    suites: dict[str, SuiteResult]
    comparison: Comparison | None = None
    gate: Gate

    def as_contract(self) -> dict[str, object]:
        """The object that `kefu eval run --json` prints."""
        return {
            "run_id": self.run_id,
            "suites": {
                name: {
                    "cases": len(suite.results),
                    "passed": suite.count("passed"),
                    "failed": suite.count("failed"),
                    "errors": suite.count("error"),
                    "metrics": suite.metrics,
                }
                for name, suite in self.suites.items()
            },
            "comparison": self.comparison.model_dump(mode="json") if self.comparison else None,
            "gate": self.gate.model_dump(mode="json"),
        }
