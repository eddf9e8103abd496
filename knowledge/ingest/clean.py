"""Takes out of a manual what is not its matter, step by step, each cut noted with its reason and its source span.

Nothing is dropped silently and nothing moves: `Cleaned.offsets` leads from each character back to the source.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple

import re2
from pydantic import model_validator

from knowledge import datafile
from knowledge.fold import fold, half
from knowledge.ingest import marks
from knowledge.ingest.describe import METADATA_LINE
from knowledge.ingest.read import Layout
from knowledge.ingest.repairs import inserted_characters, shifted_bytes, torn_words
from knowledge.ingest.repeats import repeated_lines
from knowledge.ingest.view import Edit, Line, View, lines_of
from knowledge.store import Cut
from knowledge.values import Value

RULES = Path(__file__).parent / "boilerplate.yaml"
EDGE_LINES = 14
LONGEST_HEAD = 60
LONGEST_LINE = 400  # a longer line is matter with something in it, never a menu

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_PINYIN = re.compile(f"(?<=[{_HAN}])[((]([a-zA-ZāáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜńňǹḿĀÁǍÀĒÉĚÈŌÓǑÒ]{{1,6}})[))]")
_TONES = re.compile("[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿĀÁǍÀĒÉĚÈŌÓǑÒ]")
# Scripts of file-sharing sites' watermarks. Greek counts from four letters on: 「α 系数」 is no junk.
_JUNK = re.compile(
    "[\u0370-\u03ff\u1f00-\u1fff]{4,}|[\u1200-\u139f\u2d80-\u2ddf]+(?:[ ]+[\u1200-\u139f\u2d80-\u2ddf]+)*"
)
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f\ufffd\ufeff\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u00ad]+"
)
_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\f\v]")
_NUMBER_LINE = re.compile(r"\d{1,3}")
_LEADER = re.compile(r".{1,40}?(?:\.{4,}|…{2,}|·{4,})\s*\d{1,4}")
_CHAPTERS = re.compile(r"(?:第[一二三四五六七八九十\d]{1,3}[章节篇][::\s]?[ ]*[^\s。第]{2,20}\s+){4,}")
_MARKER = re.compile(
    rf"\s*(?:#|[-*•●>|❖◆■✗]|\d{{1,2}}[、..))]|[((][\d一二三四五六七八九十]{{1,2}}[))]|[一二三四五六七八九十]{{1,3}}[、..]"
    rf"|第[\d一二三四五六七八九十]{{1,3}}[章节条篇]|[①-⑳㈠-㈩]|[{_HAN}]{{1,5}}[::]|```)"
)
_RULE = re.compile(r"([-*=_~—·.#])(?:[ ]?\1){2,}")
_SAYS = re.compile(r"[\w`|]")
_TAIL = re.compile(
    "(相关|热门|推荐|最新|精彩|更多)(推荐|阅读|文章|资讯|文档|内容|课件)|猜你喜欢|(全部|网友|最新|热门)评论.{0,6}|大家都在(看|搜)"
)
_LISTED = re.compile("[•●◆■❖]")
_PUNCTUATION = re.compile("[,。!?;,!?;]")
WRAP_WIDTH = 24


class Cleaned(NamedTuple):
    """What is left: character i stands at source offset `offsets[i]`; `cuts` are what was taken out or repaired."""

    text: str
    offsets: Sequence[int]  # one more than characters, for the end; kept packed, for files may be large
    cuts: tuple[Cut, ...]


class Rule(Value):
    reason: str
    where: Literal["edges", "anywhere"]
    pattern: str
    drops: tuple[str, ...]
    keeps: tuple[str, ...]

    @model_validator(mode="after")
    def _holds(self) -> Rule:
        try:
            compiled = re2.compile(self.pattern)
        except re2.error as error:
            raise ValueError(f"bad pattern: {error}") from error
        for line in self.drops:
            if not compiled.fullmatch(plain(line)):
                raise ValueError(f"does not drop its own example {line!r}")
        for line in self.keeps:
            if compiled.fullmatch(plain(line)):
                raise ValueError(f"drops the look-alike {line!r}")
        return self


class _Rules(Value):
    rules: tuple[Rule, ...]


def plain(line: str) -> str:
    """A line as the rules see it: no glued pinyin, folded, single spaces."""
    return " ".join(fold(_SPACE.sub(" ", _PINYIN.sub("", line))).split())


@cache
def _rules(path: Path = RULES) -> tuple[tuple[Rule, Callable[[str], object]], ...]:
    return tuple((rule, re2.compile(rule.pattern).fullmatch) for rule in datafile.load(path, _Rules).rules)


def clean(text: str, layout: Layout) -> Cleaned:
    """Run every step over `text`; where two touch the same characters, the earlier one in STEPS wins."""
    taken = bytearray(len(text))
    read_as = half(text)
    view = View(read_as, lines_of(read_as), layout, taken)
    cuts: list[Cut] = []
    for name, step in STEPS:
        for start, end, replacement, reason in step(view):
            if start < end and not any(taken[start:end]):
                taken[start:end] = b"\x01" * (end - start)
                cuts.append(Cut(start=start, end=end, reason=reason or name, replacement=replacement))
    cuts.sort(key=lambda cut: cut.start)
    return _apply(text, cuts)


def _apply(text: str, cuts: Sequence[Cut]) -> Cleaned:
    out: list[str] = []
    offsets = array("I")
    at = 0
    for cut in cuts:
        out.append(text[at : cut.start])
        offsets.extend(range(at, cut.start))
        out.append(cut.replacement)
        offsets.extend(range(cut.start, cut.start + len(cut.replacement)))
        at = cut.end
    out.append(text[at:])
    offsets.extend(range(at, len(text)))
    offsets.append(len(text))
    return Cleaned("".join(out), offsets, tuple(c for c in cuts if not _only_space(text, c)))


def _only_space(text: str, cut: Cut) -> bool:
    """Joined wraps and exotic spaces change no matter; they are not reported."""
    return text[cut.start : cut.end].isspace()


_WITH_NOTES = ("pages", "document")
"""Layouts in whose text a reader left notes (knowledge/ingest/marks.py)."""

# --- the steps -------------------------------------------------------------------------------------------------------


def _notes(view: View) -> Iterable[Edit]:
    """A reader's notes, and the blocks that the file itself marks as no part of the matter."""
    if view.layout not in _WITH_NOTES:
        return
    for block in marks.blocks(view.text):
        yield Edit(block.start, block.end - (view.text[block.end - 1] == "\n"), reason=block.reason)
        yield from (Edit(start, end, reason="metadata") for start, end in block.notes)
    yield from (Edit(place.start, place.end, reason="metadata") for place in marks.places(view.text))


def _running_heads(view: View) -> Iterable[Edit]:
    """Lines at the top or bottom of most pages that are the same but for figures."""
    starts = [place.end for place in marks.places(view.text)] if view.layout == "pages" else []
    if len(starts) < 3:
        return
    edges: dict[str, list[Line]] = {}
    lines = iter(view.left())
    line = next(lines, None)
    for begin, end in pairwise([*starts, len(view.text) + 1]):
        on_page: list[Line] = []
        while line is not None and line.start < end:
            if line.start >= begin:
                on_page.append(line)
            line = next(lines, None)
        for at_edge in {*on_page[:2], *on_page[-2:]}:
            edges.setdefault(re.sub(r"\d+", "#", plain(at_edge.text)), []).append(at_edge)
    for same in edges.values():
        if len(same) * 2 > len(starts) and len(same) >= 3 and len(same[0].text) <= LONGEST_HEAD:
            yield from (Edit(found.start, found.end) for found in same)


def _boilerplate(view: View) -> Iterable[Edit]:
    """Lines that a rule of boilerplate.yaml matches whole; the rule's own reason goes with them."""
    filled = [line for line in view.lines if line.text.strip()]
    edges = {line.start for line in (*filled[:EDGE_LINES], *filled[-EDGE_LINES:])}
    for line in filled:
        if len(line.text) > LONGEST_LINE:
            continue
        heading = re.match(r"#{1,6} ", line.text) if view.layout == "document" else None
        seen = plain(line.text[heading.end() :] if heading else line.text)
        for rule, matches in _rules():
            if heading and rule.reason != "slide_marker":
                continue
            if (rule.where == "anywhere" or line.start in edges) and matches(seen):
                yield Edit(line.start, line.end, reason=rule.reason)
                break


def _page_numbers(view: View) -> Iterable[Edit]:
    """Numbers alone on a line, where there are several and they mostly rise: pages or slides."""
    alone = [line for line in view.lines if _NUMBER_LINE.fullmatch(line.text.strip())]
    rising = sum(int(a.text) < int(b.text) for a, b in pairwise(alone))
    if len(alone) >= 3 and rising * 3 >= len(alone):
        yield from (Edit(line.start, line.end) for line in alone)


def _contents(view: View) -> Iterable[Edit]:
    """A table of contents: view.lines of title, dots, page; or four chapters and more in a row, until the first comes again."""
    found = [line for line in view.lines if _LEADER.fullmatch(line.text.strip())]
    if len(found) >= 3:
        yield from (Edit(line.start, line.end) for line in found)
    for run in _CHAPTERS.finditer(view.text):
        first = re.match(r"\S{3,5}(?=[::\s])", run[0])
        again = run[0].find(first[0], 1) if first else -1
        stop = run.start() + again if again > 0 else run.end()
        if first and view.text.find(first[0], stop) >= 0:
            yield Edit(run.start(), stop)


def _ornaments(view: View) -> Iterable[Edit]:
    """Ruled lines; in text that no person laid out, any line of nothing but signs."""
    for line in view.lines:
        words = line.text.strip()
        signs = view.layout != "markdown" and words and not _SAYS.search(words) and len(words) <= LONGEST_LINE
        if signs or _RULE.fullmatch(words):
            yield Edit(line.start, line.end)


def _tail(view: View) -> Iterable[Edit]:
    """From 「相关推荐」 near the end on, where hardly anything but titles of other pages follows."""
    lines = view.left()
    for i in range(len(lines) * 3 // 5, len(lines)):
        if not _TAIL.fullmatch(plain(lines[i].text)):
            continue
        after = lines[i + 1 :]
        titles = sum(len(line.text) <= 40 and not _PUNCTUATION.search(line.text.strip()[:-1]) for line in after)
        if titles * 10 >= len(after) * 9:
            yield from (Edit(line.start, line.end, reason="sidebar") for line in lines[i:])
        return


def _metadata(view: View) -> Iterable[Edit]:
    """Fields of our own format that are read into the passage's description instead of being shown."""
    if view.layout == "markdown":
        yield from (Edit(line.start, line.end) for line in view.lines if METADATA_LINE.fullmatch(line.text.strip()))


def _repeats(view: View) -> Iterable[Edit]:
    """Stretches of lines that stand earlier in the file already."""
    if view.layout != "markdown":
        yield from (Edit(r.start, r.end) for r in repeated_lines(readable(view.text)))


def readable(text: str) -> str:
    """The text with blanks for junk glyphs, every other character in its place: what repeats are looked for in."""
    text = half(text)
    out: list[str] = []
    at = 0
    for edit in _watermarks(text):
        out.extend((text[at : edit.start], " " * (edit.end - edit.start)))
        at = edit.end
    return "".join((*out, text[at:]))


def _watermarks(text: str) -> Iterable[Edit]:
    """Scripts that the rest of a Chinese text does not use."""
    found = list(_JUNK.finditer(text))
    if sum(len(m[0]) for m in found) * 3 < len(re.findall(f"[{_HAN}]", text)):
        yield from (Edit(m.start(), m.end()) for m in found)


def _junk(view: View) -> Iterable[Edit]:
    """Watermarks, and invisible or broken characters."""
    yield from _watermarks(view.text)
    yield from (Edit(m.start(), m.end()) for m in _CONTROL.finditer(view.text))


def _pinyin(view: View) -> Iterable[Edit]:
    """應(yīng): a reading in brackets behind its character, with a tone mark; 「好(ok)」 is none."""
    for found in _PINYIN.finditer(view.text):
        if _TONES.search(found[1]):
            yield Edit(found.start(), found.end())


def _variants(view: View) -> Iterable[Edit]:
    """旳 for 的, where a text does it throughout."""
    if view.text.count("旳") >= 3:
        yield from (Edit(m.start(), m.end(), "的") for m in re.finditer("旳", view.text))


def _spaces(view: View) -> Iterable[Edit]:
    yield from (Edit(m.start(), m.end(), " ") for m in _SPACE.finditer(view.text))


def _wraps(view: View) -> Iterable[Edit]:
    """A line as wide as a page that breaks off within a sentence, and the next takes it up: the break goes."""
    if view.layout not in ("plain", "pages"):
        return
    lines = view.lines if view.layout == "plain" else view.left()  # a page's break is no break of the sentence
    for line, following in pairwise(lines):
        end, begin = line.text.rstrip(), following.text.lstrip()
        if len(end.strip()) < WRAP_WIDTH or not begin or _MARKER.match(begin):
            continue
        if _LISTED.search(end) or not (len(begin) >= WRAP_WIDTH or _PUNCTUATION.search(begin)):
            continue  # a list run together, or a short line that may be the next heading: not certain
        if re.search(f"[{_HAN},、a-z0-9“「(]$", end) and re.match(f"[{_HAN},。、;a-z0-9”」)]", begin):
            yield from _blanks(view, line.start + len(end), following.end - len(begin))


def _blanks(view: View, start: int, end: int) -> Iterable[Edit]:
    """The blanks in [start, end) around what was taken out of it."""
    for found in re.finditer(r"\s+", view.text[start:end]):
        yield Edit(start + found.start(), start + found.end())


Step = Callable[[View], Iterable[Edit]]

STEPS: tuple[tuple[str, Step], ...] = (
    ("notes", _notes),
    ("tail", _tail),
    ("boilerplate", _boilerplate),
    ("running_head", _running_heads),
    ("page_number", _page_numbers),
    ("table_of_contents", _contents),
    ("ornament", _ornaments),
    ("metadata", _metadata),
    ("duplicate", _repeats),
    ("junk_glyphs", _junk),
    ("glued_pinyin", _pinyin),
    ("inserted_character", inserted_characters),
    ("mojibake", shifted_bytes),
    ("variant_character", _variants),
    ("torn_word", torn_words),
    ("space", _spaces),
    ("wrap", _wraps),
)
