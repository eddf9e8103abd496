"""A manager's hand on what is live: in search at once, with who and when, and a way back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.base import KnowledgeBase
from knowledge.curation import PassageEdit
from knowledge.errors import KefuError
from knowledge.values import Passage
from tests.knowledge.tiny import MANUAL, OTHER, TinyEmbedder, opened, write


@pytest.fixture
def embedder() -> TinyEmbedder:
    return TinyEmbedder()


@pytest.fixture
def base(kefu_home: Path, embedder: TinyEmbedder, tmp_path: Path) -> Iterator[KnowledgeBase]:
    base = opened(kefu_home, embedder)
    base.ingest([write(tmp_path, "a.md", MANUAL), write(tmp_path, "b.txt", OTHER)], who="小顾")
    yield base
    base.close()


def the(base: KnowledgeBase, words: str) -> Passage:
    return next(p for p in base._index.snapshot.passages if words in p.text)


def found(base: KnowledgeBase, query: str, k: int = 10) -> str:
    return "\n".join(r.passage.text for r in base.search([query], k=k).results)


def score(base: KnowledgeBase, query: str, words: str) -> float:
    return next(r.score for r in base.search([query], k=10).results if words in r.passage.text)


def test_an_edited_text_is_embedded_anew_and_found_at_once(base: KnowledgeBase, embedder: TinyEmbedder) -> None:
    old = the(base, "七日")
    embedder.embedded.clear()
    new = base.curation.edit(old.passage_id, PassageEdit(text="生鲜果蔬拆封以后怎么处理"), "小顾")
    assert embedder.embedded == [new.text] and new.passage_id != old.passage_id
    assert new.text in found(base, "生鲜果蔬拆封") and old.text not in found(base, "七日")
    assert base.passage(old.passage_id) is None and base.passage(new.passage_id) == new
    assert base._index._collection.count() == len(base._index.snapshot.passages)


def test_a_description_alone_keeps_the_vector_and_moves_the_passage_to_its_situation(
    base: KnowledgeBase, embedder: TinyEmbedder
) -> None:
    passage = the(base, "七日")
    embedder.embedded.clear()
    before = score(base, "水壶坏了", "七日")
    base.curation.edit(passage.passage_id, PassageEdit(kind="policy", stage="in_sale"), "小顾")
    base.curation.assign(passage.passage_id, "after.quality", "小顾")
    assert embedder.embedded == []
    now = the(base, "七日")
    assert (now.kind, now.stage, now.situations) == ("policy", "in_sale", ("after.quality",))
    assert score(base, "水壶坏了", "七日") > before + 0.2
    base.curation.assign(passage.passage_id, "after.quality", "小顾", serves=False)
    assert the(base, "七日").situations == ()


def test_a_retired_passage_is_gone_at_once_and_back_when_restored(base: KnowledgeBase) -> None:
    passage = the(base, "守价不伤人")
    base.curation.retire([passage.passage_id], "小顾", "说法过时")
    assert "守价不伤人" not in found(base, "还价") and base.passage(passage.passage_id) is None
    assert base.curation.passage(passage.passage_id).status == "retired"
    assert {d.title: d.retired for d in base.documents()} == {"退换货手册": 0, "守价不伤人": 1}
    base.curation.restore([passage.passage_id], "小顾")
    assert base.passage(passage.passage_id) == passage


def test_an_edit_is_read_for_cautions_like_any_passage(base: KnowledgeBase) -> None:
    new = base.curation.edit(the(base, "守价不伤人").passage_id, PassageEdit(text="都怪快递不给力。"), "小顾")
    assert [c.category for c in new.cautions] == ["blame"]
    assert base.curation.edit(new.passage_id, PassageEdit(kind="bad_example"), "小顾").cautions == ()


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (PassageEdit(text="  ……  "), "passage.empty"),
        (PassageEdit(text="长" * 20_001), "passage.too_long"),
        (PassageEdit(situations=("no.such",)), "situation.unknown"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(base: KnowledgeBase, edit: PassageEdit, code: str) -> None:
    passage = the(base, "七日")
    with pytest.raises(KefuError) as refusal:
        base.curation.edit(passage.passage_id, edit, "小顾")
    assert refusal.value.code == code
    assert the(base, "七日") == passage and len(base.versions.of_document(passage.document_id)) == 1


def test_a_passage_that_somebody_else_changed_meanwhile_is_not_overwritten(base: KnowledgeBase) -> None:
    passage = the(base, "七日")
    base.curation.edit(passage.passage_id, PassageEdit(text="甲改的说法"), "甲")
    with pytest.raises(KefuError) as refusal:
        base.curation.edit(passage.passage_id, PassageEdit(text="乙改的说法"), "乙")
    assert refusal.value.code == "passage.unknown" and "刷新" in refusal.value.zh


def test_a_flag_is_a_note_that_stays_until_it_is_taken_away(base: KnowledgeBase) -> None:
    passage = the(base, "七日")
    base.curation.flag(passage.passage_id, "与平台新规不符?", "小顾")
    assert base.curation.passage(passage.passage_id).flag == "与平台新规不符?"
    assert sum(d.flagged for d in base.documents()) == 1 and base.passage(passage.passage_id) == passage
    base.curation.flag(passage.passage_id, "", "小顾")
    assert sum(d.flagged for d in base.documents()) == 0


def test_every_change_has_its_who_and_when_and_what(base: KnowledgeBase) -> None:
    passage = the(base, "守价不伤人")
    base.curation.retire([passage.passage_id], "小林", "说法过时")
    base.curation.restore([passage.passage_id], "小顾")
    versions = base.versions.of_document(passage.document_id)
    assert [(v.number, v.action, v.who) for v in versions] == [
        (3, "restored", "小顾"), (2, "retired", "小林"), (1, "ingested", "小顾"),
    ]  # fmt: skip
    assert versions[1].changes[0].note == "说法过时" and versions[1].at.endswith("+00:00")


def test_a_document_is_taken_out_of_search_whole_and_put_back(base: KnowledgeBase) -> None:
    document = the(base, "守价不伤人").document_id
    base.set_in_use(document, "小顾", searched=False)
    assert "守价不伤人" not in found(base, "还价")
    assert {d.title: d.status for d in base.documents()}["守价不伤人"] == "retired"
    base.set_in_use(document, "小顾", searched=True)
    assert "守价不伤人" in found(base, "还价")


def test_a_caution_is_overruled_with_a_reason_survives_other_changes_and_comes_back(base: KnowledgeBase) -> None:
    passage = base.curation.edit(the(base, "守价不伤人").passage_id, PassageEdit(text="都怪快递不给力。"), "小顾")
    with pytest.raises(KefuError, match="Say why"):
        base.curation.lift_cautions(passage.passage_id, " ", "小顾")
    base.curation.lift_cautions(passage.passage_id, "讲的是反面例子", "小顾")
    assert the(base, "快递不给力").cautions == ()
    assert base.curation.edit(passage.passage_id, PassageEdit(stage="in_sale"), "小顾").cautions == ()
    changes = [c for v in base.versions.of_document(passage.document_id) for c in v.changes]
    (lifted,) = [c for c in changes if c.action == "caution_lifted"]
    assert (lifted.who, lifted.note) == ("小顾", "讲的是反面例子")
    base.curation.recheck(passage.passage_id, "小王")
    assert [c.category for c in the(base, "快递不给力").cautions] == ["blame"]
