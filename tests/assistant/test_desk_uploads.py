"""Uploads: a name leads nowhere else, and what was read is gone afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.desk.uploads import held, safe_name
from knowledge.errors import KefuError


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("手册.md", "手册.md"),
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\话术.txt", "话术.txt"),
        ("a\u202egnp.md", "a_gnp.md"),
    ],
)
def test_a_name_leads_nowhere_else(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize("name", ["", "..", "/", "\x00"])
def test_a_name_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(KefuError):
        safe_name(name)


def test_files_keep_their_name_while_they_are_read_and_are_gone_afterwards(tmp_path: Path) -> None:
    upload = tmp_path / "blob"
    upload.write_text("内容", encoding="utf-8")
    with held(tmp_path / "home", [("手册.md", upload)]) as paths:
        assert [p.name for p in paths] == ["手册.md"]
        assert paths[0].read_text(encoding="utf-8") == "内容"
    assert not paths[0].exists() and not upload.exists()
