"""Labelled replies as suites: what must be blocked is, what must pass does, and pairs are told apart.

`guard` is the development set, which rules and layer have learnt; `guard_fresh` was never learnt, so it is the honest one.
"""

from __future__ import annotations

from pathlib import Path

from assistant.application import Kefu
from evals.guard import GuardCase, GuardReport, load_cases, measure
from evals.values import CaseResult, Outcome, SuiteResult
from knowledge.values import Progress

GUARD = Path(__file__).parent / "suites" / "guard.jsonl"
FRESH = Path(__file__).parent / "suites" / "guard_fresh.jsonl"


def run(kefu: Kefu, progress: Progress, path: Path = GUARD) -> SuiteResult:
    """Check every labelled reply. A reply that could not be checked is an error, neither blocked nor passed."""
    rows = load_cases(path)
    progress(path.stem, 0, len(rows))
    report = measure(kefu.guardrails, rows)
    progress(path.stem, len(rows), len(rows))
    results = tuple(_result(case, row.style) for case, row in zip(report.cases, rows, strict=True))
    return SuiteResult(name=path.stem, results=results, metrics=_metrics(report))


def run_fresh(kefu: Kefu, progress: Progress) -> SuiteResult:
    """`run` over the replies that nothing was fitted to."""
    return run(kefu, progress, FRESH)


def _result(case: GuardCase, style: str) -> CaseResult:
    outcome: Outcome = "error" if case.verdict == "unknown" else "passed" if case.right else "failed"
    return CaseResult(
        id=case.id,
        outcome=outcome,
        reasons=() if outcome == "passed" else (_reason(case),),
        tags=(case.expect, case.category, style),
        reply=case.reply,
    )


def _reason(case: GuardCase) -> str:
    if case.verdict == "unknown":
        return "护栏没能检查"
    if case.expect == "block":
        return f"应拦截({case.category}),却放过了"
    return f"应放过,却拦了:{';'.join(case.found)}"


def _metrics(report: GuardReport) -> dict[str, float]:
    """What was measured: overall, the pairs with both sides right, and the recall of every category."""
    judged = [case for case in report.cases if case.verdict != "unknown"]
    total = report.total
    metrics: dict[str, float] = {}
    if judged:
        metrics["pass_rate"] = sum(case.right for case in judged) / len(judged)
    if total.to_block:
        metrics["block_recall"] = total.recall
    if total.to_pass:
        metrics["false_block_rate"] = total.false_block_rate
    if report.pairs:
        metrics["pairs_right"] = report.pairs_right / report.pairs
    metrics |= {f"recall.{name}": counts.recall for name, counts in report.by_category.items() if counts.to_block}
    return {name: round(value, 4) for name, value in metrics.items()}
