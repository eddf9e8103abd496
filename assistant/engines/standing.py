"""What is wanted, as the order bears it out: what waits can't be delivered yet or sent back, and a guess that it confirms is heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import re2

from assistant.engines import Brief
from assistant.engines.contrary import states
from assistant.engines.terms import hours_overdue, ship_due, terms
from assistant.situation.script import folded

_LONG_WAIT_DAYS = 3
"""Days unshipped from which a wait is called long, where the shop stands by no time of its own."""
_OF_ITS_WAY = frozenset({"in.urge_ship", "in.late_ship", "in.urge_delivery", "in.stuck", "in.track"})
_NOT_YET: Mapping[str, str] = {
    "in.urge_delivery": "in.urge_ship",
    "in.stuck": "in.urge_ship",
    "in.track": "in.urge_ship",
    "after.no_reason_return": "in.cancel_order",
}
"""Of an order that waits in the warehouse: what is meant in place of what was read."""
_SPEAKS_OF_IT = re2.compile(
    r"货|发|寄|到|送|快递|物流|等|动静|消息|影|收|单|ship|deliver|arriv|parcel|package|order|track"
)
_RETURNS = re2.compile(r"(?:收到|到手|签收|拆|试|穿|用)(?:了|过|的)|寄回|退回去|received|opened")
_OF_WAITING = "waiting"


def as_it_stands(intents: Sequence[str], brief: Brief) -> list[str]:
    """`intents` with those in place of which the order shows another; where nothing is sure, the guess that it bears out."""
    known = states(brief)
    turn = folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    guess = brief.situation.intents[:1]
    if not intents and not known.isdisjoint({_OF_WAITING, "travelling"}) and _OF_ITS_WAY.issuperset(guess):
        intents = [g for g in guess if _SPEAKS_OF_IT.search(turn)]
    if _OF_WAITING not in known or _RETURNS.search(turn):
        return list(intents)
    meant = [_NOT_YET.get(i, i) for i in intents]
    return list(dict.fromkeys(_waited_long(brief) if i == "in.urge_ship" else i for i in meant))


def _waited_long(brief: Brief) -> str:
    """Whether asking when it ships is to be met as a delay."""
    if hours_overdue(brief) is not None:
        return "in.late_ship"
    days = terms(brief).get("days_since_paid", "0")
    return "in.late_ship" if ship_due(brief) is None and int(days) > _LONG_WAIT_DAYS else "in.urge_ship"
