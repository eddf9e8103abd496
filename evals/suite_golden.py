"""The golden conversations as a suite: each is drafted as the desk would, watched, and judged check by check."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from evals.checks import CitesTechnique, Seen, failed, failed_en
from evals.golden import GoldenCase, judge, load_golden
from evals.registry import Suite, register
from evals.values import CaseResult, CaseTrace, CheckResult
from knowledge.errors import KefuError

if TYPE_CHECKING:
    from assistant.application import Kefu
    from assistant.values import Draft
    from evals.tracing import Watch


def run(kefu: Kefu, cases: Sequence[GoldenCase]) -> Iterator[CaseTrace]:
    """Draft and judge every case. A case whose draft could not be made is an error, not a failure."""
    from evals.tracing import Watch

    watch = Watch(kefu)
    for case in cases:
        yield _one(kefu, watch, case)


def _one(kefu: Kefu, watch: Watch, case: GoldenCase) -> CaseTrace:
    base = CaseResult(
        id=case.id, outcome="error", tags=(case.stage, case.situation, case.trade, *case.tags), shown=case.shown
    )
    watch.forget()
    started = time.perf_counter()
    try:
        draft = watch.drafting.draft(case.conversation(), now=case.now)
    except KefuError as error:
        return watch.trace("golden", base.model_copy(update={"reasons": (error.zh,), "reasons_en": (error.en,)}), None)
    seconds = time.perf_counter() - started
    cited = {c.passage_id: p for c in draft.citations if (p := kefu.knowledge.passage(c.passage_id))}
    checks = judge(case, draft, cited)
    reasons = failed(checks)
    technique = CitesTechnique(case.techniques)(Seen(draft.reply, draft=draft, passages=cited))
    result = base.model_copy(
        update={
            "outcome": "failed" if reasons else "passed",
            "reasons": reasons,
            "reasons_en": failed_en(checks),
            "reply": draft.reply,
            "checks": checks,
            "marks": _marks(case, draft, checks, technique),
            "seconds": round(seconds, 4),
        }
    )
    return watch.trace("golden", result, draft)


def _marks(case: GoldenCase, draft: Draft, checks: Sequence[CheckResult], technique: CheckResult) -> dict[str, float]:
    """`checks` is the share of checks passed: it moves where the pass rate, all or nothing, does not yet."""
    passed = float(all(c.passed for c in checks))
    marks = {
        "pass_rate": passed,
        "checks": round(sum(c.passed for c in checks) / len(checks), 4),
        "may_send": float(draft.verdict == "pass"),
        "no_trap": float(all(c.passed for c in checks if c.check == "does-not")),
        "chars": float(len(draft.reply)),
        f"pass_rate.{case.stage}": passed,
    }
    if case.techniques:
        marks["cites_technique"] = float(technique.passed)
    return marks


def _beyond(results: Sequence[CaseResult]) -> Mapping[str, float]:
    return {
        "distinct_replies": len({r.reply for r in results}) / len(results),
        "median_chars": statistics.median(len(r.reply) for r in results),
        "median_ms": round(statistics.median(r.seconds for r in results) * 1000, 1),
    }


register(
    Suite(
        "golden",
        load_golden,
        run,
        frozenset({"drafting", "search", "guardrails"}),
        code=("golden.py", "checks.py", "ways.py", "suites/ways.yaml"),
        beyond=_beyond,
        written=True,
    )
)
