"""The statistics, against published examples, scipy, and counting by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from evals.statistics import cases_to_tell_flips, cases_to_tell_scores, holm, interval, sign_flip_p


def flips(better: int, worse: int, same: int = 0) -> list[float]:
    return [1.0] * better + [-1.0] * worse + [0.0] * same


@pytest.mark.parametrize(
    ("better", "worse", "p"),
    [
        # By hand: 2 * (1/2)^6, and 2 * 7 * (1/2)^6.
        (6, 0, 0.03125),
        (5, 1, 0.21875),
        # Agresti, Categorical Data Analysis, prime minister's approval: 86 changed to no, 150 to yes; exact p = 3.7e-05.
        (86, 150, 3.7e-05),
        # McNemar 1947 in its exact form as Fay gives it (exact2x2): 21 to 9, p = 0.043.
        (21, 9, 0.043),
    ],
)
def test_of_single_cases_it_is_the_exact_mcnemar_test(better: int, worse: int, p: float) -> None:
    found = sign_flip_p(flips(better, worse, same=40))
    assert found == pytest.approx(stats.binomtest(better, better + worse).pvalue, rel=1e-9)
    assert found == pytest.approx(p, rel=0.03)


@given(st.lists(st.integers(-4, 4), max_size=10))
def test_clusters_are_tested_exactly(sums: list[int]) -> None:
    choices = [
        abs(sum(s * d for s, d in zip(signs, sums, strict=True)))
        for signs in itertools.product((1, -1), repeat=len(sums))
    ]
    by_counting = sum(c >= abs(sum(sums)) for c in choices) / len(choices)
    assert sign_flip_p(sums) == pytest.approx(by_counting)


def test_a_pair_that_changes_together_counts_once() -> None:
    together = sign_flip_p([2.0] * 6)
    assert together == sign_flip_p([1.0] * 6)
    assert together > sign_flip_p([1.0] * 12)


def test_scores_agree_with_scipys_permutation_test() -> None:
    d = np.random.default_rng(5).normal(0.05, 0.2, 40)
    theirs = stats.permutation_test(
        (d, np.zeros_like(d)), lambda a, b, axis: (a - b).sum(axis=axis), permutation_type="samples", n_resamples=4999, rng=np.random.default_rng(1)
    )  # fmt: skip
    assert sign_flip_p(d) == pytest.approx(theirs.pvalue, abs=0.02)


def test_no_difference_at_all_is_certain() -> None:
    assert sign_flip_p([0.0] * 30) == 1.0
    assert sign_flip_p([]) == 1.0
    assert interval([0.0] * 30, [1] * 30) == (0.0, 0.0)


def test_the_interval_is_that_of_the_mean_and_covers_it() -> None:
    d = np.random.default_rng(3).normal(0.1, 0.3, 200)
    low, high = interval(list(d), [1] * 200)
    by_theory = stats.t.interval(0.95, 199, loc=d.mean(), scale=stats.sem(d))
    assert (low, high) == pytest.approx(by_theory, abs=0.01)


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    chance = np.random.default_rng(11)
    covered = 0
    for _ in range(120):
        clusters = chance.normal(0.05, 0.2, 60)  # one shift for both cases of a cluster
        low, high = interval(list(2 * clusters), [2] * 60)
        covered += low <= 0.05 <= high
    assert covered >= 105  # 95% of 120 is 114; fewer than 105 has a chance of 1 in 1,000


def test_holms_correction_of_a_published_example() -> None:
    # The worked example of the method's article in Wikipedia: at 5% the first and the last are rejected.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([]) == ()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_a_correction_never_helps_and_is_never_harsher_than_bonferronis(values: list[float]) -> None:
    for raw, corrected in zip(values, holm(values), strict=True):
        assert raw <= corrected <= min(1.0, raw * len(values)) or corrected == pytest.approx(raw)


def power_of(cases: int, flip_rate: float, effect: float, rounds: int = 3000) -> float:
    """How often the exact test sees the change, by trying."""
    chance = np.random.default_rng(2)
    better, worse = (flip_rate + effect) / 2, (flip_rate - effect) / 2
    drawn = chance.multinomial(cases, [better, worse, 1 - flip_rate], size=rounds)
    known: dict[tuple[int, int], bool] = {}
    for up, down, _ in drawn:
        key = (int(up), int(down))
        if key not in known:
            known[key] = sign_flip_p(flips(*key)) < 0.05
    return sum(known[int(up), int(down)] for up, down, _ in drawn) / rounds


@pytest.mark.parametrize(("flip_rate", "effect"), [(0.2, 0.1), (0.1, 0.05), (0.3, 0.08)])
def test_with_that_many_cases_a_change_is_seen_four_times_in_five(flip_rate: float, effect: float) -> None:
    cases = cases_to_tell_flips(flip_rate, effect, 0.05)
    assert 0.72 <= power_of(cases, flip_rate, effect) <= 0.86  # the exact test is a little strict
    assert power_of(cases // 2, flip_rate, effect) < 0.65


def test_cases_for_scores_are_those_of_the_textbook() -> None:
    # Half a standard deviation, two-sided 5%, power 80%: 32 (31.4 by the normal law; Cohen 1988 has 34 with Student's).
    assert cases_to_tell_scores(1.0, 0.5, 0.05) == 32
