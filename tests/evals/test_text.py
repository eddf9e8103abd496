"""What reports say is there in both languages, with the same places to fill; reasons are told in either."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from evals.gate import GateRules
from evals.golden import judge, load_golden
from evals.report import summary
from evals.text import Words, catalogue, said
from tests.evals.making import PASSAGES, draft_for, run_of, suite_of

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", catalogue())
def test_an_entry_has_the_same_places_in_both_languages_and_no_chinese_in_english(key: str) -> None:
    entry = catalogue()[key]
    assert places(entry.zh) == places(entry.en)
    assert not CHINESE.search(entry.en)


def test_a_value_that_has_two_languages_is_told_in_each() -> None:
    told = said("gate.lost", lost=said("guard.unchecked"))
    assert told.zh == "和基线比,护栏没能检查"
    assert told.en == "against the baseline: the guardrails could not check it"


def test_every_check_of_a_golden_case_gives_its_reason_in_english_too() -> None:
    for case in load_golden()[:20]:
        for result in judge(case, draft_for(case, "{item}38米。"), PASSAGES):
            assert bool(result.reason_en) is bool(result.reason), result.check


def test_the_gate_and_the_summary_speak_both_languages() -> None:
    run = run_of(suite_of({"a": "failed"}))
    gate = GateRules.load().judge(run, accepted=())
    assert len(gate.reasons) == len(gate.reasons_en) > 0
    assert not CHINESE.search("".join(gate.told("en")).replace("没有道歉", ""))
    told = summary(run.model_copy(update={"gate": gate}), language="en")
    assert told.startswith("# Evaluation")
    assert "| Suite | Cases | Passed | Failed | Not run |" in told


def test_a_run_that_was_kept_before_reasons_had_english_is_told_as_it_is() -> None:
    (result,) = suite_of({"a": "failed"}).results
    assert result.told("en") == ("没有道歉",)


def test_what_has_no_name_is_shown_as_it_is() -> None:
    assert (Words().named("severity", "block"), Words().named("severity", "odd")) == ("拦截", "odd")
