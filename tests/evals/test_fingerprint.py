"""What results depend on is hashed by content, and nothing that a part runs is left out."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.settings import Settings
from evals.fingerprint import GLOBS, ROOT, STORE, case_key, live_manuals, prints, suite_key
from evals.guard import load_cases
from evals.inventory import LIBRARY
from evals.registry import Part, chosen
from knowledge import base
from tests.knowledge.tiny import MANUAL, opened, write

RUNS: dict[Part, tuple[str, ...]] = {
    "guardrails": ("assistant/guardrails/guardrails.py", "assistant/guardrails/semantic/layer.py"),
    "search": ("knowledge/base.py",),
    "drafting": ("assistant/drafting.py", "assistant/engines/offline.py", "assistant/engines/chat.py"),
    "prompts": ("prompts/__init__.py",),
}
AROUND = {"assistant/__init__.py", "assistant/settings.py"}
"""Empty, or covered by what is hashed of the settings."""


def imported(path: Path) -> Iterator[Path]:
    """Files of the project that a module imports when it runs, anywhere in it."""
    for node in running(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from located(node.module)
            for name in node.names:
                yield from located(f"{node.module}.{name.name}")
        elif isinstance(node, ast.Import):
            for name in node.names:
                yield from located(name.name)


def running(node: ast.AST) -> Iterator[ast.AST]:
    """Every node but those that only type checkers read."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING"):
            yield from running(child)


def located(module: str) -> Iterator[Path]:
    path = ROOT.joinpath(*module.split("."))
    yield from (p for p in (path.with_suffix(".py"), path / "__init__.py") if p.is_file())


@pytest.mark.parametrize("part", RUNS)
def test_every_module_that_a_part_runs_is_hashed(part: Part) -> None:
    reached: set[Path] = set()
    ahead = {ROOT / name for name in RUNS[part]}
    while ahead:
        reached |= ahead
        ahead = {found for path in ahead for found in imported(path)} - reached
    parts: tuple[Part, ...] = ("guardrails", "search", "drafting") if part == "drafting" else (part,)
    hashed = {p.relative_to(ROOT).as_posix() for name in parts for glob in GLOBS[name] for p in ROOT.glob(glob)}
    used = {p.relative_to(ROOT).as_posix() for p in reached}
    assert len(used) >= len(RUNS[part])
    assert used - hashed - AROUND == set()


def test_names_that_are_written_twice_agree() -> None:
    from assistant import application

    assert base.STORE == STORE
    assert application.LIBRARY == LIBRARY


def test_what_searches_see_is_part_of_it(kefu_home: Path, tmp_path: Path) -> None:
    settings = Settings(home=kefu_home)
    (retrieval,), (guard,) = chosen(("retrieval",)), chosen(("guard",))
    empty = prints(settings)
    knowledge = opened(kefu_home)
    try:
        document = knowledge.ingest([write(tmp_path, "returns.md", MANUAL)]).documents[0]
        full = prints(settings)
        assert sum(live_manuals(kefu_home).values()) == document.passages
        assert suite_key(retrieval, full) != suite_key(retrieval, empty)
        assert suite_key(guard, full) == suite_key(guard, empty), "the guardrails read no manuals"
        passage = knowledge.passages()[0]
        knowledge.curation.retire([passage.passage_id], "李明")
        assert suite_key(retrieval, prints(settings)) != suite_key(retrieval, full)
    finally:
        knowledge.close()


def test_settings_that_change_nothing_change_no_key(kefu_home: Path, tmp_path: Path) -> None:
    (golden,) = chosen(("golden",))
    key = suite_key(golden, prints(Settings(home=kefu_home)))
    assert suite_key(golden, prints(Settings(home=tmp_path / "elsewhere", port=8000))) == key
    assert suite_key(golden, prints(Settings(home=kefu_home, chat_temperature=0.9))) != key


def test_a_case_that_changes_has_another_key() -> None:
    (guard,) = chosen(("guard",))
    row = guard.load()[0]
    assert row == load_cases(ROOT / "evals" / "suites" / "guard.jsonl")[0]
    assert case_key(row) == case_key(row.model_copy())
    assert len({case_key(row), case_key(row, repeat=1), case_key(row.model_copy(update={"reply": "好"}))}) == 3
