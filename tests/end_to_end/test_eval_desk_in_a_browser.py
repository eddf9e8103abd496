"""An evaluator at the evaluation desk, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from evals.candidates import load_candidates
from evals.labels import load_labels
from evals.runs import keep
from evals.values import CaseResult, SuiteResult
from tests.evals.making import run_of

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script> **粗** {{7*7}} ${7*7} 在吗'


def test_the_evaluator_runs_a_suite_and_reads_what_failed(page: Page) -> None:
    page.get_by_role("tab", name="评测台").click()
    page.locator("#suites").get_by_text("guard_fresh").set_checked(True)
    page.locator("#run-evals").click()
    expect(page.locator("#eval-results [data-suite=guard_fresh]")).to_be_visible(timeout=120_000)
    page.locator("#eval-show").get_by_text("全部").click()
    rows = page.locator("#eval-results [data-outcome]")
    expect(rows.first).to_be_visible()
    for failed in page.locator("#eval-results [data-outcome=failed]").all()[:3]:
        expect(failed.locator("li").first).not_to_be_empty()


def test_the_evaluator_compares_two_runs_keeps_a_candidate_and_two_people_label_blind(page: Page, home: Path) -> None:
    for name, outcome, reply in (
        ("29991231-1", "passed", "抱歉,我来核实。"),
        ("29991231-2", "failed", f"等着。{HOSTILE}"),
    ):
        case = CaseResult.model_validate(
            {"id": "c1", "outcome": outcome, "reply": reply, "tags": ["家居"], "shown": "顾客:在吗"}
        )
        keep(run_of(SuiteResult(name="golden", results=(case,), metrics={"pass_rate": 0.5}), run_id=name), home)
    page.get_by_role("tab", name="评测台").click()
    expect(page.locator("#eval-trend svg circle").first).to_be_visible()
    expect(page.locator("#eval-baseline input")).to_have_value("29991231-1")
    expect(page.locator("#eval-now input")).to_have_value("29991231-2")
    page.locator("#eval-compare").click()
    report = page.frame_locator("#eval-report iframe")
    expect(report.locator(".before del").first).to_be_visible()
    expect(report.locator(".now")).to_contain_text("<script>")
    page.locator("#eval-slice input").click()
    page.get_by_role("option", name="golden/家居 (1)").click()
    expect(page.locator("#eval-slice-cases tr[data-outcome=failed]")).to_have_count(1)

    page.locator("#candidates").get_by_text("存为候选用例").click()
    page.locator("#candidate-source input").click()
    page.get_by_role("option").first.click()
    expect(page.locator("#candidate-text .k-finding-card")).to_be_visible()
    page.locator("#candidate-go").click()
    expect(page.get_by_text("存为候选前请写上您的姓名")).to_be_visible()
    assert load_candidates(home) == ()
    page.locator("#candidate-by input, #candidate-by textarea").first.fill("小乔")
    page.locator("#candidate-note input, #candidate-note textarea").first.fill("先问清是哪一单")
    page.locator("#candidate-go").click()
    expect(page.locator("#candidate-kept")).to_contain_text("共 1 条")
    assert [c.by for c in load_candidates(home)] == ["小乔"]

    page.locator("#labels").get_by_text("盲标").click()
    for person, judgement in (("小乔", "bad"), ("阿宁", "good")):
        page.locator("#label-by input, #label-by textarea").first.fill(person)
        page.locator("#label-next").click()
        card = page.locator("#label-case .k-finding-card")
        expect(card).to_contain_text("等着")
        expect(card).not_to_contain_text("没通过")
        page.locator(f"#label-{judgement}").click()
        expect(card).to_have_count(0)
    expect(page.locator("#label-agreed")).to_contain_text("共同标了 1 条,一致 0 条,Cohen κ = 0.00")
    assert [(one.by, one.label) for one in load_labels(home)] == [("小乔", "bad"), ("阿宁", "good")]
