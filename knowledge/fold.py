"""Text folded for matching: two spellings of one thing become one string. The original is what people are shown.

NFKC, Traditional to Simplified character by character, look-alike characters that scraped manuals carry (旳 for 的),
lower case, and without invisible characters. Offsets lead from every folded character back to the original, so what is
found in the folded text can be marked in the one that was given.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import NamedTuple

NORMALISER = "fold-1"
"""Kept with every index: vectors of texts folded by another version must not be mixed with these."""

# Look-alikes and net spellings seen where a common character is meant; each is rare enough never to be meant itself.
_VARIANTS = {"旳": "的", "哋": "地", "妳": "你", "牠": "它", "祂": "他", "囬": "回"}

# Joiners, marks of direction, the soft hyphen, variation selectors, tag characters: seen by no reader.
_INVISIBLE = frozenset(
    [
        0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0,
        *range(0x180B, 0x1810), *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070),
        *range(0xFE00, 0xFE10), *range(0xE0000, 0xE01F0),
    ]
)  # fmt: skip


class Folded(NamedTuple):
    """`text` folded, and `offsets[i]`: where in the original the folded character i comes from; one more for the end."""

    text: str
    offsets: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """[start, end) of the folded text as [start, end) of the original."""
        if start >= end:
            return self.offsets[start], self.offsets[start]
        last = self.offsets[end - 1]
        stop = next(o for o in (*self.offsets[end:], self.offsets[-1]) if o > last or o == self.offsets[-1])
        return self.offsets[start], stop


@cache
def _table() -> dict[int, str]:
    """One character to one: Simplified, variants, lower case. Closed: folding twice changes nothing more."""
    from opencc import OpenCC

    han = [chr(c) for low, high in ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x2A6E0)) for c in range(low, high)]
    simple = OpenCC("t2s").convert("\n".join(han)).split("\n")
    step = {a: b for a, b in zip(han, simple, strict=True) if a != b and len(b) == 1} | _VARIANTS
    table: dict[int, str] = {}
    for source in step:
        target, seen = step[source], {source}
        while target in step and target not in seen:
            seen.add(target)
            target = step[target]
        if target != source:
            table[ord(source)] = target
    for code in range(0x20000):
        lower = chr(code).lower()
        if len(lower) == 1 and lower != chr(code):
            table[code] = lower
    table.update(dict.fromkeys(_INVISIBLE, ""))
    return table


_WIDE = {code: unicodedata.normalize("NFKC", chr(code)) for code in (*range(0xFF01, 0xFF5F), 0x3000, 0x2026)}
"""What ordinary Chinese text is full of (\uff0c \uff1f …) and NFKC writes otherwise, each by itself: full-width forms."""


def fold(text: str) -> str:
    """`text` in the form that matching compares; the same as `fold_with_offsets(text).text`, and quick."""
    if not unicodedata.is_normalized("NFKC", text):
        text = text.translate(_WIDE)
    if unicodedata.is_normalized("NFKC", text):
        folded = text.translate(_table())
        return folded if unicodedata.is_normalized("NFKC", folded) else fold(folded)
    return fold_with_offsets(text).text


def fold_with_offsets(text: str) -> Folded:
    """`fold` with the way back. A cluster (a character and its combining marks) folds as one."""
    table = _table()
    characters, offsets = _compose(text, range(len(text) + 1))
    out: list[str] = []
    back: list[int] = []
    for character, offset in zip(characters, offsets, strict=True):
        mapped = table.get(ord(character), character)
        if mapped:
            out.append(mapped)
            back.append(offset)
    folded = "".join(out)
    while not unicodedata.is_normalized("NFKC", folded):  # what was removed had kept two characters apart
        folded, back = _compose(folded, [*back, len(text)])
        folded = folded.translate({k: v for k, v in table.items() if v})
    return Folded(folded, (*back, len(text)))


def _compose(text: str, offsets: range | list[int]) -> tuple[str, list[int]]:
    """NFKC, each character with the offset of the cluster it comes from."""
    if unicodedata.is_normalized("NFKC", text):
        return text, list(offsets[: len(text)])
    out: list[str] = []
    back: list[int] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and _joins(text[end]):
            end += 1
        cluster = unicodedata.normalize("NFKC", text[start:end])
        out.append(cluster)
        back.extend([offsets[start]] * len(cluster))
        start = end
    return "".join(out), back


def _joins(character: str) -> bool:
    """Whether the character may compose with the one before it: marks, and Hangul vowels and finals."""
    return (
        unicodedata.combining(character) != 0
        or unicodedata.category(character).startswith("M")
        or "\u1160" <= character <= "\u11ff"
        or "\uff9e" <= character <= "\uff9f"
        or "\uffa0" <= character <= "\uffdc"
    )


_HALF = {0xFEE0 + code: chr(code) for code in range(0x21, 0x7F) if chr(code).isalnum() or chr(code) in "!(),.:;?[]~"}


def half(text: str) -> str:
    """Full-width letters, digits and punctuation as half-width ones, character by character: offsets stay. Patterns that look
    for structure (a colon behind a name, a number with its point) are written half-width and read this.
    """
    return text.translate(_HALF)


@cache
def _shapes() -> dict[int, str]:
    """`half`, and Simplified for Traditional characters."""
    return {code: simple for code, simple in _table().items() if code >= 0x3400 and simple} | _HALF


def shape(text: str) -> str:
    """The text in half width and in Simplified characters, character by character: offsets stay. What patterns for structure,
    headings and labels read, so that a Traditional manual is parted as a Simplified one is.
    """
    return text.translate(_shapes())


def letters(text: str) -> str:
    """Only the letters and digits of the folded text: the form in which quotes and near copies are compared."""
    return "".join(c for c in fold(text) if c.isalnum())
