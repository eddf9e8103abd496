"""A team's golden files as tests: what passes, what a failure says, what is an error, and which files are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.conversation import Conversation
from evals import pytest_plugin
from evals.golden import read_golden
from knowledge.errors import KefuError
from tests.evals.making import PASSAGES, draft_for

pytest_plugins = ["pytester"]

CASES = """cases:
- id: lamp-cracked
  stage: after_sale
  situation: after.damaged
  trade: 灯具
  added: 2026-11-22
  why: 先道歉,再要照片
  messages: [{role: customer, text: 灯罩裂了}]
  must:
  - {meaning: 道歉, any: ['@apology']}
  must_not:
  - {meaning: 怪顾客, any: ['您自己摔']}
  reference: 让您失望了,请拍张照片给我。
"""
GOOD = "真对不起,灯罩裂了我来处理,麻烦拍张裂口的照片发我。"
BAD = "灯罩裂了是您自己摔的吧,这个我们店里不管的。"


class Staged:
    """A Kefu that says what it was told to, in place of the pipeline."""

    def __init__(self, path: Path, reply: str) -> None:
        self._case = read_golden(path)[0]
        self._reply = reply
        self.closed = 0
        self.drafting = SimpleNamespace(draft=self._draft)
        self.knowledge = SimpleNamespace(passage=PASSAGES.get)

    def _draft(self, conversation: Conversation, now: Any) -> Any:
        if not self._reply:
            raise KefuError(
                "model.unavailable", "模型打不开:重新运行 kefu init", "The model can't be opened: run kefu init"
            )
        return draft_for(self._case, self._reply)

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Runs pytest on golden files with the plug-in, whether or not it is installed; opens count."""
    opened: list[Staged] = []

    def start(path: Path, reply: str, *arguments: str) -> tuple[pytest.RunResult, list[Staged]]:
        def open_kefu() -> Staged:
            opened.append(Staged(path, reply))
            return opened[-1]

        monkeypatch.setattr(pytest_plugin, "open_kefu", open_kefu)
        plugin = ("-p", "no:kefu", "-p", "evals.pytest_plugin", "-p", "no:cacheprovider")
        return pytester.runpytest_inprocess(*plugin, *arguments), opened

    yield start
    assert all(kefu.closed == 1 for kefu in opened)


def test_a_good_draft_passes_and_one_kefu_serves_all(run: Any, pytester: pytest.Pytester) -> None:
    two = CASES + CASES.partition("\n")[2].replace("lamp-cracked", "lamp-cracked-again")
    path = pytester.makefile(".golden.yaml", shop=two)
    result, opened = run(path, GOOD)
    result.assert_outcomes(passed=2)
    assert len(opened) == 1


def test_a_failure_reads_like_the_domain(run: Any, pytester: pytest.Pytester) -> None:
    path = pytester.makefile(".golden.yaml", shop=CASES)
    result, _ = run(path, BAD)
    result.assert_outcomes(failed=1)
    said = result.stdout.str()
    for words in ("先道歉,再要照片", "顾客:灯罩裂了", BAD, "✗ 没有道歉", "✗ 不该怪顾客:「您自己摔」", "请拍张照片给我"):
        assert words in said
    assert "Traceback" not in said


def test_a_draft_that_could_not_be_made_is_an_error(run: Any, pytester: pytest.Pytester) -> None:
    path = pytester.makefile(".golden.yaml", shop=CASES)
    result, _ = run(path, "")
    result.assert_outcomes(errors=1)
    assert "重新运行 kefu init" in result.stdout.str()


def test_other_yaml_files_are_read_only_when_named(run: Any, pytester: pytest.Pytester) -> None:
    path = pytester.makefile(".yaml", cases=CASES)
    result, opened = run(path, GOOD)
    result.assert_outcomes()
    assert opened == []
    result, _ = run(path, GOOD, "--kefu-golden", "cases.yaml")
    result.assert_outcomes(passed=1)
    folder = pytester.mkdir("ours")
    path.rename(folder / "cases.yaml")
    result, _ = run(folder / "cases.yaml", GOOD, "--kefu-golden", "ours")
    result.assert_outcomes(passed=1)


def test_a_mistake_in_a_file_names_its_line(run: Any, pytester: pytest.Pytester) -> None:
    path = pytester.makefile(".golden.yaml", shop=CASES)
    path.write_text(CASES.replace("stage: after_sale", "stage: whenever"), encoding="utf-8")
    result = pytester.runpytest_inprocess("-p", "no:kefu", "-p", "evals.pytest_plugin")
    result.assert_outcomes(errors=1)
    assert "第 3 行" in result.stdout.str()
