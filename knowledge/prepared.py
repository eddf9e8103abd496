"""What search keeps ready of the passages: everything that changes only when they do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.bridge import Bridge, centred, standardised
from knowledge.embedding import Embedder
from knowledge.lexical import Cutter, LexicalIndex
from knowledge.matching import SituationMatcher
from knowledge.values import Passage, Progress

Floats = NDArray[np.float32]

HUB, CAUTIONED, BAD_EXAMPLE = 0.2, 1.0, 3.0
"""Taken off a passage's score: of what draws every query, of a caution, of what not to say."""


class PassageSet(Protocol):
    """Passages and their vectors at one moment: row i of `vectors` is `passages[i]`. `number` grows with each change."""

    @property
    def number(self) -> int: ...
    @property
    def passages(self) -> tuple[Passage, ...]: ...
    @property
    def vectors(self) -> Floats: ...


@dataclass(frozen=True)
class Prepared:
    """One snapshot, made ready: `affinity` [situations and topics, passages]; `handicap` [passages] is taken off every score."""

    number: int
    passages: tuple[Passage, ...]
    mean: Floats
    vectors: Floats
    lexical: LexicalIndex
    affinity: Floats
    handicap: Floats

    @cached_property
    def shingles(self) -> dict[int, frozenset[str]]:
        """Filled as passages come up."""
        return {}


class Preparation:
    """Makes snapshots ready, one after another; remembers what the next one can use again. One thread at a time."""

    def __init__(self, embedder: Embedder, matcher: SituationMatcher, cutter: Cutter) -> None:
        self._embedder = embedder
        self._matcher = matcher
        self._cutter = cutter
        self._bridge: Bridge | None = None
        self._terms: dict[str, tuple[str, ...]] = {}

    def terms(self, passage_id: str) -> tuple[str, ...]:
        """The terms of a passage that was made ready; none for another."""
        return self._terms.get(passage_id, ())

    def ready(self, snapshot: PassageSet, progress: Progress | None) -> Prepared:
        passages, total = snapshot.passages, len(snapshot.passages)
        if self._bridge is None:
            self._bridge = Bridge(self._matcher.catalogue, self._embedder, self._cutter)
        known = self._terms
        self._terms = {}
        for done, passage in enumerate(passages, start=1):
            terms = known.get(passage.passage_id)
            said = f"{passage.section}\n{passage.text}"
            self._terms[passage.passage_id] = terms if terms is not None else tuple(self._cutter.terms(said))
            if progress and (done % 500 == 0 or done == total):
                progress("整理字词 / Reading the passages' words", done, total)
        lexical = LexicalIndex([self._terms[p.passage_id] for p in passages])
        mean = snapshot.vectors.mean(axis=0) if total else np.zeros(snapshot.vectors.shape[1], dtype=np.float32)
        vectors = centred(snapshot.vectors, mean)
        hub = standardised(self._matcher.customers.mean(axis=0) @ vectors.T)
        warned = np.array(
            [BAD_EXAMPLE if p.kind == "bad_example" else CAUTIONED if p.cautions else 0.0 for p in passages], np.float32
        )
        return Prepared(
            number=snapshot.number,
            passages=passages,
            mean=mean,
            vectors=vectors,
            lexical=lexical,
            affinity=self._bridge.affinity(passages, vectors, lexical),
            handicap=np.asarray(HUB * hub + warned, dtype=np.float32),
        )
