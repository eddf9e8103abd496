"""The eval runner as the desk and the REST interface use it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assistant.application import Kefu
from evals import runner
from evals.values import CaseResult, EvalRun
from knowledge.values import Progress


def suite_names() -> tuple[str, ...]:
    return runner.suite_names()


def run(kefu: Kefu, names: Sequence[str], progress: Progress = lambda *_: None) -> EvalRun:
    """Run the named suites against this Kefu. Raises KefuError for a suite that does not exist."""
    return runner.run_suites(kefu.settings, runner.Here(kefu), names, progress=progress)


def cases_of(value: EvalRun) -> list[tuple[str, CaseResult]]:
    """(suite, case) of the whole run: what failed first, then what could not be judged, then the rest."""
    order = {"failed": 0, "error": 1, "passed": 2}
    cases = [(name, case) for name, suite in value.suites.items() for case in suite.results]
    return sorted(cases, key=lambda pair: order[pair[1].outcome])


def output(value: EvalRun) -> dict[str, Any]:
    """The contract's run object, with every case."""
    cases = [{"suite": name, **case.model_dump(mode="json")} for name, case in cases_of(value)]
    return {**value.as_contract(), "cases": cases}
