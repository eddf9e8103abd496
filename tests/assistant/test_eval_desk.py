"""The eval desk's comparison: a red that the gate names is shown to be answered for, and who does so is on record."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from assistant.application import Kefu
from assistant.desk.eval_compare import CompareHandlers
from assistant.desk.events import held_value
from evals import accepting
from evals.registry import EvalError
from evals.runs import keep
from evals.values import CaseResult, EvalRun, SuiteResult
from tests.evals.making import run_of, suite_of

BEFORE, NOW = "20261121-120000-ab", "20261122-120000-cd"


class Desk:
    """The panel over two kept runs: in the second, all of one slice fails."""

    def __init__(self, home: Path) -> None:
        self.audited: list[tuple[Any, ...]] = []
        keep(run_of(suite_of({f"c{n}": "passed" for n in range(40)}), run_id=BEFORE), home)
        failing = tuple(
            CaseResult(id=f"c{n}", outcome="failed" if n < 20 else "passed", tags=("灯具",) if n < 20 else ("女装",))
            for n in range(40)
        )
        keep(run_of(SuiteResult(name="golden", results=failing, metrics={"pass_rate": 0.5}), run_id=NOW), home)
        kefu = SimpleNamespace(
            settings=SimpleNamespace(home=home), audit=lambda *what, **detail: self.audited.append((*what, detail))
        )
        self.do = CompareHandlers(cast("Kefu", kefu))


@pytest.fixture
def desk(kefu_home: Path) -> Desk:
    return Desk(kefu_home)


def test_a_red_is_shown_with_its_slices_and_the_box_to_answer_for_it(desk: Desk) -> None:
    held, page, slices, box = desk.do.compare("zh", BEFORE, NOW)
    run = held_value(held)
    assert isinstance(run, EvalRun) and not run.gate.passed
    assert "未通过" in page and box["visible"] is True
    assert slices["choices"] == [("golden/灯具 (20)", "golden/灯具")]
    assert "c19" in desk.do.slice("zh", held, "golden/灯具") and "c20" not in desk.do.slice("zh", held, "golden/灯具")


def test_who_answers_for_a_red_and_why_is_written_down_and_audited(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = tmp_path / "accepted.jsonl"
    monkeypatch.setattr(accepting, "ACCEPTED", record)
    held = desk.do.compare("zh", BEFORE, NOW)[0]
    with pytest.raises(EvalError, match="written reason"):
        desk.do.accept("zh", held, "李明", "")
    assert not record.exists() and desk.audited == []
    said = desk.do.accept("zh", held, " 李明 ", "灯具的对话换新了,下周补")
    kept = accepting.load_accepted(record)
    run = held_value(held)
    assert run is not None
    assert {a.red for a in kept} == set(run.gate.reds) and {a.by for a in kept} == {"李明"}
    assert "李明" in said
    assert desk.audited == [("李明", "accept_reds", {"run": NOW, "reds": len(kept)})]
    turned = desk.do.reject("en", held, "王芳", "灯具不能再差了")
    assert "rejected" in turned
    assert accepting.load_accepted(record)[-1].decision == "rejected"
    assert desk.audited[-1] == ("王芳", "reject_reds", {"run": NOW, "reds": len(kept)})


def test_the_comparison_is_told_again_in_the_language_that_was_switched_to(desk: Desk) -> None:
    held = desk.do.compare("zh", BEFORE, NOW)[0]
    _, page, listed = desk.do.again("en", held, "golden/灯具")
    assert "Failed: do not release" in page and "Cases that got worse: 20" in page
    assert "c19" in listed
    assert desk.do.again("en", None, None)[1:] == ("", "")
