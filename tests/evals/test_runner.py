"""The runner: only what changed is run, what is killed goes on, errors are errors, and every case leaves a trace."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from assistant.settings import Settings
from evals import registry
from evals.baseline import Baseline
from evals.registry import EvalError, Suite, chosen
from evals.runner import Here, as_json, kept_runs, load_run, run_suites
from evals.runs import trace_path, traces
from evals.values import CaseResult, CaseTrace, EvalRun, Inventory
from evals.workers import Done, Task
from knowledge.values import Value

if TYPE_CHECKING:
    from assistant.application import Kefu


class Sum(Value):
    """A toy case: two numbers; one that is negative breaks the machine."""

    id: str
    a: int
    b: int
    total: int


class Machine:
    """Adds, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.off = 0
        self.luck: Iterator[int] = iter(())

    def run(self, _: Kefu, cases: Sequence[Sum]) -> Iterator[CaseTrace]:
        for case in cases:
            self.asked.append(case.id)
            if case.a < 0:
                raise ValueError("no negative numbers")
            right = case.a + case.b + self.off + next(self.luck, 0) == case.total
            result = CaseResult(
                id=case.id, outcome="passed" if right else "failed", reasons=() if right else ("算错了",),
                marks={"pass_rate": float(right)}, reply=str(case.total),
            )  # fmt: skip
            yield CaseTrace(suite="sums", result=result, proposals=(f"{case.a}+{case.b}",))


CASES = [Sum(id=f"s{i:02}", a=i, b=1, total=i + 1) for i in range(40)]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()
    chosen(())
    monkeypatch.setattr(registry, "SUITES", {})
    monkeypatch.setattr("evals.runner.take", lambda *_: Inventory())
    register(machine, CASES)
    return machine


def register(machine: Machine, cases: Sequence[Sum], *, written: bool = False) -> None:
    registry.SUITES["sums"] = Suite(
        "sums", lambda: cases, partial(Machine.run, machine), frozenset({"guardrails"}), code=("runner.py",), written=written
    )  # fmt: skip


@pytest.fixture
def settings(kefu_home: Path) -> Settings:
    return Settings(home=kefu_home)


HERE = Here(cast("Kefu", None))


def ran(settings: Settings, **options: object) -> EvalRun:
    return run_suites(settings, HERE, ("sums",), **options)  # type: ignore[arg-type]


def test_a_second_run_runs_nothing_and_says_the_same(machine: Machine, settings: Settings) -> None:
    first = ran(settings)
    assert (first.cost.computed, first.cost.cached) == (40, 0)
    assert first.suites["sums"].metrics == {"pass_rate": 1.0}

    def nothing_to_do(cases: int) -> Here:
        raise AssertionError("no model is loaded when everything is known")

    second = run_suites(settings, nothing_to_do, ("sums",), baseline=first.run_id)
    assert len(machine.asked) == 40
    assert (second.cost.computed, second.cost.cached) == (0, 40)
    assert second.suites == first.suites
    assert second.comparison is not None
    assert second.comparison.verdicts == {"sums.pass_rate": "same"}
    assert second.gate.passed, second.gate.reasons
    assert kept_runs(settings.home) == (second.run_id, first.run_id)
    assert load_run(settings.home, first.run_id) == first
    assert set(json.loads(as_json(second))) == {"run_id", "suites", "comparison", "gate"}


def test_only_the_cases_that_changed_are_run(machine: Machine, settings: Settings) -> None:
    ran(settings)
    machine.asked.clear()
    register(machine, [CASES[0].model_copy(update={"b": 2}), *CASES[1:], Sum(id="new", a=1, b=1, total=2)])
    run = ran(settings)
    assert machine.asked == ["s00", "new"]
    assert [r.id for r in run.suites["sums"].results if not r.passed] == ["s00"]
    assert run.suites["sums"].results[-1].id == "new"


@pytest.mark.parametrize("change", ["own rule", "setting", "code"])
def test_everything_is_run_again_when_what_it_depends_on_changes(
    machine: Machine, settings: Settings, change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran(settings)
    machine.asked.clear()
    if change == "own rule":
        (settings.home / "rules").mkdir()
        (settings.home / "rules" / "house.yaml").write_text("category: blame\n", encoding="utf-8")
    elif change == "setting":
        settings = settings.model_copy(update={"embedding_precision": "bf16"})
    else:
        copy = tmp_path / "project"
        for name in ("assistant/guardrails/rules/blame.yaml", "assistant/values.py"):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_text("# another", encoding="utf-8")
        monkeypatch.setattr("evals.runner.prints", partial(registry_prints, root=copy))
    ran(settings)
    assert len(machine.asked) == 40


def registry_prints(settings: Settings, root: Path) -> dict[str, str]:
    from evals.fingerprint import prints

    return prints(settings, root)


class Killed(BaseException):
    """As a signal would."""


class KilledAfter:
    """Workers whose process dies after so many tasks."""

    def __init__(self, tasks: int) -> None:
        self._tasks = tasks

    def run(self, tasks: Sequence[Task]) -> Iterator[Done]:
        for number, done in enumerate(HERE.run(tasks)):
            if number == self._tasks:
                raise Killed
            yield done


def test_a_killed_run_goes_on_where_it_was_and_ends_the_same(
    machine: Machine, settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(Killed):
        run_suites(settings, KilledAfter(1), ("sums",))
    assert kept_runs(settings.home) == ()
    kept = next((settings.home / "evals" / "cache").glob("sums-*.jsonl"))
    with kept.open("ab") as file:
        file.write(b'0123456789abcdef {"suite": "sums", "resu')  # what was being written when it was killed
    machine.asked.clear()
    resumed = ran(settings)
    assert machine.asked == [c.id for c in CASES[16:]]
    whole = run_suites(Settings(home=tmp_path / "other"), HERE, ("sums",))
    assert resumed.suites == whole.suites


def test_what_cannot_be_run_is_an_error_and_is_tried_again(machine: Machine, settings: Settings) -> None:
    register(machine, [*CASES[:3], Sum(id="bad", a=-1, b=1, total=0), *CASES[3:6]])
    run = ran(settings)
    suite = run.suites["sums"]
    assert (suite.count("passed"), suite.count("failed"), suite.count("error")) == (6, 0, 1)
    assert suite.metrics == {"pass_rate": 1.0}
    assert "no negative numbers" in next(r for r in suite.results if r.id == "bad").reasons[0]
    assert "sums:1 个用例没能评判(出错不算通过)" in run.gate.reasons
    machine.asked.clear()
    ran(settings)
    assert set(machine.asked) == {"bad"}


def test_every_case_leaves_a_trace(machine: Machine, settings: Settings) -> None:
    run = ran(settings)
    kept = list(traces(settings.home, run.run_id))
    assert [t.result for t in kept] == list(run.suites["sums"].results)
    assert kept[7].proposals == ("7+1",)
    assert trace_path(settings.home, run.run_id).is_file()


def test_a_writer_that_wavers_is_asked_several_times(machine: Machine, settings: Settings) -> None:
    register(machine, CASES[:2], written=True)
    machine.luck = iter([0, 1, 0, 1, 0, 1])  # by repeat: s00 right, s01 wrong; s00 right, ...
    run = ran(settings, repeats=3)
    first, second = run.suites["sums"].results
    assert (first.repeats, first.outcome, second.outcome) == (3, "passed", "failed")
    machine.luck = iter([0, 0, 1, 0, 0, 0])
    wavering = ran(settings, repeats=3, fresh=True).suites["sums"].results[0]
    assert wavering.passed
    assert "2/3" in wavering.tags


def test_a_suite_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(EvalError) as caught:
        chosen(["goldne"])
    assert "goldne" in caught.value.zh
    for name in ("golden", "guard", "retrieval"):
        assert name in caught.value.zh
        assert name in caught.value.en


def test_a_baseline_that_is_not_there_is_refused_before_anything_runs(machine: Machine, settings: Settings) -> None:
    with pytest.raises(EvalError) as caught:
        ran(settings, baseline="yesterday")
    assert "yesterday" in caught.value.en
    assert machine.asked == []


def test_a_baseline_is_small_readable_and_as_good_as_its_run(
    machine: Machine, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.off = 1
    bad = ran(settings)
    path = tmp_path / "nightly.json"
    Baseline.of(bad).write(path)
    assert '"s07": "failed"' in path.read_text(encoding="utf-8")
    machine.off = 0
    run = ran(settings, baseline=str(path), fresh=True)
    assert run.comparison is not None
    assert run.comparison.baseline == bad.run_id
    assert run.comparison.verdicts == {"sums.pass_rate": "better"}
    assert len(run.comparison.improved) == 40


def test_marks_that_the_outcome_does_not_tell_come_through_a_baseline(settings: Settings) -> None:
    result = CaseResult(
        id="x", outcome="passed", marks={"pass_rate": 1.0, "false_block_rate": 0.0, "checks": 1.0, "mrr": 0.25}
    )
    suite = registry.SUITES["guard"].result([result])
    run = EvalRun.model_validate(
        {"run_id": "r", "at": "2026-11-22T00:00:00", "suites": {"guard": suite}, "gate": {"passed": True}}
    )
    baseline = Baseline.of(run)
    assert baseline.suites["guard"].cases == {"x": "passed false_block_rate=0 mrr=0.25"}
    assert baseline.as_run().suites["guard"].results[0].marks == {"false_block_rate": 0.0, "mrr": 0.25}
