"""Finds stretches of lines that a file says twice: slides exported again and again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from knowledge.fold import letters

LINES = 3
LETTERS = 40
CANDIDATES = 40  # earlier places of one line that are tried; a line that is everywhere opens no stretch


class Repeat(NamedTuple):
    """The line at source characters [start, end) repeats the one that starts at `origin`."""

    start: int
    end: int
    origin: int


def repeated_lines(text: str) -> tuple[Repeat, ...]:
    """Lines of every later copy of a stretch of LINES or more lines that together have LETTERS or more letters."""
    lines = [(m.start(), m.end()) for m in re.finditer(r"[^\n]+", text) if not m[0].isspace()]
    forms = [letters(text[start:end]) for start, end in lines]
    places: dict[str, list[int]] = {}
    out: list[Repeat] = []
    i = 0
    while i < len(lines):
        earlier = places.get(forms[i], [])[:CANDIDATES]
        length, origin = max(((_common(forms, j, i), j) for j in earlier), default=(0, 0))
        if length >= LINES and sum(len(form) for form in forms[i : i + length]) >= LETTERS:
            out.extend(Repeat(*lines[i + k], lines[origin + k][0]) for k in range(length))
        else:
            length = 1
            if forms[i]:
                places.setdefault(forms[i], []).append(i)
        i += length
    return tuple(out)


def _common(forms: Sequence[str], earlier: int, later: int) -> int:
    """How many lines from `later` on are the same as those from `earlier` on, without running into `later`."""
    length = 0
    while later + length < len(forms) and earlier + length < later and forms[earlier + length] == forms[later + length]:
        length += 1
    return length
