"""Sentences that resemble a point, and what stands around them that makes something else of them."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.engines import Brief
from assistant.engines.answerable import answerable
from assistant.engines.contrary import states
from assistant.engines.offline import OfflineEngine
from assistant.engines.taking_up import dangers
from assistant.engines.wording import SaidMove, without_repeats
from assistant.situation.questions import questions_of
from assistant.values import CaseMade, PointMade, Situation
from knowledge.cases import CaseBook
from knowledge.points import PointBook
from tests.assistant.drafts import NOON, READER, conversation

BOOK = PointBook.load()
ENGINE = OfflineEngine(lambda _: (), points=BOOK, cases=CaseBook.load())
SIGNED = {"item": "龙舌兰拼盘 十头", "price_yuan": 39, "paid_at": "2026-11-16 09:15", "shipped_at": "2026-11-16 18:00", "signed_at": "2026-11-20 11:20"}  # fmt: skip


def read(lines: tuple[str, ...], *points: tuple[str, str], order: dict[str, Any] | None = None, **told: Any) -> Brief:
    """The customer's `lines`, read as making `points`: (its id, the words that made it)."""
    made = []
    for point, words in points:
        message = next(i for i, line in enumerate(lines) if words in line)
        start = lines[message].index(words)
        name = BOOK.by_id[point].name
        made.append(PointMade(point=point, name=name, score=0.95, message=message, start=start, end=start + len(words)))
    situation = Situation(
        stage="after_sale", intents=(), emotion="calm", customer_type="未定", risks=(), language="zh-Hans"
    )
    authorised = told.pop("authorised", ())
    situation = situation.model_copy(update={"points": tuple(made), **told})
    return Brief(conversation(*lines, order=order, authorised=authorised), situation, (), NOON)


def answered(brief: Brief) -> set[str]:
    return {p.point for p in answerable(brief, BOOK, brief.situation.intents)}


def reply(brief: Brief) -> str:
    *_, last = ENGINE.propose(brief)
    return last.reply


@pytest.mark.parametrize(
    ("lines", "words", "is_doubt"),
    [
        (("看评论说喝了血糖就降了 是真的吗",), "是真的吗", False),
        (("让我先转五千验证", "是不是真的啊"), "是不是真的啊", False),
        (("这瓶是真的吗 味道不对",), "这瓶是真的吗 味道不对", True),
    ],
)
def test_who_doubts_what_was_said_does_not_doubt_the_goods(lines: tuple[str, ...], words: str, is_doubt: bool) -> None:
    assert ("after.doubts_genuine" in answered(read(lines, ("after.doubts_genuine", words)))) is is_doubt


def test_money_paid_in_advance_is_freight_only_where_freight_is_spoken_of() -> None:
    company = read(("垫了三千多 等发票报销",), ("after.advanced_freight", "垫了三千多"))
    freight = read(("运费我垫了十八 怎么给我",), ("after.advanced_freight", "运费我垫了十八"))
    assert "after.advanced_freight" not in answered(company)
    assert "after.advanced_freight" in answered(freight)


def test_a_picture_is_asked_about_only_where_nothing_else_is_told() -> None:
    alone = read(("看图",), ("gen.sent_picture", "看图"), order=SIGNED)
    told = read(("叶子根全烂了", "图发你了"), ("gen.sent_picture", "图发你了"), order=SIGNED)
    assert "gen.sent_picture" in answered(alone)
    assert "gen.sent_picture" not in answered(told)


def test_small_talk_is_left_where_several_things_are_asked() -> None:
    lines = ("哎你们忙不忙呀", "那个是单踏板还是三踏板")
    assert not answered(read(lines, ("gen.chat_small_talk", "哎你们忙不忙呀"), stage="pre_sale"))


def test_who_asks_where_anothers_order_went_hears_of_no_unasked_parcel_and_is_promised_nothing_of_it() -> None:
    lines = ("这单是我老公下的", "收货人叫什么 电话多少", "我有权知道")
    points = (("after.who_sent_me", "收货人叫什么"), ("after.ask_others_order", "我有权知道"))
    asks = read(lines, *points, intents=("after.privacy",))
    assert "after.who_sent_me" not in answered(asks)
    said = reply(asks)
    assert "扫" not in said and "收货人" not in said and "到时" not in said


def test_of_a_caller_who_pretends_to_be_the_shop_nothing_else_is_talked_and_who_gave_a_code_acts_first() -> None:
    lines = ("有人打电话说是你们客服 要双倍退我", "验证码我念了一个了", "是不是真的啊")
    made = CaseMade(case="after.scam_call", name="有人冒充店里打电话、加微信、说退款理赔", score=0.9)
    said = reply(read(lines, ("after.doubts_genuine", "是不是真的啊"), case=made, emotion="anxious"))
    assert "银行" in said and "110" in said and said.index("银行") < 40
    assert "正品" not in said and "进货" not in said


def test_who_is_wanted_is_no_question_beside_a_real_one() -> None:
    talk = conversation("在吗在吗急", "戒指还没刻吧??")
    assert [q.text for q in questions_of(talk)] == ["戒指还没刻吧"]
    assert [q.text for q in questions_of(conversation("在吗在吗"))] == ["在吗在吗"]


def test_medicine_taken_for_years_is_no_overdose_and_is_not_to_be_stopped_for_goods() -> None:
    lines = ("高压160多 吃药吃了八年", "我把降压药停了 光吃这个 一天几粒")
    stops = read(lines, stage="pre_sale", intents=("pre.effect_question",), risks=("self_harm",))
    said = reply(stops)
    assert "12356" not in said
    assert "药" in said and "别" in said.split("。")[0] and "医生" in said
    assert "12356" in reply(read(("药我全吃了 不想活了",), intents=("general.self_harm",), risks=("self_harm",)))


def test_a_sum_beyond_what_is_granted_is_answered_with_what_is() -> None:
    lines = ("到手烂了三头", "也不难为你 退我20 剩下的我自己救")
    asks = read(lines, ("after.plant_dying", "到手烂了三头"), order=SIGNED, authorised=("compensation_up_to:15",), intents=("after.quality",))  # fmt: skip
    said = reply(asks)
    assert "20元" in said and "15元" in said


def test_nothing_is_offered_for_a_review_that_is_threatened() -> None:
    lines = ("穿一次就起球", "退我50 不然等着", "我有6个号 一个号一条差评")
    asks = read(lines, order=SIGNED, authorised=("compensation_up_to:10",), intents=("after.quality",), emotion="angry")
    assert "10元" not in reply(asks)


def test_who_only_tells_of_their_life_and_has_bought_nothing_hears_no_regret() -> None:
    talks = read(
        ("我家丫头七岁非要学琴", "她姥姥还说弹古筝好", "哎那个是单踏板还是三踏板"), intents=("after.endless_talk",)
    )
    assert "抱歉" not in reply(talks) and "对不起" not in reply(talks)


COURSE = {"item": "插画零基础系统课", "price_yuan": 899, "paid_at": "2026-09-05 21:00"}
KETTLE = {"item": "储水式热水器 60升", "price_yuan": 899, "paid_at": "2026-11-02 21:00", "shipped_at": "2026-11-03 09:00", "signed_at": "2026-11-05 10:00"}  # fmt: skip


@pytest.mark.parametrize("intent", ["in.late_ship", "in.change_order", "in.cancel_order", "in.urge_ship", "in.stuck"])
@pytest.mark.parametrize("item", ["插画零基础系统课", "话费充值200元", "演唱会内场票 12月5日场", "亲子酒店 2晚"])
def test_of_what_no_courier_brings_nothing_is_sent_packed_or_stopped_on_its_way(item: str, intent: str) -> None:
    brief = read(("说好的怎么还没有", "给我个说法"), order={**COURSE, "item": item}, stage="in_sale", intents=(intent,))
    assert not [word for word in ("寄", "仓库", "快递", "包裹", "打包", "发货") if word in reply(brief)]
    desk = read(
        ("说好的怎么还没有",), order={**COURSE, "item": "课桌 升降款"}, stage="in_sale", intents=("in.urge_ship",)
    )
    assert "no_parcel" not in states(desk) and "no_parcel" in states(brief)


def test_who_touched_a_live_tap_is_told_to_cut_the_power_first() -> None:
    said = reply(
        read(("洗澡摸到龙头麻了一下", "是你们机器漏电还是我家线"), order=KETTLE, intents=("after.misunderstanding",))
    )
    assert "总闸" in said and "活动细则" not in said


def test_rust_in_a_cup_is_no_rash() -> None:
    rust = read(("里头一圈黄斑", "吸铁石一吸就粘上了"), ("after.rust", "里头一圈黄斑"), order=SIGNED, intents=("after.allergy", "after.quality"), risks=("allergy",))  # fmt: skip
    rash = read(("戴了三天手上一圈红疹子",), order=SIGNED, intents=("after.allergy",), risks=("allergy",))
    assert not dangers(rust)
    assert dangers(rash) == {"allergy"}


def test_feeling_sick_from_fumes_is_no_bad_meal() -> None:
    fumes = read(("床垫晾了五天还是呛", "昨晚头晕想吐"), risks=("food_poisoning",), order=SIGNED)
    meal = read(("晚上喝了半杯 一直吐",), risks=("food_poisoning",), order=SIGNED)
    assert not dangers(fumes)
    assert dangers(meal) == {"food_poisoning"}


def test_a_parent_is_not_greeted_as_a_child() -> None:
    parent = read(("拿手机对着拍全是条纹", "娃上一年级 不想他跟我一样八百度"), ("gen.chat_child", "娃上一年级"), stage="pre_sale", intents=("after.minor_purchase",), guesses=("after.minor_purchase",))  # fmt: skip
    assert "小朋友" not in reply(parent) and "订单尾号" not in reply(parent)
    assert answered(read(("我今年九岁 可以跟你聊天吗",), ("gen.chat_child", "我今年九岁"))) == {"gen.chat_child"}


@pytest.mark.parametrize(
    ("point", "elsewhere", "at_home"),
    [
        ("pre.enough_for_room", "一个人住 3升够不", "客厅二十平 1.5匹够不"),
        ("in.urgent_patient", "锦旗送医生 后天我爸出院", "病人等着用 明天能到吗"),
        ("after.error_code", "装了两天车就打不着火", "屏上一直跳E07"),
        ("after.replacement_also_bad", "擦镜头也在", "换来的还是坏的"),
    ],
)
def test_some_points_need_a_word_of_their_own(point: str, elsewhere: str, at_home: str) -> None:
    assert point not in {p.point for p in as_said(elsewhere, point)}
    assert point in {p.point for p in as_said(at_home, point)}


def as_said(words: str, point: str) -> tuple[PointMade, ...]:
    before = point.startswith("pre.")
    order = None if before else {**SIGNED, "signed_at": None, "tracking_status": "运输中"} if point.startswith("in.") else SIGNED  # fmt: skip
    stage = "pre_sale" if before else "in_sale" if point.startswith("in.") else "after_sale"
    return answerable(read((words,), (point, words), order=order, stage=stage), BOOK, ())


@pytest.mark.parametrize("line", ["床垫晾了五天还是呛", "等了三个月还是没有动静"])
def test_what_still_holds_is_no_choice_of_two(line: str) -> None:
    assert not questions_of(conversation(line))
    assert questions_of(conversation("三天还是五天能到"))


@pytest.mark.parametrize(
    ("line", "mourns"),
    [
        ("my mother died last week", True),
        ("our dog has just died", True),
        ("the hair dryer just died, sparks came out", False),
        ("battery dead after two days", False),
    ],
)
def test_a_device_that_died_is_mourned_by_nobody(line: str, mourns: bool) -> None:
    told = {evidence.what for evidence in READER.read(conversation(line, order=SIGNED), ()).evidence}
    assert ("intent:after.bereavement" in told) is mourns


def _reply_to(lines: tuple[str, ...], **told: Any) -> str:
    return reply(read(lines, **told))


def test_who_must_not_learn_an_address_is_told_nothing_of_swindles() -> None:
    lines = ("收货地址能不能对外保密", "我前夫总冒充我打客服查单", "谁打电话都别说 求你了")
    answer = _reply_to(lines, intents=("after.privacy",))
    assert "110" in answer and ("不往外说" in answer or "都不说" in answer)
    assert not any(word in answer for word in ("验证码", "转账", "装软件"))


def test_an_officer_who_asks_for_an_address_is_heard_as_asking_for_anothers_data() -> None:
    found = READER.read(conversation("我是派出所的 要调这个订单收件人的电话住址", order=SIGNED), ())
    assert "intent:after.privacy" in {evidence.what for evidence in found.evidence}
    changed = READER.read(conversation("收件人改成我爱人 电话换一下", order=SIGNED), ())
    assert "intent:after.privacy" not in {evidence.what for evidence in changed.evidence}


@pytest.mark.parametrize(
    ("line", "asked"),
    [("天天问我下雨咋办", 0), ("孩子老问我屋顶呢", 0), ("下雨咋办", 1), ("do NOT say exchange again", 0)],
)
def test_what_others_ask_the_customer_waits_for_no_answer_of_ours(line: str, asked: int) -> None:
    assert len(questions_of(conversation(line))) == asked


@pytest.mark.parametrize(
    ("line", "offered"),
    [("the replacement is worse, do NOT say exchange again", False), ("the replacement is worse", True)],
)
def test_an_exchange_that_is_refused_in_english_is_not_offered(line: str, offered: bool) -> None:
    brief = read((line,), order=SIGNED, authorised=("exchange",), language="en", intents=("after.repeat_trouble",))
    plan = ENGINE.plan(brief)
    assert any("exchange" in move.move.authority for move in plan.moves) is offered


def test_nothing_stands_twice_in_the_same_words() -> None:
    moves = ENGINE.plan(read(("在吗 床垫晾了五天还是呛",), order=SIGNED)).moves
    texts = (
        "It left on Nov 22; I'll ask. ",
        "It left on Nov 22. ",
        "It left on Nov 22; whether it can be done I'll ask.",
    )
    said = without_repeats([SaidMove(moves[0], text, moves[0].wordings[0]) for text in texts])
    assert [move.text for move in said] == ["It left on Nov 22; I'll ask. ", "Whether it can be done I'll ask."]


def test_a_sentence_does_not_begin_with_what_was_said() -> None:
    move, *_ = ENGINE.plan(read(("在吗 床垫晾了五天还是呛",), order=SIGNED)).moves
    texts = (
        "12月5日已经寄出，改地址要快递同意。",
        "12月5日已经寄出了，最新到「合肥转运中心」。",
        "12月5日寄出，好的。",
    )
    said = without_repeats([SaidMove(move, text, move.wordings[0]) for text in texts])
    assert [m.text for m in said] == [texts[0], "最新到「合肥转运中心」。", texts[2]]


def test_whose_husband_died_is_met_by_that_and_not_by_hardship() -> None:
    lines = ("老公刚走一个月", "这个椅子是他下的单", "能不能拉走")
    mourning = read(lines, order=SIGNED, intents=("after.hardship",), emotion="grieving")
    assert "节哀" in reply(mourning)
    assert "哪一样" not in reply(mourning)
    assert "节哀" not in reply(read(("老公刚走", *lines[1:]), order=SIGNED, intents=("after.hardship",)))


def test_whose_neighbours_dog_died_is_not_mourned_with() -> None:
    line = "邻居家那只金毛也是老狗 上个月走了"
    assert "after.pet_gone" not in answered(read((line,), ("after.pet_gone", line)))
    assert "after.pet_gone" in answered(read(("我家金毛上个月走了",), ("after.pet_gone", "我家金毛上个月走了")))


def test_the_size_and_colour_asked_for_are_named_once_in_a_question_of_stock() -> None:
    lines = ("那双跑鞋 42.5码 黑白熊猫的", "还有没有货")
    asks = read(lines, ("pre.stock_this_size", "还有没有货"), stage="pre_sale", intents=("pre.stock",))
    said = reply(asks)
    assert said.count("42.5") == 1 and said.count("黑白熊猫") == 1
