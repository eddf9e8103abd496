"""Reports: what a hostile customer or a bad reply holds breaks neither XML nor HTML."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest

from evals.report import page, summary, write_report
from evals.values import CaseResult, Comparison, EvalRun, Gate, SuiteResult
from tests.evals.making import run_of

HOSTILE = "<script>alert(1)</script>]]>&amp;\"'\x00\x0b\x1b\ud7ff\ufffe</pre> ${body} $run_id"


@pytest.fixture
def run() -> EvalRun:
    results = (
        CaseResult(id="fine", outcome="passed", reply="好的"),
        CaseResult(id="bad", outcome="failed", reasons=(HOSTILE,), tags=(HOSTILE,), shown=HOSTILE, reply=HOSTILE),
        CaseResult(id="broken", outcome="error", reasons=("没能起草",)),
        CaseResult(id="worse", outcome="failed", reasons=("没有道歉",)),
    )
    suite = SuiteResult(name="golden", results=results, metrics={"pass_rate": 1 / 3})
    compared = Comparison(
        baseline="r0", regressed=("golden/worse",), improved=(), verdicts={"golden.pass_rate": "unclear"}
    )
    gate = Gate(passed=False, reasons=("golden.pass_rate 是 0.333,应不低于 0.7",))
    return run_of(suite).model_copy(update={"comparison": compared, "gate": gate})


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> _Tags:
    reader = _Tags()
    reader.feed(html)
    return reader


def test_every_file_is_written(run: EvalRun, tmp_path: Path) -> None:
    write_report(run, tmp_path / "out")
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"run.json", "report.html", "junit.xml", "summary.md"}
    kept = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert EvalRun.model_validate(kept) == run


def test_junit_is_well_formed_and_tells_failures_from_errors(run: EvalRun, tmp_path: Path) -> None:
    write_report(run, tmp_path)
    suite = ET.parse(tmp_path / "junit.xml").getroot().find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "2", "1")
    kinds = {case.get("name"): [child.tag for child in case] for case in suite}
    assert kinds == {"fine": [], "bad": ["failure"], "broken": ["error"], "worse": ["failure"]}


def test_the_page_runs_nothing_and_asks_no_one(run: EvalRun) -> None:
    html = page(run)
    seen = read(html)
    assert "script" not in seen.tags
    assert not {"src", "href", "onload", "onerror"} & set(seen.attributes)
    assert not re.search(r"(?:https?:)?//[a-z]|@import|url\(", html)
    assert "<script>alert(1)</script>" in seen.text, "shown as text"


def test_what_got_worse_comes_first(run: EvalRun) -> None:
    html = page(run)
    assert html.index("worse") < html.index("bad <small>") < html.index("broken")


def test_passed_cases_are_counted_but_not_listed(run: EvalRun) -> None:
    assert "1/4" in page(run)
    assert "fine" not in page(run)


def test_the_summary_says_the_verdict_the_reasons_and_what_changed(run: EvalRun) -> None:
    text = summary(run)
    assert "未通过" in text.splitlines()[0]
    assert "golden.pass_rate 是 0.333,应不低于 0.7" in text
    assert "- 变差:golden/worse" in text
    assert "| golden | 4 | 1 | 2 | 1 |" in text
