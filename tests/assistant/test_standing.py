"""The order decides what is meant, what its record says is told, and who only asks how things go is told just that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.engines import Brief
from assistant.engines.contrary import unsayable
from assistant.engines.offline import OfflineEngine
from assistant.engines.planning import Plan
from assistant.engines.questions import open_questions
from assistant.engines.slots import slot_values
from assistant.engines.standing import as_it_stands, as_meant
from assistant.situation.questions import questions_of
from assistant.values import Situation
from knowledge.phrasebook import Wording
from knowledge.points import PointBook
from tests.assistant.drafts import CATALOGUE, conversation
from tests.assistant.test_helping import NOW, PAID, SENT, SIGNED

ENGINE = OfflineEngine(lambda _: (), points=PointBook(points=()))
BACK = SENT | {"tracking_status": "11-21 09:00 收件人拒收,退回中"}
LOST = SENT | {"tracking_status": "11-21 快递公司确认遗失"}


def brief(
    situation: str, *lines: str, order: dict[str, object] | None = None, authorised: tuple[str, ...] = ()
) -> Brief:
    talk = conversation(*lines, order=order, authorised=authorised)
    stage = CATALOGUE.by_id[situation].stage
    read = Situation(
        stage=stage, intents=(situation,), emotion="calm", customer_type="未定", risks=(), language="zh-Hans"
    )
    return Brief(talk, read, (), NOW)


def plan(situation: str, *lines: str, order: dict[str, object] | None = None, authorised: tuple[str, ...] = ()) -> Plan:
    return ENGINE.plan(brief(situation, *lines, order=order, authorised=authorised))


@pytest.mark.parametrize(
    ("read", "said", "order", "meant"),
    [
        ("in.urge_delivery", "怎么还没送来", PAID, "in.urge_ship"),
        ("in.sign_check", "能不能包结实点", PAID, "in.note_request"),
        ("after.no_reason_return", "退我一件的钱就行", PAID, "in.cancel_order"),
        ("in.urge_ship", "还不发", PAID | {"paid_at": "2026-11-10 08:00"}, "in.late_ship"),
        ("in.delivered_not_received", "非要我在家", SENT, "in.urge_delivery"),
        ("after.return_freight", "可以再寄一次吗", BACK, "in.stuck"),
        ("in.cancel_order", "算了算了还是等吧", SENT, "in.track"),
        ("in.stuck", "你们再发一个", LOST, "in.lost"),
        ("after.extortion", "今天再不到我退款 差评伺候", SENT, "in.urge_delivery"),
        ("in.late_ship", "就想知道书桌啥时候发", PAID, "in.urge_ship"),
        ("in.late_ship", "说好前天发的", PAID, "in.late_ship"),
        ("in.late_ship", "预售到底啥时候发", PAID | {"presale": "12-05前陆续发出"}, "in.urge_ship"),
        ("in.out_of_stock", "你老实说是不是没货", PAID | {"paid_at": "2026-11-10 08:00"}, "in.late_ship"),
        ("in.late_ship", "写的48小时 你们超没超", SENT, "in.track"),
        ("after.installation", "师傅约了三点 货呢", SENT, "in.urge_delivery"),
        ("in.urge_delivery", "停在那里好几天没动了", SENT | {"tracking_status": "11-15 02:18 离开佛山"}, "in.stuck"),
    ],
)
def test_the_order_says_what_is_meant(read: str, said: str, order: dict[str, object], meant: str) -> None:
    assert as_meant((read,), brief(read, said, order=order)) == [meant]


def test_what_was_received_or_shown_as_delivered_is_taken_as_read() -> None:
    shown = brief("in.delivered_not_received", "显示签收了可我没拿到", order=SENT)
    assert as_meant(("in.delivered_not_received",), shown) == ["in.delivered_not_received"]
    held = brief("after.no_reason_return", "收到了,不喜欢", order=PAID)
    assert as_meant(("after.no_reason_return",), held) == ["after.no_reason_return"]


def test_a_guess_is_heard_where_the_order_bears_it_out_and_words_speak_of_it() -> None:
    assert as_it_stands((), brief("in.urge_ship", "货咋还没动静", order=PAID)) == ["in.urge_ship"]
    assert as_it_stands((), brief("in.urge_ship", "你们家在哪", order=PAID)) == []
    assert as_it_stands((), brief("in.urge_ship", "货咋还没动静")) == []


@pytest.mark.parametrize(
    ("order", "meant"),
    [(SENT, ["in.urge_delivery"]), (PAID, ["in.late_ship"]), (SIGNED, []), (None, [])],
    ids=["on its way", "waiting", "arrived", "no order"],
)
def test_what_is_mocked_of_an_order_that_has_not_come_is_the_wait(
    order: dict[str, object] | None, meant: list[str]
) -> None:
    mocking = brief("in.note_request", "武汉玩两天 长沙又玩一天", order=order)
    mocking = replace(mocking, situation=mocking.situation.model_copy(update={"emotion": "sarcastic"}))
    assert as_it_stands((), mocking) == meant


def test_who_cannot_find_where_to_tap_is_led_step_by_step() -> None:
    lines = ("怎么退啊", "客服:在我的订单里点申请退款", "你就会这一句", "到底点哪儿啊")
    lost = brief("after.nitpick", *lines, order=SIGNED)
    assert as_meant(("after.nitpick",), lost) == ["after.return_how"]
    assert as_meant(("after.nitpick",), brief("after.nitpick", "领带哪儿点的歪了", order=SIGNED)) == ["after.nitpick"]
    said = [w.zh for m in ENGINE.plan(lost).moves for w in m.wordings]
    assert any("我的订单" in line and "拍屏幕" in line for line in said)
    assert not any("去核" in line or "去问" in line for line in said)


def test_who_says_goodbye_without_buying_is_offered_nothing() -> None:
    def offered(*lines: str) -> bool:
        return any("coupon" in m.move.authority for m in plan("pre.hesitate", *lines, authorised=("coupon:20",)).moves)

    assert offered("我再想想吧")
    assert not offered("还是不买了 跟老婆商量完觉得太大了", "拜拜")


@pytest.mark.parametrize(
    ("order", "slot", "value"),
    [
        (LOST, "loss_recorded", "11-21 快递公司确认遗失"),
        (BACK, "on_its_way_back", "11-21 09:00 收件人拒收,退回中"),
        (SIGNED | {"tracking_status": "11-21 门卫签收"}, "signed_by", "门卫"),
        (SIGNED, "return_until", "11月28日"),
    ],
)
def test_the_record_fills_its_slot(order: dict[str, object], slot: str, value: str) -> None:
    known = {str(name): told for name, told in slot_values(brief("in.track", "怎么回事", order=order)).items()}
    assert known[slot] == value


@pytest.mark.parametrize("status", ["11-21 疑似遗失,核查中", "11-21 到达武汉", ""])
def test_no_loss_is_told_that_no_record_confirms(status: str) -> None:
    assert "loss_recorded" not in slot_values(brief("in.lost", "丢了吗", order=SENT | {"tracking_status": status}))


def test_a_recorded_loss_is_not_called_unknown_and_a_wanted_replacement_is_put_forward() -> None:
    moves = plan("in.lost", "快递说丢了", "我不要退款 就要东西", order=LOST, authorised=("refund_approved:129",)).moves
    said = " ".join(w.zh for m in moves for w in m.wordings)
    assert "说不准" not in said and "没着落" not in said
    assert any("补发" in w.zh for m in moves for w in m.wordings)
    assert not any("refund_approved" in m.move.authority for m in moves if m.move.move == "offer")


RULES: list[tuple[str, tuple[str, ...], dict[str, object], str]] = [
    ("after.return_freight", ("不合身想退,运费谁出",), SIGNED, "买"),
    ("after.return_freight", ("开线了要退,运费谁出",), SIGNED, "商家"),
    ("after.refund_status", ("退款几天能到账",), SIGNED, "七日内"),
    ("in.cancel_order", ("取消的话钱什么时候退",), PAID, "原路"),
    ("after.no_reason_return", ("七天怎么算", "周末算不算"), SIGNED, "11月28日"),
    ("in.delivery_refused", ("拒收的话运费谁出",), SENT, "运费"),
    ("in.order_check", ("发货了吗",), PAID, "还没"),
]


@pytest.mark.parametrize(("situation", "said", "order", "told"), RULES, ids=[r[1][0] for r in RULES])
def test_what_the_law_or_the_order_answers_is_answered_and_not_put_off(
    situation: str, said: tuple[str, ...], order: dict[str, object], told: str
) -> None:
    asked = brief(situation, *said, order=order)
    moves = ENGINE.plan(asked).moves
    answering = [m for m in moves if m.is_substance]
    assert any(told in w.zh.replace("{return_until}", "11月28日") for m in answering for w in m.wordings)
    assert not any(m.point == "rest.questions" for m in moves)
    assert not open_questions(questions_of(asked.conversation), asked, (), moves)


def test_freight_is_the_sellers_where_it_is_granted() -> None:
    granted = plan(
        "after.return_freight", "不合身想退,运费谁出", order=SIGNED, authorised=("return_freight_by_seller",)
    ).moves
    assert not any("买家" in w.zh for m in granted for w in m.wordings)


def test_who_only_asks_how_it_goes_is_promised_no_answer_by_a_time() -> None:
    calm = plan("after.return_freight", "不喜欢想退,运费谁出", order=SIGNED, authorised=("refund_7day_no_reason",))
    assert not any(m.move.move == "next_step" for m in calm.moves)
    waits = plan("after.refund_status", "退款几天到账,我都申请五天了还没到", order=SIGNED)
    assert any(m.move.move == "next_step" for m in waits.moves)


def test_however_much_is_said_the_record_is_told() -> None:
    lines = (
        "防褥疮床垫到底到哪了",
        "我妈刚出ICU 医生让今天就换",
        "我一个人在医院 撑不住了",
        "你们能不能快点行不行",
        "运费谁出",
        "能开发票吗",
    )
    made = plan("in.urgent_need", *lines, order=SENT, authorised=("expedite_courier_query",))
    assert any("tracking_status" in w.zh_slots for m in made.moves for w in m.wordings)


def test_a_note_is_called_what_people_call_it_and_a_presale_by_its_days() -> None:
    asked = brief("in.order_check", "备注要顺丰的看到没", order=PAID | {"note": "要顺丰"})
    assert slot_values(asked)["noted"] == "备注:要顺丰"
    waiting = PAID | {"paid_at": "2026-10-25 20:00", "presale": "页面预售25天内发货"}
    told = slot_values(brief("in.late_ship", "预售25天,今天都多少天了", order=waiting))
    assert "noted" not in told and told["presale_due"] == "11月19日" and int(told["presale_over"]) > 0


def test_who_is_pleased_and_thanks_mocks_nobody() -> None:
    told = brief("after.sarcasm", "换货这么快就到了 你们可以啊 谢谢小妹", order=SIGNED)
    pleased = replace(told, situation=told.situation.model_copy(update={"emotion": "pleased"}))
    assert as_meant(["after.sarcasm"], pleased) == ["general.praise"]
    assert as_meant(["after.sarcasm"], told) == ["after.sarcasm"]


def test_a_refund_that_the_record_shows_made_is_not_called_late() -> None:
    made = SIGNED | {"refund_status": "11-18 退款成功,原路退回"}
    late = Wording(zh="说好的日子过了钱还没到,抱歉,我马上查。")
    assert unsayable(brief("after.refund_status", "退款呢", order=made)).covers(late)
    assert not unsayable(brief("after.refund_status", "退款呢", order=SIGNED)).covers(late)


def test_a_second_wish_beside_an_approved_refund_hears_by_when() -> None:
    lost = LOST | {"price_yuan": 458, "item": "唐装"}
    for wish in ("钱退我吧 再给我补20当精神损失", "我要东西 给我补发一个"):
        made = plan("in.lost", "快递说丢了", wish, order=lost, authorised=("refund_approved:458",))
        assert [m.move.move for m in made.moves].count("next_step") == 1, wish


def test_what_was_ordered_wrongly_and_waits_is_cancelled_or_changed_not_sent_wrongly() -> None:
    read = brief("after.wrong_item", "不要了退钱", "下错型号了 我要的是M8不是M6", order=PAID)
    assert as_it_stands([], read) == ["in.cancel_order"]
    assert as_meant(["after.wrong_item"], brief("after.wrong_item", "型号选错了 要M8的", order=PAID)) == [
        "in.change_order"
    ]
    assert as_meant(["after.wrong_item"], brief("after.wrong_item", "你们发错了", order=PAID)) == ["after.wrong_item"]


def test_a_new_number_for_a_parcel_on_its_way_is_no_new_address() -> None:
    made = plan("in.change_address", "手机号填错一位 尾号应该是7731", order=SENT)
    said = " ".join(m.move.wordings[0].zh for m in made.moves)
    assert "号码" in said and "改地址" not in said and "改派" not in said


def test_a_presale_whose_day_is_written_among_other_facts_is_told() -> None:
    order = PAID | {"facts": ["预售商品,页面约定12月10日前发货", "赠品已含"]}
    assert slot_values(brief("in.late_ship", "到底哪天发", order=order))["presale_due"] == "12月10日"


@pytest.mark.parametrize(
    "said",
    [
        "求你们快点行不行",
        "让他送上楼 他说爱要不要",
        "一袋米我一个孕妇怎么搬",
        "到底还要不要给我送",
        "八岁小孩懂什么",
        "拜托早点发好不好",
        "我怎么跟孩子交代",
    ],
)
def test_what_is_no_question_is_not_said_back_as_one(said: str) -> None:
    made = plan("in.urge_delivery", said, order=SENT | {"tracking_status": "11-20 到达本市网点"})
    assert all(m.point != "rest.questions" for m in made.moves), said


@pytest.mark.parametrize(
    ("read", "said", "order", "meant"),
    [
        ("after.wrong_item", "Wrong flat number, should be 12B not 2B", SENT, "in.change_address"),
        ("after.wrong_item", "你们发错了 电话打不通", SENT, "after.wrong_item"),
        ("after.refund_status", "我早上就申请退款了 怎么下午还给我发出来了", SENT, "in.cancel_order"),
    ],
)
def test_what_is_on_its_way_is_redirected_or_stopped(
    read: str, said: str, order: dict[str, object], meant: str
) -> None:
    assert as_meant([read], brief(read, said, order=order))[0] == meant


def test_what_spoils_is_more_than_late() -> None:
    read = brief("in.fresh_delay", "车厘子两天没更新了 放坏了咋整", order=SENT)
    assert as_meant(["in.stuck", "in.fresh_delay"], read) == ["in.fresh_delay"]


def test_who_is_told_that_it_was_delivered_and_has_it_not_is_heard_without_any_reading() -> None:
    read = brief("in.track", "物流显示昨天已送达管理室", "管理员说没有这个包裹", order=SIGNED)
    assert as_it_stands([], read) == ["in.delivered_not_received"]


def test_who_wants_the_lost_thing_and_no_money_hears_of_a_replacement() -> None:
    made = plan(
        "in.lost", "钱不要 我就要那条裙子", order=LOST | {"price_yuan": 268}, authorised=("refund_approved:268",)
    )
    assert any("补发" in m.move.wordings[0].zh and m.move.move == "next_step" for m in made.moves)


@pytest.mark.parametrize(
    ("situation", "line", "order", "said", "not_said"),
    [
        ("in.change_address", "收货地址写错了 能改吗", SIGNED, "改不了", "记下了"),
        ("in.change_order", "帮我改成蓝色的", SIGNED, "换货", "仓库改"),
        ("in.note_request", "备注一下 发中通别发韵达", SENT, "换不了快递", "记上"),
        ("in.add_item", "我想再加一件一起发", SENT, "再拍一单", "赶不赶得上"),
    ],
)
def test_what_can_no_longer_be_changed_is_not_noted_as_if_it_could(
    situation: str, line: str, order: dict[str, object], said: str, not_said: str
) -> None:
    *_, whole = ENGINE.propose(brief(situation, line, order=order))
    assert said in whole.reply and not_said not in whole.reply, whole.reply
