"""`kefu rules`: a shop's own rules: check one, try it on what was drafted and on the labelled replies, add it, switch it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from assistant.guardrails import CheckContext, Guardrails
from assistant.own_rules import OwnRules
from assistant.settings import Settings
from assistant.terminal import say

rules_app = typer.Typer(help="店铺自己的合规规则 | the shop's own rules", no_args_is_help=True)
RuleFileArgument = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="规则文件 .yaml | a rule file")]
DRAFTS = 1000
"""How many of the newest drafts a dry run reads."""


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
    found = _own().dry_run(file, _texts(Settings.read()))
    for one in found:
        note = {True: "(本该拦 | wanted)", False: "(误拦 | not wanted)", None: ""}[one.expected]
        say(f"{one.rule}「{one.words}」{note}: {one.text}")
    say(f"新拦 | newly blocked: {len(found)}")


@rules_app.command("add")
def add_rule(file: RuleFileArgument) -> None:
    """启用规则文件,下次启动的工作台也会用 | put it in force."""
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


def _texts(settings: Settings) -> Iterator[tuple[str, CheckContext, bool | None]]:
    """The newest drafts, then the labelled replies with what is wanted of each."""
    from assistant.records import Records
    from evals.guard import GuardRow
    from knowledge.datafile import load_rows

    if settings.database_url or (settings.home / "records.db").exists():
        records = Records.open(settings.records_url)
        try:
            for draft in records.recent_drafts(DRAFTS):
                yield draft.reply, CheckContext(), None
        finally:
            records.close()
    suite = Path(__file__).parents[1] / "evals" / "suites" / "guard.jsonl"
    for row in load_rows(suite, GuardRow):
        yield row.reply, row.context, row.expect == "block"
