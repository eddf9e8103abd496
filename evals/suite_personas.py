"""Simulated customers as a suite: each keeps a talk going against the drafts, and what came of it is counted."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from evals.registry import Suite, register
from evals.simulation import CONTENT, Persona, Talk, Wording, as_written, load_personas, talk
from evals.text import said
from evals.values import CaseResult, CaseTrace
from knowledge.errors import KefuError

if TYPE_CHECKING:
    from datetime import datetime

    from assistant.application import Kefu
    from assistant.conversation import Conversation
    from assistant.values import Draft
    from evals.tracing import Watch


def run(kefu: Kefu, cases: Sequence[Persona]) -> Iterator[CaseTrace]:
    """Talk with every persona. A talk in which a draft could not be made is an error, not a failure."""
    from evals.tracing import Watch

    watch = Watch(kefu)
    wording = _wording(kefu)
    for persona in cases:
        yield _one(watch, persona, wording)


def _one(watch: Watch, persona: Persona, wording: Wording) -> CaseTrace:
    watch.forget()
    shown = f"{persona.goal}\n" + "\n".join(persona.opening)
    base = CaseResult(id=persona.id, outcome="error", tags=(persona.kind,), shown=shown)
    drafts: list[Draft] = []

    def draft(conversation: Conversation, now: datetime) -> Draft:
        drafts.append(watch.drafting.draft(conversation, now=now))
        return drafts[-1]

    started = time.perf_counter()
    try:
        held = talk(persona, draft, wording)
    except KefuError as error:
        return watch.trace(
            "personas", base.model_copy(update={"reasons": (error.zh,), "reasons_en": (error.en,)}), None
        )
    seconds = round(time.perf_counter() - started, 4)
    return watch.trace("personas", judged(base, held).model_copy(update={"seconds": seconds}), drafts[-1])


def _wording(kefu: Kefu) -> Wording:
    """Who words the customers' lines: the chat model where there is one."""
    if not kefu.settings.chat_configured:
        return as_written
    from evals.chat_customer import ChatCustomer

    return ChatCustomer(kefu.settings)


def judged(base: CaseResult, held: Talk) -> CaseResult:
    """Passed when the customer got what they came for and nothing was said that must not be."""
    ended = (said(f"persona.{held.end}"),) if held.end != CONTENT else ()
    reasons = ended + tuple(said("persona.breach", breach=b) for b in held.breaches)
    turns = len(held.turns)
    marks = {
        "pass_rate": float(not reasons),
        "success": float(held.end == CONTENT),
        "dead_ends": float(held.end == "dead_end"),
        "breaches": round(sum(bool(t.breaches) for t in held.turns) / turns, 4),
        "repetition": round(held.repetition, 4),
    }
    if held.end == CONTENT:
        marks["resolution_turns"] = float(turns)
    return base.model_copy(
        update={
            "outcome": "failed" if reasons else "passed",
            "reasons": tuple(r.zh for r in reasons),
            "reasons_en": tuple(r.en for r in reasons),
            "reply": str(held),
            "marks": marks,
        }
    )


register(
    Suite(
        "personas",
        load_personas,
        run,
        frozenset({"drafting", "search", "guardrails", "prompts"}),
        code=("simulation.py", "chat_customer.py", "checks.py", "ways.py", "suites/ways.yaml"),
        lower=frozenset({"dead_ends", "breaches", "repetition", "resolution_turns"}),
        written=True,
    )
)
