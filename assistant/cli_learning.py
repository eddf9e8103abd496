"""`kefu learning`: a week of drafts as agents sent them. `kefu wordings`: what drafts say of the shop's own."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli_guardrails import checking
from assistant.own_wordings import OwnWordings
from assistant.settings import Settings
from assistant.terminal import say
from knowledge.phrasebook import MoveKind, Phrasebook

if TYPE_CHECKING:
    from assistant.learning.learning import Learning
    from assistant.learning.shares import Share
    from assistant.learning.view import WeekView
    from assistant.values import Verdict

wordings_app = typer.Typer(help="店铺自己的话术 | the shop's own wordings", no_args_is_help=True)
_STANDS_OUT = {"more": "明显更多 clearly more", "like": "看不出差别 no clear difference", "few": "太少 too few to tell"}


@contextmanager
def _learning(situations: frozenset[str] = frozenset()) -> Iterator[Learning]:
    """Over the records of KEFU_HOME, beside a desk that may be running; `situations` are those that wordings may be for."""
    from assistant.guardrails import CheckContext
    from assistant.guardrails.inbound import mask
    from assistant.learning.learning import Learning
    from assistant.records import Records

    settings = Settings.read()
    settings.home.mkdir(parents=True, exist_ok=True)

    def check(reply: str, context: CheckContext) -> Verdict:
        return checking(settings).check(reply, context)

    records = Records.open(settings.records_url, mask=lambda text: mask(text).text)
    try:
        own = OwnWordings(settings.home / "phrasebook", lambda _: None)
        own.load()
        yield Learning(records, own, check, situations, records.audit)
    finally:
        records.close()


def learning(
    week: Annotated[str, typer.Option(help="2026-W47 或这周里的任意一天;不写就看上一整周 | or any day of it")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON | print JSON")] = False,
) -> None:
    """一周的改稿:哪些情境改得多、客服反复加什么、改了哪一类 | what agents changed in drafts, week by week."""
    from assistant.learning.weeks import Week
    from evals.candidates import kept_drafts

    with _learning() as found:
        chosen = Week.parse(week) if week else found.this_week()
        view = found.week(chosen, kept_drafts(Settings.read().home))
    if as_json:
        say(json.dumps(view.model_dump(mode="json"), ensure_ascii=False, indent=2))
    else:
        _show(view)


def _show(view: WeekView) -> None:
    now = view.numbers
    say(f"{view.week}  发出 sent {now.sent}  评价 rated +{now.good} -{now.bad}")
    for name, count in (*now.extents.items(), *now.kinds.items()):
        say(f"  {name}: {count}")
    say("改得最多的情境 | situations changed most")
    for row in view.situations:
        say(f"  {row.situation or '-'}: {_share(row.changed)}  {_STANDS_OUT[row.stands_out]}")
    say("反复加的话 | phrases added again and again")
    for phrase in view.phrases:
        say(f"  {phrase.times}× 「{phrase.text}」 {'、'.join(s for s, _ in phrase.situations)}")
    say(f"值得留作评测 | worth keeping for the suites: {len(view.conversations)}")


def _share(value: Share) -> str:
    return f"{value.count}/{value.of} ({value.low:.0%}-{value.high:.0%})"


@wordings_app.command("list")
def list_wordings() -> None:
    """列出已采用的话术 | list them."""
    with _learning() as found:
        for one in found.wordings():
            say(f"{one.id}  {one.situation}  {one.move}  「{one.zh}」  {one.by} {one.at:%Y-%m-%d}  {one.source}")


@wordings_app.command("adopt")
def adopt_wording(
    text: Annotated[str, typer.Argument(help="草稿里要说的话 | what drafts are to say")],
    situation: Annotated[str, typer.Option(help="情境编号 | the situation's id")],
    move: Annotated[MoveKind, typer.Option(help="用来做什么 | the move that it makes")],
) -> None:
    """采用一句话,先过护栏 | adopt a phrase, once the guardrails pass it."""
    from assistant.learning.adopting import Adoption

    with _learning(frozenset(Phrasebook.load().by_situation)) as found:
        adopted = found.adopt(Adoption(text=text, situation=situation, move=move), getpass.getuser())
    say(f"已采用 | adopted: {adopted.id}")


@wordings_app.command("remove")
def remove_wording(wording_id: str) -> None:
    """移除一句,开着的工作台马上不再说 | stop saying it; a desk that runs follows at once."""
    with _learning() as found:
        found.remove(wording_id, getpass.getuser())
    say(f"已移除 | removed: {wording_id}")
