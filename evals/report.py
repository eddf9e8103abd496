"""A run as files: JSON for programs, JUnit for CI, Markdown for a pull request, one HTML page for people."""

from __future__ import annotations

import html
import xml.etree.ElementTree as ET
from pathlib import Path
from string import Template

from evals.values import CaseResult, EvalRun, SuiteResult

_PAGE = Path(__file__).parent / "report.html"


def write_report(run: EvalRun, out: Path) -> None:
    """Write `run.json`, `report.html`, `junit.xml` and `summary.md` into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "run.json").write_text(run.model_dump_json(indent=1), encoding="utf-8")
    (out / "summary.md").write_text(summary(run), encoding="utf-8")
    (out / "report.html").write_text(page(run), encoding="utf-8")
    ET.ElementTree(_junit(run)).write(out / "junit.xml", encoding="utf-8", xml_declaration=True)


def summary(run: EvalRun) -> str:
    """What a reviewer reads in ten seconds."""
    lines = [f"# 评测 {run.run_id}:{'通过' if run.gate.passed else '未通过'}", ""]
    lines += [f"- {reason}" for reason in run.gate.reasons]
    lines += ["", "| 评测集 | 用例 | 通过 | 未通过 | 出错 |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| {s.name} | {len(s.results)} | {s.count('passed')} | {s.count('failed')} | {s.count('error')} |"
        for s in run.suites.values()
    ]
    if run.comparison:
        lines += ["", f"与基线 {run.comparison.baseline} 比:"]
        lines += [f"- {metric}:{_VERDICTS[verdict]}" for metric, verdict in run.comparison.verdicts.items()]
        lines += [f"- 变差:{case}" for case in run.comparison.regressed]
        lines += [f"- 变好:{case}" for case in run.comparison.improved]
    return "\n".join(lines) + "\n"


_VERDICTS = {"better": "变好", "worse": "变差", "same": "没有差别", "unclear": "看不出来(用例太少)"}


def page(run: EvalRun) -> str:
    """One page without a single outside address: regressions first, then what failed, then the rest."""
    regressed = set(run.comparison.regressed) if run.comparison else set()
    body = "".join(_suite(suite, regressed) for suite in run.suites.values())
    compared = f"<pre>{html.escape(summary(run))}</pre>" if run.comparison else ""
    return Template(_PAGE.read_text(encoding="utf-8")).substitute(
        run_id=html.escape(run.run_id),
        gate="通过" if run.gate.passed else "未通过",
        gate_class="pass" if run.gate.passed else "fail",
        reasons="".join(f"<li>{html.escape(r)}</li>" for r in run.gate.reasons),
        compared=compared,
        body=body,
    )


def _suite(suite: SuiteResult, regressed: set[str]) -> str:
    metrics = "".join(
        f"<tr><td>{html.escape(name)}</td><td>{value:g}</td></tr>" for name, value in suite.metrics.items()
    )
    order = sorted(suite.results, key=lambda r: (f"{suite.name}/{r.id}" not in regressed, r.passed, r.id))
    cases = "".join(_case(r, f"{suite.name}/{r.id}" in regressed) for r in order if not r.passed)
    passed = suite.count("passed")
    return (
        f"<section><h2>{html.escape(suite.name)} <small>{passed}/{len(suite.results)}</small></h2>"
        f"<details><summary>指标</summary><table>{metrics}</table></details>{cases or '<p>全部通过。</p>'}</section>"
    )


def _case(result: CaseResult, regressed: bool) -> str:
    mark = "<b class='fail'>变差</b> " if regressed else ""
    reasons = "".join(f"<li>{html.escape(r)}</li>" for r in result.reasons)
    return (
        f"<article class='{result.outcome}'><h3>{mark}{html.escape(result.id)}"
        f" <small>{html.escape(' · '.join(t for t in result.tags if t))}</small></h3>"
        f"<div class='pair'><pre>{html.escape(result.shown)}</pre><pre>{html.escape(result.reply)}</pre></div>"
        f"<ul>{reasons}</ul></article>"
    )


def _junit(run: EvalRun) -> ET.Element:
    root = ET.Element("testsuites", name=run.run_id)
    for suite in run.suites.values():
        failures, broken = str(suite.count("failed")), str(suite.count("error"))
        counts = {"name": suite.name, "tests": str(len(suite.results)), "failures": failures, "errors": broken}
        element = ET.SubElement(root, "testsuite", counts)
        for result in suite.results:
            case = ET.SubElement(element, "testcase", classname=suite.name, name=_printable(result.id))
            if not result.passed:
                kind = "failure" if result.outcome == "failed" else "error"
                ET.SubElement(case, kind, message=_printable(";".join(result.reasons)))
    return root


def _printable(text: str) -> str:
    """Without what XML 1.0 has no way to hold: control characters and U+FFFE, U+FFFF; a hostile reply may hold them."""
    return "".join(
        c for c in text if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    )
