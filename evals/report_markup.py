"""Safe pieces of the report's HTML: what a customer or a reply says is shown, and does nothing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from html import escape

_HIDDEN = dict.fromkeys(
    [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
"""Control and direction-override characters: they can make a text look like another one."""
_TOKEN = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
_ISLAND = 1
"""Equal characters between two changes that are shown as changed, too: a lone shared character reads as noise."""


def esc(text: object) -> str:
    """`text` as HTML that shows it and does nothing else; also safe inside a quoted attribute."""
    return escape(str(text).translate(_HIDDEN), quote=True)


def cells(values: Iterable[object], kind: str = "td") -> str:
    """A table row of escaped values."""
    return "<tr>" + "".join(f"<{kind}>{esc(value)}</{kind}>" for value in values) + "</tr>"


def table(head: Sequence[object], rows: Iterable[Sequence[object]], css: str = "") -> str:
    """A table of escaped values; "" without rows."""
    body = "".join(cells(row) for row in rows)
    return f"<table class='{esc(css)}'><thead>{cells(head, 'th')}</thead><tbody>{body}</tbody></table>" if body else ""


def folded(title: str, content: str, css: str = "", opened: bool = False) -> str:
    """`content`, HTML already, behind a click; "" where there is none."""
    if not content:
        return ""
    state = " open" if opened else ""
    return f"<details class='{esc(css)}'{state}><summary>{esc(title)}</summary>{content}</details>"


def differences(before: str, now: str) -> tuple[str, str]:
    """Two texts as HTML: what only the first has is in <del>, what only the second has in <ins>.

    Compared by words, numbers and single Chinese characters.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(now)
    left, right = _Side("del"), _Side("ins")
    codes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for at, (kind, i, j, k, n) in enumerate(codes):
        island = kind == "equal" and j - i <= _ISLAND and 0 < at < len(codes) - 1
        changed = kind != "equal" or island
        left.add("".join(old[i:j]), changed)
        right.add("".join(new[k:n]), changed)
    return left.html(), right.html()


class _Side:
    """One of two texts, growing piece by piece; neighbours of a kind become one."""

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._pieces: list[tuple[str, bool]] = []

    def add(self, text: str, changed: bool) -> None:
        if not text:
            return
        if self._pieces and self._pieces[-1][1] == changed:
            text = self._pieces.pop()[0] + text
        self._pieces.append((text, changed))

    def html(self) -> str:
        return "".join(f"<{self._mark}>{esc(t)}</{self._mark}>" if changed else esc(t) for t, changed in self._pieces)
