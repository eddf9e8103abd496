"""`kefu enrich`: a chat model imagines what customers say where manuals serve no situation; a manager decides at the desk."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from assistant.terminal import errors, progress_bars, say


def enrich(
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="最多问几段 | passages to ask about")] = 200,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只说要花多少 | only say the cost")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON | print JSON")] = False,
) -> None:
    """请大模型为没有情境的段落想象顾客的问题,建议交知识台批准 | suggest situations, for a manager to approve.

    Exit status 1 when the model failed before the end; run it again to go on.
    """
    from assistant.chat_knowledge import enriching_characters, imagining
    from assistant.cli import open_kefu

    with open_kefu() as kefu:
        imagine = imagining(kefu.settings)
        todo = kefu.knowledge.enrichment.todo()
        asked = todo[:limit]
        sent = sum(min(len(p.text), 2000) + enriching_characters() for p in asked)
        errors.print(
            f"没有情境的段落 {len(todo)} 段,这次问 {len(asked)} 段:{len(asked)} 次调用,发送约 {sent} 字(中文一字约一个词元)"
            f" | {len(asked)} calls, about {sent} characters sent (about a token each)",
            markup=False,
        )
        if dry_run or not asked:
            done = None
        else:
            with progress_bars() as report:
                done = kefu.knowledge.enrichment.run(imagine, kefu.settings.chat_model, limit, report)
        waiting = len(kefu.knowledge.enrichment.waiting())
    if as_json:
        cost = {"passages": len(todo), "calls": len(asked), "characters": sent}
        result = done.model_dump(mode="json") if done else None
        say(json.dumps({"estimate": cost, "result": result, "waiting": waiting}, ensure_ascii=False, indent=2))
    elif done:
        received = done.characters
        say(
            f"调用 {done.calls} 次,段落与回答共 {received} 字;建议 {done.suggested} 条,看不出情境 {done.nothing} 段,"
            f"回答用不了 {done.unusable} 段,还剩 {done.left} 段。知识台「覆盖」里有 {waiting} 条等您批准"
            f" | {done.calls} calls; {done.suggested} suggestions, {waiting} wait at the knowledge desk"
        )
    if done and done.stopped:
        errors.print(f"{done.stopped['message']};再运行一次会接着做 | run it again to go on", markup=False)
        raise typer.Exit(1)
