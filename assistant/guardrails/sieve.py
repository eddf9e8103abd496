"""Which of many patterns could match a text at all: by the pairs of characters that a match must contain.

A pattern's required literals are read off its syntax tree. A text is looked through once, so that only a few of
several hundred patterns need RE2's closer look. Sound: a pattern that matches is never left out.
"""

from __future__ import annotations

import importlib
import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

sre: Any = importlib.import_module("re._constants")
sre_parse: Any = importlib.import_module("re._parser")
_MOST_STRINGS = 400
"""Sets of literals are not multiplied out beyond this."""

Literals = frozenset[str]


class Sieve:
    """Finds the patterns worth trying. `patterns` are RE2 sources without word lists."""

    def __init__(self, patterns: Sequence[str]) -> None:
        pairs: dict[str, set[int]] = defaultdict(set)
        singles: dict[str, set[int]] = defaultdict(set)
        always: set[int] = set()
        for index, pattern in enumerate(patterns):
            literals = required_literals(pattern)
            if not literals:
                always.add(index)
                continue
            for literal in literals:
                (pairs[literal[:2]] if len(literal) > 1 else singles[literal]).add(index)
        self._pairs = {k: frozenset(v) for k, v in pairs.items()}
        self._singles = {k: frozenset(v) for k, v in singles.items()}
        self._always = frozenset(always)

    def candidates(self, text: str) -> Iterable[int]:
        """Indexes of the patterns that may match `text`, in order."""
        found: set[int] = set(self._always)
        for c in set(text) & self._singles.keys():
            found |= self._singles[c]
        for pair in set(map("".join, itertools.pairwise(text))) & self._pairs.keys():
            found |= self._pairs[pair]
        return sorted(found)


def required_literals(pattern: str) -> Literals:
    """Strings of which every match contains at least one; empty when nothing is required."""
    try:
        tree = sre_parse.parse(pattern)
    except (sre_parse.error, OverflowError):
        return frozenset()
    exact, required = _sequence(tree)
    choices = [s for s in (exact, required) if s and all(s)]
    return max(choices, key=_worth) if choices else frozenset()


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
        chars = [chr(a) for o, a in argument if o is sre.LITERAL]
        return (frozenset(chars), None) if len(chars) == len(argument) else (None, None)
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
