"""Money is told as the sum it comes to: what is asked for and granted is given, what is to be reckoned is reckoned."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.conversation import Conversation
from assistant.engines import Brief
from assistant.engines.offline import OfflineEngine
from assistant.engines.reckoning import bill
from assistant.engines.shares import pieces, share_of_pieces
from assistant.engines.slots import slot_values
from assistant.values import PointMade
from tests.assistant.drafts import brief, conversation, match, proposal

BOUGHT = {
    "order_id": "2611150087",
    "item": "苏打水 24瓶",
    "price_yuan": 72,
    "paid_at": "2026-11-15 10:00",
    "shipped_at": "2026-11-15 20:00",
    "signed_at": "2026-11-18 12:00",
    "tracking_status": "已签收",
}
ENGINE = OfflineEngine(lambda _: ())


def about(*lines: str, intent: str, authorised: tuple[str, ...] = (), order: dict[str, object] | None = None) -> Brief:
    return brief(conversation(*lines, order=order, authorised=authorised), match(intent, 0.95))


def before_buying(*lines: str, authorised: tuple[str, ...] = (), intent: str = "pre.coupon_question") -> Brief:
    row = {
        "id": "pre",
        "messages": [{"role": "customer", "text": text} for text in lines],
        "policy": {"shop": "小店", "authorised": list(authorised)},
    }
    return brief(Conversation.read(row), match(intent, 0.95))


def reply(of: Brief) -> str:
    return proposal(ENGINE, of).reply


@pytest.mark.parametrize(
    ("lines", "total", "how"),
    [
        (("保温杯89一个", "要3个 多少钱"), 267, "一个89元,3个267元"),
        (("抽纸一提24.9是吧", "我拿4提 一共多少"), 99.6, "一提24.9元,4提99.6元"),
        (("两双鞋 一双159 一双189", "一起带走算300成不"), 348, "159元加189元是348元"),
        (("三件T恤 59 69 79", "一起买打个包180呗"), 207, "59元加69元加79元是207元"),
        (("猫粮一袋89 罐头一罐6.5", "猫粮要2袋 罐头10罐 一共多少"), 243, "2袋178元加10罐65元是243元"),
        (("老板 一箱奶68 四箱", "零头抹了 270包邮行不"), 272, "一箱68元,4箱272元"),
        (("一件外套299 一条裤子159", "我这俩够包邮不"), 458, "159元加299元是458元"),
        (("面膜59两盒 到手价多少",), 59, ""),
        (("购物车86块 差多少包邮呀",), 86, ""),
        (("这锅328", "抹掉28行不"), 328, ""),
        (("三把餐椅 一把256", "微信转你700 咱都省平台费"), 768, "一把256元,3把768元"),
        (("拼多多同款才39", "你们凭什么59"), 59, ""),
        (("吉他699真的太贵了", "攒了两个月才攒600", "600卖我好不好"), 699, ""),
    ],
)
def test_what_it_comes_to_is_reckoned_from_prices_and_numbers(lines: tuple[str, ...], total: float, how: str) -> None:
    found = bill(before_buying(*lines))
    assert found is not None
    assert (found.total, found.how) == (total, how)


@pytest.mark.parametrize(
    "lines",
    [
        ("店里满200减30", "89一个 我要3个"),
        ("第二件半价是吧 89一件", "买两件多少"),
        ("人家59 你家79",),
        ("两件多少钱",),
        ("猫粮一袋89 罐头一罐6.5", "罐头10罐 一共多少"),
        ("一瓶39", "要两箱多少钱"),
        ("89一套", "要60套多少钱"),
        ("上次128买的 这次再来一件",),
    ],
)
def test_nothing_is_reckoned_where_the_price_is_not_plain(lines: tuple[str, ...]) -> None:
    assert bill(before_buying(*lines)) is None


def test_who_asks_what_it_comes_to_hears_the_sum_with_the_coupon() -> None:
    said = reply(before_buying("保温杯89一个", "要3个 用完券多少钱", authorised=("coupon:15",)))
    assert "267元" in said and "252元" in said
    assert "截" not in said  # nothing is asked for that was told


def test_who_is_short_of_free_shipping_hears_by_how_much() -> None:
    lines = ("袜子9.9一双 我先要5双", "还差多少包邮啊")
    said = reply(before_buying(*lines, authorised=("free_shipping_over:69",), intent="pre.bargain_freeship"))
    assert "49.5元" in said and "还差19.5元" in said


def test_free_shipping_is_not_promised_where_the_coupon_takes_the_sum_below() -> None:
    of = before_buying("这件105", "包邮不", authorised=("free_shipping_over:99", "coupon:10"))
    assert "free_shipping_met" not in slot_values(of)
    assert slot_values(before_buying("这件105", "包邮不", authorised=("free_shipping_over:99",)))["free_shipping_met"]


def test_a_sum_that_is_offered_is_named_and_the_coupon_worked_out() -> None:
    said = reply(before_buying("两双鞋 一双159 一双189", "300行吗", authorised=("coupon:20",), intent="pre.bargain"))
    assert "300" in said and "328元" in said


def test_what_is_to_come_off_is_not_named_as_the_price_to_be() -> None:
    said = reply(before_buying("这锅328", "抹掉28行不", authorised=("coupon:20",), intent="pre.bargain"))
    assert "28我" not in said and "28这个价" not in said and "308元" in said


def test_the_price_of_the_shop_is_not_taken_for_an_offer() -> None:
    said = reply(before_buying("拼多多同款才39", "你们凭什么59", intent="pre.cheaper_elsewhere"))
    assert "59" not in said and "39" in said


@pytest.mark.parametrize("intent", ["after.compensation", "after.damaged", "after.missing_item"])
@pytest.mark.parametrize("ask", ["你给我补个三十算了", "退我30就行 懒得寄", "赔30吧", "给我便宜30我就留下"])
def test_a_sum_within_what_is_granted_is_simply_given(intent: str, ask: str) -> None:
    said = reply(
        about("有一处坏了", ask, intent=intent, authorised=("compensation_up_to:30", "exchange"), order=BOUGHT)
    )
    assert "30元" in said and ("可以" in said or "没问题" in said)
    for needless in ("以内", "拍", "核实", "登记换", "主管", "点头"):
        assert needless not in said


def test_no_sum_is_given_for_a_review() -> None:
    of = about("赔我20 不然差评", intent="after.compensation", authorised=("compensation_up_to:30",), order=BOUGHT)
    bribes = PointMade(point="after.bribe_review", name="", score=0.95, message=0, start=0, end=5)
    said = reply(replace(of, situation=of.situation.model_copy(update={"points": (bribes,)})))
    assert "20元可以" not in said and "20元没问题" not in said


def test_a_fee_that_is_given_back_settles_nothing_of_the_goods() -> None:
    lines = ("发错货了 运费12块我先垫的 退给我吧",)
    said = reply(
        about(*lines, intent="after.wrong_item", authorised=("compensation_up_to:15", "exchange"), order=BOUGHT)
    )
    assert "12元" in said and "换" in said


@pytest.mark.parametrize(
    ("said", "bad", "of"),
    [
        ("六只碎了一只", 1, 6),
        ("12个鸡蛋杯 破了4个", 4, 12),
        ("一箱24瓶 到了有3瓶漏光了", 3, 24),
        ("写的10袋 到手9袋", 1, 10),
        ("漏了3瓶", 3, 24),  # of 24, says the order
        ("杯子少发一个 订的三个", 1, 3),
    ],
)
def test_bad_pieces_are_counted_as_the_customer_counts_them(said: str, bad: int, of: int) -> None:
    found = pieces(about(said, intent="after.damaged", order=BOUGHT))
    assert found is not None and (found.bad, found.of) == (bad, of)


@pytest.mark.parametrize("said", ["全碎了", "坏了好几个", "买了两次都坏", "24瓶都好好的"])
def test_no_pieces_are_counted_that_nobody_counted(said: str) -> None:
    assert pieces(about(said, intent="after.damaged", order=BOUGHT)) is None


def test_a_share_of_the_price_is_offered_only_where_that_much_is_granted() -> None:
    def told(*authorised: str) -> str:
        lines = ("一箱24瓶 到了有3瓶漏光了", "怎么弄")
        return reply(about(*lines, intent="after.damaged", authorised=authorised, order=BOUGHT))

    assert share_of_pieces(about("漏了3瓶", intent="after.damaged", order=BOUGHT)) == 9
    assert "9元" in told("compensation_up_to:20") and "24瓶里漏了3瓶" in told("compensation_up_to:20")
    assert "9元" not in told("compensation_up_to:5")
    assert "9元" not in told()


@pytest.mark.parametrize(
    ("ask", "yuan"),
    [("退我三分之一不过分吧", "24"), ("补我一半我就留着", "36"), ("退两成吧", "14.4"), ("漏的那3瓶钱退我", "9")],
)
def test_a_share_that_is_asked_for_is_a_sum(ask: str, yuan: str) -> None:
    of = about("24瓶漏了3瓶", ask, intent="after.damaged", order=BOUGHT)
    assert slot_values(of)["sum_asked"] == yuan
    assert f"{yuan}元" in reply(of) and "主管" in reply(of)


def test_a_difference_that_they_reckon_is_a_price_that_dropped_whatever_was_guessed() -> None:
    lines = ("我15号下的单 72", "18号你们搞活动 62", "差10块退一下呗")
    of = about(*lines, intent="in.change_order", authorised=("price_protection_30d",), order=BOUGHT)
    said = reply(replace(of, situation=of.situation.model_copy(update={"guesses": ("in.change_order",)})))
    assert "10元差价就能给您退" in said


def test_a_drop_that_has_not_come_is_answered_with_the_day_until_which_it_is_covered() -> None:
    said = reply(
        about(
            "双十二会不会又降",
            "降了给补吗",
            intent="after.price_drop",
            authorised=("price_protection_30d",),
            order=BOUGHT,
        )
    )
    assert "12月15日" in said
    assert "心里不舒服" not in said and "现在卖多少" not in said and "问准" not in said


def test_who_waits_for_a_sale_hears_whether_it_is_covered() -> None:
    lines = ("现在买还是等双12啊", "我怕买完就降")
    said = reply(before_buying(*lines, authorised=("price_protection_30d",), intent="pre.price_drop_worry"))
    assert "离现在21天" in said
    assert "离现在" not in reply(before_buying(*lines, intent="pre.price_drop_worry"))


def test_what_is_to_come_off_counts_no_pieces_and_what_is_left_in_the_purse_is_no_price() -> None:
    asked = brief(
        conversation("我支付宝就剩32.5了", "35.5的手帐本 抹个3块行不", authorised=["coupon:5"]),
        match("pre.bargain", 0.9),
    )
    assert "97.5" not in reply(asked) and "92.5" not in reply(asked)


def test_who_would_cancel_to_pay_the_lower_price_hears_of_the_difference_instead() -> None:
    order = {"item": "史记", "price_yuan": 86, "paid_at": "2026-11-19 23:10"}
    lines = ("我昨晚买的 86", "今早一看71", "没发货我退了重拍是吧")
    protected = conversation(*lines, order=order, authorised=["price_protection_30d"])
    said = reply(brief(protected, match("in.cancel_order", 0.95)))
    assert "15元差价" in said and "不用退了重拍" in said
    assert "15元" not in reply(brief(conversation(*lines, order=order), match("in.cancel_order", 0.95)))
