"""Where an order stands, and which wishes go with that."""

from __future__ import annotations

from assistant.conversation import Conversation
from knowledge.values import Stage


def stage_of_order(conversation: Conversation) -> Stage | None:
    """Where the order stands; None without an order or facts that tell."""
    order = conversation.order
    if order is None:
        return None
    if order.signed_at is not None or "签收" in (order.tracking_status or ""):
        return "after_sale"
    if order.shipped_at is not None or order.paid_at is not None or order.tracking_status:
        return "in_sale"
    return None


_BEFORE_RECEIPT = frozenset(
    {
        "in.urge_ship", "in.late_ship", "in.urgent_need", "in.urge_delivery", "in.out_of_stock", "in.cancel_order",
        "in.change_order", "in.urge_payment", "in.track", "in.stuck",
    }
)  # fmt: skip
"""Wishes that nobody has who holds the parcel."""


_MANNER = frozenset(
    {
        "after.abuse", "after.angry_vent", "after.deny_all", "after.distrust_agent", "after.endless_talk",
        "after.extortion", "after.immediate", "after.legal", "after.manager", "after.many_questions", "after.media",
        "after.minor_purchase", "after.nitpick", "after.not_understood", "after.privacy", "after.review_request",
        "after.sarcasm", "after.service_attitude", "after.threat_platform", "after.unreasonable",
    }
)  # fmt: skip
"""How someone speaks and whom they ask for, rather than what happened to their goods: said without an order as well."""


def stage_fits(situation_id: str, stage: Stage | None, bought: bool = True) -> float:
    """A question asked before buying is unlikely once the order is there, and the other way round. Where there is no order,
    trouble with one is unlikely, the more so where no word tells that something was bought.
    """
    family = situation_id.split(".", 1)[0]
    if family == "general":
        return 0.0
    if stage is None:
        return {"in": -1.0, "after": _without_order(situation_id, bought)}.get(family, 0.0)
    if stage == "after_sale" and situation_id in _BEFORE_RECEIPT:
        return -2.5
    if stage == "after_sale":
        return {"after": 0.6, "in": -0.6, "pre": -3.0}.get(family, 0.0)
    return {"in": 1.2, "pre": -1.5, "after": -0.4}.get(family, 0.0)


def not_received(intents: tuple[str, ...]) -> bool:
    """Whether a wish says that the parcel never came."""
    return any(i in ("in.delivered_not_received", "in.lost", "in.stuck") for i in intents)


def go_together(first: str, other: str) -> bool:
    """Nobody asks before buying and complains after it in one breath: a word of the other stage is a figure of speech."""
    return {first.split(".", 1)[0], other.split(".", 1)[0]} != {"pre", "after"}


def _without_order(situation_id: str, bought: bool) -> float:
    if situation_id in _MANNER:
        return 0.0 if bought else -0.4
    return -0.6 if bought else -1.05
