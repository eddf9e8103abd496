"""Time limits of an order: how long each runs, and whether it is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from assistant.conversation import Order
from assistant.engines import Brief
from knowledge.phrasebook import Slot

_SHIP_HOURS = {"ship_within_24h": 24, "ship_within_48h": 48}


class _Term(NamedTuple):
    """Days from the first fact that is known: the slots for the days passed, for those within the term, and beyond it."""

    since: tuple[str, ...]
    days: int
    passed: Slot | None
    within: Slot
    over: Slot


_RETURN_DAYS = 7
"""From the day after signing (消费者权益保护法 §25, 网络购买商品七日无理由退货暂行办法 §10)."""
_TERMS = (
    _Term(("paid_at",), 30, "days_since_paid", "price_protection_in", "price_protection_over"),
    _Term(("signed_at",), _RETURN_DAYS, "days_since_signed", "return_window_in", "return_window_over"),
    _Term(("signed_at", "paid_at"), 365, None, "warranty_in", "warranty_over"),
)


def terms(brief: Brief) -> dict[Slot, str]:
    """Whole days passed, as far as the order tells; of each term the slot that holds, within or over."""
    order = brief.conversation.order
    if order is None:
        return {}
    values: dict[Slot, str] = {}
    for term in _TERMS:
        began = _first(order, term.since)
        days = -1 if began is None else (brief.now.date() - began.date()).days
        if days < 0:
            continue
        if term.passed is not None:
            values[term.passed] = str(days)
        values[term.over if days > term.days else term.within] = str(days)
    if "return_window_in" in values and order.signed_at is not None:
        last = order.signed_at.date() + timedelta(days=_RETURN_DAYS)
        english = brief.situation.language == "en"
        values["return_until"] = f"{last:%b} {last.day}" if english else f"{last.month}月{last.day}日"
    late = hours_overdue(brief)
    if late is not None:
        values["ship_overdue"] = str(late)
    elif (due := ship_due(brief)) is not None:
        english = brief.situation.language == "en"
        values["ship_due"] = f"{due:%b} {due.day}, {due:%H:%M}" if english else f"{due.month}月{due.day}日{due:%H:%M}"
    return values


def hours_overdue(brief: Brief) -> int | None:
    """Whole hours past the time to ship that the shop stands by, when nothing has left; None when it is not over."""
    due = ship_due(brief)
    late = None if due is None else brief.now.replace(tzinfo=None) - due
    return int(late.total_seconds() // 3600) if late is not None and late > timedelta() else None


def ship_due(brief: Brief) -> datetime | None:
    """When the shop's own time to ship ends; None where it stands by none, nothing is paid, or the parcel has left."""
    order = brief.conversation.order
    hours = [_SHIP_HOURS[a.kind] for a in brief.conversation.policy.authorities if a.kind in _SHIP_HOURS]
    if order is None or order.paid_at is None or order.shipped_at is not None or order.tracking_status or not hours:
        return None
    return order.paid_at.replace(tzinfo=None) + timedelta(hours=min(hours))


def _first(order: Order, names: tuple[str, ...]) -> datetime | None:
    return next((at for name in names if (at := getattr(order, name)) is not None), None)
