"""A reply that would go straight to the matter first takes up, in a word, what weighs on the customer."""

from __future__ import annotations

from datetime import datetime

import pytest

from assistant.engines.clock import AnswerBy
from assistant.engines.offline import OfflineEngine
from tests.assistant.drafts import brief, conversation, match, proposal


@pytest.fixture(scope="module")
def shipped() -> OfflineEngine:
    return OfflineEngine(lambda _: ())


@pytest.mark.parametrize(
    ("line", "of", "met"),
    [
        ("车窗遮阳帘 装得上不 给宝宝坐车用的", "pre.fit_check", ("孩子",)),
        ("42码还有吗 周五前赶不赶得上", "pre.stock", ("赶时间", "日子卡得紧")),
        ("清仓那件99 万一不合适给退吗", "pre.return_policy", ("退路", "顾虑")),
    ],
)
def test_what_weighs_on_a_customer_is_taken_up_first(
    shipped: OfflineEngine, line: str, of: str, met: tuple[str, ...]
) -> None:
    reply = proposal(shipped, brief(conversation(line), match(of, 0.95))).reply
    assert any(word in reply.split("。")[0] for word in met), reply


def test_who_is_met_by_the_matter_itself_is_not_met_twice(shipped: OfflineEngine) -> None:
    reply = proposal(
        shipped, brief(conversation("照片太新了吧 是网图吗 别骗我"), match("pre.distrust_reviews", 0.95))
    ).reply
    assert sum(word in reply for word in ("谨慎", "实话", "问清楚是对的")) == 1, reply


def test_who_worries_about_nothing_is_answered_at_once(shipped: OfflineEngine) -> None:
    reply = proposal(shipped, brief(conversation("42码还有货吗"), match("pre.stock", 0.95))).reply
    assert not any(word in reply.split("。")[0] for word in ("理解", "明白", "应该的", "我懂"))


def test_a_greeting_does_not_lead_where_a_matter_follows(shipped: OfflineEngine) -> None:
    asked = conversation("在吗", "奶瓶要不要消毒再用 等10分钟了 店没人啊")
    reply = proposal(shipped, brief(asked, match("pre.greeting", 0.9))).reply
    assert "消毒" in reply
    assert "想问的" not in reply
    assert "等" in reply.split("。")[0]


def test_a_greeting_alone_is_greeted(shipped: OfflineEngine) -> None:
    assert "在" in proposal(shipped, brief(conversation("在吗 老板"), match("pre.greeting", 0.9))).reply


@pytest.mark.parametrize("at", ["2026-11-21 05:40", "2026-11-21 14:10", "2026-11-21 23:40"])
def test_who_is_at_risk_hears_within_the_hour_whatever_the_clock_says(at: str) -> None:
    due = AnswerBy.of(conversation("手在流血"), datetime.fromisoformat(at), urgent=True, at_risk=True)
    assert (due.zh, due.en) == ("1小时内", "within the hour")


@pytest.mark.parametrize(
    ("line", "of"), [("猫吐了两天了 不吃不喝", "after.pet_sick"), ("我妈刚出ICU 床垫今天就要换", "in.urgent_need")]
)
def test_who_cannot_wait_hears_within_the_hour(shipped: OfflineEngine, line: str, of: str) -> None:
    order: dict[str, object] = {"item": "气床垫", "paid_at": "2026-11-18 16:00", "shipped_at": "2026-11-18 20:00"}
    reply = proposal(shipped, brief(conversation(line, order=order), match(of, 0.95))).reply
    assert "1小时内" in reply


def test_who_has_told_it_often_enough_is_asked_nothing(shipped: OfflineEngine) -> None:
    told = conversation("锅盖裂了", "客服:请问是什么问题呢", "说了三遍了 锅盖裂了 又让我说一遍")
    plan = shipped.plan(brief(told, match("after.damaged", 0.9)))
    assert "ask" not in {m.move.move for m in plan.moves}
    once = conversation("锅盖裂了", "客服:在的", "锅盖裂了")
    assert "ask" in {m.move.move for m in shipped.plan(brief(once, match("after.damaged", 0.9))).moves}


def test_a_threshold_for_free_shipping_is_no_large_order(shipped: OfflineEngine) -> None:
    talk = conversation("购物车92.5 满99包邮是吧", "差6块5 给包一下呗", authorised=("free_shipping_over:99",))
    assert "量" not in proposal(shipped, brief(talk, match("pre.bargain_freeship", 0.95))).reply


def test_only_one_parcel_is_no_lack_of_money(shipped: OfflineEngine) -> None:
    order: dict[str, object] = {"item": "米粉", "paid_at": "2026-11-18 09:00", "shipped_at": "2026-11-18 17:00"}
    talk = conversation("我明明付了两件的钱", "物流怎么只有一件", order=order)
    assert "手里的钱" not in proposal(shipped, brief(talk, match("in.track", 0.95))).reply
    poor = conversation("这个太贵了 我手上只有50块", authorised=("coupon:5",))
    assert "钱" in proposal(shipped, brief(poor, match("pre.bargain", 0.95))).reply


def test_an_english_question_is_answered_though_the_page_is_chinese(shipped: OfflineEngine) -> None:
    talk = conversation("Hi does this rice cooker work in Canada?", "page is all Chinese cant read it lol")
    said = proposal(shipped, brief(talk, match("general.other_language", 0.95))).reply
    assert "works in Canada" in said and "translation" not in said and "Which item" not in said, said
