"""`kefu documents` and `kefu export`, over a small knowledge base."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner, Result

from assistant import cli
from assistant.records import Records
from knowledge.base import KnowledgeBase
from knowledge.curation import PassageEdit
from tests.knowledge.tiny import OTHER, opened, write


@pytest.fixture
def base(kefu_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KnowledgeBase]:
    base = opened(kefu_home)
    records = Records.open(f"sqlite:///{kefu_home / 'records.db'}")

    @contextmanager
    def open_kefu(*, prepare: bool = True) -> Iterator[object]:
        yield SimpleNamespace(knowledge=base, records=records)

    monkeypatch.setattr(cli, "open_kefu", open_kefu)
    yield base
    records.close()
    base.close()


def kefu(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, list(arguments))


def test_a_document_s_history_is_listed_and_an_older_version_brought_back(base: KnowledgeBase, tmp_path: Path) -> None:
    (report,) = base.ingest([write(tmp_path, "a.txt", OTHER)], who="小顾").documents
    (passage,) = base.document(report.id).passages
    base.curation.edit(passage.passage_id, PassageEdit(text="先听后说。"), "小林")
    versions = json.loads(kefu("documents", "history", report.id, "--json").stdout)["versions"]
    assert [(v["number"], v["who"], v["action"], v["in_use"]) for v in versions] == [
        (2, "小林", "edited", True), (1, "小顾", "ingested", False),
    ]  # fmt: skip
    assert "2  " in kefu("documents", "history", report.id).stdout
    back = kefu("documents", "rollback", report.id, "1")
    assert back.exit_code == 0 and "第 3 版" in back.stdout
    assert base.document(report.id).passages == (passage,)


def test_a_version_that_is_not_there_is_an_error_that_names_those_that_are(base: KnowledgeBase, tmp_path: Path) -> None:
    (report,) = base.ingest([write(tmp_path, "a.txt", OTHER)]).documents
    failed = kefu("documents", "rollback", report.id, "9")
    assert failed.exit_code == 1 and "version 9" in str(failed.exception)


def test_what_waits_is_not_among_the_documents_but_is_told(base: KnowledgeBase, tmp_path: Path) -> None:
    base.stage([write(tmp_path, "a.txt", OTHER)])
    assert json.loads(kefu("documents", "--json").stdout) == {"documents": []}
    assert "等待确认" in kefu("documents").output


@pytest.mark.parametrize("target", ["out", "out.zip"])
def test_everything_is_exported_as_a_folder_or_a_zip(base: KnowledgeBase, tmp_path: Path, target: str) -> None:
    base.ingest([write(tmp_path, "a.txt", OTHER)])
    done = kefu("export", str(tmp_path / target))
    assert done.exit_code == 0, done.output
    if target.endswith(".zip"):
        with zipfile.ZipFile(tmp_path / target) as packed:
            assert {"manifest.json", "manuals/守价不伤人.md"} <= set(packed.namelist())
    else:
        assert "守价不伤人" in (tmp_path / target / "manuals" / "守价不伤人.md").read_text(encoding="utf-8")
