"""One page that tells a person what a run showed: the answer first, then what got worse, then everything else.

Nothing on it comes from elsewhere and nothing on it runs: folding is the browser's own, charts are SVG.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from evals.report_cases import case
from evals.report_markup import esc, folded, table
from evals.report_sections import PASSING, Seen, confusion, judged_lines, retrieval, slices, verdicts
from evals.text import Words
from evals.values import CaseResult, CaseTrace, EvalRun, SuiteResult
from knowledge.errors import Language

if TYPE_CHECKING:  # the judge's own imports are slow
    from evals.judging import JudgeReport

_PAGE = Path(__file__).parent / "report.html"
FAILING = 400
"""Failing cases of a suite that the page shows at most."""


def page(
    run: EvalRun,
    before: EvalRun | None = None,
    traces: Iterable[CaseTrace] = (),
    passing: int = PASSING,
    judged: Sequence[JudgeReport] = (),
    language: Language = "zh",
) -> str:
    """The page. `before` is the baseline with its replies where they are known; `traces` are the run's own; `judged` is
    what chat models held of its drafts.
    """
    w = Words(language=language)
    seen = Seen.of(run, traces, passing)
    old = {name: {r.id: r for r in suite.results} for name, suite in before.suites.items()} if before else {}
    changed = _changed(run, old, seen, w)
    body = "".join(_suite(suite, before, old.get(suite.name, {}), Shown(run, seen, w)) for suite in run.suites.values())
    return Template(_PAGE.read_text(encoding="utf-8")).substitute(
        lang=w("lang"),
        title=esc(w("report.title")),
        glance=esc(w("report.glance")),
        run_id=esc(run.run_id),
        engine=esc(w("report.offline") if run.engine == "offline" else run.engine),
        at=f"{run.at:%Y-%m-%d %H:%M} UTC",
        gate=esc(w("report.pass" if run.gate.passed else "report.fail")),
        gate_class="pass" if run.gate.passed else "fail",
        reasons="".join(f"<li>{esc(r)}</li>" for r in run.gate.told(language)),
        counts=_counts(run, w),
        compared=_section("report.compared", verdicts(run.comparison, w), w) if run.comparison else "",
        changed=_judged(judged, w) + changed,
        body=body,
    )


def _section(title: str, content: str, w: Words) -> str:
    return f"<section><h2>{esc(w(title))}</h2>{content}</section>" if content else ""


def _judged(reports: Sequence[JudgeReport], w: Words) -> str:
    lines = "".join(f"<p>{esc(line)}</p>" for report in reports for line in judged_lines(report, w))
    return _section("report.judge", lines, w)


def _counts(run: EvalRun, w: Words) -> str:
    rows = [
        (s.name, len(s.results), s.count("passed"), s.count("failed"), s.count("error")) for s in run.suites.values()
    ]
    head = ("suite", "cases", "passed", "failed", "errors")
    return table(tuple(w(f"report.{name}") for name in head), rows)


def _changed(run: EvalRun, old: dict[str, dict[str, CaseResult]], seen: Seen, w: Words) -> str:
    """What got worse, side by side with what it was; what got better is behind a click."""
    if run.comparison is None:
        return ""
    now = {f"{name}/{r.id}": r for name, suite in run.suites.items() for r in suite.results}

    def shown(keys: Iterable[str], mark: str) -> str:
        return "".join(
            case(now[key], f"{mark} {name}", old.get(name, {}).get(case_id), seen.kept.get(key, ()), w)
            for key in keys
            if key in now
            for name, _, case_id in [key.partition("/")]
        )

    worse, better = run.comparison.regressed, run.comparison.improved
    return (
        f"<section><h2>{esc(w('report.worse_cases', count=len(worse)))}</h2>"
        f"{shown(worse, w('verdict.worse')) or _note(w('report.none_worse'))}"
        f"{folded(w('report.better_cases', count=len(better)), shown(better, w('verdict.better')))}</section>"
    )


def _note(text: str) -> str:
    return f"<p>{esc(text)}</p>"


@dataclass(frozen=True)
class Shown:
    """What every suite's part of the page is made with."""

    run: EvalRun
    seen: Seen
    w: Words


def _suite(suite: SuiteResult, before: EvalRun | None, old: dict[str, CaseResult], shown: Shown) -> str:
    run, seen, w = shown.run, shown.seen, shown.w
    told = set(run.comparison.regressed) if run.comparison else set()
    failing = [r for r in suite.results if not r.passed and f"{suite.name}/{r.id}" not in told]
    failing.sort(key=lambda r: (r.outcome == "error", r.id))
    then = before.suites.get(suite.name) if before else None
    metrics = table(
        (w("report.metric"), w("report.value")), [(name, f"{value:g}") for name, value in suite.metrics.items()]
    )
    cases = "".join(case(r, "", old.get(r.id), seen.kept.get(f"{suite.name}/{r.id}", ()), w) for r in failing[:FAILING])
    cut = _note(w("report.cut", count=len(failing) - FAILING)) if len(failing) > FAILING else ""
    nothing = _note(w("report.all_passed")) if suite.count("passed") == len(suite.results) else ""
    return (
        f"<section><h2>{esc(suite.name)} <small>{suite.count('passed')}/{len(suite.results)}</small></h2>"
        f"{retrieval(suite, then, w)}{folded(w('report.metrics'), metrics)}"
        f"{folded(w('report.slices'), slices(suite, then, w))}"
        f"{folded(w('report.confusion'), confusion(seen.confused[suite.name], w))}"
        f"{folded(w('report.failing', count=len(failing)), cases + cut, opened=not run.comparison or len(failing) <= 20)}"
        f"{nothing}{_passing(suite, seen, w)}</section>"
    )


def _passing(suite: SuiteResult, seen: Seen, w: Words) -> str:
    """Cases that passed and whose trace the page holds."""
    passed = [(r, seen.kept[key]) for r in suite.results if r.passed and (key := f"{suite.name}/{r.id}") in seen.kept]
    left = seen.left_out[suite.name]
    cut = _note(w("report.traces_left", count=left)) if left else ""
    return folded(w("report.passing", count=len(passed)), "".join(case(r, traces=t, w=w) for r, t in passed) + cut)
