"""The golden conversations as a suite: each is drafted as the desk would, and judged."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

from assistant.application import Kefu
from evals.golden import GoldenCase, judge, load_golden
from evals.values import CaseResult, SuiteResult
from knowledge.errors import KefuError
from knowledge.values import Progress


def run(kefu: Kefu, progress: Progress, cases: Sequence[GoldenCase] | None = None) -> SuiteResult:
    """Draft and judge every case. A case whose draft could not be made is an error, not a failure."""
    chosen = load_golden() if cases is None else cases
    results: list[CaseResult] = []
    seconds: list[float] = []
    for number, case in enumerate(chosen, 1):
        started = time.perf_counter()
        results.append(_one(kefu, case))
        seconds.append(time.perf_counter() - started)
        progress("golden", number, len(chosen))
    return SuiteResult(name="golden", results=tuple(results), metrics=_metrics(results, seconds))


def _one(kefu: Kefu, case: GoldenCase) -> CaseResult:
    shown = "\n".join(f"{'顾客' if m['role'] == 'customer' else '客服'}:{m['text']}" for m in case.messages)
    tags = (case.stage, case.situation, *case.tags)
    try:
        draft = kefu.drafting.draft(case.conversation(), now=case.now)
    except KefuError as error:
        return CaseResult(id=case.id, outcome="error", reasons=(error.zh,), tags=tags, shown=shown)
    cited = {c.passage_id: kefu.knowledge.passage(c.passage_id) for c in draft.citations}
    reasons = judge(case, draft, {i: p.text for i, p in cited.items() if p})
    return CaseResult(
        id=case.id,
        outcome="failed" if reasons else "passed",
        reasons=reasons,
        tags=tags,
        shown=shown,
        reply=draft.reply,
    )


def _metrics(results: Sequence[CaseResult], seconds: Sequence[float]) -> dict[str, float]:
    judged = [r for r in results if r.outcome != "error"]
    if not judged:
        return {}
    return {
        "pass_rate": sum(r.passed for r in judged) / len(judged),
        "distinct_replies": len({r.reply for r in judged}) / len(judged),
        "median_chars": statistics.median(len(r.reply) for r in judged),
        "median_ms": round(statistics.median(seconds) * 1000, 1),
    }
