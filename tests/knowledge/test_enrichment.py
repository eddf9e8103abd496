"""A chat model's imagined questions become suggestions; only a person's word makes a passage serve a situation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from knowledge.base import KnowledgeBase
from knowledge.enrichment import PATIENCE, imagined
from knowledge.errors import KefuError
from knowledge.values import Passage
from tests.knowledge.tiny import MANUAL, OTHER, TinyEmbedder, opened, write


@pytest.fixture
def base(kefu_home: Path, tmp_path: Path) -> Iterator[KnowledgeBase]:
    base = opened(kefu_home, TinyEmbedder())
    base.ingest([write(tmp_path, "a.md", MANUAL), write(tmp_path, "b.txt", OTHER)])
    yield base
    base.close()


def of_one_situation(base: KnowledgeBase) -> Callable[[Passage], str]:
    """Answers every passage with things that customers really say of the catalogue's first situation."""
    said = base.catalogue.entries[0].exemplars[:5]
    return lambda _passage: "\n".join(f"{i}. 「{text}」" for i, text in enumerate(said, 1))


def test_a_suggestion_waits_and_serves_only_once_a_person_approves(base: KnowledgeBase) -> None:
    entry = base.catalogue.entries[0]
    done = base.enrichment.run(of_one_situation(base), "staged", limit=1)
    assert (done.calls, done.suggested, done.stopped) == (1, 1, None) and done.characters > 0
    ((suggestion, passage),) = base.enrichment.waiting()
    assert suggestion.situation == entry.id and suggestion.questions == entry.exemplars[:5]
    assert entry.id not in passage.situations, "nothing is live by itself"
    base.enrichment.approve(passage.passage_id, "小顾")
    now = base.passage(passage.passage_id)
    assert now is not None and now.situations[0] == entry.id
    assert base.enrichment.waiting() == ()
    with pytest.raises(KefuError, match="settled already"):
        base.enrichment.approve(passage.passage_id, "小顾")


def test_a_declined_suggestion_changes_nothing_and_is_not_asked_about_again(base: KnowledgeBase) -> None:
    base.enrichment.run(of_one_situation(base), "staged", limit=1)
    ((_, passage),) = base.enrichment.waiting()
    base.enrichment.decline(passage.passage_id, "小顾")
    assert base.passage(passage.passage_id) == passage
    assert passage.passage_id not in {p.passage_id for p in base.enrichment.todo()}


def test_a_run_goes_on_where_the_last_one_stopped(base: KnowledgeBase) -> None:
    todo = base.enrichment.todo()
    assert len(todo) > 1
    asked: list[str] = []
    answer = of_one_situation(base)

    def imagine(passage: Passage) -> str:
        asked.append(passage.passage_id)
        return answer(passage)

    assert base.enrichment.run(imagine, "staged", limit=1).left == len(todo) - 1
    base.enrichment.run(imagine, "staged", limit=100)
    assert asked == [p.passage_id for p in todo]
    assert base.enrichment.todo() == ()


def test_a_model_that_is_gone_stops_the_run_and_leaves_its_passages_for_the_next(base: KnowledgeBase) -> None:
    many = base.enrichment.todo()

    def gone(_passage: Passage) -> str:
        raise KefuError("chat.unreachable", "连不上", "unreachable")

    done = base.enrichment.run(gone, "staged", limit=100)
    assert done.calls == min(PATIENCE, len(many)) and done.left == len(many)
    assert done.stopped is not None and done.stopped["code"] == "chat.unreachable"
    assert base.enrichment.todo() == many


def test_questions_that_do_not_agree_bother_nobody(base: KnowledgeBase) -> None:
    done = base.enrichment.run(lambda _p: "杯子坏了\n50块卖不卖", "staged", limit=1)
    assert (done.suggested, done.nothing) == (0, 1)
    assert base.enrichment.waiting() == ()


def test_a_removed_document_takes_its_suggestions_along(base: KnowledgeBase, kefu_home: Path) -> None:
    base.enrichment.run(lambda _p: "墨绿色的水壶掉漆了\n墨绿色那个壶坏了怎么办", "staged", limit=100)
    for document in base.documents():
        base.remove(document.id)
    assert "墨绿色" not in (kefu_home / "knowledge.db").read_bytes().decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("answer", "questions"),
    [
        ("1. 能便宜点吗\n2、「太贵了吧」\n- 再少点呗", ("能便宜点吗", "太贵了吧", "再少点呗")),
        ("以下是顾客的话:\n能便宜点吗\n能便宜点吗!", ("能便宜点吗",)),
        ("请访问 https://example.com\n{\"a\": 1}\n我的电话13800001111", ()),
        ("议价的时候要先讲清楚价值再谈让步还要守住底线", ()),
        ("好" * 200, ()),
        ("", ()),
    ],
)  # fmt: skip
def test_only_what_a_customer_could_type_counts(answer: str, questions: tuple[str, ...]) -> None:
    assert imagined(answer, "技巧:议价的时候要先讲清楚价值再谈让步,还要守住底线。") == questions
