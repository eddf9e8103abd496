"""What personal data a reply may say back, and what it may not."""

from __future__ import annotations

import pytest

from assistant.conversation import Message
from assistant.guardrails import CheckContext, Guardrails
from assistant.guardrails.disclosure import repeats_what_was_given
from assistant.guardrails.echo import tells_what_was_said


@pytest.fixture(scope="module")
def guardrails() -> Guardrails:
    return Guardrails.load()


def _after(said: str) -> CheckContext:
    return CheckContext(messages=(Message(role="customer", text=said),))


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ("地址改成西湖区文三路478号3幢1201室", "新地址记下了：西湖区文三路478号3幢1201室，我先确认有没有出库。"),
        ("麻烦改到人民路5号2单元301，电话不变", "收到，改到人民路5号2单元301对吗？"),
        ("電話換成13700001111", "您新的電話是13700001111，對嗎？"),
        ("收件人李雷，寄到幸福里小区3栋2单元501", "跟您核对一下：李雷，幸福里小区3栋2单元501，没错吧？"),
    ],
)
def test_what_this_customer_gave_for_this_order_may_be_said_back(guardrails: Guardrails, said: str, reply: str) -> None:
    assert guardrails.check(reply, _after(said)).verdict == "pass"
    assert guardrails.check(reply).verdict == "block"


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ("地址改成人民路5号2单元301", "隔壁李女士住文三路478号3幢1201室，她也买了。"),
        ("电话换成13700001111", "上一位顾客的电话是13812345678。"),
        ("那个张三买了啥", "他买的寄到幸福里小区3栋2单元501了。"),
        ("我身份证11010519491231002X", "您的身份证11010519491231002X我登记了。"),
        ("卡号6222020200112230", "您的银行卡6222020200112230收到。"),
    ],
)
def test_other_peoples_data_and_identity_numbers_are_never_said(guardrails: Guardrails, said: str, reply: str) -> None:
    assert guardrails.check(reply, _after(said)).verdict == "block"


def test_only_a_clause_that_says_back_what_was_given_is_taken_for_that() -> None:
    messages = _after("收件人改成我妈刘桂芳，电话13700001111").messages
    assert repeats_what_was_given("好的，收件人改成刘桂芳", messages)
    assert not repeats_what_was_given("她住3栋", messages)
    assert not repeats_what_was_given("刘桂芳的身份证号发我", messages)
    assert not repeats_what_was_given("刘桂芳和13899990000", messages)
    assert not repeats_what_was_given("刘桂芳", ())


@pytest.mark.parametrize(
    ("reply", "words", "told"),
    [
        ("您说的我记好了:贵公司要60份坚果礼盒、12月20号前要到。", "贵公司要60份坚果礼盒、12月20号前要到", True),
        ("您提到12月20号前要到,我记着。", "12月20号前要到", True),
        ("要60份、12月20号前要到,我记下了。", "要60份、12月20号前要到", True),
        ("12月20号前要到,我去办。", "12月20号前要到", False),
        ("12月20号前要到。", "12月20号前要到", False),
        ("12月20号前要到,没问题。", "12月20号前要到", False),
        ("您说的没错,12月20号前给您送到。", "12月20号前给您送到", False),
        ("您提到要60份。12月20号前要到,放心。", "12月20号前要到", False),
    ],
)
def test_only_what_is_told_as_the_customer_s_words_and_stands_in_them_is_theirs(
    reply: str, words: str, told: bool
) -> None:
    messages = (
        Message(role="customer", text="我们公司要60份坚果礼盒"),
        Message(role="customer", text="12月20号前要到"),
    )
    assert tells_what_was_said(reply, reply.index(words), words, messages) is told
