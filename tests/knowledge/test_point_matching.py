"""Sentences to points: as training left them, and where the points' files were edited since."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import re2
from numpy.typing import NDArray

from knowledge.fold import fold
from knowledge.meaning.point_head import PointHead, centred, mark, sureness
from knowledge.meaning.reading import MeaningReader
from knowledge.point_matching import Cues, PointMatcher
from knowledge.points import Point, PointBook

WIDTH = 512
Floats = NDArray[np.float32]


def vector(text: str) -> Floats:
    """Each text has one of its own."""
    drawn = np.random.default_rng(zlib.crc32(text.encode())).normal(size=WIDTH)
    return np.asarray(drawn / np.linalg.norm(drawn), dtype=np.float32)


def untaught() -> PointHead:
    return PointHead((), np.zeros((0, WIDTH), np.float32), centred(vector("在吗")[None]), frozenset())


def taught(points: Iterable[Point]) -> PointHead:
    """Points that lie where their first exemplar does, all of whose sentences were there in training."""
    known = tuple(points)
    seen = frozenset(mark(text) for p in known for text in (*p.exemplars, *p.unlike))
    directions = centred(np.stack([vector(p.exemplars[0]) for p in known]))
    return PointHead(tuple(p.id for p in known), directions, untaught().nothing, seen)


@dataclass
class Reader:
    """Remembers what it was given to read."""

    point_head: PointHead = field(default_factory=untaught)
    key: str = "one"
    read: list[str] = field(default_factory=list)

    def vectors(self, texts: Sequence[str]) -> Floats:
        self.read += texts
        return np.stack([vector(text) for text in texts])


@pytest.fixture(scope="module")
def book() -> PointBook:
    points = PointBook.load().points[:6]
    return PointBook(points=tuple(p.model_copy(update={"cue": "", "cue_unless": ""}) for p in points))


def matcher(book: PointBook, reader: Reader, cache: Path | None = None) -> PointMatcher:
    return PointMatcher(book, cast("MeaningReader", reader), cache)


def said(book: PointBook) -> set[str]:
    return {x for p in book.points for x in (*p.exemplars, *p.unlike)}


def test_points_that_training_saw_cost_a_start_nothing(book: PointBook, tmp_path: Path) -> None:
    reader = Reader(taught(book.points))
    points = matcher(book, reader, tmp_path)
    points.prepare()
    assert reader.read == []
    found = points.match([p.exemplars[0] for p in book.points], k=1)
    assert [(m.point_id, m.text_index) for m in found] == [(p.id, i) for i, p in enumerate(book.points)]


def test_a_point_that_training_did_not_see_is_found_by_its_exemplars(book: PointBook) -> None:
    reader = Reader(taught(book.points[1:]))
    new = book.points[0]
    points = matcher(book, reader)
    points.prepare()
    assert set(reader.read) == set(new.exemplars) | set(new.unlike)
    found = points.match(new.exemplars, k=1)
    assert {m.point_id for m in found} == {new.id}
    assert max(m.score for m in points.match(new.unlike, k=1)) < min(m.score for m in found)


def test_an_exemplar_that_was_added_draws_its_point_towards_it(book: PointBook) -> None:
    added = "这一句是后来加的"
    first = book.points[0].model_copy(update={"exemplars": (*book.points[0].exemplars, added)})
    later = PointBook(points=(first, *book.points[1:]))
    before = matcher(book, Reader(taught(book.points))).match([added], k=len(book.points))
    after = matcher(later, Reader(taught(book.points))).match([added], k=len(book.points))
    scores = [{m.point_id: m.score for m in found}[first.id] for found in (before, after)]
    assert scores[1] > scores[0]


def test_what_a_start_read_the_next_one_knows_unless_the_reader_or_the_book_changed(
    book: PointBook, tmp_path: Path
) -> None:
    first = matcher(book, Reader(), tmp_path).prepare()[0]
    again = Reader()
    second = matcher(book, again, tmp_path).prepare()[0]
    assert again.read == [] and np.array_equal(first.points, second.points)
    other = Reader(key="two")
    matcher(book, other, tmp_path).prepare()
    assert set(other.read) == said(book)
    fewer = Reader(key="two")
    matcher(PointBook(points=book.points[:4]), fewer, tmp_path).prepare()
    assert set(fewer.read) == said(PointBook(points=book.points[:4]))


def test_what_is_expected_decides_where_words_do_not(book: PointBook) -> None:
    points = matcher(book, Reader(taught(book.points)))
    between = "谁也不像的一句话"
    for point in book.points:
        assert points.match([between], {point.id: 50.0}, k=1)[0].point_id == point.id
        assert points.match([point.exemplars[0]], {point.id: -50.0}, k=1)[0].point_id != point.id


def test_of_twins_the_one_that_is_expected_hears_what_either_is_told(book: PointBook) -> None:
    one, other = book.points[:2]
    twins = PointBook(points=(one.model_copy(update={"twins": (other.id,)}), *book.points[1:]))
    said = other.exemplars[0]
    (heard,) = matcher(twins, Reader(taught(book.points))).match([said], {one.id: 1.0}, k=1)
    (alone,) = matcher(book, Reader(taught(book.points))).match([said], {one.id: 1.0}, k=1)
    (unexpected,) = matcher(twins, Reader(taught(book.points))).match([said], {other.id: 1.0}, k=1)
    assert (heard.point_id, alone.point_id, unexpected.point_id) == (one.id, other.id, other.id)
    assert heard.score > 0.9


def test_no_sentences_and_no_points_make_no_match(book: PointBook) -> None:
    assert matcher(book, Reader()).match([]) == ()
    assert matcher(PointBook(points=()), Reader()).match(["有人吗"]) == ()


def test_sureness_is_what_sentences_that_taught_nothing_say(book: PointBook) -> None:
    """Where one in three is none of the points however near it lies, a point is as sure as two in three."""
    head = taught(book.points)
    bearings = head.over(book.points, Reader().vectors)
    rng = np.random.default_rng(5)
    rows = rng.integers(0, len(book.points), 600)
    vectors = np.stack([vector(book.points[r].exemplars[0]) for r in rows])
    made = np.where(rng.random(600) < 1 / 3, -1, rows)
    slope, silent = sureness(bearings, vectors, made.tolist())
    odds = type(bearings)(bearings.points, bearings.nothing, slope, silent).odds(vectors).max(axis=1)
    assert float(np.mean(1 / (1 + np.exp(-odds)))) == pytest.approx(2 / 3, abs=0.05)


def test_looking_a_cue_up_by_its_letters_leaves_none_out() -> None:
    points = PointBook.load()
    cues = Cues(points)
    for row, point in enumerate(points.points):
        cue, unless = re2.compile(point.cue), re2.compile(point.cue_unless or "[^\\x{0}-\\x{10FFFF}]")
        for text in point.exemplars[:2] if point.cue else ():
            folded = fold(text)
            named = bool(cue.search(folded)) and not unless.search(folded)
            assert (row in cues.of(text)) == named, (point.id, text)
