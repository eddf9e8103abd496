"""What only the order's record can say, beyond its dates: where a part is, who signed, what a note or a presale set."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import re2

from assistant.conversation import Order
from assistant.engines import Brief
from assistant.situation.script import folded
from knowledge.phrasebook import Slot

_STATE = (
    "refund_status",
    "refund_state",
    "refund",
    "退款状态",
    "退款",
    "return_status",
    "退货状态",
    "exchange_status",
    "换货状态",
    "after_sale_status",
    "售后状态",
    "status",
    "order_status",
    "订单状态",
)
_LONGEST_STATE = 40
_LOST = re2.compile(r"遗失|丢失|丢件|灭失|寄丢|\blost\b")
_SUSPECTED = re2.compile(r"疑|可能|未|possibly|maybe")
_PART = re2.compile(r"部分(?:已)?发|其余|余下|待补货|待发|缺\d|partly|partial")
_OTHER_PARCEL = re2.compile(
    r"第[二三四2-9两][件个箱包]|另[一外1][件个箱]?|\d\s?/\s?\d\s?[件箱包]?|分[\d两二三四]?[个件]?(?:包裹|箱)|分批"
)
"""Of an order that travels in several parcels."""
_SIGNER = re2.compile(
    r"(?:签收人|代收人|由)[是为::\s]*(门卫室?|保安|物业|前台|邻居|家人|收发室|传达室|[\p{Han}]{1,6}(?:驿站|超市|便利店|代收点))|(门卫室?|保安|物业|前台|邻居|家人|收发室|传达室)[^,。]{0,2}(?:代)?(?:签收|代收)"
)
_SENT_BACK = re2.compile(r"退回|退件|返回(?:发货|商家|寄件|卖家)|拒收|return(?:ed|ing) to sender")
_LEFT_AT = re2.compile(
    r"(?:放入|存放|已放|投入|送至|送到|存入|暂存|暫存|存)(?:至|于|在|到)?\s?([\p{Han}A-Za-z\d]{0,14}(?:驿站|驛站|快递柜|丰巢|柜机|智能柜|代收点|代收點|便利店|超市|门店|自提点|自提點)(?:[((][^))]{1,12}[))]|代收点|代收點|柜)?)"
)
_NOTE_OF_DELIVERY = re2.compile(r"送|派|放|前到")
_WAITS_FOR_DELIVERY = re2.compile(r"送|派|到|驿站|柜|门口|几点|deliver|late")
_TWO_HAN = re2.compile(r"\p{Han}{2}")
_WORD = re2.compile(r"[a-z]{4,}")
_HOUR = re2.compile(r"\d{1,2}[:点]\d{0,2}")
_LABELS = (
    (re2.compile(r"note|remark|memo|备注|留言"), "备注"),
    (re2.compile(r"install|安装"), "安装"),
    (re2.compile(r"gift|赠"), "赠品"),
    (re2.compile(r"presale|preorder|预售"), "预售"),
    (re2.compile(r"exchange|换货"), "换货"),
    (re2.compile(r"return|退货"), "退货"),
    (re2.compile(r"invoice|发票"), "发票"),
    (re2.compile(r"custom|engrav|定制|刻"), "定制"),
    (re2.compile(r"repair|维修"), "维修"),
)
"""What a further fact of the order is called to the customer: never by the name of a field."""
_PRESALE = re2.compile(
    r"pre_?sale|pre_?order|预售|定制|custom|production|made_to_order|工期|周期|ship_by|ship_due|发货(?:时效|时间|日期|期限)"
)
_IN_DAYS = re2.compile(r"(\d{1,3})\s*(?:天|日|个自然日|days?)")
_ON_DAY = re2.compile(r"(?:(\d{4})[-/年.])?(\d{1,2})[-/月.](\d{1,2})")


def of_record(brief: Brief) -> dict[Slot, str]:
    """The slots that the order's record fills, in its own words but for the days of a presale; "" where it tells nothing."""
    return {
        "refund_state": _state(brief),
        "noted": _noted(brief),
        "loss_recorded": loss(brief),
        "on_its_way_back": _sent_back(brief),
        "signed_by": _signed_by(brief),
        "left_at": _left_at(brief),
        "part_waiting": _part_waiting(brief),
        "part_travelling": _part_travelling(brief),
        **_presale(brief),
    }


def loss(brief: Brief) -> str:
    """The latest entry, where it says that the parcel is lost: then nobody is told that this can't be known yet."""
    status = _status(brief)
    return status if _LOST.search(folded(status)) and not _SUSPECTED.search(folded(status)) else ""


def _status(brief: Brief) -> str:
    order = brief.conversation.order
    return (order.tracking_status if order else None) or ""


def _part_waiting(brief: Brief) -> str:
    """The latest entry, where it says that a part of the order has yet to go."""
    status = _status(brief)
    return status if _PART.search(folded(status)) else ""


def _part_travelling(brief: Brief) -> str:
    """The latest entry, where it tells of a further parcel of the order, none of it waiting to be sent."""
    plain = folded(_status(brief))
    return _status(brief) if _OTHER_PARCEL.search(plain) and not _PART.search(plain) else ""


def _left_at(brief: Brief) -> str:
    """The pick-up point or locker in which the record says that the parcel was put."""
    found = _LEFT_AT.search(_status(brief))
    return str(found.group(1)) if found else ""


def _signed_by(brief: Brief) -> str:
    """Who signed for the parcel, where the record names a place or a person that can be asked."""
    found = _SIGNER.search(_status(brief))
    return "" if found is None else next(g for g in found.groups() if g)


def _sent_back(brief: Brief) -> str:
    """The latest entry, where it says that a parcel nobody signed for goes back to the shop."""
    order = brief.conversation.order
    status = _status(brief)
    return status if order is not None and order.signed_at is None and _SENT_BACK.search(folded(status)) else ""


def _state(brief: Brief) -> str:
    """What the order says of its refund, return or state, in its own words."""
    facts = brief.conversation.order.facts() if brief.conversation.order else {}
    told = next((str(facts[key]).strip() for key in _STATE if key in facts), "")
    status = str(facts.get("tracking_status", ""))
    if not told and any(word in status for word in ("退款", "退货", "寄回")):
        told = status
    return told if len(told) <= _LONGEST_STATE else ""


def _noted(brief: Brief) -> str:
    """The further fact of the order that the last turn speaks of (the one that shares most with it), with what it is called
    where it has a name; a presale is told by its days.
    """
    turn = folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    notes = [
        (name, value)
        for name, value in _extra(brief.conversation.order)
        if name not in _STATE and not (_PRESALE.search(folded(f"{name} {value}")) and _presale(brief))
    ]
    best = max(notes, key=lambda note: _speaks_of(note, turn), default=None)
    if best is None:
        return ""
    called = _label(best[0])
    told = f"{called}:{best[1]}" if called and called not in best[1] else best[1]
    return told if _speaks_of(best, turn) and len(told) <= _LONGEST_STATE else ""


def _extra(order: Order | None) -> Iterator[tuple[str, str]]:
    """Name and value of the order's further facts."""
    for name, value in ((order.model_extra if order else None) or {}).items():
        for each in value if isinstance(value, list | tuple) else (value,):
            if isinstance(each, str | int) and str(each).strip():
                yield name, str(each).strip()


def _label(name: str) -> str:
    """What a fact is called to the customer: "" for a name that only a program reads."""
    plain = folded(name)
    return next((called for pattern, called in _LABELS if pattern.search(plain)), name if _TWO_HAN.search(name) else "")


def _in_common(note: str, turn: str) -> int:
    """How many pairs of characters, words of four letters and more, or times of day, of `note` stand in `turn`."""
    plain = folded(note)
    pairs = {plain[i : i + 2] for i in range(len(plain) - 1) if _TWO_HAN.match(plain, i)}
    return sum(part in turn for part in {*pairs, *_WORD.findall(plain)}) + sum(
        hour.split(":")[0].rstrip("点") + "点" in turn for hour in _HOUR.findall(plain)
    )


def _speaks_of(note: tuple[str, str], turn: str) -> int:
    """How much the turn has to do with a note: what was asked of the delivery is spoken of whenever that is."""
    called, value = _label(note[0]), note[1]
    of_delivery = called == "备注" and _NOTE_OF_DELIVERY.search(value) and _WAITS_FOR_DELIVERY.search(turn)
    return _in_common(f"{called}{value}", turn) + bool(of_delivery)


def _presale(brief: Brief) -> dict[Slot, str]:
    """Of an order that waits, the days in which it was to go and how many of them are over or left; {} where none are set."""
    order = brief.conversation.order
    if order is None or order.paid_at is None or order.shipped_at is not None or order.signed_at is not None:
        return {}
    told = [*_extra(order), ("", order.item or "")]
    days = (_due(v, order.paid_at) for n, v in told if _PRESALE.search(folded(f"{n} {v}")))
    due = next((d for d in days if d is not None), None)
    if due is None:
        return {}
    late = (brief.now.date() - due).days
    english = brief.situation.language == "en"
    values: dict[Slot, str] = {"presale_due": f"{due:%b} {due.day}" if english else f"{due.month}月{due.day}日"}
    if late > 0 and not brief.dated:
        return values
    return {**values, "presale_over" if late > 0 else "presale_left": str(abs(late))}


def _due(told: str, paid_at: datetime) -> date | None:
    """The day that a presale's words set, counted from payment or named; None where they set none that can be."""
    days = _IN_DAYS.search(told)
    named = _ON_DAY.search(told)
    if named:
        try:
            day = date(int(named.group(1) or paid_at.year), int(named.group(2)), int(named.group(3)))
        except ValueError:
            return None
        return day if day >= paid_at.date() else day.replace(year=day.year + 1)
    return paid_at.date() + timedelta(days=int(days.group(1))) if days else None
