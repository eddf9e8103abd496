"""The eval desk's values as HTML."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.desk.eval_runs import cases_of
from assistant.desk.render.markup import chip, empty, esc, tag
from assistant.desk.text import Words
from evals.labels import Agreement
from evals.values import CaseResult, EvalRun, Gate, SuiteResult

SHOWN = 200
"""Rows at most: a browser stays quick, and nobody reads more failures at once."""
FIGURES = 4
"""Figures of a suite shown at once; the rest is a click away."""
_CSS = {"passed": "k-pass", "failed": "k-block", "error": "k-unknown"}


def table(value: EvalRun | None, failed_only: bool, w: Words) -> str:
    """Whether the gate held, how each suite did, then its cases, what failed first."""
    if value is None:
        return empty(w("eval.no_results"))
    suites = "".join(_suite(suite, w) for suite in value.suites.values())
    cases = cases_of(value)
    if not cases:
        return _gate(value.gate, w) + tag("p", esc(w("eval.nothing_run")), "k-note k-warn")
    rows = [row for row in cases if not (failed_only and row[1].passed)]
    return _gate(value.gate, w) + tag("div", suites, "k-suites") + listed(rows, w)


def _gate(gate: Gate, w: Words) -> str:
    if gate.passed:
        return tag("p", esc(w("eval.gate_passed")), "k-note k-pass", role="status")
    reasons = tag("ul", "".join(tag("li", esc(reason)) for reason in gate.told(w.language)))
    return tag("div", esc(w("eval.gate_failed")) + reasons, "k-note k-block", role="status")


def _suite(suite: SuiteResult, w: Words) -> str:
    cases, passed = len(suite.results), suite.count("passed")
    percent = 100 * passed // cases if cases else 0
    figures = [
        tag("div", tag("span", esc(name)) + tag("b", esc(f"{figure:.3g}"))) for name, figure in suite.metrics.items()
    ]
    metrics = "".join(figures[:FIGURES])
    if rest := figures[FIGURES:]:
        more = tag("summary", esc(w("eval.more_metrics", count=len(rest))))
        metrics += tag("details", more + "".join(rest))
    head = tag("b", esc(suite.name)) + tag("span", esc(w("eval.summary", passed=passed, cases=cases)))
    bar = tag("div", tag("div", "", "k-bar-fill", style=f"width:{percent}%"), "k-bar")
    css = "k-suite " + ("k-pass" if cases and passed == cases else "k-block")
    return tag("div", head + bar + tag("div", metrics, "k-metrics"), css, data_suite=suite.name)


def listed(rows: Sequence[tuple[str, CaseResult]], w: Words) -> str:
    """Cases as a table; at most `SHOWN` of them."""
    if not rows:
        return tag("p", esc(w("eval.all_passed")), "k-note k-pass")
    columns = ("suite", "case", "result", "reasons")
    head = "".join(tag("th", esc(w(f"eval.column.{c}")), scope="col") for c in columns)
    body = "".join(_case(suite, case, w) for suite, case in rows[:SHOWN])
    cut = ""
    if len(rows) > SHOWN:
        cut = tag("p", esc(w("eval.cut", shown=SHOWN, count=len(rows))), "k-meta")
    return tag("table", tag("thead", tag("tr", head)) + tag("tbody", body), "k-table k-cases") + cut


def _case(suite: str, case: CaseResult, w: Words) -> str:
    reasons = tag("ul", "".join(tag("li", esc(reason)) for reason in case.told(w.language))) if case.reasons else ""
    said = tag("p", esc(case.shown), "k-meta") if case.shown else ""
    if case.reply:
        said += tag("p", tag("span", esc(w("eval.reply")), "k-label") + esc(case.reply), "k-case-reply")
    cells = [
        tag("td", esc(suite), "k-meta"),
        tag("td", esc(case.id), "k-id"),
        tag("td", chip(w(f"eval.{case.outcome}"), _CSS[case.outcome])),
        tag("td", reasons + said + _origin(case, w)),
    ]
    return tag("tr", "".join(cells), data_outcome=case.outcome)


def _origin(case: CaseResult, w: Words) -> str:
    """Where a case that did not pass comes from."""
    if case.origin is None:
        return ""
    return tag("p", esc(w("eval.origin", **case.origin.model_dump(mode="json"))), "k-meta")


def framed(page: str, w: Words) -> str:
    """The report's page in a frame of its own, in which nothing can run."""
    return tag("iframe", "", "k-eval-frame", srcdoc=page, sandbox="", title=w("eval.report"))


def to_label(case: CaseResult | None, left: int, w: Words) -> str:
    """A case as a labeller may see it: what was asked and what was replied, and nothing of what anybody thought."""
    if case is None:
        return empty(w("label.none_left"))
    said = tag("p", esc(case.shown), "k-meta") if case.shown else ""
    reply = tag("p", tag("span", esc(w("eval.reply")), "k-label") + esc(case.reply), "k-case-reply")
    return tag("div", said + reply + tag("p", esc(w("label.left", count=left)), "k-meta"), "k-finding-card")


def agreed(found: Sequence[Agreement], w: Words) -> str:
    """How far labellers agree, two by two."""
    lines = [
        w("label.agreement", first=a.first, second=a.second, cases=a.cases, agreed=a.agreed,
          kappa=w("label.no_kappa") if a.kappa is None else f"{a.kappa:.2f}")
        for a in found
    ]  # fmt: skip
    return "".join(tag("p", esc(line), "k-note", data_agreement="") for line in lines)
