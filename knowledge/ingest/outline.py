"""Finds the structure that a manual's markers give away: headings, the numbering ladder, speakers, labels.

The ladder of Chinese manuals, outermost first: 第一章, 第一节, ㈠, 一、, (一), 1、, (1), ①. Markers count at the start
of a line, and within long lines (a whole document may be one) where a sentence or a blank ends before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from knowledge.ingest.read import Layout

TITLE, CHAPTER, SECTION, CIRCLED, SOFT, HAN, LABELLED, HAN_BRACKETED, SPEAKER, NUMBER, BRACKETED, RING, BULLET = (
    9.0, 10.0, 11.0, 12.0, 12.5, 13.0, 13.2, 14.0, 14.5, 15.0, 16.0, 17.0, 20.0,
)  # fmt: skip
BODY: Final = 99.0
LONG_LINE = 120
HEADING_CHARS = 30

_N = "一二三四五六七八九十"
_LADDER: tuple[tuple[float, str], ...] = (
    (CHAPTER, rf"第 ?[{_N}\d]{{1,3}} ?(?:章|篇|部分|部份|单元|單元|讲|课)|任务[{_N}]|(?:模块|项目)[{_N}\d]"),
    (SECTION, rf"第 ?[{_N}\d]{{1,3}} ?[节節]"),
    (CIRCLED, r"[㈠-㈩]"),
    (HAN, rf"[{_N}]{{1,3}} ?[、..]"),
    (HAN_BRACKETED, rf"[((][{_N}]{{1,3}}[))]、?"),
    (NUMBER, r"\d{1,2} ?[、..](?!\d)"),
    (BRACKETED, r"[((]?\d{1,2}[))]"),
    (RING, r"[①-⑳]"),
)
_AT_START = [(rank, re.compile(rf"[ \t]*(?:{pattern})")) for rank, pattern in _LADDER]
_MARKDOWN = re.compile(r"(#{1,6})[ \t]+\S")
_BULLET = re.compile(r"[ \t]*(?:[-*+•●◆■❖➢✓]|>)[ \t]+|[ \t]*[•●◆■❖➢]")
_CUSTOMER = re.compile(r"[ \t]*(?:顾客|客户|客人|买家|買家|顧客|客戶|用户)\d?[::]")
_AGENT = re.compile(r"[ \t]*(?:客服|卖家|賣家|店主|商家|掌柜)\w?[::]")
_TITLE = re.compile(r".{2,40}(?:ppt|pptx|docx?|课件|教案).{0,12}", re.IGNORECASE)
_LABELLED = re.compile(r"(?:^|(?<=[。…)!?\s]))([^。…)!?\s]{2,28})[ ]*(?=表现[::])")
_INLINE = re.compile(
    rf"(?:(?<=\s)|(?<=[。;;!?!?::).…”\"]))(?=(?:{'|'.join(p for r, p in _LADDER if r != BRACKETED)}))"
    rf"|(?=[((]\d{{1,2}}[))])|(?:(?<=\s)|(?<=[。!?)]))(?=(?:顾客|客户|买家|客服|卖家)[::])"
)
_ENDS_SENTENCE = re.compile(r"[。!?!?;;,,…::]$")
_INSIDE = re.compile(r"[。!?!?;;,,::]")


@dataclass
class Node:
    """Characters [start, end) of the cleaned text, and what stands under them. `title` is empty for what heads nothing."""

    start: int
    end: int
    rank: float
    title: str = ""
    children: list[Node] = field(default_factory=list)

    @property
    def last(self) -> int:
        """Where the last character under this node ends."""
        return self.children[-1].last if self.children else self.end

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()


def outline(text: str, layout: Layout) -> Node:
    """The tree of `text`; its root is empty and stands for the document."""
    units = list(_units(text, layout))
    root = Node(0, 0, 0.0)
    stack = [root]
    for i, unit in enumerate(units):
        following = units[i + 1] if i + 1 < len(units) else None
        unit.title = _title(text, unit, following)
        while stack[-1].rank >= unit.rank:
            stack.pop()
        stack[-1].children.append(unit)
        if unit.rank < BODY:
            stack.append(unit)
    return root


def _title(text: str, unit: Node, following: Node | None) -> str:
    """A unit heads what follows when it is short, ends no sentence, and something stands under it."""
    words = text[unit.start : unit.end].strip()
    if unit.rank <= 6 or unit.rank in (TITLE, SOFT, LABELLED):
        return words.lstrip("#").strip()
    if unit.rank in (CHAPTER, SECTION, CIRCLED):
        return _clip(words)
    heads = following is not None and following.rank > unit.rank and unit.rank < BULLET and unit.rank != SPEAKER
    if not heads or len(words) > HEADING_CHARS or (_ENDS_SENTENCE.search(words) and not words.endswith((":", ":"))):
        return ""
    return words.rstrip("::")  # noqa: B005 - a set of characters is meant


def _clip(words: str) -> str:
    return words if len(words) <= HEADING_CHARS else words[: HEADING_CHARS - 1] + "…"


def _units(text: str, layout: Layout) -> Iterator[Node]:
    """Lines, and the marked parts of long lines, in order; blank ones left out."""
    lines = [(m.start(), m.end()) for m in re.finditer(r"[^\n]+", text) if not m[0].isspace()]
    fenced = False
    for i, (start, end) in enumerate(lines):
        line = text[start:end]
        if line.lstrip().startswith("```"):
            fenced = not fenced
            yield Node(start, end, BODY)
        elif fenced:
            yield Node(start, end, BODY)
        elif layout == "markdown" and (hashes := _MARKDOWN.match(line)):
            yield Node(start, end, float(len(hashes[1])))
        else:
            soft = layout == "plain" and _is_soft_heading(text, lines, i)
            yield from _parts(text, start, end, soft=soft, markdown=layout == "markdown")


def _parts(text: str, start: int, end: int, *, soft: bool, markdown: bool) -> Iterator[Node]:
    line = text[start:end]
    if end - start < LONG_LINE:
        rank = SOFT if soft and _rank(line) == BODY else _rank(line)
        yield Node(start, end, _within_markdown(rank) if markdown else rank)
        return
    for a, b in _cut_inline(line):
        part = line[a:b]
        labelled = _LABELLED.match(part)
        rank = LABELLED if labelled and labelled.end() == len(part.rstrip()) else _rank(part)
        yield Node(start + a, start + b, _within_markdown(rank) if markdown else rank)


def _within_markdown(rank: float) -> float:
    """Where a file has real headings, a number opens an item of a list, not a section."""
    return rank if rank >= HAN_BRACKETED or rank <= SECTION else HAN


def _rank(line: str) -> float:
    words = line.strip()
    if _CUSTOMER.match(line):
        return SPEAKER
    if _AGENT.match(line):
        return BODY
    if _TITLE.fullmatch(words) and not _INSIDE.search(words):
        return TITLE
    for rank, pattern in _AT_START:
        if pattern.match(line):
            return rank
    return BULLET if _BULLET.match(line) else BODY


def _cut_inline(line: str) -> Iterator[tuple[int, int]]:
    """Where a long line's markers stand. (2) counts only after (1), so that a bracketed figure is no marker."""
    at = {0}
    expected = 1
    for found in _INLINE.finditer(line):
        number = re.match(r"[((](\d{1,2})[))]", line[found.start() :])
        if number is None:
            at.add(found.start())
        elif int(number[1]) in (1, expected):
            expected = int(number[1]) + 1
            at.add(found.start())
    for found in _LABELLED.finditer(line):
        at.update((found.start(1), found.end()))
    ordered = [*sorted(at), len(line)]
    for a, b in pairwise(ordered):
        if line[a:b].strip():
            yield a, b


def _is_soft_heading(text: str, lines: list[tuple[int, int]], i: int) -> bool:
    """A short line without punctuation that the next line, longer by half or set off as a list, speaks of."""
    start, end = lines[i]
    words = text[start:end].strip()
    if not 2 <= len(words) <= 18 or _INSIDE.search(words) or i + 1 == len(lines):
        return False
    following = text[lines[i + 1][0] : lines[i + 1][1]].strip()
    before = text[lines[i - 1][0] : lines[i - 1][1]].strip() if i else ""
    apart = not before or "\n\n" in re.sub(r"[ \t]", "", text[lines[i - 1][1] : start]) or _ENDS_SENTENCE.search(before)
    longer = len(following) >= max(14, len(words) * 3 // 2)
    return bool(apart or len(before) > 14) and (longer or _rank(following) < BODY)
