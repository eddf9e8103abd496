"""The guardrails as a whole: the rule files' own examples, ordinary replies, verdicts, rewrites, faults."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.authority import Authority
from assistant.conversation import Order
from assistant.guardrails import RULES, CheckContext, Guardrails
from assistant.guardrails.matching import RuleBook
from assistant.guardrails.rulefile import Example, load_rules
from assistant.values import Category
from evals.guard import load_cases
from evals.suite_guard import ORDINARY
from knowledge.errors import DataFileError


@pytest.fixture(scope="module")
def guardrails() -> Guardrails:
    return Guardrails.load()


def _examples(side: str) -> Iterator[object]:
    for file in load_rules():
        for example in file.block if side == "block" else file.passes:
            yield pytest.param(file.category, example, id=f"{file.category}:{example.reply[:16]}")


def _context(example: Example) -> CheckContext:
    return CheckContext(authorities=example.authorities, order=example.order)


def test_every_category_has_a_rule_file_with_its_basis_and_examples() -> None:
    files = load_rules()
    assert {f.category for f in files} == set(get_args(Category))
    for file in files:
        assert file.basis and file.block and file.passes
        for basis in file.basis:
            assert basis.certainty != "unverified" or not basis.source, (
                f"{basis.clause} is unverified, so names no source"
            )


@pytest.mark.parametrize(("category", "example"), list(_examples("block")))
def test_a_rule_files_block_example_is_blocked_in_its_category(
    guardrails: Guardrails, category: str, example: Example
) -> None:
    verdict = guardrails.check(example.reply, _context(example))
    assert verdict.verdict == "block"
    assert category in {f.category for f in verdict.findings if f.severity == "block"}


@pytest.mark.parametrize(("category", "example"), list(_examples("pass")))
def test_a_rule_files_look_alike_passes(guardrails: Guardrails, category: str, example: Example) -> None:
    verdict = guardrails.check(example.reply, _context(example))
    assert verdict.verdict == "pass", [(f.rule, f.text) for f in verdict.findings]


def test_no_ordinary_reply_is_blocked(guardrails: Guardrails) -> None:
    rows = load_cases(ORDINARY)
    assert len(rows) >= 1000
    blocked = {
        r.reply: [f.rule for f in v.findings]
        for r in rows
        if (v := guardrails.check(r.reply, r.context)).verdict != "pass"
    }
    assert blocked == {}


@pytest.mark.parametrize(
    "reply",
    [
        "亲，给您补偿30元，您别生气啦。",
        "您加我微信聊吧，平台上不方便。尺码表在第三张图，您可以看看。",
        "退貨的運費由我們負擔，您把商品放回原包裝就可以。",
        "We will refund you 50 yuan right away. The size chart is on the third picture.",
        "明天一定送到！以后绝对不会再发生这种事！",
    ],
)
def test_a_blocked_reply_comes_with_a_rewrite_that_passes(guardrails: Guardrails, reply: str) -> None:
    verdict = guardrails.check(reply)
    assert verdict.verdict == "block"
    assert verdict.rewrite
    assert guardrails.check(verdict.rewrite).verdict == "pass"


def test_a_verdict_without_its_rewrite_is_the_same_verdict(guardrails: Guardrails) -> None:
    reply = "加我微信,给您便宜。"
    whole = guardrails.check(reply)
    assert whole.rewrite
    assert guardrails.check(reply, mend=False) == whole.model_copy(update={"rewrite": None})


def test_a_rewrite_keeps_the_rest_of_the_reply_and_its_script(guardrails: Guardrails) -> None:
    verdict = guardrails.check("尺碼表在第三張圖，您可以對照看看。退貨的運費由我們負擔。有不清楚的再問我。")
    assert verdict.rewrite is not None
    assert verdict.rewrite.startswith("尺碼表在第三張圖，您可以對照看看。")
    assert verdict.rewrite.endswith("有不清楚的再問我。")
    assert "補償和退換方案" in verdict.rewrite


def test_a_finding_names_the_clause_and_its_words(guardrails: Guardrails) -> None:
    (finding,) = guardrails.check("亲，特价商品不退不换哦").findings
    assert finding.category == "statutory.denial"
    assert "消法第二十五条" in finding.message
    assert "特价商品不退" in finding.text


def test_premature_admission_and_dishonest_denial_both_block(guardrails: Guardrails) -> None:
    assert guardrails.check("这确实是产品本身的故障。").findings[0].category == "admission.defect"
    assert guardrails.check("不可能是质量问题。").findings[0].category == "blame"
    inspected = CheckContext(authorities=(Authority.parse("defect_confirmed_by_inspection"),))
    assert guardrails.check("这确实是产品本身的故障。", inspected).verdict == "pass"


@pytest.mark.parametrize(
    ("reply", "order", "rule"),
    [
        ("您这单实付268元。", {"price_yuan": 236}, "ungrounded.amount"),
        ("您的包裹是顺丰发的。", {"courier": "中通快递"}, "ungrounded.courier"),
        ("系统显示已签收了。", {"tracking_status": "运输中"}, "ungrounded.signed"),
        ("您的订单号是998877665544。", {"order_id": "112233445566"}, "ungrounded.order_number"),
    ],
)
def test_a_statement_that_the_order_contradicts_blocks(
    guardrails: Guardrails, reply: str, order: dict[str, object], rule: str
) -> None:
    verdict = guardrails.check(reply, CheckContext(order=Order.model_validate(order)))
    assert [f.rule for f in verdict.findings if f.severity == "block"] == [rule]
    assert guardrails.check(reply).verdict == "pass"


def test_a_check_that_fails_makes_the_verdict_unknown_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: object) -> list[object]:
        raise ValueError("staged")

    guardrails = Guardrails(RuleBook(load_rules()), checks=[broken])  # type: ignore[list-item]
    with caplog.at_level(logging.ERROR):
        verdict = guardrails.check("您好")
    assert verdict.verdict == "unknown"
    assert verdict.findings == ()
    assert "staged" in caplog.text


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (("- '私下{", "- '私下{"), 0),
        (("category: off_platform", "category: off_plattform"), 1),
    ],
)
def test_a_bad_rule_file_is_refused_with_file_and_line(tmp_path: Path, damage: tuple[str, str], line: int) -> None:
    text = (RULES / "off_platform.yaml").read_text(encoding="utf-8")
    if line:
        text = text.replace(*damage)
    else:
        lines = text.splitlines()
        line = next(i for i, row in enumerate(lines, 1) if row.strip().startswith("- '"))
        lines[line - 1] = "      - '(未闭合'"
        text = "\n".join(lines)
    (tmp_path / "off_platform.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DataFileError) as refused:
        Guardrails.load(tmp_path)
    assert refused.value.line == line
    assert "off_platform.yaml" in refused.value.path


_PIECES = st.sampled_from(
    ["亲", "给您", "补", "50元", "不能", "保证", "明天", "送到", "，", "。", "？", "加", "薇", "❤", " ", "\u200b", "ＶＸ", "退", "運費",
     "we", "will", "refund", "!", "“", "”", "如果", "核实", "您说", "⑧", "折", "，，", "🙏", "质", "liang", "问题", "\n", "{name}", "138"]
)  # fmt: skip


@given(st.lists(_PIECES | st.text(max_size=4), max_size=40).map("".join))
@settings(max_examples=150, deadline=None)
def test_any_reply_gets_a_verdict_whose_spans_cut_its_own_words(reply: str) -> None:
    verdict = _SHARED.check(reply)
    assert verdict.verdict != "unknown"
    for finding in verdict.findings:
        assert reply[finding.span[0] : finding.span[1]] == finding.text
    if verdict.verdict == "block":
        assert verdict.rewrite
        assert _SHARED.check(verdict.rewrite).verdict == "pass"


_SHARED = Guardrails.load()


def test_a_finding_tells_its_reason_in_both_languages(guardrails: Guardrails) -> None:
    for reply in ("给您补50元。", "加我微信。", "身份证号110101199003074514发您了。"):
        finding = guardrails.check(reply).findings[0]
        assert finding.text in finding.message_en
        assert any("\u4e00" <= c <= "\u9fff" for c in finding.message)


@pytest.mark.parametrize(
    ("reply", "ending"),
    [
        ("I promise this will never happen again.", "."),
        ("给您补50元，您看要哪个颜色？", "？"),
        ("您好，给您补50元，", "。"),
        ("这是我们的错！", "！"),
        ("亲，给您补50元可以吗？", "。"),
    ],
)
def test_a_rewrite_ends_as_a_sentence_does(guardrails: Guardrails, reply: str, ending: str) -> None:
    rewrite = guardrails.check(reply).rewrite
    assert rewrite is not None
    assert rewrite.endswith(ending)
    assert not rewrite.endswith(("..", "。。"))


@pytest.mark.parametrize(
    ("reply", "gone"),
    [
        ("不瞒您说，这款通病。", "不瞒您说"),
        ("您要是现在付款，我给您改价到129。", "现在付款"),
        ("We will compensate you ¥100, no need to send anything back.", "send anything back"),
        ("That's a manufacturing defect, no question about it.", "no question"),
        ("上一位买这款的张先生，手机号是15900001234，您可以打电话问他用得怎么样。", "问他"),
    ],
)
def test_what_only_leads_to_the_wrong_words_or_goes_on_with_them_goes_too(
    guardrails: Guardrails, reply: str, gone: str
) -> None:
    rewrite = guardrails.check(reply).rewrite
    assert rewrite is not None
    assert gone not in rewrite
    assert guardrails.check(rewrite).verdict == "pass"
