"""Several questions in a turn: each found where it stands, answered by what is granted, or named as one to check."""

from __future__ import annotations

import re

import pytest

from assistant.engines.fitting import longest
from assistant.engines.moves import PlannedMove
from assistant.engines.offline import OfflineEngine
from assistant.engines.questions import open_questions, to_the_point
from assistant.situation.questions import is_question, put, questions_of
from assistant.situation.script import folded
from assistant.values import PointMade
from knowledge.phrasebook import Move, Wording
from tests.assistant.drafts import brief, conversation, match, proposal


@pytest.fixture(scope="module")
def shipped() -> OfflineEngine:
    return OfflineEngine(lambda _: ())


@pytest.mark.parametrize(
    ("lines", "questions"),
    [
        (("啥时候能发、有没有运费险", "会起球吗"), ["啥时候能发", "有没有运费险", "会起球吗"]),
        (("1.锅底多厚 2.电磁炉能用不 3.80L够几个人",), ["锅底多厚", "电磁炉能用不", "80L够几个人"]),
        (("1.67的多重", "21款轩逸能装不"), ["1.67的多重", "21款轩逸能装不"]),
        (("整箱什么价", "买两套送点啥", "铁锅开锅咋开"), ["整箱什么价", "买两套送点啥", "铁锅开锅咋开"]),
        (("这款有味吗 能机洗不",), ["这款有味吗", "能机洗不"]),
        (("個杯入得雪櫃嗎", "可唔可以寄澳門"), ["個杯入得雪櫃嗎", "可唔可以寄澳門"]),
        (("退货运费呢", "是你们来取还是我自己寄"), ["退货运费呢", "是你们来取还是我自己寄"]),
        (
            ("How do I return it and who pays the postage? Also can I keep the case?",),
            ["How do I return it", "who pays the postage", "Also can I keep the case"],
        ),
        (("Hi, few questions: does it shrink? is it warm",), ["does it shrink", "is it warm"]),
        (("im 190cm can i lie straight",), ["can i lie straight"]),
        (("i'm not sure what can i do with it",), []),
        (("26号纪念日 来得及吧",), ["来得及吧"]),
        # asked before, and asked of nobody
        (("买的时候还特意问了黄皮能不能用",), []),
        (("到我这估计能开口说话了吧👏👏",), []),
    ],
)
def test_each_question_is_found_where_it_stands(lines: tuple[str, ...], questions: list[str]) -> None:
    talk = conversation(*lines)
    found = questions_of(talk)
    assert [q.text for q in found] == questions
    assert all(talk.messages[q.message].text[q.start : q.end] == q.text for q in found)


@pytest.mark.parametrize(
    "line",
    [
        "在吗",
        "你们质检是瞎的吗",
        "这都几天了",
        "这才几天",
        "自己数数多少小时了",
        "什么态度",
        "我跟你们没什么好说的",
        "你们是看人下菜碟吗",
        "你们是打算赖账吧",
        "你们行不行啊",
        "那现在怎么弄",
        "能便宜点吗",
        "你不是说全国联保吗",
        "怎么还没到",
        "下个月就结婚了哦不",
        "我爸一个人住着呢",
        "反馈到哪去了",
        "我是不是冤大头",
    ],
)
def test_what_waits_for_no_answer_is_no_question(line: str) -> None:
    assert questions_of(conversation(line)) == ()


@pytest.mark.parametrize(
    ("question", "taken_up"),
    [
        ("亲 能机洗不", "能不能机洗"),
        ("有礼盒吗", "有没有礼盒"),
        ("稅是誰付呢🥺", "稅是誰付"),
        ("我一个人搬得动不", "您一个人搬不搬得动"),
        ("奶瓶是玻璃的吗", "奶瓶是不是玻璃的"),
        ("你们补发吗", "补不补发"),
        ("掉色吗", "掉不掉色"),
        ("起球不", "起不起球"),
        ("甜吗", "甜不甜"),
        ("还降吗", "还降不降"),
        ("好洗吗", "好不好洗"),
        ("正品吗", "是不是正品"),
        ("我换的那条发了没", "您换的那条发了没"),
        ("到底什么时候能好啊", "什么时候能好"),
        ("医药费呢", "医药费"),
        ("這個合身嗎", "「這個合身嗎」"),
        ("And who pays the postage?", "who pays the postage"),
    ],
)
def test_a_question_is_taken_up_as_part_of_a_sentence(question: str, taken_up: str) -> None:
    assert put(question) == taken_up


def test_what_nothing_answers_is_named_and_what_the_shop_allows_is_said(shipped: OfflineEngine) -> None:
    asked = brief(
        conversation("床单几支棉的", "多久能发货", "寄新疆不", authorised=("ship_within_48h",)),
        match("pre.product_question", 0.95),
    )
    reply = proposal(shipped, asked).reply
    assert "48小时" in reply
    assert "床单几支棉的" in reply and "寄新疆不" in reply
    assert "多久能发货" not in reply
    assert reply.count("点前") == 1


def test_who_asks_a_list_may_read_a_longer_reply() -> None:
    one, list_ = conversation("能机洗吗"), conversation("1能机洗吗 2起球吗 3几天发货")
    assert longest(brief(one)) < longest(brief(list_)) <= 160
    assert longest(brief(list_, tone="shorter")) < longest(brief(one))


def test_a_question_beside_another_matter_is_not_forgotten(shipped: OfflineEngine) -> None:
    beside = brief(conversation("收到就是裂的", "对了 这个盖子能单卖吗"), match("after.damaged", 0.95))
    assert "盖子能不能单卖" in proposal(shipped, beside).reply
    alone = brief(conversation("收到就是裂的 怎么办"), match("after.damaged", 0.95))
    assert open_questions(questions_of(alone.conversation), alone, (), ()) == ()


def test_one_question_beside_what_was_told_is_named(shipped: OfflineEngine) -> None:
    order: dict[str, object] = {
        "order_id": "2611150001",
        "item": "电钢琴",
        "paid_at": "2026-11-15 10:00",
        "signed_at": "2026-11-18 12:00",
    }
    beside = brief(
        conversation("有个键按下去没声 重置过两遍", "能不能派人上门", order=order), match("after.quality", 0.95)
    )
    assert "能不能派人上门" in proposal(shipped, beside).reply


def test_what_is_allowed_says_whether_and_not_how_long(shipped: OfflineEngine) -> None:
    order: dict[str, object] = {
        "order_id": "2611150001",
        "item": "台灯",
        "paid_at": "2026-11-15 10:00",
        "signed_at": "2026-11-20 12:00",
    }
    talk = conversation(
        "台灯不亮了", "能换吗 换的话要多久", order=order, authorised=("exchange", "return_freight_by_seller")
    )
    said = proposal(shipped, brief(talk, match("after.quality", 0.95))).reply
    assert "换的话要多久" in said or "要多久" in said
    assert "能不能换" not in said


def test_what_is_done_next_names_the_questions_where_all_are_open(shipped: OfflineEngine) -> None:
    asked = brief(conversation("遮阳伞多高", "能试用几天"), match("pre.product_question", 0.95))
    said = proposal(shipped, asked).reply
    step = next(bubble for bubble in said.split("\n") if "点前" in bubble)
    assert "遮阳伞多高" in step and "试用几天" in step


@pytest.mark.parametrize(
    "scolding",
    [
        "你们会不会做生意",
        "说话算不算数",
        "是不是骑驴送的",
        "登记完了然后呢",
        "柜门还是歪的",
        "换过来的还是39",
        "不是什么大事",
        "你看咋整",
        "看了没",
        "你们到底看了没有",
        "照片你看了吗",
        "视频收到了没",
    ],
)
def test_scolding_and_what_is_told_are_promised_no_answer(scolding: str) -> None:
    assert not is_question(scolding)


@pytest.mark.parametrize(
    "question",
    [
        "我这单还算数不",
        "是机洗还是手洗",
        "要大的还是小的",
        "是不是什么零件坏了",
        "扣子怎么扣",
        "就这样放冰箱行吗",
        "退货收到了没",
    ],
)
def test_what_can_be_found_out_stays_a_question(question: str) -> None:
    assert is_question(question)


@pytest.mark.parametrize(
    "taunt",
    [
        "你们店长?",
        "是啥?",
        "你忙不忙啊",
        "你们是不是有病",
        "真人敢不敢骂我一句",
        "都下班了 电话呢",
        "快说能不能",
        "就让我自认倒霉吗",
        "问你几个事 在吗",
    ],
)
def test_what_asks_nothing_to_look_up_is_not_named_as_a_question(shipped: OfflineEngine, taunt: str) -> None:
    beside = brief(conversation("收到就是裂的", "对了 这个盖子能单卖吗", taunt), match("after.damaged", 0.95))
    said = proposal(shipped, beside).reply
    assert "盖子能不能单卖" in said
    assert not re.search("店长|是啥|忙不忙|有病|敢不敢|电话|能不能、|、能不能|倒霉|几个事", said)


def test_what_was_asked_before_and_left_is_named_however_short(shipped: OfflineEngine) -> None:
    talk = conversation(
        "装的话要打孔吗", "客服:您要的发票可以开公司的,抬头发我就行", "打孔呢", order={"item": "吸顶灯"}
    )
    assert "打孔" in proposal(shipped, brief(talk, match("after.invoice", 0.95))).reply


def test_what_the_shop_allows_stays_among_answers_before_buying() -> None:
    talk = conversation("1这灯多少瓦 2能调色温吗 3坏了保几年", authorised=("warranty_1y",))
    asked = brief(talk, match("pre.product_question", 0.95))
    warranty, watts = (
        Move(move="explain", technique="", authority=authority, wordings=(Wording(zh=zh, en=""),))
        for zh, authority in (("这款保修一年。", ("warranty_1y",)), ("瓦数看标签。", ()))
    )
    planned = [
        PlannedMove("granted.warranty_1y", m, m.wordings, point=p) for m, p in ((warranty, "granted"), (watts, "watts"))
    ]
    made = PointMade(point="watts", name="", score=0.95, message=0, start=1, end=6)
    kept = to_the_point(planned, questions_of(talk), asked, (made,))
    assert [m.point for m in kept] == ["granted", "watts"]


def test_what_is_left_is_answered_with_what_is_looked_into_anyway(shipped: OfflineEngine) -> None:
    asked = brief(
        conversation("床单几支棉的", "多久能发货", "寄新疆不", authorised=("ship_within_48h",)),
        match("pre.product_question", 0.95),
    )
    said = proposal(shipped, asked).reply
    assert said.index("点前") < said.index("寄新疆不"), said


@pytest.mark.parametrize("told", ["准备囤几盒", "调到哪年", "500的我要它干嘛", "退款说好的呢", "你们会不会发货"])
def test_what_is_only_said_in_a_question_s_form_is_not_looked_up(told: str) -> None:
    assert not is_question(folded(told))


@pytest.mark.parametrize("asked", ["準備囤幾盒合適", "质保到哪年", "今天会不会发货", "運費點計"])
def test_what_looks_like_it_and_asks_is_a_question(asked: str) -> None:
    assert is_question(folded(asked))


def test_the_fourth_question_counts_nothing() -> None:
    talk = conversation("1书桌承重多少", "2有没有味道", "4包不包上楼", "4包多少钱")
    assert [q.text for q in questions_of(talk)] == ["书桌承重多少", "有没有味道", "包不包上楼", "4包多少钱"]


def test_whether_it_is_too_late_is_what_the_courier_is_asked(shipped: OfflineEngine) -> None:
    order: dict[str, object] = {"item": "精华水", "paid_at": "2026-11-17 10:00", "shipped_at": "2026-11-17 18:20"}
    talk = conversation("帮我改个地址", "寄到我公司 朝阳区那边", "现在还来得及吧", order=order)
    said = proposal(shipped, brief(talk, match("in.change_address", 0.95))).reply
    assert "来不来得及" not in said and "拦" in said, said


def test_what_two_of_many_questions_ask_is_not_lost_beside_a_day_that_is_told(shipped: OfflineEngine) -> None:
    talk = conversation(
        "①3个大人睡得下不 ②多重 我坐火车背着 ③现在拍几号发", "周五就走", authorised=("ship_within_48h",)
    )
    said = proposal(shipped, brief(talk, match("pre.product_question", 0.95))).reply
    assert "睡不睡得下" in said and "多重" in said and "48小时" in said, said
