"""Learning at the desk, over REST and by command: the same week, the same acts, nobody's data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from assistant.cli import app
from assistant.desk import api, api_learning
from assistant.desk.knowledge_acts import Asked
from assistant.desk.render import weekly as render
from assistant.desk.text import EN, ZH
from assistant.desk.weekly_acts import UNSEEN, Place, WeeklyActs
from assistant.learning.learning import Learning
from assistant.records import Records
from evals.candidates import load_candidates
from knowledge.errors import KefuError
from knowledge.situations import SituationCatalogue
from tests.assistant.sent import HABIT, REPLY, drafted, learning_in, opened_records, small_engine

HOSTILE = '<img src=x onerror="alert(1)"><script>alert(1)</script>'


@pytest.fixture
def records(kefu_home: Path) -> Iterator[Records]:
    kefu_home.mkdir()
    opened = opened_records(kefu_home)
    yield opened
    opened.close()


@pytest.fixture
def learning(kefu_home: Path, records: Records) -> Learning:
    return learning_in(kefu_home, records, small_engine(kefu_home))


@pytest.fixture
def kefu(kefu_home: Path, records: Records, learning: Learning) -> Any:
    return SimpleNamespace(
        learning=learning,
        records=records,
        audit=records.audit,
        settings=SimpleNamespace(home=kefu_home),
        knowledge=SimpleNamespace(catalogue=SituationCatalogue.load()),
    )


@pytest.fixture
def habit(learning: Learning, records: Records) -> None:
    """Three agents added the same sentence, one wrote a reply of their own and said why."""
    for n in range(3):
        learning.sent(drafted(records, f"d{n}"), REPLY + HABIT + "。")
    learning.sent(drafted(records, "bad", asked=f"便宜点 {HOSTILE}"), "不行。")
    learning.rate("bad", False, "没答到点上")


class TestAtTheDesk:
    @pytest.fixture
    def acts(self, kefu: Any, habit: None) -> WeeklyActs:
        return WeeklyActs(kefu)

    def _page(self, acts: WeeklyActs, place: Place, english: bool = False) -> str:
        seen, w = acts.look(place), EN if english else ZH
        return render.head(seen.week, seen.is_present, w) + render.view(
            seen.view, seen.wordings, seen.problem, place.opened, seen.examples, seen.worth, seen.names, w
        )

    def _asked(self, act: str, value: str, **fields: str) -> Asked:
        return Asked.of(SimpleNamespace(act=act, value=value, fields=fields), "小顾")

    def test_the_week_is_read_in_five_minutes(self, acts: WeeklyActs) -> None:
        html = self._page(acts, acts.first())
        assert "发出 4 条" in html and "1 条重写" in html
        assert HABIT in html and "3 个对话" in html
        assert "没答到点上" in html and ZH("weekly.stands.few") in html

    def test_in_english_nothing_but_what_people_said_is_chinese(self, acts: WeeklyActs) -> None:
        html = self._page(acts, acts.first(), english=True)
        for said in ("4 sent", "too few to tell", "Adopt", "3 conversations", "Not useful"):
            assert said in html

    def test_a_phrase_is_adopted_as_it_stands_in_the_form_and_removed(self, acts: WeeklyActs, learning: Learning) -> None:  # fmt: skip
        place = acts.first()
        (phrase,) = acts.look(place).view.phrases
        fields = {"text": HABIT, "situation": "pre.bargain", "move": "explain", "source": "2026-W47"}
        assert acts.perform(self._asked("adopt_phrase", " ".join(phrase.draft_ids), **fields), place) == place
        (own,) = learning.wordings()
        assert (own.zh, own.by, own.source) == (HABIT, "小顾", "2026-W47")
        assert own.id in self._page(acts, place)
        acts.perform(self._asked("remove_wording", own.id), place)
        assert learning.wordings() == ()

    def test_a_phrase_that_is_not_wanted_is_not_shown_again(self, acts: WeeklyActs) -> None:
        place = acts.first()
        acts.perform(self._asked("decline_phrase", HABIT), place)
        assert acts.look(place).view.phrases == ()

    def test_a_situation_unfolds_to_drafts_beside_what_was_sent(self, acts: WeeklyActs) -> None:
        place = acts.perform(self._asked("unfold_situation", "pre.bargain"), acts.first())
        html = self._page(acts, place)
        assert "<ins>" in html and HABIT in html
        assert acts.perform(self._asked("unfold_situation", ""), place).opened is None

    def test_drafts_without_a_situation_unfold_too(self, acts: WeeklyActs, learning: Learning, records: Records) -> None:  # fmt: skip
        learning.sent(drafted(records, "unseen", ()), "另说。")
        place = acts.perform(self._asked("unfold_situation", UNSEEN), acts.first())
        assert [sent.draft_id for sent, _ in acts.look(place).examples] == ["unseen"]

    def test_a_conversation_is_kept_for_the_suites_with_both_replies_once_it_was_read(
        self, acts: WeeklyActs, kefu_home: Path
    ) -> None:
        place = acts.first()
        with pytest.raises(KefuError):
            acts.perform(self._asked("keep_case", "bad", note=""), place)
        acts.perform(self._asked("keep_case", "bad", note="先说明改不了价,再给券"), place)
        (kept,) = load_candidates(kefu_home)
        assert (kept.source, kept.by, kept.row["reply"], kept.row["sent"]) == ("draft/bad", "小顾", REPLY, "不行。")
        assert acts.look(place).view.conversations == ()

    def test_weeks_are_turned_like_pages(self, acts: WeeklyActs) -> None:
        before = acts.look(acts.first()).week.before()
        place = acts.perform(self._asked("week_to", before.name), acts.first())
        assert acts.look(place).view.numbers.sent == 0
        assert ZH("weekly.nothing") in self._page(acts, place)

    def test_hostile_words_are_shown_and_never_markup(self, acts: WeeklyActs) -> None:
        html = self._page(acts, acts.first())
        assert "<img" not in html and "<script" not in html and "&lt;script&gt;" in html

    def test_what_is_wrong_in_the_file_is_told(self, acts: WeeklyActs, kefu_home: Path) -> None:
        folder = kefu_home / "phrasebook"
        folder.mkdir()
        (folder / "own.yaml").write_text("title: x\nwordings: [{}]\n", encoding="utf-8")
        assert "own.yaml" in self._page(acts, acts.first())


class TestOverRest:
    @pytest.fixture
    def client(self, kefu: Any) -> TestClient:
        served, router = FastAPI(), APIRouter(prefix=api.PREFIX)
        api_learning.add_learning(router, kefu)
        served.include_router(router)
        api.add_errors(served)
        return TestClient(served, raise_server_exceptions=False)

    def test_a_workbench_tells_what_was_sent_and_how_it_was_rated(self, client: TestClient, records: Records) -> None:
        drafted(records, "one")
        told = client.post("/api/v1/drafts/one/sent", json={"text": REPLY.replace("4点", "6点") + "电话13800138000"})
        assert told.status_code == 200 and told.json()["kinds"] == ["fact"]
        assert "13800138000" not in told.text
        assert client.post("/api/v1/drafts/one/rating", json={"good": False, "reason": "太慢"}).status_code == 204
        week = client.get("/api/v1/learning").json()
        assert week["numbers"]["sent"] == 1 and week["ratings"][0]["reason"] == "太慢"

    def test_what_cannot_be_is_refused_with_its_status(self, client: TestClient) -> None:
        assert client.post("/api/v1/drafts/none/sent", json={"text": "好"}).status_code == 404
        assert client.get("/api/v1/learning?week=W99").json()["error"]["code"] == "week.unreadable"
        assert client.delete("/api/v1/wordings/00000000").status_code == 404
        wrong = {"text": "保证明天一定到", "situation": "pre.bargain", "move": "explain"}
        assert client.post("/api/v1/wordings", json=wrong).json()["error"]["code"] == "wording.blocked"

    def test_a_phrase_is_adopted_listed_and_removed(self, client: TestClient, habit: None) -> None:
        (phrase,) = client.get("/api/v1/learning").json()["phrases"]
        asked = {"text": phrase["text"], "situation": "pre.bargain", "move": phrase["move"], "drafts": phrase["draft_ids"]}  # fmt: skip
        made = client.post("/api/v1/wordings", json=asked, headers={"X-Kefu-Who": quote("小顾")})
        assert made.status_code == 201 and made.json()["by"] == "小顾"
        assert client.post("/api/v1/wordings", json=asked).status_code == 409
        assert [w["text"] for w in client.get("/api/v1/wordings").json()["wordings"]] == [phrase["text"]]
        assert client.delete(f"/api/v1/wordings/{made.json()['id']}").status_code == 204
        assert client.get("/api/v1/wordings").json()["wordings"] == []


class TestByCommand:
    def _run(self, *arguments: str) -> str:
        result = CliRunner().invoke(app, list(arguments))
        assert result.exit_code == 0, result.output
        return result.stdout

    def test_a_week_is_printed_for_people_and_for_programs(self, habit: None) -> None:
        assert HABIT in self._run("learning")
        week = json.loads(self._run("learning", "--json"))
        assert week["numbers"]["sent"] == 4 and week["situations"][0]["stands_out"] == "few"
        assert json.loads(self._run("learning", "--week", "2020-01-01", "--json"))["week"] == "2020-W01"

    def test_own_wordings_are_listed_and_removed_while_a_desk_follows(self, habit: None, learning: Learning) -> None:
        from assistant.learning.adopting import Adoption

        adopted = learning.adopt(Adoption(text=HABIT, situation="pre.bargain", move="explain"), "小顾")
        assert HABIT in self._run("wordings", "list")
        self._run("wordings", "remove", adopted.id)
        assert learning.wordings() == ()
