"""What a case's result depends on, as hashes of content: code, rules, weights, prompts, knowledge, model, settings, libraries.

Nothing is imported or loaded to compute them, so that a run with nothing to do is over at once.
"""

from __future__ import annotations

import hashlib
import inspect
import platform
import sqlite3
from collections.abc import Iterable, Mapping
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from assistant.settings import Settings
from evals.origin import ABOUT
from evals.registry import Identified, Part, Suite
from knowledge.embedding.offline import read_manifest

ROOT = Path(__file__).parents[1]
STORE = "knowledge.db"
"""As in knowledge/base.py, which takes seconds to import."""

_COMMON = (
    "knowledge/*.py", "knowledge/embedding/*", "assistant/values.py", "assistant/conversation.py", "assistant/waiting.py", "assistant/authority.py",
    "assistant/situation/script.py",
)  # fmt: skip
GLOBS: Mapping[Part, tuple[str, ...]] = {
    "guardrails": (*_COMMON, "assistant/guardrails/*", "assistant/guardrails/[!_]*/*"),
    "search": (
        *_COMMON, "knowledge/*.yaml", "knowledge/store/*", "knowledge/ingest/**/*", "knowledge/migrations/**/*",
        "knowledge/library/situations/*", "knowledge/library/points/*", "knowledge/meaning/**/*",
    ),
    "drafting": (
        *_COMMON, "assistant/drafting.py", "assistant/repair.py", "assistant/notices.py", "assistant/application.py",
        "assistant/own_rules.py", "assistant/own_wordings.py", "assistant/engines/**/*", "assistant/situation/**/*", "knowledge/library/phrasebooks/*",
        "knowledge/meaning/*", "assistant/turns.py",
        "knowledge/library/points/*", "knowledge/library/cases/*", "prompts/**/*",
    ),
    "prompts": ("prompts/*", "knowledge/__init__.py", "knowledge/datafile.py", "knowledge/errors.py"),
}  # fmt: skip
"""Files by part. A test holds the list to what running a part truly imports."""
_NO_MATTER = {"home", "openai_api_key", "supervisor_passphrase", "host", "port", "database_url"}
"""Settings that no case depends on."""
_LIBRARIES = (
    "torch", "sentence-transformers", "transformers", "tokenizers", "numpy", "scipy", "opencc", "jieba", "pypinyin", "google-re2",
    "chromadb", "pydantic", "langchain-openai",
)  # fmt: skip


def prints(settings: Settings, root: Path = ROOT) -> dict[str, str]:
    """A hash of each part, and of what they share: "knowledge" (the live passages), "model", "settings", "libraries"."""
    found: dict[str, str] = {part: _files(root, globs) for part, globs in GLOBS.items()}
    found["rules"] = _files(root, ("assistant/guardrails/rules/*",))
    found["own_rules"] = _files(settings.home, ("rules/*.yaml",))
    found["own_wordings"] = _files(settings.home, ("phrasebook/*.yaml",))
    found["library"] = _files(root, ("knowledge/library/manuals/*",))
    found["phrasebooks"] = _files(root, ("knowledge/library/phrasebooks/*",))
    found["knowledge"] = _knowledge(settings.home / STORE)
    found["model"] = _model(settings)
    found["settings"] = _hash(settings.model_dump_json(exclude=_NO_MATTER))
    found["libraries"] = _hash(platform.python_version(), *(f"{name}={_version(name)}" for name in _LIBRARIES))
    return found


def suite_key(suite: Suite, found: Mapping[str, str]) -> str:
    """Changes when anything that the suite's results depend on does, but for the cases themselves."""
    needed = ["model", "settings", "libraries", *sorted(suite.parts)]
    if "guardrails" in suite.parts:
        needed.append("own_rules")
    if "search" in suite.parts:
        needed.append("knowledge")
    run = suite.run.func if isinstance(suite.run, partial) else suite.run
    own = [Path(inspect.getfile(run)), *(Path(__file__).parent / name for name in suite.code)]
    shared = [
        Path(__file__).parent / name for name in ("values.py", "tracing.py", "registry.py", "text.py", "text.yaml")
    ]
    return _hash(suite.name, *(found[name] for name in needed), *(_content(p) for p in (*own, *shared)))


def case_key(case: Identified, repeat: int = 0) -> str:
    """Changes when the case does, but for who wrote it and when."""
    return _hash(case.model_dump_json(exclude=set(ABOUT)), str(repeat))


def _hash(*parts: str) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode())
        digest.update(b"\0")
    return digest.hexdigest()[:32]


def _content(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _files(root: Path, globs: Iterable[str]) -> str:
    paths = {p for pattern in globs for p in root.glob(pattern) if p.is_file() and p.suffix not in (".pyc", ".jsonl")}
    return _hash(*(f"{path.relative_to(root).as_posix()} {_content(path)}" for path in sorted(paths)))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _model(settings: Settings) -> str:
    """Which embedding model: the offline one's weights, or the name of another."""
    manifest = read_manifest(settings.home / "model")
    return _hash(settings.embedding_model, manifest.weights_sha256 if manifest else "")


def live_manuals(home: Path) -> dict[str, int]:
    """Live passages by the title of their document; {} where there is no store yet."""
    return {str(title): int(count) for title, count in _rows(home / STORE, _COUNTS)}


_LIVE = "d.state = 'live' AND p.died IS NULL AND p.status = 'live' AND p.duplicate_of IS NULL"
_COUNTS = f"SELECT d.title, count(*) FROM documents d JOIN passages p ON p.row = d.row WHERE {_LIVE} GROUP BY d.title"
_PASSAGES = (
    "SELECT d.title, d.shipped, d.row, p.ordinal, p.passage_id, p.section, p.text, p.kind, p.stage, p.techniques, p.situations, "
    f"p.cautions FROM documents d JOIN passages p ON p.row = d.row WHERE {_LIVE} ORDER BY d.shipped DESC, d.row, p.ordinal"
)
_PENDING = "SELECT document_id, content_hash FROM documents WHERE state = 'pending' ORDER BY row"


def _knowledge(store: Path) -> str:
    digest = hashlib.sha256()
    for query in (_PASSAGES, _PENDING):
        for row in _rows(store, query):
            digest.update(repr(row).encode())
    return digest.hexdigest()[:32]


def _rows(store: Path, query: str) -> Iterable[tuple[Any, ...]]:
    if not store.is_file():
        return
    connection = sqlite3.connect(f"{store.absolute().as_uri()}?mode=ro", uri=True)
    try:
        yield from connection.execute(query)
    finally:
        connection.close()
