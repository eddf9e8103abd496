"""A rule written without regular expressions: what it becomes, what it finds, and how a mistake in it is told."""

from __future__ import annotations

import pytest

from assistant.authority import Authority
from assistant.guardrails import CheckContext, Guardrails
from assistant.guardrails.rulefile import load_rules
from assistant.own_rules import RuleError
from assistant.rule_form import RuleForm

SHIPPED = load_rules()
CODEWORD = RuleForm(
    title="直播间暗号",
    category="off_platform",
    forbids="叫顾客报暗号领私下的优惠",
    phrases="报暗号\n加…小群",
    unless="官方直播间",
    reason="私下优惠,店规不允许",
    block="来直播间报暗号领券\n加一下我们的小群有惊喜",
    passes="优惠以页面为准\n在官方直播间报暗号可领平台券",
    instead="优惠都在商品页上",
)


def found(form: RuleForm, reply: str, *authorised: str) -> list[str]:
    context = CheckContext(authorities=tuple(Authority.parse(a) for a in authorised))
    return [f.text for f in Guardrails.of([form.file(SHIPPED)]).check(reply, context).findings]


def changed(**fields: object) -> RuleForm:
    return CODEWORD.model_copy(update=fields)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ("进来报暗号就行", ["报暗号"]),
        ("进来報暗號就行", ["報暗號"]),
        ("加入我们的小群就送", ["加入我们的小群"]),
        ("加好了。这是小群", []),
        ("在官方直播间报暗号", []),
    ],
)
def test_plain_words_find_what_a_manager_means(reply: str, words: list[str]) -> None:
    assert found(CODEWORD, reply) == words


def test_what_it_says_to_the_agent() -> None:
    [finding] = Guardrails.of([CODEWORD.file(SHIPPED)]).check("进来报暗号就行").findings
    assert finding.message == "「报暗号」:私下优惠,店规不允许"
    assert finding.suggestion == "优惠都在商品页上"


def test_signs_in_plain_words_mean_themselves() -> None:
    form = changed(phrases="A+(赠)", unless="", block="送您A+(赠)一件", passes="送您AA赠一件")
    assert found(form, "这款是a+(赠)版") == ["a+(赠)"]


def test_a_question_counts_only_where_it_is_asked_for() -> None:
    form = changed(unless="", passes="优惠以页面为准")
    assert found(form, "您报暗号了吗?") == []
    assert found(form.model_copy(update={"always": True}), "您报暗号了吗?") == ["报暗号"]


def test_with_the_authority_it_may_be_said() -> None:
    form = changed(phrases="送您一个杯垫", unless="", block="送您一个杯垫", authorities=("gift",))
    assert found(form, "送您一个杯垫") == ["送您一个杯垫"]
    assert found(form, "送您一个杯垫", "gift:杯垫") == []


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"title": ""}, "「规则名称」"),
        ({"category": "slang"}, "「类别」"),
        ({"forbids": "不许"}, "「禁止的意思」"),
        ({"phrases": ""}, "「触发说法」还没有写"),
        ({"phrases": "报暗号\n您"}, "「触发说法」第 2 行「您」太短"),
        ({"patterns": "报(暗号"}, "「高级写法」第 1 行「报(暗号」不是能用的正则表达式(缺少右括号)"),
        ({"patterns": "(?=报)"}, "不支持"),
        ({"patterns": "报*"}, "连空白都会匹配"),
        ({"reason": "不"}, "「提示理由」"),
        ({"severity": "deadly"}, "「严重程度」"),
        ({"block": ""}, "「必须拦下的例句」至少写一句"),
        ({"block": "来直播间报暗号\n您好呀"}, "「必须拦下的例句」第 2 行「您好呀」没有被这条规则认出来"),
        ({"passes": "先报暗号"}, "「必须放行的例句」第 1 行「先报暗号」会被这条规则拦下"),
        ({"passes": ""}, "「必须放行的例句」"),
        ({"authorities": ("free_money",)}, "「有授权时可以说」"),
        ({"unless": "的"}, "「不算违规的说法」第 1 行"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_field(fields: dict[str, object], says: str) -> None:
    with pytest.raises(RuleError) as error:
        changed(**fields).file(SHIPPED)
    assert says in error.value.zh and error.value.en


@pytest.mark.parametrize("form", [CODEWORD, changed(patterns="暗号[:;]\\d{3}", always=True, severity="warn")])
def test_a_rule_comes_back_into_the_form_as_it_was_written(form: RuleForm) -> None:
    back = RuleForm.of(form.file(SHIPPED), "直播间暗号.yaml")
    assert back == form.model_copy(update={"name": "直播间暗号.yaml"})
    assert back.stem() == form.stem()


def test_a_rule_written_by_hand_is_not_squeezed_into_the_form() -> None:
    file = next(f for f in SHIPPED if len(f.rules) > 1)
    assert RuleForm.of(file, "x.yaml") is None
