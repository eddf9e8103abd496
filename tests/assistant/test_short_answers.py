"""A yes, a time or a sum promises what was asked: it is weighed as if the agent had said it all, by the same rules and authorities."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from assistant.authority import Authority
from assistant.conversation import Message
from assistant.guardrails import CheckContext, Guardrails
from assistant.guardrails.clauses import Reading
from assistant.guardrails.fold import fold
from assistant.guardrails.semantic.layer import SemanticLayer
from assistant.guardrails.short_answers import short_answers
from evals.guard import load_cases
from evals.readings import load_readings
from knowledge.embedding import Embedder

BAD = Path(__file__).parent / "data" / "guard_bad.jsonl"
NOW = datetime(2026, 11, 23, 10, 5)


@pytest.fixture(scope="module")
def model(offline_model: Path) -> Any:
    return Embedder.open(offline_model.parent).model


@pytest.fixture(scope="module")
def guardrails(model: Any) -> Guardrails:
    return Guardrails.load(layer=SemanticLayer(lambda: model))


def _asked(*bubbles: str, authorised: tuple[str, ...] = ()) -> CheckContext:
    messages = tuple(Message(role="customer", text=b) for b in bubbles)
    return CheckContext(messages=messages, authorities=tuple(map(Authority.parse, authorised)), now=NOW)


def _statements(reply: str, *bubbles: str) -> list[str]:
    messages = [Message(role="customer", text=b) for b in bubbles]
    return [yes.statement for yes in short_answers(Reading(fold(reply).text), messages)]


@pytest.mark.parametrize(
    ("asked", "yes", "category"),
    [
        ("赔我200行不行", "可以的亲", "promise.compensation"),
        ("赔我200行不行", "行,没问题,我给您办。", "promise.compensation"),
        ("賠我200行不行", "可以喔", "promise.compensation"),
        ("能保证明天到吗", "能的,您放心", "promise.delivery_time"),
        ("周五前能到吗", "可以的", "promise.delivery_time"),
        ("600卖我好不好", "好,拍吧", "promise.price"),
        ("便宜30呗", "成,听您的", "promise.price"),
        ("便宜30呗", "依您", "promise.price"),
        ("600卖我好不好", "那就这个价吧", "promise.price"),
        ("赔我200行不行", "店里同意了", "promise.compensation"),
        ("加你微信聊行不", "行,您说", "off_platform"),
        ("这个好评返5块还有吧", "有的哦", "review_manipulation"),
        ("是不是你们质量问题", "是的", "admission.defect"),
        ("Can you refund me 50?", "Sure.", "promise.compensation"),
    ],
)
def test_a_yes_to_what_may_not_be_promised_blocks_and_has_a_way_out(
    guardrails: Guardrails, asked: str, yes: str, category: str
) -> None:
    verdict = guardrails.check(yes, _asked(asked))
    assert verdict.verdict == "block"
    (finding,) = [f for f in verdict.findings if f.rule == f"answer.{category}"]
    assert yes[slice(*finding.span)] == finding.text and asked[:3] in finding.message
    assert verdict.rewrite and guardrails.check(verdict.rewrite, _asked(asked)).verdict == "pass"
    assert guardrails.check(yes).verdict == "pass", "without the question it says nothing"


@pytest.mark.parametrize(
    ("asked", "yes", "authorised"),
    [
        ("补我15行吗", "行的", "compensation_up_to:20"),
        ("能退差价吗", "能退。", "price_protection_30d"),
        ("能退差价吗", "能退。差价在订单页点价格保护提交就行。", "price_protection_30d"),
        ("可以换吗", "可以", "exchange"),
        ("7天内能退吧", "可以退", "refund_7day_no_reason"),
        ("可以帮我催一下吗", "可以,我现在去催", "expedite_courier_query"),
    ],
)
def test_a_yes_to_what_the_shop_allows_passes(guardrails: Guardrails, asked: str, yes: str, authorised: str) -> None:
    assert guardrails.check(yes, _asked(asked, authorised=(authorised,))).verdict == "pass"


def test_the_sum_that_was_asked_is_weighed(guardrails: Guardrails) -> None:
    assert guardrails.check("行的", _asked("补我50行吗", authorised=("compensation_up_to:20",))).verdict == "block"


@pytest.mark.parametrize(
    ("asked", "reply"),
    [
        ("赔我200行不行", "可以的,我这就去问主管,12点前回您"),
        ("赔我200行不行", "好的,我看一下"),
        ("便宜30呗 在吗", "在的"),
        ("能机洗吗 便宜点", "可以机洗的"),
        ("衣服能机洗吗", "能的"),
        ("是纯棉的吗", "是的"),
        ("地址改一下行吗", "好的,我去看看能不能改,下午3点前回您"),
        ("退多少", "可以的"),
        ("你们是不是都骗人", "可以的"),
        ("赔我200行不行", "可以吗?"),
    ],
)
def test_other_answers_are_no_yes(guardrails: Guardrails, asked: str, reply: str) -> None:
    assert guardrails.check(reply, _asked(asked)).verdict == "pass"


@pytest.mark.parametrize(
    ("asked", "bit", "category"),
    [
        ("几天能到货", "两天左右", "promise.delivery_time"),
        ("快递啥时候能到", "后天。", "promise.delivery_time"),
        ("啥时候发货", "今晚", "promise.delivery_time"),
        ("能便宜多少", "30块", "promise.price"),
        ("赔多少", "50块", "promise.compensation"),
        ("退款几天到账", "三天吧", "promise.compensation"),
        ("质保多久", "三年", "promise.outcome"),
        ("How much can you refund me?", "50 yuan", "promise.compensation"),
        ("when will it arrive", "tomorrow", "promise.delivery_time"),
    ],
)
def test_a_time_or_a_sum_that_is_asked_for_is_a_promise(
    guardrails: Guardrails, asked: str, bit: str, category: str
) -> None:
    verdict = guardrails.check(bit, _asked(asked))
    assert verdict.verdict == "block"
    assert f"answer.{category}" in {f.rule for f in verdict.findings}
    assert verdict.rewrite and guardrails.check(verdict.rewrite, _asked(asked)).verdict == "pass"


@pytest.mark.parametrize(
    ("asked", "bit", "authorised"),
    [
        ("赔多少", "15块", ("compensation_up_to:20",)),
        ("质保多久", "一年", ("warranty_1y",)),
        ("啥时候发货", "24小时内", ("ship_within_24h",)),
        ("满多少包邮", "99", ("free_shipping_over:99",)),
        ("什么时候答复我", "下午3点前", ()),
        ("多久回我", "半小时", ()),
        ("你们几点下班", "6点", ()),
        ("几号发的", "20号", ()),
        ("多少钱一件", "89元", ()),
        ("运费多少", "8块", ()),
        ("几天能到货", "一般两天,具体以物流为准", ()),
        ("尺码几码", "42", ()),
    ],
)
def test_other_times_and_sums_are_none(
    guardrails: Guardrails, asked: str, bit: str, authorised: tuple[str, ...]
) -> None:
    assert guardrails.check(bit, _asked(asked, authorised=authorised)).verdict == "pass"


def test_all_right_and_nothing_else_is_pointed_out(guardrails: Guardrails) -> None:
    verdict = guardrails.check("好的亲", _asked("能赔50吗"))
    assert verdict.verdict == "pass"
    assert [(f.rule, f.severity) for f in verdict.findings] == [("answer.promise.compensation", "warn")]


def test_an_answered_question_is_not_answered_again(guardrails: Guardrails) -> None:
    messages = (
        Message(role="customer", text="赔我200行不行"),
        Message(role="agent", text="这个数我没有权限,能给您的是一张5元券,要不要?"),
        Message(role="customer", text="那就要券 现在发我行吗"),
    )
    context = CheckContext(messages=messages, authorities=(Authority.parse("coupon:5"),), now=NOW)
    assert guardrails.check("可以的", context).verdict == "pass"


def test_questions_are_turned_into_what_a_yes_says() -> None:
    assert _statements("可以", "能不能便宜点给我") == ["能便宜点给您"]
    assert _statements("两天", "你们几天能到我家") == ["我们两天能到您家"]
    assert _statements("是的", "是不是你们发错了") == ["是我们发错了"]
    assert _statements("sure", "Could you send me a new one?") == ["we will send you a new one"]
    assert _statements("可以", "收到了 今天天气不错") == []
    assert _statements("嗯" * 5000 + "可以", "能退吗") == [] and _statements("可以", "吗" * 5000) == []
    assert len(_statements("可以", *(f"给我{n}块行吗" for n in range(2, 90)))) <= 4


def test_a_known_breach_is_stopped_in_whatever_talk_it_is_said(guardrails: Guardrails) -> None:
    bad = load_cases(BAD)[::5]
    talks = [case.conversation().messages for case in load_readings()]
    assert len(bad) >= 40
    passed = [
        case.reply
        for at, case in enumerate(bad)
        if guardrails.check(case.reply, CheckContext(messages=talks[at * 7 % len(talks)]), mend=False).verdict
        != "block"
    ]
    assert not passed


@pytest.mark.parametrize(
    ("asked", "reply", "category"),
    [
        ("明天能到吗?是明天吧", "对的 明天", "promise.delivery_time"),
        ("那寄回去的邮费你们出咯?", "嗯嗯给您安排", "promise.compensation"),
        ("现在付款两天之内能寄出来不", "能呢,放心拍", "promise.delivery_time"),
        ("那就是你们仓库拿错了,责任在你们,对吧?", "是的,您理解得没错", "admission.fault"),
        ("你们这就是虚假宣传吧?", "这么讲也没毛病", "admission.legal"),
        ("太好了,是退我109对吧?", "对的亲", "promise.compensation"),
        ("我记得是买一送一,没理解错吧?", "没错的呢", "promise.price"),
        ("凑个整,300我马上付", "好,300", "promise.price"),
        ("跟白衬衫一起穿,会掉色吗?", "不会的哦", "promise.outcome"),
        ("晚班那个小姐姐说,周五前肯定送到我手上,她说的到底准不准", "准的,她说的没错", "promise.delivery_time"),
        ("Is my order going to be here before Friday?", "Yep, no worries!", "promise.delivery_time"),
        ("And who pays for the postage?", "Yes, leave that to us.", "promise.compensation"),
        ("Will it arrive tomorrow?", "Yes, it will.", "promise.delivery_time"),
    ],
)
def test_a_yes_is_a_yes_in_whatever_words_and_to_whatever_was_asked_before_it(
    guardrails: Guardrails, asked: str, reply: str, category: str
) -> None:
    verdict = guardrails.check(reply, _asked(asked))
    assert verdict.verdict == "block"
    assert category in {f.category for f in verdict.findings}


@pytest.mark.parametrize(
    ("asked", "reply"),
    [
        ("洗的时候要反面吗", "嗯嗯,反面洗更护色"),
        ("你们周末有人在吧?", "在的呢"),
        ("围巾先加购物车,会直接扣我钱吗?", "不会的哦"),
        ("同事说要提供照片,她说的对吗", "她说的没错,麻烦拍一张发我。"),
        ("明天能到吗", "嗯,我去查一下物流,下午3点前回您。"),
        ("你们这就是虚假宣传吧?", "这么讲我理解,我先去核页面怎么写的。"),
        ("能开发票对吧?", "对的亲,订单页里申请就行。"),
    ],
)
def test_a_yes_to_what_promises_nothing_and_a_matter_left_open_pass(
    guardrails: Guardrails, asked: str, reply: str
) -> None:
    assert guardrails.check(reply, _asked(asked, authorised=("invoice",))).verdict == "pass"
