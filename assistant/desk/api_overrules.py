"""REST for overrules: set a finding aside, read what was set aside."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Query
from pydantic import Field

from assistant.application import Kefu
from assistant.desk.api_models import CheckIn, CheckOut
from assistant.overruling import Ask
from assistant.records import overrules
from assistant.requests import check_input, check_output

Json = dict[str, Any]


class OverruleIn(CheckIn):
    """A reply as for a check, and the finding (`rule` and `text` as the check gave them) to set aside."""

    rule: str
    text: str
    reason: str = Field(max_length=500)
    who: str = Field(default="api", max_length=64)
    passphrase: str = Field(default="", max_length=200, description="the supervisor's; needed for a block")
    draft_id: str | None = None


def add_overrules(router: APIRouter, kefu: Kefu) -> None:
    @router.post(
        "/overrules", response_model=CheckOut, tags=["guardrails"], summary="Set a finding aside, with a reason"
    )
    def overrule(body: OverruleIn) -> Json:
        asked = body.model_dump(exclude_none=True)
        reply, context = check_input(asked)
        ask = Ask(body.rule, body.text, body.reason, body.who, body.passphrase, body.draft_id)
        return {"id": body.id, **check_output(kefu.overruling.overrule(reply, context, ask))}

    @router.get("/overrules", tags=["guardrails"], summary="What was set aside, as candidates for the labelled sets")
    def listed(limit: int = Query(default=200, ge=1, le=10_000)) -> Json:
        return {"rows": [o.as_row() for o in overrules.newest(kefu.records, limit)]}
