"""Labelled replies as a suite: what must be blocked is, what must pass does, and pairs are told apart."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

from assistant.application import Kefu
from assistant.requests import check_input
from assistant.values import Verdict
from evals.values import CaseResult, SuiteResult
from knowledge.errors import KefuError
from knowledge.values import Progress

GUARD = Path(__file__).parent / "suites" / "guard.jsonl"


def run(kefu: Kefu, progress: Progress, path: Path = GUARD) -> SuiteResult:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    results: list[CaseResult] = []
    for number, row in enumerate(rows, 1):
        results.append(_one(kefu, row))
        if number % 50 == 0 or number == len(rows):
            progress("guard", number, len(rows))
    return SuiteResult(name="guard", results=tuple(results), metrics=_metrics(results))


def _one(kefu: Kefu, row: dict[str, object]) -> CaseResult:
    expect, category = str(row["expect"]), str(row["category"])
    tags = (expect, category, str(row.get("style", "")))
    try:
        verdict = kefu.check(*check_input(row))
    except KefuError as error:
        return CaseResult(id=str(row["id"]), outcome="error", reasons=(error.zh,), tags=tags, reply=str(row["reply"]))
    if verdict.verdict == "unknown":
        return CaseResult(
            id=str(row["id"]), outcome="error", reasons=("护栏没能检查",), tags=tags, reply=str(row["reply"])
        )
    right = verdict.verdict == expect
    return CaseResult(
        id=str(row["id"]),
        outcome="passed" if right else "failed",
        reasons=() if right else (_reason(expect, category, verdict),),
        tags=tags,
        reply=str(row["reply"]),
    )


def _reason(expect: str, category: str, verdict: Verdict) -> str:
    if expect == "block":
        return f"应拦截({category}),却放过了"
    found = ";".join(f"{f.category}「{f.text}」" for f in verdict.findings if f.severity == "block")
    return f"应放过,却拦了:{found}"


def _metrics(results: list[CaseResult]) -> dict[str, float]:
    """Overall, then the recall of every category as `recall.<category>`."""
    sides: dict[str, list[bool]] = defaultdict(list)
    for result in results:
        if result.outcome == "error":
            continue
        expect, category, _ = result.tags
        sides[expect].append(result.passed)
        if expect == "block":
            sides[f"recall.{category}"].append(result.passed)
    metrics = {name: _share(right) for name, right in sorted(sides.items()) if name.startswith("recall.")}
    if sides["block"]:
        metrics["block_recall"] = _share(sides["block"])
    if sides["pass"]:
        metrics["false_block_rate"] = 1 - _share(sides["pass"])
    judged = sides["block"] + sides["pass"]
    return {"pass_rate": _share(judged), **metrics} if judged else metrics


def _share(right: list[bool]) -> float:
    return round(sum(right) / len(right), 4)
