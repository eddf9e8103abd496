"""The trained reader: what it learns from, what it reads, and the classifier over its vectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from pydantic import Field

from assistant.situation.points import LIKELY
from assistant.values import Emotion, Risk
from knowledge.datafile import load_rows
from knowledge.embedding import Embedder
from knowledge.errors import DataFileError, KefuError
from knowledge.meaning.labels import labels_of
from knowledge.meaning.point_head import PointHead
from knowledge.meaning.reading import POINT_WEIGHTS, WEIGHTS, MeaningReader
from knowledge.meaning.sentences import Sentence, load_sentences
from knowledge.meaning.sources import labels_for, lessons
from knowledge.meaning.training import NOTHING
from knowledge.meaning.turns import Mood, Sign, Turn, load_turns
from knowledge.point_matching import PointMatcher
from knowledge.points import PointBook
from knowledge.situations import SituationCatalogue

FRESH = Path(__file__).parent / "data" / "points_fresh.jsonl"


@pytest.fixture
def reader(home_with_model: Path) -> MeaningReader:
    embedder = Embedder.open(home_with_model)
    return MeaningReader(lambda: embedder.model)


def test_authored_turns_are_of_the_catalogue_and_every_situation_has_some() -> None:
    catalogue, turns = SituationCatalogue.load(), load_turns()
    assert {t.wants for t in turns} == set(catalogue.by_id)
    assert {s for t in turns for s in t.also} <= set(catalogue.by_id)
    assert len(lessons(catalogue, turns)) > 5000


def test_dangers_and_moods_are_those_that_the_assistant_knows() -> None:
    assert set(get_args(Sign)) == set(get_args(Risk))
    assert set(get_args(Mood)) == set(get_args(Emotion))


def test_a_wrong_turn_is_refused_with_its_place(tmp_path: Path) -> None:
    good = {"bubbles": ["在吗"], "wants": "pre.greeting"}
    (tmp_path / "a.jsonl").write_text(
        json.dumps(good) + "\n" + json.dumps({**good, "bubbles": [" "]}) + "\n", encoding="utf-8"
    )
    with pytest.raises(DataFileError, match=r"a\.jsonl.*2"):
        load_turns(tmp_path)


def test_a_turn_of_a_situation_that_does_not_exist_is_not_taught() -> None:
    with pytest.raises(ValueError, match=r"in\.nowhere"):
        lessons(SituationCatalogue.load(), [Turn(bubbles=("在吗",), wants="in.nowhere")])


def test_shipped_weights_fit_the_catalogue() -> None:
    assert labels_of(WEIGHTS) == labels_for(SituationCatalogue.load())
    assert WEIGHTS.stat().st_size + POINT_WEIGHTS.stat().st_size < 5_000_000


def test_shipped_weights_know_most_points() -> None:
    """Points that were added since are found by their exemplars, which a start has to read."""
    book, head = PointBook.load(), PointHead.load(POINT_WEIGHTS)
    assert len(set(book.by_id) & set(head.points)) > 0.9 * len(book.points)
    assert len(head.new(book.points)) < 500


def test_what_is_wanted_and_what_is_told_is_read_whatever_stands_beside_it(reader: MeaningReader) -> None:
    texts = ["退款怎么还没到账", "梯子断了 我摔下来 胳膊在流血", "今天天气真好"]
    together, apart = reader.read(texts), [reader.read([t]) for t in texts]
    best = [together.labels.situations[i] for i in together.situations.argmax(axis=1)]
    assert best[:2] == ["after.refund_status", "after.injury"]
    injury = together.labels.signs.index("injury")
    assert together.signs[1, injury] > 0 > together.signs[[0, 2], injury].max()
    np.testing.assert_allclose(np.linalg.norm(together.vectors, axis=1), 1, atol=1e-3)
    np.testing.assert_allclose(np.exp(together.situations).sum(axis=1), 1, atol=1e-3)
    for row, one in enumerate(apart):
        np.testing.assert_allclose(one.vectors[0], together.vectors[row], atol=1e-5)


def test_no_texts_have_no_meaning(reader: MeaningReader) -> None:
    assert reader.read([]).situations.shape == (0, len(reader.labels.situations))


def test_weights_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    broken = tmp_path / "weights.npz"
    broken.write_bytes(b"not a file of weights")
    with pytest.raises(KefuError, match=r"weights\.npz"):
        MeaningReader(lambda: None, broken)


def test_authored_sentences_are_of_points_that_there_are() -> None:
    points = PointBook.load().by_id
    sentences = load_sentences(points)
    assert len(sentences) > 3000
    assert {s.point for s in sentences} - {None} <= set(points)
    assert any(s.point is None for s in sentences)


@pytest.mark.parametrize(
    "wrong", [{"text": "能退吗", "point": "pre.nowhere"}, {"text": "能退吗"}, {"text": "", "point": None}]
)
def test_a_wrong_sentence_is_refused_with_its_place(tmp_path: Path, wrong: dict[str, str | None]) -> None:
    rows = [{"text": "多少钱", "point": "pre.price"}, {"text": "蓝色的", "point": None}, wrong]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with pytest.raises(DataFileError, match=r"a\.jsonl.*3"):
        load_sentences({"pre.price"}, tmp_path)


def test_a_text_of_several_places_is_taught_all_that_they_say() -> None:
    """An exemplar of a situation that is also said of a point teaches both; a look-alike that another point means is not silent."""
    catalogue, book = SituationCatalogue.load(), PointBook.load()
    shared = catalogue.entries[0].exemplars[0]
    first, second = book.points[:2]
    points = [first, second.model_copy(update={"unlike": (first.exemplars[0], "谁也不是的一句")})]
    found = {x.text: x for x in lessons(catalogue, [], points, [Sentence(text=shared, point=second.id)])}
    assert found[shared].point == second.id and found[shared].wants[0][0] == catalogue.entries[0].id
    assert found[first.exemplars[0]].point == first.id
    assert found["谁也不是的一句"].point == NOTHING and found["谁也不是的一句"].wants == ()


class Labelled(Sentence):
    """A sentence that taught nothing; `other` are points that would do as well."""

    other: tuple[str, ...] = Field(default=(), alias="or")


def test_of_sentences_that_taught_nothing_most_are_found_and_few_wrongly(home_with_model: Path) -> None:
    """Written and labelled before the network was first taught, and learnt from by nothing."""
    rows = load_rows(FRESH, Labelled)
    embedder, book = Embedder.open(home_with_model), PointBook.load()
    matcher = PointMatcher(book, MeaningReader(lambda: embedder.model, POINT_WEIGHTS))
    found = matcher.match([row.text for row in rows], k=1)
    right = [m.point_id in (row.point, *row.other) for row, m in zip(rows, found, strict=True)]
    said = [ok for ok, m in zip(right, found, strict=True) if m.score >= LIKELY]
    assert sum(right) / sum(row.point is not None for row in rows) > 0.78
    assert sum(said) / len(said) > 0.85
    assert sum(said) / len(rows) > 0.37, "without the talk around them; within it more are found"
