"""The golden checks on replies that were written without them: good ones pass in other words, careless ones are caught."""

from __future__ import annotations

import pytest

from evals.golden import load_golden
from evals.golden_replies import TriedReply, load_replies, misjudged

CASES = {case.id: case for case in load_golden()}
REPLIES = load_replies()


@pytest.mark.parametrize("reply", REPLIES, ids=lambda r: f"{r.case}-{r.fails or 'good'}")
def test_the_checks_judge_it_rightly(reply: TriedReply) -> None:
    assert [why for _, why in misjudged(CASES, [reply])] == []


def test_every_case_has_another_good_reply_and_many_have_a_bad_one() -> None:
    assert {r.case for r in REPLIES if r.good} == set(CASES)
    assert len({r.case for r in REPLIES if r.bad}) >= 40


def test_a_good_reply_is_not_its_cases_reference_again() -> None:
    assert [r.case for r in REPLIES if r.good == CASES[r.case].reference] == []


@pytest.mark.parametrize(
    "said",
    [{}, {"good": "好", "bad": "坏", "fails": "says"}, {"bad": "坏"}, {"good": "好", "fails": "says"}],
    ids=["neither", "both", "a bad one of no kind", "a good one that fails"],
)
def test_a_reply_is_either_good_or_bad_for_a_reason(said: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="reply"):
        TriedReply.model_validate({"case": "c", **said})
