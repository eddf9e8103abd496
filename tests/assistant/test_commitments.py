"""The commitment ledger: what is promised, and whether the shop allows it."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.authority import Authority
from assistant.conversation import Order
from assistant.guardrails import CheckContext, Guardrails, amounts
from assistant.guardrails.fold import fold
from assistant.guardrails.ledger import Ledger
from assistant.values import Category
from knowledge.values import AuthorityKind


@pytest.fixture(scope="module")
def guardrails() -> Guardrails:
    return Guardrails.load()


@pytest.mark.parametrize(
    ("reply", "authority", "verdict"),
    [
        ("给您补15元，您看可以吗？", "compensation_up_to:20", "pass"),
        ("给您补50元，您看可以吗？", "compensation_up_to:20", "block"),
        ("给您补十五块。", "compensation_up_to:20", "pass"),
        ("给您补两百块。", "compensation_up_to:20", "block"),
        ("先给您补15元，再给您补10元。", "compensation_up_to:20", "block"),
        ("一边6块一边8块，两处加一块给您补上。", "compensation_up_to:10", "block"),
        ("少的那包给您补寄一份。", "compensation_up_to:20", "block"),
        ("给您放一双袜子，再送您一顶帽子。", "gift:袜子", "block"),
        ("随箱有一只杯垫，我给您多放一个。", "gift:杯垫", "pass"),
        ("已经给物流提了加急，物流会优先处理。", "expedite_courier_query", "pass"),
        ("您寄回来花的十二块，我给您报了。", "return_freight_by_seller", "pass"),
        ("您垫了16块寄回来，这16我们退给您。", "return_freight_by_seller", "pass"),
        ("给您补15元。", "", "block"),
        ("付款后48小时内发货。", "ship_within_48h", "pass"),
        ("付款后48小时内发货。", "ship_within_24h", "pass"),
        ("付款后24小时内发货。", "ship_within_48h", "block"),
        ("48小时内发货，明天就到货。", "ship_within_48h", "block"),
        ("退款236元已经批下来了。", "refund_approved:236", "pass"),
        ("退款299元已经批下来了。", "refund_approved:236", "block"),
        ("给您发张20元的优惠券。", "coupon:20", "pass"),
        ("给您发张30元的优惠券。", "coupon:20", "block"),
        ("随箱送您一个帆布袋。", "gift:帆布袋", "pass"),
        ("帆布袋之外再塞您两包试用装。", "gift:帆布袋", "block"),
        ("随箱送您一个保温杯。", "gift:帆布袋", "block"),
        ("随箱送您一個濾掛咖啡。", "gift:滤挂咖啡", "pass"),
        ("30天内降价给您补差价。", "price_protection_30d", "pass"),
        ("三个月内降价给您补差价。", "price_protection_30d", "block"),
        ("退回来的运费我们承担。", "return_freight_by_seller", "pass"),
        ("退回来的运费我们承担。", "", "block"),
        ("给您换一个新的。", "exchange", "pass"),
        ("给您换一个新的。", "", "block"),
        ("整机保修一年。", "warranty_1y", "pass"),
        ("整机保修三年。", "warranty_1y", "block"),
        ("终身保修。", "warranty_1y", "block"),
        ("签收七天内不喜欢可以退。", "refund_7day_no_reason", "pass"),
        ("签收三十天内不喜欢可以退。", "refund_7day_no_reason", "block"),
        ("已经给快递提交加急查件了。", "expedite_courier_query", "pass"),
        ("已经给快递提交加急查件了。", "", "block"),
        ("可以申请电子发票。", "", "pass"),
        ("We will refund you 15 yuan.", "compensation_up_to:20", "pass"),
        ("We will refund you 50 yuan.", "compensation_up_to:20", "block"),
    ],
)
def test_a_promise_is_weighed_against_the_authority(
    guardrails: Guardrails, reply: str, authority: str, verdict: str
) -> None:
    authorities = (Authority.parse(authority),) if authority else ()
    assert guardrails.check(reply, CheckContext(authorities=authorities)).verdict == verdict


@pytest.mark.parametrize(("price", "verdict"), [(60, "block"), (99, "pass"), (128, "pass")])
def test_free_shipping_over_99_does_not_cover_an_order_of_60(
    guardrails: Guardrails, price: float, verdict: str
) -> None:
    context = CheckContext(authorities=(Authority.parse("free_shipping_over:99"),), order=Order(price_yuan=price))
    assert guardrails.check("这单给您包邮。", context).verdict == verdict


def test_a_date_from_the_order_is_a_fact_and_no_promise(guardrails: Guardrails) -> None:
    order = Order.model_validate({"shipped_at": "2026-05-02T10:00:00", "paid_at": "2026-05-01T10:00:00"})
    assert guardrails.check("您的包裹5月2日寄出。", CheckContext(order=order)).verdict == "pass"
    assert guardrails.check("您的包裹5月9日送到。", CheckContext(order=order)).verdict == "block"


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("15元", (15,)),
        ("十五块", (15,)),
        ("¥20", (20,)),
        ("1k元", (1000,)),
        ("两百三十块钱", (230,)),
        ("补您40", (40,)),
        ("15天", ()),
        ("两件凑一块发,一百二", ()),
        ("两处加一块给您补6块", (6,)),
        ("补您一块五", (1.5,)),
        ("两件凑一块一百二", ()),
    ],
)
def test_amounts_are_read_in_figures_and_characters(text: str, yuan: tuple[float, ...]) -> None:
    assert amounts.yuans(text) == yuan


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("48小时内", 48),
        ("两天内", 48),
        ("今晚", 0),
        ("明天", 24),
        ("后天下午", 48),
        ("半小时", 0.5),
        ("一昼夜之内", 24),
        ("within two days of payment", 48),
        ("今天拍,后天前出库", 48),
        ("过一晚就给您发", 24),
        ("十分满意", None),
    ],
)
def test_a_deadline_is_read_in_hours(text: str, hours: float | None) -> None:
    limit = amounts.deadline(text)
    assert (limit.hours if limit else None) == hours


@pytest.mark.parametrize(
    ("text", "day", "hour", "minute"),
    [
        ("今晚22:30前要发出", 3, 22, 30),
        ("今晚10点半前", 3, 22, 30),
        ("明天下午三点前", 4, 15, 0),
        ("明天下午3点前", 4, 15, 0),
        ("11月5日9:00前发出", 5, 9, 0),
        ("后天早上8点20", 5, 8, 20),
        ("31号9点", None, 0, 0),
        ("三天后", None, 0, 0),
    ],
)
def test_an_hour_of_a_day_is_read(text: str, day: int | None, hour: int, minute: int) -> None:
    named = amounts.moment(text, datetime(2026, 11, 3, 21))
    assert named == (None if day is None else datetime(2026, 11, day, hour, minute))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("11月3号付的款,4号发出", ((11, 3), (None, 4))),
        ("十一号傍晚出的库", ((None, 11),)),
        ("十月二十三日签收", ((10, 23),)),
        ("shipped on the 12th", ((None, 12),)),
        ("2026-11-05 10:00 已签收", ((11, 5),)),
        ("十一号楼下见", ()),
    ],
)
def test_the_days_that_are_named_are_read(text: str, days: tuple[tuple[int | None, int], ...]) -> None:
    assert amounts.days(text) == days


@given(st.integers(min_value=1, max_value=9999))
def test_a_number_in_characters_reads_as_the_number(value: int) -> None:
    digits, text, units = "零一二三四五六七八九", "", ["千", "百", "十", ""]
    padded = f"{value:04d}"
    for i, d in enumerate(padded):
        if d != "0":
            text += digits[int(d)] + units[i]
        elif text and not text.endswith("零") and any(x != "0" for x in padded[i:]):
            text += "零"
    assert amounts.number(text) == value


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("一百二的补偿", 120), ("一千五百元", 1500), ("三百零五块", 305), ("8块8的红包", 8.8), ("八块八", 8.8),
        ("抵20", 20), ("退您30您留着用", 30), ("¥ 12.5", 12.5), ("1k", 1000),
        ("一共132", 132), ("那张30的满减", 30), ("给您减25您留下", 25),
    ],
)  # fmt: skip
def test_money_is_read_as_agents_write_it(text: str, yuan: float) -> None:
    assert amounts.yuans(text) == (yuan,)


@pytest.mark.parametrize(
    ("text", "percent"), [("两成", 20), ("半价", 50), ("百分之十五", 15), ("20%", 20), ("一半", 50)]
)
def test_shares_of_a_price_are_read(text: str, percent: float) -> None:
    assert amounts.percents(text) == (percent,)


@pytest.mark.parametrize(
    ("category", "clause", "authority", "covered"),
    [
        ("promise.compensation", "这十五块您拿去喝茶", "compensation_up_to:20", True),
        ("promise.compensation", "这五十块您拿去喝茶", "compensation_up_to:20", False),
        ("promise.compensation", "邮费我这头掏", "return_freight_by_seller", True),
        ("promise.price", "箱子里躺着一个帆布袋等您", "gift:帆布袋", True),
        ("promise.price", "箱子里躺着一个保温杯等您", "gift:帆布袋", False),
        ("admission.defect", "这块屏确实不行", "defect_confirmed_by_inspection", True),
        ("admission.legal", "我们卖的是假货", "defect_confirmed_by_inspection", False),
        ("promise.no_recurrence", "以后绝无此事", "compensation_up_to:20", False),
    ],
)
def test_a_clause_of_a_known_category_is_weighed_like_a_rule_s(
    category: Category, clause: str, authority: str, covered: bool
) -> None:
    ledger = Ledger((Authority.parse(authority),), None)
    assert ledger.covers(category, clause, clause) is covered


@pytest.mark.parametrize(
    ("kind", "clause", "authority", "fits"),
    [
        ("compensation_up_to", "给您20,这事翻篇", "compensation_up_to:20", True),
        ("compensation_up_to", "给您30,这事翻篇", "compensation_up_to:20", False),
        ("compensation_up_to", "twenty yuan goes back to you", "compensation_up_to:10", False),
        ("refund_approved", "六十六,主管签字了", "refund_approved:66", True),
        ("refund_approved", "九十九,主管签字了", "refund_approved:66", False),
        ("ship_within_48h", "两个昼夜之内就在路上了", "ship_within_48h", True),
        ("ship_within_48h", "一昼夜之内就在路上了", "ship_within_48h", False),
        ("ship_within_48h", "两天内送到您家", "ship_within_48h", False),
        ("exchange", "黑的寄来,白的给您", "exchange", True),
        ("exchange", "黑的寄来,白的给您", "refund_7day_no_reason", False),
        ("gift", "湿巾白拿一包", "gift:湿巾", True),
        ("gift", "湿巾白拿一包", "gift:杯垫", False),
        ("warranty_1y", "covered for two years", "warranty_1y", False),
        ("price_protection_30d", "8月5号以前降了来申请差额", "price_protection_30d", True),
        ("ship_within_48h", "it reaches you within two days", "ship_within_48h", False),
        ("compensation_up_to", "三只碗各补您8元", "compensation_up_to:20", False),
        ("compensation_up_to", "两只碗各补您8元", "compensation_up_to:20", True),
        ("defect_confirmed_by_inspection", "轴歪了", "defect_confirmed_by_inspection", True),
    ],
)
def test_a_promise_of_a_known_kind_keeps_to_what_is_allowed(
    kind: AuthorityKind, clause: str, authority: str, fits: bool
) -> None:
    assert Ledger((Authority.parse(authority),), None).fits(kind, clause, clause) is fits


def test_offers_of_several_clauses_are_summed_whatever_their_words() -> None:
    ledger = Ledger((Authority.parse("compensation_up_to:20"),), None)
    assert ledger.fits("compensation_up_to", "瓶子算您12", "瓶子算您12")
    assert not ledger.fits("compensation_up_to", "盖子再算您9", "盖子再算您9")


@pytest.mark.parametrize(
    ("text", "numbers"), [("给您20,两瓶留着", (20,)), ("一百零八了", (108,)), ("48小时内", ()), ("RMB 20", (20,))]
)
def test_bare_numbers_count_where_money_is_spoken_of(text: str, numbers: tuple[float, ...]) -> None:
    assert amounts.bare(fold(text).text) == numbers
