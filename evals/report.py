"""A run as files: JSON for programs, JUnit for CI, Markdown for a pull request, one HTML page for people."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evals.report_page import page
from evals.report_sections import judged_lines
from evals.text import Words
from evals.values import CaseTrace, EvalRun
from knowledge.errors import Language

if TYPE_CHECKING:  # the judge's own imports are slow
    from evals.judging import JudgeReport

__all__ = ["page", "summary", "write_report"]


def write_report(
    run: EvalRun,
    out: Path,
    before: EvalRun | None = None,
    traces: Iterable[CaseTrace] = (),
    judged: Sequence[JudgeReport] = (),
    language: Language = "zh",
) -> None:
    """Write `run.json`, `report.html`, `junit.xml` and `summary.md` into `out`.

    `before` is the baseline, for its replies beside today's; `traces` are the run's, for the page to show; `judged` is
    what chat models held of its drafts. Words are in `language`; `run.json` holds both.
    """
    out.mkdir(parents=True, exist_ok=True)
    (out / "run.json").write_text(run.model_dump_json(indent=1), encoding="utf-8")
    (out / "summary.md").write_text(summary(run, judged, language), encoding="utf-8")
    (out / "report.html").write_text(page(run, before, traces, judged=judged, language=language), encoding="utf-8")
    ET.ElementTree(_junit(run, language)).write(out / "junit.xml", encoding="utf-8", xml_declaration=True)


def summary(run: EvalRun, judged: Sequence[JudgeReport] = (), language: Language = "zh") -> str:
    """What a reviewer reads in ten seconds."""
    w = Words(language=language)
    came = w("report.passed_short" if run.gate.passed else "report.failed_short")
    lines = [f"# {w('report.title')} {run.run_id}: {came}", ""]
    lines += [f"- {reason}" for reason in run.gate.told(language)]
    head = " | ".join(w(f"report.{column}") for column in ("suite", "cases", "passed", "failed", "errors"))
    lines += ["", f"| {head} |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| {s.name} | {len(s.results)} | {s.count('passed')} | {s.count('failed')} | {s.count('error')} |"
        for s in run.suites.values()
    ]
    if run.comparison:
        lines += ["", f"{w('report.compared')} ({run.comparison.baseline}):"]
        lines += [f"- {metric}: {w(f'verdict.{verdict}')}" for metric, verdict in run.comparison.verdicts.items()]
        lines += [f"- {w('report.regressed', case=case)}" for case in run.comparison.regressed]
        lines += [f"- {w('report.improved', case=case)}" for case in run.comparison.improved]
    if judged:
        lines += ["", f"{w('report.judge')}:"]
        lines += [f"- {line}" for report in judged for line in judged_lines(report, w)]
    return "\n".join(lines) + "\n"


def _junit(run: EvalRun, language: Language) -> ET.Element:
    root = ET.Element("testsuites", name=run.run_id)
    for suite in run.suites.values():
        failures, broken = str(suite.count("failed")), str(suite.count("error"))
        counts = {"name": suite.name, "tests": str(len(suite.results)), "failures": failures, "errors": broken}
        element = ET.SubElement(root, "testsuite", counts)
        for result in suite.results:
            case = ET.SubElement(element, "testcase", classname=suite.name, name=_printable(result.id))
            if not result.passed:
                kind = "failure" if result.outcome == "failed" else "error"
                ET.SubElement(case, kind, message=_printable(";".join(result.told(language))))
    return root


def _printable(text: str) -> str:
    """Without what XML 1.0 has no way to hold: control characters and U+FFFE, U+FFFF; a hostile reply may hold them."""
    return "".join(
        c for c in text if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    )
