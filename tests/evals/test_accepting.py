"""A red can be answered for, in writing; it is then said every time, and covers nothing worse."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.accepting import Acceptance, accept, load_accepted
from evals.gate import GateRules, Threshold
from evals.registry import EvalError
from evals.values import EvalRun, Gate
from knowledge.errors import DataFileError
from tests.evals.making import run_of, suite_of

RULES = GateRules(thresholds=(Threshold(suite="golden", metric="pass_rate", least=0.8),), must_pass=("golden/c0",))


def run(passing: int, total: int = 10) -> EvalRun:
    return run_of(suite_of({f"c{i}": "passed" if i < passing else "failed" for i in range(total)}))


def judged(passing: int, accepted: tuple[Acceptance, ...]) -> Gate:
    return RULES.judge(run(passing), accepted=accepted)


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "accepted.jsonl"


def accepted_at(record: Path, passing: int) -> tuple[Acceptance, ...]:
    accept("20261122-1", RULES.judge(run(passing), accepted=()).reds, "新的对话更难,下周补话术", "李明", record)
    return load_accepted(record)


def test_an_accepted_red_passes_and_is_said_with_who_and_why(record: Path) -> None:
    gate = judged(7, accepted_at(record, 7))
    assert gate.passed
    assert gate.accepted == 1
    (reason,) = gate.reasons
    assert reason.startswith("已接受:golden.pass_rate 是 0.700,应不低于 0.8")
    assert "李明" in reason and "下周补话术" in reason


def test_what_is_less_bad_is_covered_and_what_is_worse_is_red_again(record: Path) -> None:
    accepted = accepted_at(record, 6)
    assert judged(7, accepted).passed
    worse = judged(5, accepted)
    assert not worse.passed
    assert worse.reasons == ("golden.pass_rate 是 0.500,应不低于 0.8",)


def test_another_red_is_not_covered(record: Path) -> None:
    accepted = accepted_at(record, 7)
    gate = judged(0, accepted)
    assert "必过用例 golden/c0 没有通过" in gate.reasons
    assert not gate.passed


def test_the_record_is_only_added_to(record: Path) -> None:
    accepted_at(record, 6)
    accepted_at(record, 5)
    assert [a.red.value for a in load_accepted(record)] == pytest.approx([0.2, 0.3])


@pytest.mark.parametrize(("why", "by"), [("", "李明"), ("好", "李明"), ("新的对话更难", " ")])
def test_without_a_reason_and_a_name_nothing_is_accepted(why: str, by: str, record: Path) -> None:
    with pytest.raises(EvalError) as caught:
        accept("r", RULES.judge(run(6), accepted=()).reds, why, by, record)
    assert caught.value.code == "eval.no_reason"
    assert not record.exists()


def test_a_rejected_red_stays_red_and_is_said_with_who_and_why(record: Path) -> None:
    accept("r", RULES.judge(run(7), accepted=()).reds, "退货这类不能再差", "王芳", record, "rejected")
    gate = judged(7, load_accepted(record))
    assert not gate.passed and gate.accepted == 0
    assert len(gate.reds) == 1
    (reason,) = gate.reasons
    assert reason.startswith("golden.pass_rate 是 0.700") and "王芳" in reason and "退货这类不能再差" in reason
    assert "Rejected by 王芳" in gate.told("en")[0]


def test_a_rejection_takes_an_earlier_acceptance_back_and_the_other_way_round(record: Path) -> None:
    accepted_at(record, 7)
    accept("r", RULES.judge(run(7), accepted=()).reds, "想了想还是不行", "王芳", record, "rejected")
    assert not judged(7, load_accepted(record)).passed
    accepted_at(record, 7)
    assert judged(7, load_accepted(record)).passed


def test_a_green_run_has_nothing_to_accept(record: Path) -> None:
    with pytest.raises(EvalError) as caught:
        accept("r", RULES.judge(run(10), accepted=()).reds, "没有什么", "李明", record)
    assert caught.value.code == "eval.nothing_red"


def test_a_broken_record_is_refused_with_its_line(record: Path) -> None:
    accepted_at(record, 6)
    with record.open("a", encoding="utf-8") as file:
        file.write('{"run_id": "x"}\n')
    with pytest.raises(DataFileError) as caught:
        load_accepted(record)
    assert caught.value.line == 2


def test_the_committed_record_is_sound() -> None:
    load_accepted()
