"""Customers' messages and agents' questions as a suite: is a right passage among what is read?"""

from __future__ import annotations

import re
from pathlib import Path

from assistant.application import Kefu
from evals.retrieval import RetrievalCase, RetrievalReport, Retrieved, load_cases, measure
from evals.values import CaseResult, SuiteResult
from knowledge.values import Progress

RETRIEVAL = Path(__file__).parent / "suites" / "retrieval.jsonl"


def run(kefu: Kefu, progress: Progress, path: Path = RETRIEVAL) -> SuiteResult:
    """Search for every case."""
    cases = load_cases(path)
    progress("retrieval", 0, len(cases))
    report = measure(kefu.knowledge, cases)
    progress("retrieval", len(cases), len(cases))
    results = tuple(_result(case, found) for case, found in zip(cases, report.cases, strict=True))
    return SuiteResult(name="retrieval", results=results, metrics=_metrics(report))


def _result(case: RetrievalCase, found: Retrieved) -> CaseResult:
    where = f"在第 {found.rank} 条才有" if found.rank else "没找到"
    reason = f"{where}「{case.technique}」;读成「{found.situation}」,第一条是「{found.first}」"
    return CaseResult(
        id=case.id,
        outcome="passed" if found.hit else "failed",
        reasons=() if found.hit else (reason,),
        tags=(case.kind, case.stage),
        shown=case.query,
    )


def _metrics(report: RetrievalReport) -> dict[str, float]:
    """The share with a right passage in what is read, overall and by kind, and the mean reciprocal rank."""
    if not report.cases:
        return {}
    by_kind = {f"hit_rate.{re.sub(r'[^a-z]', '_', kind)}": report.hits(kind) for kind in sorted(report.kinds)}
    overall = {"pass_rate": report.hits(), "hit_rate": report.hits(), "mrr": report.mean_reciprocal_rank}
    return {name: round(value, 4) for name, value in (overall | by_kind).items()}
