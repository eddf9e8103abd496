"""The REST interface over a real Kefu with the shipped library."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.application import Kefu
from assistant.desk import build_app
from knowledge.errors import KefuError
from tests.desk_server import kefu_on_a_copy

BARGAIN = {
    "id": "c1",
    "messages": [{"role": "customer", "text": "这个79的保温杯69卖不卖"}],
    "policy": {"shop": "暖屿家居", "authorised": ["coupon:5"]},
}
BROKEN = {
    "id": "c2",
    "messages": [
        {"role": "customer", "text": "气死了 保温杯收到就是瘪的"},
        {"role": "customer", "text": "你们怎么处理"},
    ],
    "order": {
        "order_id": "1",
        "item": "保温杯",
        "price_yuan": 79,
        "paid_at": "2026-11-10 10:00",
        "signed_at": "2026-11-19 10:00",
    },
    "policy": {"shop": "暖屿家居", "authorised": ["exchange"]},
}
MANUAL = "# 本店冰箱贴手册\n\n## 磁力\n\n### 技巧:琉璃冰箱贴磁力说明\n\n**何时用** 顾客问琉璃冰箱贴吸不吸得牢。\n\n**说法示例**\n- 「琉璃冰箱贴能吸住两张明信片。」\n"


@pytest.fixture(scope="module")
def client(initialised_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with kefu_on_a_copy(initialised_home, tmp_path_factory.mktemp("api") / "home") as kefu:
        yield TestClient(build_app(kefu), base_url="http://127.0.0.1:7860", raise_server_exceptions=False)


def events(text: str) -> list[tuple[str, Any]]:
    """(name, data) of a stream of server-sent events."""
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.strip().split("\n\n")]
    return [(block["event"], json.loads(block["data"])) for block in blocks]


class TestDrafts:
    def test_a_draft_has_the_contract_s_keys_and_the_conversation_s_id(self, client: TestClient) -> None:
        answer = client.post("/api/v1/drafts", json=BARGAIN)
        assert answer.status_code == 200
        draft = answer.json()
        assert set(draft) == {
            "id", "reply", "bubbles", "verdict", "findings", "situation", "citations", "next_steps", "engine", "notice",
            "timings_ms",
        }  # fmt: skip
        assert draft["id"] == "c1" and draft["reply"] and draft["verdict"] == "pass"

    def test_a_citation_s_quote_stands_in_the_passage(self, client: TestClient) -> None:
        citations = client.post("/api/v1/drafts", json=BARGAIN).json()["citations"]
        documents = client.get("/api/v1/documents").json()["documents"]
        passages = {
            passage["passage_id"]: passage["text"]
            for document in documents
            for passage in client.get(f"/api/v1/documents/{document['id']}").json()["passages"]
        }
        assert citations
        assert all(c["quote"] in passages[c["passage_id"]] for c in citations)

    def test_a_stream_says_each_sentence_then_the_draft_then_done(self, client: TestClient) -> None:
        answer = client.post("/api/v1/drafts", json=BARGAIN, headers={"accept": "text/event-stream"})
        assert answer.headers["content-type"].startswith("text/event-stream")
        said = events(answer.text)
        assert [name for name, _ in said][-2:] == ["draft", "done"]
        reply = ""
        for name, data in said:
            if name == "sentence":
                reply = data["text"] if data["replaces"] else reply + data["text"]
        assert reply == said[-2][1]["reply"]

    def test_the_tone_is_one_of_four(self, client: TestClient) -> None:
        assert client.post("/api/v1/drafts?tone=shorter", json=BARGAIN).status_code == 200
        assert client.post("/api/v1/drafts?tone=rude", json=BARGAIN).status_code == 422

    def test_alternatives_differ_in_what_they_do_and_each_is_checked(self, client: TestClient) -> None:
        drafts = client.post("/api/v1/alternatives", json=BROKEN).json()["drafts"]
        assert 2 <= len(drafts) <= 3
        assert len({d["strategy"] for d in drafts}) == len({d["reply"] for d in drafts}) == len(drafts)
        assert {d["verdict"] for d in drafts} == {"pass"}

    def test_a_reply_in_english_is_explained_in_chinese(self, client: TestClient) -> None:
        (first, *_) = client.post("/api/v1/alternatives?language=en", json=BARGAIN).json()["drafts"]
        assert first["situation"]["language"] == "en"
        assert not any("\u4e00" <= c <= "\u9fff" for c in first["reply"])
        assert sum("\u4e00" <= c <= "\u9fff" for c in first["gloss"]) > 20

    def test_a_draft_is_stale_once_the_customer_or_the_order_says_something_new(self, client: TestClient) -> None:
        made = client.post("/api/v1/drafts", json=BARGAIN).headers["X-Kefu-Fingerprint"]
        more = {**BARGAIN, "messages": [*BARGAIN["messages"], {"role": "customer", "text": "在吗"}]}
        for body, stale in ((BARGAIN, False), (more, True), ({**BARGAIN, "order": {"price_yuan": 79}}, True)):
            answer = client.post(f"/api/v1/stale?fingerprint={made}", json=body).json()
            assert answer["stale"] is stale

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({"messages": []}, "conversation.empty"),
            ({"messages": [{"role": "customer", "text": "啊" * 100_000}]}, "conversation.too_long"),
            ({"messages": [{"role": "robot", "text": "在吗"}]}, "conversation.unknown_role"),
            ({**BARGAIN, "policy": {"authorised": ["free_money"]}}, "policy.unknown_authority"),
            ({**BARGAIN, "order": {"paid_at": "2026-11-20 10:00", "shipped_at": "2026-11-01 10:00"}}, "order.invalid"),
            ({**BARGAIN, "urgent": True}, "conversation.unknown_key"),
            (["在吗"], "conversation.not_an_object"),
        ],
    )
    def test_bad_input_is_named_in_the_language_asked_for(self, client: TestClient, body: object, code: str) -> None:
        zh = client.post("/api/v1/drafts", json=body)
        en = client.post("/api/v1/drafts", json=body, headers={"accept-language": "en-GB,en;q=0.9"})
        assert zh.status_code == en.status_code == 400
        assert zh.json()["error"]["code"] == en.json()["error"]["code"] == code
        assert any("\u4e00" <= c <= "\u9fff" for c in zh.json()["error"]["message"])
        assert zh.json()["error"]["message"] != en.json()["error"]["message"]

    def test_what_is_not_json_is_refused(self, client: TestClient) -> None:
        answer = client.post("/api/v1/drafts", content=b"{", headers={"content-type": "application/json"})
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "request.invalid"


class TestCheckAndSearch:
    def test_a_promise_without_authority_is_blocked_and_with_it_passes(self, client: TestClient) -> None:
        reply = {"id": 1, "reply": "给您补偿15元。"}
        blocked = client.post("/api/v1/check", json=reply).json()
        allowed = client.post("/api/v1/check", json={**reply, "authorised": ["compensation_up_to:20"]}).json()
        assert blocked["verdict"] == "block" and allowed["verdict"] == "pass"
        finding = blocked["findings"][0]
        assert reply["reply"][slice(*finding["span"])] == finding["text"]  # type: ignore[index]

    def test_a_misspelt_key_is_refused(self, client: TestClient) -> None:
        answer = client.post("/api/v1/check", json={"reply": "好的", "authorized": ["invoice"]})
        assert answer.status_code == 422 and "authorized" in answer.json()["error"]["message"]

    def test_an_empty_reply_is_refused(self, client: TestClient) -> None:
        answer = client.post("/api/v1/check", json={"reply": " "})
        assert answer.status_code == 400 and answer.json()["error"]["code"] == "check.empty"

    def test_search_by_words_and_by_conversation(self, client: TestClient) -> None:
        by_words = client.post("/api/v1/search", json={"query": "五十卖不卖", "k": 3}).json()
        by_talk = client.post("/api/v1/search", json={"messages": [{"role": "customer", "text": "五十卖不卖"}]}).json()
        assert len(by_words["results"]) == 3
        assert by_words["results"][0]["passage_id"] == by_talk["results"][0]["passage_id"]
        assert set(by_words["results"][0]) == {
            "passage_id", "text", "document", "section", "kind", "stage", "score", "cautions", "why",
        }  # fmt: skip

    def test_a_search_for_nothing_is_refused(self, client: TestClient) -> None:
        assert client.post("/api/v1/search", json={}).json()["error"]["code"] == "search.nothing"


class TestDocuments:
    def test_upload_find_remove(self, client: TestClient) -> None:
        report = client.post("/api/v1/documents", files=[("files", ("冰箱贴.md", MANUAL.encode("gb18030")))]).json()
        document = report["documents"][0]
        assert document["status"] == "added" and document["passages"] >= 1
        hits = client.post("/api/v1/search", json={"query": "琉璃冰箱贴磁力够吗"}).json()["results"]
        assert any("琉璃冰箱贴" in hit["text"] for hit in hits[:3])
        again = client.post("/api/v1/documents", files=[("files", ("冰箱贴.md", MANUAL.encode("gb18030")))]).json()
        assert again["documents"][0]["status"] == "unchanged"
        assert client.delete(f"/api/v1/documents/{document['id']}").status_code == 204
        hits = client.post("/api/v1/search", json={"query": "琉璃冰箱贴磁力够吗"}).json()["results"]
        assert all("琉璃冰箱贴" not in hit["text"] for hit in hits)

    def test_a_document_that_is_not_there_is_not_found(self, client: TestClient) -> None:
        for answer in (client.get("/api/v1/documents/nope"), client.delete("/api/v1/documents/nope")):
            assert answer.status_code == 404
            assert answer.json()["error"]["code"] == "document.unknown"

    def test_an_empty_file_is_reported_not_lost(self, client: TestClient) -> None:
        report = client.post("/api/v1/documents", files=[("files", ("空.txt", b""))]).json()
        assert report["documents"][0]["status"] == "failed" and report["documents"][0]["error"]["message"]


class TestService:
    def test_health_says_what_is_there(self, client: TestClient) -> None:
        health = client.get("/api/v1/health").json()
        assert health["status"] == "ok" and health["engine"] == "offline" and health["passages"] > 70

    def test_suites_are_listed_and_an_unknown_one_is_refused(self, client: TestClient) -> None:
        assert "golden" in client.get("/api/v1/evals").json()["suites"]
        answer = client.post("/api/v1/evals", json={"suites": ["nope"]})
        assert answer.status_code == 404 and "nope" in answer.json()["error"]["message"]

    def test_the_description_names_every_operation(self, client: TestClient) -> None:
        schema = client.get("/api/v1/openapi.json").json()
        operations = {(m.upper(), p): said for p, methods in schema["paths"].items() for m, said in methods.items()}
        assert all(said.get("summary") for said in operations.values())
        assert operations.keys() >= {
            ("POST", "/api/v1/drafts"),
            ("POST", "/api/v1/check"),
            ("POST", "/api/v1/search"),
            ("GET", "/api/v1/documents"),
            ("POST", "/api/v1/documents"),
            ("GET", "/api/v1/documents/{document_id}"),
            ("DELETE", "/api/v1/documents/{document_id}"),
            ("GET", "/api/v1/evals"),
            ("POST", "/api/v1/evals"),
            ("GET", "/api/v1/health"),
            ("POST", "/api/v1/reviews"),
            ("GET", "/api/v1/documents/{document_id}/versions"),
            ("GET", "/api/v1/coverage"),
            ("GET", "/api/v1/export"),
        }
        assert "Conversation" in schema["components"]["schemas"]

    def test_the_documentation_page_fetches_nothing(self, client: TestClient) -> None:
        page = client.get("/api/docs")
        assert page.status_code == 200 and "/api/v1/drafts" in page.text
        assert "src=" not in page.text and "http://" not in page.text and "https://" not in page.text

    def test_other_sites_and_foreign_names_are_refused(self, client: TestClient) -> None:
        cross = client.post("/api/v1/search", json={"query": "x"}, headers={"origin": "http://evil.example"})
        rebound = client.get("/api/v1/health", headers={"host": "evil.example"})
        assert cross.status_code == rebound.status_code == 403
        assert cross.json()["error"]["code"] == "request.foreign_origin"
        assert rebound.json()["error"]["code"] == "request.foreign_host"

    def test_answers_carry_the_headers_that_keep_the_page_to_itself(self, client: TestClient) -> None:
        headers = client.get("/api/v1/health").headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"

    def test_what_nobody_expected_is_an_error_without_details(
        self, client: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object, **__: object) -> None:
            raise RuntimeError("secret path /root")

        monkeypatch.setattr(Kefu, "check", broken)
        answer = client.post("/api/v1/check", json={"reply": "好的"})
        assert answer.status_code == 500 and "secret" not in answer.text
        assert answer.json()["error"]["code"] == "internal"

    def test_an_error_in_mid_stream_is_its_last_event(
        self, client: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object) -> Iterator[object]:
            yield from ()
            raise KefuError("chat.silent", "没有回复", "no reply")

        monkeypatch.setattr(Kefu, "stream", broken)
        answer = client.post("/api/v1/drafts", json=BARGAIN, headers={"accept": "text/event-stream"})
        assert events(answer.text) == [("error", {"error": {"code": "chat.silent", "message": "没有回复"}})]
