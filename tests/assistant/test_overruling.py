"""A warning may be set aside by any agent, a block by the supervisor only; each with a reason, kept and audited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from pydantic import SecretStr

from assistant.conversation import Conversation
from assistant.desk.events import Held
from assistant.desk.form import Form
from assistant.desk.overrule_panel import Aside, asides_for
from assistant.desk.render import overrules as render
from assistant.desk.text import ZH
from assistant.guardrails import CheckContext
from assistant.guardrails.inbound import mask
from assistant.overruling import Ask, OverruleError, Overruling, SetAside
from assistant.records import Records, overrules
from assistant.values import Finding, Verdict
from evals.guard import GuardRow
from tests.assistant.sent import guardrails

REPLY = "保证明天到,打我电话13800138000"
WARN = Finding(category="superlative", severity="warn", span=(0, 2), text="保证", message="话说满了", rule="vow.soft")
BLOCK = Finding(
    category="promise.delivery_time",
    severity="block",
    span=(2, 5),
    text="明天到",
    message="没有授权",
    rule="deliver.by",
)
TALK = Conversation.read(
    {"messages": [{"role": "customer", "text": "我叫王小明,啥时候到"}], "order": {"order_id": "415288990012"}}
)
CONTEXT = CheckContext(messages=TALK.messages, order=TALK.order)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    records = Records.open(f"sqlite:///{tmp_path / 'records.db'}", mask=lambda text: mask(text).text)
    yield records
    records.close()


def over(records: Records, *findings: Finding, passphrase: str = "", verdict: str = "") -> Overruling:
    said = verdict or ("block" if any(f.severity == "block" for f in findings) else "pass")

    def check(_reply: str, _context: CheckContext, aside: Sequence[SetAside]) -> Verdict:
        left = [f for f in findings if SetAside(f.rule, f.text) not in aside]
        stands = "pass" if said == "block" and not any(f.severity == "block" for f in left) else said
        return Verdict.model_validate({"verdict": stands, "findings": left})

    return Overruling(check, records, SecretStr(passphrase))


def ask(finding: Finding, reason: str = "物流已确认在派送", passphrase: str = "") -> Ask:
    return Ask(finding.rule, finding.text, reason, "小乔", passphrase)


def test_an_agent_sets_a_warning_aside(records: Records) -> None:
    assert over(records, WARN).overrule(REPLY, CONTEXT, ask(WARN)).findings == ()
    assert [a.action for a in records.recent_audit()] == ["overrule"]


@pytest.mark.parametrize(
    ("configured", "given", "code"),
    [("", "", "overrule.no_supervisor"), ("", "x", "overrule.no_supervisor"), ("芝麻", "", "overrule.refused"),
     ("芝麻", "芝麻开门", "overrule.refused")],
)  # fmt: skip
def test_a_block_stands_without_the_supervisor(records: Records, configured: str, given: str, code: str) -> None:
    with pytest.raises(OverruleError) as error:
        over(records, BLOCK, passphrase=configured).overrule(REPLY, CONTEXT, ask(BLOCK, passphrase=given))
    assert error.value.code == code
    assert overrules.newest(records) == ()
    assert [a.action for a in records.recent_audit()] == (["overrule.refused"] if configured else [])


def test_the_supervisor_sets_a_block_aside_and_the_rest_stays(records: Records) -> None:
    verdict = over(records, WARN, BLOCK, passphrase="芝麻").overrule(REPLY, CONTEXT, ask(BLOCK, passphrase="芝麻"))
    assert verdict.verdict == "pass"
    assert verdict.findings == (WARN,)
    [kept] = overrules.newest(records)
    assert (kept.role, kept.who, kept.finding.rule) == ("supervisor", "小乔", "deliver.by")


@pytest.mark.parametrize(
    ("finding", "reason", "verdict", "code"),
    [(WARN, "  好 ", "pass", "overrule.no_reason"), (BLOCK, "物流已确认", "pass", "overrule.no_finding"),
     (WARN, "物流已确认", "unknown", "overrule.unknown")],
)  # fmt: skip
def test_what_has_no_ground_is_refused(
    records: Records, finding: Finding, reason: str, verdict: str, code: str
) -> None:
    with pytest.raises(OverruleError) as error:
        over(records, WARN, verdict=verdict).overrule(REPLY, CONTEXT, ask(finding, reason))
    assert error.value.code == code
    assert overrules.newest(records) == ()


def test_an_overrule_is_a_labelled_candidate_without_personal_data(records: Records) -> None:
    over(records, WARN).overrule(REPLY, CONTEXT, ask(WARN))
    [kept] = overrules.newest(records)
    row = GuardRow.model_validate(kept.as_row())
    assert (row.expect, row.category) == ("pass", "superlative")
    assert "物流已确认" in row.why
    for secret in ("13800138000", "王小明", "415288990012"):
        assert secret not in str(kept.model_dump())
    assert "物流已确认" in render.listed(records, ZH)


def test_two_blocks_need_two_overrules() -> None:
    rules, reply = guardrails(), "这单保证明天一定送到。再给您补50元。"
    first, second, *_ = (SetAside(f.rule, f.text) for f in rules.check(reply).findings if f.severity == "block")
    assert rules.check(reply, CheckContext(), [first]).verdict == "block"
    both = [SetAside(f.rule, f.text) for f in rules.check(reply).findings]
    assert second in both and rules.check(reply, CheckContext(), both).verdict == "pass"
    assert rules.check(reply, CheckContext(), [SetAside(first.rule, "后天到")]) == rules.check(reply)


def test_the_rewrite_leaves_what_was_set_aside_as_it_is() -> None:
    rules, reply = guardrails(), "这单保证明天一定送到。再给您补50元,算我们的心意。"
    promised = [f for f in rules.check(reply).findings if "50" in f.text]
    assert promised and "补50元" not in (rules.check(reply).rewrite or "")
    after = rules.check(reply, CheckContext(), [SetAside(f.rule, f.text) for f in promised])
    assert after.verdict == "block" and after.rewrite is not None
    assert "补50元" in after.rewrite and "明天一定送到" not in after.rewrite


def test_words_set_aside_do_not_go_with_the_clause_that_they_hang_on() -> None:
    rules, reply = guardrails(), "明天一定送到,再给您补50元。"
    promised = [SetAside(f.rule, f.text) for f in rules.check(reply).findings if "50" in f.text]
    assert "补50元" in (rules.check(reply, CheckContext(), promised).rewrite or "")


def test_what_was_set_aside_for_one_customer_does_not_hold_for_the_next() -> None:
    first, second = Form(chat_log="顾客:啥时候到"), Form(chat_log="顾客:我的呢")
    aside = Held(Aside(first.fingerprint(), (SetAside("deliver.by", "明天到"),)))
    assert asides_for(aside, first) == aside.value.findings
    assert asides_for(aside, second) == asides_for(None, first) == ()
