"""REST for overrules and for the shop's own rules, over a real Kefu without the knowledge that drafts need."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from assistant.desk import api
from assistant.desk.api_overrules import add_overrules
from assistant.desk.api_rules import add_rules
from assistant.guardrails import Guardrails
from assistant.guardrails.inbound import mask
from assistant.overruling import Overruling
from assistant.own_rules import OwnRules
from assistant.records import Records
from assistant.rule_making import RuleMaking
from tests.assistant.test_rule_form import CODEWORD

BLOCKED = {"reply": "您好,保证明天一定送到,打13800138000", "messages": [{"role": "customer", "text": "几时到"}]}
WHO = {"X-Kefu-Who": quote("小顾")}


class Part:
    """What the two routers stand on: guardrails, rules and records, without the knowledge base."""

    def __init__(self, home: Path, passphrase: str) -> None:
        self.guardrails = Guardrails.load()
        self.own_rules = OwnRules(home / "rules", self.guardrails)
        self.own_rules.load()
        self.records = Records.open(f"sqlite:///{home / 'records.db'}", mask=lambda text: mask(text).text)
        self.overruling = Overruling(self.guardrails.check, self.records, SecretStr(passphrase))
        self.rule_making = RuleMaking(self.own_rules, self.guardrails, self.records, self.records.audit)

    def client(self) -> TestClient:
        app, router = FastAPI(), APIRouter(prefix=api.PREFIX)
        add_overrules(router, self)  # type: ignore[arg-type]
        add_rules(router, self)  # type: ignore[arg-type]
        app.include_router(router)
        api.add_errors(app)
        return TestClient(app, base_url="http://127.0.0.1:7860", raise_server_exceptions=False)


@pytest.fixture
def part(kefu_home: Path) -> Iterator[Part]:
    kefu_home.mkdir()
    part = Part(kefu_home, "芝麻开门")
    yield part
    part.records.close()


def finding(part: Part, severity: str = "block") -> dict[str, str]:
    found = part.guardrails.check(str(BLOCKED["reply"])).findings
    first = next(f for f in found if f.severity == severity)
    return {"rule": first.rule, "text": first.text}


def asked(part: Part, **more: Any) -> dict[str, Any]:
    return {**BLOCKED, **finding(part), "reason": "站点确认明天上午派送", "who": "小乔", **more}


class TestOverrules:
    def test_the_supervisor_sets_a_block_aside_and_it_becomes_a_candidate(self, part: Part) -> None:
        client = part.client()
        before = part.guardrails.check(str(BLOCKED["reply"])).findings
        answer = client.post("/api/v1/overrules", json=asked(part, id=7, passphrase="芝麻开门"))
        assert answer.status_code == 200, answer.text
        assert answer.json()["id"] == 7 and len(answer.json()["findings"]) == len(before) - 1
        [row] = client.get("/api/v1/overrules").json()["rows"]
        assert (row["expect"], row["style"]) == ("pass", "overruled")
        assert "站点确认" in row["why"] and "小乔" in row["why"] and "supervisor" in row["why"]
        assert "13800138000" not in str(row)
        assert [a.action for a in part.records.recent_audit()] == ["overrule"]

    @pytest.mark.parametrize(
        ("more", "status", "code"),
        [
            ({}, 403, "overrule.refused"),
            ({"passphrase": "芝麻"}, 403, "overrule.refused"),
            ({"passphrase": "芝麻开门", "reason": "好"}, 400, "overrule.no_reason"),
            ({"passphrase": "芝麻开门", "text": "别的话"}, 400, "overrule.no_finding"),
            ({"passphrase": "芝麻开门", "rule": "nobody.knows"}, 400, "overrule.no_finding"),
            ({"authorised": ["free_money"]}, 400, "policy.unknown_authority"),
            ({"reply": " "}, 400, "check.empty"),
            ({"reason": "长" * 501}, 422, "request.invalid"),
            ({"why": "x"}, 422, "request.invalid"),
        ],
    )  # fmt: skip
    def test_what_is_not_allowed_is_refused_and_nothing_is_kept(
        self, part: Part, more: dict[str, Any], status: int, code: str
    ) -> None:
        client = part.client()
        answer = client.post("/api/v1/overrules", json=asked(part, **more))
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert client.get("/api/v1/overrules").json() == {"rows": []}

    def test_nobody_overrules_a_block_where_no_supervisor_is_set_up(self, part: Part) -> None:
        part.overruling = Overruling(part.guardrails.check, part.records, SecretStr(""))
        answer = part.client().post("/api/v1/overrules", json=asked(part), headers={"accept-language": "en"})
        assert answer.status_code == 403 and "KEFU_SUPERVISOR_PASSPHRASE" in answer.json()["error"]["message"]

    def test_the_newest_come_first_and_no_more_than_asked_for(self, part: Part) -> None:
        client = part.client()
        for reason in ("站点确认一", "站点确认二"):
            client.post("/api/v1/overrules", json=asked(part, reason=reason, passphrase="芝麻开门"))
        [row] = client.get("/api/v1/overrules?limit=1").json()["rows"]
        assert "站点确认二" in row["why"]
        assert client.get("/api/v1/overrules?limit=0").status_code == 422


class TestRules:
    def test_tried_live_listed_switched(self, part: Part) -> None:
        client, form = part.client(), CODEWORD.model_dump()
        early = client.post("/api/v1/rules", json=form, headers=WHO)
        assert (early.status_code, early.json()["error"]["code"]) == (409, "rule.not_tried")
        trial = client.post("/api/v1/rules/dry-run", json=form, headers=WHO).json()
        assert trial["labelled"] > 500 and trial["without"] >= 0 and trial["wrong"] == 0
        live = client.post("/api/v1/rules", json=form, headers=WHO)
        assert live.status_code == 201, live.text
        name = live.json()["name"]
        assert part.guardrails.check("进来报暗号就行").verdict == "block"
        assert client.get(f"/api/v1/rules/{name}").json() == {**form, "name": name, "authorities": []}
        assert client.post(f"/api/v1/rules/{name}/off", headers=WHO).status_code == 204
        assert part.guardrails.check("进来报暗号就行").verdict == "pass"
        [rule] = client.get("/api/v1/rules").json()["rules"]
        assert (rule["on"], rule["title"]) == (False, "直播间暗号")
        assert client.post(f"/api/v1/rules/{name}/on", headers=WHO).status_code == 204
        assert part.guardrails.check("进来报暗号就行").verdict == "block"
        assert {a.who for a in part.records.recent_audit()} == {"小顾"}

    def test_a_changed_rule_needs_its_own_dry_run(self, part: Part) -> None:
        client, form = part.client(), CODEWORD.model_dump()
        client.post("/api/v1/rules/dry-run", json=form)
        answer = client.post("/api/v1/rules", json={**form, "phrases": form["phrases"] + "\n对口令"})
        assert answer.status_code == 409 and client.get("/api/v1/rules").json() == {"rules": []}

    def test_a_rule_that_blocks_good_replies_says_which(self, part: Part) -> None:
        form = CODEWORD.model_dump() | {"phrases": "核实", "block": "这边核实一下", "passes": "您好", "unless": ""}
        trial = part.client().post("/api/v1/rules/dry-run", json=form).json()
        wrong = [one for one in trial["found"] if one["wrong"]]
        assert wrong and len(wrong) == trial["wrong"]
        assert all(one["text"][slice(*one["span"])] == one["words"] == "核实" for one in wrong)

    @pytest.mark.parametrize(
        ("path", "more", "status", "code"),
        [
            ("rules/dry-run", {"block": "您好"}, 400, "rule.field.block"),
            ("rules/dry-run", {"patterns": "("}, 400, "rule.field.patterns"),
            ("rules/dry-run", {"colour": "red"}, 422, "request.invalid"),
            ("rules/nobody.yaml/off", {}, 404, "rule.unknown"),
            ("rules/..%2Fsettings.toml/off", {}, 404, "http.404"),
        ],
    )  # fmt: skip
    def test_a_mistake_is_named(self, part: Part, path: str, more: dict[str, str], status: int, code: str) -> None:
        answer = part.client().post(f"/api/v1/{path}", json=CODEWORD.model_dump() | more)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
