"""`kefu rules`: a shop's own rules: check one, try it on what was drafted and on the labelled replies, add it, switch it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistant.cli_guardrails import checking
from assistant.guardrails import Guardrails
from assistant.own_rules import OwnRules
from assistant.rule_trial import samples, try_out
from assistant.settings import Settings
from assistant.terminal import say

rules_app = typer.Typer(help="店铺自己的合规规则 | the shop's own rules", no_args_is_help=True)
RuleFileArgument = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="规则文件 .yaml | a rule file")]


def _own() -> OwnRules:
    own = OwnRules(Settings.read().home / "rules", Guardrails.load())
    own.load()
    return own


@rules_app.command("list")
def list_rules() -> None:
    """列出店铺自己的规则 | list them."""
    for name, on in _own().names():
        say(f"{'在用 on ' if on else '停用 off'}  {name}")


@rules_app.command("check")
def check_rule(file: RuleFileArgument) -> None:
    """检查规则文件:格式、编号、例句 | is it right in form, and do its examples hold."""
    say(f"可用 | fine: {len(_own().check(file).rules)}")


@rules_app.command("dry-run")
def dry_run(file: RuleFileArgument) -> None:
    """试跑最近 1000 份草稿和评测集 | what it would newly block among drafts and labelled replies."""
    from assistant.records import Records

    settings = Settings.read()
    tried = _own().check(file)
    records = None
    if settings.database_url or (settings.home / "records.db").exists():
        records = Records.open(settings.records_url)
    try:
        trial = try_out(checking(settings), tried, samples(records))
    finally:
        if records:
            records.close()
    for one in trial.found:
        note = {True: "(本该拦 | wanted)", False: "(误拦 | not wanted)" if one.wrong else "", None: ""}[one.wanted]
        say(f"{one.rule}「{one.words}」{note}: {one.text}")
    say(f"试了 | tried on: {trial.drafts} 份草稿 drafts, {trial.labelled} 句评测集 labelled")
    say(
        f"新拦 | newly found: 没有授权时 with nothing authorised {trial.without}, 按当时授权 as authorised {trial.within}"
    )
    say(f"误拦 | wrongly blocked: {len(trial.wrong)}")


@rules_app.command("add")
def add_rule(file: RuleFileArgument) -> None:
    """启用规则文件,开着的工作台马上会用 | put it in force; a desk that runs uses it at once."""
    own = _own()
    say(f"已启用 | in force: {own.add(file).title}")


@rules_app.command("off")
def switch_off(name: str) -> None:
    """停用 | switch it off."""
    _own().switch(name, on=False)


@rules_app.command("on")
def switch_on(name: str) -> None:
    """重新启用 | switch it on again."""
    _own().switch(name, on=True)
