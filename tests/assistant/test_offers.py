"""A sum offered for the goods is read as an offer, in whatever words; measures, budgets and what was paid are none."""

import pytest

from assistant.conversation import Conversation
from assistant.engines import Brief
from assistant.engines.offers import offered_sum, offers_a_sum, without_offers
from assistant.engines.taking_up import reacted_once
from assistant.situation.questions import questions_of
from tests.assistant.drafts import brief


def talk(*bubbles: str, agent: str = "", paid: bool = False) -> Brief:
    messages = [{"role": "agent", "text": agent}] if agent else []
    messages += [{"role": "customer", "text": text} for text in bubbles]
    row: dict[str, object] = {"id": "offer", "messages": messages}
    if paid:
        row["order"] = {"order_id": "1", "item": "投影仪", "paid_at": "2026-11-18 10:00"}
    return brief(Conversation.read(row))


@pytest.mark.parametrize(
    "bubbles",
    [
        ("这台投影仪2399", "1900行我立马付"),
        ("六百成不成",),
        ("吸尘器698对吧", "给个600整"),
        ("标价520", "那就450 现在拍"),
        ("靠枕一对88?", "七十拿一对"),
        ("這個包1680", "1500賣嗎"),
        ("同款隔壁家139 你家159", "能补到139不"),
        ("Can you do 35 bucks for the lamp?",),
        ("一把152", "四把550"),
        ("碧螺春 260一斤 我要四斤", "900拿走"),
    ],
)
def test_a_sum_offered_in_many_wordings_is_an_offer(bubbles: tuple[str, ...]) -> None:
    assert offers_a_sum(talk(*bubbles))


@pytest.mark.parametrize(
    "bubbles",
    [
        ("165/60公斤 穿L可以吗",),
        ("上次128买的 这次再来一件",),
        ("預算一千五左右",),
        ("这灯500瓦的有吗",),
        ("满300减40吗",),
        ("多少钱一组", "要五组"),
        ("脚长17.1 脚背高", "29码里面多长", "别家说拍28"),
        ("狗的胸围61 脖围42", "这件马甲XL套得进去不"),
        ("保温杯页面写的304 客服说201",),
        ("人家卖458", "你家才219"),
        ("这酒比超市便宜200", "真的假的"),
    ],
)
def test_measures_budgets_and_what_was_paid_are_no_offers(bubbles: tuple[str, ...]) -> None:
    assert not offers_a_sum(talk(*bubbles))


def test_the_price_an_agent_named_is_what_the_offer_is_set_against() -> None:
    assert offers_a_sum(talk("2100吧", agent="亲,这台今天2399元"))
    assert not offers_a_sum(talk("2100吧"))


def test_nobody_bargains_over_what_is_paid() -> None:
    assert not offers_a_sum(talk("1900行我立马付", paid=True))


def test_an_offer_that_is_answered_is_not_asked_again() -> None:
    said = talk("这个空气炸锅299是吧", "240走不走", "能机洗吗")
    assert [q.text for q in without_offers(questions_of(said.conversation), said)] == ["能机洗吗"]


@pytest.mark.parametrize(
    ("bubbles", "agent", "offered"),
    [
        (("头灯79 少10块我就拍", "70行不行"), "", "70"),
        (("耳机219", "能195不"), "", "195"),
        (("240 最后一口价",), "亲,这台今天299元", "240"),
        (("身高165 体重110斤",), "", ""),
    ],
)
def test_the_sum_that_is_refused_by_name_is_the_one_offered(bubbles: tuple[str, ...], agent: str, offered: str) -> None:
    assert offered_sum(talk(*bubbles, agent=agent)) == offered


def test_a_reaction_long_over_is_why_somebody_asks_and_no_emergency() -> None:
    assert reacted_once(talk("上回涂别家的脸红了两天", "这支我能用吗"))
    assert not reacted_once(talk("涂了两天脸红了", "怎么办"))
    assert not reacted_once(talk("上回涂别家的脸红了两天", "这支我能用吗", paid=True))
