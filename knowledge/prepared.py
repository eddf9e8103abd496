"""What search keeps ready of the passages: everything that changes only when they do.

Passages that join a large collection are measured by what was known of it, so that one more costs the same whether there
are ten or a hundred thousand; when it has grown by a tenth, everything is measured anew. A snapshot that is laid out anew
(a small collection at every change: knowledge/index.py) is always measured anew, and reads as if it had never been smaller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.bridge import Bridge, Measures, Spread, centred, standardised
from knowledge.embedding import Embedder
from knowledge.growing import Growing
from knowledge.kept_words import KeptWords, marks_of
from knowledge.lexical import Cutter, Ints, LexicalIndex
from knowledge.matching import SituationMatcher
from knowledge.values import Passage, Progress

Floats = NDArray[np.float32]

HUB, CAUTIONED, BAD_EXAMPLE = 0.2, 1.0, 3.0
"""Taken off a passage's score: of what draws every query, of a caution, of what not to say."""
GROWTH = 1.1
"""How much larger a collection may become before all of it is measured anew."""


class PassageSet(Protocol):
    """Passages and their vectors at one moment: row i of `vectors` is `rows[i]`, found by searches where `alive[i]`.

    `number` grows with each change; while `layout` stays, rows have only been added at the end, or died.
    """

    @property
    def number(self) -> int: ...
    @property
    def layout(self) -> int: ...
    @property
    def rows(self) -> Sequence[Passage]: ...
    @property
    def alive(self) -> NDArray[np.bool_]: ...
    @property
    def vectors(self) -> Floats: ...


@dataclass(frozen=True)
class Measured:
    """What scores are measured by, and how many passages there were when it was taken."""

    size: int
    mean: Floats
    hub: Spread
    affinity: Measures


@dataclass(frozen=True)
class Prepared:
    """One snapshot, made ready: `vectors` [passages, dimension] centred; `affinity` [situations and topics, passages];
    `serves` [situations, passages] what each is taken to serve, said or not; `handicap` [passages] is taken off every score, and
    is infinite for what is dead.
    """

    number: int
    layout: int
    passages: Sequence[Passage]
    vectors: Floats
    lexical: LexicalIndex
    affinity: Floats
    serves: NDArray[np.bool_]
    handicap: Floats

    @cached_property
    def shingles(self) -> dict[int, frozenset[str]]:
        """Filled as passages come up."""
        return {}

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Live passages' places by their ids."""
        return {self.passages[row].passage_id: row for row in np.flatnonzero(np.isfinite(self.handicap)).tolist()}

    @cached_property
    def bad(self) -> NDArray[np.bool_]:
        """[passages] which tell what not to say."""
        return np.array([passage.kind == "bad_example" for passage in self.passages], dtype=np.bool_)

    def words(self, terms: Sequence[str]) -> Floats:
        """[passages] what the words speak for each; nothing for the dead."""
        scores = self.lexical.scores(terms)
        return np.where(np.isfinite(self.handicap), scores, np.float32(0))


class Preparation:
    """Makes snapshots ready, one after another; uses again what the last one knew. One thread at a time."""

    def __init__(
        self, embedder: Embedder, matcher: SituationMatcher, cutter: Cutter, cache: Path | None = None
    ) -> None:
        self._embedder = embedder
        self._matcher = matcher
        self._cutter = cutter
        self._cache = cache
        self._words = KeptWords(cache, cutter)
        self._dead = 0
        self._bridge: Bridge | None = None
        self._last: Prepared | None = None
        self._measured: Measured | None = None
        self._vectors: Growing[np.float32]
        self._affinity: Growing[np.float32]
        self._serves: Growing[np.bool_]
        self._burden: Growing[np.float32]

    def ready(self, snapshot: PassageSet, progress: Progress | None) -> Prepared:
        if self._bridge is None:
            self._bridge = Bridge(self._matcher.catalogue, self._embedder, self._cutter, self._cache)
        last, measured = self._last, self._measured
        dead = len(snapshot.rows) - int(snapshot.alive.sum())
        keep = dead != self._dead
        grows = last is not None and measured is not None and last.layout == snapshot.layout
        if grows and last is not None and measured is not None and len(snapshot.rows) <= GROWTH * measured.size:
            lexical = last.lexical
            if new := snapshot.rows[lexical.size :]:
                lexical = lexical.extended(self._cut(new, progress))
                self._append(self._bridge, snapshot, len(snapshot.rows) - len(new), lexical, measured)
        else:
            keep = True
            lexical = self._lexical(snapshot, last, progress)
            self._measure(self._bridge, snapshot, lexical)
        if keep:
            self._words.keep(lexical, marks_of([said_of(p) for p in snapshot.rows]), snapshot.alive)
            self._dead = dead
        self._last = Prepared(
            number=snapshot.number,
            layout=snapshot.layout,
            passages=snapshot.rows,
            vectors=self._vectors.view,
            lexical=lexical.merged(),
            affinity=self._affinity.view,
            serves=self._serves.view,
            handicap=np.where(snapshot.alive, self._burden.view, np.float32(np.inf)),
        )
        return self._last

    def _measure(self, bridge: Bridge, snapshot: PassageSet, lexical: LexicalIndex) -> None:
        """Everything anew."""
        total, dimension = snapshot.vectors.shape
        mean = snapshot.vectors.mean(axis=0) if total else np.zeros(dimension, dtype=np.float32)
        vectors = centred(snapshot.vectors, mean)
        affinity, serves, measures = bridge.affinity(snapshot.rows, vectors, lexical)
        hub = self._hub(vectors)
        self._measured = Measured(total, mean, Spread.of(hub), measures)
        self._vectors, self._affinity = Growing(vectors), Growing(affinity, axis=1)
        self._serves = Growing(serves, axis=1)
        self._burden = Growing(_burden(snapshot.rows, standardised(hub, self._measured.hub)))

    def _append(
        self, bridge: Bridge, snapshot: PassageSet, first: int, lexical: LexicalIndex, measured: Measured
    ) -> None:
        """The rows from `first` on, beside those that were measured."""
        new = snapshot.rows[first:]
        vectors = centred(snapshot.vectors[first:], measured.mean)
        affinity, serves, _ = bridge.affinity(new, vectors, lexical, measured.affinity)
        self._vectors.append(vectors)
        self._affinity.append(affinity)
        self._serves.append(serves)
        self._burden.append(_burden(new, standardised(self._hub(vectors), measured.hub)))

    def _hub(self, vectors: Floats) -> Floats:
        return np.asarray(self._matcher.customers.mean(axis=0) @ vectors.T, dtype=np.float32)

    def _lexical(self, snapshot: PassageSet, last: Prepared | None, progress: Progress | None) -> LexicalIndex:
        """Cut into terms is only what the last snapshot did not have."""
        if last is not None and last.layout == snapshot.layout:
            new = snapshot.rows[last.lexical.size :]
            return last.lexical.extended(self._cut(new, progress)) if new else last.lexical
        before, marks = (last.lexical, marks_of([said_of(p) for p in last.passages])) if last else self._words.recall()
        places = {mark: row for row, mark in enumerate(marks.tolist())}
        # A row serves once: of passages that say the same, the others are cut.
        known = [places.pop(mark, -1) for mark in marks_of([said_of(p) for p in snapshot.rows]).tolist()]
        new = [passage for passage, row in zip(snapshot.rows, known, strict=True) if row < 0]
        if len(new) == len(known):
            return LexicalIndex(self._cut(new, progress))
        both = before.extended(self._cut(new, progress)) if new else before
        origin: Ints = np.array(known, dtype=np.int32)
        origin[origin < 0] = np.arange(before.size, both.size, dtype=np.int32)
        return both.rearranged(origin)

    def _cut(self, passages: Sequence[Passage], progress: Progress | None) -> list[list[str]]:
        out = []
        for done, passage in enumerate(passages, start=1):
            out.append(self._cutter.terms(said_of(passage)))
            if progress and (done % 500 == 0 or done == len(passages)):
                progress("整理字词 / Reading the passages' words", done, len(passages))
        return out


def said_of(passage: Passage) -> str:
    """The words that a passage is found by."""
    return f"{passage.section}\n{passage.text}"


def _burden(passages: Sequence[Passage], hub: Floats) -> Floats:
    warned = [BAD_EXAMPLE if p.kind == "bad_example" else CAUTIONED if p.cautions else 0.0 for p in passages]
    return np.asarray(HUB * hub + np.array(warned, np.float32), dtype=np.float32)
