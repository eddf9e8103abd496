"""Small drafts and runs for the tests of evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from assistant.values import Citation, Draft, Situation
from evals.golden import GoldenCase
from evals.values import CaseResult, EvalRun, Gate, Outcome, SuiteResult
from knowledge.values import Passage

PASSAGES = {
    "p1": Passage(
        passage_id="p1", document_id="d", document="手册", section="心情", text="先处理心情,再处理事情。", kind="technique",
        stage="general", techniques=("同理心",), start=0, end=12,
    )
}  # fmt: skip


def draft_for(case: GoldenCase, reply: str, *, citations: tuple[Citation, ...] | None = None) -> Draft:
    """A passing draft of `reply`, read as the case says it should be, with one real citation."""
    quoted = Citation(span=(0, 1), passage_id="p1", document="手册", section="心情", quote=PASSAGES["p1"].text)
    return Draft(
        id="d1", reply=reply, bubbles=(reply,), verdict="pass", findings=(), citations=(quoted,) if citations is None else citations,
        situation=Situation(
            stage=case.stage, intents=(case.situation,), emotion="calm", customer_type="未定",
            risks=(case.risk,) if case.risk else (), language=case.language,
        ),
        next_steps=(), engine="offline", notice=None, timings_ms={},
    )  # fmt: skip


def suite_of(outcomes: Mapping[str, Outcome], name: str = "golden") -> SuiteResult:
    """A suite with these outcomes by case id, and its pass rate."""
    results = tuple(
        CaseResult(id=case, outcome=outcome, reasons=() if outcome == "passed" else ("没有道歉",))
        for case, outcome in outcomes.items()
    )
    judged = [r for r in results if r.outcome != "error"]
    metrics = {"pass_rate": sum(r.passed for r in judged) / len(judged)} if judged else {}
    return SuiteResult(name=name, results=results, metrics=metrics)


def run_of(*suites: SuiteResult, run_id: str = "20261121-120000-ab") -> EvalRun:
    return EvalRun(
        run_id=run_id, at=datetime(2026, 11, 21, 12), suites={s.name: s for s in suites}, gate=Gate(passed=True)
    )
