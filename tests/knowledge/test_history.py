"""The versions of a manual: what differs between two, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from knowledge.base import KnowledgeBase
from knowledge.curation import PassageEdit
from knowledge.errors import KefuError
from knowledge.store.database import MIGRATIONS
from tests.knowledge.tiny import OTHER, opened, write

SECOND = "二、催付\n付款前的顾客多半在犹豫运费,把运费险讲清楚再请他下单。\n"
THIRD = "三、回访\n回访要挑顾客方便的时间,先说明来意,再问使用感受。\n"


@pytest.fixture
def base(kefu_home: Path) -> Iterator[KnowledgeBase]:
    base = opened(kefu_home)
    yield base
    base.close()


def ingested(base: KnowledgeBase, folder: Path, text: str) -> str:
    (report,) = base.ingest([write(folder, "a.txt", text)], who="小顾").documents
    return report.id


def texts(base: KnowledgeBase) -> list[str]:
    return [p.text.split("\n")[0] for p in base._index.snapshot.passages]


def test_two_versions_are_told_apart_passage_by_passage(base: KnowledgeBase, tmp_path: Path) -> None:
    document = ingested(base, tmp_path, OTHER + SECOND)
    ingested(base, tmp_path, OTHER.replace("先谢谢他喜欢", "先谢谢他中意") + THIRD)
    found = base.versions.difference(document, 1, 2)
    said = [(d.what, d.left and d.left.passage.section, d.right and d.right.passage.section) for d in found]
    assert said == [
        ("changed", "一、守价不伤人", "一、守价不伤人"),
        ("removed", "二、催付", None),
        ("added", None, "三、回访"),
    ] or sorted(said, key=str) == sorted(
        [("changed", "一、守价不伤人", "一、守价不伤人"), ("removed", "二、催付", None), ("added", None, "三、回访")],
        key=str,
    )
    assert base.versions.difference(document, 2, 2) == ()


def test_an_edit_and_a_retirement_are_versions_too(base: KnowledgeBase, tmp_path: Path) -> None:
    document = ingested(base, tmp_path, OTHER + SECOND)
    first, second = base.document(document).passages
    base.curation.edit(first.passage_id, PassageEdit(text="守价要先听后说。"), "小林")
    base.curation.retire([second.passage_id], "小林")
    (edit,) = base.versions.difference(document, 1, 2)
    assert edit.what == "changed" and edit.left is not None and edit.right is not None
    assert (edit.left.passage.text, edit.right.passage.text) == (first.text, "守价要先听后说。")
    (retired,) = base.versions.difference(document, 2, 3)
    assert retired.right is not None and retired.right.status == "retired"


def test_rolling_back_brings_an_old_version_live_and_keeps_what_came_after(base: KnowledgeBase, tmp_path: Path) -> None:
    document = ingested(base, tmp_path, OTHER + SECOND)
    ingested(base, tmp_path, OTHER + THIRD)
    assert texts(base) == ["一、守价不伤人", "三、回访"]
    assert base.versions.roll_back(document, 1, "小林") == 3
    assert texts(base) == ["一、守价不伤人", "二、催付"]
    assert [(v.number, v.action, v.in_use) for v in base.versions.of_document(document)] == [
        (3, "rolled_back", True), (2, "ingested", False), (1, "ingested", False),
    ]  # fmt: skip
    assert base.versions.difference(document, 1, 3) == ()
    base.versions.roll_back(document, 2, "小林")
    assert texts(base) == ["一、守价不伤人", "三、回访"]


def test_rolling_back_an_edit_brings_the_old_words_back(base: KnowledgeBase, tmp_path: Path) -> None:
    document = ingested(base, tmp_path, OTHER)
    (passage,) = base.document(document).passages
    base.curation.edit(passage.passage_id, PassageEdit(text="守价要先听后说。"), "小林")
    base.versions.roll_back(document, 1, "小顾")
    assert base.document(document).passages == (passage,)


def test_rolling_back_a_block_that_was_brought_back_leaves_it_out_again(base: KnowledgeBase, tmp_path: Path) -> None:
    document = ingested(base, tmp_path, f"{OTHER}©2020 某某公司 版权所有\n")
    base.curation.keep_block(document, len(OTHER), "小顾")
    assert len(texts(base)) == 2
    base.versions.roll_back(document, 1, "小顾")
    assert len(texts(base)) == 1 and [d.count for d in base.document(document).dropped] == [1]
    base.versions.roll_back(document, 2, "小顾")
    assert len(texts(base)) == 2 and base.document(document).dropped == ()


def test_a_version_or_document_that_is_not_there_is_named(base: KnowledgeBase, tmp_path: Path) -> None:
    document = ingested(base, tmp_path, OTHER)
    with pytest.raises(KefuError) as no_version:
        base.versions.roll_back(document, 7, "小顾")
    assert no_version.value.code == "version.unknown" and "第 7 版" in no_version.value.zh
    with pytest.raises(KefuError) as no_document:
        base.versions.of_document("no")
    assert no_document.value.code == "document.unknown"


def test_removing_a_document_removes_its_past_from_the_disk_too(
    base: KnowledgeBase, kefu_home: Path, tmp_path: Path
) -> None:
    secret = "旧版里独有的一句话"
    document = ingested(base, tmp_path, f"{OTHER}二、旧\n{secret},后来删掉了。\n")
    ingested(base, tmp_path, OTHER)
    base.remove(document)
    assert all(secret.encode() not in f.read_bytes() for f in kefu_home.glob("knowledge.db*"))


def test_a_home_of_before_keeps_its_documents_and_can_go_back(kefu_home: Path, tmp_path: Path) -> None:
    base = opened(kefu_home)
    document = ingested(base, tmp_path, OTHER + SECOND)
    before = base.document(document)
    base.close()
    engine = sa.create_engine(f"sqlite:///{kefu_home / 'knowledge.db'}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        assert "changes" not in sa.inspect(connection).get_table_names()
    engine.dispose()
    again = opened(kefu_home)
    assert again.document(document) == before
    assert [(v.number, v.action) for v in again.versions.of_document(document)] == [(1, "ingested")]
    again.close()
