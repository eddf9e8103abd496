"""A manual waits for its manager: looked at, mended, approved or thrown away; nothing half way is ever searched."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.base import KnowledgeBase
from knowledge.curation import PassageEdit
from knowledge.errors import KefuError
from knowledge.review import Preview, Row
from tests.knowledge.tiny import MANUAL, OTHER, TinyEmbedder, opened, write

DIRTY = (
    f"首页 学堂 问答\n{OTHER}二、催付\n付款前的顾客多半在犹豫运费,把运费险讲清楚再请他下单。\n©2020 某某公司 版权所有\n"
)


@pytest.fixture
def base(kefu_home: Path) -> Iterator[KnowledgeBase]:
    base = opened(kefu_home)
    yield base
    base.close()


def staged(base: KnowledgeBase, folder: Path, text: str = DIRTY, name: str = "a.txt") -> str:
    (report,) = base.stage([write(folder, name, text)], who="小顾").documents
    assert report.error is None
    return report.id


def texts(base: KnowledgeBase) -> str:
    return "\n".join(p.text for p in base._index.snapshot.passages)


def row_with(preview: Preview, words: str) -> Row:
    return next(row for row in preview.rows if words in "".join(piece.text for piece in row.original))


def test_what_is_staged_is_seen_by_no_search_until_it_is_approved(base: KnowledgeBase, tmp_path: Path) -> None:
    document = staged(base, tmp_path)
    (waiting,) = base.review.waiting()
    assert (waiting.document_id, waiting.staged_by, waiting.replaces) == (document, "小顾", False)
    assert base.documents() == () and base.search(["还价"]).results == ()
    base.review.approve(document, "小顾")
    assert base.review.waiting() == ()
    assert [d.id for d in base.documents()] == [document]
    assert any("守价不伤人" in r.passage.text for r in base.search(["顾客还价"]).results)


def test_a_preview_shows_every_line_of_the_original_with_what_becomes_of_it(
    base: KnowledgeBase, tmp_path: Path
) -> None:
    preview = base.review.preview(staged(base, tmp_path))
    shown = "".join(piece.text for row in preview.rows for piece in row.original)
    assert "".join(DIRTY.split()) == "".join(shown.split())
    assert [(row.what, row.reason) for row in preview.rows] == [
        ("dropped", "menu"), ("passage", ""), ("passage", ""), ("dropped", "copyright"),
    ]  # fmt: skip
    assert preview.waiting.dropped == 2 and preview.waiting.passages == 2


def test_a_preview_marks_what_cleaning_mended_within_a_passage(base: KnowledgeBase, tmp_path: Path) -> None:
    text = OTHER.replace("價", "价").replace("喜欢", "喜歡(huān)")
    preview = base.review.preview(staged(base, tmp_path, text))
    (row,) = preview.rows
    assert [(p.text, p.reason) for p in row.original if p.reason] == [("(huān)", "glued_pinyin")]
    assert row.placed is not None and "huān" not in row.placed.passage.text


def test_a_dropped_block_comes_back_and_stays_back_when_the_file_is_uploaded_again(
    base: KnowledgeBase, tmp_path: Path
) -> None:
    document = staged(base, tmp_path)
    dropped = row_with(base.review.preview(document), "版权所有")
    base.curation.keep_block(document, dropped.start, "小顾", staged=True)
    row = row_with(base.review.preview(document), "版权所有")
    assert row.what == "passage" and row.placed is not None and row.placed.passage.section == "二、催付"
    with pytest.raises(KefuError) as twice:
        base.curation.keep_block(document, dropped.start, "小顾", staged=True)
    assert twice.value.code == "block.unknown"
    base.review.approve(document, "小顾")
    assert "版权所有" in texts(base)

    base.ingest([write(tmp_path, "a.txt", f"{DIRTY}\n三、回访\n回访要挑顾客方便的时间,先说明来意。\n")])
    assert "版权所有" in texts(base) and "首页 学堂" not in texts(base) and "回访" in texts(base)


def test_single_passages_are_retired_before_approval_and_edited_ones_go_live_as_edited(
    base: KnowledgeBase, tmp_path: Path
) -> None:
    document = staged(base, tmp_path)
    rows = base.review.preview(document).rows
    first, second = (row.placed.passage for row in rows if row.placed)
    base.curation.retire([second.passage_id], "小顾", staged=True)
    base.curation.edit(first.passage_id, PassageEdit(text="还价时先问预算,再谈能给什么。"), "小顾", staged=True)
    base.review.approve(document, "小顾")
    assert texts(base) == "还价时先问预算,再谈能给什么。"
    assert base.documents()[0].retired == 1
    base.curation.restore([second.passage_id], "小顾")
    assert "运费险" in texts(base)


def test_discarding_leaves_what_is_in_use_alone_and_no_trace_of_the_rest(
    base: KnowledgeBase, kefu_home: Path, tmp_path: Path
) -> None:
    base.ingest([write(tmp_path, "a.txt", OTHER)])
    secret = "只在这一稿里出现过的句子"
    document = staged(base, tmp_path, f"{OTHER}二、新增\n{secret},要讲给顾客听。\n")
    assert base.review.waiting()[0].replaces
    base.review.discard(document)
    assert base.review.waiting() == () and "守价不伤人" in texts(base)
    assert all(secret.encode() not in f.read_bytes() for f in kefu_home.glob("knowledge.db*"))
    with pytest.raises(KefuError) as refusal:
        base.review.approve(document, "小顾")
    assert refusal.value.code == "review.unknown"


def test_a_new_version_tells_what_is_new_what_goes_and_which_decisions_are_lost(
    base: KnowledgeBase, tmp_path: Path
) -> None:
    (report,) = base.ingest([write(tmp_path, "a.txt", DIRTY)]).documents
    kept, edited = base.document(report.id).passages
    base.curation.edit(edited.passage_id, PassageEdit(text="运费险要在付款前讲。"), "小顾")
    document = staged(base, tmp_path, f"{OTHER}二、回访\n回访要挑顾客方便的时间,先说明来意。\n")
    preview = base.review.preview(document)
    assert [(row.what, row.is_new) for row in preview.rows] == [("passage", False), ("passage", True)]
    assert [p.passage.text for p in preview.gone] == ["运费险要在付款前讲。"] == [p.passage.text for p in preview.lost]
    assert kept.passage_id in {row.placed.passage.passage_id for row in preview.rows if row.placed}


def test_decisions_are_carried_over_to_a_new_version_of_the_file(base: KnowledgeBase, tmp_path: Path) -> None:
    (report,) = base.ingest([write(tmp_path, "a.txt", DIRTY)]).documents
    first, second = base.document(report.id).passages
    base.curation.edit(first.passage_id, PassageEdit(situations=("pre.bargain",)), "小顾")
    base.curation.retire([second.passage_id], "小顾", "说得太满")
    base.ingest([write(tmp_path, "a.txt", f"{DIRTY}\n三、回访\n回访要挑顾客方便的时间,先说明来意。\n")])
    assert "运费险" not in texts(base) and "回访" in texts(base)
    assert base.curation.passage(first.passage_id).passage.situations == ("pre.bargain",)


def test_what_was_decided_on_the_version_in_use_while_the_new_one_waited_is_not_lost(
    base: KnowledgeBase, tmp_path: Path
) -> None:
    (report,) = base.ingest([write(tmp_path, "a.txt", DIRTY)]).documents
    first, second = base.document(report.id).passages
    document = staged(base, tmp_path, f"{DIRTY}\n三、回访\n回访要挑顾客方便的时间,先说明来意。\n")
    base.curation.retire([second.passage_id], "小林", "踩线")
    base.curation.edit(first.passage_id, PassageEdit(text="还价时先问预算,再谈能给什么。"), "小林")
    base.review.approve(document, "小顾")
    assert "运费险" not in texts(base) and "先问预算" in texts(base) and "守价不伤人" not in texts(base)
    assert "回访" in texts(base)


def test_what_another_manual_says_is_shown_as_merged_and_can_be_kept_apart(base: KnowledgeBase, tmp_path: Path) -> None:
    base.ingest([write(tmp_path, "a.txt", OTHER)])
    document = staged(base, tmp_path, DIRTY, "b.txt")
    merged = row_with(base.review.preview(document), "守价不伤人")
    assert merged.what == "merged" and merged.placed is not None and merged.merged_with is not None
    assert merged.merged_with.passage.document == "守价不伤人"
    base.curation.keep_apart(merged.placed.passage.passage_id, "小顾", staged=True)
    base.review.approve(document, "小顾")
    assert texts(base).count("守价不伤人") == 2


def test_what_repeats_is_found_anew_at_approval(base: KnowledgeBase, tmp_path: Path) -> None:
    one = staged(base, tmp_path, OTHER, "a.txt")
    other = staged(base, tmp_path, DIRTY, "b.txt")
    base.review.approve(one, "小顾")
    base.review.approve(other, "小顾")
    assert texts(base).count("守价不伤人") == 1
    base.remove(one)
    assert texts(base).count("守价不伤人") == 1


def test_a_copy_of_a_retired_passage_does_not_come_in_by_another_file(base: KnowledgeBase, tmp_path: Path) -> None:
    (report,) = base.ingest([write(tmp_path, "a.txt", OTHER)]).documents
    (passage,) = base.document(report.id).passages
    base.curation.retire([passage.passage_id], "小顾", "踩线")
    base.ingest([write(tmp_path, "b.txt", DIRTY)])
    assert "守价不伤人" not in texts(base)


def test_an_approval_that_fails_half_way_leaves_the_old_version(
    base: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base.ingest([write(tmp_path, "a.txt", OTHER)])
    document = staged(base, tmp_path, DIRTY)

    def broken(*_: object, **__: object) -> None:
        raise OSError("no more")

    monkeypatch.setattr(base._store, "go_live", broken)
    with pytest.raises(OSError):
        base.review.approve(document, "小顾")
    monkeypatch.undo()
    assert len(base.review.waiting()) == 1 and "运费险" not in texts(base)
    assert base._index._collection.count() == 1
    base.review.approve(document, "小顾")
    assert "运费险" in texts(base)


def test_what_waits_outlives_the_process(kefu_home: Path, tmp_path: Path) -> None:
    base = opened(kefu_home)
    document = staged(base, tmp_path)
    base.close()
    again = opened(kefu_home, TinyEmbedder())
    assert again.repairs == () and [w.document_id for w in again.review.waiting()] == [document]
    again.close()


def test_the_same_file_as_the_one_in_use_is_not_staged(base: KnowledgeBase, tmp_path: Path) -> None:
    path = write(tmp_path, "a.md", MANUAL)
    base.ingest([path])
    (report,) = base.stage([path]).documents
    assert report.status == "unchanged" and base.review.waiting() == ()


KILLED = """
import os, signal, sys
from pathlib import Path
from knowledge.index import PassageIndex
from knowledge.store import KnowledgeStore
from tests.knowledge.tiny import opened

base = opened(Path(sys.argv[1]))
owner, name = {
    "indexing": (PassageIndex, "add"),
    "committing": (KnowledgeStore, "go_live"),
    "publishing": (PassageIndex, "synchronise"),
}[sys.argv[2]]
setattr(owner, name, lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL))
base.review.approve(base.review.waiting()[0].document_id, "小顾")
"""


@pytest.mark.parametrize(("stage", "is_new"), [("indexing", False), ("committing", False), ("publishing", True)])
def test_an_approval_killed_at_any_point_leaves_the_old_version_or_the_new_one(
    kefu_home: Path, tmp_path: Path, stage: str, is_new: bool
) -> None:
    base = opened(kefu_home)
    base.ingest([write(tmp_path, "a.txt", OTHER)])
    document = staged(base, tmp_path)
    base.close()
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(kefu_home), stage], cwd=Path(__file__).parents[2], timeout=240, check=False
    )
    assert killed.returncode == -signal.SIGKILL

    base = opened(kefu_home)
    assert ("运费险" in texts(base)) is is_new and "守价不伤人" in texts(base)
    assert len(base.review.waiting()) == (0 if is_new else 1)
    assert base._index._collection.count() == len(base.passages())
    if not is_new:
        base.review.approve(document, "小顾")
    assert "运费险" in texts(base) and len(base.documents()) == 1
    base.close()
