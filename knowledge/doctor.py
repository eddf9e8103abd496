"""Compares the canonical store with the index and with the files around them, and mends what can be mended.

Looking changes nothing. Mending is opening the knowledge base, which brings the index in line with the store, after what
cannot be trusted has been cleared away. Nothing here deletes a document: the store is the truth.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from knowledge.base import INDEX, STORE, KnowledgeBase
from knowledge.embedding import Embedder
from knowledge.index import embedded_text, leftovers, vectors_on_disk
from knowledge.owner import HomeLock
from knowledge.store import KnowledgeStore
from knowledge.store.database import MIGRATIONS
from knowledge.values import Cautioner, Passage, Progress, Value

SAMPLE = 64
"""How many passages' vectors are computed again."""
ALIKE = 0.98
"""Cosine from which two vectors of one text count as the same; another text of the same manual seldom reaches it."""
STAGED = (".*.building", "cache/.exemplars-*", "cache/.names-*", "cache/points/.*")
"""What killed processes leave in a home, beside the index's own leftovers."""


class Finding(Value):
    """Something that is not as it should be. `mendable`: `repair` puts it right."""

    code: str
    zh: str
    en: str
    mendable: bool = True


def examine(home: Path, embedder: Embedder) -> tuple[Finding, ...]:
    """What is wrong in `home`; nothing is changed. Raises KefuError "home.in_use"."""
    lock = HomeLock.acquire(home)
    try:
        return tuple(_findings(home, embedder))
    finally:
        lock.release()


def repair(
    home: Path, embedder: Embedder, cautioner: Cautioner | None = None, progress: Progress | None = None
) -> tuple[Finding, ...]:
    """Mend what can be mended, and say what is wrong afterwards. Raises what opening a knowledge base raises."""
    found = examine(home, embedder)
    codes = {finding.code for finding in found}
    if "store.damaged" in codes:
        return found  # whatever is derived from it would carry the damage on
    for path in _orphans(home):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    if "index.stale" in codes:
        shutil.rmtree(home / INDEX)
    KnowledgeBase.open(home, embedder=embedder, cautioner=cautioner, progress=progress).close()
    return examine(home, embedder)


def _findings(home: Path, embedder: Embedder) -> Iterator[Finding]:
    for path in _orphans(home):
        name = path.relative_to(home).as_posix()
        yield Finding(code="file.orphan", zh=f"多余的文件:{name}", en=f"A file that belongs to nothing: {name}")
    for database in (STORE, "records.db"):
        if (home / database).is_file() and (why := _damage(home / database)):
            yield Finding(
                code="store.damaged" if database == STORE else "records.damaged",
                zh=f"数据库 {database} 已损坏({why})。请用备份替换 {home / database},再运行一次 kefu doctor。",
                en=f"The database {database} is damaged ({why}). Replace {home / database} by a backup, then run again.",
                mendable=False,
            )
            if database == STORE:
                return
    if not (home / STORE).is_file():
        return
    version = _schema(home / STORE)
    if version != _newest_schema():
        yield Finding(
            code="store.schema",
            zh=f"知识库的表结构是旧版本({version or '无'})。",
            en=f"The knowledge store has an old schema ({version or 'none'}).",
        )
        return
    store = KnowledgeStore.open(home / STORE)
    try:
        yield from _unfinished(store)
        yield from _spans(store)
        yield from _index(home, store.live_passages(), embedder)
    finally:
        store.close()


def _unfinished(store: KnowledgeStore) -> Iterator[Finding]:
    for pending in store.versions("pending"):
        yield Finding(
            code="ingest.pending",
            zh=f"文档「{pending.title}」导入到一半。",
            en=f"The document {pending.title!r} is half ingested.",
        )
    for source in store.unfinished_work():
        yield Finding(
            code="ingest.unfinished",
            zh=f"文件 {source} 上次没有导入;没有留下半成品,请再导入一次。",
            en=f"The file {source} was not ingested last time; nothing of it was left. Ingest it again.",
        )


def _spans(store: KnowledgeStore) -> Iterator[Finding]:
    for version in store.versions("live"):
        length = len(store.editions.edition(version.row).text)
        wrong = [
            p for p in store.passages_of_row(version.row) if not p.text.strip() or not 0 <= p.start < p.end <= length
        ]
        if wrong:
            yield Finding(
                code="store.text",
                zh=f"文档「{version.title}」有 {len(wrong)} 段与原文对不上。请重新导入这个文件。",
                en=f"{len(wrong)} passages of the document {version.title!r} do not lie in its text. Ingest the file again.",
                mendable=False,
            )


def _index(home: Path, passages: tuple[Passage, ...], embedder: Embedder) -> Iterator[Finding]:
    held = vectors_on_disk(home / INDEX, embedder.identity)
    if held is None:
        yield Finding(
            code="index.unusable",
            zh="索引缺失、无法读取,或出自另一个向量模型。",
            en="The index is missing, cannot be read, or is of another embedding model.",
        )
        return
    wanted = {passage.passage_id: passage for passage in passages}
    if missing := wanted.keys() - held.keys():
        yield Finding(
            code="index.missing", zh=f"索引少了 {len(missing)} 段。", en=f"The index lacks {len(missing)} passages."
        )
    if extra := held.keys() - wanted.keys():
        yield Finding(
            code="index.extra",
            zh=f"索引多了 {len(extra)} 段,知识库里没有。",
            en=f"The index holds {len(extra)} passages that the store does not have.",
        )
    both = sorted(wanted.keys() & held.keys())
    some = both[:: max(1, -(-len(both) // SAMPLE))]
    fresh = embedder.passages([embedded_text(wanted[i]) for i in some])
    stale = sum(float(held[i] @ vector) < ALIKE for i, vector in zip(some, fresh, strict=True))
    if stale:
        yield Finding(
            code="index.stale",
            zh=f"抽查的 {len(some)} 段里,有 {stale} 段的向量与文字不符。",
            en=f"Of {len(some)} passages looked at, {stale} have a vector that is not of their text.",
        )


def _orphans(home: Path) -> list[Path]:
    return [*leftovers(home / INDEX), *(path for pattern in STAGED for path in sorted(home.glob(pattern)))]


def _damage(path: Path) -> str:
    """What SQLite says of a database; nothing when it is whole."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            loose = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    if said != "ok":
        return str(said).splitlines()[0]
    return f"foreign key of {loose[0]}" if loose else ""


def _schema(path: Path) -> str:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        known = connection.execute("SELECT name FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
    return str(found[0]) if found else ""


def _newest_schema() -> str:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return str(ScriptDirectory.from_config(config).get_current_head())
