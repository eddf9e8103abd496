"""Cuts a cleaned manual into passages along its structure: nothing lost, nothing twice, each with its heading trail."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from knowledge.fold import shape
from knowledge.ingest.outline import BODY, HEADING_CHARS, SCENE, SCRIPT, SPEAKER, Node, outline
from knowledge.ingest.read import Layout

WHOLE = 700  # characters up to which a technique of our own format stays in one piece
NAMED = 320  # characters up to which what stands under a heading of its own stays in one piece
LONGEST = 240  # characters of any other passage
TARGET = 140  # small neighbours are put together up to this
SCANT = 60  # what is left over of a list, shorter than this, goes with the items before it
LONGEST_HEADER = 300  # characters of a table's header that are shown with each of its parts
CRUMB = 14
FULL = 90  # an item of a list this long says something of its own
CROWD = 90  # sections shorter than this on average are one list, not passages of their own
CROWD_OF_HEADINGS = 30  # the same where the file itself says that they are headings

_BLOCK = re.compile(r"#{1,6}\s*(?:技巧|流程|知识|顾客类型)[::]")
_WRONG = (
    "(?:(?:错误|反面|不当|不好|失败)的?(?:示范|示例|例子|说法|回复|应答|话术|答法)|错误|反例|[禁忌]用?语"
    "|(?:不要|千万别|别|不能|不该|不可|禁止)(?:这样|这么)?(?:说|讲|回复?|答))"
)
_WRONG_LABEL = re.compile(_WRONG)
_BOLD = re.compile(r"[ \t]*\*\*([^*]{1,12})\*\*")
_PLAIN_LABEL = re.compile(
    r"[ \t]*(?:[【\[(]([^【】\[\]()]{2,12})[】\])][ \t]*:?|([^\s:。,!?【】\[\]]{2,10})[ \t]*:)[ \t]*$"
)
_BAD = re.compile(rf"[ \t]*(?:[-*•●][ \t]*)?(?:[✗✘❌]|[【\[(]?{_WRONG}[】\])]?[ \t]*:[ \t]*\S)")
_ITEM = re.compile(r"[ \t]*(?:[-*•●◆■✗]|\d{1,2}[、..)]|[((]\d{1,2}[))])")
BAD_HEADING = re.compile(
    "消极|雷区|误区|不要说|别这么说|错误示范|反面|禁语|禁忌|忌语|禁用语|不应该说|不该说"
    "|(?:话|词|词语|句子|说法).{0,4}(?:别|不能|不要|不可以?|不许|不准|不得|不宜|禁止)(?:[对跟和].{1,3})?(?:说|讲|用|提)"
    rf"|^{_WRONG}$"
)
_TABLE_HEAD = re.compile(r"(?m)^[ \t]*\|[^\n]+\|[ \t]*\n[ \t]*\|(?:[ :]*-{2,}[ :]*\|)+[ \t]*(?:\n|$)")
_TABLE_LINE = re.compile(r"[ \t]*\|[^\n]*\|[ \t]*(?:\n|$)")
_SENTENCE = re.compile(r"[^。!?!?;;\n]*(?:[。!?!?;;]+[”」』\")）)]*|\n|$)")
_SCRIPT = re.compile(rf"(?m)适用场景|^```|^{SCRIPT.pattern}")
_FIRST_WORDS = re.compile(r"[^,,。;;::]{0,5}(?:[^,,。;;::\s]|\s(?=\S{1,3}\s))*")
_CLAUSE = re.compile(r"[^,,、:: ]*(?:[,,、:: ]+|$)")


class Piece(NamedTuple):
    """A passage to be: spans of the cleaned text, its heading trail, whether it shows what not to say, and where the
    header of the table stands whose later rows it holds: shown before them, though another piece holds it.
    """

    spans: tuple[tuple[int, int], ...]
    trail: tuple[str, ...]
    bad_example: bool = False
    header: tuple[int, int] | None = None

    @property
    def shown_spans(self) -> tuple[tuple[int, int], ...]:
        return self.spans if self.header is None else (self.header, *self.spans)


@dataclass(frozen=True)
class _Chunk:
    """Adjacent nodes that go together. `alone`: not to be put together with its neighbours; `opens`: a table begins."""

    start: int
    end: int
    trail: tuple[str, ...]
    alone: bool = False
    opens: bool = False


def split(text: str, layout: Layout) -> tuple[Piece, ...]:
    """The passages of a cleaned text, in order."""
    root = outline(text, layout)
    text = shape(text)
    pieces: list[Piece] = []
    tables = tuple(_tables(text))
    for chunk in _merged(text, _with_first_rows(_pack(text, root, ()), tables)):
        pieces.extend(_without_bad_examples(text, chunk))
    return tuple(_with_header(piece, tables) for piece in pieces) if tables else tuple(pieces)


def _tables(text: str) -> Iterator[tuple[int, int, int]]:
    """(start of the header, end of the ruled line below it, end of the last row) of each Markdown table."""
    at = 0
    while found := _TABLE_HEAD.search(text, at):
        at = found.end()
        while row := _TABLE_LINE.match(text, at):
            at = row.end()
        if found.end() - found.start() <= LONGEST_HEADER:
            yield found.start(), found.end(), at


def _with_first_rows(chunks: Iterator[_Chunk], tables: tuple[tuple[int, int, int], ...]) -> Iterator[_Chunk]:
    """A table's header goes with its first row, and never with what stands above it and is no heading."""
    heads = {start: head_end for start, head_end, _ in tables}
    held: _Chunk | None = None
    for chunk in chunks:
        if held is not None:
            over = chunk.start >= heads[held.start]
            held = replace(held, end=chunk.end)
            if over:
                yield held
                held = None
        elif chunk.start in heads:
            held = replace(chunk, opens=True)
        else:
            yield chunk
    if held is not None:
        yield held


def _begin(table: tuple[int, int, int]) -> int:
    return table[0]


def _with_header(piece: Piece, tables: tuple[tuple[int, int, int], ...]) -> Piece:
    start = piece.spans[0][0]
    head, head_end, end = tables[max(0, bisect_right(tables, start, key=_begin) - 1)]
    return piece._replace(header=(head, head_end)) if head_end <= start < end else piece


def shown(text: str, spans: tuple[tuple[int, int], ...]) -> str:
    """What a reader sees of the spans: trailing blanks and runs of empty lines gone."""
    lines = (line.rstrip() for start, end in spans for line in text[start:end].split("\n"))
    return "\n".join(line for line in lines if line).strip()


def _size(text: str, start: int, end: int) -> int:
    counts = _counts(text)
    return counts[end] - counts[start]


@lru_cache(maxsize=1)
def _counts(text: str) -> Sequence[int]:
    """How many characters that are no blanks stand before each offset: sizes are asked for again and again."""
    return array("I", accumulate((not c.isspace() for c in text), initial=0))


def _pack(text: str, node: Node, trail: tuple[str, ...]) -> Iterator[_Chunk]:
    """A node in one chunk where it fits and is about one thing; else its lead and its children, packed in turn."""
    if node.rank and _stays_whole(text, node):
        own = _own_trail(node, trail)
        full = _size(text, node.start, node.last) >= FULL
        yield _Chunk(node.start, node.last, own, alone=bool(node.title) or full or node.rank == SPEAKER)
        return
    inner = _inner_trail(text, node, trail)
    if node.end > node.start:
        yield from _sentences(text, node.start, node.end, inner)
    run: list[Node] = []
    for child in node.children:
        if child.rank < BODY:
            yield from _packed_run(text, run, inner)
            run = []
            yield from _pack(text, child, inner)
        else:
            run.append(child)
    yield from _packed_run(text, run, inner)


def _stays_whole(text: str, node: Node) -> bool:
    size = _size(text, node.start, node.last)
    if _BLOCK.match(text[node.start : node.end]):
        return size <= WHOLE
    if size > (NAMED if node.title else LONGEST):
        return False
    below = [n for child in node.children for n in child.walk()]
    if sum(n.rank == SPEAKER for n in below) > 1:
        return False
    if any(_warns(n.title) for n in below) and not _warns(node.title):
        return False  # what not to say never stands within advice
    if sum(_SCRIPT.search(text, n.start, n.last) is not None for n in below if n.title) > 1:
        return False  # each script answers a situation of its own, however short
    sections = [n for n in below if n.title and (n.children or n.end - n.start > CROWD)]
    crowd = CROWD_OF_HEADINGS if all(n.rank <= 6 for n in sections) else CROWD
    return not sections or sum(_size(text, n.start, n.last) for n in sections) < crowd * len(sections)


def _own_trail(node: Node, trail: tuple[str, ...]) -> tuple[str, ...]:
    return (*trail, node.title) if node.title else trail


def _inner_trail(text: str, node: Node, trail: tuple[str, ...]) -> tuple[str, ...]:
    """An item too large to stay whole heads its parts with its first words."""
    if node.title or not node.children or not node.rank or SCENE.match(text[node.start : node.end]):
        return _own_trail(node, trail)
    words = _FIRST_WORDS.match(text[node.start : node.end].strip())[0].strip()  # type: ignore[index]  # may be empty
    return (*trail, words if len(words) <= HEADING_CHARS else words[: HEADING_CHARS - 1] + "…")


def _packed_run(text: str, run: list[Node], trail: tuple[str, ...]) -> Iterator[_Chunk]:
    """Body lines under one heading: kept in paragraphs, long ones cut at sentences."""
    for node in run:
        yield from _sentences(text, node.start, node.end, trail)


def _sentences(text: str, start: int, end: int, trail: tuple[str, ...]) -> Iterator[_Chunk]:
    if _size(text, start, end) <= LONGEST:
        yield _Chunk(start, end, trail, alone=SCRIPT.match(text[start:end]) is not None)
        return
    at = start
    for a, b in _steps(text, start, end):
        if _size(text, at, b) > TARGET and a > at:
            yield _Chunk(at, a, trail, alone=True)
            at = a
    yield _Chunk(at, end, trail, alone=True)


def _steps(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Sentences; over-long ones by clause; over-long clauses by length."""
    for sentence in _SENTENCE.finditer(text, start, end):
        if _size(text, *sentence.span()) <= LONGEST:
            yield sentence.span()
            continue
        for clause in _CLAUSE.finditer(text, *sentence.span()):
            for first in range(clause.start(), clause.end(), TARGET):
                yield first, min(first + TARGET, clause.end())


def _merged(text: str, chunks: Iterator[_Chunk]) -> Iterator[_Chunk]:
    """Put small neighbours of one heading together; a heading whose text is elsewhere leads the chunk that follows."""
    held: _Chunk | None = None
    ordered = list(chunks)
    for i, chunk in enumerate(ordered):
        if held is None:
            held = chunk
            continue
        heads = i + 1 < len(ordered) and ordered[i + 1].trail[: len(chunk.trail)] == chunk.trail != held.trail
        crumb = (
            _wrong(held) == _wrong(chunk)
            and _size(text, chunk.start, chunk.end) < CRUMB
            and _size(text, held.start, chunk.end) <= LONGEST
        )
        if crumb and not heads:  # says nothing by itself: it stays where it stood
            held = replace(held, end=chunk.end)
            continue
        size = _size(text, held.start, chunk.end)
        if _wrong(held) != _wrong(chunk) and not _only_a_heading(text, held):
            yield held
            held = chunk
            continue
        opens = held == ordered[0] and size <= LONGEST and _only_a_heading(text, held)
        fits = size <= (LONGEST if _size(text, chunk.start, chunk.end) < SCANT else TARGET)
        parts = held.alone or chunk.alone or (chunk.opens and _size(text, held.start, held.end) > LEAD)
        together = held.trail == chunk.trail and not parts and fits
        leads = (
            not held.alone
            and chunk.trail[: len(held.trail)] == held.trail
            and _size(text, held.start, held.end) <= LEAD
            and size <= (WHOLE if _BLOCK.match(text[chunk.start : chunk.end].lstrip()) else LONGEST) + LEAD
        )
        if together or leads or opens:
            held = replace(chunk, start=held.start)
        else:
            yield held
            held = chunk
    if held is not None:
        yield held


def _warns(title: str) -> bool:
    return BAD_HEADING.search(shape(title)) is not None


def _wrong(chunk: _Chunk) -> bool:
    """Whether it stands right under a heading of what not to say."""
    return bool(chunk.trail) and _warns(chunk.trail[-1])


def _only_a_heading(text: str, chunk: _Chunk) -> bool:
    """Whether a document's name stands alone: it goes with what follows it."""
    return bool(chunk.trail) and text[chunk.start : chunk.end].strip().lstrip("# ") == shape(chunk.trail[-1])


LEAD = 60  # a heading or an introducing line up to this long is shown with what it introduces


class _Never:
    """Whether lines stand under 不要说: in bold up to the next label or heading; on a line of its own, with a colon or in
    brackets, up to the end of its list or paragraph.
    """

    def __init__(self) -> None:
        self.holds = False
        self._bold = self._filled = self._listed = False

    def read(self, line: str) -> None:
        if (bold := _BOLD.match(line)) or line.lstrip().startswith("#"):
            self.holds = self._bold = bold is not None and _WRONG_LABEL.fullmatch(bold[1]) is not None
        elif self.holds and self._bold:
            return
        elif label := _PLAIN_LABEL.match(line):
            self.holds = _WRONG_LABEL.fullmatch(label[1] or label[2]) is not None
            self._filled = self._listed = False
        elif self.holds and line.strip():
            item = _ITEM.match(line) is not None
            self.holds = item or not self._listed
            self._filled, self._listed = True, self._listed or item
        elif self._filled:
            self.holds = False


def _without_bad_examples(text: str, chunk: _Chunk) -> Iterator[Piece]:
    """The lines under 不要说 and those marked ✗, apart from the advice around them."""
    good: list[tuple[int, int]] = []
    bad: list[tuple[int, int]] = []
    never = _Never()
    warned = _wrong(chunk)
    listed = False
    for start, end in _line_spans(text, chunk.start, chunk.end):
        line = text[start:end]
        never.read(line)
        item = bool(_ITEM.match(line))
        over = warned and listed and not item  # the list of what not to say has ended
        listed = listed or item
        spans = bad if never.holds or _BAD.match(line) or (warned and not over) else good
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    for spans, is_bad in ((good, False), (bad, True)):
        if any(text[a:b].strip() for a, b in spans):
            # What follows the list of what not to say does not stand under that heading any more.
            yield Piece(tuple(spans), chunk.trail[:-1] if warned and not is_bad else chunk.trail, bad_example=is_bad)


def _line_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    while at < end:
        stop = text.find("\n", at, end)
        stop = end if stop < 0 else stop + 1
        yield at, stop
        at = stop
