"""The gate: every threshold holds, and nothing that was not shown to pass counts as passed."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.gate import GateRules, Threshold
from evals.golden import load_golden
from evals.values import Comparison, Outcome
from knowledge.errors import DataFileError
from tests.evals.making import run_of, suite_of

RULES = GateRules(
    thresholds=(Threshold(suite="golden", metric="pass_rate", least=0.75),),
    must_pass=("golden/a",),
)


def reasons(rules: GateRules = RULES, /, **outcomes: Outcome) -> tuple[str, ...]:
    return rules.judge(run_of(suite_of(outcomes)), accepted=()).reasons


def test_a_run_that_reaches_the_thresholds_passes() -> None:
    gate = RULES.judge(run_of(suite_of({"a": "passed", "b": "passed", "c": "passed", "d": "failed"})), accepted=())
    assert (gate.passed, gate.reasons) == (True, ())


def test_a_missed_threshold_is_a_reason_with_both_figures() -> None:
    assert reasons(a="passed", b="failed") == ("golden.pass_rate 是 0.500,应不低于 0.75",)


def test_a_figure_may_be_bounded_from_above() -> None:
    rules = GateRules(thresholds=(Threshold(suite="golden", metric="pass_rate", most=0.1),))
    assert reasons(rules, a="passed") == ("golden.pass_rate 是 1.000,应不高于 0.1",)


def test_an_empty_run_never_passes() -> None:
    assert not RULES.judge(run_of(), accepted=()).passed
    assert not GateRules(thresholds=()).judge(run_of(suite_of({})), accepted=()).passed


def test_an_error_is_not_a_pass() -> None:
    assert "golden:1 个用例没能评判(出错不算通过)" in reasons(a="passed", b="error")


def test_a_metric_that_was_not_measured_is_a_reason() -> None:
    assert "golden.pass_rate 没有测出来" in reasons(a="error")


@pytest.mark.parametrize("outcome", ["failed", "error"])
def test_a_must_pass_case_that_did_not_pass_is_named(outcome: Outcome) -> None:
    assert "必过用例 golden/a 没有通过" in reasons(a=outcome, b="passed", c="passed", d="passed")


def test_a_must_pass_case_that_was_not_run_is_named() -> None:
    assert reasons(b="passed") == ("必过用例 golden/a 没有通过",)


def test_a_suite_that_was_not_run_is_not_asked_about() -> None:
    assert RULES.judge(run_of(suite_of({"x": "passed"}, "guard")), accepted=()).passed


@pytest.mark.parametrize(("verdict", "passes"), [("worse", False), ("same", True), ("unclear", True), ("better", True)])
def test_only_a_real_regression_fails_the_gate(verdict: str, passes: bool) -> None:
    comparison = Comparison.model_validate(
        {"baseline": "r0", "regressed": (), "improved": (), "verdicts": {"golden.pass_rate": verdict}}
    )
    run = run_of(suite_of({"a": "passed"})).model_copy(update={"comparison": comparison})
    assert RULES.judge(run, accepted=()).passed is passes


def test_the_shipped_rules_ask_for_golden_guard_and_retrieval() -> None:
    assert {t.suite for t in GateRules.load().thresholds} >= {"golden", "guard", "guard_fresh", "retrieval"}


def test_every_case_that_must_pass_exists() -> None:
    golden = {f"golden/{case.id}" for case in load_golden()}
    assert set(GateRules.load().must_pass) <= golden


def test_a_threshold_with_two_bounds_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "gate.yaml"
    path.write_text("thresholds:\n  - {suite: g, metric: m, least: 0.1, most: 0.2}\n", encoding="utf-8")
    with pytest.raises(DataFileError) as caught:
        GateRules.load(path)
    assert caught.value.line == 2
