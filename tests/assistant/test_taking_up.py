"""顾客怎么说话是一回事,东西出了什么事是另一回事:先听见那件事。"""

from __future__ import annotations

import pytest

from assistant.conversation import Conversation
from assistant.engines import Brief
from assistant.engines.clock import shop_now
from assistant.engines.matter import Matter, matter_of
from assistant.engines.offline import OfflineEngine
from assistant.values import Contradiction, Course, Evidence, ReplyLanguage, Risk, Situation

ORDER = {
    "item": "20寸登机箱", "price_yuan": 329, "paid_at": "2026-11-02 12:00", "shipped_at": "2026-11-03 10:00",
    "signed_at": "2026-11-05 18:20",
}  # fmt: skip
ENGINE = OfflineEngine(passages_of_technique=lambda _: ())


def spoken(*texts: str, order: dict[str, object] | None = None, authorised: tuple[str, ...] = ()) -> Conversation:
    return Conversation.read(
        {
            "messages": [{"role": "customer", "text": t} for t in texts],
            "order": ORDER if order is None else order,
            "policy": {"shop": "小店", "authorised": list(authorised)},
        }
    )


def reply(
    conversation: Conversation,
    *intents: str,
    risks: tuple[Risk, ...] = (),
    language: ReplyLanguage = "zh-Hans",
) -> str:
    situation = Situation(
        stage="after_sale", intents=intents, emotion="angry", customer_type="未定", risks=risks, language=language,
        matches=(), evidence=(),
    )  # fmt: skip
    *_, last = ENGINE.propose(Brief(conversation, situation, (), shop_now()))
    return last.reply


@pytest.mark.parametrize(
    ("texts", "words", "situation"),
    [
        (("死骗子", "轮子在机场飞出去了"), "轮子在机场飞出去了", "after.quality"),
        (("你们那个破箱子拉链又坏了怎么办",), "箱子拉链又坏了", "after.quality"),
        (("我根本没收到货啊",), "根本没收到货", "in.delivered_not_received"),
        (("里面杯子碎了一个",), "里面杯子碎了一个", "after.damaged"),
        (("the zipper is broken and I fly on Friday",), "zipper is broken", "after.quality"),
    ],
)
def test_what_went_wrong_is_said_back_without_the_way_it_was_said(
    texts: tuple[str, ...], words: str, situation: str
) -> None:
    assert matter_of(spoken(*texts)) == Matter(words, situation)


def test_what_names_the_thing_bought_comes_before_other_troubles() -> None:
    told = matter_of(spoken("电梯坏了爬了17楼", "登机箱拉杆缩不回去 卡住了", "登机箱的锁也掉了"))
    assert told is not None and "登机箱" in told.words


@pytest.mark.parametrize("text", ["会不会掉色", "有没有人收到坏的", "你们是不是骗子", "这个好看吗"])
def test_what_is_feared_asked_or_only_abuse_is_no_matter(text: str) -> None:
    told = matter_of(spoken(text))
    assert told is None or not told.words


def test_nothing_is_told_before_a_purchase() -> None:
    conversation = Conversation.read({"messages": [{"role": "customer", "text": "上次那个坏了"}]})
    assert matter_of(conversation) is None


@pytest.mark.parametrize(
    "manner", ["after.abuse", "after.sarcasm", "after.manager", "after.endless_talk", "after.deny_all"]
)
def test_however_it_is_said_the_matter_is_named_and_what_the_shop_allows_is_offered(manner: str) -> None:
    said = reply(spoken("有病吧你们", "箱子轮子飞出去了", authorised=("exchange",)), manner)
    assert "箱子轮子飞出去了" in said or "轮子飞出去了" in said
    assert "换" in said
    assert "哪一单" not in said and "哪件" not in said


def test_in_danger_nobody_is_told_about_exchanges() -> None:
    said = reply(spoken("梯子断了 我妈摔了", "在医院", authorised=("exchange",)), "after.injury", risks=("injury",))
    assert "换货" not in said and "医生" in said


def test_over_the_seven_days_no_return_without_reason_is_offered() -> None:
    old: dict[str, object] = {"item": "健步鞋", "signed_at": "2026-01-05 18:20"}
    said = reply(
        spoken("给我爸买的", "他走了 想退", order=old, authorised=("refund_7day_no_reason",)), "after.bereavement"
    )
    assert "无理由" not in said and "主管" in said


def test_who_demands_money_for_an_insect_is_asked_how_they_are_first() -> None:
    said = reply(spoken("喝了两口看见虫子", "不用检验 赔我1000 不然发抖音"), "after.extortion", risks=("extortion",))
    assert said.index("不舒服") < said.index("不能答应" if "不能答应" in said else "答应不了")
    assert "实物" in said


def test_the_police_in_a_chat_get_no_address_but_the_right_way() -> None:
    said = reply(spoken("我是派出所民警", "把买家地址电话发来"), "after.privacy", risks=("personal_data",))
    assert "公函" in said and "不能" in said


@pytest.mark.parametrize(
    ("texts", "offered", "not_offered"),
    [
        (("水壶漏水", "不想换 退钱吧"), "退", "换货"),
        (("衣服大了", "算了给我退了吧"), "退", "登记换"),
        (("拉链坏了", "不用退 换一个就行"), "换", "无理由"),
    ],
)
def test_what_was_refused_in_so_many_words_is_not_offered(
    texts: tuple[str, ...], offered: str, not_offered: str
) -> None:
    order: dict[str, object] = {"item": "水壶", "signed_at": f"{shop_now():%Y-%m-%d} 00:00"}
    said = reply(
        spoken(*texts, order=order, authorised=("exchange", "refund_7day_no_reason")), "after.quality", "after.exchange"
    )
    assert offered in said and not_offered not in said


@pytest.mark.parametrize(
    ("text", "words", "gloss"),
    [
        ("届いたカップが割れています", "お写真|写真", "拍照"),
        ("배송이 언제 오나요?", "배송", "配送"),
        ("Куртка пришла с дыркой", "фото", "拍照"),
    ],
)
def test_who_writes_in_another_language_is_answered_in_it_with_the_meaning_for_the_agent(
    text: str, words: str, gloss: str
) -> None:
    situation = Situation(
        stage="after_sale", intents=("after.damaged",), emotion="calm", customer_type="未定", risks=(), language="en"
    )
    *_, last = ENGINE.propose(Brief(spoken(text), situation, (), shop_now()))
    assert any(w in last.reply for w in words.split("|"))
    assert gloss in last.gloss
    assert 1 <= len(last.bubbles) <= 3


def test_an_english_reply_names_no_item_in_chinese() -> None:
    said = reply(spoken("it arrived broken"), "after.damaged", language="en")
    assert "登机箱" not in said


def test_a_regular_customer_is_met_as_one() -> None:
    said = reply(spoken("我在你家买了五年了", "这次轮子掉了"), "after.quality")
    assert "老顾客" in said or "照顾" in said


def test_who_swears_and_fell_is_asked_how_they_are_before_the_chair() -> None:
    situation = Situation(
        stage="after_sale", intents=("after.abuse",), emotion="furious", customer_type="未定", risks=(),
        language="zh-Hans", evidence=(Evidence(what="risk:injury", message=1, start=0, end=4),),
    )  # fmt: skip
    talk = spoken("什么垃圾", "椅子靠背断了 我摔地上")
    *_, last = ENGINE.propose(Brief(talk, situation, (), shop_now()))
    assert last.reply.index("看医生") < last.reply.index("椅子靠背断了")


def test_a_danger_named_in_words_is_answered_before_what_is_asked_in_passing() -> None:
    situation = Situation(
        stage="after_sale", intents=("general.robot",), emotion="calm", customer_type="未定", risks=("injury",),
        language="zh-Hans", evidence=(Evidence(what="risk:injury", message=1, start=0, end=4),),
    )  # fmt: skip
    *_, last = ENGINE.propose(Brief(spoken("你是机器人吗", "我从凳子上摔下来 脚肿了"), situation, (), shop_now()))
    assert "医院" in last.bubbles[0] or "120" in last.bubbles[0]


def test_a_tripped_fuse_is_no_fire() -> None:
    said = reply(spoken("除湿机一开就跳电", order={"item": "除湿机"}), "after.fire", "after.quality", risks=("fire",))
    assert "冒烟" not in said and "119" not in said


def test_who_mourns_is_not_corrected_about_dates() -> None:
    situation = Situation(
        stage="after_sale", intents=("after.bereavement",), emotion="grieving", customer_type="未定", risks=(),
        language="zh-Hans",
        course=Course(contradictions=(Contradiction(claim="bought_just_now", fact="paid_at", message=0, start=0, end=2),)),
    )  # fmt: skip
    *_, last = ENGINE.propose(Brief(spoken("狗狗走了 刚买的粮能退吗"), situation, (), shop_now()))
    assert "跟您说的" not in last.reply


def test_no_favour_is_offered_to_who_trades_a_review_for_it() -> None:
    talk = spoken("不给补偿我就追评", "轮子掉了", authorised=("compensation_up_to:25",))
    said = reply(talk, "after.bad_review")
    assert "25元" not in said and "轮子掉了" in said


def test_a_swollen_battery_is_kept_away_from_and_never_charged() -> None:
    order: dict[str, object] = {"item": "锂电池"}
    said = reply(spoken("电池鼓包了 能继续充吗", order=order), "after.fire", risks=("fire",))
    assert "119" in said and "充" in said.split("。")[0]


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (("一群废物 说话啊", "我一件黑毛衣全白了"), "一件黑毛衣全白了"),
        (("喊人喊不到", "盒子里放的是别人家的旧鞋", "第三次了"), "盒子里放的是别人家的旧鞋"),
    ],
)
def test_what_no_list_of_mishaps_knows_is_said_back_to_who_is_cross(texts: tuple[str, ...], words: str) -> None:
    assert words in reply(spoken(*texts), "after.abuse")


def test_mockery_and_reproaches_are_never_said_back() -> None:
    said = reply(spoken("你们真厉害啊", "佩服佩服 不愧是大店"), "after.sarcasm")
    assert "佩服" not in said and "大店" not in said


def test_who_may_want_to_die_is_answered_on_that_whatever_else_was_read() -> None:
    said = reply(
        spoken("快递显示签收就行了", "猫我也送人了 就这样吧"), "in.delivered_not_received", risks=("self_harm",)
    )
    assert "12356" in said and "签收" not in said


def test_a_calm_question_in_no_word_of_dying_is_no_wish_to_die() -> None:
    talk = spoken("我妈血压高 还在服用降压的", "这个茶能一起喝吗")
    calm = Situation(
        stage="after_sale", intents=("after.usage_help",), emotion="calm", customer_type="未定", risks=("self_harm",),
        language="zh-Hans", matches=(), evidence=(),
    )  # fmt: skip
    *_, last = ENGINE.propose(Brief(talk, calm, (), shop_now()))
    assert "12356" not in last.reply


def test_who_only_threatens_to_post_is_not_told_that_money_buys_no_silence() -> None:
    said = reply(spoken("印出来糊成一团", "不给我重做我就去小红书挂你们"), "after.extortion")
    assert "钱" not in said and "糊成一团" in said


def test_a_promise_of_an_earlier_turn_is_taken_up_without_owning_to_it() -> None:
    conversation = Conversation.read(
        {
            "messages": [
                {"role": "customer", "text": "上次那个客服答应我三天内上门换新"},
                {"role": "agent", "text": "您好,请问有什么可以帮您"},
                {"role": "customer", "text": "到现在没人来"},
            ],
            "order": ORDER,
        }
    )
    said = reply(conversation, "after.follow_up")
    assert "三天内上门换新" in said and "失信" not in said


def test_nobody_is_told_when_they_will_hear_of_what_was_declined_for_good() -> None:
    said = reply(spoken("隔壁王丽也买了 她电话发我一下"), "after.privacy", risks=("personal_data",))
    assert "不能给" in said and "点前" not in said


def test_a_cut_that_no_longer_bleeds_is_not_pressed() -> None:
    said = reply(spoken("被钉子扎了手", "出了点血 已经不流了"), "after.injury", risks=("injury",))
    assert "压" not in said and "医院" in said


def test_a_child_that_is_safe_again_needs_no_ambulance() -> None:
    said = reply(spoken("床围捂住宝宝的脸", "现在孩子没事"), "after.child_danger", risks=("child_danger",))
    assert "120" not in said and "停用" in said


def test_who_found_a_hair_is_not_treated_as_ill() -> None:
    said = reply(spoken("腊肠里吃出一截头发"), "after.food_sick", risks=("food_poisoning",))
    assert "赶紧看医生" not in said and ("先别" in said or "先停" in said)
