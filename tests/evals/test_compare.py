"""Two runs compared case by case: real changes are named, noise is not."""

from __future__ import annotations

import pytest
from scipy.stats import binom

from evals.compare import SIGNIFICANCE, compare, judge_flips
from evals.values import Outcome
from tests.evals.making import run_of, suite_of


def outcomes(total: int, failing: range = range(0)) -> dict[str, Outcome]:
    return {f"c{i}": "failed" if i in failing else "passed" for i in range(total)}


@pytest.mark.parametrize(
    ("worse", "better", "verdict"),
    [
        # Exact two-sided p of 6 to 0 is 2/64 = 0.031, of 5 to 0 is 2/32 = 0.0625.
        (6, 0, "worse"),
        (0, 6, "better"),
        (5, 0, "unclear"),
        # McNemar 1947 in its exact form, as in Fay's paper on exact tests: 21 to 9 gives p = 0.043.
        (21, 9, "worse"),
        (20, 10, "unclear"),
    ],
)
def test_flips_are_judged_by_the_exact_mcnemar_test(worse: int, better: int, verdict: str) -> None:
    flips = worse + better
    p = min(1.0, 2 * float(binom.cdf(min(worse, better), flips, 0.5)))
    assert (p < SIGNIFICANCE) == (verdict != "unclear")
    assert judge_flips(worse, better, cases=100) == verdict


def test_few_flips_among_many_cases_are_no_difference_and_among_few_cases_unclear() -> None:
    assert judge_flips(2, 1, cases=1000) == "same"
    assert judge_flips(2, 1, cases=20) == "unclear"


def test_nothing_in_common_tells_nothing() -> None:
    assert judge_flips(0, 0, cases=0) == "unclear"


def test_a_run_against_itself_is_the_same() -> None:
    run = run_of(suite_of(outcomes(40, range(7))))
    comparison = compare(run, run)
    assert comparison.verdicts == {"golden.pass_rate": "same"}
    assert comparison.regressed == comparison.improved == ()


def test_a_planted_regression_is_worse_and_named() -> None:
    before = run_of(suite_of(outcomes(40)), run_id="before")
    comparison = compare(run_of(suite_of(outcomes(40, range(8)))), before)
    assert comparison.baseline == "before"
    assert comparison.verdicts == {"golden.pass_rate": "worse"}
    assert comparison.regressed == tuple(f"golden/c{i}" for i in range(8))


def test_an_improvement_is_named() -> None:
    comparison = compare(run_of(suite_of(outcomes(40))), run_of(suite_of(outcomes(40, range(8)))))
    assert comparison.verdicts == {"golden.pass_rate": "better"}
    assert len(comparison.improved) == 8


def test_errors_and_cases_that_only_one_run_has_do_not_count() -> None:
    before: dict[str, Outcome] = {"kept": "passed", "broken": "passed", "gone": "failed"}
    now: dict[str, Outcome] = {"kept": "passed", "broken": "error", "new": "failed"}
    comparison = compare(run_of(suite_of(now)), run_of(suite_of(before)))
    assert comparison.regressed == ()
    assert comparison.verdicts == {"golden.pass_rate": "same"}


def test_only_suites_that_both_ran_are_compared() -> None:
    one = run_of(suite_of(outcomes(4)), suite_of(outcomes(4), "guard"))
    assert set(compare(one, run_of(suite_of(outcomes(4)))).verdicts) == {"golden.pass_rate"}
