"""A run as files: JSON for programs, JUnit for CI, Markdown for a pull request, one HTML page for people."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evals.report_page import page
from evals.report_sections import VERDICTS, judged_lines
from evals.values import CaseTrace, EvalRun

if TYPE_CHECKING:  # the judge's own imports are slow
    from evals.judging import JudgeReport

__all__ = ["page", "summary", "write_report"]


def write_report(
    run: EvalRun,
    out: Path,
    before: EvalRun | None = None,
    traces: Iterable[CaseTrace] = (),
    judged: Sequence[JudgeReport] = (),
) -> None:
    """Write `run.json`, `report.html`, `junit.xml` and `summary.md` into `out`.

    `before` is the baseline, for its replies beside today's; `traces` are the run's, for the page to show; `judged` is
    what chat models held of its drafts.
    """
    out.mkdir(parents=True, exist_ok=True)
    (out / "run.json").write_text(run.model_dump_json(indent=1), encoding="utf-8")
    (out / "summary.md").write_text(summary(run, judged), encoding="utf-8")
    (out / "report.html").write_text(page(run, before, traces, judged=judged), encoding="utf-8")
    ET.ElementTree(_junit(run)).write(out / "junit.xml", encoding="utf-8", xml_declaration=True)


def summary(run: EvalRun, judged: Sequence[JudgeReport] = ()) -> str:
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
        lines += [f"- {metric}:{VERDICTS[verdict]}" for metric, verdict in run.comparison.verdicts.items()]
        lines += [f"- 变差:{case}" for case in run.comparison.regressed]
        lines += [f"- 变好:{case}" for case in run.comparison.improved]
    if judged:
        lines += ["", "大模型评审:", *(f"- {line}" for report in judged for line in judged_lines(report))]
    return "\n".join(lines) + "\n"


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
