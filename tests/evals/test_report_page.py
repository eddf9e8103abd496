"""The report's page: the answer first, what changed side by side, every trace a click away, in a real browser."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from assistant.values import Situation
from evals.report_charts import Line, chart
from evals.report_markup import differences
from evals.report_page import page
from evals.report_sections import Seen, confusion
from evals.text import Words
from evals.values import (
    CaseResult,
    CaseTrace,
    CheckedReply,
    Comparison,
    Effect,
    EvalRun,
    Found,
    Gate,
    Hit,
    NullTrial,
    Origin,
    SuiteResult,
)
from tests.chromium import chromium
from tests.evals.making import run_of

HOSTILE = '</pre></details><img src=x onerror="window.pwned=1"><script>window.pwned=1</script>'


def plain(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


def test_what_differs_is_marked_and_the_rest_is_not() -> None:
    old, new = differences("退款3天内到账,请放心。", "退款5天内到账,请放心。")
    assert old == "退款<del>3</del>天内到账,请放心。"
    assert new == "退款<ins>5</ins>天内到账,请放心。"


def test_numbers_and_words_differ_whole() -> None:
    old, new = differences("pay 128 yuan", "pay 129 yuan")
    assert (old, new) == ("pay <del>128</del> yuan", "pay <ins>129</ins> yuan")


@pytest.mark.parametrize(("before", "now"), [("", "好的"), ("好的", ""), (HOSTILE, "好的"), ("一样", "一样")])
def test_no_character_is_lost_and_none_is_live(before: str, now: str) -> None:
    old, new = differences(before, now)
    assert "<img" not in old and "<script" not in old
    assert plain(new) == now
    assert plain(old).replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"') == before


def guard_trace(case: str, label: str, found: str) -> CaseTrace:
    right = bool(label) == bool(found)
    findings = (Found(category=found, severity="block", rule="r", text="保证"),) if found else ()
    checked = (CheckedReply(reply="保证到", verdict="block" if found else "pass", findings=findings),)
    tags = ("block", label) if label else ("pass", "blame")
    result = CaseResult(id=case, outcome="passed" if right else "failed", tags=tags, reply="保证到")
    return CaseTrace(suite="guard", result=result, checked=checked)


def test_confusion_tells_misses_false_blocks_and_other_names_apart() -> None:
    traces = [
        guard_trace("a", "blame", "blame"),
        guard_trace("b", "blame", ""),
        guard_trace("c", "", "leak"),
        guard_trace("d", "leak", "blame"),
        guard_trace("e", "", ""),
    ]
    run = run_of(SuiteResult(name="guard", results=tuple(t.result for t in traces), metrics={}))
    counts = Seen.of(run, traces).confused["guard"]
    html = confusion(counts, Words())
    assert counts == {("blame", "blame"): 1, ("blame", ""): 1, ("", "leak"): 1, ("leak", "blame"): 1, ("", ""): 1}
    assert (html.count("'wrong'"), html.count("'renamed'"), html.count("'right'")) == (2, 1, 2)


def test_a_trace_of_what_passed_is_kept_up_to_a_limit_and_the_rest_counted() -> None:
    traces = [guard_trace(f"c{n}", "", "") for n in range(5)]
    run = run_of(SuiteResult(name="guard", results=tuple(t.result for t in traces), metrics={}))
    seen = Seen.of(run, traces, passing=2)
    assert (len(seen.kept), seen.left_out["guard"]) == (2, 3)
    assert "另有 3 个" in page(run, traces=traces, passing=2)


def test_a_chart_leaves_a_gap_where_nothing_was_measured() -> None:
    svg = chart("走势", ["一", "二", "三"], [Line(name="golden", values=(0.5, None, 1.0))])
    assert svg.count("<circle") == 2
    assert chart("走势", ["一"], [Line(name="golden", values=(None,))]) == ""


def test_the_names_below_a_chart_do_not_run_into_each_other() -> None:
    axis = [f"11-22 07:{minute:02}" for minute in range(8)]
    svg = chart("走势", axis, [Line(name="golden", values=(0.5,) * 8)])
    places = [float(x) for x in re.findall(r"<text x='([\d.]+)' y='\d+' text-anchor='middle'>11", svg)]
    assert len(places) >= 3
    assert min(b - a for a, b in pairwise(places)) > 66  # a name of eleven characters at this size


@pytest.fixture
def runs() -> tuple[EvalRun, EvalRun, list[CaseTrace]]:
    """A baseline, a run that got worse in one case, and that run's traces."""
    before = CaseResult(id="c1", outcome="passed", reply="抱歉让您久等了,我来核实。")
    now = CaseResult(id="c1", outcome="failed", reply=f"等着。{HOSTILE}", reasons=(HOSTILE,), shown=HOSTILE)
    asked = [
        CaseResult(id=f"q{n}", outcome="passed", tags=("ask", HOSTILE), marks={"mrr": 1 / (n + 1)}) for n in range(3)
    ]
    effect = Effect(
        metric="golden.pass_rate", cases=1, clusters=1, before=1, now=0, low=-1, high=0, p=1, p_corrected=1, better=0,
        worse=1, smallest=0.02, verdict="unclear", more_cases=37,
    )  # fmt: skip
    compared = Comparison(
        baseline="r0", regressed=("golden/c1",), improved=(), verdicts={"golden.pass_rate": "unclear"},
        effects=(effect,), null=NullTrial(rounds=200, false_verdicts=1),
    )  # fmt: skip
    suites = (
        SuiteResult(name="golden", results=(now,), metrics={"pass_rate": 0}),
        SuiteResult(name="retrieval", results=tuple(asked), metrics={"pass_rate": 1}),
    )
    run = run_of(*suites).model_copy(
        update={"comparison": compared, "gate": Gate(passed=False, reasons=("必过用例没过",))}
    )
    situation = Situation(
        stage="general",
        intents=("general.waiting",),
        emotion="angry",
        customer_type="未定",
        risks=(),
        language="zh-Hans",
    )
    hit = Hit(passage_id="p", document="手册", section="心情", score=0.9, why=HOSTILE)
    trace = CaseTrace(suite="golden", result=now, situation=situation, hits=(hit,), timings_ms={"search": 3.0})
    return run_of(SuiteResult(name="golden", results=(before,), metrics={}), run_id="r0"), run, [trace]


def test_the_page_in_english_holds_no_chinese_of_ours(runs: tuple[EvalRun, EvalRun, list[CaseTrace]]) -> None:
    """What customers, drafts and authors wrote stays as it is; everything the report says itself is English."""
    before, run, traces = runs
    html = plain(page(run, before, traces, language="en"))
    for text in ("抱歉让您久等了,我来核实", "等着", "手册", "心情", "必过用例没过", "未定"):
        html = html.replace(text, "")
    assert re.findall(r"[\u4e00-\u9fff]+", html) == []
    assert 'lang="en"' in page(run, before, traces, language="en")
    assert "Failed: do not release" in html
    assert "37 more would tell" in html


def test_a_failure_tells_where_its_case_comes_from(runs: tuple[EvalRun, EvalRun, list[CaseTrace]]) -> None:
    _, run, _ = runs
    told = Origin(source="自编的对话", by="作者", added=date(2026, 11, 21), why="最容易说错")
    (result,) = run.suites["golden"].results
    suite = run.suites["golden"].model_copy(update={"results": (result.model_copy(update={"origin": told}),)})
    run = run.model_copy(update={"suites": {**run.suites, "golden": suite}})
    assert "来源:自编的对话 · 作者 · 2026-11-21 加入 · 最容易说错" in page(run)
    assert "added 2026-11-21" in page(run, language="en")


@pytest.mark.browser
def test_the_page_in_a_browser(runs: tuple[EvalRun, EvalRun, list[CaseTrace]], tmp_path: Path) -> None:
    """Verdict, figures and curve are to be seen; the trace opens with a click; nothing hostile runs, nothing is fetched."""
    path = chromium()
    if path is None:
        pytest.skip("not run: no chromium here; `python -m tests.chromium` says how to get one")
    before, run, traces = runs
    file = tmp_path / "report.html"
    file.write_text(page(run, before, traces), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        opened = browser.new_page()
        asked: list[str] = []
        opened.on("request", lambda request: asked.append(request.url))
        opened.goto(file.as_uri())
        expect(opened.locator(".gate")).to_contain_text("未通过")
        expect(opened.locator(".verdicts").first).to_contain_text("再多 37 例可定")
        expect(opened.get_by_text("A/A")).to_contain_text("200 次里误判 1 次")
        worse = opened.locator("article").first
        expect(worse.locator(".before del").first).to_be_visible()
        expect(worse.locator(".now")).to_contain_text("<script>")
        hits = worse.get_by_text("检索到")
        expect(hits).to_be_hidden()
        worse.locator("summary").click()
        expect(hits).to_be_visible()
        expect(opened.locator("figure svg polyline").first).to_be_visible()
        assert opened.evaluate("window.pwned") is None
        assert asked == [file.as_uri()]
        browser.close()
