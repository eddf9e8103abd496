"""Points: the single things that customers ask, demand or tell in a sentence, with what a good agent says to each.

A situation says what a conversation is about; a point is one sentence in it (我专门请了假, 误工费谁给). Data, in
`library/points/*.yaml`: exemplars in many voices, sentences that only look alike, and moves as phrasebooks have them.
`python -m knowledge.points` reads all files and says what is in them; `-v` lists cues that match strangers' exemplars.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import re2
from pydantic import Field, field_validator, model_validator

from knowledge import datafile
from knowledge.errors import DataFileError
from knowledge.fold import fold
from knowledge.kept import read_kept, write_kept
from knowledge.meaning.classifier import Classifier
from knowledge.meaning.reading import MeaningReader
from knowledge.phrasebook import Move, linear_pattern
from knowledge.situations import SituationCatalogue
from knowledge.values import PointMatch, Progress, Stage, Value

POINTS = Path(__file__).parent / "library" / "points"
_STAGES: dict[str, Stage] = {"pre": "pre_sale", "in": "in_sale", "after": "after_sale", "gen": "general"}
_NONE = "gen.none_of_them"
_CHUNK = 256
CUE = 4.0
"""What a cue adds to the log odds of resemblance."""
CUES_TOGETHER = 60
"""Cues that are looked for in one pass: the automaton of more is slower to build than several passes take."""


class Point(Value):
    """One thing said in a sentence. `situations` are where it is said, its home first; `unlike` are sentences that look
    like it and are not; `cue` is a pattern over the folded sentence that names it, unless `cue_unless` matches as well;
    `moves` what is said to it, with conditions as in a phrasebook; `next_steps` for the agent.
    """

    id: str = Field(pattern=r"^(pre|in|after|gen)\.[a-z0-9_]+$")
    name: str
    situations: tuple[str, ...] = Field(min_length=1)
    exemplars: tuple[str, ...] = Field(min_length=6)
    unlike: tuple[str, ...] = ()
    cue: str = ""
    cue_unless: str = ""
    moves: tuple[Move, ...] = Field(min_length=1)
    next_steps: tuple[str, ...] = ()

    @field_validator("cue", "cue_unless")
    @classmethod
    def _pattern_compiles(cls, value: str) -> str:
        return linear_pattern(value)

    @property
    def stage(self) -> Stage:
        return _STAGES[self.id.split(".")[0]]


class _Lookalikes(Value):
    """What no point is meant by: learnt beside the points, so that resemblance alone does not make one."""

    id: str = _NONE
    name: str = "都不是"
    stage: Stage = "general"
    exemplars: tuple[str, ...]


class _File(Value):
    title: str
    points: tuple[Point, ...]


class PointBook(Value):
    """All points; ids are unique and `situations` are of the catalogue."""

    points: tuple[Point, ...]

    @model_validator(mode="after")
    def _unique(self) -> PointBook:
        ids = [p.id for p in self.points]
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise ValueError(f"points defined twice: {', '.join(twice)}")
        return self

    @cached_property
    def by_id(self) -> dict[str, Point]:
        return {p.id: p for p in self.points}

    # What ExemplarMatcher learns from: a point is matched as a situation is, by its exemplars.

    @cached_property
    def entries(self) -> tuple[Point | _Lookalikes, ...]:
        """What is learnt to be told apart: the points, then what only looks like one."""
        alike = tuple(dict.fromkeys(x for p in self.points for x in p.unlike))
        return (*self.points, _Lookalikes(exemplars=alike)) if alike else self.points

    @classmethod
    def load(cls, folder: Path = POINTS, catalogue: SituationCatalogue | None = None) -> PointBook:
        """All points of a folder; DataFileError names file and line, or the point, of the first mistake."""
        known = (catalogue or SituationCatalogue.load()).by_id
        points: list[Point] = []
        for path in sorted(folder.glob("*.yaml")):
            for point in datafile.load(path, _File).points:
                strange = [s for s in point.situations if s not in known]
                if strange:
                    raise DataFileError(
                        str(path), 1, f"{point.id}:没有情境 {strange[0]}", f"{point.id}: no situation {strange[0]}"
                    )
                points.append(point)
        try:
            return cls(points=tuple(points))
        except ValueError as error:
            raise DataFileError(str(folder), 1, str(error), str(error)) from error


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
        self._learnt: Classifier | None = None
        self._learning = threading.Lock()

    def prepare(self, progress: Progress | None = None) -> Classifier:
        """Learn from the exemplars, if that is not done: start-up calls it, or else the first match."""
        with self._learning:
            if self._learnt is None:
                self._learnt = self._kept() or self._fit(progress)
            return self._learnt

    def match(self, sentences: Sequence[str], k: int = 3) -> tuple[PointMatch, ...]:
        """For each sentence its k likeliest points, best first within a sentence."""
        if not sentences or not self.book.points:
            return ()
        vectors = self._meaning.vectors(sentences)
        learnt = self.prepare()
        likely = np.clip(learnt.probabilities(vectors)[:, : len(self.book.points)], 1e-6, 1 - 1e-6)
        odds = np.log(likely / (1 - likely))
        found: list[PointMatch] = []
        for index, sentence in enumerate(sentences):
            cued = self._cues.of(sentence)
            odds[index, list(cued)] += CUE
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
        parts = []
        for at in range(0, len(exemplars), _CHUNK):
            parts.append(self._meaning.vectors(exemplars[at : at + _CHUNK]))
            if progress:
                progress("学习顾客一句句说什么 / Reading the points", min(at + _CHUNK, len(exemplars)), len(exemplars))
        vectors = np.concatenate(parts) if parts else self._meaning.vectors([])
        learnt = Classifier.fit(vectors, labels, len(entries))
        if self._cache is not None:
            numbers = np.array([learnt.slope, learnt.intercept, learnt.first])
            arrays = {"vectors": learnt.vectors, "weights": learnt.weights, "numbers": numbers}
            write_kept(self._file(self._cache), arrays, instead_of=self._cache.glob("points-*.npz"))
        return learnt

    def _kept(self) -> Classifier | None:
        kept = read_kept(self._file(self._cache)) if self._cache is not None else None
        if kept is None or not {"vectors", "weights", "numbers"} <= kept.keys():
            return None
        return Classifier(kept["vectors"], kept["weights"], *map(float, kept["numbers"]))

    def _file(self, cache: Path) -> Path:
        """Named by all that the fit comes from: the exemplars and the reader."""
        taught = json.dumps([[e.id, e.exemplars] for e in self.book.entries], ensure_ascii=False)
        key = hashlib.sha256(f"{self._meaning.key}|{taught}".encode()).hexdigest()[:24]
        return cache / f"points-{key}.npz"


def _related(one: Point, other: Point) -> bool:
    """The same point, or points that are made in the same situation: which of them it is, resemblance tells."""
    return bool(set(one.situations) & set(other.situations))


def main() -> None:
    """Say what the files hold; a mistake ends it with file and line."""
    import sys

    book = PointBook.load()
    owner: dict[str, str] = {}
    for point in book.points:
        for exemplar in (*point.exemplars, *point.unlike):
            other = owner.setdefault(exemplar, point.id)
            if other != point.id and exemplar in point.exemplars and exemplar in book.by_id[other].exemplars:
                sys.stdout.write(f"「{exemplar}」 stands in {other} and in {point.id}\n")
    cues = Cues(book)
    rows = {p.id: i for i, p in enumerate(book.points)}
    named = [(p, x) for p in book.points if p.cue for x in p.exemplars]
    seen = sum(rows[p.id] in cues.of(x) for p, x in named)
    strange = [(x, p, book.points[i]) for p, x in named for i in cues.of(x) if not _related(p, book.points[i])]
    for text, own, foreign in strange if "-v" in sys.argv else ():
        sys.stdout.write(f"{foreign.id}: cue matches 「{text}」 of {own.id}\n")
    for each in book.points if "-v" in sys.argv else ():
        for text in each.unlike if each.cue else ():
            if rows[each.id] in cues.of(text):
                sys.stdout.write(f"{each.id}: cue matches its own look-alike 「{text}」\n")
        missed = [x for x in each.exemplars if each.cue and rows[each.id] not in cues.of(x)]
        if len(missed) * 3 > len(each.exemplars):
            sys.stdout.write(f"{each.id}: cue misses {missed}\n")
    sys.stdout.write(f"cues: {seen} of {len(named)} exemplars named by their own, {len(strange)} by strangers'\n")
    wordings = sum(len(m.wordings) for p in book.points for m in p.moves)
    sys.stdout.write(
        f"{len(book.points)} points, {sum(len(p.exemplars) for p in book.points)} exemplars, {wordings} wordings\n"
    )


if __name__ == "__main__":
    main()
