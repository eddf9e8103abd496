"""From what was sent to what is said next: kept masked, shown by week, adopted, declined, removed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from assistant.engines.offline import OfflineEngine
from assistant.learning.adopting import Adoption
from assistant.learning.learning import Learning
from assistant.learning.weeks import Week
from assistant.records import Records, RecordsError
from tests.assistant.drafts import brief, conversation, match, proposal
from tests.assistant.sent import HABIT, REPLY, drafted, learning_in, opened_records, small_engine

NOW = datetime(2026, 11, 18, 4, 0)
WEEK = Week.parse("2026-W47")


@pytest.fixture
def records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Records]:
    monkeypatch.setattr("assistant.records.records.now", lambda: NOW)
    opened = opened_records(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def engine(tmp_path: Path) -> OfflineEngine:
    return small_engine(tmp_path)


@pytest.fixture
def learning(tmp_path: Path, records: Records, engine: OfflineEngine) -> Learning:
    return learning_in(tmp_path, records, engine)


def test_what_was_sent_is_kept_with_its_difference_and_without_personal_data(
    learning: Learning, records: Records, tmp_path: Path
) -> None:
    difference = learning.sent(drafted(records, "one"), REPLY + "有事打13800138000。")
    assert difference.kinds == ("fact",)
    assert "13800138000" not in difference.model_dump_json()
    ((kept, talk),) = learning.examples(["one"])
    assert kept.difference == difference and kept.situation == "pre.bargain"
    assert talk.messages[0].text == "便宜点吧"
    records.close()
    assert b"13800138000" not in b"".join(p.read_bytes() for p in tmp_path.glob("records.db*"))


def test_of_a_draft_copied_twice_the_last_copy_counts(learning: Learning, records: Records) -> None:
    drafted(records, "one")
    learning.sent("one", REPLY + "您放心哦。")
    learning.sent("one", REPLY)
    assert learning.week(WEEK).numbers.extents == {"as_is": 1}


def test_what_was_kept_before_there_were_differences_is_compared_when_it_is_read(
    learning: Learning, records: Records
) -> None:
    records.keep_edit(drafted(records, "old"), REPLY.replace("4点", "6点"))
    assert learning.week(WEEK).numbers.kinds == {"fact": 1}


def test_a_draft_that_nobody_knows_is_refused(learning: Learning) -> None:
    for act in (lambda: learning.sent("none", "好"), lambda: learning.rate("none", False, "")):
        with pytest.raises(RecordsError) as error:
            act()
        assert error.value.code == "records.no_draft"


def test_thumbs_come_with_their_reasons_in_the_week(learning: Learning, records: Records) -> None:
    learning.rate(drafted(records, "one"), False, " 语气太硬,打13800138000问我 ")
    (rating,) = learning.week(WEEK).ratings
    assert (rating.good, rating.situation) == (False, "pre.bargain")
    assert rating.reason.startswith("语气太硬") and "13800138000" not in rating.reason


def test_monday_looks_at_last_week_unless_nothing_was_sent_then(learning: Learning, records: Records) -> None:
    assert learning.this_week(NOW + timedelta(days=7)) == WEEK.before(-1)
    learning.sent(drafted(records, "one"), REPLY)
    assert learning.this_week(NOW + timedelta(days=7)) == WEEK
    assert learning.this_week(NOW) == WEEK


def test_a_habit_is_adopted_said_in_the_next_draft_and_removed_again(
    learning: Learning, records: Records, engine: OfflineEngine
) -> None:
    for n in range(3):
        learning.sent(drafted(records, f"d{n}"), REPLY + HABIT + "。")
    (phrase,) = learning.week(WEEK).phrases
    assert phrase.times == 3
    asked = Adoption(text=phrase.text, situation=phrase.situations[0][0], move=phrase.move, source="2026-W47")
    adopted = learning.adopt(asked, "小顾", phrase.draft_ids)
    bargain = brief(conversation("便宜点吧"), match("pre.bargain"))
    assert HABIT in proposal(engine, bargain).reply
    assert learning.wordings() == (adopted,)
    assert learning.week(WEEK).phrases == (), "what was adopted is not offered again"
    learning.remove(adopted.id, "小林")
    assert HABIT not in proposal(engine, bargain).reply
    assert [(a.who, a.action) for a in records.recent_audit()] == [
        ("小林", "wording.removed"),
        ("小顾", "wording.adopted"),
    ]


def test_a_declined_phrase_is_not_offered_again(learning: Learning, records: Records) -> None:
    for n in range(3):
        learning.sent(drafted(records, f"d{n}"), REPLY + HABIT + "。")
    learning.decline(learning.week(WEEK).phrases[0].text, "小顾")
    assert learning.week(WEEK).phrases == ()


def test_the_orders_facts_become_slots_so_that_one_habit_is_counted_once(learning: Learning, records: Records) -> None:
    for n, courier in enumerate(("圆通", "中通", "韵达")):
        learning.sent(
            drafted(records, f"d{n}", ("in.track",), order={"courier": courier}),
            f"{REPLY}{courier}那边这两天件特别多。",
        )
    (phrase,) = learning.week(WEEK).phrases
    assert phrase.text == "{courier}那边这两天件特别多。"
    adopted = learning.adopt(Adoption(text=phrase.text, situation="in.track", move=phrase.move), "小顾")
    assert adopted.as_move.move.needs == ("courier",)


def test_a_situation_that_was_not_seen_counts_as_none(learning: Learning, records: Records) -> None:
    learning.sent(drafted(records, "one", ()), REPLY)
    assert learning.week(WEEK).situations[0].situation == ""
