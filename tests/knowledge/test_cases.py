"""Cases: whole turns and whole replies as data, and which case a turn is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge.case_matching import CaseMatcher
from knowledge.cases import CaseBook
from knowledge.errors import DataFileError
from knowledge.meaning.labels import labels_of
from knowledge.meaning.point_head import Bearings, PointHead
from knowledge.meaning.reading import CASE_WEIGHTS
from knowledge.meaning.sources import case_lessons, shortened
from knowledge.meaning.training import NOTHING

GOOD = """
title: 测试
cases:
  - id: after.soaked
    name: 包裹淋湿
    situations: [after.damaged]
    turns: [包裹泡水了 / 衣服湿透, 箱子全湿, 快递扔雨里了 / 书烂了 / 送人的, 扔水坑里, 淋了一夜, 盒子湿的, 拿到手滴水, 泡汤了]
    unlike: [洗了一次缩水]
    reply:
      - move: apologise
        wordings: [{zh: "等来一个湿包裹,确实窝火,对不起。"}]
      - move: next_step
        wordings: [{zh: "投递这段我找快递查,{answer_by}回您。"}]
"""


def book(folder: Path, text: str = GOOD) -> CaseBook:
    (folder / "a.yaml").write_text(text, encoding="utf-8")
    return CaseBook.load(folder)


def test_a_turn_is_read_with_a_line_for_each_bubble(tmp_path: Path) -> None:
    (case,) = book(tmp_path).cases
    assert case.turns[0] == "包裹泡水了\n衣服湿透" and case.turns[1] == "箱子全湿"
    assert case.stage == "after_sale"


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ("after.damaged", "after.nowhere", r"after\.soaked.*after\.nowhere"),
        ("包裹泡水了 / 衣服湿透", '"包裹泡水了 /  / 衣服湿透"', r"a\.yaml.*7"),
        ("{answer_by}", "{someday}", r"a\.yaml.*13"),
        ("id: after.soaked", "id: soaked", r"a\.yaml.*4"),
    ],
)
def test_a_wrong_case_is_refused_with_its_place(tmp_path: Path, wrong: str, right: str, told: str) -> None:
    with pytest.raises(DataFileError, match=told):
        book(tmp_path, GOOD.replace(wrong, right))


def test_two_cases_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(DataFileError, match=r"after\.soaked"):
        book(tmp_path)


def test_turns_teach_their_case_whole_and_without_a_bubble_and_look_alikes_teach_none(tmp_path: Path) -> None:
    found = case_lessons(book(tmp_path).cases)
    assert {x.point for x in found} == {"after.soaked", NOTHING}
    (short,) = shortened(found, seed=1)
    assert short.point == "after.soaked" and short.text.count("\n") == 1
    assert set(short.text.split("\n")) < {"快递扔雨里了", "书烂了", "送人的"}


class Reader:
    """Reads a turn as wet or as dry."""

    point_head: PointHead

    def __init__(self) -> None:
        axes = np.eye(4, dtype=np.float32)
        self.point_head = PointHead(("after.soaked",), axes[:1], axes[1:2], frozenset())

    def vectors(self, texts: list[str]) -> np.ndarray:
        return np.stack(
            [np.eye(4, dtype=np.float32)[0 if set("湿水雨泡") & set(t.replace("缩水", "")) else 1] for t in texts]
        )


def test_a_turn_is_the_case_that_it_resembles_unless_something_speaks_against_it(tmp_path: Path) -> None:
    matcher = CaseMatcher(book(tmp_path), Reader())  # type: ignore[arg-type]
    assert isinstance(matcher._learnt(), Bearings)
    ((name, wet),), ((_, dry),) = matcher.match("全湿了"), matcher.match("颜色不喜欢")
    assert name == "after.soaked" and wet > 0.9 > 0.1 > dry
    assert matcher.match("全湿了", {"after.soaked": -30.0})[0][1] < 0.1


def test_shipped_cases_are_those_that_the_weights_know() -> None:
    """Cases that were added since are found by their turns, which a start has to read."""
    shipped, labels = CaseBook.load(), labels_of(CASE_WEIGHTS)
    assert set(shipped.by_id) == set(labels.points)
    assert len(PointHead.load(CASE_WEIGHTS).new(shipped.cases)) < 200
    assert CASE_WEIGHTS.stat().st_size < 3_000_000
