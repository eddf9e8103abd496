"""What is exported says everything, and comes in again as it went out."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge import export
from knowledge.base import KnowledgeBase
from knowledge.curation import PassageEdit
from knowledge.errors import KefuError
from tests.knowledge.tiny import MANUAL, OTHER, opened, write


@pytest.fixture
def base(kefu_home: Path, tmp_path: Path) -> Iterator[KnowledgeBase]:
    base = opened(kefu_home)
    base.ingest([write(tmp_path, "a.md", MANUAL), write(tmp_path, "b.txt", OTHER)], who="小顾")
    yield base
    base.close()


def again(base: KnowledgeBase, folder: Path) -> KnowledgeBase:
    """Another home with what the export says."""
    export.to_folder(base, folder / "out")
    other = opened(folder / "other-home")
    report = other.ingest([folder / "out" / "manuals"])
    assert [d.error for d in report.documents] == [None] * len(report.documents)
    return other


def said(base: KnowledgeBase) -> set[tuple[str, tuple[str, ...]]]:
    return {(" ".join(p.text.split()), p.situations) for p in base.passages()}


def test_manuals_that_nobody_changed_come_in_again_as_they_were(base: KnowledgeBase, tmp_path: Path) -> None:
    other = again(base, tmp_path)
    own_format = {(text, situations) for text, situations in said(base) if "守价" not in text}
    assert own_format <= said(other)
    assert any("守价不伤人" in text and "先谢谢他喜欢" in text for text, _ in said(other))
    other.close()


def test_what_people_changed_is_in_the_export(base: KnowledgeBase, tmp_path: Path) -> None:
    technique = next(p for p in base.passages() if "先问清楚再动手" in p.text)
    fact = next(p for p in base.passages() if "七日无理由" in p.text)
    price = next(p for p in base.passages() if "守价" in p.text)
    text = technique.text.replace("请顾客拍照", "请顾客拍三张照")
    base.curation.edit(technique.passage_id, PassageEdit(text=text, situations=("after.quality",)), "小顾")
    base.curation.retire([fact.passage_id], "小顾")
    base.curation.assign(price.passage_id, "pre.bargain", "小顾")
    other = again(base, tmp_path)
    found = other.passages()
    assert next(p for p in found if "拍三张照" in p.text).situations == ("after.quality",)
    assert next(p for p in found if "先谢谢他喜欢" in p.text).situations == ("pre.bargain",)
    assert not any("七日" in p.text for p in found)
    assert any(p.kind == "bad_example" for p in found)
    other.close()


def test_the_manifest_and_the_data_beside_say_all_the_rest(base: KnowledgeBase) -> None:
    passage = next(p for p in base.passages() if "守价" in p.text)
    base.curation.flag(passage.passage_id, "看看新规", "小顾")
    base.set_in_use(passage.document_id, "小顾", searched=False)
    with zipfile.ZipFile(io.BytesIO(export.to_zip(base))) as packed:
        names = packed.namelist()
        about = json.loads(packed.read("manifest.json"))
    assert "manuals/退换货手册.md" in names and "retired/守价不伤人.md" in names
    assert {name.split("/")[0] for name in names} >= {"situations", "phrasebooks", "policies"}
    by_title = {d["title"]: d for d in about["documents"]}
    assert by_title["守价不伤人"]["passage_list"][0]["flag"] == "看看新规"
    assert by_title["守价不伤人"]["version"] == 3 and by_title["退换货手册"]["file"] == "manuals/退换货手册.md"


def test_a_folder_that_has_something_in_it_is_left_alone(base: KnowledgeBase, tmp_path: Path) -> None:
    keep = write(tmp_path / "full", "notes.txt", "不要动")
    with pytest.raises(KefuError) as refusal:
        export.to_folder(base, tmp_path / "full")
    assert refusal.value.code == "export.not_empty" and keep.read_text(encoding="utf-8") == "不要动"
