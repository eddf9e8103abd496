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

from knowledge.fold import shape
from knowledge.ingest.read import Layout

TITLE, CHAPTER, SECTION, CIRCLED, SOFT, HAN, LABELLED, HAN_BRACKETED, BOXED, TOPIC, SPEAKER, NUMBER, BRACKETED, RING, BULLET = (
    9.0, 10.0, 11.0, 12.0, 12.5, 13.0, 13.2, 14.0, 14.2, 14.4, 14.5, 15.0, 16.0, 17.0, 90.0,
)  # fmt: skip
BODY: Final = 99.0
LONG_LINE = 120
HEADING_CHARS = 30
MOST_LABELS = 60  # of one line, for each is compared with all

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
TABLE_ROW = re.compile(r"[ \t]*\|.*\|[ \t]*")
_BULLET = re.compile(r"[ \t]*(?:[-*+•●◆■❖➢✓]|>)[ \t]+|[ \t]*[•●◆■❖➢]")
_CUSTOMER = re.compile(r"[ \t]*(?:顾客|客户|客人|买家|買家|顧客|客戶|用户|问|問|Q)\s?\d{0,3}[::]")
_AGENT = re.compile(r"[ \t]*(?:客服|卖家|賣家|店主|商家|掌柜|答|A)\w{0,3}[::]")
SCENE = re.compile(
    r"[ \t]*(?:[-*•][ \t]*|\d{1,3}[、..)][ \t]*|【\d{1,3}】[ \t]*)?\**"
    rf"(?:适用|使用)?(?:场景|場景|情景|情境|场合|情形)[ ]?[{_N}\d]{{0,3}}\**[::]"
)
SCRIPT = re.compile(
    r"[ \t]*(?:[-*•][ \t]*|\d{1,3}[、..)][ \t]*|【\d{1,3}】[ \t]*)?\**"
    rf"(?:参考|标准|建议|推荐|示例|客服)?(?:话术|話術|回复|回覆|答复|应答|回答|答法)[ ]?[{_N}\d]{{0,3}}\**[::]"
)
"""Labels of a script's occasion, and of the script itself."""
_BOXED = re.compile(r"【[^【】]{2,20}】[^。!?!?;;,,【】]{0,16}")
_TITLE = re.compile(r".{2,40}(?:ppt|pptx|docx?|课件|教案).{0,12}", re.IGNORECASE)
_LABEL = re.compile(r"(?<![ \t])[ \t]*(?=(?:表现|特点|定义)[::])")
_TOPIC = re.compile(r"(?:^|[。!?!?…”])[ \t]*([^\s。!?!?;;,,::、“”()()]{2,14})[ \t]+$")
_RUN_IN = re.compile(r"[ \t::]*[^\s。!?!?;;,,::、“”]{2,20}[::]?(?=[ \t]+\S{2})")
_INLINE = re.compile(
    rf"(?:(?<=\s)|(?<=[。;;!?!?::).…”\"]))(?=(?:{'|'.join(p for r, p in _LADDER if r != BRACKETED)}))"
    rf"|(?=[((]\d{{1,2}}[))])|(?:(?<=\s)|(?<=[。!?)]))(?=(?:顾客|客户|买家|客服|卖家|问|答|問|Q\d{0, 3}|A\d{0, 3})[::])"
)
_ENDS_SENTENCE = re.compile(r"[。!?!?;;,,…::]$")
_SOFT_HEADING = re.compile(r"(?=.*[\u4e00-\u9fff])(?:[^\s。!?!?;;,,::]| [–—-] )+")
_GLOSS = re.compile(r"[((][^()()]{5,}[))]$")
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
    read_as = shape(text)
    units = list(_units(read_as, layout))
    root = Node(0, 0, 0.0)
    stack = [root]
    for i, unit in enumerate(units):
        following = units[i + 1] if i + 1 < len(units) else None
        unit.title = _as_written(_title(read_as, unit, following), text, read_as, unit)
        while stack[-1].rank >= unit.rank:
            stack.pop()
        stack[-1].children.append(unit)
        if unit.rank < BULLET:
            stack.append(unit)
    return root


def _as_written(title: str, text: str, read_as: str, unit: Node) -> str:
    """A title found in `shape`, in the characters of the text."""
    words = title.removesuffix("…")
    at = read_as.find(words, unit.start, unit.end) if words else -1
    return text[at : at + len(words)] + title[len(words) :] if at >= 0 else title


def _title(text: str, unit: Node, following: Node | None) -> str:
    """A unit heads what follows when it is short, ends no sentence, and something stands under it."""
    words = text[unit.start : unit.end].strip()
    if unit.rank <= 6 or unit.rank in (TITLE, SOFT, LABELLED, BOXED, TOPIC):
        return words.lstrip("#").strip()
    run_in = _run_in_title(words, unit.rank)
    if run_in:
        return run_in
    if unit.rank in (CHAPTER, SECTION, CIRCLED):
        return _clip(words)
    heads = following is not None and following.rank > unit.rank and unit.rank < BULLET and unit.rank != SPEAKER
    if not heads or len(words) > HEADING_CHARS or re.search("[。!?!?;;…].|[。!!;;,,…]$", words):
        return ""
    return words.rstrip("::")  # noqa: B005 - a set of characters is meant


def _run_in_title(words: str, rank: float) -> str:
    """「二、礼貌辞别 到这一步,…」: a short name set off by a blank from the text that runs on behind it."""
    marker = next((p.match(words) for r, p in _AT_START if r == rank), None)
    if marker is None or len(words) <= HEADING_CHARS:
        return ""
    named = _RUN_IN.match(words, marker.end())
    return words[: named.end()] if named else ""


def _clip(words: str) -> str:
    """The heading that a long line opens with: up to a blank, where one comes soon enough."""
    blank = re.search(r"(?<=\S{6})\s", words[:HEADING_CHARS])
    if len(words) > HEADING_CHARS and blank:
        return words[: blank.start()]
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
        elif fenced or TABLE_ROW.fullmatch(line):
            yield Node(start, end, BODY)
        elif layout in ("markdown", "document") and (hashes := _MARKDOWN.match(line)):
            yield Node(start, end, float(len(hashes[1])))
        else:
            soft = layout != "markdown" and _is_soft_heading(text, lines, i)
            yield from _parts(text, start, end, soft=soft, markdown=layout == "markdown")


def _parts(text: str, start: int, end: int, *, soft: bool, markdown: bool) -> Iterator[Node]:
    line = text[start:end]
    if end - start < LONG_LINE:
        rank = SOFT if soft and _rank(line) == BODY else _rank(line)
        yield Node(start, end, _within_markdown(rank) if markdown else rank)
        return
    for a, b, given in _cut_inline(line):
        rank = given or _rank(line[a:b])
        yield Node(start + a, start + b, _within_markdown(rank) if markdown else rank)


def _within_markdown(rank: float) -> float:
    """Where a file has real headings, a number opens an item of a list, not a section."""
    return rank if rank >= HAN_BRACKETED or rank <= SECTION else HAN


def _rank(line: str) -> float:
    words = line.strip()
    if _CUSTOMER.match(line) or SCENE.match(line):
        return SPEAKER
    if _AGENT.match(line) or SCRIPT.match(line):
        return BODY
    if _BOXED.fullmatch(words):
        return BOXED
    if _TITLE.fullmatch(words) and not _INSIDE.search(words):
        return TITLE
    for rank, pattern in _AT_START:
        if pattern.match(line):
            return rank
    return BULLET if _BULLET.match(line) else BODY


def _cut_inline(line: str) -> Iterator[tuple[int, int, float]]:
    """Where a long line's markers stand, and headings without a marker (with their rank). (2) counts only after (1), so
    that a bracketed figure is no marker.
    """
    at: dict[int, float] = {0: 0.0}
    expected = 1
    for found in _INLINE.finditer(line):
        number = re.match(r"[((](\d{1,2})[))]", line[found.start() :])
        if number is None:
            at[found.start()] = 0.0
        elif int(number[1]) in (1, expected):
            expected = int(number[1]) + 1
            at[found.start()] = 0.0
    for marker in tuple(at):
        topic = _TOPIC.search(line, max(0, marker - 24), marker)
        if topic:
            at[topic.start(1)] = TOPIC
    at.update(_labelled(line))
    ordered = sorted(at)
    for a, b in pairwise([*ordered, len(line)]):
        if line[a:b].strip():
            yield a, b, at[a]


def _labelled(line: str) -> dict[int, float]:
    """Headings before 「表现:」. Where one begins shows in what several of them share (「…中的客人类型」) or in a blank."""
    labels = [found.start() for found in _LABEL.finditer(line) if found.start() >= 2][:MOST_LABELS]
    before = [line[max(0, label - HEADING_CHARS) : label] for label in labels]
    out: dict[int, float] = {}
    for label, words in zip(labels, before, strict=True):
        others = [other for other in before if other is not words]
        after = max(words.rfind(c) for c in "。!?!?") + 1
        shared = (i for i in range(after, len(words) - 4) if _shared(words[i : i + 5], others))
        begin = next(shared, max(after, *(words.rfind(c) + 1 for c in " )…")))
        begin += len(words[begin:]) - len(words[begin:].lstrip(" )。"))
        if len(words) - begin >= 2:
            out[label - len(words) + begin] = LABELLED
            out[label] = BODY
    return out


def _shared(phrase: str, others: list[str]) -> bool:
    """Whether more than half of the others have the phrase too."""
    return sum(phrase in other for other in others) * 2 > len(others)


def _is_soft_heading(text: str, lines: list[tuple[int, int]], i: int) -> bool:
    """A short line without punctuation that the next line, longer by half or set off as a list, speaks of."""
    start, end = lines[i]
    words = text[start:end].strip()
    if not 2 <= len(words) <= 18 or not _SOFT_HEADING.fullmatch(words) or i + 1 == len(lines):
        return False
    if SCENE.match(text[lines[i + 1][0] : lines[i + 1][1]]):
        return True  # the name of a script, however short
    if len(words) < 3:
        return False
    if _GLOSS.search(words):  # 「售后客服(处理投诉)」 says what it is about itself
        return False
    following = text[lines[i + 1][0] : lines[i + 1][1]].strip()
    before = text[lines[i - 1][0] : lines[i - 1][1]].strip() if i else ""
    blank_before = not before or "\n\n" in re.sub(r"[ \t]", "", text[lines[i - 1][1] : start])
    blank_after = "\n\n" in re.sub(r"[ \t]", "", text[end : lines[i + 1][0]])
    apart = blank_before or _ENDS_SENTENCE.search(before) or len(before) > 14 or len(following) >= 24
    longer = len(following) >= max(14, len(words) * 3 // 2)
    return bool(apart and (longer or _rank(following) < BODY)) or (blank_before and blank_after)
