"""A turn that numbers what it asks: ①吸力多少 ②几天发货, or 1发票没收到 2少了一盒."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import re2

from assistant.conversation import Conversation
from assistant.situation.questions import Asked, counts_something
from assistant.situation.script import folded

_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"
_MARKED = re2.compile(rf"[{_CIRCLED}]|[(（]\d{{1,2}}[)）]|\d{{1,2}}[.、)）:：]")
_BARE = re2.compile(r"(?:^|[\s,，。;；?？!！、])(\d{1,2})\s?[\p{Han}]")
_LEAST_MARKED, _LEAST_BARE = 2, 3
"""Points from which a turn is a list: by numbers with a mark, by bare ones."""
_NUMBER = re2.compile(r"\d{1,2}")


@dataclass(frozen=True)
class Point:
    """One numbered point: how its number is written before an answer (`label`: 1、 or ①), and its words."""

    label: str
    words: Asked


@dataclass(frozen=True)
class _Mark:
    """A number at [start, end) of a message. `is_bare`: nothing marks it as one of a list; `counts`: it may as well count things
    (4 包安装), so that only two before it make it the next.
    """

    number: int
    start: int
    end: int
    label: str
    is_bare: bool = False
    counts: bool = False


def numbered(conversation: Conversation) -> tuple[Point, ...]:
    """The points of the turn that waits for an answer, from 1 on; () where it numbers nothing."""
    waiting = {id(m) for m in conversation.last_customer_turn}
    run: list[tuple[int, _Mark]] = []
    for index, message in enumerate(conversation.messages):
        if id(message) in waiting:
            for mark in _marks(message.text):
                if mark.number == len(run) + 1 and not (mark.counts and len(run) < _LEAST_MARKED):
                    run.append((index, mark))
    least = _LEAST_BARE if any(mark.is_bare for _, mark in run) else _LEAST_MARKED
    return tuple(_points(conversation, run)) if len(run) >= least else ()


def _points(conversation: Conversation, run: list[tuple[int, _Mark]]) -> Iterator[Point]:
    for place, (index, mark) in enumerate(run):
        text = conversation.messages[index].text
        ends = [other.start for at, other in run[place + 1 : place + 2] if at == index]
        words = text[mark.end : ends[0] if ends else len(text)]
        start = mark.end + len(words) - len(words.lstrip())
        words = words.strip().rstrip(",，;；、")
        yield Point(mark.label, Asked(index, start, start + len(words), words))


def _marks(text: str) -> Iterator[_Mark]:
    """Numbers in front of something, in their order."""
    plain = folded(text)
    marks: dict[int, _Mark] = {}
    for match in _MARKED.finditer(text):
        start, sign = match.span()[0], match.group(0)
        if sign in _CIRCLED:
            marks[start] = _Mark(_CIRCLED.index(sign) + 1, start, match.end(), sign)
        elif not plain[max(0, start - 1) : start].isdigit():
            (number,) = _NUMBER.findall(sign)
            decimal = plain[match.end() : match.end() + 1].isdigit()  # 1.67 unless two points stand before it
            marks[start] = _Mark(int(number), start, match.end(), f"{number}、", counts=decimal)
    for match in _BARE.finditer(plain):
        start, end = match.span(1)
        if start not in marks:
            counts = counts_something(plain[start:])
            marks[start] = _Mark(int(match.group(1)), start, end, f"{match.group(1)}、", is_bare=True, counts=counts)
    yield from (marks[start] for start in sorted(marks))
