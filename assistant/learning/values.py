"""What flows through learning: how a sent reply differs from its draft, and who said what when."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from knowledge.values import Value

Kind = Literal["fact", "policy", "tone", "length", "wording"]
"""What an edit changed; `wording`: nothing but how it is said."""
Extent = Literal["as_is", "touched", "rewritten"]


class Difference(Value):
    """How what was sent differs from the draft (see `difference.compare`).

    `kept` is the share of both texts' characters that stand in the other in the same order, 0 to 1. `added` are phrases
    of the sent reply that the draft has nothing like, `removed` the other way round, each in the reply's words; in
    `added` the order's facts, and the time by which the agent answers, are slots.
    """

    extent: Extent
    kinds: tuple[Kind, ...]
    kept: float
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class SentReply(Value):
    """A draft that was sent, as it was kept: free of personal data. `at` is UTC, without zone; `situation` is the first
    of the catalogue's that was seen, "" where none was.
    """

    draft_id: str
    at: datetime
    situation: str
    reply: str
    sent: str
    difference: Difference


class Rating(Value):
    """A thumb with its reason; `at` is UTC, without zone."""

    draft_id: str
    at: datetime
    situation: str
    good: bool
    reason: str
