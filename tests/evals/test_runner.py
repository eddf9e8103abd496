"""Suites run on a real Kefu with the shipped library, and every run is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.application import Kefu
from assistant.settings import Settings
from evals import runner, suite_golden
from evals.golden import load_golden
from evals.runner import EvalError, as_json, kept_runs, load_run, run_suites
from evals.values import SuiteResult
from knowledge.values import Progress

TWO = tuple(c for c in load_golden() if c.id in ("gen-praise-no-review-ask", "after-glass-cut-hand"))


@pytest.fixture
def kefu(library_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kefu]:
    def two(kefu: Kefu, progress: Progress) -> SuiteResult:
        return suite_golden.run(kefu, progress, TWO)

    monkeypatch.setitem(runner.SUITES, "golden", two)
    with Kefu.open(Settings(home=library_home)) as opened:
        yield opened


def test_golden_cases_are_drafted_judged_kept_and_compared(kefu: Kefu) -> None:
    told: list[tuple[object, ...]] = []
    first = run_suites(kefu, ["golden"], progress=lambda *step: told.append(step))
    results = first.suites["golden"].results
    assert [r.id for r in results] == [c.id for c in TWO]
    assert all(r.reply and r.outcome != "error" for r in results)
    assert told[-1][1:] == (2, 2)

    home = kefu.settings.home
    assert kept_runs(home) == (first.run_id,)
    assert load_run(home, first.run_id) == first

    second = run_suites(kefu, ["golden"], baseline=first.run_id)
    assert second.comparison is not None
    assert second.comparison.verdicts == {"golden.pass_rate": "same"}
    assert [r.reply for r in second.suites["golden"].results] == [r.reply for r in results]
    assert len(kept_runs(home)) == 2
    assert set(json.loads(as_json(second))) == {"run_id", "suites", "comparison", "gate"}


def test_a_suite_that_is_not_there_names_those_that_are(kefu: Kefu) -> None:
    with pytest.raises(EvalError) as caught:
        run_suites(kefu, ["goldne"])
    assert "goldne" in caught.value.zh
    for name in ("golden", "guard", "retrieval"):
        assert name in caught.value.zh
        assert name in caught.value.en
    assert kept_runs(kefu.settings.home) == ()


def test_a_baseline_that_is_not_there_is_refused_before_anything_runs(kefu: Kefu) -> None:
    with pytest.raises(EvalError) as caught:
        run_suites(kefu, ["golden"], baseline="yesterday")
    assert "yesterday" in caught.value.en
