"""The day of a conversation without times: the clock's, unless the order and the customer's own count tell another."""

from __future__ import annotations

from datetime import datetime

import pytest

from assistant.situation.today import held_at
from tests.assistant.drafts import conversation

NOW = datetime(2026, 11, 22, 15, 0)
WAITS: dict[str, object] = {"item": "伞", "paid_at": "2026-10-08 09:00"}
TRAVELS: dict[str, object] = WAITS | {
    "shipped_at": "2026-10-09 09:00",
    "tracking_status": "10-11 05:10 到达上海转运中心",
}
SIGNED: dict[str, object] = TRAVELS | {"signed_at": "2026-10-12 10:00"}


@pytest.mark.parametrize(
    ("said", "order", "day"),
    [
        ("付款三天了怎么还待发货", WAITS, "10-11"),
        ("等了一个礼拜了还不发", WAITS, "10-15"),
        ("昨天拍的几时发", WAITS, "10-09"),
        ("前天收到的想退", SIGNED, "11-22"),
        ("还在路上吗", TRAVELS, "10-11"),
        ("停了五天不动了", TRAVELS, "10-16"),
        ("五天没更新了", TRAVELS, "10-16"),
        # the customer says what day it is
        ("今天11.26了 才想起来退", SIGNED, "11-26"),
        ("今天是12月3号 还能退吗", SIGNED, "12-03"),
        ("都没动静 这都15号了", TRAVELS, "10-15"),
        ("今天20号", TRAVELS, "10-20"),
        ("今天2.5折", TRAVELS, "10-11"),
        # a day long past by the clock opens no window of return again
        ("今天10.14 想退", SIGNED, "11-22"),
        # nothing counted, or not to be doubted: the clock's day
        ("怎么还不发", WAITS, "11-22"),
        ("想退", SIGNED, "11-22"),
        ("等了十天了", WAITS | {"paid_at": "2026-11-19 09:00"}, "11-22"),
        ("昨天刚收到", SIGNED | {"signed_at": "2026-11-10 10:00"}, "11-22"),
        ("还在路上吗", TRAVELS | {"tracking_status": "11-18 05:10 到达上海转运中心"}, "11-22"),
        # of several entries the last that has happened; none that is still to come, and no weight
        ("还在路上吗", TRAVELS | {"tracking_status": "10-11至10-13 武汉转运中心;10-14 13:00 到达长沙"}, "10-14"),
        ("还在路上吗", TRAVELS | {"tracking_status": "10-11 到达上海,预计10-15送达"}, "10-11"),
        ("还在路上吗", TRAVELS | {"tracking_status": "10-11 到达上海 10-16前派送"}, "10-11"),
        ("还在路上吗", TRAVELS | {"tracking_status": "10-11 到达上海 重量2.5kg"}, "10-11"),
        # the clock goes before the order
        ("还没发吗", WAITS | {"paid_at": "2026-12-03 09:00"}, "12-03"),
    ],
)
def test_the_day_is_what_order_and_customer_tell(said: str, order: dict[str, object], day: str) -> None:
    assert held_at(conversation(said, order=order), NOW) == datetime.fromisoformat(f"2026-{day} 15:00")


def test_a_talk_whose_times_are_known_is_held_by_the_clock() -> None:
    talk = conversation("付款三天了怎么还待发货", order=WAITS)
    timed = talk.model_copy(update={"messages": tuple(m.model_copy(update={"at": NOW}) for m in talk.messages)})
    assert held_at(timed, NOW) == NOW
