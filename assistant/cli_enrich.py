"""`kefu enrich`, and the same offered by `kefu ingest`: a chat model imagines what customers say when a passage is needed."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.terminal import errors, progress_bars, say

if TYPE_CHECKING:
    from assistant.application import Kefu
    from knowledge.enrichment import Enriched


def enrich(
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="最多问几段 | passages to ask about")] = 200,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只说要花多少 | only say the cost")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON | print JSON")] = False,
) -> None:
    """请大模型设想顾客的问法,搜索时就用;看得出情境的交知识台批准 | imagine what customers ask, for search to use.

    Exit status 1 when the model failed before the end; run it again to go on.
    """
    from assistant.chat_knowledge import cost_of, imagining
    from assistant.cli import open_kefu

    with open_kefu() as kefu:
        imagine = imagining(kefu.settings)
        todo = kefu.knowledge.enrichment.todo()
        cost = cost_of(todo[:limit])
        tell_cost(len(todo), cost.calls, cost.characters)
        done: Enriched | None = None
        if cost.calls and not dry_run:
            with progress_bars() as report:
                done = kefu.knowledge.enrichment.run(imagine, kefu.settings.chat_model, limit, report)
        waiting = len(kefu.knowledge.enrichment.waiting())
    if as_json:
        estimate = {"passages": len(todo), "calls": cost.calls, "characters": cost.characters}
        result = done.model_dump(mode="json") if done else None
        say(json.dumps({"estimate": estimate, "result": result, "waiting": waiting}, ensure_ascii=False, indent=2))
    elif done:
        say(came_to(done, waiting))
    if done and done.stopped:
        _stopped(done.stopped)
        raise typer.Exit(1)


def offer(kefu: Kefu, documents: Collection[str], wanted: bool | None) -> Enriched | None:
    """What `kefu ingest` offers for the documents that it brought in, where a chat model is configured: the cost, then a yes.
    `wanted` is what the command line said; None asks the person, where one is there. A failure costs the ingest nothing.
    """
    if not (kefu.settings.chat_configured and documents) or wanted is False:
        return None
    from assistant.chat_knowledge import cost_of, imagining

    todo = kefu.knowledge.enrichment.todo(documents)
    cost = cost_of(todo)
    if not cost.calls:
        return None
    tell_cost(len(todo), cost.calls, cost.characters)
    if wanted is None:
        if not sys.stdin.isatty():
            errors.print("需要时请运行 kefu enrich | run kefu enrich to do so", markup=False)
            return None
        if not typer.confirm("现在请大模型设想吗? | Do it now?", default=False, err=True):
            return None
    with progress_bars() as report:
        done = kefu.knowledge.enrichment.run(
            imagining(kefu.settings), kefu.settings.chat_model, len(todo), report, documents
        )
    errors.print(came_to(done, len(kefu.knowledge.enrichment.waiting())), markup=False)
    if done.stopped:
        _stopped(done.stopped)
    return done


def tell_cost(passages: int, calls: int, characters: int) -> None:
    """Before any of it is spent."""
    errors.print(
        f"可设想问法的段落 {passages} 段,这次问 {calls} 段:{calls} 次调用,发送约 {characters} 字(中文一字约一个词元)"
        f" | {calls} calls to the chat model, about {characters} characters sent (about a token each)",
        markup=False,
    )


def came_to(done: Enriched, waiting: int) -> str:
    """In a line."""
    return (
        f"调用 {done.calls} 次,段落与回答共 {done.characters} 字;{done.suggested + done.nothing} 段有了设想的问法,搜索已经用上,"
        f"回答用不了 {done.unusable} 段,还剩 {done.left} 段。其中 {done.suggested} 段看得出情境,知识台「情境与覆盖」里共有 {waiting} 条等您批准"
        f" | {done.calls} calls; {done.suggested + done.nothing} passages with questions, which search uses now;"
        f" {waiting} situations wait for you at the knowledge desk"
    )


def _stopped(error: dict[str, str]) -> None:
    errors.print(f"{error['message']};再运行 kefu enrich 会接着做 | run kefu enrich to go on", markup=False)
