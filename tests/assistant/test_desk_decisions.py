"""What a manager decides at the knowledge desk: suggestions of a chat model, and cautions that are not so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.desk.knowledge_acts import Acts, Asked
from assistant.desk.knowledge_view import NOTHING
from assistant.desk.render import coverage as render_coverage
from assistant.desk.render.passages import actions
from assistant.desk.text import words
from assistant.records import Records
from knowledge.base import KnowledgeBase
from tests.knowledge.tiny import MANUAL, opened, write


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
