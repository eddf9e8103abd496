"""REST for learning: what was sent and how drafts were rated, a week of it, and the shop's own wordings."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from assistant.application import Kefu
from assistant.desk.api_knowledge import Who, signature
from assistant.learning.adopting import Adoption
from assistant.learning.values import Difference
from assistant.learning.view import WeekView
from assistant.learning.weeks import Week
from assistant.own_wordings import OwnWording
from evals.candidates import kept_drafts
from knowledge.phrasebook import MoveKind
from knowledge.values import AuthorityKind, Value


class SentIn(Value):
    """What the agent sent."""

    text: str = Field(min_length=1, max_length=20_000)


class RatingIn(Value):
    """A thumb and why."""

    good: bool
    reason: str = Field(default="", max_length=500)


class WordingIn(Value):
    """What drafts are to say; `drafts` are ids of those that agents added it to."""

    text: str = Field(max_length=500)
    situation: str
    move: MoveKind
    source: str = Field(default="", max_length=200)
    drafts: tuple[str, ...] = Field(default=(), max_length=50)


class WordingOut(Value):
    id: str
    situation: str
    move: MoveKind
    text: str
    authority: tuple[AuthorityKind, ...]
    by: str
    at: datetime
    source: str


class WordingsOut(Value):
    """`problem` says why the file, as it stands, is not in force."""

    wordings: tuple[WordingOut, ...]
    problem: str | None = None


def add_learning(router: APIRouter, kefu: Kefu) -> None:
    """Put the routes on `router`."""
    learning = kefu.learning

    @router.post(
        "/drafts/{draft_id}/sent",
        response_model=Difference,
        tags=["learning"],
        summary="What was sent in a draft's place",
        description="`draft_id` is what `X-Kefu-Draft` said when the draft was made. Kept free of personal data.",
    )
    def sent(draft_id: str, body: SentIn) -> Difference:
        return learning.sent(draft_id, body.text)

    @router.post("/drafts/{draft_id}/rating", status_code=204, tags=["learning"], summary="Rate a draft")
    def rate(draft_id: str, body: RatingIn) -> Response:
        learning.rate(draft_id, body.good, body.reason)
        return Response(status_code=204)

    @router.get("/learning", response_model=WeekView, tags=["learning"], summary="A week of drafts")
    def week(week: Annotated[str, Query(description="2026-W47, or any day of it; the last whole one when left out")] = "") -> WeekView:  # fmt: skip
        chosen = Week.parse(week) if week else learning.this_week()
        return learning.week(chosen, kept_drafts(kefu.settings.home))

    @router.get("/wordings", response_model=WordingsOut, tags=["learning"], summary="The shop's own wordings")
    def wordings() -> WordingsOut:
        problem = learning.problem
        return WordingsOut(
            wordings=tuple(_out(w) for w in learning.wordings()), problem=str(problem) if problem else None
        )

    @router.post(
        "/wordings",
        response_model=WordingOut,
        status_code=201,
        tags=["learning"],
        summary="Adopt a phrase, once the guardrails pass it",
    )
    def adopt(body: WordingIn, who: Who = "") -> WordingOut:
        asked = Adoption(text=body.text, situation=body.situation, move=body.move, source=body.source)
        return _out(learning.adopt(asked, signature(who), body.drafts))

    @router.delete("/wordings/{wording_id}", status_code=204, tags=["learning"], summary="Stop saying it")
    def remove(wording_id: str, who: Who = "") -> Response:
        learning.remove(wording_id, signature(who))
        return Response(status_code=204)


def _out(wording: OwnWording) -> WordingOut:
    return WordingOut(text=wording.zh, **wording.model_dump(exclude={"zh"}))
