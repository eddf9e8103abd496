"""One page that tells a person what a run showed: the answer first, then what got worse, then everything else.

Nothing on it comes from elsewhere and nothing on it runs: folding is the browser's own, charts are SVG.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from evals.report_cases import case
from evals.report_markup import esc, folded, table
from evals.report_sections import PASSING, Seen, confusion, judged_lines, retrieval, slices, verdicts
from evals.values import CaseResult, CaseTrace, EvalRun, SuiteResult

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
) -> str:
    """The page. `before` is the baseline with its replies where they are known; `traces` are the run's own; `judged` is
    what chat models held of its drafts.
    """
    seen = Seen.of(run, traces, passing)
    old = {name: {r.id: r for r in suite.results} for name, suite in before.suites.items()} if before else {}
    changed = _changed(run, old, seen)
    body = "".join(_suite(suite, run, before, old.get(suite.name, {}), seen) for suite in run.suites.values())
    return Template(_PAGE.read_text(encoding="utf-8")).substitute(
        run_id=esc(run.run_id),
        engine=esc("离线引擎" if run.engine == "offline" else run.engine),
        at=f"{run.at:%Y-%m-%d %H:%M} UTC",
        gate="通过:可以发布" if run.gate.passed else "未通过:不要发布",
        gate_class="pass" if run.gate.passed else "fail",
        reasons="".join(f"<li>{esc(r)}</li>" for r in run.gate.reasons),
        counts=_counts(run),
        compared=f"<section><h2>和基线比</h2>{verdicts(run.comparison)}</section>" if run.comparison else "",
        changed=_judged(judged) + changed,
        body=body,
    )


def _judged(reports: Sequence[JudgeReport]) -> str:
    said = "".join(f"<p>{esc(line)}</p>" for report in reports for line in judged_lines(report))
    return f"<section><h2>大模型评审</h2>{said}</section>" if said else ""


def _counts(run: EvalRun) -> str:
    rows = [
        (s.name, len(s.results), s.count("passed"), s.count("failed"), s.count("error")) for s in run.suites.values()
    ]
    return table(("评测集", "用例", "通过", "没通过", "没跑成"), rows)


def _changed(run: EvalRun, old: dict[str, dict[str, CaseResult]], seen: Seen) -> str:
    """What got worse, side by side with what it was; what got better is behind a click."""
    if run.comparison is None:
        return ""
    now = {f"{name}/{r.id}": r for name, suite in run.suites.items() for r in suite.results}

    def shown(keys: Iterable[str], mark: str) -> str:
        return "".join(
            case(now[key], f"{mark} {name}", old.get(name, {}).get(case_id), seen.kept.get(key, ()))
            for key in keys
            if key in now
            for name, _, case_id in [key.partition("/")]
        )

    worse, better = run.comparison.regressed, run.comparison.improved
    return (
        f"<section><h2>变差的 {len(worse)} 个用例</h2>{shown(worse, '变差') or '<p>没有用例变差。</p>'}"
        f"{folded(f'变好的 {len(better)} 个用例', shown(better, '变好'))}</section>"
    )


def _suite(suite: SuiteResult, run: EvalRun, before: EvalRun | None, old: dict[str, CaseResult], seen: Seen) -> str:
    told = set(run.comparison.regressed) if run.comparison else set()
    failing = [r for r in suite.results if not r.passed and f"{suite.name}/{r.id}" not in told]
    failing.sort(key=lambda r: (r.outcome == "error", r.id))
    then = before.suites.get(suite.name) if before else None
    metrics = table(("指标", "值"), [(name, f"{value:g}") for name, value in suite.metrics.items()])
    cases = "".join(case(r, "", old.get(r.id), seen.kept.get(f"{suite.name}/{r.id}", ())) for r in failing[:FAILING])
    cut = f"<p>还有 {len(failing) - FAILING} 个没通过的没有列出。</p>" if len(failing) > FAILING else ""
    nothing = "<p>全部通过。</p>" if suite.count("passed") == len(suite.results) else ""
    return (
        f"<section><h2>{esc(suite.name)} <small>{suite.count('passed')}/{len(suite.results)}</small></h2>"
        f"{retrieval(suite, then)}{folded('指标', metrics)}{folded('切片', slices(suite, then))}"
        f"{folded('护栏类别:标注和判定', confusion(seen.confused[suite.name]))}"
        f"{folded(f'没通过的 {len(failing)} 个用例', cases + cut, opened=not run.comparison or len(failing) <= 20)}"
        f"{nothing}{_passing(suite, seen)}</section>"
    )


def _passing(suite: SuiteResult, seen: Seen) -> str:
    """Cases that passed and whose trace the page holds."""
    passed = [(r, seen.kept[key]) for r in suite.results if r.passed and (key := f"{suite.name}/{r.id}") in seen.kept]
    left = seen.left_out[suite.name]
    cut = f"<p>另有 {left} 个通过的用例,过程在运行记录旁的 traces.jsonl.gz 里。</p>" if left else ""
    return folded(f"通过的 {len(passed)} 个用例", "".join(case(r, traces=t) for r, t in passed) + cut)
