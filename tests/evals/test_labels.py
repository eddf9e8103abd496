"""Blind labels and candidates: agreement is Cohen's, nobody sees another's label, nothing personal becomes a candidate."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.conversation import Conversation
from evals.candidates import conversation_row, load_candidates, promote
from evals.labels import agreements, kappa, keep_label, load_labels, next_case
from evals.registry import EvalError
from evals.values import CaseResult, EvalRun, SuiteResult
from tests.evals.making import run_of


def pairs(*counts: tuple[str, str, int]) -> tuple[list[str], list[str]]:
    first = [a for a, _, n in counts for _ in range(n)]
    return first, [b for _, b, n in counts for _ in range(n)]


def test_kappa_is_the_published_one() -> None:
    """Two readers of 50 proposals (20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no): the textbook example, 0.4."""
    first, second = pairs(("yes", "yes", 20), ("yes", "no", 5), ("no", "yes", 10), ("no", "no", 15))
    assert kappa(first, second) == pytest.approx(0.4)


def test_kappa_of_cohens_own_table() -> None:
    """Cohen 1960, table 1 (200 cases, three categories): observed 0.70, by chance 0.41, kappa 0.492."""
    table = (
        ("1", "1", 88), ("1", "2", 10), ("1", "3", 2), ("2", "1", 14), ("2", "2", 40), ("2", "3", 6),
        ("3", "1", 18), ("3", "2", 10), ("3", "3", 12),
    )  # fmt: skip
    assert kappa(*pairs(*table)) == pytest.approx(0.492, abs=0.0005)


def test_kappa_says_nothing_where_chance_explains_everything() -> None:
    assert kappa(["good"] * 5, ["good"] * 5) is None
    assert kappa([], []) is None
    assert kappa(["good", "bad"], ["bad", "good"]) == pytest.approx(-1)


@pytest.fixture
def run() -> EvalRun:
    results = tuple(CaseResult(id=f"c{n}", outcome="passed", reply=f"好的{n}") for n in range(4))
    silent = CaseResult(id="silent", outcome="failed", reasons=("没有回复",))
    return run_of(SuiteResult(name="golden", results=(*results, silent), metrics={}))


def test_two_people_label_the_same_cases_in_the_same_order_and_a_second_thought_counts(
    run: EvalRun, tmp_path: Path
) -> None:
    orders: dict[str, list[str]] = {}
    for person in ("小乔", "阿宁"):
        while found := next_case(run, person, load_labels(tmp_path)):
            orders.setdefault(person, []).append(found[0])
            keep_label(tmp_path, run.run_id, found[0], person, "good" if found[0] != "golden/c1" else "bad")
    assert orders["小乔"] == orders["阿宁"]
    assert sorted(orders["小乔"]) == ["golden/c0", "golden/c1", "golden/c2", "golden/c3"], "nothing to judge in silence"
    keep_label(tmp_path, run.run_id, "golden/c2", "阿宁", "unsure")
    keep_label(tmp_path, "another run", "golden/c0", "阿宁", "bad")
    (both,) = agreements(run.run_id, load_labels(tmp_path))
    assert (both.cases, both.agreed) == (4, 3)
    assert both.kappa == pytest.approx((3 * 4 - (3 * 2 + 1 * 1)) / (16 - 7))


def test_a_label_has_a_name(tmp_path: Path) -> None:
    with pytest.raises(EvalError, match="your name"):
        keep_label(tmp_path, "r", "golden/c0", " ", "good")
    assert load_labels(tmp_path) == ()


def hidden(text: str) -> str:
    return text.replace("13800001111", "[手机号]")


def test_a_promoted_conversation_is_masked_once_more_and_kept_once(tmp_path: Path) -> None:
    conversation = Conversation.read(
        {
            "messages": [
                {"role": "customer", "text": "打我13800001111"},
                {"role": "agent", "text": "好的"},
                {"role": "customer", "text": "还没到"},
            ]
        }
    )
    row = conversation_row("马上回拨13800001111", conversation)
    kept = promote(tmp_path, "draft/d1", row, by="小乔", note="先道歉,回拨13800001111", mask=hidden)
    written = (tmp_path / "evals" / "candidates.jsonl").read_text(encoding="utf-8")
    assert "13800001111" not in written
    assert written.count("[手机号]") == 3
    assert load_candidates(tmp_path) == (kept,)
    assert [m["role"] for m in kept.row["messages"]] == ["customer", "agent", "customer"]
    with pytest.raises(EvalError, match="a candidate already"):
        promote(tmp_path, "draft/d1", row, by="阿宁", note="再存一次", mask=hidden)
    assert len(load_candidates(tmp_path)) == 1


@pytest.mark.parametrize(("by", "note"), [("", "先道歉再说"), ("小乔", "好")])
def test_nothing_becomes_a_candidate_unread(by: str, note: str, tmp_path: Path) -> None:
    with pytest.raises(EvalError, match="your name"):
        promote(tmp_path, "overrule/1", {"reply": "好", "expect": "pass"}, by=by, note=note, mask=str)
    assert load_candidates(tmp_path) == ()
