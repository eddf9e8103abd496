"""Folding: a text as it reads when every disguise is taken off, with each character's place in the original.

Compatibility forms, Traditional script, zero-width characters, ornaments and spaces inside words, homophones, split
characters and pinyin are read as what they stand for. Every folded character knows the original span it came from, so
a span found in the folded text can always be cut from the original.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from operator import add
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
_SPELT_OUT = re.compile(
    f"(?<![a-z0-9](?=[a-z]))[{_CJK}a-z0-9](?P<mark>[-./,、+=#@&%~❤ \n])(?:[{_CJK}a-z0-9](?P=mark)){{2,}}(?:[{_CJK}0-9]|[a-z](?![a-z]))"
)
"""Characters kept apart one by one: 加-微-信-吧, 4 0 0."""
_BETWEEN_TWO = re.compile(f"(?<=[{_CJK}])[-+=#@&^]+(?=[{_CJK}])")
"""Marks that part nothing in Chinese: 返-现."""
_BOXED = re.compile(f"(?:[\\[(【<{{][{_CJK}a-z0-9][\\])】>}}]){{2,}}")
"""Characters boxed one by one: [补][偿]."""
_BOXED_PERHAPS = re.compile("[\\])】>}][\\[(【<{]")
"""Where one box ends and the next begins."""
_TWO_LETTERS = re.compile(f"(?:^|[^a-z0-9 ])[a-z]( )[a-z] ?[{_CJK}]")
"""Two letters kept apart before Chinese: A I 助手."""
_PHRASES = re.compile(f"(?<=[{_CJK}]{{4}}) (?=[{_CJK}]{{4}})")
"""A space in place of a comma, as people chat: 这单是厂家直发的 不从我们仓走. Nearer the edge of a phrase it may hide a word."""
_SPELT_OUT_PERHAPS = re.compile(r"[-./,、+=#@&%~❤ \n].[-./,、+=#@&%~❤ \n].[-./,、+=#@&%~❤ \n]", re.DOTALL)
"""What every `_SPELT_OUT` contains; quicker to find missing, because it starts with a mark."""
_BETWEEN_TWO_PERHAPS = re.compile("[-+=#@&^]")
_BEFORE_HEART = frozenset("薇微威徽维葳溦v返加")
_LATIN = re.compile("[a-z]")
_MOST_KEPT = 20_000
"""Characters whose folding is remembered."""
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
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original's span of the folded span [start, end); an empty one lies where it stands."""
        if start >= end:
            at = self.starts[start] if start < len(self.starts) else len(self.original)
            return at, at
        return self.starts[start], self.ends[end - 1]


class _Characters(dict[int, str]):
    """What single characters are folded to, for `str.translate`; worked out when first met, the usual ones kept."""

    def __init__(self, read: Callable[[str], str]) -> None:
        super().__init__()
        self._read = read
        self.uneven: set[str] = set()
        """Characters met that are folded to none or several."""

    def __missing__(self, code: int) -> str:
        c = chr(code)
        out = self._read(c)
        if len(out) != 1:
            self.uneven.add(c)
        if len(self) < _MOST_KEPT:
            self[code] = out
        return out


class _Spellings:
    """Words in other spellings, found where they stand. A text without any is told by its pairs of characters."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = dict(words)
        longest_first = sorted(words, key=lambda w: (-len(w), w))
        self._pattern = re.compile("|".join(re.escape(w) for w in longest_first)) if words else None
        self._single = frozenset(w for w in words if len(w) == 1)
        self._by_pair: dict[str, list[str]] = {}
        for w in words:
            if len(w) > 1:
                self._by_pair.setdefault(w[:2], []).append(w)

    def finditer(self, text: str, pairs: Set[str]) -> Iterable[re.Match[str]]:
        """Matches in order, of several at one place the longest. `pairs` are the pairs of characters of the text."""
        if self._pattern is None or not (
            any(word in text for pair in self._by_pair.keys() & pairs for word in self._by_pair[pair])
            or not self._single.isdisjoint(text)
        ):
            return ()
        return self._pattern.finditer(text)


class Folder:
    """Folds texts by the spellings of a data file. Time is linear in the text's length."""

    def __init__(self, path: Path = FOLDING) -> None:
        data = datafile.load(path, _Folding)
        self._characters = dict(data.characters)
        self._dropped = frozenset(data.dropped) | {"\ufe0f", "\u20e3"}
        self._table = _Characters(self._fold_character)
        words = {k.lower(): v for k, v in data.words.items() if k.lower() != v}
        mixed = _mixed_spellings(data.pinyin)
        self._spelt = tuple(data.pinyin)
        self._sounds = Sounds(data.pinyin)
        self._homophones = self._sounds.homophones
        self._sounding = frozenset(self._homophones)
        self._strangers = self._sounds.strangers
        self._targets = tuple(words.values())
        self._chinese = _Spellings({w: v for w, v in words.items() if not _LATIN.search(w)})
        latin = {w: v for w, v in words.items() if _LATIN.search(w)}
        self._latin = _Spellings({**mixed, **latin})
        self._hidden = frozenset(pair for word in self.guarded for pair in _pairs(word))

    @property
    def guarded(self) -> tuple[str, ...]:
        """The words looked out for in every spelling."""
        return tuple(dict.fromkeys((*self._spelt, *self._targets)))

    def fold(self, original: str) -> Folded:
        """The text without its disguises."""
        text, starts, ends = _close_gaps(*self._fold_characters(original), self._hidden)
        pairs = _pairs(text)
        if _LATIN.search(text):
            before = text
            text, starts, ends = _replace(self._latin, pairs, text, starts, ends)
            text, starts, ends = _written(self._sounds.spelt(text), text, starts, ends)
            pairs = pairs if text is before else _pairs(text)
        before = text
        text, starts, ends = _replace(self._chinese, pairs, text, starts, ends)
        if not self._strangers.isdisjoint(text):
            chars = list(text)
            for i, read in self._sounds.strange(text):
                chars[i] = read
            text = "".join(chars)
        pairs = pairs if text is before else _pairs(text)
        if not self._sounding.isdisjoint(pairs):
            text = self._as_sounded(text)
        return Folded(original, text, starts, ends)

    def _fold_characters(self, original: str) -> tuple[str, Sequence[int], Sequence[int]]:
        text = original.translate(self._table)
        size = len(original)
        if self._table.uneven.isdisjoint(original):
            return text, range(size), range(1, size + 1)
        chars: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for i, c in enumerate(original):
            for o in self._table[ord(c)]:
                chars.append(o)
                starts.append(i)
                ends.append(i + 1)
        return "".join(chars), starts, ends

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


def _pairs(text: str) -> set[str]:
    """Every two neighbouring characters."""
    return set(map(add, text, text[1:]))


def _replace(
    spellings: _Spellings, pairs: Set[str], text: str, starts: Sequence[int], ends: Sequence[int]
) -> tuple[str, Sequence[int], Sequence[int]]:
    parts: list[str] = []
    new_starts: list[int] = []
    new_ends: list[int] = []
    done = 0
    for m in spellings.finditer(text, pairs):
        word = spellings.words[m.group()]
        if _inside_latin_word(text, m.start(), m.end()):
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
    new_starts += starts[done:]
    new_ends += ends[done:]
    return "".join(parts), new_starts, new_ends


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
    found: Iterable[tuple[int, int, str]], text: str, starts: Sequence[int], ends: Sequence[int]
) -> tuple[str, Sequence[int], Sequence[int]]:
    """The text with each span replaced by its word; every character of a word stands for the whole span."""
    parts: list[str] = []
    new_starts: list[int] = []
    new_ends: list[int] = []
    done = 0
    for a, b, word in found:
        parts += [text[done:a], word]
        new_starts += [*starts[done:a], *[starts[a]] * len(word)]
        new_ends += [*ends[done:a], *[ends[b - 1]] * len(word)]
        done = b
    if not parts:
        return text, starts, ends
    return "".join(parts) + text[done:], [*new_starts, *starts[done:]], [*new_ends, *ends[done:]]


@lru_cache(maxsize=1)
def folder() -> Folder:
    """The one folder of the shipped spellings."""
    return Folder()


def fold(original: str) -> Folded:
    return folder().fold(original)


def _close_gaps(
    text: str, starts: Sequence[int], ends: Sequence[int], hidden: Set[str]
) -> tuple[str, Sequence[int], Sequence[int]]:
    """Drop spaces that do not part two Latin words, and marks put between single characters to hide a word. A space that
    parts two phrases is the comma that it stands for, unless its neighbours are a pair of `hidden`, parts of guarded words.
    """
    if " " in text:
        text = _PHRASES.sub(lambda m: " " if text[m.start() - 1] + text[m.end()] in hidden else ",", text)
        spelt = {i for m in _TWO_LETTERS.finditer(text) for i in (m.start(1),)}
        spelt |= {i for m in _SPELT_OUT.finditer(text) for i in _marks(m) if text[i] == " "}
        spaces = {i for i, c in enumerate(text) if c == " " and (i in spelt or not _parts_latin(text, i))}
        text, starts, ends = _without(spaces, text, starts, ends)
    drop: set[int] = set()
    if _BOXED_PERHAPS.search(text):
        drop = {i for m in _BOXED.finditer(text) for i in range(m.start(), m.end()) if (i - m.start()) % 3 != 1}
    if _SPELT_OUT_PERHAPS.search(text):
        drop |= {i for m in _SPELT_OUT.finditer(text) for i in _marks(m)}
    if _BETWEEN_TWO_PERHAPS.search(text):
        drop |= {i for m in _BETWEEN_TWO.finditer(text) for i in range(m.start(), m.end())}
    if "❤" in text:  # a word after 薇 or 返, decoration elsewhere
        drop |= {i for i, c in enumerate(text) if c == "❤" and text[i - 1 : i] not in _BEFORE_HEART}
    return _without(drop, text, starts, ends)


def _without(
    drop: Set[int], text: str, starts: Sequence[int], ends: Sequence[int]
) -> tuple[str, Sequence[int], Sequence[int]]:
    if not drop:
        return text, starts, ends
    keep = [i for i in range(len(text)) if i not in drop]
    return "".join(text[i] for i in keep), [starts[i] for i in keep], [ends[i] for i in keep]


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
    if letters.isascii() and (letters.isdigit() or len(letters) > 12 or (marks[0] != " " and len(letters) < 5)):
        return []
    return list(range(m.start() + 1, m.end(), 2))


def _inside_latin_word(text: str, start: int, end: int) -> bool:
    """A Latin spelling only counts when no further Latin letter touches it: "sf" is not read in "sfx", nor 8会 in 88会."""
    first, last = text[start], text[end - 1]
    before = text[start - 1] if start else ""
    if first.isdigit() and before.isdigit():
        return True
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
