"""What readers note in the text of a converted file, each note on a line of its own between ⟦ and ⟧.

A place (「⟦第 3 页⟧」, 「⟦幻灯片 3⟧」, 「⟦工作表 售后⟧」) holds for what follows. A block (「⟦导航⟧」 … 「⟦导航 完⟧」) is what the file itself
marks as no part of the matter; cleaning leaves it out, with its reason, and a manager can bring it back. Notes live in
the text, so that the stored text alone tells everything when a document is prepared again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

BLOCKS: dict[str, str] = {
    "导航": "menu",
    "页眉页脚": "running_head",
    "网站页脚": "footer",
    "侧栏": "sidebar",
    "分享": "share_prompt",
    "版权": "copyright",
    "隐藏": "hidden",
    "修订删去": "deleted",
    "批注": "comment",
    "脚本": "script",
    "目录": "table_of_contents",
    "封面": "cover",
    "无文字": "no_text",
}
"""Name of a block -> the reason under which it is reported (knowledge/ingest/reasons.py)."""

SHEET = "工作表"
_PLACE = re.compile(r"⟦(第 \d{1,6} 页|幻灯片 \d{1,6}|工作表 [^⟦⟧\n]{1,60})⟧")
_BLOCK = re.compile(rf"⟦({'|'.join(BLOCKS)})⟧(?:\n|$)")


class Place(NamedTuple):
    """From source offset `start` on the text stands at `name`; the note itself is characters [start, end)."""

    start: int
    end: int
    name: str


class Block(NamedTuple):
    """Characters [start, end) between an opening and a closing note."""

    start: int
    end: int
    reason: str
    notes: tuple[tuple[int, int], tuple[int, int]]


def plain(text: str) -> str:
    """Text of a file, in which brackets like those of the notes become ordinary ones."""
    return text.replace("⟦", "〔").replace("⟧", "〕")


def page(number: int) -> str:
    return f"⟦第 {number} 页⟧"


def slide(number: int) -> str:
    return f"⟦幻灯片 {number}⟧"


def sheet(name: str) -> str:
    shown = " ".join(plain(name).split())[:60]
    return f"⟦{SHEET} {shown or '未命名'}⟧"


def block(name: str, lines: Iterable[str]) -> tuple[str, ...]:
    """`lines` set aside under a reason; nothing when they say nothing."""
    assert name in BLOCKS
    filled = [line for line in lines if line.strip()]
    return (f"⟦{name}⟧", *filled, f"⟦{name} 完⟧") if filled else ()


def table(rows: Sequence[Sequence[str]], *, header: bool = True) -> Iterator[str]:
    """Rows as a Markdown table, the first as its header. Line ends and bars within cells are replaced."""
    for i, row in enumerate(rows):
        yield "| " + " | ".join(" ".join(plain(cell).replace("|", "¦").split()) for cell in row) + " |"
        if i == 0 and header:
            yield "|" + " --- |" * len(row)


def without_notes(text: str) -> str:
    """The text without the notes, but with what stands between them."""
    return re.sub(r"⟦[^⟦⟧\n]{1,80}⟧", "", text)


def places(text: str) -> tuple[Place, ...]:
    return tuple(Place(m.start(), m.end(), m[1]) for m in _PLACE.finditer(text))


def blocks(text: str) -> Iterator[Block]:
    """The blocks of `text`; one that is never closed is none. Linear: closings are looked up by position."""
    at = 0
    while opening := _BLOCK.search(text, at):
        closing = text.find(f"⟦{opening[1]} 完⟧", opening.end())
        if closing < 0:
            at = opening.end()
            continue
        end = closing + len(opening[1]) + 4
        notes = ((opening.start(), opening.start() + len(opening[1]) + 2), (closing, end))
        yield Block(opening.end(), closing, BLOCKS[opening[1]], notes)
        at = end
