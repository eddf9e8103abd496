"""Processes work on copies of a home: as good as the home for reading, and nothing they do reaches it but what they learnt."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.workers import bring_back, copies
from knowledge.errors import KefuError
from tests.knowledge.tiny import MANUAL, opened, write


@pytest.fixture
def home(kefu_home: Path, tmp_path: Path) -> Path:
    base = opened(kefu_home)
    base.ingest([write(tmp_path, "returns.md", MANUAL)])
    base.prepare()
    base.close()
    (kefu_home / "model").mkdir()
    (kefu_home / "rules").mkdir()
    (kefu_home / "rules" / "house.yaml").write_text("category: blame\n", encoding="utf-8")
    return kefu_home


def test_copies_find_what_the_home_finds_and_leave_it_free(home: Path, tmp_path: Path) -> None:
    made = copies(home, tmp_path / "work", 2)
    bases = [opened(path) for path in (home, *made)]  # all at once: each is its own
    try:
        found = [[r.passage.passage_id for r in base.search(["东西坏了"]).results] for base in bases]
        assert found[0]
        assert found[1] == found[2] == found[0]
        assert all((path / "rules" / "house.yaml").is_file() for path in made)
        bases[1].remove(bases[1].documents()[0].id)
        assert bases[0].documents()
        assert not bases[1].documents()
    finally:
        for base in bases:
            base.close()


def test_a_home_that_somebody_owns_is_not_copied(home: Path, tmp_path: Path) -> None:
    base = opened(home)
    try:
        with pytest.raises(KefuError) as caught:
            copies(home, tmp_path / "work", 1)
    finally:
        base.close()
    assert caught.value.code == "home.in_use"


def test_what_a_process_learnt_is_kept_and_what_is_there_stays(home: Path, tmp_path: Path) -> None:
    (copy,) = copies(home, tmp_path / "work", 1)
    known = next((home / "cache").iterdir())
    before = known.read_bytes()
    (copy / "cache" / known.name).write_bytes(b"other")
    (copy / "cache" / "new.npz").write_bytes(b"learnt")
    bring_back(copy, home)
    assert (home / "cache" / "new.npz").read_bytes() == b"learnt"
    assert known.read_bytes() == before
