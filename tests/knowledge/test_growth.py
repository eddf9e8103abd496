"""A large collection is extended, not made again: what is found is what a fresh start would find, near enough."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from knowledge import index as index_module
from knowledge.base import KnowledgeBase
from knowledge.growing import Growing
from knowledge.kept import read_kept, unpacked_strings
from knowledge.lexical import Asked, Cutter, LexicalIndex
from knowledge.store import KnowledgeStore, PlacedPassage, PreparedDocument
from knowledge.values import Passage
from tests.knowledge.tiny import MANUAL, OTHER, opened, write

DOCUMENTS = [[f"t{(i * j) % 17}" for j in range(1, 4 + i % 5)] for i in range(60)]


@pytest.fixture
def base(kefu_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KnowledgeBase]:
    """A base that takes even a handful of passages for many."""
    monkeypatch.setattr(index_module, "SMALL", 0)
    base = opened(kefu_home)
    yield base
    base.close()


def test_a_growing_array_leaves_the_views_that_were_handed_out_alone() -> None:
    array = Growing(np.array([[1.0, 2.0]]), axis=1)
    early = array.view
    for number in range(3000):
        array.append(np.array([[float(number)]]))
    assert early.tolist() == [[1.0, 2.0]] and array.view.shape == (1, 3002) and array.view[0, -1] == 2999.0
    with pytest.raises(ValueError, match="read-only"):
        array.view[0, 0] = 5.0


@pytest.mark.parametrize("step", [1, 7, 30])
def test_words_that_came_bit_by_bit_score_as_if_they_had_come_at_once(step: int) -> None:
    whole = LexicalIndex(DOCUMENTS)
    grown = LexicalIndex(DOCUMENTS[:step])
    for first in range(step, len(DOCUMENTS), step):
        grown = grown.extended(DOCUMENTS[first : first + step]).merged()
    asked = ["t1", "t3", "t3", "t11", "nowhere"]
    assert np.allclose(grown.scores(asked), whole.scores(asked), atol=1e-5)
    assert np.allclose(grown.many(Asked([asked, ["t2"]]), 40)[1], whole.scores(["t2"])[40:], atol=1e-5)
    assert np.allclose(grown.rearranged(np.arange(59, -1, -1, dtype=np.int32)).scores(asked), whole.scores(asked)[::-1])
    assert grown.share(asked, 5) == pytest.approx(whole.share(asked, 5))


def test_words_are_cut_once_and_not_again_at_the_next_start(
    kefu_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(opened(kefu_home)) as base:
        base.ingest([write(tmp_path, "a.md", MANUAL)])
        before = found(base, "杯子坏了,拍照")
    cut: list[str] = []
    terms = Cutter.terms

    def watched(self: Cutter, text: str) -> list[str]:
        cut.append(text)
        return terms(self, text)

    monkeypatch.setattr(Cutter, "terms", watched)
    with closing(opened(kefu_home)) as base:
        assert found(base, "杯子坏了,拍照") == pytest.approx(before)
        assert not any("拍一张瑕疵" in text for text in cut)
        base.ingest([write(tmp_path, "b.txt", OTHER)])
        assert any("先谢谢他喜欢" in text for text in cut) and not any("拍一张瑕疵" in text for text in cut)


@pytest.mark.parametrize("large", [False, True])
def test_the_words_of_a_removed_document_are_not_kept(
    kefu_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    if large:
        monkeypatch.setattr(index_module, "SMALL", 0)
    with closing(opened(kefu_home)) as base:
        (gone, _) = base.ingest([write(tmp_path, "b.txt", OTHER), write(tmp_path, "a.md", MANUAL)]).documents
        base.search(["杯子坏了"])
        assert "守价" in kept_terms(kefu_home)
        base.remove(gone.id)
        assert "守价" not in kept_terms(kefu_home) and "瑕疵" in kept_terms(kefu_home)
    with closing(opened(kefu_home)) as base:
        assert {r.passage.document for r in base.search(["守价不伤人"], 20).results} == {"退换货手册"}


def test_words_of_what_is_removed_go_from_disk_though_nobody_searched_in_this_process(
    kefu_home: Path, tmp_path: Path
) -> None:
    with closing(opened(kefu_home)) as base:
        (gone, _) = base.ingest([write(tmp_path, "b.txt", OTHER), write(tmp_path, "a.md", MANUAL)]).documents
        base.search(["杯子坏了"])
    with closing(opened(kefu_home)) as base:
        base.remove(gone.id)
    assert "守价" not in kept_terms(kefu_home) and "瑕疵" in kept_terms(kefu_home)
    left = [path for path in kefu_home.rglob("*") if path.is_file() and "守价".encode() in path.read_bytes()]
    assert left == []
    with closing(opened(kefu_home)) as base:
        assert {r.passage.document for r in base.search(["守价不伤人"], 20).results} == {"退换货手册"}


def found(base: KnowledgeBase, text: str) -> dict[str, float]:
    """What a search brings, with its scores."""
    return {r.passage.passage_id: r.score for r in base.search([text], 3).results}


def kept_terms(home: Path) -> list[str]:
    (file,) = (home / "cache").glob("words-*.npz")
    return unpacked_strings((read_kept(file) or {})["terms"])


def test_a_kept_file_of_words_that_is_spoiled_is_made_again(kefu_home: Path, tmp_path: Path) -> None:
    with closing(opened(kefu_home)) as base:
        base.ingest([write(tmp_path, "a.md", MANUAL)])
        before = found(base, "杯子坏了")
    (file,) = (kefu_home / "cache").glob("words-*.npz")
    file.write_bytes(file.read_bytes()[:100])
    with closing(opened(kefu_home)) as base:
        assert found(base, "杯子坏了") == pytest.approx(before)


def test_an_older_word_index_goes_on_as_it_was_while_a_newer_one_grows() -> None:
    old = LexicalIndex(DOCUMENTS[:20])
    before = old.scores(["t3"])
    new = old.extended(DOCUMENTS[20:])
    assert np.array_equal(old.scores(["t3"]), before) and new.size == 60 and len(old.scores(["t59"])) == 20


def test_one_more_document_extends_what_is_there(base: KnowledgeBase, tmp_path: Path) -> None:
    base.ingest([write(tmp_path, "a.md", MANUAL)])
    base.search(["杯子坏了"])
    before = base._index.snapshot
    base.ingest([write(tmp_path, "b.txt", OTHER)])
    after = base._index.snapshot
    assert after.layout == before.layout and after.rows[: len(before.rows)] == before.rows
    assert np.shares_memory(after.vectors, before.vectors)
    assert base.search(["五十块卖不卖,守价"], 1).results[0].passage.document == "守价不伤人"


def test_a_changed_document_is_found_as_it_reads_now_and_a_removed_one_not_at_all(
    base: KnowledgeBase, tmp_path: Path
) -> None:
    base.ingest([write(tmp_path, "a.md", MANUAL), write(tmp_path, "b.txt", OTHER)])
    base.search(["杯子坏了"])
    write(tmp_path, "a.md", MANUAL.replace("签收次日起算七日", "签收次日零点起算七日"))
    (changed,) = base.ingest([tmp_path / "a.md"]).documents
    found = [r.passage for r in base.search(["签收次日起算七日"], 20).results]
    assert any("零点起算" in p.text for p in found) and not any("签收次日起算" in p.text for p in found)
    assert {p.passage_id for p in base.passages()} == {
        p.passage_id for d in base.documents() for p in base.document(d.id).passages
    }
    base.remove(changed.id)
    assert {r.passage.document for r in base.search(["签收次日起算七日"], 20).results} == {"守价不伤人"}
    assert {p.document for p in base.passages()} == {"守价不伤人"}


def test_what_repeated_a_removed_document_is_found_in_its_own_right(base: KnowledgeBase, tmp_path: Path) -> None:
    (first, _) = base.ingest([write(tmp_path, "a.txt", OTHER), write(tmp_path, "c.md", MANUAL)]).documents
    base.ingest([write(tmp_path, "b.txt", OTHER.replace("一、守价不伤人", "一、守价的话"))])
    base.remove(first.id)
    assert any("先谢谢他喜欢" in p.text for p in base.passages())
    assert any("先谢谢他喜欢" in r.passage.text for r in base.search(["还价的时候先谢谢他喜欢"], 3).results)


def test_the_store_does_not_walk_all_passages_for_one_more_document(tmp_path: Path) -> None:
    def steps(number: int) -> int:
        """What SQLite does for one more document, in hundreds of its instructions."""
        new = document(number, 1)
        counted.clear()
        store.go_live(store.add_pending([new]))
        assert len(store.live_passages(store.take_touched())) == 1
        return len(counted)

    def watch(connection: sqlite3.Connection, _record: object) -> None:
        connection.set_progress_handler(lambda: counted.append(None), 100)

    counted: list[None] = []
    sa.event.listen(sa.Engine, "connect", watch)
    try:
        with closing(KnowledgeStore.open(tmp_path / "knowledge.db")) as store:
            steps(0)
            few = steps(1)
            store.go_live(store.add_pending([document(2, 3000)]))
            store.take_touched()
            assert steps(3) < few + 20  # each of 3,000 passages takes ten of them
    finally:
        sa.event.remove(sa.Engine, "connect", watch)


def document(number: int, passages: int) -> PreparedDocument:
    placed = [
        PlacedPassage(
            passage=Passage(
                passage_id=f"{number}-{i}", document_id=f"d{number}", document="手册", section="", text=f"第{i}段",
                kind="procedure", stage="general", start=0, end=3,
            ),
            segments=((0, 3),),
        )
        for i in range(passages)
    ]  # fmt: skip
    return PreparedDocument(
        document_id=f"d{number}", source=f"d{number}", title="手册", shipped=False, content_hash="", encoding="utf-8",
        pipeline=1, text="第一段", passages=tuple(placed), cuts=(),
    )  # fmt: skip
