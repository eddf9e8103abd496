"""What the READMEs tell a newcomer to do works, and the two say the same."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.command import kefu

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _commands(name: str) -> list[str]:
    """The shell lines of a README, without their comments."""
    blocks = re.findall(r"```sh\n(.*?)```", _read(name), re.DOTALL)
    return [line.split("  #")[0].split(" #")[0].strip() for block in blocks for line in block.splitlines()]


def test_both_languages_give_the_same_commands_and_pictures() -> None:
    english, chinese = (_commands(name) for name in READMES)
    assert english == chinese
    pictures = [re.findall(r"!\[.*?\]\((.*?)\)", _read(name)) for name in READMES]
    assert pictures[0] == pictures[1]


@pytest.mark.parametrize("name", READMES)
def test_every_file_that_is_pointed_at_is_there(name: str) -> None:
    for target in re.findall(r"\]\((?!https?:)(.*?)\)", _read(name)):
        assert (ROOT / target).is_file(), target


def test_make_knows_every_target_that_is_named() -> None:
    makefile = _read("Makefile")
    for target in {c.split()[1] for c in _commands("README.md") if c.startswith("make ")}:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_commands_that_only_look_give_status_0(library_home: Path) -> None:
    lookers = [c for c in _commands("README.md") if re.match(r"\.venv/bin/kefu (documents|search|check|settings)\b", c)]
    assert len(lookers) == 4
    for command in lookers:
        result = kefu(*shlex.split(command)[1:], home=library_home)
        assert result.returncode == 0, (command, result.stderr)
        assert result.stdout.strip()
