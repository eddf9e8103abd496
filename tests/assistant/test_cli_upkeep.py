"""`kefu doctor` and `kefu enrich`: what they say, and how they end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner, Result

from assistant import cli
from assistant.settings import Settings
from knowledge.base import KnowledgeBase
from knowledge.embedding import Embedder
from tests.knowledge.tiny import MANUAL, OTHER, TinyEmbedder, opened, write
from tests.staged_chat_server import Fault, staged_chat


def kefu(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, list(arguments))


@pytest.fixture
def closed_home(kefu_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A knowledge base with a manual, whose owner has gone."""
    base = opened(kefu_home)
    base.ingest([write(tmp_path, "a.md", MANUAL)])
    base.close()
    monkeypatch.setattr(Embedder, "open", lambda *_arguments, **_options: TinyEmbedder())
    return kefu_home


def test_doctor_finds_a_healthy_home_well(closed_home: Path) -> None:
    result = kefu("doctor")
    assert result.exit_code == 0 and "一切正常" in result.stdout


def test_doctor_names_what_is_wrong_and_mends_it_only_when_asked(closed_home: Path) -> None:
    (closed_home / "index" / "current.json").write_text("{}", encoding="utf-8")
    looked = kefu("doctor", "--json")
    assert looked.exit_code == 1
    said = json.loads(looked.stdout)
    assert not said["ok"] and "index.unusable" in {f["code"] for f in said["findings"]}
    assert kefu("doctor").exit_code == 1, "looking mends nothing"
    mended = kefu("doctor", "--repair")
    assert mended.exit_code == 0 and "已修复" in mended.stdout
    assert kefu("doctor").exit_code == 0


@pytest.fixture
def base(kefu_home: Path, tmp_path: Path) -> Iterator[KnowledgeBase]:
    base = opened(kefu_home)
    base.ingest([write(tmp_path, "a.md", MANUAL), write(tmp_path, "b.txt", OTHER)])
    yield base
    base.close()


def wired(base: KnowledgeBase, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=Path("unused"), openai_base_url=url, chat_model="staged")

    @contextmanager
    def open_kefu(*, prepare: bool = True) -> Iterator[object]:
        yield SimpleNamespace(knowledge=base, settings=settings)

    monkeypatch.setattr(cli, "open_kefu", open_kefu)


def test_enrich_says_the_cost_first_and_spends_nothing_on_a_dry_run(
    base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    with staged_chat("好的。") as server:
        wired(base, server.base_url, monkeypatch)
        result = kefu("enrich", "--dry-run", "--json")
    said = json.loads(result.stdout)
    assert result.exit_code == 0 and said["result"] is None and server.asked == []
    assert said["estimate"]["calls"] == len(base.enrichment.todo()) > 0 and said["estimate"]["characters"] > 100


def test_enrich_asks_about_each_passage_once_and_leaves_the_rest_to_a_manager(
    base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    todo = len(base.enrichment.todo())
    with staged_chat("\n".join(base.catalogue.entries[0].exemplars[:5])) as server:
        wired(base, server.base_url, monkeypatch)
        said = json.loads(kefu("enrich", "--json").stdout)
        again = json.loads(kefu("enrich", "--json").stdout)
    assert said["result"]["calls"] == len(server.asked) == todo
    assert said["waiting"] == said["result"]["suggested"] == todo - 1, "one passage says itself what it serves"
    assert again["estimate"]["calls"] == 0 and again["result"] is None


@pytest.mark.parametrize("fault", ["unauthorised", "malformed"])
def test_a_model_that_fails_ends_enrich_with_the_reason(
    base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    with staged_chat("能便宜点吗\n太贵了", fault=fault) as server:
        wired(base, server.base_url, monkeypatch)
        result = kefu("enrich", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["result"]["stopped"]["code"].startswith("chat.")


NEW = "一、猫粮怎么喂\n买猫粮的顾客问一天喂几顿,先问猫多大、多重,再照袋子上的表说。\n"


def test_ingest_offers_it_for_what_came_in_and_says_the_cost_before(
    base: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with staged_chat("我家猫一天吃几顿\n小猫喂多少合适") as server:
        wired(base, server.base_url, monkeypatch)
        told = kefu("ingest", str(write(tmp_path, "new.txt", NEW)), "--enrich")
    assert told.exit_code == 0 and len(server.asked) == 1, "only the new document is asked about"
    assert told.stderr.index("1 次调用") < told.stderr.index("已经用上")
    assert base.search(["我家猫一天吃几顿"]).results[0].why == "像设想的问法「我家猫一天吃几顿」"


@pytest.mark.parametrize("answer", [["--no-enrich"], []])
def test_ingest_spends_nothing_without_a_yes(
    base: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: list[str]
) -> None:
    with staged_chat("好的。") as server:
        wired(base, server.base_url, monkeypatch)
        told = kefu("ingest", str(write(tmp_path, "new.txt", NEW)), *answer)
    assert told.exit_code == 0 and server.asked == []
    assert ("kefu enrich" in told.stderr) == (not answer)


def test_a_model_that_fails_costs_the_ingest_nothing(
    base: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with staged_chat("好的。", fault="unauthorised") as server:
        wired(base, server.base_url, monkeypatch)
        told = kefu("ingest", str(write(tmp_path, "new.txt", NEW)), "--enrich")
    assert told.exit_code == 0 and "kefu enrich" in told.stderr
    assert any("猫粮" in p.text for p in base.passages())
