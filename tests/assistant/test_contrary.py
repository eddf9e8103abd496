"""什么时候什么话不能说:订单到了哪一步、买的是什么东西,说错一句就不能发。"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from assistant.conversation import Conversation
from assistant.engines import Brief
from assistant.engines.answers import framed
from assistant.engines.contrary import states, unsayable
from assistant.engines.misread import without_misreadings
from assistant.engines.moves import PlannedMove
from assistant.engines.offline import OfflineEngine
from assistant.engines.once import said_once
from assistant.engines.wishes import recorded
from assistant.situation.borne_out import without_words
from assistant.values import Emotion, Evidence, PointMade, Risk, Situation
from knowledge.phrasebook import Move, MoveKind, Slot, Wording
from knowledge.points import PointBook
from knowledge.situations import SituationCatalogue
from tests.assistant.drafts import brief as drafts_brief
from tests.assistant.drafts import conversation, match

NOW = datetime(2026, 11, 20, 14, 10)
PAID = {"item": "电热水壶", "price_yuan": 99, "paid_at": "2026-11-17 12:00"}
SENT = {**PAID, "shipped_at": "2026-11-18 10:00", "tracking_status": "11-19 20:10 到达郑州转运中心"}
HELD = {
    **SENT,
    "tracking_status": "已签收",
    "signed_at": "2026-11-10 09:00",
    "paid_at": "2026-11-01 10:00",
    "shipped_at": "2026-11-02 10:00",
}
ENGINE = OfflineEngine(passages_of_technique=lambda _: ())


def brief(
    *texts: str,
    order: dict[str, object] | None,
    intents: tuple[str, ...] = (),
    guesses: tuple[str, ...] = (),
    risks: tuple[Risk, ...] = (),
    authorised: tuple[str, ...] = (),
    emotion: Emotion = "calm",
) -> Brief:
    conversation = Conversation.read(
        {
            "messages": [{"role": "customer", "text": t} for t in texts],
            "policy": {"shop": "小店", "authorised": list(authorised)},
            **({"order": order} if order else {}),
        }
    )
    stage = "pre_sale" if order is None else "after_sale" if "signed_at" in order else "in_sale"
    situation = Situation(
        stage=stage,
        intents=intents,
        emotion=emotion,
        customer_type="未定",
        risks=risks,
        language="zh-Hans",
        guesses=guesses,
    )
    return Brief(conversation, situation, (), NOW)


def planned(kind: MoveKind, zh: str) -> PlannedMove:
    return PlannedMove("pre.bargain", Move(move=kind, wordings=(Wording(zh=zh),)), (Wording(zh=zh),))


def reply(at: Brief) -> str:
    *_, last = ENGINE.propose(at)
    return last.reply


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (PAID, "这单还在路上,我去催快递。"),
        (SENT, "还没寄出,我找仓库拦下来。"),
        (SENT, "显示签收、您却没拿到,我马上查。"),
        (SENT, "路上几天没动,让您悬着心。"),
        (HELD, "到手先验再签,不对就拒收。"),
        (HELD, "刚到手就这样,抱歉。"),
        (HELD, "还在七天内,可以退。"),
        (PAID, "您看过再说,先别急着付款。"),
        (HELD, "仓库还没发货,我去催单。"),
    ],
)
def test_what_the_order_contradicts_is_not_said(order: dict[str, object], said: str) -> None:
    assert unsayable(brief("在吗", order=order)).covers(Wording(zh=said))


@pytest.mark.parametrize(
    ("order", "asked", "said"),
    [
        (PAID, "什么时候发", "仓库还没发货,我去催单。"),
        (SENT, "到哪了", "这单还在路上,我去催快递。"),
        (SENT, "一直没更新", "路上几天没动,让您悬着心。"),
        (HELD, "显示签收我没收到", "我去催派件员,问他放哪了。"),
        (HELD, "一打开就是坏的", "刚到手就这样,抱歉。"),
        (PAID, "想再买一个", "领券再拍更划算。"),
        (None, "能便宜吗", "您先别急着付款。"),
    ],
)
def test_what_the_order_or_the_customer_bears_out_is(order: dict[str, object] | None, asked: str, said: str) -> None:
    assert not unsayable(brief(asked, order=order)).covers(Wording(zh=said))


@pytest.mark.parametrize(
    ("item", "asked", "said", "sayable"),
    [
        ("羊毛大衣 M", "大了", "吊牌先别剪,平时穿多大?", True),
        ("猫砂盆", "猫16斤挤不挤", "我去问版师给您一个码。", False),
        ("窗帘 3米", "短了8公分", "哪里紧?我对着尺码表看换哪个码。", False),
        ("陶瓷碗", "有个豁口", "先断电,插头拔掉。", False),
        ("电饭煲", "不加热", "先断电,插头拔掉。", True),
        ("木书架", "味道大", "没吃完的连包装封好,别再冷冻。", False),
        ("神秘盲盒", "不喜欢", "吊牌先别剪。", True),  # of no kind that is known: nothing is ruled out
    ],
)
def test_what_is_said_of_one_kind_of_thing_is_not_said_of_another(
    item: str, asked: str, said: str, sayable: bool
) -> None:
    order = {**HELD, "item": item}
    assert unsayable(brief(asked, order=order)).covers(Wording(zh=said)) is not sayable


def test_a_parcel_that_moved_yesterday_is_not_stuck_one_of_last_week_may_be() -> None:
    assert "moved" in states(brief("催", order=SENT))
    assert "moved" not in states(brief("催", order={**SENT, "tracking_status": "11-14 20:10 到达郑州转运中心"}))


def test_an_order_without_its_time_of_payment_is_unpaid_only_where_words_say_so() -> None:
    bare = {"item": "书架", "price_yuan": 459}
    assert states(brief("地址错了", order=bare)) == frozenset()
    assert states(brief("拍了还没付款 地址错了", order=bare)) == {"unpaid"}


def test_a_mere_guess_is_not_answered_but_what_was_said_is_checked() -> None:
    guessed = brief("刚下单就看到别人领了券", order=PAID, intents=("in.out_of_stock",), guesses=("in.out_of_stock",))
    sure = brief("刚下单就看到别人领了券", order=PAID, intents=("in.out_of_stock",))
    assert "没货" in reply(sure) or "补货" in reply(sure)
    assert "没货" not in reply(guessed) and "补货" not in reply(guessed)
    assert "去问" in reply(guessed)


def test_a_guess_that_the_story_bears_out_is_answered() -> None:
    told = brief("壶底漏水", order=HELD, intents=("after.quality",), guesses=("after.quality",))
    assert "漏水" in reply(told) and "照" in reply(told)


def test_a_danger_is_never_taken_for_a_mere_guess() -> None:
    burnt = brief("壶底座冒烟了", order=HELD, intents=("after.fire",), guesses=("after.fire",), risks=("fire",))
    assert "119" in reply(burnt)


def test_whoever_shouts_is_met_as_such_though_it_is_not_sure_how_cross_they_are() -> None:
    loud = brief(
        "你们客服都是死人吗",
        order=None,
        intents=("after.angry_vent",),
        guesses=("after.angry_vent",),
        emotion="furious",
    )
    quiet = brief("你们客服都是死人吗", order=None, intents=("after.angry_vent",), guesses=("after.angry_vent",))
    assert reply(loud) != reply(quiet)


@pytest.mark.parametrize("order", [PAID, SENT, HELD])
@pytest.mark.parametrize(
    "situation",
    ["in.track", "in.urge_ship", "in.change_address", "after.quality", "after.exchange", "after.refund_status"],
)
def test_whatever_is_ruled_out_an_honest_reply_is_left(order: dict[str, object], situation: str) -> None:
    text = reply(brief("麻烦处理一下", order=order, intents=(situation,)))
    assert "今天" in text or "明天" in text
    assert len(text) >= 15


@pytest.mark.parametrize(
    ("words", "said", "sayable"),
    [
        ("我不退 就要这个", "订单页点「申请退款」就行。", False),
        ("别给我退", "退款我现在办。", False),
        ("要不要退回来", "订单页点「申请退款」就行。", True),
        ("退不了吗", "退款我去问。", True),
        ("我不换 退钱", "换货我这边登记。", False),
        ("换不了吗", "换货我这边登记。", True),
    ],
)
def test_nobody_is_told_how_to_do_what_they_refuse(words: str, said: str, sayable: bool) -> None:
    assert unsayable(brief(words, order=HELD)).covers(Wording(zh=said)) is not sayable


def test_what_the_record_says_beside_where_the_parcel_is_is_told() -> None:
    order = {**SENT, "tracking_status": "11-18 13:00 部分发出:1盒,其余补货中"}
    assert "其余补货中" in reply(brief("怎么只发了一盒", order=order, intents=("after.missing_item",)))
    assert "其余补货中" not in reply(
        brief("怎么只发了一盒", order={**order, "tracking_status": "派送中"}, intents=("after.missing_item",))
    )


def test_that_a_term_is_over_is_told_though_a_point_is_answered() -> None:
    order = {**HELD, "paid_at": "2026-10-08 09:00", "shipped_at": "2026-10-09 09:00", "signed_at": "2026-10-12 09:00"}
    at = brief("保价给我退60", order=order, intents=("after.price_drop",), authorised=("price_protection_30d",))
    claimed = PointMade(point="after.protection_claim_failed", name="", score=0.9, message=0, start=0, end=7)
    at = replace(at, situation=at.situation.model_copy(update={"points": (claimed,)}))
    assert "43天" in reply(at)


@pytest.mark.parametrize(("slot", "kept"), [("price_protection_over", True), ("item", False)])
def test_of_what_a_frame_explains_only_a_term_that_is_over_outlasts_a_point_s_answer(slot: Slot, kept: bool) -> None:
    at = brief("保价给我退60", order=HELD, intents=("after.price_drop",))
    told = planned("explain", "这一条到哪天为止,我照实说。")
    frame = replace(told, move=told.move.model_copy(update={"needs": (slot,)}))
    answer = replace(planned("advise", "把报错的那页截给我看。"), point="after.protection_claim_failed")
    assert (frame in framed((frame,), (answer,), at, ())) is kept


@pytest.mark.parametrize(
    ("words", "safe"),
    [
        ("推车前轮卡死 孩子差点摔出来", True),
        ("幸好没砸到人 架子就塌了", True),
        ("推车前轮卡死 差点没赶上车", False),
    ],
)
def test_after_a_narrow_escape_the_thing_is_put_aside_first(words: str, safe: bool) -> None:
    text = reply(brief(words, order=HELD, intents=("after.quality",)))
    assert text.startswith(("人没事", "先别再用")) is safe


def test_who_ate_of_it_is_told_to_eat_no_more() -> None:
    at = brief("防伪码查不到", "宝宝已经喝了两罐", order=HELD, intents=("after.fake",), risks=("child_danger",))
    heard = Evidence(what="risk:child_danger", message=1, start=0, end=2)
    assert "先别再吃喝" in reply(replace(at, situation=at.situation.model_copy(update={"evidence": (heard,)})))


def test_a_poisoning_of_which_nobody_told_is_not_answered() -> None:
    told = brief("喝完就吐", order=HELD, intents=("after.food_sick",), risks=("food_poisoning",))
    untold = brief("量出来不准", order=HELD, intents=("after.food_sick",), risks=("food_poisoning",))
    assert "医" in reply(told) and "医" not in reply(untold)


def test_who_mourns_and_asks_of_what_they_would_buy_is_answered_too() -> None:
    asks = brief("我奶奶走了", "她爱吃的桂花糕你们是真空的吗", order=None, intents=("after.bereavement",))
    bought = brief("我奶奶走了", "买的桂花糕能退吗", order=None, intents=("after.bereavement",))
    assert "真空" in reply(asks) and "节哀" in reply(asks)
    assert "节哀" in reply(bought)


def test_what_the_agent_explained_is_not_explained_again() -> None:
    said = "价格是店里统一定的,我改不了价。"
    moves = (
        planned("acknowledge", "您比过价才来的。"),
        planned("decline", "价格店里统一定,我这边改不了价。"),
        planned("next_step", "活动我去看,今天下午回您。"),
    )
    fresh = brief("便宜点", order=None)
    talk = Conversation.read(
        {
            "messages": [
                {"role": "customer", "text": "便宜点"},
                {"role": "agent", "text": said},
                {"role": "customer", "text": "再想想办法"},
            ]
        }
    )
    assert len(said_once(moves, fresh)) == 3
    assert [m.move.move for m in said_once(moves, replace(fresh, conversation=talk))] == ["acknowledge", "next_step"]


def test_a_fault_that_is_established_waits_for_no_inspection_and_an_approved_refund_for_no_one() -> None:
    open_, said = Wording(zh="原因要等质检看过才能说准。"), Wording(zh="今天下午5点前告诉您批没批。")
    for granted, wording in (("defect_confirmed_by_inspection", open_), ("refund_approved:99", said)):
        assert unsayable(brief("查得怎样", order=HELD, authorised=(granted,))).covers(wording)
        assert not unsayable(brief("查得怎样", order=HELD)).covers(wording)


def test_what_is_granted_is_told_once() -> None:
    def allowed(zh: str) -> PlannedMove:
        move = Move(move="offer", authority=("warranty_1y",), wordings=(Wording(zh=zh),))
        return PlannedMove("after.warranty", move, move.wordings)

    moves = (allowed("一年内坏了,修理不收费。"), allowed("质保是一年,范围里免费。"), planned("next_step", "我去问。"))
    assert said_once(moves, brief("能修吗", order=HELD)) == (moves[0], moves[2])


def test_one_apology_is_enough() -> None:
    moves = (
        planned("apologise", "让您久等,抱歉。"),
        planned("fact", "比说好的晚了77个小时,对不起。"),
        planned("next_step", "我去问仓库。"),
    )
    assert [m.move.move for m in said_once(moves, brief("还没发", order=PAID))] == ["fact", "next_step"]


def test_every_exemplar_of_a_situation_that_presumes_something_has_a_word_that_bears_it_out() -> None:
    for entry in SituationCatalogue.load().entries:
        for text in entry.exemplars:
            talk = Conversation.read({"messages": [{"role": "customer", "text": text}]})
            assert not without_words((entry.id,), talk), (entry.id, text)


def test_what_no_word_bears_out_is_told_apart() -> None:
    talk = Conversation.read({"messages": [{"role": "customer", "text": "中间有个黑点 投出来特别明显"}]})
    assert without_words(("after.repeat_trouble", "after.fake", "after.quality"), talk) == {
        "after.repeat_trouble",
        "after.fake",
    }


def test_a_narrow_escape_is_no_injury() -> None:
    words = ("背带扣子自己弹开了", "幸好我托着 差点摔地上")
    escaped = brief(*words, order=HELD, intents=("after.injury",), risks=("injury",))
    hurt = brief(*words, "额头还是磕破流血了", order=HELD, intents=("after.injury",), risks=("injury",))
    assert "医" not in reply(escaped) and reply(escaped).startswith(("人没事", "先别再用"))
    assert "医" in reply(hurt) or "120" in reply(hurt)


def test_what_is_on_its_way_back_is_not_on_its_way() -> None:
    order = {**HELD, "tracking_status": "退货已签收 11-19", "refund_status": "待商家确认退款"}
    assert "退款" in reply(brief("你们收到货为啥不点确认", order=order, intents=("in.confirm_receipt",)))


def test_a_parcel_that_the_record_calls_lost_is_answered_as_lost_though_it_is_only_guessed() -> None:
    order = {**SENT, "tracking_status": "11-18 09:00 快件丢失,理赔中"}
    at = brief(
        "娃断奶粉了 什么说法",
        order=order,
        intents=("in.lost",),
        guesses=("in.lost",),
        authorised=("refund_approved:99",),
    )
    assert "99元" in reply(at)
    assert recorded(at) == {"in.lost"}
    assert recorded(brief("什么说法", order=SENT, intents=("in.lost",))) == frozenset()


def test_who_would_cancel_only_if_it_comes_too_late_has_not_cancelled() -> None:
    both = ("in.urge_ship", "in.cancel_order")
    later = reply(brief("怎么还没发", "赶不上周末就给我取消", order=PAID, intents=both))
    now = reply(brief("怎么还没发", "给我取消", order=PAID, intents=both))
    assert "申请退款" not in later and later != now
    condition = brief("怎么还没发", "赶不上周末就给我取消", order=PAID, intents=both)
    assert without_misreadings(both, {"in.urge_ship"}, condition) == ["in.urge_ship"]
    outright = brief("怎么还没发", "给我取消", order=PAID, intents=both)
    assert without_misreadings(both, {"in.urge_ship"}, outright) == list(both)


def test_what_is_said_to_who_holds_the_goods_is_not_said_before_they_came() -> None:
    book = PointBook.load()
    point = next(p for p in book.points if p.situations[0] == "after.no_reason_return" and not p.moves[0].mentions)
    made = PointMade(point=point.id, name="", score=0.95, message=0, start=0, end=4)
    for order, said in ((PAID, False), (HELD, True)):
        at = brief("订重了退一单", order=order, intents=())
        plan = ENGINE.plan(replace(at, situation=at.situation.model_copy(update={"points": (made,)})))
        assert any(m.point == point.id for m in plan.moves) is said


def test_shelves_do_not_melt() -> None:
    assert unsayable(brief("路上会碎吗", order={**PAID, "item": "书架"})).covers(
        Wording(zh="又是放不住的东西,您着急我明白。")
    )
    assert not unsayable(brief("鲜虾还活着吗", order={**PAID, "item": "鲜虾"})).covers(Wording(zh="又是放不住的东西。"))


def test_nobody_eats_a_tyre() -> None:
    tyre = {**HELD, "item": "轮胎 225/55R17"}
    assert "吃" not in reply(brief("生产日期是两年前的", order=tyre, intents=("after.expired",)))
    assert "吃" in reply(brief("生产日期是两年前的", order={**HELD, "item": "核桃"}, intents=("after.expired",)))


def test_what_they_ruled_out_is_not_recommended() -> None:
    talk = conversation("给爷爷挑套茶具 盖碗他拿不住", "你推一个")
    asked = drafts_brief(talk, match("pre.recommend", 0.95))
    bowl, pot = (Wording(zh=zh, en="") for zh in ("白瓷盖碗好清洗。", "带把手的壶拿着稳。"))
    assert unsayable(asked).covers(bowl) and not unsayable(asked).covers(pot)
    assert not unsayable(drafts_brief(talk, match("pre.freight_question", 0.95))).covers(bowl)
