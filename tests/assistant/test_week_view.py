"""A manager's week: what is rewritten most, what agents add again and again, and nothing said where there is too little."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from assistant.learning.difference import compare
from assistant.learning.phrases import repeated
from assistant.learning.shares import FEW, Share
from assistant.learning.values import Rating, SentReply
from assistant.learning.view import BACK, TREND, view_of
from assistant.learning.weeks import Week, week_of
from knowledge.errors import KefuError

WEEK = Week.parse("2026-W47")
DRAFT = "抱歉让您久等了。我这就帮您查一下物流,今天下午4点前回复您。"
ADDED = "到货了我第一时间喊您。"


def sent(
    number: int, text: str = DRAFT, *, situation: str = "in.track", weeks_ago: int = 0, reply: str = DRAFT
) -> SentReply:
    at = WEEK.begins + timedelta(hours=number) - timedelta(weeks=weeks_ago)
    return SentReply(
        draft_id=f"d{weeks_ago}-{situation}-{number:03}",
        at=at,
        situation=situation,
        reply=reply,
        sent=text,
        difference=compare(reply, text),
    )


class TestWeeks:
    def test_a_week_is_named_as_in_iso_or_by_any_of_its_days(self) -> None:
        assert WEEK.monday == date(2026, 11, 16) and WEEK.sunday == date(2026, 11, 22)
        assert Week.parse("2026-11-18") == Week.parse("2026w47") == WEEK
        assert WEEK.name == "2026-W47" and WEEK.before().name == "2026-W46" and WEEK.before(-7).name == "2027-W01"

    def test_it_begins_at_midnight_of_the_shop(self) -> None:
        assert WEEK.begins == datetime(2026, 11, 15, 16, 0)
        last_second = (WEEK.ends - timedelta(seconds=1)).replace(tzinfo=UTC)
        assert week_of(last_second.replace(tzinfo=None)) == WEEK
        assert week_of(WEEK.ends) == WEEK.before(-1)

    @pytest.mark.parametrize("wrong", ["", "last week", "2026-W54", "2026-13-01", "W47"])
    def test_anything_else_is_refused_with_the_remedy(self, wrong: str) -> None:
        with pytest.raises(KefuError, match="2026-W47") as error:
            Week.parse(wrong)
        assert error.value.code == "week.unreadable"


class TestShares:
    def test_the_interval_is_wilsons(self) -> None:
        # Newcombe 1998, table I, method 3: 81 of 263 gives 0.2553 to 0.3662, 0 of 20 gives 0 to 0.1611
        assert (Share(count=81, of=263).low, Share(count=81, of=263).high) == (0.2553, 0.3662)
        assert (Share(count=0, of=20).low, Share(count=0, of=20).high) == (0.0, 0.1611)

    def test_nothing_is_known_of_nothing(self) -> None:
        assert (Share(count=0, of=0).low, Share(count=0, of=0).high) == (0.0, 1.0)


class TestSituations:
    def test_those_rewritten_more_than_the_others_come_first_with_share_and_number(self) -> None:
        rows = [sent(n, "您好,换货地址我发您。" if n < 10 else DRAFT, situation="after.wrong") for n in range(12)]
        rows += [sent(n, DRAFT + "您放心哦~" if n < 4 else DRAFT, situation="in.track") for n in range(40)]
        first, second = view_of(WEEK, rows, ()).situations
        assert (first.situation, first.changed.count, first.changed.of, first.rewritten) == ("after.wrong", 10, 12, 10)
        assert first.stands_out == "more" and second.stands_out == "like"
        assert set(second.kinds) == {"tone"}
        assert first.examples and all(e.startswith("d0-after.wrong") for e in first.examples)

    def test_with_too_few_nothing_is_said(self) -> None:
        rows = [sent(n, "不。", situation="after.wrong") for n in range(FEW - 1)] + [sent(n) for n in range(40)]
        assert {r.situation: r.stands_out for r in view_of(WEEK, rows, ()).situations} == {
            "in.track": "like",
            "after.wrong": "few",
        }

    def test_a_draft_without_a_situation_is_counted_too(self) -> None:
        (row,) = view_of(WEEK, [sent(1, situation="")], ()).situations
        assert row.situation == "" and row.changed.of == 1


class TestPhrases:
    def test_what_three_conversations_add_is_a_habit_in_whatever_words(self) -> None:
        put = (ADDED, "到货了我第一时间喊您哈", "一到货我第一时间喊您~")
        (phrase,) = repeated(sent(n, DRAFT + words) for n, words in enumerate(put))
        assert phrase.times == 3 and phrase.situations == (("in.track", 3),)
        assert "第一时间喊您" in phrase.text and len(phrase.others) == 2

    def test_twice_is_none_and_once_in_one_talk_is_one(self) -> None:
        assert repeated([sent(1, DRAFT + ADDED), sent(2, DRAFT + ADDED)]) == ()
        assert repeated([sent(1, DRAFT + ADDED + ADDED), sent(2, DRAFT + ADDED)]) == ()

    def test_a_phrase_with_masked_data_is_said_to_be_personal(self) -> None:
        (phrase,) = repeated(sent(n, DRAFT + "有事打⟦电话1⟧找我。") for n in range(3))
        assert phrase.personal

    def test_what_was_adopted_or_declined_is_not_offered_again(self) -> None:
        rows = [sent(n, DRAFT + ADDED) for n in range(4)]
        assert len(view_of(WEEK, rows, ()).phrases) == 1
        assert view_of(WEEK, rows, (), adopted=["到货了,我第一时间喊您"]).phrases == ()

    def test_they_are_counted_over_the_last_weeks_and_no_longer(self) -> None:
        lately = [sent(n, DRAFT + ADDED, weeks_ago=n) for n in range(BACK)]
        assert view_of(WEEK, lately, ()).phrases[0].times == BACK
        assert view_of(WEEK, [sent(n, DRAFT + ADDED, weeks_ago=BACK) for n in range(9)], ()).phrases == ()


class TestTheWeek:
    def test_numbers_are_of_the_week_and_the_trend_ends_with_it(self) -> None:
        rows = [sent(1), sent(2, "不。"), sent(3, DRAFT.replace("4点", "6点")), sent(4, weeks_ago=1)]
        rated = [
            Rating(draft_id=r.draft_id, at=r.at, situation="", good=good, reason="")
            for r, good in zip(rows, (True, False, False, True), strict=True)
        ]
        view = view_of(WEEK, rows, rated)
        assert view.numbers.sent == 3 and view.numbers.extents == {"as_is": 1, "touched": 1, "rewritten": 1}
        assert view.numbers.kinds["fact"] == 2
        assert (view.numbers.good, view.numbers.bad) == (1, 2) and len(view.ratings) == 3
        assert [n.sent for n in view.trend] == [0] * (TREND - 2) + [1, 3]
        assert (view.numbers.changed.count, view.numbers.changed.of) == (2, 3)

    def test_conversations_worth_keeping_are_those_rated_bad_or_rewritten_and_not_kept_yet(self) -> None:
        rows = [sent(1), sent(2, "不。"), sent(3, DRAFT.replace("4点", "6点")), sent(4, DRAFT + "您放心")]
        bad = Rating(draft_id=rows[2].draft_id, at=rows[2].at, situation="", good=False, reason="时间不对")
        found = view_of(WEEK, rows, [bad]).conversations
        assert [(c.draft_id, c.why) for c in found] == [
            (rows[2].draft_id, ("rated_bad", "fact")),
            (rows[1].draft_id, ("rewritten", "fact")),
        ]
        assert found[0].reason == "时间不对"
        assert len(view_of(WEEK, rows, [bad], kept=[rows[2].draft_id]).conversations) == 1

    def test_an_empty_week_is_a_view_too(self) -> None:
        view = view_of(WEEK, (), ())
        assert view.numbers.sent == 0 and not (view.situations or view.phrases or view.conversations)
