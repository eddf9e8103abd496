"""A shop's own rule: checked like the shipped ones, tried out, put in force, switched off."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.cli_guardrails import checking
from assistant.cli_rules import rules_app
from assistant.guardrails import CheckContext, Guardrails
from assistant.own_rules import OwnRules, RuleError
from assistant.rule_trial import Sample, try_out
from assistant.settings import Settings
from knowledge.errors import DataFileError

RULE = """
category: off_platform
title: 直播间暗号
forbids: 叫顾客报暗号领私下优惠
reason_en: '"{text}" asks for a code word that leads outside the platform'
basis: [{clause: 店规第三条, certainty: unverified}]
rewrite: {zh: 优惠以页面为准。, en: Offers are on the page.}
rules:
  - {id: own.codeword, patterns: ['报暗号'], message: '「{text}」是店里禁止的私下优惠'}
block: [来直播间报暗号领券]
pass: [优惠以页面为准]
"""


@pytest.fixture
def own(tmp_path: Path) -> OwnRules:
    return OwnRules(tmp_path / "home" / "rules", Guardrails.load())


def written(tmp_path: Path, text: str = RULE) -> Path:
    path = tmp_path / "codeword.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_it_goes_live_at_once_and_can_be_switched_off(own: OwnRules, tmp_path: Path) -> None:
    guardrails = own._guardrails
    assert guardrails.check("进来报暗号就行").verdict == "pass"
    own.add(written(tmp_path))
    assert guardrails.check("进来报暗号就行").findings[0].rule == "own.codeword"
    assert guardrails.check("进来报暗号就行").rewrite
    own.switch("codeword.yaml", on=False)
    assert guardrails.check("进来报暗号就行").verdict == "pass"
    assert own.names() == (("codeword.yaml", False),)
    own.switch("codeword.yaml", on=True)
    assert guardrails.check("进来报暗号就行").verdict == "block"


def test_a_dry_run_shows_what_would_newly_be_blocked(own: OwnRules, tmp_path: Path) -> None:
    said = [Sample("进来报暗号就行", CheckContext(), "labelled", wanted=False), Sample("您好", CheckContext(), "draft")]
    [found] = try_out(own._guardrails, own.check(written(tmp_path)), said).found
    assert (found.words, found.wrong) == ("报暗号", True)
    assert own.names() == ()


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (RULE.replace("'报暗号'", "'(报暗号'"), DataFileError, "codeword.yaml"),
        (RULE.replace("own.codeword", "deliver.by"), RuleError, "deliver.by"),
        (RULE.replace("pass: [优惠以页面为准]", "pass: [先报暗号]"), RuleError, "先报暗号"),
        (RULE.replace("block: [来直播间", "block: [您好, 来直播间"), RuleError, "您好"),
    ],
)
def test_a_wrong_file_is_refused_and_nothing_changes(
    own: OwnRules, tmp_path: Path, wrong: str, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        own.add(written(tmp_path, wrong))
    assert own.names() == ()


def test_commands_check_with_the_shops_own_rules(home_with_model: Path, tmp_path: Path) -> None:
    run = CliRunner()
    tried = run.invoke(rules_app, ["dry-run", str(written(tmp_path))])
    assert tried.exit_code == 0 and "newly found" in tried.stdout, tried.output
    assert run.invoke(rules_app, ["add", str(written(tmp_path))]).exit_code == 0
    assert "在用" in run.invoke(rules_app, ["list"]).stdout
    assert [rule.id for file in checking(Settings.read()).adopted for rule in file.rules] == ["own.codeword"]
    assert run.invoke(rules_app, ["off", "codeword.yaml"]).exit_code == 0
    assert checking(Settings.read()).adopted == ()
