"""The course of a talk: how often, what agents said already, what the order says otherwise."""

from __future__ import annotations

from datetime import datetime

import pytest

from assistant.situation import CourseReader
from assistant.values import Course
from tests.assistant.drafts import NOON, READER, conversation

COURSE = CourseReader(READER.cues)


def _course(*lines: str, order: dict[str, object] | None = None, intent: str = "in.urge_ship") -> Course:
    return COURSE.read(conversation(*lines, order=order), intent, NOON)


def test_coming_back_to_the_same_thing_is_counted_by_turns_not_by_bubbles() -> None:
    talk = _course(
        "怎么还不发货",
        "快点发货啊",
        "客服:亲,今天下午5点前给您答复",
        "还没发货??",
        "客服:抱歉,我去核实",
        "怎么还没发货",
    )
    assert talk.times == 3
    assert talk.said == ("apologised", "named_a_time", "will_check")


def test_the_mood_of_each_turn_is_told_in_order() -> None:
    talk = _course("什么时候发货", "客服:好的", "气死我了,骗子店!", intent="in.urge_ship")
    assert len(talk.moods) == 2
    assert talk.moods[0] == "calm"
    assert talk.moods[1] in ("angry", "furious")


@pytest.mark.parametrize(
    ("said", "order", "fact"),
    [
        ("昨天才收到,七天无理由退", {"signed_at": "2026-11-06 10:00"}, "signed_at"),
        ("怎么还没发货", {"paid_at": "2026-11-15 09:00", "shipped_at": "2026-11-16 09:00"}, "shipped_at"),
        ("我今天刚买的就降价了", {"paid_at": "2026-10-01 09:00"}, "paid_at"),
        ("还没过七天呢 凭啥不给退", {"signed_at": "2026-11-08 10:00"}, "signed_at"),
    ],
)
def test_a_claim_that_the_order_speaks_against_is_found(said: str, order: dict[str, object], fact: str) -> None:
    (odd,) = _course(said, order=order).contradictions
    assert odd.fact == fact
    assert said[odd.start : odd.end]


@pytest.mark.parametrize(
    ("said", "order"),
    [
        ("昨天才收到", {"signed_at": "2026-11-20 10:00"}),
        ("还在7天内", {"signed_at": "2026-11-15 10:00"}),
        ("怎么还没发货", {"paid_at": "2026-11-15 09:00"}),
        ("还没发票呢", {"shipped_at": "2026-11-16 09:00"}),
        ("昨天收到短信说退款了", {"signed_at": "2026-11-06 10:00"}),
        ("怎么还没发货", None),
    ],
)
def test_what_the_order_does_not_deny_is_no_contradiction(said: str, order: dict[str, object] | None) -> None:
    assert _course(said, order=order).contradictions == ()


def test_the_course_does_not_depend_on_the_clock() -> None:
    talk = conversation("怎么还没发货", order={"shipped_at": "2026-11-16 09:00"})
    later = COURSE.read(talk, "in.urge_ship", datetime(2030, 1, 1))
    assert later == COURSE.read(talk, "in.urge_ship", NOON)
