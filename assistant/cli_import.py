"""`kefu import`: exported chats into JSON Lines that `kefu draft --batch` reads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistant.chat_exports import read_export
from assistant.terminal import say


def import_chats(
    files: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, help="导出的聊天记录 xlsx/csv/json/jsonl/txt | exports")
    ],
    out: Annotated[Path, typer.Option(help="写到哪个 .jsonl | where to write")],
    shop: Annotated[str, typer.Option(help="店铺名,用来认客服 | the shop's name, by which agents are known")] = "",
) -> None:
    """导入工作台导出的聊天记录,一行一个对话 | exported chats, one conversation a line; bad rows are named, the rest is taken."""
    lines: list[str] = []
    for path in files:
        found = read_export(path, shop)
        lines += [talk.model_dump_json(exclude_none=True) for talk in found.conversations]
        say(f"{path.name}: {len(found.conversations)} 个对话 conversations, {len(found.left_out)} 行未取 rows left out")
        for bad in found.left_out[:20]:
            say(f"  第 {bad.row} 行{bad.zh} | row {bad.row} {bad.en}")
        if len(found.left_out) > 20:
            say(f"  …还有 {len(found.left_out) - 20} 行 | and {len(found.left_out) - 20} more")
    out.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
