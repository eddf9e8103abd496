"""How conversations are read: the wish to answer first, and the dangers told, apart from what is written about them.

The rows were written before the trained reader learnt anything, in longer and looser talk than what it learns from.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from assistant.application import Kefu
from assistant.conversation import Conversation
from assistant.values import Risk, Situation
from evals.values import CaseResult, SuiteResult
from knowledge.datafile import load_rows
from knowledge.values import Progress, Value

SITUATIONS = Path(__file__).parent / "suites" / "situation.jsonl"
_STAGES = {"pre": "pre_sale", "in": "in_sale", "after": "after_sale", "general": "general"}


class SituationCase(Value):
    """A conversation, what is wanted first (`alternatives` will do as well), and every danger that it tells of."""

    id: str
    messages: tuple[dict[str, Any], ...] = Field(min_length=1)
    order: dict[str, Any] | None = None
    wants: str
    alternatives: tuple[str, ...] = Field(default=(), alias="or")
    risks: tuple[Risk, ...] = ()
    why: str

    def conversation(self) -> Conversation:
        return Conversation.read({"id": self.id, "messages": list(self.messages), "order": self.order})


def load_cases(path: Path = SITUATIONS) -> tuple[SituationCase, ...]:
    """Every row; DataFileError names file and line of the first mistake."""
    return load_rows(path, SituationCase)


def run(kefu: Kefu, progress: Progress) -> SuiteResult:
    """Read every conversation as a draft would."""
    cases = load_cases()
    results = []
    read: list[tuple[SituationCase, Situation]] = []
    for number, case in enumerate(cases, 1):
        situation = kefu.drafting.read(case.conversation())
        read.append((case, situation))
        results.append(_result(case, situation))
        progress("situation", number, len(cases))
    return SuiteResult(name="situation", results=tuple(results), metrics=metrics(read))


def faults(case: SituationCase, situation: Situation) -> tuple[str, ...]:
    """Every way in which `situation` misreads the conversation; none when it is read well."""
    right = (case.wants, *case.alternatives)
    first = situation.intents[0] if situation.intents else "(没看出)"
    missed = [r for r in case.risks if r not in situation.risks]
    needless = [r for r in situation.risks if r not in case.risks]
    return (
        *((f"先答的应是 {'、'.join(right)},看成了 {first}",) if first not in right else ()),
        *(f"没有看出风险 {r}" for r in missed),
        *(f"多看出了风险 {r}" for r in needless),
    )


def _result(case: SituationCase, situation: Situation) -> CaseResult:
    reasons = faults(case, situation)
    return CaseResult(
        id=case.id,
        outcome="failed" if reasons else "passed",
        reasons=reasons,
        tags=(_STAGES[case.wants.split(".", 1)[0]], case.wants),
        shown="\n".join(f"{'顾客' if m['role'] == 'customer' else '客服'}:{m['text']}" for m in case.messages),
        reply="、".join(situation.intents),
    )


def metrics(read: list[tuple[SituationCase, Situation]]) -> dict[str, float]:
    """Shares: all right; the first wish right; the wish found at all; dangers found; talks seen as dangerous that are not."""
    if not read:
        return {}
    told = [(r, s) for c, s in read for r in c.risks]
    harmless = [s for c, s in read if not c.risks]
    shares = {
        "pass_rate": sum(not faults(c, s) for c, s in read) / len(read),
        "first_right": sum(s.intents[:1] in [(w,) for w in (c.wants, *c.alternatives)] for c, s in read) / len(read),
        "found": sum(bool({c.wants, *c.alternatives} & set(s.intents)) for c, s in read) / len(read),
        "risks_found": sum(r in s.risks for r, s in told) / max(1, len(told)),
        "needless_risks": sum(bool(s.risks) for s in harmless) / max(1, len(harmless)),
    }
    return {name: round(value, 4) for name, value in shares.items()}
