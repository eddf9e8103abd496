"""Long lists a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from assistant.desk.render.markup import esc, tag
from assistant.desk.render.passages import button
from assistant.desk.text import Words

T = TypeVar("T")
ROWS = 30


def page_of(values: Sequence[T], page: int, rows: int = ROWS) -> tuple[Sequence[T], int]:
    """The values of a page (from 0), and how many pages there are; a page beyond the end is the last one."""
    pages = max(1, -(-len(values) // rows))
    at = min(max(page, 0), pages - 1)
    return values[at * rows : (at + 1) * rows], pages


def pager(page: int, pages: int, w: Words) -> str:
    """Buttons to the page before and after; nothing when there is one page only."""
    if pages < 2:
        return ""
    page = min(page, pages - 1)
    before = button("page", w("knowledge.page_before"), str(page - 1)) if page else ""
    after = button("page", w("knowledge.page_after"), str(page + 1)) if page + 1 < pages else ""
    return tag("nav", before + tag("span", esc(f"{page + 1} / {pages}"), "k-meta") + after, "k-pager")
