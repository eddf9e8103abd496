"""Repairs that take a dictionary: only what is certain, and nothing where the text can be meant as it stands.

Each is a step of knowledge/ingest/clean.py.
"""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from typing import Any

from knowledge.fold import fold
from knowledge.ingest.view import Edit, View

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_MARKS = ("抄袭", "版权", "百度", "知道", "回答", "内容", "来自", "原创", "专业", "网站", "转载")
"""Words whose characters question-and-answer sites strew into their text one by one, to prove who copied it."""

_TORN = re.compile(f"(?<=[{_HAN}])[ \u00a0\u3000]+(?=[{_HAN}])")
_CLAUSE = re.compile(f"[{_HAN} \u00a0\u3000]+")
_TORN_LEAST = 3  # places from which on a text was plainly torn by its page, not spaced on purpose
_LONGEST_CLAUSE = 200
_TAIL = 2  # characters of a line that is only the end of a word

_SHIFTED = re.compile(r"[??\ufffd]([^\s,。、,.?!?!]{3,40}[A-Za-z0-9]?)")
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_LOST = (0xA1, 0xA3)  # first bytes of Chinese punctuation, which is what is lost in front of a shifted run


@cache
def _dictionary() -> Any:
    """jieba, with its cache in a folder of its own: the usual place may be written by anyone."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    own = jieba.Tokenizer()
    with tempfile.TemporaryDirectory() as folder:
        own.tmp_dir = folder
        own.initialize()
    return own


def _is_word(word: str) -> bool:
    return bool(_dictionary().FREQ.get(word))


# --- characters that a site strewed in -------------------------------------------------------------------------------


def inserted_characters(view: View) -> Iterable[Edit]:
    """「类抄似 … 有些袭笼统」: both characters of a site's mark, in its order within a paragraph, one of them within a word
    that the dictionary has without it, the other a word of its own that goes with neither neighbour.
    """
    for line in view.lines:
        for mark in _MARKS:
            if mark[0] in line.text and mark[1] in line.text:
                yield from _strewn(line.text, line.start, mark)


def _strewn(text: str, start: int, mark: str) -> Iterator[Edit]:
    first = [(m.start(), kind) for m in re.finditer(mark[0], text) if (kind := _foreign(text, m.start()))]
    second = [(m.start(), kind) for m in re.finditer(mark[1], text) if (kind := _foreign(text, m.start()))]
    for a, kind_a in first:
        follower = next(((b, kind) for b, kind in second if b > a + 1), None)
        if follower is not None and "within" in (kind_a, follower[1]):
            yield from (Edit(start + at, start + at + 1) for at in (a, follower[0]))
            second.remove(follower)


def _foreign(text: str, at: int) -> str:
    """ "within" a word that stands around it, "between" words and part of neither, or "" when it may be meant."""
    folded = fold(text[max(0, at - 3) : at]), text[at], fold(text[at + 1 : at + 4])
    before, character, after = folded
    if not re.search(f"[{_HAN}]$", before) or not re.match(f"[{_HAN}]", after):
        return ""
    if any(_is_word(before[-n:] + character) for n in (1, 2) if len(before) >= n):
        return ""
    if any(_is_word(character + after[:n]) for n in (1, 2, 3)):
        return ""
    spans = ((i, j) for i in range(1, len(before) + 1) for j in range(1, len(after) + 1) if 2 <= i + j <= 4)
    return "within" if any(_is_word(before[-i:] + after[:j]) for i, j in spans) else "between"


# --- words torn by the page ------------------------------------------------------------------------------------------


def torn_words(view: View) -> Iterable[Edit]:
    """「委婉结 束通话」: a blank, or a break before a word's last characters, where the dictionary has one word across it."""
    if view.layout == "markdown":
        return
    places = [edit for line in view.lines for edit in _torn(line.text, line.start)]
    if len(places) >= _TORN_LEAST:
        yield from places
    for line, following in pairwise(view.left() if view.layout == "pages" else view.lines):
        tail = following.text.strip()
        end = line.text.rstrip()
        if not 0 < len(tail) <= _TAIL or not re.fullmatch(f"[{_HAN}]+[。;]?", tail) or len(end) < 4:
            continue
        head = re.search(f"[{_HAN}]{{1,8}}$", end)
        if head and _spans(head[0], tail.rstrip("。;")):
            yield Edit(line.start + len(end), following.end - len(following.text.lstrip()))


def _torn(text: str, start: int) -> Iterator[Edit]:
    for clause in _CLAUSE.finditer(text):
        if not _TORN.search(clause[0]) or len(clause[0]) > _LONGEST_CLAUSE:
            continue
        for blank in _TORN.finditer(text, clause.start(), clause.end()):
            before = re.search(f"[{_HAN}]+$", text[clause.start() : blank.start()])
            after = re.match(f"[{_HAN}]+", text[blank.end() : clause.end()])
            if before and after and _spans(before[0][-8:], after[0][:8]):
                yield Edit(start + blank.start(), start + blank.end())


def _spans(before: str, after: str) -> bool:
    """Whether a word goes across the seam once the two are put together, of which one side alone is no word."""
    seam, at = len(before), 0
    for word in _dictionary().cut(fold(before + after), HMM=False):
        if at < seam < at + len(word):
            head, tail = word[: seam - at], word[seam - at :]
            return head != tail and not (_is_word(head) and len(head) > 1 and _is_word(tail) and len(tail) > 1)
        at += len(word)
    return False


# --- bytes shifted by one --------------------------------------------------------------------------------------------


def shifted_bytes(view: View) -> Iterable[Edit]:
    """「需求?;卮鹂蛻舢愖h」: GBK of which one byte was lost, so that every later pair is read askew up to the next ASCII.

    Put right where the first byte of a punctuation mark makes the whole run ordinary Chinese, which it was not before.
    """
    for found in _SHIFTED.finditer(view.text):
        mended = _put_right(found[1])
        if mended:
            used, text = mended
            yield Edit(found.start(), found.start(1) + used, text)


def _put_right(run: str) -> tuple[int, str] | None:
    """(characters of the run, what they were); None when that is not certain."""
    for end in range(len(run), 3, -1):
        if not run[end - 1].isascii():
            continue  # the run ends where a lone second byte is left over
        wide = run[: end - 1].translate(_WIDE)  # a site's own clean-up has made half-width what was full-width
        try:
            askew = (wide + run[end - 1]).encode("gbk")
        except UnicodeEncodeError:
            continue
        right = next(filter(_is_ordinary, (_decoded(bytes([lost]) + askew) for lost in _LOST)), "")
        strange = sum(not _is_common(c) for c in run[:end])
        if right and strange * 2 >= end:
            return end, right
    return None


def _decoded(data: bytes) -> str:
    try:
        return data.decode("gbk")
    except UnicodeDecodeError:
        return ""


def _is_ordinary(text: str) -> bool:
    return len(text) >= 4 and not _is_common(text[0]) and all(_is_common(c) for c in text[1:])


def _is_common(character: str) -> bool:
    """Whether it is one of the 3,755 characters of GB 2312's first level, in either script."""
    try:
        code = fold(character).encode("gb2312")
    except UnicodeEncodeError:
        return False
    return len(code) == 2 and 0xB0 <= code[0] <= 0xD7
