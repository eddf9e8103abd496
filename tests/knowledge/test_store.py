"""The canonical store: whole documents or none, and no trace of what was erased."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from knowledge.ingest.deduplicate import deduplicate
from knowledge.ingest.prepare import prepare
from knowledge.ingest.read import read
from knowledge.store import KnowledgeStore, PreparedDocument
from knowledge.tables import metadata
from knowledge.values import Caution
from tests.knowledge.tiny import MANUAL, write


def prepared(path: Path) -> PreparedDocument:
    def cautioner(text: str) -> tuple[Caution, ...]:
        return (Caution(category="promise.outcome", reason="打包票"),) if "不会错" in text else ()

    document = prepare(read(path), name=str(path), shipped=False, cautioner=cautioner)
    return document.model_copy(update={"passages": deduplicate(document.passages, lambda marks: {})})


def test_the_migrations_make_exactly_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    KnowledgeStore.open(tmp_path / "knowledge.db").close()
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'knowledge.db'}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_a_pending_document_is_seen_by_nobody(tmp_path: Path) -> None:
    store = KnowledgeStore.open(tmp_path / "knowledge.db")
    store.add_pending([prepared(write(tmp_path, "a.md", MANUAL))])
    assert store.summaries() == () and store.live_passages() == ()
    store.close()


def test_a_live_document_comes_back_as_it_was_prepared(tmp_path: Path) -> None:
    store = KnowledgeStore.open(tmp_path / "knowledge.db")
    document = prepared(write(tmp_path, "a.md", MANUAL))
    (version,) = store.add_pending([document])
    store.go_live([version])
    detail = store.detail(version)
    assert detail.passages == tuple(p.passage for p in document.passages if p.duplicate_of is None)
    assert detail.summary.title == "退换货手册" and detail.summary.cautions == 1
    assert store.source_text(document.document_id) == MANUAL
    store.close()


def test_the_store_outlives_the_process(tmp_path: Path) -> None:
    store = KnowledgeStore.open(tmp_path / "knowledge.db")
    store.go_live(store.add_pending([prepared(write(tmp_path, "a.md", MANUAL))]))
    before = store.live_passages()
    store.close()
    again = KnowledgeStore.open(tmp_path / "knowledge.db")
    assert again.live_passages() == before != ()
    again.close()


def test_erased_text_is_gone_from_every_file_on_disk(tmp_path: Path) -> None:
    secret = "这句话只在被删掉的手册里出现过一次"
    store = KnowledgeStore.open(tmp_path / "home.db")
    keep = prepared(write(tmp_path / "in", "keep.md", MANUAL))
    gone = prepared(write(tmp_path / "in", "gone.txt", f"{secret},要删得干净。" * 3))
    versions = store.add_pending([keep, gone])
    store.go_live(versions)
    store.forget([versions[1].row])
    store.erase()
    files = [path for path in tmp_path.iterdir() if path.is_file()]
    assert files and all(secret.encode() not in path.read_bytes() for path in files)
    assert "退换货".encode() in b"".join(path.read_bytes() for path in files)
    store.close()


def test_unfinished_work_is_remembered_until_it_is_ticked_off(tmp_path: Path) -> None:
    store = KnowledgeStore.open(tmp_path / "knowledge.db")
    store.begin_work(["b", "a", "a"])
    store.end_work(["a"])
    store.close()
    again = KnowledgeStore.open(tmp_path / "knowledge.db")
    assert again.unfinished_work() == ("b",)
    again.close()
