"""The doctor finds what is wrong between store, index and files, changes nothing by looking, and mends what can be mended."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.doctor import examine, repair
from knowledge.index import CURRENT, PassageIndex
from knowledge.store import KnowledgeStore
from tests.knowledge.tiny import MANUAL, OTHER, TinyEmbedder, opened, write


@pytest.fixture
def home(kefu_home: Path, tmp_path: Path) -> Path:
    base = opened(kefu_home)
    base.ingest([write(tmp_path, "a.md", MANUAL), write(tmp_path, "b.txt", OTHER)])
    base.close()
    return kefu_home


def codes(home: Path) -> set[str]:
    return {finding.code for finding in examine(home, TinyEmbedder())}


def with_index(home: Path, act: Callable[[PassageIndex, list[str]], None]) -> None:
    embedder = TinyEmbedder()
    store = KnowledgeStore.open(home / "knowledge.db")
    passages = store.live_passages()
    store.close()
    index = PassageIndex.open(home / "index", embedder.identity)
    index.synchronise(passages, embedder.passages)
    act(index, [passage.passage_id for passage in passages])
    index.close()


def lose_a_vector(home: Path) -> None:
    with_index(home, lambda index, ids: index.delete(ids[:1]))


def keep_a_vector_too_many(home: Path) -> None:
    with_index(
        home,
        lambda index, _: index.add(
            [index.snapshot.rows[0].model_copy(update={"passage_id": "nobody"})], index.snapshot.vectors[:1].copy()
        ),
    )


def mix_up_vectors(home: Path) -> None:
    with_index(home, lambda index, _: index.add(index.snapshot.rows, index.snapshot.vectors[::-1].copy()))


def leave_a_generation(home: Path) -> None:
    (home / "index" / "generation-killed").mkdir()


def lose_the_index(home: Path) -> None:
    (home / "index" / CURRENT).unlink()


def leave_a_document_pending(home: Path) -> None:
    with sqlite3.connect(home / "knowledge.db") as connection:
        connection.execute("UPDATE documents SET state = 'pending' WHERE title = '守价不伤人'")
    connection.close()


def leave_work_undone(home: Path) -> None:
    store = KnowledgeStore.open(home / "knowledge.db")
    store.begin_work(["不见了.txt"])
    store.close()


def test_a_healthy_home_has_nothing_and_looking_changes_nothing(home: Path) -> None:
    before = {path: path.read_bytes() for path in home.rglob("*.json")}
    assert codes(home) == set()
    assert {path: path.read_bytes() for path in home.rglob("*.json")} == before


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (lose_a_vector, "index.missing"),
        (keep_a_vector_too_many, "index.extra"),
        (mix_up_vectors, "index.stale"),
        (leave_a_generation, "file.orphan"),
        (lose_the_index, "index.unusable"),
        (leave_a_document_pending, "ingest.pending"),
        (leave_work_undone, "ingest.unfinished"),
    ],
)
def test_what_is_wrong_is_named_and_mended(home: Path, harm: Callable[[Path], None], code: str) -> None:
    harm(home)
    assert code in codes(home)
    assert code in codes(home)  # looking mends nothing
    assert repair(home, TinyEmbedder()) == ()
    base = opened(home)
    assert base.search(["杯子坏了"]).results and len(base.documents()) == 2
    base.close()


def test_another_model_is_noticed_before_it_is_mixed(home: Path) -> None:
    other = TinyEmbedder(revision="2")
    assert [finding.code for finding in examine(home, other)] == ["index.unusable"]
    assert repair(home, other) == ()
    assert json.loads((home / "index" / CURRENT).read_text(encoding="utf-8"))["identity"]["revision"] == "2"


def test_a_damaged_store_is_left_as_it_is_and_the_remedy_is_said(home: Path) -> None:
    path = home / "knowledge.db"
    content = bytearray(path.read_bytes())
    content[4096:12288] = b"\x7f" * 8192
    path.write_bytes(content)
    (found,) = repair(home, TinyEmbedder())
    assert found.code == "store.damaged" and not found.mendable
    assert "备份" in found.zh and str(path) in found.zh
    assert path.read_bytes() == bytes(content)


def test_a_removed_documents_words_are_in_no_file_of_the_home(kefu_home: Path, tmp_path: Path) -> None:
    secret = "紫檀木匣里的第三张便条写着退换规则"
    base = opened(kefu_home)
    path = write(tmp_path, "a.md", MANUAL + f"\n### 知识:便条\n\n{secret},请留意查看。\n")
    base.ingest([path, write(tmp_path, "b.txt", OTHER)])
    write(tmp_path, "a.md", MANUAL + f"\n### 知识:便条\n\n{secret},先看再说。\n")
    base.ingest([path])  # an older version is kept
    assert [r.passage.text.count(secret) for r in base.search([secret], 3).results if secret in r.passage.text] == [1]
    assert any(secret.encode() in file.read_bytes() for file in kefu_home.rglob("*") if file.is_file())
    (gone,) = [d.id for d in base.documents() if d.title == "退换货手册"]
    base.remove(gone)

    def traces() -> list[str]:
        forms = [secret.encode("utf-8"), secret[:8].encode("utf-8"), secret.encode("utf-16-le")]
        return [
            file.name
            for file in kefu_home.rglob("*")
            if file.is_file() and any(form in file.read_bytes() for form in forms)
        ]

    assert traces() == []  # while the home is open, too
    assert base.search([secret], 3).results  # what else there is is found
    base.close()
    assert traces() == []
