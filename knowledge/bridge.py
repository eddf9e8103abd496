"""How much each passage speaks to each situation and topic: computed when passages change, read by every search.

A manual that says nothing of situations profits too: its passages are compared with what the catalogue says manuals call
the situation, by words and by meaning. What a passage declares counts on top.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import Embedder
from knowledge.embedding.shipped import recalled
from knowledge.fold import letters
from knowledge.kept import read_kept, write_kept
from knowledge.lexical import Asked, Cutter, LexicalIndex
from knowledge.situations import SituationCatalogue, SituationEntry
from knowledge.values import Passage

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

TERMS, PROFILE, MEANING, DECLARED = 1.2, 1.8, 1.2, 7.0
"""Weights of: words of the manual terms; words of the whole profile; meaning of the manual terms (these three found by
cross-validation on real manuals, docs/decisions/retrieval.md); and what the passage itself declares, which is authored.
"""

FOUND_TERMS, FOUND_PROFILE, FOUND_MEANING, FOUND_FROM = 1.2, 2.1, 6.4, 8.0
"""When a passage that declares nothing is taken to serve a situation: the logarithms of its words (over that of how many
passages there are) for the manual terms and for the whole profile, and meaning, from a sum on. Learnt from five real manuals,
labelled by hand (docs/decisions/retrieval.md, "Coverage").
"""


@dataclass(frozen=True)
class Spread:
    """How each row of some scores lies: what later scores of the same kind are measured by."""

    mean: Floats
    deviation: Floats
    best: Floats

    @classmethod
    def of(cls, scores: Floats) -> Spread:
        if not scores.shape[-1]:
            nothing = np.zeros((*scores.shape[:-1], 1), dtype=np.float32)
            return cls(nothing, nothing, nothing)
        deviation, mean = scores.std(axis=-1, keepdims=True), scores.mean(axis=-1, keepdims=True)
        return cls(mean, deviation, scores.max(axis=-1, keepdims=True))


def standardised(scores: Floats, by: Spread | None = None) -> Floats:
    """Each row with mean 0 and deviation 1, so that scores of different kinds can be added; a flat row becomes zeros.
    `by` is the spread of the scores that these belong to, when they are not all of them.
    """
    if not scores.size:
        return scores
    by = by or Spread.of(scores)
    centred = scores - by.mean
    return np.asarray(np.where(by.deviation > 1e-6, centred / np.maximum(by.deviation, 1e-6), 0), dtype=np.float32)


def relative(scores: Floats, by: Spread | None = None) -> Floats:
    """Word scores, each row's best at 5: about where a clear best stands among standardised ones. Unlike a deviation, the
    best does not tower higher the more passages there are that share no word at all. `by` as above.
    """
    if not scores.size:
        return scores
    best = (by or Spread.of(scores)).best
    return np.asarray(np.where(best > 0, 5 * scores / np.maximum(best, 1e-6), 0), dtype=np.float32)


def centred(vectors: Floats, mean: Floats) -> Floats:
    """Vectors without their common part, again of length 1."""
    moved = vectors - mean
    return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=-1, keepdims=True), 1e-9), dtype=np.float32)


@dataclass(frozen=True)
class Measures:
    """How the three kinds of closeness lie over the passages that there were when it was taken."""

    names: Spread
    profile: Spread
    meaning: Spread


class Bridge:
    def __init__(
        self, catalogue: SituationCatalogue, embedder: Embedder, cutter: Cutter, cache: Path | None = None
    ) -> None:
        """`cache` is a folder that keeps the vectors of the situations' names between starts."""
        self.catalogue = catalogue
        self._names = Asked([cutter.terms(_names(entry)) for entry in catalogue.everything])
        self._profiles = Asked([cutter.terms(_profile(entry)) for entry in catalogue.everything])
        self._rows = {entry.id: i for i, entry in enumerate(catalogue.everything)}
        self._serving: dict[
            str, list[tuple[int, float]]
        ] = {}  # by technique: the situations that it serves, and how much
        for row, entry in enumerate(catalogue.everything):
            for rank, technique in enumerate(entry.techniques):
                self._serving.setdefault(letters(technique), []).append((row, 1 / (1 + 0.25 * rank)))
        vectors = _vectors(names_of(catalogue), embedder, cache)
        self._vectors = centred(vectors, vectors.mean(axis=0)) if len(vectors) else vectors

    def affinity(
        self, passages: Sequence[Passage], vectors: Floats, lexical: LexicalIndex, by: Measures | None = None
    ) -> tuple[Floats, Flags, Measures]:
        """float32 [situations and topics, passages]; which situations [situations, passages] a passage is taken to serve though
        it may not say so; and what was measured by. `vectors` are the passages', centred.

        `lexical` holds the passages as its last ones. With `by`, they join others that were measured before.
        """
        first = lexical.size - len(passages)
        names = lexical.many(self._names, first)
        profile = lexical.many(self._profiles, first)
        meaning: Floats = self._vectors @ vectors.T
        by = by or Measures(Spread.of(names), Spread.of(profile), Spread.of(meaning))
        out: Floats = TERMS * relative(names, by.names) + PROFILE * relative(profile, by.profile)
        out += MEANING * standardised(meaning, by.meaning)
        out += DECLARED * self._declared(passages)
        count, size = len(self.catalogue.entries), np.float32(np.log(1 + lexical.size))
        found = FOUND_TERMS * np.log1p(names[:count] / size) + FOUND_PROFILE * np.log1p(profile[:count] / size)
        found += FOUND_MEANING * meaning[:count]
        return out, (found > FOUND_FROM) & ~self._denied(passages), by

    def _denied(self, passages: Sequence[Passage]) -> Flags:
        out = np.zeros((len(self.catalogue.entries), len(passages)), dtype=np.bool_)
        for column, passage in enumerate(passages):
            for situation in passage.denied & self._rows.keys():
                out[self._rows[situation], column] = True
        return out

    def _declared(self, passages: Sequence[Passage]) -> Floats:
        """1 for the first situation that a passage names, less for later ones; the same for techniques; -1 for one denied."""
        out = np.zeros((len(self._rows), len(passages)), dtype=np.float32)
        for column, passage in enumerate(passages):
            for rank, situation in enumerate(passage.serves):
                own = self._rows.get(situation)
                if own is not None:
                    out[own, column] = max(out[own, column], 1 / (1 + 0.15 * rank))
            for technique in passage.techniques:
                for row, share in self._serving.get(letters(technique), ()):
                    out[row, column] = max(out[row, column], share)
            for situation in passage.denied & self._rows.keys():
                out[self._rows[situation], column] = -1
        return out


def _vectors(names: Sequence[str], embedder: Embedder, cache: Path | None) -> Floats:
    """float32 [names, dimension]"""
    identity = embedder.identity
    said = hashlib.sha256("\n".join(names).encode()).hexdigest()[:24]
    file = cache / f"names-{identity.key}-{said}.npz" if cache else None
    kept = (read_kept(file) or {}).get("vectors")
    if kept is not None and kept.shape == (len(names), identity.dimension):
        return kept
    vectors = recalled(names, embedder.queries, identity, identity.query_prompt)
    if file is not None:
        write_kept(file, {"vectors": vectors}, instead_of=file.parent.glob("names-*.npz"))
    return vectors


def names_of(catalogue: SituationCatalogue) -> list[str]:
    """What manuals call each situation and topic, as it is embedded."""
    return [_names(entry) for entry in catalogue.everything]


def _names(entry: SituationEntry) -> str:
    return "、".join(entry.manual_terms)


def _profile(entry: SituationEntry) -> str:
    return f"{entry.name}:{entry.description}。{_names(entry)}。{'、'.join(entry.techniques)}"
