"""What kind of customer writes, as the manuals tell them apart."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.situation.cues import CueBook, Seen, seen
from assistant.values import CustomerType
from knowledge.values import Stage

_LONG_TALK = 180
"""Characters of one turn from which a customer is taken for a great talker."""
_AFTER_SALES_TYPES = {"全面否定型", "喋喋不休型", "立竿见影型", "推卸责任型", "发泄情绪型"}


def customer_type(
    cues: CueBook, turn: tuple[tuple[int, str], ...], intents: Sequence[str], stage: Stage
) -> tuple[CustomerType, tuple[Seen[CustomerType], ...]]:
    """The kind, and the words that show it, if any do. `turn` holds (message index, normal form)."""
    if sum(len(t) for _, t in turn) >= _LONG_TALK:
        return "喋喋不休型", ()
    fitting = next((h for h in seen(cues.customer_types, turn) if _type_fits(h.value, stage)), None)
    if fitting is not None:
        return fitting.value, (fitting,)
    return next((cues.intent_types[i] for i in intents if i in cues.intent_types), "未定"), ()


def _type_fits(customer_type: CustomerType, stage: Stage) -> bool:
    return stage != "pre_sale" or customer_type not in _AFTER_SALES_TYPES - {"立竿见影型"}
