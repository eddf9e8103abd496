"""Mending a proposal that the guardrails found in breach, keeping what each sentence rests on."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.engines.citing import spans_of
from assistant.values import Finding, Proposal, Support, Verdict

_ENOUGH = 12
"""A reply of fewer characters than this says nothing worth sending."""


def rewritten(proposal: Proposal, verdict: Verdict, english: bool) -> Proposal | None:
    """The proposal in the guardrails' own rewrite; supports stay with the sentences that stay."""
    if not verdict.rewrite or len(verdict.rewrite.strip()) < _ENOUGH:
        return None
    reply = verdict.rewrite
    kept = {proposal.reply[s.span[0] : s.span[1]]: s for s in proposal.supports}
    supports = []
    for start, end in spans_of(reply, english):
        old = kept.get(reply[start:end])
        supports.append(
            old.model_copy(update={"span": (start, end)}) if old else Support(span=(start, end), kind="unsupported")
        )
    bubbles = tuple(b for b in reply.split("\n") if b.strip())
    return proposal.model_copy(update={"reply": reply, "bubbles": bubbles, "supports": tuple(supports), "gloss": ""})


def without(proposal: Proposal, findings: Sequence[Finding], english: bool) -> Proposal | None:
    """The proposal without the sentences that a blocking finding touches; None when nothing worth sending is left."""
    blocked = [f.span for f in findings if f.severity == "block"]
    bubbles: list[str] = []
    supports: list[Support] = []
    offset = new_offset = 0
    for bubble in proposal.reply.split("\n"):
        text = ""
        for start, end in _with_gaps(bubble, english):
            span = (offset + start, offset + end)
            if any(a < span[1] and span[0] < b for a, b in blocked):
                continue
            at = new_offset + len(text)
            supports += [
                s.model_copy(update={"span": (s.span[0] - span[0] + at, s.span[1] - span[0] + at)})
                for s in proposal.supports
                if span[0] <= s.span[0] and s.span[1] <= span[1]
            ]
            text += bubble[start:end]
        offset += len(bubble) + 1
        if text.strip():
            bubbles.append(text)
            new_offset += len(text) + 1
    reply = "\n".join(bubbles)
    if len(reply.strip()) < _ENOUGH:
        return None
    return proposal.model_copy(
        update={"reply": reply, "bubbles": tuple(bubbles), "supports": tuple(supports), "gloss": ""}
    )


def _with_gaps(text: str, english: bool) -> list[tuple[int, int]]:
    """Sentence spans stretched to touch each other, so that nothing between them is lost."""
    starts = [s for s, _ in spans_of(text, english)]
    if not starts:
        return [(0, len(text))]
    starts[0] = 0
    return list(zip(starts, [*starts[1:], len(text)], strict=True))
