"""The knowledge manager's day: documents in, changed, out; searches in between."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from knowledge.base import KnowledgeBase
from knowledge.embedding.embedder import Vectors
from knowledge.errors import KefuError
from tests.knowledge.tiny import MANUAL, OTHER, TinyEmbedder, opened, write


@pytest.fixture
def base(kefu_home: Path) -> Iterator[KnowledgeBase]:
    base = opened(kefu_home)
    yield base
    base.close()


def test_a_fresh_home_is_empty_and_needed_no_repair(base: KnowledgeBase) -> None:
    assert base.documents() == () and base.repairs == ()
    assert base.search(["杯子坏了"]).results == ()


def test_a_manual_goes_in_and_can_be_looked_at(base: KnowledgeBase, tmp_path: Path) -> None:
    (report,) = base.ingest([write(tmp_path, "a.md", MANUAL)]).documents
    assert (report.status, report.title, report.error) == ("added", "退换货手册", None)
    detail = base.document(report.id)
    assert detail.summary.passages == report.passages == len(detail.passages) > 2
    for passage in detail.passages:
        assert base.passage(passage.passage_id) == passage
    assert base.source_text(report.id) == MANUAL


def test_the_same_file_again_is_unchanged_and_a_changed_one_replaces_itself(kefu_home: Path, tmp_path: Path) -> None:
    embedder = TinyEmbedder()
    base = opened(kefu_home, embedder)
    path = write(tmp_path, "a.md", MANUAL)
    (first,) = base.ingest([path]).documents
    embedder.embedded.clear()
    (again,) = base.ingest([path]).documents
    assert (again.status, again.id, again.passages) == ("unchanged", first.id, first.passages)
    assert embedder.embedded == []

    write(tmp_path, "a.md", MANUAL.replace("签收次日起算七日", "签收次日零点起算七日"))
    (changed,) = base.ingest([path]).documents
    assert (changed.status, changed.id) == ("replaced", first.id)
    assert len(embedder.embedded) == 1  # only what is new
    assert len(base.documents()) == 1
    texts = "".join(p.text for p in base.document(first.id).passages)
    assert "零点起算" in texts and "签收次日起算" not in texts
    base.close()


def test_changed_fields_take_effect_though_the_text_is_the_same(base: KnowledgeBase, tmp_path: Path) -> None:
    path = write(tmp_path, "a.md", MANUAL)
    base.ingest([path])
    write(tmp_path, "a.md", MANUAL.replace("情境:after.quality, after.exchange", "情境:after.damaged"))
    base.ingest([path])
    assert {p.situations for p in base.passages_of_technique("先核实")} == {("after.damaged",)}


def test_a_removed_document_is_gone_and_unknown_afterwards(base: KnowledgeBase, tmp_path: Path) -> None:
    (report,) = base.ingest([write(tmp_path, "a.md", MANUAL)]).documents
    passage = base.document(report.id).passages[0]
    base.remove(report.id)
    assert base.documents() == () and base.passage(passage.passage_id) is None
    assert base.search(["退货"]).results == ()
    for call in (base.document, base.remove, base.source_text):
        with pytest.raises(KefuError) as refusal:
            call(report.id)
        assert refusal.value.code == "document.unknown"


def test_one_bad_file_does_not_stop_the_others(base: KnowledgeBase, tmp_path: Path) -> None:
    write(tmp_path / "in", "a-empty.txt", "")
    write(tmp_path / "in", "b.md", MANUAL)
    (tmp_path / "in" / "c.txt").write_bytes(b"\x00\x01\x02" * 100)
    write(tmp_path / "in", "d.pptx", "x")
    report = base.ingest([tmp_path / "in", tmp_path / "nowhere.txt"])
    outcome = [(Path(d.source).name, d.status, (d.error or {}).get("code")) for d in report.documents]
    assert outcome == [
        ("a-empty.txt", "failed", "document.empty"),
        ("b.md", "added", None),
        ("c.txt", "failed", "document.binary"),
        ("d.pptx", "failed", "document.damaged"),
        ("nowhere.txt", "failed", "document.missing"),
    ]


def test_what_another_manual_says_already_is_indexed_once_with_both_places(base: KnowledgeBase, tmp_path: Path) -> None:
    first, second = base.ingest(
        [
            write(tmp_path, "a.txt", OTHER),
            write(tmp_path, "b.txt", f"{OTHER}二、另一节\n这一节只有乙手册里有,讲的是回访。\n"),
        ]
    ).documents
    assert [(d.reason, d.count) for d in second.dropped] == [("duplicate", 1)]
    (kept,) = base.document(first.id).passages
    assert [place.document_id for place in base.places(kept.passage_id)] == [first.id, second.id]

    base.remove(first.id)
    texts = [p.text for p in base.document(second.id).passages]
    assert any("守价不伤人" in text for text in texts)  # the copy takes the place of what was removed
    assert any("守价不伤人" in r.passage.text for r in base.search(["五十块卖不卖 还价"]).results)


def test_what_was_dropped_is_told_with_reason_and_examples(base: KnowledgeBase, tmp_path: Path) -> None:
    (report,) = base.ingest([write(tmp_path, "a.txt", f"首页 学堂 问答\n{OTHER}©2020 某某公司 版权所有\n")]).documents
    assert {d.reason: (d.count, d.examples) for d in report.dropped} == {
        "menu": (1, ("首页 学堂 问答",)),
        "copyright": (1, ("©2020 某某公司 版权所有",)),
    }
    assert base.document(report.id).dropped == report.dropped


def test_techniques_are_found_by_any_name_clean_ones_first(base: KnowledgeBase, tmp_path: Path) -> None:
    risky = "# 乙\n\n### 技巧:先核实\n- 别名:无\n\n**说法示例**\n- 「这是快递不给力,不怪我们。」\n"
    report = base.ingest([write(tmp_path, "a.md", risky), write(tmp_path, "b.md", MANUAL)])
    assert [d.cautions for d in report.documents] == [1, 0]
    found = base.passages_of_technique("先核实")
    assert [bool(p.cautions) for p in found] == [False, True]
    assert all(p.kind != "bad_example" for p in found)


def test_search_brings_the_passage_that_declares_the_situation(base: KnowledgeBase, tmp_path: Path) -> None:
    base.ingest([write(tmp_path, "a.md", MANUAL), write(tmp_path, "b.txt", OTHER)])
    answer = base.search(["水壶坏了"], k=3)
    assert answer.situations[0].situation_id == "after.quality"
    assert "先问清楚再动手" in answer.results[0].passage.techniques
    assert base.search_many([["水壶坏了"]], k=3) == [answer]
    assert base.match(["80块卖不卖"])[0].situation_id == "pre.bargain"
    documents = base.as_retriever(k=2).invoke("水壶坏了")
    assert [d.metadata["passage_id"] for d in documents] == [r.passage.passage_id for r in answer.results[:2]]


def test_searching_goes_on_during_an_ingest_on_what_was_there_before(kefu_home: Path, tmp_path: Path) -> None:
    reached, go_on = threading.Event(), threading.Event()

    class Slow(TinyEmbedder):
        hold = False

        def passages(self, texts: Sequence[str]) -> Vectors:
            if self.hold and texts:
                reached.set()
                assert go_on.wait(30)
            return super().passages(texts)

    embedder = Slow()
    base = opened(kefu_home, embedder)
    base.ingest([write(tmp_path, "a.md", MANUAL)])
    before = base.search(["还价"]).results
    embedder.hold = True
    ingest = threading.Thread(target=base.ingest, args=([write(tmp_path, "b.txt", OTHER)],))
    ingest.start()
    assert reached.wait(30)
    assert base.search(["还价"]).results == before
    assert len(base.documents()) == 1
    go_on.set()
    ingest.join(30)
    assert len(base.documents()) == 2
    assert any("守价不伤人" in r.passage.text for r in base.search(["还价"]).results)
    base.close()


def test_the_shipped_library_keeps_its_ids_wherever_it_is_installed(base: KnowledgeBase) -> None:
    from knowledge.ingest.ingestion import LIBRARY

    manual = next((LIBRARY / "manuals").glob("*.md"))
    (report,) = base.ingest([manual], shipped=True).documents
    assert report.source == f"library/manuals/{manual.name}"
    assert base.documents()[0].shipped


def test_progress_is_told(base: KnowledgeBase, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    base.ingest(
        [write(tmp_path, "a.md", MANUAL), write(tmp_path, "b.txt", OTHER)],
        progress=lambda what, done, total: told.append((what, done, total)),
    )
    assert told[-1][1:] == (2, 2)
    assert any("a.md" in what for what, _, _ in told) and any("向量" in what for what, _, _ in told)
    assert all(0 <= done <= total for _, done, total in told)
