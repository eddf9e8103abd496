"""Sentences to points: by what they mean to the trained reader, and by the points' own cues.

`python -m knowledge.point_matching` says what the points' files hold and how their cues part them; `-v` lists cues that
match strangers' exemplars or their own look-alikes, and cues that miss many of their own.
"""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import re2

from knowledge.fold import fold
from knowledge.kept import Arrays, packed_strings, read_kept, unpacked_strings, write_kept
from knowledge.matching import Floats
from knowledge.meaning.classifier import Classifier
from knowledge.meaning.reading import MeaningReader
from knowledge.points import Point, PointBook
from knowledge.values import PointMatch, Progress

_CHUNK = 256
CUE_DISCOUNT, MOST_OF_A_CUE = 3.0, 5.0
"""What a cue adds to the log odds of resemblance is how much oftener it stands in its own exemplars than in others', as a
log ratio, less the discount (what names a point and what resembles it are not independent), and no more than the most."""
CUES_TOGETHER = 60
"""Cues that are looked for in one pass: the automaton of more is slower to build than several passes take."""


class Cues:
    """Which points' cues match a text, many patterns in one pass, in linear time."""

    def __init__(self, book: PointBook) -> None:
        self._sets = _sets([(row, p.cue) for row, p in enumerate(book.points) if p.cue])
        self._barring = {
            row: re2.compile(point.cue_unless) for row, point in enumerate(book.points) if point.cue_unless
        }

    def of(self, text: str) -> frozenset[int]:
        """Rows of `book.points`."""
        folded = fold(text)
        found = {rows[i] for patterns, rows in self._sets for i in patterns.Match(folded) or ()}
        return frozenset(r for r in found if r not in self._barring or not self._barring[r].search(folded))

    def weights(self, book: PointBook) -> Floats:
        """float32 [points]: what each cue adds to the log odds, from how it parts its own exemplars from all others."""
        own, strange = np.zeros(len(book.points)), np.zeros(len(book.points))
        for row, point in enumerate(book.points):
            for text in point.exemplars:
                for found in self.of(text):
                    if found == row:
                        own[found] += 1
                    elif not _related(book.points[found], point):
                        strange[found] += 1
            for text in point.unlike:
                for found in self.of(text):
                    strange[found] += 1
        sizes = np.array([len(p.exemplars) for p in book.points])
        others = max(1, int(sizes.sum()))
        ratio = np.log((own + 0.5) / (sizes + 1)) - np.log((strange + 0.5) / others)
        return np.asarray(np.clip(ratio - CUE_DISCOUNT, 0, MOST_OF_A_CUE), dtype=np.float32)


def _sets(cues: Sequence[tuple[int, str]]) -> list[tuple[Any, list[int]]]:
    """Compiled sets of cues with the rows that they stand for."""
    options = re2.Options()
    options.max_mem = 64 << 20
    made = []
    for at in range(0, len(cues), CUES_TOGETHER):
        part = cues[at : at + CUES_TOGETHER]
        patterns = re2.Set.SearchSet(options)
        for _, cue in part:
            patterns.Add(cue)
        patterns.Compile()
        made.append((patterns, [row for row, _ in part]))
    return made


class PointMatcher:
    """Matches sentences to points: by what they mean to the trained reader, and by the points' cues. Any thread may ask."""

    def __init__(self, book: PointBook, meaning: MeaningReader, cache: Path | None = None) -> None:
        """`cache` is a folder that keeps what the exemplars teach between starts; it may be emptied at any time."""
        self.book = book
        self._meaning = meaning
        self._cache = cache
        self._cues = Cues(book)
        self._learnt: tuple[Classifier, Floats] | None = None
        self._learning = threading.Lock()

    def prepare(self, progress: Progress | None = None) -> tuple[Classifier, Floats]:
        """Learn from the exemplars, if that is not done: start-up calls it, or else the first match. The classifier, and
        what each cue weighs.
        """
        with self._learning:
            if self._learnt is None:
                self._learnt = (self._kept() or self._fit(progress), self._weights())
            return self._learnt

    def match(self, sentences: Sequence[str], k: int = 3) -> tuple[PointMatch, ...]:
        """For each sentence its k likeliest points, best first within a sentence."""
        if not sentences or not self.book.points:
            return ()
        vectors = self._meaning.vectors(sentences)
        learnt, weighs = self.prepare()
        likely = np.clip(learnt.probabilities(vectors)[:, : len(self.book.points)], 1e-6, 1 - 1e-6)
        odds = np.log(likely / (1 - likely))
        found: list[PointMatch] = []
        for index, sentence in enumerate(sentences):
            cued = sorted(self._cues.of(sentence))
            odds[index, cued] += weighs[cued]
            for row in np.argsort(-odds[index], kind="stable")[:k].tolist():
                found.append(
                    PointMatch(
                        point_id=self.book.points[row].id,
                        score=float(1 / (1 + np.exp(-odds[index, row]))),
                        text_index=index,
                        cued=row in cued,
                    )
                )
        return tuple(found)

    def _fit(self, progress: Progress | None) -> Classifier:
        entries = self.book.entries
        exemplars = [x for entry in entries for x in entry.exemplars]
        labels = [row for row, entry in enumerate(entries) for _ in entry.exemplars]
        known = self._remembered()
        new = [x for x in dict.fromkeys(exemplars) if _mark(x) not in known]
        for at in range(0, len(new), _CHUNK):
            part = new[at : at + _CHUNK]
            known.update(zip(map(_mark, part), self._meaning.vectors(part), strict=True))
            if progress:
                progress("学习顾客一句句说什么 / Reading the points", min(at + _CHUNK, len(new)), len(new))
        rows = [known[_mark(x)] for x in exemplars]
        vectors = np.stack(rows) if rows else self._meaning.vectors([])
        learnt = Classifier.fit(vectors, labels, len(entries))
        numbers = np.array([learnt.slope, learnt.intercept, learnt.first])
        kept = {"vectors": learnt.vectors, "weights": learnt.weights, "numbers": numbers}
        marks = np.array([_mark(x) for x in exemplars], dtype=np.uint64)
        self._keep("points", {**kept, "marks": marks, "reader": packed_strings([self._meaning.key])})
        return learnt

    def _remembered(self) -> dict[int, Floats]:
        """The vectors of exemplars that an earlier book had too, by their mark, as far as this reader saw them."""
        known: dict[int, Floats] = {}
        for path in sorted(self._cache.glob("points-*.npz")) if self._cache else ():
            kept = read_kept(path) or {}
            if {"vectors", "marks", "reader"} <= kept.keys() and unpacked_strings(kept["reader"]) == [
                self._meaning.key
            ]:
                known.update(zip(kept["marks"].tolist(), kept["vectors"], strict=False))
        return known

    def _kept(self) -> Classifier | None:
        kept = read_kept(self._file("points"))
        if kept is None or not {"vectors", "weights", "numbers"} <= kept.keys():
            return None
        return Classifier(kept["vectors"], kept["weights"], *map(float, kept["numbers"]))

    def _weights(self) -> Floats:
        """What the cues weigh: kept apart from the rest, so that a change of a cue costs no new fit."""
        kept = read_kept(self._file("cues"))
        if kept is not None and kept.get("cues", np.empty(0)).shape == (len(self.book.points),):
            return kept["cues"]
        weighs = self._cues.weights(self.book)
        self._keep("cues", {"cues": weighs})
        return weighs

    def _keep(self, what: str, arrays: Arrays) -> None:
        file = self._file(what)
        if file is not None:
            write_kept(file, arrays, instead_of=file.parent.glob(f"{what}-*.npz"))

    def _file(self, what: str) -> Path | None:
        """Named by all that its content comes from: the exemplars and the reader, or the exemplars and the cues."""
        if self._cache is None:
            return None
        said = [[e.id, e.exemplars] for e in self.book.entries]
        cues = [[p.cue, p.cue_unless, p.situations, p.unlike] for p in self.book.points]
        made_of = [said, self._meaning.key if what == "points" else cues]
        key = hashlib.sha256(json.dumps(made_of, ensure_ascii=False).encode()).hexdigest()[:24]
        return self._cache / f"{what}-{key}.npz"


def _mark(exemplar: str) -> int:
    return int.from_bytes(hashlib.sha256(exemplar.encode()).digest()[:8])


def _related(one: Point, other: Point) -> bool:
    """The same point, or points that are made in the same situation: which of them it is, resemblance tells."""
    return bool(set(one.situations) & set(other.situations))


def doubts(book: PointBook) -> Iterator[str]:
    """What to look at in the files, a line each."""
    owner: dict[str, str] = {}
    for point in book.points:
        for exemplar in point.exemplars:
            first = owner.setdefault(exemplar, point.id)
            if first != point.id:
                yield f"「{exemplar}」 stands in {first} and in {point.id}"
    cues = Cues(book)
    for row, point in enumerate(book.points):
        if point.cue:
            yield from _doubts_of(row, point, book, cues)


def _doubts_of(row: int, point: Point, book: PointBook, cues: Cues) -> Iterator[str]:
    found = {text: cues.of(text) for text in (*point.exemplars, *point.unlike)}
    for text in point.exemplars:
        for other in found[text]:
            if not _related(point, book.points[other]):
                yield f"{book.points[other].id}: cue matches 「{text}」 of {point.id}"
    for text in point.unlike:
        if row in found[text]:
            yield f"{point.id}: cue matches its own look-alike 「{text}」"
    missed = [text for text in point.exemplars if row not in found[text]]
    if len(missed) * 3 > len(point.exemplars):
        yield f"{point.id}: cue misses {missed}"


def main() -> None:
    """Say what the files hold; a mistake ends it with file and line."""
    book = PointBook.load()
    lines = list(doubts(book))
    if "-v" in sys.argv:
        sys.stdout.writelines(f"{line}\n" for line in lines)
    exemplars = sum(len(p.exemplars) for p in book.points)
    wordings = sum(len(m.wordings) for p in book.points for m in p.moves)
    cued = sum(bool(p.cue) for p in book.points)
    sys.stdout.write(
        f"{len(book.points)} points, {cued} with a cue, {exemplars} exemplars, {wordings} wordings; "
        f"{len(lines)} things to look at (-v)\n"
    )


if __name__ == "__main__":
    main()
