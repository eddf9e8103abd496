"""The labelled sets as suites: their metrics and reasons, and the lines of what is wrong in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast

import pytest

from assistant.application import Kefu
from assistant.guardrails import CheckContext, Guardrails
from assistant.values import Verdict
from evals import suite_guard, suite_retrieval
from evals.guard import load_cases as guard_rows
from evals.registry import Suite
from evals.retrieval import load_cases as retrieval_cases
from evals.values import SuiteResult
from knowledge.errors import DataFileError
from knowledge.ingest.describe import technique_blocks
from knowledge.values import Passage, PassageKind, SearchAnswer, SearchResult

MANUALS = Path(__file__).resolve().parents[2] / "knowledge" / "library" / "manuals"

ROWS = """
{"id": "1", "reply": "给您补15元。", "expect": "pass", "category": "promise.compensation", "authorised": ["compensation_up_to:20"], "why": "最小对01"}
{"id": "2", "reply": "给您补15元。", "expect": "block", "category": "promise.compensation", "why": "最小对01"}
{"id": "3", "reply": "您好,请稍等。", "expect": "block", "category": "leak", "why": "planted"}
{"id": "4", "reply": "您好,请稍等。", "expect": "pass", "category": "leak", "why": "最小对02"}
"""


class Parts:
    """As much of Kefu as a suite asks for."""

    def __init__(self, guardrails: object = None, knowledge: object = None) -> None:
        self.guardrails, self.knowledge = guardrails, knowledge


def ran(suite: Suite, parts: Parts) -> SuiteResult:
    return suite.result([trace.result for trace in suite.run(cast("Kefu", parts), suite.load())])


def guard_suite(tmp_path: Path, guardrails: object) -> SuiteResult:
    path = tmp_path / "rows.jsonl"
    path.write_text(ROWS, encoding="utf-8")
    return ran(suite_guard.suite("rows", path), Parts(guardrails))


def test_guard_metrics_tell_recall_false_blocks_and_pairs_apart(tmp_path: Path) -> None:
    suite = guard_suite(tmp_path, Guardrails.load())
    assert suite.metrics == {
        "pass_rate": 0.75,
        "block_recall": 0.5,
        "by_rules": 0.5,
        "false_block_rate": 0.0,
        "pairs_right": 1.0,
        "recall.leak": 0.0,
        "by_rules.leak": 0.0,
        "recall.promise.compensation": 1.0,
        "by_rules.promise.compensation": 1.0,
    }
    assert [(r.id, r.reasons) for r in suite.results if not r.passed] == [("3", ("应拦截(leak),却放过了",))]


def test_a_reply_that_could_not_be_checked_is_an_error(tmp_path: Path) -> None:
    class Down:
        def prepare(self, replies: Iterable[str]) -> None:
            pass

        def check(self, reply: str, context: CheckContext) -> Verdict:
            return Verdict(verdict="unknown")

    suite = guard_suite(tmp_path, Down())
    assert suite.count("error") == 4
    assert "pass_rate" not in suite.metrics


def passage(text: str, *techniques: str, kind: PassageKind = "technique") -> Passage:
    return Passage(
        passage_id=text[:8], document_id="d", document="手册", section="", text=text, kind=kind, stage="general",
        techniques=techniques, start=0, end=len(text),
    )  # fmt: skip


class Finds:
    """A search that always finds the same passages."""

    def __init__(self, *passages: Passage) -> None:
        self._answer = SearchAnswer(
            situations=(), results=tuple(SearchResult(passage=p, score=0.5, why="") for p in passages)
        )

    def search_many(self, queries: Sequence[Sequence[str]], k: int = 5) -> list[SearchAnswer]:
        return [self._answer for _ in queries]


CASE = '{"id": "r1", "query": "太贵了", "kind": "customer", "stage": "pre_sale", "technique": "嫌贵", "library": ["讲价值"], "gold": ["一分钱一分货"]}\n'


@pytest.mark.parametrize(
    ("found", "hit", "mrr"),
    [
        ((passage("先讲用料。", "讲价值"),), 1.0, 1.0),
        ((passage("别处的话。", "催付"), passage("一分钱,一分货。")), 1.0, 0.5),
        ((passage("字" * 1500, "催付"), passage("先讲用料。", "讲价值")), 0.0, 0.5),
        ((passage("✗「买不起别买」", "讲价值", kind="bad_example"),), 0.0, 0.0),
        ((passage("别处的话。", "催付"),), 0.0, 0.0),
        ((), 0.0, 0.0),
    ],
)
def test_a_right_passage_counts_when_it_is_read(
    tmp_path: Path, found: tuple[Passage, ...], hit: float, mrr: float
) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(CASE, encoding="utf-8")
    suite = ran(suite_retrieval.suite("rows", path), Parts(knowledge=Finds(*found)))
    assert suite.metrics == {"pass_rate": hit, "hit_rate": hit, "mrr": mrr, "hit_rate.customer": hit}
    assert suite.results[0].passed is bool(hit)


def test_every_retrieval_case_names_techniques_that_the_library_teaches() -> None:
    names = {
        block.names[0]
        for manual in MANUALS.glob("*.md")
        for block in technique_blocks(manual.read_text(encoding="utf-8"))
    }
    cases = retrieval_cases(suite_retrieval.RETRIEVAL)
    assert len({c.id for c in cases}) == len(cases) == 69
    assert all(c.library for c in cases)
    assert {name for c in cases for name in c.library} <= names


def test_the_labelled_replies_hold_whole_pairs() -> None:
    rows = guard_rows(suite_guard.GUARD)
    pairs = [row.pair_id for row in rows if row.pair_id]
    assert len({row.id for row in rows}) == len(rows)
    assert pairs
    assert all(pairs.count(pair) >= 2 for pair in pairs)


@pytest.mark.parametrize(
    "wrong",
    [
        '{"id": "2", "reply": "您好", "expect": "maybe", "category": "leak"}',
        '{"id": "2", "reply": "您好", "expect": "pass", "category": "leak", "authorised": ["cash"]}',
        "{not json",
    ],
)
def test_a_wrong_row_is_named_by_its_line(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(f"{ROWS.strip()}\n\n{wrong}\n", encoding="utf-8")
    with pytest.raises(DataFileError) as caught:
        guard_rows(path)
    assert caught.value.line == 6
