"""Finds passages that say again what another says, word for word or nearly, within a document and across documents.

Each passage is sketched by the smallest hashes of its five-character shingles; passages that share one are compared in
full. Two are near copies when nine tenths of their character pairs are the same.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from functools import lru_cache

from knowledge import fold
from knowledge.store import Copy, PlacedPassage

MARKS = 8
SHINGLE = 5
NEAR = 0.9
CONTAINED = 0.97
SHORTEST_NEAR = 24  # letters; below, only exact copies count: a word makes all the difference

letters = lru_cache(maxsize=8192)(fold.letters)

Lookup = Callable[[Sequence[int]], dict[str, Copy]]
"""Marks -> indexed passages elsewhere that share one of them, by id."""


def marks_of(text: str) -> tuple[int, ...]:
    """The sketch of a text: up to MARKS numbers, the same for any spelling that folds to the same letters."""
    form = letters(text)
    shingles = {form[i : i + SHINGLE] for i in range(max(1, len(form) - SHINGLE + 1))}
    return tuple(sorted(zlib.crc32(s.encode("utf-8")) for s in shingles)[:MARKS])


def same(one: str, other: str) -> bool:
    """Whether `one` says nothing that `other` does not: equal letters, nearly equal, or contained in it."""
    a, b = letters(one), letters(other)
    if a == b or (len(a) >= SHORTEST_NEAR and a in b):
        return True
    if min(len(a), len(b)) < SHORTEST_NEAR or re.findall(r"\d+", a) != re.findall(r"\d+", b):
        return False  # a differing figure is a differing rule
    pairs_a, pairs_b = _pairs(a), _pairs(b)
    shared = len(pairs_a & pairs_b)
    return shared >= NEAR * len(pairs_a | pairs_b) or (len(a) < len(b) and shared >= CONTAINED * len(pairs_a))


def deduplicate(passages: Sequence[PlacedPassage], elsewhere: Lookup) -> tuple[PlacedPassage, ...]:
    """The same passages, those that repeat another marked with `duplicate_of`. Of copies within a document the fullest
    stays, of copies across documents the one that was there first; a bad example never stands in for advice.
    """
    order = sorted(range(len(passages)), key=lambda i: (-len(letters(passages[i].passage.text)), i))
    known: dict[int, list[int]] = {}
    kept: dict[int, str | None] = {}
    for i in order:
        placed = passages[i]
        if placed.duplicate_of is not None:
            continue
        near = {j for mark in placed.marks for j in known.get(mark, ())}
        original = next((j for j in sorted(near) if _repeats(copy_of(placed), copy_of(passages[j]))), None)
        if original is None:
            for mark in placed.marks:
                known.setdefault(mark, []).append(i)
            found = elsewhere(placed.marks)
            kept[i] = next((pid for pid, copy in found.items() if _repeats(copy_of(placed), copy)), None)
        else:
            kept[i] = kept[original] or passages[original].passage.passage_id
    # A place that was known to repeat a passage repeats whatever that passage turned out to repeat.
    final = {p.passage.passage_id: kept.get(i) for i, p in enumerate(passages)}
    return tuple(
        p.model_copy(
            update={"duplicate_of": kept[i] if i in kept else final.get(p.duplicate_of or "") or p.duplicate_of}
        )
        for i, p in enumerate(passages)
    )


def copy_of(placed: PlacedPassage) -> Copy:
    return Copy(placed.passage.text, placed.passage.kind == "bad_example")


def _repeats(one: Copy, other: Copy) -> bool:
    return one.bad_example == other.bad_example and same(one.text, other.text)


def _pairs(form: str) -> set[str]:
    return {form[i : i + 2] for i in range(len(form) - 1)}
