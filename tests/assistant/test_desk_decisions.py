"""What a manager decides at the knowledge desk: suggestions of a chat model, and cautions that are not so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.desk.events import Held
from assistant.desk.knowledge_acts import Acts, Asked
from assistant.desk.knowledge_handlers import KnowledgeHandlers
from assistant.desk.knowledge_view import NOTHING, View, workspace
from assistant.desk.render import coverage as render_coverage
from assistant.desk.render.passages import actions
from assistant.desk.text import words
from assistant.records import Records
from assistant.settings import Settings
from knowledge.base import KnowledgeBase
from tests.knowledge.tiny import MANUAL, opened, write
from tests.staged_chat_server import staged_chat


@pytest.fixture
def kefu(kefu_home: Path, tmp_path: Path) -> Iterator[Any]:
    base = opened(kefu_home)
    base.ingest(
        [write(tmp_path, "a.md", MANUAL), write(tmp_path, "c.txt", "一、推脱\n丢件的时候就说快递不给力,别的不讲。\n")]
    )
    records = Records.open(f"sqlite:///{kefu_home / 'records.db'}")
    yield SimpleNamespace(knowledge=base, records=records)
    records.close()
    base.close()


def asked(act: str, value: str, **fields: str) -> Asked:
    return Asked(act=act, value=value, fields=fields, who="小顾", view=NOTHING)


def shown(base: KnowledgeBase) -> str:
    return render_coverage.suggestions(base.enrichment.waiting(), base.catalogue, words("zh"))


def test_a_suggestion_shows_its_questions_and_is_taken_with_one_press(kefu: Any) -> None:
    base: KnowledgeBase = kefu.knowledge
    said = [*base.catalogue.entries[0].exemplars[:3], "<b>杯子坏了怎么弄</b>", "杯子&坏了"]
    assert shown(base) == ""
    base.enrichment.run(lambda _passage: "\n".join(said), "staged", limit=1)
    ((suggestion, passage),) = base.enrichment.waiting()
    page = shown(base)
    assert "杯子坏了" in page and "take_suggestion" in page and "drop_suggestion" in page
    assert "杯子&坏了" not in page and "<b>杯子" not in page, "a model's words are shown as text"
    Acts(kefu).perform(asked("take_suggestion", passage.passage_id))
    now = base.passage(passage.passage_id)
    assert now is not None and suggestion.situation in now.situations
    assert shown(base) == ""
    assert next(a.action for a in kefu.records.recent_audit()) == "suggestion.approved"


def test_a_caution_that_is_not_so_is_overruled_with_a_reason_and_can_be_had_back(kefu: Any) -> None:
    base: KnowledgeBase = kefu.knowledge
    own = next(p.passage_id for p in base.passages() if p.cautions)
    assert "lift_caution" in actions(base.curation.passage(own), words("zh"))
    Acts(kefu).perform(asked("lift_caution", own, reason="这里讲的是反面例子"))
    assert base.curation.passage(own).passage.cautions == ()
    assert "recheck" in actions(base.curation.passage(own), words("zh"))
    Acts(kefu).perform(asked("recheck", own))
    assert base.curation.passage(own).passage.cautions
    assert {a.action for a in kefu.records.recent_audit()} == {"caution.lifted", "caution.rechecked"}


def test_questions_are_offered_with_their_cost_imagined_on_a_yes_and_dropped_with_one_press(
    kefu: Any, tmp_path: Path
) -> None:
    base: KnowledgeBase = kefu.knowledge
    own = next(d.id for d in base.documents() if base.enrichment.todo({d.id}))
    view = View(kind="document", document_id=own)
    with staged_chat("我家猫一天吃几顿\n小猫<b>喂</b>多少\n喂猫喂几顿") as server:
        kefu.settings = Settings(home=tmp_path, openai_base_url=server.base_url, chat_model="staged")
        do = KnowledgeHandlers(kefu)
        assert "offer_questions" in workspace(base, view, words("zh"), imagines=True)
        ((offer, *_),) = do.act("zh", "小顾", None, event("offer_questions", own))
        todo = len(base.enrichment.todo({own}))
        assert f"{todo} 次调用" in offer and 'data-act="imagine"' in offer and server.asked == []
        assert next(do.imagine("zh", "小顾", None, event("no_questions", own)))[0] == "" and server.asked == []
        *_, (came, shown_now) = do.imagine("zh", "小顾", Held(view), event("imagine", own))
    assert len(server.asked) == todo and f"{todo} 段有了设想的问法" in came
    page = workspace(base, view, words("zh"), imagines=True)
    assert shown_now == page, "what is open shows the questions at once"
    assert "我家猫一天吃几顿" in page and "offer_questions" not in page and "<b>喂" not in page
    passage = next(p.passage_id for p in base.passages() if base.enrichment.questions_of(p.passage_id))
    Acts(kefu).perform(asked("drop_questions", passage))
    assert base.enrichment.questions_of(passage) == ()
    assert {a.action for a in kefu.records.recent_audit()} == {"questions.imagined", "questions.dropped"}


def test_without_a_chat_model_nothing_is_offered(kefu: Any, tmp_path: Path) -> None:
    own = kefu.knowledge.documents()[0].id
    kefu.settings = Settings(home=tmp_path)
    ((offer, *_),) = KnowledgeHandlers(kefu).act("zh", "小顾", None, event("offer_questions", own))
    assert offer == ""
    assert "offer_questions" not in workspace(kefu.knowledge, View(kind="document", document_id=own), words("zh"))


def event(act: str, value: str) -> Any:
    return SimpleNamespace(act=act, value=value, fields={})
