"""Folding: a text as it reads when every disguise is taken off, with each character's place in the original.

Compatibility forms, Traditional script, zero-width characters, ornaments and spaces inside words, homophones, split
characters and pinyin are read as what they stand for. Every folded character knows the original span it came from, so
a span found in the folded text can always be cut from the original.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import opencc
from pydantic import Field

from assistant.guardrails.pinyin import Sounds
from knowledge import datafile
from knowledge.values import Value

FOLDING = Path(__file__).parent / "words" / "folding.yaml"

_CJK = "\u3400-\u9fff\uf900-\ufaff"
_BREAKS = "。!?;\n"
_simplify = opencc.OpenCC("t2s").convert
_SPELT_OUT = re.compile(f"[{_CJK}a-z0-9](?P<mark>[-./,、+=#@&%~❤ \n])(?:[{_CJK}a-z0-9](?P=mark)){{2,}}[{_CJK}a-z0-9]")
"""Characters kept apart one by one: 加-微-信-吧, 4 0 0."""
_BETWEEN_TWO = re.compile(f"(?<=[{_CJK}])[-+=#@&^]+(?=[{_CJK}])")
"""Marks that part nothing in Chinese: 返-现."""
_BOXED = re.compile(f"(?:[\\[(【<{{][{_CJK}a-z0-9][\\])】>}}]){{2,}}")
"""Characters boxed one by one: [补][偿]."""
_TWO_LETTERS = re.compile(f"(?:^|[^a-z0-9 ])[a-z]( )[a-z] ?[{_CJK}]")
"""Two letters kept apart before Chinese: A I 助手."""
_BEFORE_HEART = frozenset("薇微威徽维葳溦v返加")
_LATIN = re.compile("[a-z]")
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz")


class _Folding(Value):
    characters: dict[str, str]
    dropped: str
    words: dict[str, str]
    pinyin: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` is folded; its character i stands for original[starts[i]:ends[i]]."""

    original: str
    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original's span of the folded span [start, end); an empty one lies where it stands."""
        if start >= end:
            at = self.starts[start] if start < len(self.starts) else len(self.original)
            return at, at
        return self.starts[start], self.ends[end - 1]


class Folder:
    """Folds texts by the spellings of a data file. Time is linear in the text's length."""

    def __init__(self, path: Path = FOLDING) -> None:
        data = datafile.load(path, _Folding)
        self._characters = dict(data.characters)
        self._dropped = frozenset(data.dropped) | {"\ufe0f", "\u20e3"}
        self._cache: dict[str, str] = {}
        words = {k.lower(): v for k, v in data.words.items() if k.lower() != v}
        mixed = _mixed_spellings(data.pinyin)
        self._spelt = tuple(data.pinyin)
        self._sounds = Sounds(data.pinyin)
        self._homophones = self._sounds.homophones
        self._strangers = self._sounds.strangers
        self._words = words
        self._mixed = mixed
        self._word_pattern = _alternation([w for w in words if not _LATIN.search(w)])
        self._latin_pattern = _alternation([*(w for w in words if _LATIN.search(w)), *mixed])

    @property
    def guarded(self) -> tuple[str, ...]:
        """The words looked out for in every spelling."""
        return tuple(dict.fromkeys((*self._spelt, *self._words.values())))

    def fold(self, original: str) -> Folded:
        """The text without its disguises."""
        chars, starts, ends = self._fold_characters(original)
        chars, starts, ends = _close_gaps(chars, starts, ends)
        text = "".join(chars)
        if _LATIN.search(text):
            if self._latin_pattern is not None:
                text, starts, ends = self._replace(self._latin_pattern, text, starts, ends)
            text, starts, ends = _written(self._sounds.spelt(text), text, starts, ends)
        if self._word_pattern is not None:
            text, starts, ends = self._replace(self._word_pattern, text, starts, ends)
        if not self._strangers.isdisjoint(text):
            chars = list(text)
            for i, read in self._sounds.strange(text):
                chars[i] = read
            text = "".join(chars)
        if self._homophones.keys() & set(map("".join, itertools.pairwise(text))):
            text = self._as_sounded(text)
        return Folded(original, text, tuple(starts), tuple(ends))

    def _fold_characters(self, original: str) -> tuple[list[str], list[int], list[int]]:
        cache = self._cache
        folded = [cache.get(c) for c in original]
        if None in folded:
            for i, out in enumerate(folded):
                if out is None:
                    c = original[i]
                    folded[i] = out = self._fold_character(c)
                    if len(cache) < 20_000:
                        cache[c] = out
        outs = [out for out in folded if out is not None]
        size = len(original)
        if "" not in outs and len("".join(outs)) == size:
            return outs, list(range(size)), list(range(1, size + 1))
        chars: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for i, out in enumerate(outs):
            for o in out:
                chars.append(o)
                starts.append(i)
                ends.append(i + 1)
        return chars, starts, ends

    def _fold_character(self, c: str) -> str:
        if c in self._characters:
            return self._characters[c].lower()
        if c == "❤":  # stands for a word after 薇 or 返; dropped elsewhere
            return c
        if c in self._dropped or unicodedata.category(c) in {"Cf", "Cc", "Mn", "Me", "Sk"}:
            return "\n" if c == "\n" else ""
        if unicodedata.category(c) == "So" and unicodedata.normalize("NFKC", c) == c:
            return ""
        out = _simplify(_without_tones(unicodedata.normalize("NFKC", c).lower()))
        return "".join(self._characters.get(o, " " if o.isspace() else o) for o in out)

    def _as_sounded(self, text: str) -> str:
        """The text with homophones written as the guarded words that they stand for; as long as before."""
        chars = list(text)
        for i in range(len(chars) - 1):
            word = self._homophones.get(chars[i] + chars[i + 1])
            if word is not None:
                chars[i], chars[i + 1] = word[0], word[1]
        return "".join(chars)

    def _replace(
        self, pattern: re.Pattern[str], text: str, starts: list[int], ends: list[int]
    ) -> tuple[str, list[int], list[int]]:
        parts: list[str] = []
        new_starts: list[int] = []
        new_ends: list[int] = []
        done = 0
        for m in pattern.finditer(text):
            found = m.group()
            word = self._words.get(found) or self._mixed.get(found)
            if word is None or _inside_latin_word(text, m.start(), m.end()):
                continue
            a, b = m.span()
            if not word.isascii() and text[b : b + 1] == " ":
                b += 1  # the space that parted two Latin words parts nothing any more
            parts.append(text[done:a])
            new_starts += starts[done:a]
            new_ends += ends[done:a]
            parts.append(word)
            if len(word) == b - a:
                new_starts += starts[a:b]
                new_ends += ends[a:b]
            else:
                new_starts += [starts[a]] * len(word)
                new_ends += [ends[b - 1]] * len(word)
            done = b
        if not parts:
            return text, starts, ends
        parts.append(text[done:])
        return "".join(parts), new_starts + starts[done:], new_ends + ends[done:]


def _without_tones(text: str) -> str:
    """Latin letters without accents: diàn -> dian, lǜ -> lv."""
    if text.isascii():
        return text
    return "".join(_plain(c) for c in text)


def _plain(c: str) -> str:
    marks = unicodedata.normalize("NFD", c)
    base = marks[0]
    if base not in _PLAIN:
        return c
    return "v" if base == "u" and "\u0308" in marks else base


def _written(
    found: Iterable[tuple[int, int, str]], text: str, starts: list[int], ends: list[int]
) -> tuple[str, list[int], list[int]]:
    """The text with each span replaced by its word; every character of a word stands for the whole span."""
    parts: list[str] = []
    new_starts: list[int] = []
    new_ends: list[int] = []
    done = 0
    for a, b, word in found:
        parts += [text[done:a], word]
        new_starts += starts[done:a] + [starts[a]] * len(word)
        new_ends += ends[done:a] + [ends[b - 1]] * len(word)
        done = b
    if not parts:
        return text, starts, ends
    return "".join(parts) + text[done:], new_starts + starts[done:], new_ends + ends[done:]


@lru_cache(maxsize=1)
def folder() -> Folder:
    """The one folder of the shipped spellings."""
    return Folder()


def fold(original: str) -> Folded:
    return folder().fold(original)


def _close_gaps(chars: list[str], starts: list[int], ends: list[int]) -> tuple[list[str], list[int], list[int]]:
    """Drop spaces that do not part two Latin words, and marks put between single characters to hide a word."""
    text = "".join(chars)
    if " " in text:
        spelt = {i for m in _TWO_LETTERS.finditer(text) for i in (m.start(1),)}
        spelt |= {i for m in _SPELT_OUT.finditer(text) for i in _marks(m) if text[i] == " "}
        keep = [i for i, c in enumerate(text) if c != " " or (i not in spelt and _parts_latin(text, i))]
        chars, starts, ends = [chars[i] for i in keep], [starts[i] for i in keep], [ends[i] for i in keep]
        text = "".join(chars)
    drop = {i for m in _SPELT_OUT.finditer(text) for i in _marks(m)}
    drop |= {i for m in _BETWEEN_TWO.finditer(text) for i in range(m.start(), m.end())}
    drop |= {i for m in _BOXED.finditer(text) for i in range(m.start(), m.end()) if (i - m.start()) % 3 != 1}
    if "❤" in text:  # a word after 薇 or 返, decoration elsewhere
        drop |= {i for i, c in enumerate(text) if c == "❤" and text[i - 1 : i] not in _BEFORE_HEART}
    if not drop:
        return chars, starts, ends
    keep = [i for i in range(len(text)) if i not in drop]
    return [chars[i] for i in keep], [starts[i] for i in keep], [ends[i] for i in keep]


def _parts_latin(text: str, i: int) -> bool:
    """Whether the space at i stands between two Latin words or numbers."""
    before, after = text[i - 1 : i] if i else "", text[i + 1 : i + 2]
    if before.isdigit() and after.isdigit() and not text[max(0, i - 2) : i - 1].isdigit():
        return False  # 3 0元 is 30元
    return bool(before and after and before.isascii() and after.isascii() and before != " ")


def _marks(m: re.Match[str]) -> list[int]:
    """The marks of a spelt-out run, if it is one: the same mark throughout, and not a plain list or a number."""
    marks = m.group()[1::2]
    if (marks[0] in ",、" and len(marks) < 5) or (marks[0] == "\n" and len(marks) < 3):
        return []
    letters = m.group()[0::2]
    if letters.isascii() and (marks[0] != " " or letters.isdigit() or len(letters) > 12):
        return []
    return list(range(m.start() + 1, m.end(), 2))


def _inside_latin_word(text: str, start: int, end: int) -> bool:
    """A Latin spelling only counts when no further Latin letter touches it: "sf" is not read in "sfx"."""
    first, last = text[start], text[end - 1]
    before = text[start - 1] if start else ""
    after = text[end] if end < len(text) else ""
    latin = "abcdefghijklmnopqrstuvwxyz"
    return bool((first in latin and before and before in latin) or (last in latin and after and after in latin))


def _mixed_spellings(pinyin: dict[str, str]) -> dict[str, str]:
    """Every spelling of a word with at least one character in pinyin, spaces left out."""
    found: dict[str, str] = {}
    for word, syllables in pinyin.items():
        choices = [(c, s) for c, s in zip(word, syllables.split(), strict=True)]
        for picked in itertools.product(*choices):
            spelling = "".join(picked)
            if spelling == word or (spelling.isascii() and len(spelling) < 5):
                continue
            if not spelling.isascii() or len(spelling) > 5:
                found.setdefault(spelling, word)
            spaced = "".join(
                a + (" " if a.isascii() and b.isascii() and b else "")
                for a, b in zip(picked, (*picked[1:], ""), strict=True)
            )
            found.setdefault(spaced, word)
    return found


def _alternation(words: list[str]) -> re.Pattern[str] | None:
    """One pattern for all words, longest first; None when there are none."""
    longest_first = sorted(set(words), key=lambda w: (-len(w), w))
    return re.compile("|".join(re.escape(w) for w in longest_first)) if words else None
