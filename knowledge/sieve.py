"""Which of many patterns could match a text at all: by the pairs of characters that a match must contain.

A pattern's required literals are read off its syntax tree. A text is looked through once, so that only a few of
several hundred patterns need RE2's closer look. An automaton of them all would be quick for words that it has met, and
twenty times slower for new ones.
"""

from __future__ import annotations

import importlib
import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from operator import add
from typing import Any

sre: Any = importlib.import_module("re._constants")
sre_parse: Any = importlib.import_module("re._parser")
_MOST_DEMANDS = 4
"""More than these tell little more."""
_LARGEST_RANGE = 40
_MOST_STRINGS = 400
"""Sets of literals are not multiplied out beyond this."""

_SENTENCES = re.compile(r"[^。!?;\n]{0,400}[。!?;\n]?")
Literals = frozenset[str]


class Sieve:
    """Finds the patterns worth trying. `patterns` are RE2 sources without word lists, several that must all be found.

    Each way that a pattern can match asks for up to `_MOST_DEMANDS` things that it can't do without; each is met by any
    of its literals. One bit for each demand: the bits of a text's character pairs are or-ed, the demands and-ed.
    """

    def __init__(self, patterns: Sequence[str | tuple[str, ...]], usual: Iterable[str] = ()) -> None:
        """`usual` are texts of the kind that will be looked through: what is common in them tells little."""
        ways: list[list[Literals]] = []
        self._pattern_of: list[int] = []
        for index, sources in enumerate((p,) if isinstance(p, str) else p for p in patterns):
            beside = [d for s in sources[1:] for d in demands(s)]
            for way in _ways(sources[0]):
                every = dict.fromkeys(sorted([*way, *beside], key=_worth, reverse=True))
                ways.append(list(every)[:_MOST_DEMANDS])
                self._pattern_of.append(index)
        self._count = len(ways)
        bits: dict[str, int] = defaultdict(int)
        self._unasked = 0
        self._every = (1 << self._count) - 1
        often = Counter(pair for found in ways for d in found for literal in d for pair in _pairs(literal))
        said = Counter(pair for text in usual for pair in (*set(text), *set(map(add, text, text[1:]))))
        for index, found in enumerate(ways):
            for slot in range(_MOST_DEMANDS):
                bit = 1 << (slot * self._count + index)
                if not found:
                    self._unasked |= bit
                    continue
                again, place = divmod(
                    slot, len(found)
                )  # where there is room, a second pair of each literal, the next rarest
                for literal in found[place]:
                    rarest = sorted(_pairs(literal), key=lambda pair: (said[pair], often[pair], pair))
                    bits[rarest[min(again, len(rarest) - 1)]] |= bit
        same: dict[int, int] = {}  # many pairs stand for the same: kept once, they stay in the processor's cache
        self._bits = {pair: same.setdefault(asked, asked) for pair, asked in bits.items()}
        self._known = frozenset(bits)  # two sets are met far quicker than a set and a dictionary's keys

    def candidates(self, text: str) -> list[int]:
        """Indexes of the patterns that may match within two neighbouring sentences of `text`: a match that reaches further
        may be left out.
        """
        met = [self._met(part) for part in _SENTENCES.findall(text)]
        left = 0
        for here, following in zip(met, [*met[1:], 0], strict=True):
            left |= self._whole(here | following | self._unasked)
        return self._indexes(left)

    def anywhere(self, text: str) -> list[int]:
        """Indexes of the patterns that may match anywhere in `text`, whose matches may reach across all of it."""
        return self._indexes(self._whole(self._met(text) | self._unasked))

    def _indexes(self, left: int) -> list[int]:
        """Whose ways the bits are."""
        found: dict[int, None] = {}
        while left:
            lowest = left & -left
            found[self._pattern_of[lowest.bit_length() - 1]] = None
            left ^= lowest
        return list(found)

    def _met(self, text: str) -> int:
        """The demands that a text meets, one bit each."""
        met = 0
        bits = self._bits
        for known in (self._known & set(text), self._known & set(map(add, text, text[1:]))):
            for part in known:
                met |= bits[part]
        return met

    def _whole(self, met: int) -> int:
        """The ways whose every demand is met."""
        left = self._every
        for _ in range(_MOST_DEMANDS):
            left &= met
            met >>= self._count
        return left


def _pairs(literal: str) -> list[str]:
    return [literal[i : i + 2] for i in range(len(literal) - 1)] or [literal]


def _ways(pattern: str) -> list[list[Literals]]:
    """The demands of each alternative of a pattern."""
    tree = _parsed(pattern)
    if tree is None:
        return [[]]
    nodes = list(tree)
    if len(nodes) == 1 and nodes[0][0] is sre.SUBPATTERN:
        nodes = list(nodes[0][1][-1])
    if len(nodes) == 1 and nodes[0][0] is sre.BRANCH:
        return [list(_demands(branch)) for branch in nodes[0][1][1]]
    return [list(_demands(nodes))]


def demands(pattern: str) -> list[Literals]:
    """Sets of strings: every match of the pattern contains one of each set."""
    tree = _parsed(pattern)
    return [] if tree is None else list(_demands(tree))


def _parsed(pattern: str) -> Any:
    """Its syntax tree; None where RE2 knows more than Python's parser. What that warns of means the same to RE2."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        try:
            return sre_parse.parse(pattern)
        except (sre_parse.error, OverflowError):
            return None


def _demands(nodes: Any) -> Iterable[Literals]:
    """The demands of a sequence: of each run of known strings, and of what each other node requires."""
    run: Literals = frozenset({""})
    for op, argument in nodes:
        if op is sre.SUBPATTERN and len(argument[-1]) > 1 and _sequence(argument[-1])[0] is None:
            if run and all(run):
                yield run
            run = frozenset({""})
            yield from _demands(argument[-1])
            continue
        exact, required = _node(op, argument)
        if required and all(required):
            yield required
        if exact is not None and len(run) * len(exact) <= _MOST_STRINGS:
            run = frozenset(a + b for a in run for b in exact)
            continue
        if run and all(run):
            yield run
        run = exact if exact is not None else frozenset({""})
    if run and all(run):
        yield run


def _worth(literals: Literals) -> tuple[int, int]:
    return min(min(map(len, literals)), 2), -len(literals)


def _sequence(nodes: Any) -> tuple[Literals | None, Literals | None]:
    """(every string the nodes can match, if that is known; the best set of which one must occur)."""
    best: list[Literals] = []
    run: Literals = frozenset({""})
    whole = True
    for op, argument in nodes:
        exact, required = _node(op, argument)
        if required:
            best.append(required)
        if exact is not None and len(run) * len(exact) <= _MOST_STRINGS:
            run = frozenset(a + b for a in run for b in exact)
            continue
        whole = False
        if run and all(run):
            best.append(run)
        run = exact if exact is not None else frozenset({""})
    if run and all(run):
        best.append(run)
    return (run if whole else None), (max(best, key=_worth) if best else None)


def _node(op: Any, argument: Any) -> tuple[Literals | None, Literals | None]:
    if op is sre.LITERAL:
        return frozenset({chr(argument)}), None
    if op is sre.IN:
        return _class(argument), None
    if op is sre.SUBPATTERN:
        return _sequence(argument[-1])
    if op is sre.AT:
        return frozenset({""}), None
    if op is sre.BRANCH:
        return _branch(argument[1])
    if op in {sre.MAX_REPEAT, sre.MIN_REPEAT}:
        least, most, nodes = argument
        exact, required = _sequence(nodes)
        if exact is not None and (least, most) == (0, 1):
            return exact | {""}, None
        if exact is not None and least == most == 1:
            return exact, required
        if least >= 1:
            choices = [s for s in (exact, required) if s and all(s)]
            return None, max(choices, key=_worth) if choices else None
    return None, None


def _class(items: Any) -> Literals | None:
    """The characters of a class, if they can be listed."""
    chars: set[str] = set()
    for op, argument in items:
        if op is sre.LITERAL:
            chars.add(chr(argument))
        elif op is sre.RANGE and argument[1] - argument[0] < _LARGEST_RANGE:
            chars.update(map(chr, range(argument[0], argument[1] + 1)))
        elif op is sre.CATEGORY and argument is sre.CATEGORY_DIGIT:
            chars.update("0123456789")
        else:
            return None
    return frozenset(chars)


def _branch(branches: Any) -> tuple[Literals | None, Literals | None]:
    exacts: list[Literals | None] = []
    requireds: list[Literals | None] = []
    for branch in branches:
        exact, required = _sequence(branch)
        exacts.append(exact)
        choices = [s for s in (exact, required) if s and all(s)]
        requireds.append(max(choices, key=_worth) if choices else None)
    all_exact = frozenset().union(*(e for e in exacts if e is not None)) if None not in exacts else None
    required = frozenset().union(*(r for r in requireds if r is not None)) if None not in requireds else None
    return all_exact, required
