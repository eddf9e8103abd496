"""Manuals that a spinner rewrote are found by the words that people use."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.errors import DataFileError
from knowledge.lexical import Cutter, LexicalIndex
from knowledge.spun import plain_words


@pytest.fixture(scope="module")
def cutter(tmp_path_factory: pytest.TempPathFactory) -> Cutter:
    return Cutter(tmp_path_factory.mktemp("words"))


@pytest.mark.parametrize(
    ("spun", "plain"),
    [
        ("客户的贰言", "客户的异议"),
        ("效劳人员的心境", "服务人员的心情"),
        ("深表抱愧", "深表抱歉"),
        ("诉苦与贰议", "抱怨与异议"),
    ],
)
def test_a_spun_word_is_the_plain_one_for_matching(cutter: Cutter, spun: str, plain: str) -> None:
    assert cutter.terms(spun) == cutter.terms(plain)


def test_the_name_of_a_technique_is_spun_too(cutter: Cutter) -> None:
    assert "转移法" in cutter.words("用搬运法应对")


def test_a_question_in_plain_words_finds_the_spun_passage(cutter: Cutter) -> None:
    passages = ["效劳人员怎样消除客户的贰言", "商品属性包括规格和材质", "打字速度要快"]
    index = LexicalIndex([cutter.terms(text) for text in passages])
    scores = index.scores(cutter.terms("服务人员遇到异议"))
    assert scores.argmax() == 0 and scores[0] > 2 * scores[1:].max()


def test_traditional_spun_words_count_too(cutter: Cutter) -> None:
    assert cutter.words("貳言") == ["异议"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("terms:\n  - {plain: 甲乙, spun: [丙丁]}\n  - {plain: 戊己, spun: [丙丁]}\n", "丙丁"),
        ("terms:\n  - {plain: 甲乙, spun: [丙丁]}\n  - {plain: 丙丁, spun: [戊己]}\n", "丙丁"),
        ("terms:\n  - {plain: 甲, spun: []}\n", "plain"),
    ],
)
def test_a_mistake_in_the_data_is_refused(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "spun.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataFileError) as refusal:
        plain_words(path)
    assert said in refusal.value.en


def test_the_shipped_words_are_valid_and_many() -> None:
    assert len(plain_words()) > 80
