"""Killed, out of disk, two at once: nothing is left half done, and the next start says what it mended."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from knowledge.base import KnowledgeBase
from knowledge.embedding.embedder import Vectors
from knowledge.errors import KefuError
from knowledge.owner import LOCK, OWNER, HomeLock, owner_of
from knowledge.situations import SituationCatalogue
from tests.knowledge.tiny import MANUAL, TinyEmbedder, write

ROOT = Path(__file__).parents[2]
NOTHING = SituationCatalogue(entries=())
OTHER = "一、守价不伤人\n顾客还价的时候,先谢谢他喜欢,再讲清楚价格里有什么。\n"


def opened(home: Path, embedder: TinyEmbedder | None = None) -> KnowledgeBase:
    return KnowledgeBase.open(home, embedder=embedder or TinyEmbedder(), catalogue=NOTHING)


def assert_whole(base: KnowledgeBase) -> None:
    """Store and index hold the same passages, and none is pending."""
    stored = {p.passage_id for summary in base.documents() for p in base.document(summary.id).passages}
    held = base._index.snapshot
    assert {p.passage_id for p in held.passages} == stored
    assert base._index._collection.count() == len(stored) == len(held.vectors)
    assert base._store.versions("pending") == ()


# --- killed ----------------------------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from pathlib import Path
from knowledge.base import KnowledgeBase
from knowledge.index import PassageIndex
from knowledge.situations import SituationCatalogue
from knowledge.store import KnowledgeStore
from tests.knowledge.tiny import TinyEmbedder

home, manual, stage = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
base = KnowledgeBase.open(home, embedder=TinyEmbedder(), catalogue=SituationCatalogue(entries=()))
owner, name = {
    "beginning": (KnowledgeStore, "begin_work"),
    "embedding": (TinyEmbedder, "passages"),
    "storing": (KnowledgeStore, "add_pending"),
    "indexing": (PassageIndex, "add"),
    "going live": (KnowledgeStore, "go_live"),
    "live": (PassageIndex, "synchronise"),
    "ending": (KnowledgeStore, "end_work"),
}[stage]
setattr(owner, name, lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL))
base.ingest([manual])
"""


@pytest.mark.parametrize(
    ("stage", "survives", "said"),
    [
        ("beginning", False, ""),
        ("embedding", False, "没有导入"),
        ("storing", False, "没有导入"),
        ("indexing", True, "已补完索引"),
        ("going live", True, "已补完索引"),
        ("live", True, ""),
        ("ending", True, ""),
    ],
)
def test_an_ingest_killed_at_any_point_is_mended_at_the_next_start(
    kefu_home: Path, tmp_path: Path, stage: str, survives: bool, said: str
) -> None:
    with_one = opened(kefu_home)
    with_one.ingest([write(tmp_path, "old.txt", OTHER)])
    with_one.close()
    manual = write(tmp_path, "new.md", MANUAL)

    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(kefu_home), str(manual), stage], cwd=ROOT, timeout=240, check=False
    )
    assert killed.returncode == -signal.SIGKILL

    base = opened(kefu_home)
    titles = {summary.title for summary in base.documents()}
    assert titles == ({"守价不伤人", "退换货手册"} if survives else {"守价不伤人"})
    assert [said in repair for repair in base.repairs] == ([True] if said else [])
    assert_whole(base)
    (again,) = base.ingest([manual]).documents
    assert again.status == ("unchanged" if survives else "added")
    assert_whole(base)
    base.close()

    calm = opened(kefu_home)
    assert calm.repairs == ()
    calm.close()


def test_a_replacement_killed_midway_leaves_one_whole_version(kefu_home: Path, tmp_path: Path) -> None:
    manual = write(tmp_path, "new.md", MANUAL)
    base = opened(kefu_home)
    base.ingest([manual])
    base.close()
    write(tmp_path, "new.md", MANUAL.replace("签收次日起算七日", "签收次日零点起算七日"))
    subprocess.run([sys.executable, "-c", KILLED, str(kefu_home), str(manual), "indexing"], cwd=ROOT, timeout=240)
    base = opened(kefu_home)
    (summary,) = base.documents()
    texts = "".join(p.text for p in base.document(summary.id).passages)
    assert ("零点起算" in texts) != ("签收次日起算" in texts)
    assert_whole(base)
    base.close()


# --- no room ---------------------------------------------------------------------------------------------------------


def test_a_disk_that_fills_up_while_the_document_is_stored_leaves_nothing(kefu_home: Path, tmp_path: Path) -> None:
    base = opened(kefu_home)
    base.ingest([write(tmp_path, "old.txt", OTHER)])
    before = base.documents()

    def cap(connection: object, _record: object, _proxy: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count={pages + 4}")
        cursor.close()

    sa.event.listen(base._store._database._engine, "checkout", cap)
    with pytest.raises(KefuError) as refusal:
        base.ingest([write(tmp_path, "new.md", "\n\n".join(f"## 第{i}节\n{MANUAL}{i}" for i in range(40)))])
    assert refusal.value.code == "disk.full" and str(kefu_home) in refusal.value.zh
    sa.event.remove(base._store._database._engine, "checkout", cap)
    assert base.documents() == before
    assert_whole(base)
    base.close()
    again = opened(kefu_home)
    assert again.documents() == before
    assert_whole(again)
    again.close()


def test_a_disk_that_fills_up_while_vectors_are_written_leaves_nothing(
    kefu_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = opened(kefu_home)
    base.ingest([write(tmp_path, "old.txt", OTHER)])
    before = base.documents()

    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(base._index._collection, "upsert", full)
    manual = write(tmp_path, "new.md", MANUAL)
    with pytest.raises(KefuError) as refusal:
        base.ingest([manual])
    assert refusal.value.code == "disk.full"
    monkeypatch.undo()
    assert base.documents() == before
    assert_whole(base)
    assert base.ingest([manual]).documents[0].status == "added"  # room again
    assert_whole(base)
    base.close()


def test_another_failure_midway_is_not_called_a_full_disk_and_leaves_nothing(
    kefu_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = opened(kefu_home)

    def broken(**_: object) -> None:
        raise RuntimeError("HNSW says no")

    monkeypatch.setattr(base._index._collection, "upsert", broken)
    with pytest.raises(RuntimeError, match="HNSW"):
        base.ingest([write(tmp_path, "new.md", MANUAL)])
    monkeypatch.undo()
    assert base.documents() == ()
    assert_whole(base)
    base.close()


# --- the index against the store -------------------------------------------------------------------------------------


def test_an_index_that_disagrees_with_the_store_is_mended_and_it_is_said(kefu_home: Path, tmp_path: Path) -> None:
    base = opened(kefu_home)
    base.ingest([write(tmp_path, "a.md", MANUAL)])
    lost = base.document(base.documents()[0].id).passages[0].passage_id
    base._index.delete([lost])
    base.close()
    again = opened(kefu_home)
    assert any("补上 1 段" in repair for repair in again.repairs)
    assert again.passage(lost) is not None
    assert_whole(again)
    again.close()


def test_another_model_rebuilds_the_index_and_it_is_said(kefu_home: Path, tmp_path: Path) -> None:
    base = opened(kefu_home)
    base.ingest([write(tmp_path, "a.md", MANUAL)])
    base.close()
    other = opened(kefu_home, TinyEmbedder(revision="2", dimension=16))
    assert any("重建索引" in repair for repair in other.repairs)
    assert_whole(other)
    other.close()


def test_an_embedder_that_fails_leaves_the_home_usable(kefu_home: Path, tmp_path: Path) -> None:
    class Failing(TinyEmbedder):
        def passages(self, texts: Sequence[str]) -> Vectors:
            if texts:
                raise RuntimeError("no model")
            return super().passages(texts)

    base = opened(kefu_home, Failing())
    with pytest.raises(RuntimeError, match="no model"):
        base.ingest([write(tmp_path, "a.md", MANUAL)])
    base.close()
    again = opened(kefu_home)
    assert again.documents() == () and again.repairs == ()
    again.close()


# --- one owner -------------------------------------------------------------------------------------------------------

HOLDER = """
import sys, time
from pathlib import Path
from knowledge.owner import HomeLock
lock = HomeLock.acquire(Path(sys.argv[1]), "kefu serve")
sys.stdout.write("held\\n")
sys.stdout.flush()
time.sleep(600)
"""


def test_a_second_process_is_told_who_owns_the_home_and_takes_over_when_it_dies(kefu_home: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(kefu_home)], cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8"
    )
    try:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        with pytest.raises(KefuError) as refusal:
            opened(kefu_home)
        assert refusal.value.code == "home.in_use"
        for message in (refusal.value.zh, refusal.value.en):
            assert str(holder.pid) in message and "kefu serve" in message and "KEFU_HOME" in message
    finally:
        holder.kill()
        holder.wait()
    assert owner_of(kefu_home) is not None  # what the dead one wrote is still there
    opened(kefu_home).close()
    assert owner_of(kefu_home) is None


def test_the_same_process_cannot_open_a_home_twice_but_can_again_after_closing(kefu_home: Path) -> None:
    base = opened(kefu_home)
    with pytest.raises(KefuError) as refusal:
        opened(kefu_home)
    assert refusal.value.code == "home.in_use" and str(os.getpid()) in refusal.value.zh
    base.close()
    base.close()
    opened(kefu_home).close()


def test_a_lock_whose_owner_cannot_be_read_is_still_a_lock(kefu_home: Path) -> None:
    lock = HomeLock.acquire(kefu_home)
    (kefu_home / OWNER).write_text("{", encoding="utf-8")
    with pytest.raises(KefuError) as refusal:
        HomeLock.acquire(kefu_home)
    assert refusal.value.code == "home.in_use"
    lock.release()


def test_what_a_process_says_of_itself_holds_no_customers_words(
    kefu_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/kefu", "search", "我的电话是13800000000"])
    lock = HomeLock.acquire(kefu_home)
    said = json.loads((kefu_home / OWNER).read_text(encoding="utf-8"))
    assert said["pid"] == os.getpid() and said["what"] == "kefu search"
    lock.release()


def test_a_home_that_cannot_be_written_is_refused_with_the_remedy(tmp_path: Path) -> None:
    blocked = write(tmp_path, "a-file", "x") / "home"
    with pytest.raises(KefuError) as refusal:
        opened(blocked)
    assert refusal.value.code == "home.not_writable" and "KEFU_HOME" in refusal.value.zh


def test_a_home_that_failed_to_open_is_free_again(kefu_home: Path) -> None:
    kefu_home.mkdir(parents=True)
    (kefu_home / "knowledge.db").mkdir()
    with pytest.raises(sa.exc.OperationalError):
        opened(kefu_home)
    (kefu_home / "knowledge.db").rmdir()
    opened(kefu_home).close()
    assert (kefu_home / LOCK).exists()
