"""REST for a shop's own rules: list them, try one, put it in force, switch it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from assistant.application import Kefu
from assistant.desk.api_knowledge import Who, signature
from assistant.own_rules import OwnRule
from assistant.rule_form import RuleForm
from knowledge.values import Value

Json = dict[str, Any]


class RuleOut(Value):
    """A rule file of the shop's own. `problem` says what is wrong with one that can't be read, and is then not in force."""

    name: str
    on: bool
    title: str = ""
    category: str = ""
    severity: str = ""
    forbids: str = ""
    problem: str | None = None


class RulesOut(Value):
    rules: tuple[RuleOut, ...]


class TrialOut(Value):
    """What a dry run found. `without`: how many replies it would newly find were nothing authorised; `within`: with what
    was authorised; `wrong`: how many labelled good it would block. `found` holds each with the span of the words.
    """

    drafts: int
    labelled: int
    without: int
    within: int
    wrong: int
    found: list[Json]


def add_rules(router: APIRouter, kefu: Kefu) -> None:
    making = kefu.rule_making

    @router.get("/rules", response_model=RulesOut, tags=["guardrails"], summary="The shop's own rules")
    def rules() -> RulesOut:
        return RulesOut(rules=tuple(_out(own) for own in making.rules()))

    @router.get("/rules/{name}", tags=["guardrails"], summary="A rule as the form that makes it")
    def rule(name: str) -> RuleForm:
        return making.form(name)

    @router.post(
        "/rules/dry-run", response_model=TrialOut, tags=["guardrails"], summary="What a rule would newly find, before it is live"
    )  # fmt: skip
    def dry_run(body: RuleForm, who: Who = "") -> TrialOut:
        trial = making.dry_run(body, signature(who))
        return TrialOut(
            drafts=trial.drafts,
            labelled=trial.labelled,
            without=trial.without,
            within=trial.within,
            wrong=len(trial.wrong),
            found=[{**one.model_dump(mode="json"), "wrong": one.wrong} for one in trial.found],
        )

    @router.post(
        "/rules",
        response_model=RuleOut,
        status_code=201,
        tags=["guardrails"],
        summary="Put a rule in force, after a dry run of exactly this rule",
    )
    def live(body: RuleForm, who: Who = "") -> RuleOut:
        return _out(making.go_live(body, signature(who)))

    @router.post("/rules/{name}/on", status_code=204, tags=["guardrails"], summary="Switch a rule on again")
    def on(name: str, who: Who = "") -> Response:
        making.switch(name, signature(who), on=True)
        return Response(status_code=204)

    @router.post("/rules/{name}/off", status_code=204, tags=["guardrails"], summary="Switch a rule off")
    def off(name: str, who: Who = "") -> Response:
        making.switch(name, signature(who), on=False)
        return Response(status_code=204)


def _out(own: OwnRule) -> RuleOut:
    if own.file is None:
        return RuleOut(name=own.name, on=own.on, problem=own.problem[0] if own.problem else None)
    file = own.file
    return RuleOut(
        name=own.name, on=own.on, title=file.title, category=file.category, severity=file.severity, forbids=file.forbids
    )
