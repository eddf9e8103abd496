"""What an agent changed in a draft is told by kind, by the rule that `assistant/learning/difference.py` states."""

from __future__ import annotations

import pytest

from assistant.conversation import Order
from assistant.guardrails.inbound import mask
from assistant.learning.difference import REWRITTEN, compare, move_of

DRAFT = "抱歉让您久等了。我这就帮您查一下物流,今天下午4点前回复您。"
ORDER = Order(courier="圆通", item="云感保温杯 480ml", tracking_status="到达杭州转运中心")


@pytest.mark.parametrize(
    ("sent", "kinds"),
    [
        # sent as it is: white space and punctuation are no edit
        (DRAFT, ()),
        (DRAFT.replace("。", " ").replace(",", "，"), ()),
        # fact: something that can be checked
        (DRAFT.replace("4点", "6点"), ("fact",)),
        (DRAFT.replace("今天", "明天"), ("fact",)),
        (DRAFT.replace("物流", "圆通物流"), ("fact",)),
        # policy: granted, refused, made to depend on something
        (DRAFT.replace("物流", "退款"), ("policy",)),
        (DRAFT.replace("回复您", "回复您,运费我们承担"), ("policy",)),
        # tone: how the customer is spoken to
        (DRAFT.replace("抱歉让您", "让您"), ("tone",)),
        (DRAFT + "😊", ("tone",)),
        (DRAFT.replace("您", "你"), ("tone",)),
        (DRAFT.replace("回复您", "回复您哦"), ("tone",)),
        ("亲," + DRAFT, ("tone",)),
        # length alone, and wording alone
        (DRAFT + "包裹走到哪一步我都一条一条说给您听", ("length",)),
        (DRAFT.replace("查一下", "看一看"), ("wording",)),
    ],
)
def test_each_kind_of_edit_is_told(sent: str, kinds: tuple[str, ...]) -> None:
    assert compare(DRAFT, sent, ORDER).kinds == kinds


def test_what_is_refused_and_what_is_granted_differ_though_the_words_are_the_same() -> None:
    assert compare("这一单可以换货。", "这一单不能换货。").kinds == ("policy",)
    assert compare("核实是质量问题的话给您换货。", "给您换货。").kinds == ("policy",)


def test_what_is_only_asked_grants_nothing() -> None:
    assert "policy" not in compare("您看怎么处理?", "您是想退款还是想换货?").kinds


def test_order_facts_count_as_facts_and_numbers_are_compared_as_they_count() -> None:
    assert compare("包裹在路上。", "包裹到达杭州转运中心。", ORDER).kinds == ("fact",)
    assert compare("三天左右能到。", "3天左右能到。").kinds == ("wording",), "the same number"
    assert compare("三天左右能到。", "5天左右能到。").kinds == ("fact",)


def test_how_much_is_kept_parts_a_touch_from_a_rewriting() -> None:
    touched, rewritten = compare(DRAFT, DRAFT + "您放心。"), compare(DRAFT, "圆通那边我催过了,明天派送。")
    assert touched.extent == "touched" and touched.kept >= REWRITTEN
    assert rewritten.extent == "rewritten" and rewritten.kept < REWRITTEN
    assert compare(DRAFT, DRAFT).extent == "as_is"


def test_what_was_added_is_given_in_whole_phrases_with_the_orders_facts_as_slots() -> None:
    sent = DRAFT.replace("我这就", "圆通那边这两天爆仓,件都压着,我这就")
    assert compare(DRAFT, sent, ORDER).added == ("{courier}那边这两天爆仓,件都压着",)
    assert compare(DRAFT, DRAFT.replace("久等", "久久等待"), ORDER).added == (), "a clause put otherwise is not new"
    assert compare(DRAFT, "抱歉让您久等了。").removed == ("我这就帮您查一下物流,今天下午4点前回复您。",)


def test_the_time_by_which_the_agent_answers_is_a_slot_so_that_another_time_is_no_new_phrase() -> None:
    assert compare(DRAFT, DRAFT.replace("今天下午4点前", "今晚8点半前")).added == ()
    assert compare("我去问。", "我去问。查清了明天上午10点前告诉您。").added == ("查清了{answer_by}告诉您。",)


def test_braces_of_the_agents_own_are_no_slots() -> None:
    assert compare(DRAFT, DRAFT + "这里有个花括号{item}哦").added == ("这里有个花括号(item)哦",)


def test_masked_data_is_a_fact_and_stays_masked() -> None:
    found = compare(DRAFT, mask(DRAFT + "有事打13800138000找我。").text)
    assert "fact" in found.kinds
    assert "13800138000" not in found.model_dump_json()


@pytest.mark.parametrize("text", ["", " ", "😊", "?", "a" * 50_000, "好。" * 3_000])
def test_any_text_is_compared(text: str) -> None:
    assert compare(DRAFT, text).extent in ("rewritten", "touched")
    assert compare(text, DRAFT).extent in ("rewritten", "touched")


@pytest.mark.parametrize(
    ("phrase", "move"),
    [
        ("真是不好意思", "apologise"),
        ("麻烦您拍张吊牌的照片", "ask"),
        ("我已经上报给仓库了", "next_step"),
        ("给您补发一件新的", "offer"),
        ("洗之前建议先试一小块", "advise"),
        ("多谢您的包容", "thank"),
        ("有需要随时喊我", "close"),
        ("换我也会着急的", "acknowledge"),
        ("这款用的是牛皮", "explain"),
    ],
)
def test_a_phrase_tells_which_move_it_makes(phrase: str, move: str) -> None:
    assert move_of(phrase) == move
