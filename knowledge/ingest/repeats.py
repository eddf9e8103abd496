"""Finds stretches of lines that a file says twice: slides exported again and again, and the labels of their diagrams,
which come out as scraps, joined and broken anew each time.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from knowledge.fold import letters

LINES = 2  # a heading and what stands under it
SCRAPS = 4  # bare scraps of at most SCRAP letters that repeat an earlier run of letters of at least RUN
SCRAP = 24
RUN = 14
LETTERS = 40
CANDIDATES = 40  # earlier places of one line that are tried; a line that is everywhere opens no stretch


LONGEST_RUN = 30
BEGINNING = 3  # letters by which earlier lines are looked up; shorter lines by what they have
STARTS = 8  # earlier lines with one beginning that are tried
_NO_SCRAP = re.compile(r"[,。!?;:,!?;:|]|^\s*(?:[-*•●◆❖#>]|[\d一二三四五六七八九十①-⑳((]+[、..))])")


class Repeat(NamedTuple):
    """The line at source characters [start, end) repeats the one that starts at `origin`."""

    start: int
    end: int
    origin: int


def repeated_lines(text: str) -> tuple[Repeat, ...]:
    """Lines of every later copy of a stretch of LINES or more lines that together have LETTERS or more letters; and runs of
    scraps whose letters stand earlier in one run.
    """
    lines = [(m.start(), m.end()) for m in re.finditer(r"[^\n]+", text) if not m[0].isspace()]
    forms = [letters(text[start:end]) for start, end in lines]
    scraps = [
        0 < len(form) <= SCRAP and not _NO_SCRAP.search(text[a:b]) for (a, b), form in zip(lines, forms, strict=True)
    ]
    places: dict[str, list[int]] = {}
    said = _Said()
    out: list[Repeat] = []
    i = 0
    while i < len(lines):
        earlier = places.get(forms[i], [])[:CANDIDATES]
        length, origin = max(((_common(forms, j, i), j) for j in earlier), default=(0, 0))
        if length >= LINES and sum(len(form) for form in forms[i : i + length]) >= LETTERS:
            out.extend(Repeat(*lines[i + k], lines[origin + k][0]) for k in range(length))
            i += length
            continue
        run = i
        while run < len(lines) and scraps[run] and run - i < LONGEST_RUN:
            run += 1
        length, origin, then = said.again(forms[i:run]) if run - i >= SCRAPS else (0, 0, 0)
        if length >= SCRAPS:
            out.extend(Repeat(*lines[i + k], lines[origin][0]) for k in range(length))
            i += length
            for k in range(_common(forms, then, i)):  # the earlier copy goes on, and so does this one
                out.append(Repeat(*lines[i], lines[then + k][0]))
                i += 1
            continue
        if forms[i]:
            places.setdefault(forms[i], []).append(i)
            said.add(i, forms[i])
        i += 1
    return tuple(out)


class _Said:
    """The lines of a text so far that repeat nothing, found again by what their letters begin with."""

    def __init__(self) -> None:
        self._forms: list[str] = []
        self._lines: list[int] = []
        self._at: dict[str, list[int]] = {}

    def add(self, line: int, form: str) -> None:
        places = self._at.setdefault(form[:BEGINNING], [])
        if len(places) < STARTS:
            places.append(len(self._lines))
        self._lines.append(line)
        self._forms.append(form)

    def again(self, forms: Sequence[str]) -> tuple[int, int, int]:
        """How many of the forms, put together, stand earlier in one run, in which line that begins, and the line behind."""
        together = "".join(forms)
        best, origin, behind = 0, 0, 0
        for start in self._at.get(forms[0][:BEGINNING], ()):
            at, same = start, 0
            while at < len(self._forms) and together.startswith(self._forms[at], same):
                same += len(self._forms[at])
                at += 1
            if at < len(self._forms):  # the earlier line may go on where this run ends
                same += _alike(self._forms[at], together[same:])
            length = bisect_right(list(accumulate(map(len, forms))), same)
            if length > best and same >= RUN:
                best, origin, behind = (
                    length,
                    self._lines[start],
                    self._lines[at - 1] + 1 if at > start else self._lines[at],
                )
        return best, origin, behind


def _alike(one: str, other: str) -> int:
    """How many letters the two begin with in common."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _common(forms: Sequence[str], earlier: int, later: int) -> int:
    """How many lines from `later` on are the same as those from `earlier` on, without running into `later`."""
    length = 0
    while later + length < len(forms) and earlier + length < later and forms[earlier + length] == forms[later + length]:
        length += 1
    return length
