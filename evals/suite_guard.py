"""Labelled replies as suites: what must be blocked is, what must pass does, and pairs are told apart.

`guard` is the development set, which rules and layer have learnt. Of the others nothing was learnt, but the misses of all but
`guard_edge2` were looked at, and rules mended on them: docs/decisions/semantic-layer.md says when each lost its seal.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from evals.guard import GuardCase, GuardRow, judge, load_cases
from evals.registry import Suite, register
from evals.text import Said, said
from evals.values import CaseResult, CaseTrace, CheckedReply, Outcome

if TYPE_CHECKING:
    from assistant.application import Kefu

FOLDER = Path(__file__).parent / "suites"
GUARD = FOLDER / "guard.jsonl"
FRESH = FOLDER / "guard_fresh.jsonl"
BLIND = FOLDER / "guard_blind.jsonl"
ORDINARY = FOLDER / "guard_ordinary.jsonl"
"""What agents say all day, in 40 trades: nothing in it is to be blocked."""
SEALED = FOLDER / "guard_sealed.jsonl"
EDGE = FOLDER / "guard_edge.jsonl"
EDGE2 = FOLDER / "guard_edge2.jsonl"
"""Half of what passes lies near the line. The misses of the first were looked at, those of the second never."""
KINDS = FOLDER / "guard_kinds.jsonl"
KINDS2 = FOLDER / "guard_kinds2.jsonl"
"""Replies of the kinds that are mistaken most, and pairs over every authority, every other one: rules and ledger were mended on
the first, and on the second after seven rounds in which nobody had looked into it."""
PROMISES = FOLDER / "guard_promises.jsonl"
"""What a shop allows, in longer replies, with and without its authority; read, and mended on."""
VOICES = FOLDER / "guard_voices.jsonl"
"""Four batches in voices and trades of their own, a fifth of them pairs; each was read once it had been measured, and mended on."""
ANOTHER = FOLDER / "guard_another.jsonl"
"""By an author who knew the development set and the rules of law alone; its misses are never looked at."""
AUTHORS = FOLDER / "guard_authors.jsonl"
HELD = FOLDER / "guard_held.jsonl"
"""By three authors who knew nothing of the guardrails: two thirds, read and mended on, and a third that nobody looks into."""
STRANGERS = FOLDER / "guard_strangers.jsonl"
"""By three further authors who knew nothing of the guardrails: a third, never read; the networks learnt the other two thirds."""
NEIGHBOURS = FOLDER / "guard_neighbours.jsonl"
BRISK = FOLDER / "guard_brisk.jsonl"
SOFTLY = FOLDER / "guard_softly.jsonl"
"""By three more such authors, of whom nothing was learnt; never read. The last wrote only what is hardest to tell, of time, money,
outcomes and third parties: softly said breaches and their honest twins, three of five rows in pairs.
"""
GRID = FOLDER / "guard_grid.jsonl"
"""Pairs for each kind of authority; the ledger was mended on them."""
TALKS = FOLDER / "guard_talks.jsonl"
"""Replies that mean what they mean only in their talk: a yes, a day, a sum, a second offer, the customer's words said back."""
CHAT = FOLDER / "guard_chat.jsonl"
"""Bubbles of a few characters, as agents chat; read in the eighth round."""


def run(kefu: Kefu, rows: Sequence[GuardRow], name: str = "guard") -> Iterator[CaseTrace]:
    """Check every labelled reply. A reply that could not be checked is an error, neither blocked nor passed."""
    from evals.tracing import found_in

    kefu.guardrails.prepare([row.reply for row in rows])
    for row in rows:
        started = time.perf_counter()
        verdict = kefu.guardrails.check(row.reply, row.context)
        seconds = time.perf_counter() - started
        case = judge(row, verdict)
        seen = CheckedReply(reply=row.reply, verdict=verdict.verdict, findings=found_in(verdict.findings))
        yield CaseTrace(
            suite=name, result=_result(row, case).model_copy(update={"seconds": round(seconds, 4)}), checked=(seen,)
        )


def _result(row: GuardRow, case: GuardCase) -> CaseResult:
    outcome: Outcome = "error" if case.verdict == "unknown" else "passed" if case.right else "failed"
    return CaseResult(
        id=case.id,
        outcome=outcome,
        reasons=() if outcome == "passed" else (_reason(case).zh,),
        reasons_en=() if outcome == "passed" else (_reason(case).en,),
        tags=(case.expect, case.category, row.style),
        shown="\n".join(row.authorised),
        reply=case.reply,
        cluster=f"pair {row.pair_id}" if row.pair_id else "",
        marks={} if outcome == "error" else _marks(case),
    )


def _marks(case: GuardCase) -> dict[str, float]:
    """`by_rules` counts what the rules find on their own, so that a lost rule shows where the semantic layer makes up for it."""
    right, blocked = float(case.right), float(case.verdict == "block")
    if case.expect == "pass":
        return {"pass_rate": right, "false_block_rate": blocked}
    return {
        "pass_rate": right,
        "block_recall": blocked,
        "by_rules": float(case.by_rules),
        f"recall.{case.category}": blocked,
        f"by_rules.{case.category}": float(case.by_rules),
    }


def _reason(case: GuardCase) -> Said:
    if case.verdict == "unknown":
        return said("guard.unchecked")
    if case.expect == "block":
        return said("guard.missed", category=case.category)
    return said("guard.blocked", found=";".join(case.found))


def pairs_right(results: Sequence[CaseResult]) -> Mapping[str, float]:
    """The share of minimal pairs with every side right."""
    pairs: dict[str, list[bool]] = defaultdict(list)
    for result in results:
        if result.cluster:
            pairs[result.cluster].append(result.passed)
    whole = [all(sides) for sides in pairs.values() if len(sides) > 1]
    return {"pairs_right": sum(whole) / len(whole)} if whole else {}


def suite(name: str, path: Path) -> Suite:
    """A file of labelled replies as a suite."""
    return Suite(
        name,
        partial(load_cases, path),
        partial(run, name=name),
        frozenset({"guardrails"}),
        code=("guard.py",),
        beyond=pairs_right,
    )


register(suite("guard", GUARD))
register(suite("guard_fresh", FRESH))
register(suite("guard_blind", BLIND))
register(suite("guard_ordinary", ORDINARY))
register(suite("guard_sealed", SEALED))
register(suite("guard_edge", EDGE))
register(suite("guard_edge2", EDGE2))
register(suite("guard_grid", GRID))
register(suite("guard_promises", PROMISES))
register(suite("guard_voices", VOICES))
register(suite("guard_kinds", KINDS))
register(suite("guard_kinds2", KINDS2))
register(suite("guard_chat", CHAT))
register(suite("guard_another", ANOTHER))
register(suite("guard_authors", AUTHORS))
register(suite("guard_held", HELD))
register(suite("guard_strangers", STRANGERS))
register(suite("guard_neighbours", NEIGHBOURS))
register(suite("guard_brisk", BRISK))
register(suite("guard_softly", SOFTLY))
register(suite("guard_talks", TALKS))
