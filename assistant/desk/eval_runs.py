"""The eval runner as the desk and the REST interface use it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from assistant.application import Kefu
from evals import accepting, runner
from evals.compare import compare
from evals.gate import GateRules
from evals.judging import reports
from evals.report_charts import Line, chart
from evals.report_page import page
from evals.runs import kept_runs, load_run, traces
from evals.values import CaseResult, EvalRun
from knowledge.errors import Language
from knowledge.values import Progress

TREND = 12
"""Kept runs that the trend shows, the newest: each is a file to read."""


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


def compared(home: Path, baseline: str, now: str) -> EvalRun:
    """Run `now` as compared with `baseline` and judged against it. Raises EvalError for a run that is not there."""
    before, run = load_run(home, baseline), load_run(home, now)
    rules = GateRules.load()
    run = run.model_copy(update={"comparison": compare(run, before, rules.smallest_effect)})
    return run.model_copy(update={"gate": rules.judge(run, before)})


def report(home: Path, baseline: str, run: EvalRun, language: str = "zh") -> str:
    """The report's page on a compared run, without the cases that passed."""
    told: Language = "en" if language == "en" else "zh"
    judged = reports(home, run.run_id)
    return page(run, load_run(home, baseline), traces(home, run.run_id), passing=0, judged=judged, language=told)


def slices_of(run: EvalRun) -> list[tuple[str, int]]:
    """("suite/tag", failing cases) of every slice in which something failed, the most first."""
    count = Counter(f"{name}/{tag}" for name, case in cases_of(run) if not case.passed for tag in set(case.tags) if tag)
    return count.most_common()


def failing_in(run: EvalRun, slice_name: str) -> list[tuple[str, CaseResult]]:
    """The cases of a slice that did not pass."""
    suite, _, tag = slice_name.partition("/")
    return [(name, case) for name, case in cases_of(run) if name == suite and tag in case.tags and not case.passed]


def trend(home: Path, title: str) -> str:
    """The pass rate of every suite over the newest kept runs, as a chart; "" while there are none."""
    runs = [load_run(home, name) for name in reversed(kept_runs(home)[:TREND])]
    names = dict.fromkeys(name for run in runs for name in run.suites)
    lines = [Line(name=n, values=tuple(_pass_rate(run, n) for run in runs)) for n in names]
    return chart(title, [f"{run.at:%m-%d %H:%M}" for run in runs], lines)


def _pass_rate(run: EvalRun, suite: str) -> float | None:
    return run.suites[suite].metrics.get("pass_rate") if suite in run.suites else None


def accept(run: EvalRun, why: str, by: str, decision: Literal["accepted", "rejected"] = "accepted") -> int:
    """Write down that `by` answers for every red of a compared run, or turns them down; how many that are."""
    return len(accepting.accept(run.run_id, run.gate.reds, why, by, accepting.ACCEPTED, decision))
