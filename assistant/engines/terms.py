"""Time limits of an order: how long each runs, and whether it is over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

import re2

from assistant.conversation import Order
from assistant.engines import Brief
from assistant.engines.remembered import remembered
from assistant.situation.script import folded
from knowledge.phrasebook import Slot

_SHIP_HOURS = {"ship_within_24h": 24, "ship_within_48h": 48}


class _Term(NamedTuple):
    """Days from the first fact that is known: the slots for the days passed, for those within the term, and beyond it."""

    since: tuple[str, ...]
    days: int
    passed: Slot | None
    within: Slot
    over: Slot


_WAITS = re2.compile(
    r"待发|未发|待出库|待揽|待打包|备货|配货|拣货|打包|仓库(?:处理|接单)|已接单|订单已?(?:确认|审核|提交)|等待(?:发货|出库|揽收)|缺货|补货|待定|排产|生产中|制作中|processing|awaiting|pending|not (?:yet )?shipped"
)
"""What a record says before anything is on its way."""
_IN_DAYS = 2
"""Days from which a delay is told in days."""
_RETURN_DAYS = 7
"""From the day after signing (消费者权益保护法 §25, 网络购买商品七日无理由退货暂行办法 §10)."""
_PROTECTED = 30
_SALES = (
    (re2.compile(r"双十一|双11|11\.11|double (?:11|eleven)"), 11, 11, "双十一那天"),
    (re2.compile(r"双十二|双12|12\.12|double (?:12|twelve)"), 12, 12, "双十二那天"),
    (re2.compile(r"618|六一八|6\.18"), 6, 18, "六一八那天"),
)
"""Sales that have a day of their own, and what it is called."""
_TERMS = (
    _Term(("paid_at",), _PROTECTED, "days_since_paid", "price_protection_in", "price_protection_over"),
    _Term(("signed_at",), _RETURN_DAYS, "days_since_signed", "return_window_in", "return_window_over"),
    _Term(("signed_at", "paid_at"), 365, None, "warranty_in", "warranty_over"),
)


@remembered
def terms(brief: Brief) -> Mapping[Slot, str]:
    """Whole days passed, as far as the order tells; of each term the slot that holds, within or over."""
    order = brief.conversation.order
    if order is None:
        return _ahead(brief)
    values: dict[Slot, str] = {"price_day": "today" if brief.situation.language == "en" else "今天"}
    for term in _TERMS:
        began = _first(order, term.since)
        days = -1 if began is None else (brief.now.date() - began.date()).days
        if days < 0:
            continue
        if not brief.dated and days > term.days:
            continue
        if term.passed is not None and brief.dated:
            values[term.passed] = str(days)
        values[term.over if days > term.days else term.within] = str(days)
    if "return_window_in" in values and order.signed_at is not None:
        last = order.signed_at.date() + timedelta(days=_RETURN_DAYS)
        values["return_until"] = _day(last, brief)
    if order.paid_at is not None and brief.dated and "price_protection_in" in values:
        values["protection_ends"] = _day(order.paid_at.date() + timedelta(days=_PROTECTED), brief)
    if order.paid_at is not None and not {"price_protection_in", "price_protection_over"} & values.keys():
        last = order.paid_at.date() + timedelta(days=_PROTECTED)
        values["protected_until"] = _day(
            last, brief
        )  # nothing tells today's date: the customer knows the day of the drop
    late = hours_overdue(brief)
    if late is not None:
        values["ship_overdue"] = _time(late, brief.situation.language == "en")
    elif not_yet_due(brief) and (due := ship_due(brief)) is not None:
        english = brief.situation.language == "en"
        values["ship_due"] = f"{due:%b} {due.day}, {due:%H:%M}" if english else f"{due.month}月{due.day}日{due:%H:%M}"
    values.update(_as_shipped(brief))
    return {slot: value for slot, value in {**values, **_on_the_day(brief)}.items() if value}


def _as_shipped(brief: Brief) -> dict[Slot, str]:
    """How long after payment a parcel left, within the shop's own time to ship, or how far past it; {} where it has none."""
    order = brief.conversation.order
    hours = [_SHIP_HOURS[a.kind] for a in brief.conversation.policy.authorities if a.kind in _SHIP_HOURS]
    if order is None or order.paid_at is None or order.shipped_at is None or not hours:
        return {}
    took = int((order.shipped_at.replace(tzinfo=None) - order.paid_at.replace(tzinfo=None)).total_seconds() // 3600)
    english = brief.situation.language == "en"
    if took < min(hours):
        return {"shipped_in_time": _time(max(took, 1), english)}
    return {"shipped_late": _time(max(took - min(hours), 1), english)}


def _day(day: date, brief: Brief) -> str:
    return f"{day:%b} {day.day}" if brief.situation.language == "en" else f"{day.month}月{day.day}日"


def _time(hours: int, english: bool) -> str:
    """Hours as people say them: from two days on in days."""
    days = hours // 24
    if days < _IN_DAYS:
        return f"{hours} hour{'s' * (hours != 1)}" if english else f"{hours}个小时"
    return f"{days} days" if english else f"{days}天"


def _ahead(brief: Brief) -> dict[Slot, str]:
    """How far off a sale is that somebody who has not bought names, where an order of today would still be protected."""
    turn = folded(" ".join(m.text for m in brief.conversation.messages if m.role == "customer"))
    if brief.situation.language == "en" or not brief.dated:
        return {}
    today = brief.now.date()
    for words, month, day, zh in _SALES:
        held = date(today.year, month, day)
        if words.search(turn) and 0 < (held - today).days <= _PROTECTED:
            return {"sale_ahead": f"{zh}离现在{(held - today).days}天"}
    return {}


def _on_the_day(brief: Brief) -> dict[Slot, str]:
    """Where they name the sale in which it became cheaper, the protection as it stood that day, and what the day is called."""
    order = brief.conversation.order
    if order is None or order.paid_at is None:
        return {}
    turn = folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    today = brief.now.date()
    english = brief.situation.language == "en"
    for words, month, day, zh in _SALES:
        if not words.search(turn):
            continue
        held = date(today.year if date(today.year, month, day) <= today else today.year - 1, month, day)
        days = (held - order.paid_at.date()).days
        if days >= 0:
            term: Slot = "price_protection_over" if days > _PROTECTED else "price_protection_in"
            other: Slot = "price_protection_in" if days > _PROTECTED else "price_protection_over"
            return {
                term: str(days),
                other: "",
                "protected_until": "",
                "price_day": f"{held:%b} {held.day}" if english else zh,
            }
    return {}


def hours_overdue(brief: Brief) -> int | None:
    """Whole hours past the time to ship that the shop stands by, when nothing has left; None when it is not over."""
    due = ship_due(brief)
    late = None if due is None or not brief.dated else brief.now.replace(tzinfo=None) - due
    return int(late.total_seconds() // 3600) if late is not None and late > timedelta() else None


def not_yet_due(brief: Brief) -> bool:
    """Whether the shop's own time to ship runs on."""
    due = ship_due(brief)
    return due is not None and due > brief.now.replace(tzinfo=None)


def has_left(order: Order) -> bool:
    """Whether the order says that the parcel is on its way or was: a record that it waits to be sent is no way-point."""
    if order.shipped_at is not None or order.signed_at is not None:
        return True
    status = folded(order.tracking_status or "")
    return bool(status) and _WAITS.search(status) is None


def ship_due(brief: Brief) -> datetime | None:
    """When the shop's own time to ship ends; None where it stands by none, nothing is paid, or the parcel has left."""
    order = brief.conversation.order
    hours = [_SHIP_HOURS[a.kind] for a in brief.conversation.policy.authorities if a.kind in _SHIP_HOURS]
    if order is None or order.paid_at is None or has_left(order) or not hours:
        return None
    return order.paid_at.replace(tzinfo=None) + timedelta(hours=min(hours))


def _first(order: Order, names: tuple[str, ...]) -> datetime | None:
    return next((at for name in names if (at := getattr(order, name)) is not None), None)
