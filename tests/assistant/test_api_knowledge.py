"""The knowledge manager's REST interface, over a small knowledge base."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

from assistant.desk import api, api_knowledge
from knowledge.base import KnowledgeBase
from tests.knowledge.tiny import OTHER, opened

DIRTY = f"首页 学堂 问答\n{OTHER}©2020 某某公司 版权所有\n"
WHO = {"X-Kefu-Who": quote("小顾")}


@pytest.fixture
def base(kefu_home: Path) -> Iterator[KnowledgeBase]:
    base = opened(kefu_home)
    yield base
    base.close()


@pytest.fixture
def client(base: KnowledgeBase, kefu_home: Path) -> TestClient:
    kefu: Any = SimpleNamespace(knowledge=base, settings=SimpleNamespace(home=kefu_home))
    app, router = FastAPI(), APIRouter(prefix=api.PREFIX)
    for add in (api_knowledge.add_reviews, api_knowledge.add_passages, api_knowledge.add_versions):
        add(router, kefu)
    app.include_router(router)
    api.add_errors(app)
    return TestClient(app, raise_server_exceptions=False)


def staged(client: TestClient) -> str:
    answer = client.post("/api/v1/reviews", files={"files": ("守价.txt", DIRTY.encode())}, headers=WHO)
    (document,) = answer.json()["documents"]
    return str(document["id"])


def test_a_file_is_staged_looked_at_mended_and_approved(client: TestClient, base: KnowledgeBase) -> None:
    document = staged(client)
    (waiting,) = client.get("/api/v1/reviews").json()["reviews"]
    assert (waiting["document_id"], waiting["staged_by"]) == (document, "小顾") and base.documents() == ()
    rows = client.get(f"/api/v1/reviews/{document}").json()["rows"]
    assert [row["what"] for row in rows] == ["dropped", "passage", "dropped"]
    kept = client.post(f"/api/v1/reviews/{document}/blocks", json={"start": rows[2]["start"]}, headers=WHO)
    assert kept.json()["text"].startswith("©2020")
    assert client.post(f"/api/v1/reviews/{document}/approve", headers=WHO).status_code == 204
    assert len(base.passages()) == 2
    assert client.get(f"/api/v1/reviews/{document}").status_code == 404


def test_a_passage_is_edited_flagged_retired_and_its_document_rolled_back(
    client: TestClient, base: KnowledgeBase
) -> None:
    document = staged(client)
    client.post(f"/api/v1/reviews/{document}/approve", headers=WHO)
    passage = base.passages()[0].passage_id
    new = client.patch(f"/api/v1/passages/{passage}", json={"text": "先听后说。"}, headers=WHO).json()["passage_id"]
    assert client.post(f"/api/v1/passages/{new}/flag", json={"note": "看看"}, headers=WHO).status_code == 204
    assert client.post(f"/api/v1/passages/{new}/retire", json={"note": "过时"}, headers=WHO).status_code == 204
    assert base.passages() == ()
    versions = client.get(f"/api/v1/documents/{document}/versions").json()["versions"]
    assert [v["action"] for v in versions] == ["retired", "flagged", "edited", "approved"]
    assert {v["who"] for v in versions} == {"小顾"}
    changed = client.get(f"/api/v1/documents/{document}/difference", params={"older": 1, "newer": 2}).json()
    assert [d["what"] for d in changed["differences"]] == ["changed"]
    assert client.post(f"/api/v1/documents/{document}/rollback", json={"version": 1}).json() == {"version": 5}
    assert base.passages()[0].passage_id == passage


def test_what_is_not_there_is_404_and_a_misspelt_key_is_named(client: TestClient) -> None:
    gone = client.post("/api/v1/passages/no/retire", json={})
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "passage.unknown")
    wrong = client.patch("/api/v1/passages/no", json={"txt": "x"})
    assert wrong.status_code == 422 and "txt" in wrong.json()["error"]["message"]


def test_coverage_and_export(client: TestClient) -> None:
    client.post(f"/api/v1/reviews/{staged(client)}/approve")
    states = {s["id"]: s["state"] for s in client.get("/api/v1/coverage").json()["situations"]}
    assert states == {"after.quality": "none", "pre.bargain": "none"}
    answer = client.get("/api/v1/export")
    assert "attachment" in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert "manuals/守价.md" in packed.namelist()
