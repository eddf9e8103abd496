"""A team's own golden conversations as tests: `pytest` drafts each case of a `*.golden.yaml` and judges it check by check.

The files have the schema of `evals/suites/golden` (evals/golden.py). `--kefu-golden PATH`, as often as needed, names
further files or folders of them. All cases share one Kefu, opened from KEFU_HOME when the first of them runs; a home has
one owner, so they run in one process. A draft that could not be made is an error, not a failure.

pytest loads this at every start: what takes time is imported when a case needs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from assistant.application import Kefu
    from assistant.values import Draft
    from evals.golden import GoldenCase
    from evals.values import CheckResult

SUFFIX = ".golden.yaml"
_KEFU = pytest.StashKey["Kefu"]()


class MissedError(AssertionError):
    """A draft that fails checks of its case."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("kefu", "Kefu golden conversations")
    group.addoption(
        "--kefu-golden",
        action="append",
        default=[],
        metavar="PATH",
        help=f"run golden conversations from this file or folder too, whatever its name (else only *{SUFFIX})",
    )


def pytest_configure(config: pytest.Config) -> None:
    for path in map(str, _named(config)):
        if path not in config.args:
            config.args.append(path)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> GoldenFile | None:
    wanted = file_path.name.endswith(SUFFIX)
    if not wanted and file_path.suffix == ".yaml":
        wanted = any(path == file_path or path in file_path.parents for path in _named(parent.config))
    return GoldenFile.from_parent(parent, path=file_path) if wanted else None


def pytest_unconfigure(config: pytest.Config) -> None:
    kefu = config.stash.get(_KEFU, None)
    if kefu is not None:
        del config.stash[_KEFU]
        kefu.close()


def _named(config: pytest.Config) -> tuple[Path, ...]:
    """The paths given by the option, absolute."""
    given: Sequence[str] = config.getoption("--kefu-golden")
    return tuple((config.invocation_params.dir / path).resolve() for path in given)


def open_kefu() -> Kefu:
    """KEFU_HOME's, ready to draft. KefuError: in use by another process, a bad setting, a model that can't be loaded."""
    from assistant.application import Kefu
    from assistant.settings import Settings

    settings = Settings.read()
    kefu = Kefu.open(settings)
    if not Kefu.is_ready(settings):
        kefu.initialise()
    return kefu


class GoldenFile(pytest.File):
    """A file of golden conversations; what is wrong with it is told with its line."""

    def collect(self) -> Iterator[GoldenItem]:
        from evals.golden import read_golden
        from knowledge.errors import DataFileError

        try:
            cases = read_golden(self.path)
        except DataFileError as error:
            raise self.CollectError(f"{error.zh}\n{error.en}") from error
        for case in cases:
            yield GoldenItem.from_parent(self, name=case.id, case=case)


class GoldenItem(pytest.Item):
    """One golden conversation."""

    def __init__(self, *, case: GoldenCase, **more: Any) -> None:
        super().__init__(**more)
        self.case = case
        self._draft: Draft | None = None
        self._checks: tuple[CheckResult, ...] = ()

    def setup(self) -> None:
        """Draft, so that what goes wrong on the way counts as an error."""
        from evals.golden import judge

        stash = self.config.stash
        if _KEFU not in stash:
            stash[_KEFU] = open_kefu()
        kefu = stash[_KEFU]
        self._draft = kefu.drafting.draft(self.case.conversation(), now=self.case.now)
        cited = {c.passage_id: p for c in self._draft.citations if (p := kefu.knowledge.passage(c.passage_id))}
        self._checks = judge(self.case, self._draft, cited)

    def runtest(self) -> None:
        if not all(check.passed for check in self._checks):
            raise MissedError(self._told())

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        from knowledge.errors import KefuError

        if isinstance(excinfo.value, MissedError):
            return str(excinfo.value)
        if isinstance(excinfo.value, KefuError):
            return f"{excinfo.value.zh}\n{excinfo.value.en}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, f"{self.case.stage} {self.case.id}"

    def _told(self) -> str:
        """What was asked, what the draft said, what it missed; in the language of those who write the cases."""
        assert self._draft is not None
        who = {"customer": "顾客", "agent": "客服"}
        talk = [f"  {who[m.role]}:{m.text}" for m in self.case.conversation().messages]
        missed = [f"  ✗ {c.reason} ({c.check})" for c in self._checks if not c.passed]
        lines = [
            f"{self.case.id}:{self.case.why}",
            *talk,
            f"草稿 | draft ({self._draft.verdict})",
            f"  {self._draft.reply}",
        ]
        lines += [f"没过 {len(missed)} 项,共 {len(self._checks)} 项 | missed", *missed]
        if self.case.reference:
            lines += ["可以这样答 | accepted", f"  {self.case.reference}"]
        return "\n".join(lines)
