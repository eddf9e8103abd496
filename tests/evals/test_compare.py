"""Two runs compared case by case: real changes are named, noise is not, and what can't be told is said to be so."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from evals.compare import compare
from evals.limits import LEVEL, SMALLEST
from evals.null import null_trial
from evals.values import CaseResult, Effect, EvalRun, Outcome, SuiteResult
from tests.evals.making import run_of, suite_of


def outcomes(total: int, failing: range = range(0)) -> dict[str, Outcome]:
    return {f"c{i}": "failed" if i in failing else "passed" for i in range(total)}


def marked(
    values: Sequence[float] | NDArray[np.float64], name: str = "checks", clusters: int = 0, suite: str = "golden"
) -> EvalRun:
    """A run of passed cases with one mark each."""
    results = tuple(
        CaseResult(id=f"c{i}", outcome="passed", marks={name: v}, cluster=f"k{i % clusters}" if clusters else "")
        for i, v in enumerate(values)
    )
    return run_of(SuiteResult(name=suite, results=results, metrics={}))


def effect(now: EvalRun, before: EvalRun, metric: str) -> Effect:
    return next(e for e in compare(now, before).effects if e.metric == metric)


def test_a_run_against_itself_is_the_same() -> None:
    run = run_of(suite_of(outcomes(40, range(7))))
    comparison = compare(run, run)
    assert comparison.verdicts == {"golden.pass_rate": "same"}
    assert comparison.regressed == comparison.improved == ()
    assert comparison.lost == ()


def test_a_planted_regression_is_worse_and_named() -> None:
    before = run_of(suite_of(outcomes(40)), run_id="before")
    comparison = compare(run_of(suite_of(outcomes(40, range(8)))), before)
    assert comparison.baseline == "before"
    assert comparison.verdicts == {"golden.pass_rate": "worse"}
    assert comparison.regressed == tuple(f"golden/c{i}" for i in range(8))
    (found,) = comparison.effects
    assert (found.worse, found.better, found.cases) == (8, 0, 40)
    assert found.difference == pytest.approx(-0.2)
    assert found.low < -0.2 < found.high < 0


def test_an_improvement_is_named() -> None:
    comparison = compare(run_of(suite_of(outcomes(40))), run_of(suite_of(outcomes(40, range(8)))))
    assert comparison.verdicts == {"golden.pass_rate": "better"}
    assert len(comparison.improved) == 8


def test_few_flips_among_many_cases_are_no_difference_and_among_few_cases_unclear() -> None:
    def flipped(cases: int) -> Effect:
        return effect(
            run_of(suite_of(outcomes(cases, range(2)))),
            run_of(suite_of(outcomes(cases, range(2, 3)))),
            "golden.pass_rate",
        )

    assert flipped(1000).verdict == "same"
    assert flipped(20).verdict == "unclear"
    assert flipped(1000).more_cases is None
    assert (flipped(20).more_cases or 0) > 20, "and it is said how many more cases would tell"


def test_a_change_too_small_to_matter_is_no_difference_however_sure() -> None:
    before, now = run_of(suite_of(outcomes(3000))), run_of(suite_of(outcomes(3000, range(20))))
    found = effect(now, before, "golden.pass_rate")
    assert found.p_corrected < 0.001
    assert found.verdict == "same"
    assert compare(now, before, {"golden": 0.005}).verdicts == {"golden.pass_rate": "worse"}


def test_cases_that_fall_together_count_as_one() -> None:
    def flipped(clusters: int) -> Effect:
        values = np.ones(60)
        now = values.copy()
        now[[i for i in range(60) if i % 20 < 4]] = 0  # four clusters of 20, or twelve single cases
        return effect(marked(now, clusters=clusters), marked(values, clusters=clusters), "golden.checks")

    assert flipped(0).verdict == "worse"
    assert flipped(20).verdict == "unclear"
    assert flipped(20).clusters == 20


def test_scores_move_verdicts_too_and_less_can_be_better() -> None:
    chance = np.random.default_rng(4)
    before = chance.uniform(0.3, 0.7, 80)
    assert effect(marked(before + 0.1), marked(before), "golden.checks").verdict == "better"
    assert effect(marked(before - 0.1), marked(before), "golden.checks").verdict == "worse"
    blocks = effect(
        marked([1.0] * 20, "false_block_rate", suite="guard"),
        marked([0.0] * 20, "false_block_rate", suite="guard"),
        "guard.false_block_rate",
    )
    assert (blocks.verdict, blocks.worse) == ("worse", 20)


def test_a_change_of_length_is_shown_and_is_neither_better_nor_worse() -> None:
    found = effect(marked([140.0] * 30, "chars"), marked([90.0] * 30, "chars"), "golden.chars")
    assert found.verdict == "unclear"
    assert found.more_cases is None
    assert (found.before, found.now) == (90, 140)


def test_errors_and_cases_that_only_one_run_has_do_not_count_but_lost_ones_are_told() -> None:
    before: dict[str, Outcome] = {"kept": "passed", "broken": "passed", "gone": "failed"}
    now: dict[str, Outcome] = {"kept": "passed", "broken": "error", "new": "failed"}
    comparison = compare(run_of(suite_of(now)), run_of(suite_of(before)))
    assert comparison.regressed == ()
    assert comparison.verdicts == {"golden.pass_rate": "same"}
    assert [lost.key for lost in comparison.lost] == ["cases.golden"]
    assert "gone" in comparison.lost[0].zh


def test_only_suites_that_both_ran_are_compared() -> None:
    one = run_of(suite_of(outcomes(4)), suite_of(outcomes(4), "guard"))
    assert set(compare(one, run_of(suite_of(outcomes(4)))).verdicts) == {"golden.pass_rate"}


def test_nothing_in_common_tells_nothing() -> None:
    comparison = compare(run_of(suite_of({"a": "passed"})), run_of(suite_of({"b": "passed"})))
    assert comparison.verdicts == {"golden.pass_rate": "unclear"}


def noisy(chance: np.random.Generator, cases: int = 150) -> EvalRun:
    """A run in which pairs of cases rise and fall together, with many metrics and slices, and nothing but noise."""
    results = []
    for number in range(cases):
        luck = chance.random()
        passed = bool(chance.random() < 0.2 + 0.6 * (number // 2 % 7) / 7)
        slices = {f"recall.{number % 9}": float(passed), "mrr": luck, "block_recall": float(luck > 0.1)}
        results.append(
            CaseResult(
                id=f"c{number}",
                outcome="passed" if passed else "failed",
                cluster=f"p{number // 2}",
                marks={"pass_rate": float(passed), **slices},
            )
        )
    return run_of(SuiteResult(name="guard", results=tuple(results), metrics={}))


def test_two_runs_that_differ_by_noise_alone_are_hardly_ever_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evals.compare.null_trial", lambda *_: None)  # costs more than all the rest
    monkeypatch.setattr("evals.compare.interval", lambda *_: (-1.0, 1.0))  # tells same from unclear, and no more
    chance = np.random.default_rng(8)
    false = 0
    for _ in range(60):
        verdicts = compare(noisy(chance), noisy(chance)).verdicts.values()
        false += bool({"better", "worse"} & set(verdicts))
    assert false <= 6  # 5% of 60 is 3; more than 6 has a chance of 3 in 100 were it truly 5%


def test_a_run_against_itself_is_tried_in_every_comparison() -> None:
    run = noisy(np.random.default_rng(1))
    trial = null_trial(run, SMALLEST)
    assert trial.rounds == 200
    assert trial.rate <= LEVEL
    assert compare(run, run).null == trial, "the same every time"


def test_the_trial_notices_a_comparison_that_sees_differences_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evals.null.sign_flip_p", lambda *_, **__: 0.0001)
    assert null_trial(noisy(np.random.default_rng(1)), SMALLEST).rate > 0.5
