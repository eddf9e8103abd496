"""Statements of fact: blocked where something given speaks against them, warned of where nothing speaks for them."""

from __future__ import annotations

from datetime import datetime

import pytest

from assistant.authority import Authority
from assistant.conversation import Message, Order
from assistant.guardrails import CheckContext, Guardrails

ORDER = Order(
    order_id="8843",
    price_yuan=128,
    paid_at=datetime(2026, 11, 3, 9),
    shipped_at=datetime(2026, 11, 4, 15),
    courier="中通快递",
)
CONTEXT = CheckContext(
    order=ORDER,
    messages=(Message(role="customer", text="我11月6日签收的，单号7788990011223，杯子高18厘米"),),
    known_text=("这款杯子容量480毫升，现货300件。",),
    now=datetime(2026, 11, 7, 10),
)


@pytest.fixture(scope="module")
def guardrails() -> Guardrails:
    return Guardrails.load()


@pytest.mark.parametrize(
    ("reply", "severity", "rule"),
    [
        ("您的快递单号是SF1234567890123。", "block", "ungrounded.parcel_number"),
        ("包裹11月9日已经签收了。", "block", "ungrounded.date"),
        ("您的包裹是顺丰发的。", "block", "ungrounded.courier"),
        ("您这单实付268元。", "block", "ungrounded.amount"),
        ("仓库还有五百件。", "warn", "ungrounded.stock"),
        ("杯口直径9厘米。", "warn", "ungrounded.measure"),
        ("我已经帮您催过快递了。", "warn", "ungrounded.false_action"),
        ("I've already contacted the courier.", "warn", "ungrounded.false_action"),
        ("登记好了，工单号是A1029。", "warn", "ungrounded.ticket"),
        ("这款内胆是316不锈钢的。", "warn", "ungrounded.property"),
        ("它的防水等级是IPX8。", "warn", "ungrounded.property"),
    ],
)
def test_what_nothing_given_bears_out_is_found(guardrails: Guardrails, reply: str, severity: str, rule: str) -> None:
    found = [f for f in guardrails.check(reply, CONTEXT).findings if f.category == "ungrounded"]
    assert [(f.severity, f.rule) for f in found] == [(severity, rule)]
    assert reply[found[0].span[0] : found[0].span[1]] == found[0].text


@pytest.mark.parametrize(
    "reply",
    [
        "您给的单号7788990011223我看到了。",
        "订单11月3日付款，11月4日发出。",
        "您说11月6日签收的，我记下了。",
        "这款容量480毫升，您量的高18厘米也对。",
        "仓库现货有300件。",
        "是11月9日签收的吗？",
        "我现在去问快递，今天下午4点前回您。",
        "您的信息我登记好了。",
    ],
)
def test_what_is_given_may_be_said(guardrails: Guardrails, reply: str) -> None:
    assert [f.rule for f in guardrails.check(reply, CONTEXT).findings] == []


def test_with_nothing_given_an_unsupported_number_only_warns(guardrails: Guardrails) -> None:
    verdict = guardrails.check("您的快递单号是SF1234567890123。")
    assert verdict.verdict == "pass"
    assert [f.severity for f in verdict.findings] == ["warn"]


@pytest.mark.parametrize(
    ("hours_since_paying", "reply", "verdict"),
    [
        (2, "明天给您发出。", "block"),
        (40, "明天给您发出。", "pass"),
        (40, "付款后24小时内发出。", "block"),
        (2, "后天给您发出。", "pass"),
        (36, "最晚明天上午9点前发出。", "pass"),
        (36, "最晚明天早上8点半前发出。", "block"),
        (36, "11月5日9:00前发出。", "pass"),
        (36, "今晚10点前发出。", "block"),
    ],
)
def test_a_promise_to_ship_is_counted_from_the_payment(
    guardrails: Guardrails, hours_since_paying: int, reply: str, verdict: str
) -> None:
    paid = datetime(2026, 11, 3, 9)
    now = datetime.fromtimestamp(paid.timestamp() + hours_since_paying * 3600)
    context = CheckContext(
        authorities=(Authority.parse("ship_within_48h"),), order=Order(paid_at=paid, price_yuan=50), now=now
    )
    assert guardrails.check(reply, context).verdict == verdict


ON_ITS_WAY = CheckContext(
    order=Order(
        order_id="5521",
        price_yuan=64,
        paid_at=datetime(2026, 11, 3, 9),
        shipped_at=datetime(2026, 11, 4, 15),
        courier="韵达",
        tracking_status="11-06 到达南昌分拨中心",
    ),
    now=datetime(2026, 11, 7, 10),
)


@pytest.mark.parametrize(
    ("reply", "rule"),
    [
        ("刚看了，申通在派件，您留意电话。", "courier"),
        ("It left us with ZTO on Wednesday.", "courier"),
        ("前天就签收了，您看看是不是家里人拿的。", "signed"),
        ("It was delivered this morning.", "signed"),
        ("包裹已经签收了呢。", "signed"),
        ("昨天派送成功了。", "signed"),
        ("您的訂單還沒出貨。", "not_shipped"),
        ("您这单实付89。", "amount"),
        ("您是昨天下的单。", "date"),
        ("包裹已经到郑州了。", "place"),
        ("这单还没出库呢，地址我直接改。", "not_shipped"),
        ("It hasn't been shipped yet.", "not_shipped"),
        ("您2号付的款。", "date"),
        ("11月5日已经发货。", "date"),
        ("昨天付的款，今天就能看到。", "date"),
        ("Your order was 46 yuan.", "amount"),
        ("您付了46元。", "amount"),
    ],
)
def test_what_the_order_says_otherwise_is_blocked(guardrails: Guardrails, reply: str, rule: str) -> None:
    found = [f for f in guardrails.check(reply, ON_ITS_WAY).findings if f.category == "ungrounded"]
    assert [(f.severity, f.rule) for f in found] == [("block", f"ungrounded.{rule}")]


@pytest.mark.parametrize(
    "reply",
    [
        "韵达在送，4号下午发出的，最新到了南昌。",
        "您3号付的款，一共64元。",
        "您想改发顺丰的话，要看仓库还能不能换。",
        "退回来可以走圆通，单号填在申请里。",
        "还没签收之前都可以拒收。",
        "签收后七天内可以申请退货。",
        "怎么还没发货呢？您问得对，我去查。",
        "您说付了70元，我这边显示64元，一起对一下好吗？",
        "It's with Yunda and reached Nanchang on the 6th.",
        "If it hasn't been shipped, the address can still be changed.",
        "包裹到南昌了，还在路上。",
        "派送成功之后会有短信。",
        "您是要实木的还是板材的呢？",
    ],
)
def test_what_agrees_with_the_order_or_says_nothing_of_it_passes(guardrails: Guardrails, reply: str) -> None:
    assert not [f for f in guardrails.check(reply, ON_ITS_WAY).findings if f.category == "ungrounded"]


def test_what_a_customer_asks_about_the_goods_does_not_bear_it_out(guardrails: Guardrails) -> None:
    asked = CheckContext(messages=(Message(role="customer", text="是纯棉的吗"),))
    shown = CheckContext(messages=(Message(role="customer", text="是纯棉的吗"),), known_text=("面料：纯棉",))
    assert [f.rule for f in guardrails.check("这款是纯棉的。", asked).findings] == ["ungrounded.property"]
    assert guardrails.check("这款是纯棉的。", shown).findings == ()


def test_other_goods_than_the_orders_are_pointed_out(guardrails: Guardrails) -> None:
    boots = CheckContext(order=Order(item="女式雪地靴 38码"))
    assert [f.rule for f in guardrails.check("您买的是保温杯。", boots).findings] == ["ungrounded.item"]
    for reply in ("您买的是靴子。", "您买的是38码。", "您拍的是活动款。"):
        assert guardrails.check(reply, boots).findings == ()


def test_a_day_worked_out_from_the_order_is_no_invented_one(guardrails: Guardrails) -> None:
    order = Order(price_yuan=59, paid_at=datetime(2026, 6, 4, 20))
    context = CheckContext(authorities=(Authority.parse("ship_within_48h"),), order=order)
    reply = "您6月4日晚上8点付的款,48小时内发,也就是6月6日晚上8点之前会寄出。"
    assert guardrails.check(reply, context).verdict == "pass"
    assert guardrails.check("您6月6日就已经付款了。", context).verdict == "block"
