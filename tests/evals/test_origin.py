"""Every case tells where it comes from: in its row, or once for its whole file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from evals import origin
from evals.fingerprint import case_key
from evals.guard import GuardRow, load_cases
from evals.origin import FileOrigin, origin_of
from evals.registry import chosen
from evals.values import CaseResult, Origin
from knowledge.errors import DataFileError

ROW = '{"id": "1", "reply": "您好。", "expect": "pass", "category": "leak"}\n'
FILE = FileOrigin(source="自编的回复", by="作者", added=date(2026, 11, 21), why="看有没有误拦")


@pytest.fixture
def evals_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for `evals/`, with one file of rows that its sources know."""
    (tmp_path / "suites").mkdir()
    (tmp_path / "suites" / "rows.jsonl").write_text(ROW, encoding="utf-8")
    monkeypatch.setattr(origin, "EVALS", tmp_path)
    monkeypatch.setattr(origin, "sources", lambda: {"suites/rows.jsonl": FILE})
    return tmp_path / "suites"


def test_every_authored_case_that_ships_says_where_it_comes_from() -> None:
    """But for those that are made from what ships, which come from there."""
    silent = {
        suite.name: [case.id for case in suite.load() if origin_of(case) is None]
        for suite in chosen(())
        if not suite.shipped
    }
    assert {name: ids for name, ids in silent.items() if ids} == {}


def test_a_row_has_from_its_file_what_it_does_not_say(evals_folder: Path) -> None:
    (row,) = load_cases(evals_folder / "rows.jsonl")
    assert (row.source, row.by, row.added, row.why) == ("自编的回复", "作者", date(2026, 11, 21), "看有没有误拦")


def test_what_a_row_says_itself_holds(evals_folder: Path) -> None:
    path = evals_folder / "rows.jsonl"
    path.write_text(ROW.replace("}", ', "added": "2026-11-22", "why": "后来加的"}'), encoding="utf-8")
    (row,) = load_cases(path)
    assert (row.source, row.added, row.why) == ("自编的回复", date(2026, 11, 22), "后来加的")


def test_a_file_that_nobody_answers_for_is_refused_with_the_remedy(evals_folder: Path) -> None:
    (evals_folder / "new.jsonl").write_text(ROW, encoding="utf-8")
    with pytest.raises(DataFileError, match=r"suites/new\.jsonl") as caught:
        load_cases(evals_folder / "new.jsonl")
    assert caught.value.path.endswith("sources.yaml")


def test_a_teams_own_file_speaks_for_itself(tmp_path: Path) -> None:
    (tmp_path / "own.jsonl").write_text(ROW, encoding="utf-8")
    (row,) = load_cases(tmp_path / "own.jsonl")
    assert origin_of(row) is None


@pytest.mark.parametrize(("old", "new"), [("why: 看有没有误拦", "why: 看"), ("added: 2026-11-21", "added: soon")])
def test_a_mistake_in_the_sources_is_reported_with_its_line(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "sources.yaml"
    said = "files:\n  a.yaml:\n    source: 自编的回复\n    by: 作者\n    added: 2026-11-21\n    why: 看有没有误拦\n"
    path.write_text(said.replace(old, new), encoding="utf-8")
    with pytest.raises(DataFileError) as caught:
        origin.sources(path)
    assert caught.value.line == (5 if "added" in old else 6)


def test_who_wrote_a_case_and_when_does_not_make_it_another_one() -> None:
    row = GuardRow.model_validate_json(ROW)
    assert case_key(row) == case_key(row.model_copy(update={"source": "自编", "by": "作者", "added": FILE.added}))
    assert case_key(row) != case_key(row.model_copy(update={"reply": "在的。"}))


def test_a_result_that_did_not_pass_keeps_its_origin_in_the_runs_file() -> None:
    told = Origin(source="自编的回复", by="作者", added=FILE.added, why="看有没有误拦")
    result = CaseResult(id="1", outcome="failed", origin=told)
    assert CaseResult.model_validate_json(result.model_dump_json()).origin == told
