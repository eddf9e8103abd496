"""Weights are chosen without what they are measured on."""

from __future__ import annotations

import numpy as np
import pytest

from evals.crossval import FIGURES, Scores, by_document, fifths, weighted
from evals.retrieval import RetrievalCase
from knowledge import search
from knowledge.values import Passage


def passage(name: str, document: str, text: str) -> Passage:
    return Passage(
        passage_id=name, document_id=document, document=document, section="", text=text, kind="technique", stage="general",
        start=0, end=len(text),
    )  # fmt: skip


def case(name: str, *gold: str) -> RetrievalCase:
    return RetrievalCase(id=name, query=name, kind="customer", gold=gold)


def test_a_weighting_is_chosen_by_the_other_documents_alone() -> None:
    hit = np.array([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]])
    scores = Scores(hit, hit / 2)
    assert scores.chosen_without([[0, 1], [2, 3]]) == (0.0, 0.0)  # each document alone would have chosen its own
    assert scores.chosen_without([[0], [1], [2], [3]]) == (0.0, 0.0)
    better = Scores(np.vstack([hit, np.ones(4)]), np.vstack([hit / 2, np.ones(4)]))
    assert better.chosen_without([[0, 1], [2, 3]]) == (1.0, 1.0)


def test_a_question_belongs_to_the_document_that_answers_it() -> None:
    passages = [passage("a", "甲", "先听完再登记。"), passage("b", "乙", "退货写明地址。")]
    cases = [case("1", "听完再登记"), case("2", "没有这句", "退货写明地址"), case("3", "没有这句"), case("4", "先听完")]
    assert by_document(cases, passages) == {"甲": (0, 3), "乙": (1,)}


def test_fifths_part_all_questions_and_are_always_the_same() -> None:
    parts = list(fifths(23, times=3))
    assert all(sorted(i for part in one for i in part) == list(range(23)) for one in parts)
    assert parts == list(fifths(23, times=3)) and parts[0] != parts[1]


def test_weights_are_back_as_they_ship_whatever_happens() -> None:
    shipped = [getattr(module, name) for module, name in FIGURES]
    with pytest.raises(RuntimeError), weighted([2.0] * len(FIGURES)):
        assert shipped[0] * 2 == search.WORDS
        raise RuntimeError
    assert shipped == [getattr(module, name) for module, name in FIGURES]
