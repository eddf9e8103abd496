"""Days are counted up to today only where the customer writes today: messages seldom say when they were written."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from assistant.conversation import Conversation
from assistant.engines.terms import hours_overdue, terms
from assistant.situation.today import counted_until, held_at, is_dated
from tests.assistant.drafts import brief, conversation

NOW = datetime(2026, 11, 22, 10, 0)
SIGNED: dict[str, object] = {"item": "连衣裙", "paid_at": "2026-09-08 10:00", "signed_at": "2026-09-13 10:00"}


@pytest.mark.parametrize(
    ("lines", "order", "dated"),
    [
        (("想退掉",), SIGNED, False),
        (("前天收到的 想退掉",), SIGNED, False),
        (("收到七十天了 想退掉",), SIGNED, True),
        (("想退掉",), {"item": "裙", "signed_at": "2026-11-21 18:00"}, True),
        (("怎么还没到",), {"item": "裙", "paid_at": "2026-11-10 10:00", "tracking_status": "11-21 06:50 待派送"}, True),
        (("怎么还没到",), {"item": "裙", "paid_at": "2026-11-10 10:00", "tracking_status": "11-15 06:50 到达"}, False),
        (("在吗",), None, True),
        (("支持七天无理由吗 48小时发货的",), SIGNED, False),
        (("bought it 75 days ago",), SIGNED, True),
    ],
)
def test_when_the_wall_clock_is_the_customers(
    lines: tuple[str, ...], order: dict[str, object] | None, dated: bool
) -> None:
    assert is_dated(conversation(*lines, order=order), NOW) is dated


def test_messages_that_carry_times_are_of_their_time() -> None:
    talk = Conversation.read(
        {"messages": [{"role": "customer", "text": "想退掉", "at": "2026-11-22T09:58:00"}], "order": SIGNED}
    )
    assert is_dated(talk, NOW)


def test_nothing_is_over_where_nobody_knows_what_day_it_is() -> None:
    today = brief(conversation("想退掉", order=SIGNED), now=NOW)
    someday = replace(today, dated=False)
    assert {"return_window_over", "price_protection_over", "days_since_signed"} <= {*terms(today)}
    assert not {"return_window_over", "return_window_in", "days_since_signed", "days_since_paid"} & {*terms(someday)}


def test_a_delay_is_counted_by_the_customers_own_days() -> None:
    order: dict[str, object] = {"item": "电饭煲", "paid_at": "2026-10-08 10:00"}
    waiting = conversation("付款三天了 怎么还没发", order=order, authorised=["ship_within_48h"])
    assert hours_overdue(brief(waiting, now=held_at(waiting, NOW))) == 24
    asking = conversation("什么时候发呀", order=order, authorised=["ship_within_48h"])
    assert not is_dated(asking, held_at(asking, NOW))
    assert hours_overdue(replace(brief(asking, now=NOW), dated=False)) is None


def test_days_are_counted_up_to_the_day_that_the_customer_calls_today() -> None:
    talk = conversation("今天9.30了才想起来", "想退", order=SIGNED)
    assert is_dated(talk, held_at(talk, datetime(2026, 9, 28, 10)))
    assert not is_dated(talk, datetime(2026, 11, 28, 10))


def test_days_are_counted_until_the_last_known_event() -> None:
    assert counted_until(conversation("前天收到的", order=SIGNED), NOW).date() == datetime(2026, 9, 13).date()
    assert counted_until(conversation("在吗"), NOW) == NOW
