"""Sentences to points: by what they mean to the trained reader, and by the points' own cues.

`python -m knowledge.point_matching` says what the points' files hold and how their cues part them; `-v` lists cues that
match strangers' exemplars or their own look-alikes, and cues that miss many of their own.
"""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import re2

from knowledge.fold import fold
from knowledge.kept import Arrays, read_kept, write_kept
from knowledge.matching import Floats
from knowledge.meaning.point_head import Bearings
from knowledge.meaning.reading import MeaningReader
from knowledge.points import Point, PointBook
from knowledge.sieve import Sieve
from knowledge.values import PointMatch, Progress

_CHUNK = 256
CUE_DISCOUNT, MOST_OF_A_CUE = 3.0, 5.0
CUE_SHARE = 0.27
"""What a cue adds to the log odds of resemblance is how much oftener it stands in its own exemplars than in others', as a
log ratio, less the discount (what names a point and what resembles it are not independent), and no more than the most."""


class Cues:
    """Which points' cues match a text, in linear time: few are looked for, those whose letters it has."""

    def __init__(self, book: PointBook) -> None:
        self._cued = [(row, point) for row, point in enumerate(book.points) if point.cue]

    @cached_property
    def _sieve(self) -> Sieve:
        return Sieve([point.cue for _, point in self._cued])

    def of(self, text: str) -> frozenset[int]:
        """Rows of `book.points`."""
        folded = fold(text)
        likely = (self._cued[i] for i in self._sieve.anywhere(folded))
        return frozenset(row for row, point in likely if _cued(point, folded))

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
        return np.asarray(CUE_SHARE * np.clip(ratio - CUE_DISCOUNT, 0, MOST_OF_A_CUE), dtype=np.float32)


def _cued(point: Point, folded: str) -> bool:
    if not _compiled(point.cue).search(folded):
        return False
    return not (point.cue_unless and _compiled(point.cue_unless).search(folded))


@cache
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern)


class PointMatcher:
    """Matches sentences to points: by what they mean to the trained reader, and by the points' cues. Any thread may ask."""

    def __init__(self, book: PointBook, meaning: MeaningReader, cache: Path | None = None) -> None:
        """`cache` is a folder that keeps what is learnt from the points' files between starts; it may be emptied at any
        time.
        """
        self.book = book
        self._meaning = meaning
        self._cache = cache
        self._cues = Cues(book)
        row = {p.id: at for at, p in enumerate(book.points)}
        self._twins = tuple((row[p.id], row[twin]) for p in book.points for twin in p.twins)
        self._learnt: tuple[Bearings, Floats] | None = None
        self._learning = threading.Lock()

    def prepare(self, progress: Progress | None = None) -> tuple[Bearings, Floats]:
        """Learn what the points' files say beyond what the reader was taught, if that is not done: start-up calls it, or
        else the first match. Where the points lie, and what each cue weighs.
        """
        with self._learning:
            if self._learnt is None:
                self._learnt = (self._bearings(progress), self._weights())
            return self._learnt

    def match(
        self, sentences: Sequence[str], prior: Mapping[str, float] | None = None, k: int = 3
    ) -> tuple[PointMatch, ...]:
        """For each sentence its k likeliest points, best first within a sentence. `prior` are log odds by which a point, by
        its id, is likelier than others before anything is read.
        """
        if not sentences or not self.book.points:
            return ()
        vectors = self._meaning.vectors(sentences)
        bearings, weighs = self.prepare()
        named = [sorted(self._cues.of(sentence)) for sentence in sentences]
        besides = np.zeros((len(sentences), len(self.book.points)), dtype=np.float32)
        for index, cued in enumerate(named):
            besides[index, cued] = weighs[cued]
        before = np.array([(prior or {}).get(p.id, 0.0) for p in self.book.points])
        odds = bearings.odds(vectors, besides, self._twins, before)
        found: list[PointMatch] = []
        for index, cued in enumerate(named):
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

    def _bearings(self, progress: Progress | None) -> Bearings:
        """As training left them where the files are as they were then: then nothing is read, and nothing kept."""
        head = self._meaning.point_head
        if not head.new(self.book.points):
            return head.over(self.book.points, self._meaning.vectors)
        kept = read_kept(self._file("points"))
        if kept is not None and {"points", "nothing", "numbers"} <= kept.keys():
            return Bearings(kept["points"], kept["nothing"], *map(float, kept["numbers"]))
        learnt = head.over(self.book.points, lambda texts: self._read(texts, progress))
        numbers = np.array([learnt.slope, learnt.silent])
        self._keep("points", {"points": learnt.points, "nothing": learnt.nothing, "numbers": numbers})
        return learnt

    def _read(self, texts: Sequence[str], progress: Progress | None) -> Floats:
        found = []
        for at in range(0, len(texts), _CHUNK):
            found.append(self._meaning.vectors(texts[at : at + _CHUNK]))
            if progress:
                done = min(at + _CHUNK, len(texts))
                progress("学习顾客一句句说什么 / Reading the points", done, len(texts))
        return np.concatenate(found)

    def _weights(self) -> Floats:
        """What the cues weigh: kept apart from the rest, so that a change of a cue reads no sentence anew."""
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
        """Named by all that its content comes from: the sentences and the reader, or the sentences and the cues."""
        if self._cache is None:
            return None
        said = [[p.id, p.exemplars, p.unlike] for p in self.book.points]
        cues = [[p.cue, p.cue_unless, p.situations] for p in self.book.points]
        made_of = [said, self._meaning.key if what == "points" else cues]
        key = hashlib.sha256(json.dumps(made_of, ensure_ascii=False).encode()).hexdigest()[:24]
        return self._cache / f"{what}-{key}.npz"


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
