"""What the points teach is kept between starts; a book that changed is not read anew where it did not change."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge.meaning.reading import MeaningReader
from knowledge.point_matching import PointMatcher
from knowledge.points import PointBook


class Reader:
    """Each text has a vector of its own; remembers what it was given to read."""

    def __init__(self, key: str = "one") -> None:
        self.key = key
        self.read: list[str] = []

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.read += texts
        drawn = [np.random.default_rng(zlib.crc32((self.key + t).encode())).normal(size=16) for t in texts]
        return np.array([v / np.linalg.norm(v) for v in drawn], dtype=np.float32).reshape(len(texts), 16)


@pytest.fixture(scope="module")
def book() -> PointBook:
    return PointBook(points=PointBook.load().points[:6])


def matcher(book: PointBook, reader: Reader, cache: Path) -> PointMatcher:
    return PointMatcher(book, cast("MeaningReader", reader), cache)


def exemplars(book: PointBook) -> set[str]:
    return {x for entry in book.entries for x in entry.exemplars}


def test_a_sentence_is_matched_to_the_point_that_it_is_an_exemplar_of(book: PointBook, tmp_path: Path) -> None:
    said = [point.exemplars[0] for point in book.points]
    found = matcher(book, Reader(), tmp_path).match(said, k=1)
    assert [(m.point_id, m.text_index) for m in found] == [(p.id, i) for i, p in enumerate(book.points)]


def test_a_second_start_reads_no_exemplar(book: PointBook, tmp_path: Path) -> None:
    matcher(book, Reader(), tmp_path).prepare()
    again = Reader()
    matcher(book, again, tmp_path).prepare()
    assert again.read == []


def test_of_a_book_that_changed_only_new_exemplars_are_read_and_it_is_learnt_as_from_nothing(
    book: PointBook, tmp_path: Path
) -> None:
    matcher(PointBook(points=book.points[:4]), Reader(), tmp_path).prepare()
    reader = Reader()
    learnt, _ = matcher(book, reader, tmp_path).prepare()
    assert set(reader.read) == exemplars(book) - exemplars(PointBook(points=book.points[:4]))
    anew, _ = matcher(book, Reader(), tmp_path / "empty").prepare()
    assert np.array_equal(learnt.vectors, anew.vectors) and np.array_equal(learnt.weights, anew.weights)


def test_what_another_reader_made_of_exemplars_is_not_taken(book: PointBook, tmp_path: Path) -> None:
    matcher(book, Reader("one"), tmp_path).prepare()
    other = Reader("two")
    matcher(book, other, tmp_path).prepare()
    assert set(other.read) == exemplars(book)
