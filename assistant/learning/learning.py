"""Learning from what is sent, in one place: keep it, show a week of it, take from it what is good."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from assistant.conversation import Conversation
from assistant.engines.clock import shop_now
from assistant.learning.adopting import Adopting, Adoption, Check
from assistant.learning.difference import compare
from assistant.learning.values import Difference, Rating, SentReply
from assistant.learning.view import TREND, WeekView, view_of
from assistant.learning.weeks import Week
from assistant.own_wordings import OwnWording, OwnWordings
from assistant.records import Records, RecordsError, edits, replies
from knowledge.errors import KefuError

_CONVERSATIONS = 5
"""Conversations, the newest, in which a phrase must be fit to say before it is adopted."""


class Learning:
    """Over one shop's records and its own phrasebook. `audit(who, action, **detail)` keeps who did what."""

    def __init__(
        self,
        records: Records,
        own: OwnWordings,
        check: Check,
        situations: frozenset[str],
        audit: Callable[..., None],
    ) -> None:
        self._records = records
        self._own = own
        self._adopting = Adopting(own, check, situations)
        self._audit = audit

    def sent(self, draft_id: str, text: str) -> Difference:
        """Keep what the agent sent, and how it differs from the draft. RecordsError "records.no_draft" for an unknown one."""
        reply, conversation = self._drafted(draft_id)
        difference = compare(reply, self._records.masked(text), conversation.order)
        self._records.keep_edit(draft_id, text, difference.model_dump(mode="json"))
        return difference

    def rate(self, draft_id: str, good: bool, reason: str) -> None:
        """Keep a thumb with its reason. RecordsError "records.no_draft" for an unknown draft."""
        self._drafted(draft_id)
        self._records.keep_feedback(draft_id, good, reason.strip())

    def _drafted(self, draft_id: str) -> tuple[str, Conversation]:
        found = replies.one(self._records, draft_id)
        if found is None:
            raise RecordsError(
                "records.no_draft",
                f"没有编号为 {draft_id[:40]} 的草稿:它可能没能写入记录库,请重新拟一条。",
                f"There is no draft {draft_id[:40]}: it may not have been recorded; draft again.",
            )
        return found

    def this_week(self, now: datetime | None = None) -> Week:
        """The week to look at: the last whole one, or the present one where nothing was sent in that."""
        present = Week.of((now or shop_now()).date())
        last = present.before()
        return last if any(edits.sent_between(self._records, last.begins, last.ends)) else present

    def week(self, week: Week, kept: Iterable[str] = ()) -> WeekView:
        """What a manager sees of it; `kept` are ids of drafts that are candidates for the suites already."""
        since = week.before(TREND - 1).begins
        sent = [_sent(row) for row in edits.sent_between(self._records, since, week.ends)]
        rated = [Rating(**row._asdict()) for row in edits.ratings_between(self._records, since, week.ends)]
        settled = (*(w.zh for w in self._own.listed()), *edits.declined_phrases(self._records))
        return view_of(week, sent, rated, adopted=settled, kept=kept)

    def examples(self, draft_ids: Sequence[str]) -> tuple[tuple[SentReply, Conversation], ...]:
        """Drafts beside what was sent, with the conversations they answer, in the order asked for."""
        wanted = tuple(draft_ids)
        talks = edits.conversations_of(self._records, wanted)
        sent = {row.draft_id: _sent(row) for row in edits.sent_of(self._records, wanted)}
        return tuple((sent[name], talks[name]) for name in wanted if name in sent and name in talks)

    # --- what a manager takes from it ---

    def wordings(self) -> tuple[OwnWording, ...]:
        """The shop's own, the newest first."""
        return self._own.listed()

    @property
    def problem(self) -> KefuError | None:
        """Why the shop's own phrasebook, as it stands in its file, is not in force."""
        return self._own.problem

    def adopt(self, asked: Adoption, who: str, draft_ids: Sequence[str] = ()) -> OwnWording:
        """Say this phrase from now on. WordingError says what is in the way."""
        talks = edits.conversations_of(self._records, tuple(draft_ids[:_CONVERSATIONS]))
        adopted = self._adopting.adopt(asked, who, talks.values())
        self._audit(who, "wording.adopted", wording=adopted.id, situation=adopted.situation, move=adopted.move)
        return adopted

    def decline(self, phrase: str, who: str) -> None:
        """Do not offer this phrase again."""
        edits.decline_phrase(self._records, phrase, who)
        self._audit(who, "phrase.declined")

    def remove(self, wording_id: str, who: str) -> None:
        """Do not say this wording any more."""
        gone = self._own.remove(wording_id)
        self._audit(who, "wording.removed", wording=gone.id, situation=gone.situation)


def _sent(row: edits.SentRow) -> SentReply:
    """With its difference; what was kept before differences were is compared now."""
    kept = row.difference
    difference = compare(row.reply, row.sent) if kept is None else Difference.model_validate(kept)
    return SentReply(**{**row._asdict(), "difference": difference})
