"""A rule goes live only after a dry run of exactly that rule; a desk that runs sees what a command adds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.authority import Authority
from assistant.conversation import Conversation
from assistant.guardrails import CheckContext, Guardrails
from assistant.own_rules import OwnRules, RuleError
from assistant.records import Records
from assistant.rule_making import RuleMaking
from assistant.rule_trial import Sample, try_out
from tests.assistant.test_desk import a_draft
from tests.assistant.test_rule_form import CODEWORD, SHIPPED, changed

GIFT = changed(
    title="杯垫",
    phrases="送您一个杯垫",
    unless="",
    block="送您一个杯垫",
    passes="杯垫在页面上可以单买",
    authorities=("gift",),
)


class Desk:
    """The rules of one home as a desk holds them, with its audit."""

    def __init__(self, home: Path) -> None:
        self.audit: list[tuple[str, str]] = []
        self.guardrails = Guardrails.of(())
        self.own = OwnRules(home / "rules", self.guardrails)
        self.own.load()
        self.records = Records.open(f"sqlite:///{home / 'records.db'}")
        self.making = RuleMaking(self.own, self.guardrails, self.records, self.note)

    def note(self, who: str, action: str, **_: Any) -> None:
        self.audit.append((who, action))

    def blocks(self, reply: str) -> bool:
        self.own.follow()
        return self.guardrails.check(reply).verdict == "block"


@pytest.fixture
def desk(kefu_home: Path) -> Iterator[Desk]:
    kefu_home.mkdir()
    desk = Desk(kefu_home)
    yield desk
    desk.records.close()


def test_tried_then_live_then_off_with_who_did_it(desk: Desk) -> None:
    desk.making.dry_run(CODEWORD, "小顾")
    live = desk.making.go_live(CODEWORD, "小顾")
    assert desk.blocks("进来报暗号就行")
    desk.making.switch(live.name, "老宋", on=False)
    assert not desk.blocks("进来报暗号就行")
    desk.making.switch(live.name, "老宋", on=True)
    assert desk.blocks("进来报暗号就行")
    assert desk.audit == [("小顾", "rule.tried"), ("小顾", "rule.live"), ("老宋", "rule.off"), ("老宋", "rule.on")]
    text = next((desk.own._folder).glob("*.yaml")).read_text(encoding="utf-8")
    assert text.startswith("# 直播间暗号:小顾 20")


@pytest.mark.parametrize("changes", [None, {"phrases": "报暗号\n加…小群\n暗语"}, {"reason": "店规第三条不允许"}])
def test_no_rule_goes_live_without_its_own_dry_run(desk: Desk, changes: dict[str, object] | None) -> None:
    if changes is not None:
        desk.making.dry_run(CODEWORD, "小顾")
    with pytest.raises(RuleError, match="no dry run"):
        desk.making.go_live(changed(**(changes or {})), "小顾")
    assert desk.making.rules() == ()


def test_a_new_rule_does_not_take_anothers_place(desk: Desk) -> None:
    desk.making.dry_run(CODEWORD, "小顾")
    name = desk.making.go_live(CODEWORD, "小顾").name
    with pytest.raises(RuleError, match="there is a rule"):
        desk.making.dry_run(CODEWORD, "小顾")
    form = desk.making.form(name).model_copy(update={"phrases": "报暗号\n加…小群\n对口令"})
    desk.making.dry_run(form, "小顾")
    desk.making.go_live(form, "小顾")
    assert desk.blocks("先对口令") and len(desk.making.rules()) == 1


def test_another_process_adds_changes_and_spoils_a_file(desk: Desk, kefu_home: Path) -> None:
    """By the file's time: no restart. A spoiled file leaves the rules as they were, and the list says what is wrong."""
    command = OwnRules(kefu_home / "rules", Guardrails.of(()))
    command.put(CODEWORD.file(SHIPPED), "暗号")
    assert desk.blocks("进来报暗号就行")
    command.switch("暗号.yaml", on=False)
    assert not desk.blocks("进来报暗号就行")
    command.switch("暗号.yaml", on=True)
    assert desk.blocks("进来报暗号就行")
    (kefu_home / "rules" / "坏.yaml").write_text("category: slang\n", encoding="utf-8")
    assert desk.blocks("进来报暗号就行")
    spoiled = next(own for own in desk.making.rules() if own.name == "坏.yaml")
    assert spoiled.problem and "第 1 行" in spoiled.problem[0]
    with pytest.raises(RuleError):
        desk.making.form("坏.yaml")


def test_a_dry_run_counts_without_and_with_what_was_authorised() -> None:
    given = CheckContext(authorities=(Authority.parse("gift:杯垫"),))
    replies = [
        Sample("这单送您一个杯垫哦", given, "draft"),
        Sample("送您一个杯垫", CheckContext(), "draft"),
        Sample("送您一个杯垫", CheckContext(), "labelled", wanted=False),
        Sample("送您一个杯垫", given, "labelled", wanted=False),
        Sample("送您一个杯垫", CheckContext(), "labelled", wanted=True),
        Sample("您好", CheckContext(), "labelled", wanted=False),
    ]
    trial = try_out(Guardrails.of(()), GIFT.file(SHIPPED), replies)
    assert (trial.drafts, trial.labelled, trial.without, trial.within) == (2, 4, 5, 3)
    assert len(trial.wrong) == 1 and trial.found[0].wrong
    for one in trial.found:
        assert one.text[slice(*one.span)] == one.words == "送您一个杯垫"


def test_what_is_blocked_today_is_not_new() -> None:
    today = Guardrails.of([CODEWORD.file(SHIPPED)])
    reply = Sample("进来报暗号就行", CheckContext(), "draft")
    again = changed(title="又一条").file(SHIPPED)
    assert try_out(today, again, [reply]).found == ()
    warns = changed(title="提醒", severity="warn").file(SHIPPED)
    assert [f.severity for f in try_out(Guardrails.of(()), warns, [reply]).found] == ["warn"]


def test_the_newest_drafts_are_tried_with_their_own_authorities(desk: Desk) -> None:
    talk = Conversation.read(
        {"messages": [{"role": "customer", "text": "有赠品吗"}], "policy": {"authorised": ["gift:杯垫"]}}
    )
    desk.records.keep_draft(a_draft(reply="这单送您一个杯垫哦", bubbles=("这单送您一个杯垫哦",)), talk)
    trial = desk.making.dry_run(GIFT, "小顾")
    assert trial.drafts == 1 and trial.labelled > 500
    assert [(f.bare, f.allowed) for f in trial.found if f.origin == "draft"] == [(True, False)]
