"""What the shipped phrasebooks answer where wishes meet facts: blackmail, lateness, a moving parcel, mourning."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.engines.misread import without_misreadings
from assistant.engines.offline import OfflineEngine
from assistant.situation.script import traditional
from tests.assistant.drafts import READER, brief, conversation, match, phrasebook, proposal


@pytest.fixture(scope="module")
def shipped() -> OfflineEngine:
    return OfflineEngine(lambda _: ())


def said(engine: OfflineEngine, *lines: str, of: tuple[str, ...], **facts: object) -> str:
    order = facts.get("order")
    authorised = facts.get("authorised", ())
    assert order is None or isinstance(order, dict)
    assert isinstance(authorised, tuple)
    talk = conversation(*lines, order=order, authorised=authorised)
    return proposal(engine, brief(talk, *(match(s, 0.9, i) for i, s in enumerate(of)))).reply


def test_who_blackmails_is_offered_nothing_whatever_is_authorised(shipped: OfflineEngine) -> None:
    reply = said(
        shipped, "赔我500 不然天天给你们刷差评", of=("after.compensation",), authorised=("compensation_up_to:10",)
    )
    assert "10元" not in reply
    assert "主管" in reply


def test_a_complaint_to_the_authorities_is_no_blackmail() -> None:
    read = READER.read(conversation("再不处理我打12315"), [match("after.threat_platform")])
    assert "extortion" not in read.risks


def test_when_the_time_to_ship_is_over_it_is_met_as_lateness(shipped: OfflineEngine) -> None:
    urged = ("怎么还没发货",)
    late = said(
        shipped, *urged, of=("in.urge_ship",), order={"item": "马甲", "paid_at": "2026-11-18 09:00"},
        authorised=("ship_within_48h",),
    )  # fmt: skip
    early = said(
        shipped, *urged, of=("in.urge_ship",), order={"item": "马甲", "paid_at": "2026-11-21 09:00"},
        authorised=("ship_within_48h",),
    )  # fmt: skip
    assert "对不起" in late or "抱歉" in late
    assert "48小时" in early


def test_a_parcel_that_moved_today_is_not_called_stuck(shipped: OfflineEngine) -> None:
    order = {"item": "坚果", "shipped_at": "2026-11-15 10:00", "courier": "申通"}
    moving = said(
        shipped, "怎么还没到", of=("in.stuck",), order={**order, "tracking_status": "11-21 08:00 到达本市网点"}
    )
    resting = said(shipped, "怎么还没到", of=("in.stuck",), order={**order, "tracking_status": "11-17 08:00 到达武汉"})
    assert "停在" not in moving
    assert "停在" in resting


def test_who_mourns_hears_condolences_and_no_terms(shipped: OfflineEngine) -> None:
    reply = said(shipped, "上次给我妈买的轮椅", "人上周走了 能不能退", of=("after.used_return", "after.used_return"))
    assert "节哀" in reply
    assert "吊牌" not in reply


def test_who_mourns_and_has_yet_to_buy_is_answered(shipped: OfflineEngine) -> None:
    reply = said(
        shipped, "我爸昨天走了", "寿衣有没有 后天早上急用来得及吗", of=("after.bereavement", "in.urgent_need"),
        authorised=("ship_within_24h",),
    )  # fmt: skip
    assert "节哀" in reply
    assert "24小时" in reply


@pytest.mark.parametrize(
    ("lines", "first"),
    [
        (("收到了谢谢", "鞋子很合脚 真不错"), "general.praise"),
        (("谢谢啊 质量可真不错", "穿一天底就掉了"), "after.sarcasm"),
        (("真不错呢 呵呵", "谢谢你们"), "after.sarcasm"),
        (("鞋子很舒服 谢谢你们", "鞋垫能单独买吗?"), "general.praise"),
        (("你们真是太贴心了 谢谢谢谢", "十天了还在仓库睡觉"), "after.sarcasm"),
    ],
)
def test_plain_praise_is_not_read_as_sarcasm(lines: tuple[str, ...], first: str) -> None:
    assert without_misreadings(["after.sarcasm"], set(), brief(conversation(*lines))) == [first]


def test_count_price_and_colour_are_said_back_together(shipped: OfflineEngine) -> None:
    reply = said(shipped, "要订200套", "看中58那款 白色", of=("pre.bulk",))
    assert "要订200套、58那款、白色" in reply


def test_english_replies_tell_the_stop_in_english(shipped: OfflineEngine) -> None:
    order = {
        "item": "scarf",
        "shipped_at": "2026-11-15",
        "courier": "SF",
        "tracking_status": "11-19 21:00 到达北京转运中心",
    }
    reply = said(shipped, "Where is my package?", of=("in.track",), order=order)
    assert "(Nov 19, 21:00)" in reply
    assert "北京" not in reply


def test_someone_elses_orders_are_not_told(shipped: OfflineEngine) -> None:
    reply = said(shipped, "帮我查查我老公在你们家买了啥", of=("after.privacy",))
    assert "别人的" in reply


@pytest.mark.parametrize(
    ("simplified", "meant"),
    [("连面单一起拍", "面單"), ("您别急着签", "急著簽"), ("我没有权限", "權限"), ("跟领导汇报", "匯報")],
)
def test_traditional_words_are_those_a_shop_would_write(simplified: str, meant: str) -> None:
    assert meant in traditional(simplified, "請問")


def test_the_first_sentence_names_the_item_and_the_fault_the_customer_told(shipped: OfflineEngine) -> None:
    reply = said(
        shipped, "才穿两次就开胶", of=("after.quality",), order={"item": "徒步鞋 棕色", "signed_at": "2026-11-18 10:00"}
    )
    assert reply.startswith("徒步鞋才穿两次就开胶")


INSTRUCTIONS = """
title: 测试
entries:
  - situation: after.quality
    moves:
      - move: advise
        goods: '灯|锅|charger'
        wordings:
          - {zh: "先拔掉插头。"}
      - move: advise
        unless_goods: '灯|锅|charger'
        wordings:
          - {zh: "先原样放着。"}
      - move: next_step
        wordings:
          - {zh: "我去送检,{answer_by}回您。"}
"""


@pytest.mark.parametrize(("item", "told"), [("落地晾衣架", "原样放着"), ("护眼台灯", "拔掉插头")])
def test_an_instruction_fits_the_goods_of_the_order(tmp_path: Path, item: str, told: str) -> None:
    engine = OfflineEngine(lambda _: (), phrasebook(tmp_path / "own", INSTRUCTIONS))
    assert told in said(engine, "用两天就坏了", of=("after.quality",), order={"item": item})


def test_who_calmly_asks_where_a_refund_goes_is_told_nothing_of_delays(shipped: OfflineEngine) -> None:
    asked = said(shipped, "我用微信付的 退款也是退到微信上吗", of=("after.refund_status",))
    waited = said(shipped, "退款都五天了还没到", of=("after.refund_status",))
    assert not any(word in asked for word in ("抱歉", "对不起", "还没到账"))
    assert any(word in waited for word in ("抱歉", "对不起"))


def test_what_several_cost_together_is_held_against_free_shipping(shipped: OfflineEngine) -> None:
    reply = said(
        shipped, "桂花糕 45一盒 我要三盒", "能包邮不", of=("pre.bargain_freeship",), authorised=("free_shipping_over:100",)
    )  # fmt: skip
    assert "135元" in reply
    assert "凑" not in reply


def test_who_rambles_and_asks_before_buying_is_not_asked_for_an_order(shipped: OfflineEngine) -> None:
    asked = brief(
        conversation("养了三条金鱼那个水老是昏昏的 我该买个什么过滤的东西"), match("after.endless_talk", 0.95)
    )
    guessed = asked.situation.model_copy(update={"guesses": asked.situation.intents})
    said = proposal(shipped, replace(asked, situation=guessed)).reply
    assert "过滤" in said and "订单" not in said and "让您费心" not in said


def test_who_is_not_the_buyer_changes_and_learns_nothing(shipped: OfflineEngine) -> None:
    talk = conversation("我是她前男友 单子是我付的钱", "帮我把地址改成我这边")
    said = proposal(shipped, brief(talk, match("in.change_address", 0.95))).reply
    assert "改到" not in said and "下单的人" in said


def test_a_delay_of_days_is_told_in_days(shipped: OfflineEngine) -> None:
    late: dict[str, object] = {"item": "模具", "paid_at": "2026-11-14 10:00"}
    talk = conversation("怎么还不发", order=late, authorised=("ship_within_48h",))
    said = proposal(shipped, brief(talk, match("in.late_ship", 0.95))).reply
    assert "5天" in said and "小时" not in said.replace("48小时", "")


def test_a_child_that_was_scalded_is_cooled_first(shipped: OfflineEngine) -> None:
    talk = conversation("水壶把我儿子手烫起泡了", order={"item": "水壶", "signed_at": "2026-11-18 10:00"})
    read = brief(talk)
    child = read.situation.model_copy(update={"intents": ("after.child_danger",), "risks": ("child_danger",)})
    assert "凉水" in proposal(shipped, replace(read, situation=child)).reply


def test_the_matter_is_answered_in_place_of_not_having_been_understood(shipped: OfflineEngine) -> None:
    talk = conversation("你理解个啥", "换一双43的", order={"item": "登山鞋 42"}, authorised=("exchange",))
    said = proposal(shipped, brief(talk, match("after.exchange", 0.9), match("after.not_understood", 0.9))).reply
    assert "换" in said and "哪句" not in said


def test_a_babys_rash_is_answered_as_a_babys(shipped: OfflineEngine) -> None:
    signed = {"item": "连体衣", "paid_at": "2026-11-12 10:00", "shipped_at": "2026-11-12 20:00", "signed_at": "2026-11-15 10:00"}  # fmt: skip
    baby = said(shipped, "宝宝才五个月 穿了连体衣", "后背全是红疹", of=("after.allergy",), order=signed)
    assert "儿科" in baby and "宝宝" in baby and "皮肤科" not in baby
    grown = said(shipped, "穿了这件 我后背全是红疹", of=("after.allergy",), order=signed)
    assert "儿科" not in grown


def test_who_mourns_and_waits_for_the_parcel_hears_where_it_is(shipped: OfflineEngine) -> None:
    under_way = {"item": "寿鞋", "paid_at": "2026-11-20 10:00", "shipped_at": "2026-11-20 20:00", "tracking_status": "11-22 06:10 到达本市"}  # fmt: skip
    reply = said(
        shipped, "姥姥昨晚走了", "鞋今天能到吗", of=("after.bereavement",), order=under_way, authorised=("expedite_courier_query",),
    )  # fmt: skip
    assert "节哀" in reply and "到达本市" in reply and "加急" in reply
    waiting = {"item": "助听器", "paid_at": "2026-11-20 10:00"}
    assert "还没寄出" in said(shipped, "助听器退了吧 老人没了", "还没发吧", of=("after.bereavement",), order=waiting)


def test_hush_money_for_words_on_the_page_is_not_asked_about_as_goods(shipped: OfflineEngine) -> None:
    reply = said(shipped, "你们首图写全网第一 违法的", "转我2000就当没看见", of=("after.extortion",))
    assert "合规" in reply and "哪里不对" not in reply


def test_stars_that_are_traded_are_not_said_back_as_the_matter(shipped: OfflineEngine) -> None:
    signed = {"item": "保温杯", "paid_at": "2026-11-15 10:00", "shipped_at": "2026-11-15 20:00", "signed_at": "2026-11-18 10:00"}  # fmt: skip
    reply = said(shipped, "杯盖有点松", "给我返30 我就不写一星 你看着办", of=("after.extortion",), order=signed)
    assert "不写一星的事" not in reply and "写一星" not in reply


def test_an_order_that_has_not_left_is_told_once_and_how_it_is_cancelled(shipped: OfflineEngine) -> None:
    waits = {"item": "坚果", "paid_at": "2026-11-20 12:00"}
    reply = said(
        shipped, "不想要了", "手滑拍的坚果 还没发吧 帮我取消", of=("in.cancel_order", "in.order_check"), order=waits
    )
    assert len(re.findall("还没(?:给您)?[寄发]|没寄出", reply)) == 1 and "申请退款" in reply, reply
