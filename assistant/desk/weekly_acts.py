"""What the weekly page shows and what its buttons do. Each is one call; every change has its who."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from assistant.application import Kefu
from assistant.conversation import Conversation
from assistant.desk.knowledge_acts import Asked
from assistant.engines.clock import shop_now
from assistant.learning.adopting import Adoption
from assistant.learning.values import SentReply
from assistant.learning.view import WeekView
from assistant.learning.weeks import Week
from assistant.own_wordings import OwnWording
from evals.candidates import keep_sent, kept_drafts
from knowledge.errors import KefuError
from knowledge.values import Value

UNSEEN = "-"
"""Stands for no situation where "" would mean that none is chosen."""


class Place(Value):
    """Which week the page shows, and which situation is unfolded on it (`UNSEEN`: drafts without one)."""

    week: str
    opened: str | None = None

    @property
    def of(self) -> Week:
        return Week.parse(self.week)


class Seen(NamedTuple):
    """All that the page shows."""

    week: Week
    is_present: bool
    view: WeekView
    wordings: tuple[OwnWording, ...]
    problem: KefuError | None
    examples: tuple[tuple[SentReply, Conversation], ...]
    worth: Mapping[str, Conversation]
    names: Mapping[str, str]


class WeeklyActs:
    """Does what was asked and says where to look next."""

    def __init__(self, kefu: Kefu) -> None:
        self._kefu = kefu
        self._names = {entry.id: entry.name for entry in kefu.knowledge.catalogue.entries}
        self._do: dict[str, Callable[[Asked, Place], Place]] = {
            "week_to": lambda asked, _: Place(week=Week.parse(asked.value).name),
            "unfold_situation": lambda asked, place: place.model_copy(update={"opened": asked.value or None}),
            "adopt_phrase": self._adopt,
            "decline_phrase": self._decline,
            "remove_wording": self._remove,
            "keep_case": self._keep,
        }

    def first(self) -> Place:
        """Where a manager begins."""
        return Place(week=self._kefu.learning.this_week().name)

    def perform(self, asked: Asked, place: Place) -> Place:
        """Do it; the place to show now. Raises KefuError for what cannot be done."""
        if asked.act not in self._do:
            raise KefuError("desk.unknown_act", f"没有「{asked.act}」这个操作。", f"There is no action {asked.act}.")
        return self._do[asked.act](asked, place)

    def look(self, place: Place) -> Seen:
        """What there is to see at this place."""
        learning, week = self._kefu.learning, place.of
        view = learning.week(week, kept_drafts(self._kefu.settings.home))
        opened = "" if place.opened == UNSEEN else place.opened
        row = next((r for r in view.situations if r.situation == opened), None)
        worth = learning.examples([c.draft_id for c in view.conversations])
        return Seen(
            week=week,
            is_present=week >= Week.of(shop_now().date()),
            view=view,
            wordings=learning.wordings(),
            problem=learning.problem,
            examples=learning.examples(row.examples) if row else (),
            worth={sent.draft_id: talk for sent, talk in worth},
            names=self._names,
        )

    def _adopt(self, asked: Asked, place: Place) -> Place:
        told = {name: asked.fields.get(name, "") for name in ("text", "situation", "move", "source")}
        self._kefu.learning.adopt(Adoption.model_validate(told), asked.who, asked.value.split())
        return place

    def _decline(self, asked: Asked, place: Place) -> Place:
        self._kefu.learning.decline(asked.value, asked.who)
        return place

    def _remove(self, asked: Asked, place: Place) -> Place:
        self._kefu.learning.remove(asked.value, asked.who)
        return place

    def _keep(self, asked: Asked, place: Place) -> Place:
        """A conversation among the candidates of the suites, with what was drafted and what was sent."""
        for sent, talk in self._kefu.learning.examples([asked.value]):
            note, mask = asked.fields.get("note", ""), self._kefu.records.masked
            kept = keep_sent(self._kefu.settings.home, sent, talk, by=asked.who, note=note, mask=mask)
            self._kefu.audit(asked.who, "promote_case", source=kept.source)
        return place
