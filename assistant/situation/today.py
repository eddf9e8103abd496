"""The day on which a conversation without times is held: by the order's record and by the days that the customer counts.

A delay told in days, a window that is said to be over, are right only when that day is known; where nothing bears out that
the customer writes today, nothing is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import re2

from assistant.conversation import Conversation, Order
from assistant.guardrails.amounts import number
from assistant.situation.script import folded

_RECENT = timedelta(days=1)
"""Customers count days loosely; within this the clock's day is theirs."""
_HAN = "一二两三四五六七八九十"
_COUNT = rf"(\d{{1,2}}|[{_HAN}]{{1,3}}|半)"
_UNIT = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30}
_WAITED = re2.compile(
    rf"(?:付款|付钱|付了款|付(?:完)?了|下单|拍下|拍了|买了|等了|都|已经|快|整整|足足|这|过去|有)[^,。!?\d]{{0,6}}{_COUNT}(?:个|多)?(天|周|星期|礼拜|月)(?:了|还|都|没|不|过去|$)"
    rf"|{_COUNT}(?:个|多)?(天|周|星期|礼拜|月)了"
    rf"|{_COUNT}(?:个)?(天|周|星期|礼拜|月)(?:前|之前|以前)(?:付|下单|拍|买)"
)
_PAID_THEN = re2.compile(r"(今天|今早|刚刚?|昨天|昨晚|前天|大前天)[^,。!?]{0,4}(?:付|下的?单|拍|买)")
_HELD = re2.compile(
    rf"(今天|今早|刚刚?|昨天|昨晚|前天|大前天)[^,。!?]{{0,4}}(?:收到|到手|签收|到货|拿到|到的)|(?:收到|到手|签收|拿到)[^,。!?\d]{{0,4}}{_COUNT}(天|周|星期|礼拜)"
)
_BEFORE = {"今天": 0, "今早": 0, "刚": 0, "刚刚": 0, "昨天": 1, "昨晚": 1, "前天": 2, "大前天": 3}
_STILL = re2.compile(
    rf"(?:停|卡|趴|没动|没更新|不动)[^,。!?\d]{{0,6}}{_COUNT}(?:个|多)?(天|周|星期|礼拜)|{_COUNT}(?:个|多)?(天|周|星期|礼拜)(?:都|了|里|还)*(?:没|不|未)(?:有)?(?:动|更新|走|消息|变)"
)
_NO_NEWS = timedelta(days=14)
"""Who waits longer than this for a parcel that stands still says so."""
_ABOUT = 0.2
"""How far people round: "twenty days" of eighteen."""
_COUNTED = re2.compile(
    r"第?(?P<n>\d{1,3}|[一二两三四五六七八九十]{1,3}|半)(?:个|多)?(?P<unit>天|日|周|星期|礼拜|月|小时|钟头)(?P<after>.{0,4})"
    r"|(?P<en>\d{1,3}|a|one|two|three|four|five|six|ten) (?P<en_unit>hours?|days?|weeks?|months?)"
    r"|(?P<word>大前天|前天|昨[天晚日]|今[天早晨日]|刚刚?(?:才)?(?:收|到|拿|签|买|拍|付|下单)|yesterday|today|this morning)"
)
_NO_COUNT = re2.compile(r"内|无理由|发货|价保|保价|保修|质保|到账|能到|之后|以后|后再|假|保质|试用")
"""What follows on a number of days that is a term and no count: 七天无理由."""
_TERM_AHEAD = re2.compile(r"(?:支持|承诺|写着|说是|写的|规定|说好|within)\s*$")
_DAYS = {
    "天": 1.0,
    "日": 1.0,
    "周": 7.0,
    "星期": 7.0,
    "礼拜": 7.0,
    "月": 30.0,
    "小时": 1 / 24,
    "钟头": 1 / 24,
    "hour": 1 / 24,
    "day": 1.0,
    "week": 7.0,
    "month": 30.0,
}
_WORDS = {"大前天": 3.0, "前天": 2.0, "昨": 1.0, "yesterday": 1.0}
_ENGLISH = {"a": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "ten": 10.0}
_ENTRY = re2.compile(r"(?:^|[^\d])(?:(20\d\d)[-/.年])?(\d{1,2})[-/.月](\d{1,2})(?:日|\D|$)")
_AHEAD = re2.compile(r"预计|预售|预约|约定|最[晚迟]|将|计划|承诺|重|expected|by ")
_UNTIL = re2.compile(r"日?\s?[之以]?[前后]|(?:kg|g|公斤|斤|元)")
"""What stands around a figure in a record that is a day still to come, or no day: 预计11-28送达, 12-05前, 2.5kg."""
_TODAY_IS = re2.compile(
    r"(?:今天|今日|今儿|(?:现在|这)都)(?:已经|都|是)*\s?(?:(?P<month>\d{1,2})[月./-])?(?P<day>\d{1,2})(?P<after>[^\d折元块%个点斤米岁倍]|$)"
)
_NAMED_WITHIN = timedelta(days=120)
"""How long after the order's last day a day that the customer calls today may lie."""


def held_at(conversation: Conversation, now: datetime) -> datetime:
    """`now`, or its hour on the day that a talk without times was held, where the order and the customer tell another."""
    order = conversation.order
    if order is None or any(m.at is not None for m in conversation.messages):
        return now
    floor = max(_days(order), default=None)
    if floor is None:
        return now
    today = now.date()
    said = " ".join(folded(m.text) for m in conversation.last_customer_turn)
    told = max((day for day in _counted(said, order, floor) if day >= floor), default=None)
    named = _named(said, floor)
    if named is not None and (order.signed_at is None or named >= today):
        return _on(named, now)
    if today < floor:
        return _on(told or floor, now)
    travels = order.shipped_at is not None and order.signed_at is None
    if told is None and travels and today - floor > _NO_NEWS:
        return _on(floor, now)
    if told is None or told > today:
        return now
    if order.signed_at is not None:
        return now  # when it came is on record: a claim of another day opens no window again, it only leaves the day unclear
    return _on(told, now) if today - told > _RECENT else now


def is_dated(conversation: Conversation, now: datetime) -> bool:
    """Whether days may be counted up to `now` (see `held_at`): the messages carry times, the order is of these days, the
    customer says that it is this day, or their own count of days (三天了, 前天收到) ends about now. Without an order there is
    nothing to count.
    """
    order = conversation.order
    known = [] if order is None else sorted(_days(order))
    if not known or any(m.at is not None for m in conversation.messages) or now.date() - known[-1] <= _RECENT:
        return True
    if _named(" ".join(folded(m.text) for m in conversation.last_customer_turn), known[-1]) == now.date():
        return True
    told = [days for m in conversation.messages if m.role == "customer" for days in _counts(folded(m.text))]
    return any(abs((now.date() - day).days - days) <= max(1.0, _ABOUT * days) for days in told for day in known)


def counted_until(conversation: Conversation, now: datetime) -> datetime:
    """`now` where days may be counted up to it, else the last day of which the order tells."""
    order = conversation.order
    if order is None or is_dated(conversation, now):
        return now
    return _on(max(_days(order)), now)


def _on(day: date, now: datetime) -> datetime:
    return now.replace(year=day.year, month=day.month, day=day.day)


def _days(order: Order) -> Iterator[date]:
    """The days of which the order's record tells."""
    yield from (at.date() for at in (order.paid_at, order.shipped_at, order.signed_at) if at is not None)
    began = order.signed_at or order.shipped_at or order.paid_at
    if began is None:
        return
    status = order.tracking_status or ""
    for entry in _ENTRY.finditer(status):
        if _AHEAD.search(status[: entry.start() + 1][-8:]) or _UNTIL.match(status[entry.end() - 1 :]):
            continue
        day = _day(entry.group(1), entry.group(2), entry.group(3), began.date())
        if day is not None:
            yield day


def _named(said: str, floor: date) -> date | None:
    """The day that the customer calls today (今天12.6了, 这都5号了), where it can be: not before `floor`, the order's last day."""
    for found in _TODAY_IS.finditer(said):
        if found.group("month") is None and found.group("after") not in ("号", "日"):
            continue
        day = _day(None, found.group("month") or str(floor.month), found.group("day"), floor)
        if day is not None and floor <= day <= floor + _NAMED_WITHIN:
            return day
    return None


def _day(year: str | None, month: str, day: str, began: date) -> date | None:
    """A day as written; without a year the one that begins with an order of `began`, months before it being the next year's."""
    try:
        read = date(int(year or began.year), int(month), int(day))
        return read if year or read >= began - timedelta(days=60) else read.replace(year=read.year + 1)
    except ValueError:
        return None


def _counted(said: str, order: Order, latest: date) -> Iterator[date]:
    """The days that the customer's own counts lead to, from what each is counted."""
    if order.signed_at is not None:
        for held in _HELD.finditer(said):
            days = _BEFORE[held.group(1)] if held.group(1) else _length(held.group(2), held.group(3))
            yield order.signed_at.date() + timedelta(days=days)
        return
    if order.shipped_at is not None:
        for still in _STILL.finditer(said):
            yield latest + timedelta(days=_length(*_pair(still.groups())))
        return
    if order.paid_at is None:
        return
    for waited in _WAITED.finditer(said):
        yield order.paid_at.date() + timedelta(days=_length(*_pair(waited.groups())))
    for paid in _PAID_THEN.finditer(said):
        yield order.paid_at.date() + timedelta(days=_BEFORE[paid.group(1)])


def _pair(groups: Sequence[str | None]) -> tuple[str, str]:
    return next((a, b) for a, b in zip(groups[::2], groups[1::2], strict=True) if a and b)


def _length(count: str, unit: str) -> int:
    return round((number(count) or 0) * _UNIT[unit])


def _counts(text: str) -> Iterator[float]:
    """Every count of days in folded text that looks back."""
    for found in _COUNTED.finditer(text):
        if found.group("word"):
            yield next((days for word, days in _WORDS.items() if found.group("word").startswith(word)), 0.0)
        elif found.group("en"):
            unit = found.group("en_unit").rstrip("s")
            yield (_ENGLISH.get(found.group("en")) or float(found.group("en"))) * _DAYS[unit]
        elif not _NO_COUNT.search(found.group("after")) and not _TERM_AHEAD.search(text[: found.start()]):
            n = 0.5 if found.group("n") == "半" else number(found.group("n"))
            if n is not None:
                yield float(n) * _DAYS[found.group("unit")]
