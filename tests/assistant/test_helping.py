"""What the shop allows is offered exactly where it helps, what it does not allow never; order facts settle questions."""

from __future__ import annotations

from datetime import datetime

import pytest

from assistant.engines import Brief
from assistant.engines.asking import asks, presumes_photo
from assistant.engines.helping import Help, shipped_helps
from assistant.engines.offline import FALLBACK, OfflineEngine
from assistant.engines.planning import Plan
from assistant.engines.slots import slot_values
from assistant.values import Situation
from knowledge.phrasebook import Phrasebook
from knowledge.points import PointBook
from tests.assistant.drafts import CATALOGUE, READER, conversation, match

NOW = datetime(2026, 11, 21, 12, 5)
ENGINE = OfflineEngine(lambda _: (), points=PointBook(points=()))
PAID: dict[str, object] = {"order_id": "2611190001", "item": "台灯", "price_yuan": 129, "paid_at": "2026-11-21 08:00"}
SENT = PAID | {
    "paid_at": "2026-11-19 08:00",
    "shipped_at": "2026-11-19 18:00",
    "courier": "中通",
    "tracking_status": "11-21 06:10 到达成都网点",
}
SIGNED = SENT | {"signed_at": "2026-11-21 09:30", "tracking_status": "已签收"}
WITH_AMOUNT = {
    "compensation_up_to": "compensation_up_to:20",
    "free_shipping_over": "free_shipping_over:99",
    "coupon": "coupon:10",
    "refund_approved": "refund_approved:129",
    "gift": "gift:帆布袋",
}
WORDS = "这单怎么退换、要不要寄回、有没有优惠券、运费和补偿怎么说、坏了怎么修、说好补的呢"
GRANTED = [(h, s) for h in shipped_helps().helps if h.authority is not None for s in h.where]


def planned(
    situation: str, *lines: str, order: dict[str, object] | None = None, authorised: tuple[str, ...] = ()
) -> Plan:
    talk = conversation(*lines, order=order, authorised=authorised)
    stage = CATALOGUE.by_id[situation].stage
    read = Situation(
        stage=stage, intents=(situation,), emotion="calm", customer_type="未定", risks=(), language="zh-Hans"
    )
    return ENGINE.plan(Brief(talk, read, (), NOW))


def order_for(help_: Help, situation: str) -> dict[str, object] | None:
    if situation.startswith("pre."):
        return None
    if situation.startswith("after."):
        return SIGNED
    bought = SENT if help_.authority == "expedite_courier_query" else PAID
    return bought | {"item": "鲜草莓"} if situation == "in.fresh_delay" else bought


@pytest.mark.parametrize(("help_", "situation"), GRANTED, ids=[f"{h.authority}-{s}" for h, s in GRANTED])
def test_what_the_shop_allows_is_said_where_it_helps_and_only_then(help_: Help, situation: str) -> None:
    assert help_.authority is not None
    order = order_for(help_, situation)
    granted = WITH_AMOUNT.get(help_.authority, help_.authority)
    told = planned(situation, WORDS, order=order, authorised=(granted,)).moves
    assert any(help_.authority in m.move.authority for m in told), [m.move.wordings[0].zh for m in told]
    denied = planned(situation, WORDS, order=order).moves
    assert not any(m.move.authority for m in denied)


def test_every_entry_that_helps_stands_in_the_book() -> None:
    known = set(Phrasebook.load(FALLBACK).by_situation)
    assert {h.say for h in shipped_helps().helps} <= known
    assert {s for h in shipped_helps().helps for s in h.where} <= set(CATALOGUE.by_id)


SETTLED: list[tuple[str, str, dict[str, object] | None, tuple[str, ...], str]] = [
    ("after.price_drop", "129买的,今天99", SIGNED, ("price_protection_30d",), "price_gap"),
    ("after.price_drop", "一买就降价", SIGNED | {"paid_at": "2026-10-01 09:00"}, ("price_protection_30d",), "price_protection_over"),
    ("in.urge_ship", "怎么还没动静", PAID | {"paid_at": "2026-11-18 09:00"}, ("ship_within_48h",), "ship_overdue"),
    ("in.urge_ship", "怎么还没动静", PAID, ("ship_within_48h",), "ship_due"),
    ("in.urge_ship", "怎么还没动静", SENT, (), "tracking_status"),
    ("in.urgent_need", "周六要用", PAID | {"paid_at": "2026-11-18 09:00"}, ("ship_within_48h",), "ship_overdue"),
    ("in.track", "到哪了", SENT, (), "tracking_status"),
    ("in.delivered_not_received", "没收到", SIGNED, (), "tracking_status"),
    ("in.cancel_order", "不要了", SENT, (), "shipped_at"),
    ("in.change_address", "改到杭州市西湖区文三路12号", PAID, (), "new_place"),
    ("in.change_address", "电话改成1391234567", PAID, (), "phone_odd"),
    ("in.change_address", "新地址 杭州市西湖区文三路12号,收件人 王小丽 139123456789", PAID, (), "phone_odd"),
    ("in.late_ship", "说好48小时发,怎么还不发", PAID, ("ship_within_48h",), "ship_due"),
    ("in.payment_problem", "钱扣了怎么还显示没付款", PAID, (), "paid_at"),
    ("after.follow_up", "昨天答应给我查的,查到没有", SENT, (), "tracking_status"),
    ("after.refund_amount", "全额退我", SIGNED, ("refund_approved:30",), "sum_over_refund"),
    ("in.lost", "不是说包邮吗", SENT, ("free_shipping_over:99",), "free_shipping_met"),
    ("after.no_reason_return", "不想要了退了", SIGNED | {"signed_at": "2026-11-21 09:00"}, ("refund_7day_no_reason",), ""),
    ("after.no_reason_return", "不想要了退了", {"paid_at": "2026-11-01 09:00", "signed_at": "2026-11-05 09:00"}, ("refund_7day_no_reason",), "return_window_over"),
    ("after.refund_status", "退款呢", SIGNED | {"refund_status": "11-20 退款成功"}, (), "refund_state"),
    ("after.refund_status", "退货你们签收了吧", SIGNED | {"退货物流": "11-20 已签收"}, (), "noted"),
    ("after.missing_item", "送的杯刷没有啊", SIGNED | {"赠品": "杯刷一把,另发"}, (), "noted"),
    ("in.late_ship", "预售说15天,都18天了", PAID | {"paid_at": "2026-11-02 09:00", "presale": "付款后15天内发货"}, (), "presale_over"),
    ("in.urge_ship", "哪天发", PAID | {"发货时间": "11-30前"}, (), "presale_left"),
    ("after.missing_item", "就到了个锅盖", SENT | {"tracking_status": "11-21 已签收(1/2件);第2件 11-21 22:40 到达武汉"}, (), "part_travelling"),
    ("after.invoice", "我的锅到底到哪了", SENT, (), "tracking_status"),
    ("in.urge_ship", "是不是还没发", PAID | {"tracking_status": "仓库处理中,待出库"}, (), "waiting_status"),
    ("in.track", "不是说48小时发吗 你们超没超", SENT, ("ship_within_48h",), "shipped_in_time"),
    ("in.late_ship", "怎么还没发", PAID | {"paid_at": "2026-11-12 09:00"}, (), "days_since_paid"),
    ("after.warranty", "不转了能修吗", SIGNED, ("warranty_1y",), "warranty_in"),
    ("after.warranty", "不转了能修吗", {"paid_at": "2025-09-01 09:00", "signed_at": "2025-09-05 09:00"}, ("warranty_1y",), "warranty_over"),
    ("after.compensation", "赔我300", SIGNED, ("compensation_up_to:20",), "sum_over_limit"),
    ("after.compensation", "补我20吧", SIGNED, ("compensation_up_to:30",), "sum_within_limit"),
    ("after.price_drop", "双11才卖99", SIGNED | {"paid_at": "2026-10-15 09:00"}, ("price_protection_30d",), "price_protection_in"),
    ("after.follow_up", "你们说2小时内回我,一天了没人理", SIGNED, (), "promised"),
    ("pre.freight_question", "128包不包邮", None, ("free_shipping_over:99",), "free_shipping_met"),
]  # fmt: skip


@pytest.mark.parametrize(("situation", "words", "order", "authorised", "slot"), SETTLED)
def test_what_the_order_or_the_customer_says_settles_the_question(
    situation: str, words: str, order: dict[str, object] | None, authorised: tuple[str, ...], slot: str
) -> None:
    moves = planned(situation, words, order=order, authorised=authorised).moves
    told = {s for m in moves for s in (*m.move.needs, *(s for w in m.wordings for s in w.zh_slots))}
    assert not slot or slot in told, [m.move.wordings[0].zh for m in moves]


def test_what_was_washed_is_not_offered_as_returnable_unused_but_an_unsure_size_is() -> None:
    seven = ("refund_7day_no_reason",)
    washed = planned("after.size_wrong", "裤子洗了一次就短了", order=SIGNED, authorised=seven).moves
    assert not any("refund_7day_no_reason" in m.move.authority for m in washed)
    unsure = planned("pre.size_advice", "鞋子拿42还是43", authorised=("exchange",)).moves
    assert any("exchange" in m.move.authority for m in unsure)


def test_a_squeaking_wheel_is_no_sick_pet_and_a_paid_order_is_not_urged_to_pay() -> None:
    def safety(*lines: str) -> bool:
        talk = conversation(*lines, order=SIGNED)
        read = READER.read(talk, []).model_copy(update={"intents": ("after.quality", "after.pet_sick"), "risks": ()})
        return any(m.situation == "after.pet_sick" for m in ENGINE.plan(Brief(talk, read, (), NOW)).moves)

    assert not safety("仓鼠笼的跑轮吱吱响", "半夜吵得睡不着")
    assert safety("换了这个粮", "仓鼠拉稀两天了没精神")
    talk = conversation("付了才看见券没用上", order=PAID)
    read = READER.read(talk, []).model_copy(update={"intents": ("in.urge_payment", "in.payment_problem")})
    assert not any(m.situation == "in.urge_payment" for m in ENGINE.plan(Brief(talk, read, (), NOW)).moves)


def test_a_sum_that_somebody_would_buy_for_is_a_price_and_one_of_two_is_not_all() -> None:
    moves = planned("pre.fit_check", "电钻499 450拿不", authorised=("coupon:20",)).moves
    assert any("coupon" in m.move.authority for m in moves)
    one = planned("in.cancel_order", "拍重了 拍了两个一样的", order=PAID).moves
    assert not any("不要了" in w.zh for m in one for w in m.wordings)


def test_compensation_is_not_offered_to_one_who_spoke_of_no_money() -> None:
    moves = planned("after.damaged", "杯子到手碎了", order=SIGNED, authorised=("compensation_up_to:20",)).moves
    assert not any("compensation_up_to" in m.move.authority for m in moves)
    resend = planned(
        "after.damaged", "杯子碎了三个 补三个过来", order=SIGNED, authorised=("compensation_up_to:20",)
    ).moves
    assert any("compensation_up_to" in m.move.authority for m in resend)


def test_a_demand_beyond_the_limit_gets_what_can_be_done_now_and_the_supervisor() -> None:
    moves = planned("after.compensation", "赔我200", order=SIGNED, authorised=("compensation_up_to:30",)).moves
    offers = [m for m in moves if "compensation_up_to" in m.move.authority]
    assert len(offers) == 1
    assert all("主管" in w.zh and "{compensation_limit}" in w.zh for w in offers[0].wordings)
    assert any(m.is_timed for m in moves)


GIVEN_THINGS: list[tuple[str, tuple[str, ...], dict[str, object] | None, str]] = [
    ("after.damaged", ("杯子碎了", "照片给你们发过两张了"), SIGNED, "photo"),
    ("after.damaged", ("杯子碎了", "[图片]"), SIGNED, "photo"),
    ("after.quality", ("又坏了", "别再让我拍照了"), SIGNED, "photo"),
    ("after.wrong_item", ("wrong one", "I already sent photos"), SIGNED, "photo"),
    ("in.urge_ship", ("还没发", "快点"), PAID, "order"),
    ("after.immediate", ("我要退款", "马上"), SIGNED, "choice"),
    ("after.angry_vent", ("尺码发错了还不理人",), SIGNED, "order"),
    ("after.invoice", ("开发票", "抬头税号刚才发过了"), SIGNED, "invoice_title"),
    ("pre.size_advice", ("一米六五 一百一十斤穿多大",), None, "body"),
    ("in.change_address", ("改到杭州市西湖区文三路12号",), PAID, "new_address"),
    ("pre.recommend", ("预算五百以内 送妈妈",), None, "budget"),
    ("in.urgent_need", ("周六婚礼要用",), SENT, "when_needed"),
    ("after.quality", ("裤子缩水了", "冷水手洗的"), SIGNED, "wash"),
    ("after.usage_help", ("洗碗机显示E1",), SIGNED, "code"),
]


@pytest.mark.parametrize(("situation", "lines", "order", "thing"), GIVEN_THINGS)
def test_what_was_given_is_not_asked_for(
    situation: str, lines: tuple[str, ...], order: dict[str, object] | None, thing: str
) -> None:
    talk = conversation(*lines, order=order)
    read = READER.read(talk, [match(situation)]).model_copy(update={"intents": (situation,)})
    moves = ENGINE.plan(Brief(talk, read, (), NOW)).moves
    asked = {t for m in moves for w in m.wordings for t in asks(w, m.move.move)}
    assert thing not in asked
    assert sum(m.move.move == "ask" for m in moves) <= 1


def test_no_photo_is_spoken_of_that_nobody_sent() -> None:
    for entry in Phrasebook.load().entries:
        moves = planned(entry.situation, "你好,帮我看一下这个事", order=SIGNED).moves
        assert not [w.zh for m in moves for w in m.wordings if presumes_photo(w)]


def test_nearly_every_question_in_the_library_is_known_to_ask_for_something() -> None:
    moves = [m for e in Phrasebook.load().entries for m in e.moves] + [
        m for p in PointBook.load().points for m in p.moves
    ]
    wordings = [w for m in moves if m.move == "ask" for w in m.wordings]
    untyped = [w.zh for w in wordings if not asks(w, "ask")]
    assert len(untyped) < len(wordings) / 4


@pytest.mark.parametrize(
    ("said", "sums"),
    [("只退我99", ()), ("赔我误工费两百块", (200.0,)), ("付了129 补我五十", (50.0,)), ("第3次了 退我20", (20.0,))],
)
def test_a_sum_is_demanded_only_where_it_is_asked_for(said: str, sums: tuple[float, ...]) -> None:
    talk = conversation(said, order=SIGNED, authorised=("compensation_up_to:10",))
    read = READER.read(talk, [match("after.compensation")])
    known = slot_values(Brief(talk, read, (), NOW))
    assert tuple(float(known[s]) for s in ("sum_over_limit",) if s in known) == sums


def test_what_the_shop_has_decided_is_not_left_open() -> None:
    moves = planned("after.used_return", "穿过一次能退吗", order=SIGNED, authorised=("refund_approved:129",)).moves
    assert not [w.zh for m in moves for w in m.wordings if "能不能退" in w.zh or "能退不能退" in w.zh]
    open_ = planned("after.used_return", "穿过一次能退吗", order=SIGNED).moves
    assert [w.zh for m in open_ for w in m.wordings if "能不能退" in w.zh or "能退不能退" in w.zh]


def test_at_most_four_things_are_told_beside_what_was_asked() -> None:
    for entry in Phrasebook.load().entries:
        moves = planned(
            entry.situation, "你好,帮我看一下这个事", order=SIGNED, authorised=("coupon:5", "exchange")
        ).moves
        told = [m for m in moves if m.is_substance and not (m.move.mentions or m.point or m.move.authority)]
        assert len(told) <= 4


def test_the_sale_that_is_named_is_the_day_to_which_price_protection_is_counted() -> None:
    bought = SIGNED | {"paid_at": "2026-10-08 20:00"}
    talk = conversation("双十一降了80 补差价", order=bought, authorised=("price_protection_30d",))
    known = slot_values(Brief(talk, READER.read(talk, [match("after.price_drop")]), (), NOW))
    assert (known["price_protection_over"], known["price_day"]) == ("34", "双十一那天")
    assert "price_protection_in" not in known
