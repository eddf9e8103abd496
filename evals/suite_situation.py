"""How conversations are read: the wish to answer first, and the dangers told, apart from what is written about them.

The rows were written before the trained reader learnt anything, in longer and looser talk than what it learns from.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from assistant.conversation import Conversation
from assistant.values import Risk, Situation
from evals.origin import Sourced, from_file
from evals.registry import Suite, register
from evals.text import Said, said
from evals.values import CaseResult, CaseTrace
from knowledge.datafile import load_rows

if TYPE_CHECKING:
    from assistant.application import Kefu

SITUATIONS = Path(__file__).parent / "suites" / "situation.jsonl"
_STAGES = {"pre": "pre_sale", "in": "in_sale", "after": "after_sale", "general": "general"}


class SituationCase(Sourced):
    """A conversation, what is wanted first (`alternatives` will do as well), and every danger that it tells of."""

    id: str
    messages: tuple[dict[str, Any], ...] = Field(min_length=1)
    order: dict[str, Any] | None = None
    wants: str
    alternatives: tuple[str, ...] = Field(default=(), alias="or")
    risks: tuple[Risk, ...] = ()

    def conversation(self) -> Conversation:
        return Conversation.read({"id": self.id, "messages": list(self.messages), "order": self.order})


def load_cases(path: Path = SITUATIONS) -> tuple[SituationCase, ...]:
    """Every row; DataFileError names file and line of the first mistake."""
    return from_file(path, load_rows(path, SituationCase))


def run(kefu: Kefu, cases: Sequence[SituationCase]) -> Iterator[CaseTrace]:
    """Read every conversation as a draft would."""
    for case in cases:
        started = time.perf_counter()
        situation = kefu.drafting.read(case.conversation())
        seconds = time.perf_counter() - started
        result = _result(case, situation).model_copy(update={"seconds": round(seconds, 4)})
        yield CaseTrace(suite="situation", result=result, situation=situation)


def faults(case: SituationCase, situation: Situation) -> tuple[Said, ...]:
    """Every way in which `situation` misreads the conversation; none when it is read well."""
    right = (case.wants, *case.alternatives)
    first = situation.intents[0] if situation.intents else said("situation.none")
    missed = [r for r in case.risks if r not in situation.risks]
    needless = [r for r in situation.risks if r not in case.risks]
    return (
        *((said("situation.first", wanted="、".join(right), found=first),) if first not in right else ()),
        *(said("check.risk", risk=r) for r in missed),
        *(said("situation.needless", risk=r) for r in needless),
    )


def _result(case: SituationCase, situation: Situation) -> CaseResult:
    reasons = faults(case, situation)
    return CaseResult(
        id=case.id,
        outcome="failed" if reasons else "passed",
        reasons=tuple(r.zh for r in reasons),
        reasons_en=tuple(r.en for r in reasons),
        tags=(_STAGES[case.wants.split(".", 1)[0]], case.wants),
        shown="\n".join(f"{'顾客' if m['role'] == 'customer' else '客服'}:{m['text']}" for m in case.messages),
        reply="、".join(situation.intents),
        marks=marks(case, situation),
    )


def marks(case: SituationCase, situation: Situation) -> dict[str, float]:
    """All right; the first wish right; the wish found at all; each danger found; a danger seen where there is none."""
    wanted = (case.wants, *case.alternatives)
    marks = {
        "pass_rate": float(not faults(case, situation)),
        "first_right": float(situation.intents[:1] in [(w,) for w in wanted]),
        "found": float(bool(set(wanted) & set(situation.intents))),
    }
    if case.risks:
        marks["risks_found"] = round(sum(r in situation.risks for r in case.risks) / len(case.risks), 4)
    else:
        marks["needless_risks"] = float(bool(situation.risks))
    return marks


register(Suite("situation", load_cases, run, frozenset({"drafting", "search"}), lower=frozenset({"needless_risks"})))
