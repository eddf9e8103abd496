"""The interfaces that scripts rely on: the real command, its real output, its exit status."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.command import freshly_started, kefu


def lines(result: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def write_lines(path: Path, *rows: object) -> Path:
    path.write_text(
        "\n".join(row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows),
        encoding="utf-8",
    )
    return path


CONVERSATION = {
    "id": "c1",
    "messages": [
        {"role": "customer", "text": "快递三天没动了"},
        {"role": "customer", "text": "是不是丢了啊"},
    ],
    "order": {
        "order_id": "2611170045",
        "item": "保温杯",
        "price_yuan": 89,
        "paid_at": "2026-11-15 08:00",
        "shipped_at": "2026-11-16 11:30",
        "courier": "中通",
        "tracking_status": "11-17 05:10 到达武汉转运中心",
        "batch": "B7",
    },
    "policy": {"shop": "暖芯水具", "platform": "taobao", "authorised": ["expedite_courier_query"]},
}


def test_draft_batch_keeps_order_and_ids_and_goes_on_after_a_bad_line(library_home: Path, tmp_path: Path) -> None:
    batch = write_lines(
        tmp_path / "in.jsonl",
        CONVERSATION,
        {"id": "bad-role", "messages": [{"role": "老板", "text": "在吗"}]},
        "{not json",
        {"id": "empty", "messages": []},
        {"id": "no-such-promise", "messages": CONVERSATION["messages"], "policy": {"authorised": ["teleport"]}},
        {"id": "dates", "messages": CONVERSATION["messages"], "order": {"paid_at": "2026-13-45"}},
        {"id": "long", "messages": [{"role": "customer", "text": "长" * 100_000}]},
        {"id": "c2", "messages": [{"role": "customer", "text": "五十卖不卖"}]},
    )
    result = kefu("draft", "--batch", str(batch), home=library_home)
    assert result.returncode == 1, result.stderr
    drafted, role, broken, empty, promise, dates, long, last = lines(result)
    assert [x["id"] for x in (role, empty, promise, dates, long)] == [
        "bad-role",
        "empty",
        "no-such-promise",
        "dates",
        "long",
    ]
    assert role["error"]["code"] == "conversation.unknown_role" and "老板" in role["error"]["message"]
    assert broken == {"id": None, "error": broken["error"]} and broken["error"]["code"] == "input.not_json"
    assert empty["error"]["code"] == "conversation.empty"
    assert promise["error"]["code"] == "policy.unknown_authority" and "teleport" in promise["error"]["message"]
    assert dates["error"]["code"] == "order.invalid" and "paid_at" in dates["error"]["message"]
    assert long["error"]["code"] == "conversation.too_long"
    texts = passages_cited(drafted, last, home=library_home)
    for draft in (drafted, last):
        check_draft(draft, texts)
    assert drafted["id"] == "c1" and last["id"] == "c2" and drafted["reply"] != last["reply"]


def check_draft(draft: dict[str, Any], texts: dict[str, str]) -> None:
    assert set(draft) == {
        "id", "reply", "bubbles", "verdict", "findings", "situation", "citations", "next_steps", "engine", "notice",
        "timings_ms",
    }  # fmt: skip
    assert draft["verdict"] == "pass" and draft["engine"] == "offline" and draft["notice"] is None
    assert draft["reply"].strip() and "".join(draft["bubbles"]).strip()
    assert set(draft["situation"]) == {"stage", "intents", "emotion", "customer_type", "risks", "language"}
    assert draft["citations"], "every draft says what it rests on"
    for citation in draft["citations"]:
        start, end = citation["span"]
        assert draft["reply"][start:end].strip()
        assert citation["quote"] and citation["quote"] in texts[citation["passage_id"]]
        assert citation["document"] and citation["section"]


def passages_cited(*drafts: dict[str, Any], home: Path) -> dict[str, str]:
    """The text of each passage of the documents that the drafts cite."""
    cited = {citation["document"] for draft in drafts for citation in draft["citations"]}
    listed = json.loads(kefu("documents", "--json", home=home).stdout)["documents"]
    assert cited <= {document["title"] for document in listed}
    found: dict[str, str] = {}
    for document in listed:
        if document["title"] in cited:
            detail = json.loads(kefu("documents", "show", document["id"], "--json", home=home).stdout)
            found.update({p["passage_id"]: p["text"] for p in detail["passages"]})
    return found


def test_draft_one_conversation(library_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "conversation.json"
    path.write_text(json.dumps(CONVERSATION, ensure_ascii=False), encoding="utf-8")
    result = freshly_started("draft", "--conversation", str(path), "--json", home=library_home)
    assert result.returncode == 0, result.stderr
    draft = json.loads(result.stdout)
    check_draft(draft, passages_cited(draft, home=library_home))


def test_search_by_query_and_by_messages(library_home: Path, tmp_path: Path) -> None:
    batch = write_lines(
        tmp_path / "in.jsonl",
        {"id": "q", "query": "顾客说别家更便宜怎么回"},
        {"id": "m", "messages": CONVERSATION["messages"]},
        {"id": "x"},
    )
    result = kefu("search", "--batch", str(batch), "-k", "3", home=library_home)
    assert result.returncode == 1
    query, messages, neither = lines(result)
    for found in (query, messages):
        assert set(found) == {"id", "situation", "results"} and len(found["results"]) == 3
        for one in found["results"]:
            assert {"passage_id", "text", "document", "section", "stage", "score", "cautions", "why"} <= set(one)
        scores = [one["score"] for one in found["results"]]
        assert scores == sorted(scores, reverse=True), "best first"
    assert any("别家" in one["section"] + one["text"] for one in query["results"])
    assert neither["error"]["code"] == "search.nothing"


def test_check_tells_an_authorised_promise_from_one_that_is_not(kefu_home: Path, tmp_path: Path) -> None:
    reply = "这次给您补15元,稍后退到您账户。"
    batch = write_lines(
        tmp_path / "in.jsonl",
        {"id": "a", "reply": reply, "authorised": ["compensation_up_to:20"]},
        {"id": "b", "reply": reply, "authorised": ["compensation_up_to:10"]},
        {"id": "c", "reply": ""},
        {"id": "d", "reply": reply, "authorised": ["compensation_up_to"]},
    )
    result = kefu("check", "--batch", str(batch), home=kefu_home)
    assert result.returncode == 1
    allowed, breach, nothing, unknown = lines(result)
    assert allowed["verdict"] == "pass"
    assert breach["verdict"] == "block"
    finding = breach["findings"][0]
    assert set(finding) >= {"category", "severity", "span", "text", "message", "rule", "suggestion"}
    assert finding["category"] == "promise.compensation" and finding["severity"] == "block"
    assert reply[slice(*finding["span"])] == finding["text"]
    assert breach["rewrite"] and "15" not in breach["rewrite"]
    assert nothing["error"]["code"] == "check.empty"
    assert unknown["error"]["code"] == "policy.unknown_authority"


def test_ingest_says_what_became_of_each_document(bare_home: Path, tmp_path: Path) -> None:
    manual = tmp_path / "手册"
    manual.mkdir()
    (manual / "议价.md").write_text(
        "# 议价手册\n\n## 守价\n顾客还价时,先肯定顾客会买东西,再说清楚价格里包含什么。\n", encoding="utf-8"
    )
    (manual / "空.txt").write_bytes(b"")
    assert kefu("init", "--empty", home=bare_home).returncode == 0
    first = kefu("ingest", str(manual), "--json", home=bare_home)
    assert first.returncode == 1, "one of the two could not be read"
    by_source = {Path(d["source"]).name: d for d in json.loads(first.stdout)["documents"]}
    good, empty = by_source["议价.md"], by_source["空.txt"]
    assert set(good) == {"id", "source", "title", "status", "passages", "dropped", "cautions", "error"}
    assert (good["status"], good["error"]) == ("added", None) and good["passages"] >= 1
    assert empty["status"] == "failed" and empty["error"]["code"] == "document.empty"
    again = kefu("ingest", str(manual / "议价.md"), "--json", home=bare_home)
    assert again.returncode == 0 and json.loads(again.stdout)["documents"][0]["status"] == "unchanged"
    (manual / "议价.md").write_text("# 议价手册\n\n## 守价\n价格是统一的,可以讲清楚做工和售后。\n", encoding="utf-8")
    changed = json.loads(kefu("ingest", str(manual / "议价.md"), "--json", home=bare_home).stdout)
    assert changed["documents"][0]["status"] == "replaced"
    document = changed["documents"][0]["id"]
    assert kefu("documents", "remove", document, home=bare_home).returncode == 0
    assert document not in kefu("documents", "--json", home=bare_home).stdout
    gone = kefu("documents", "show", document, home=bare_home)
    assert gone.returncode == 1 and document in gone.stderr


def test_a_home_made_empty_has_no_library_and_init_is_idempotent(bare_home: Path) -> None:
    for _ in range(2):
        assert kefu("init", "--empty", home=bare_home).returncode == 0
    assert json.loads(kefu("documents", "--json", home=bare_home).stdout) == {"documents": []}


@pytest.mark.parametrize(
    "arguments",
    [
        ("search",),
        ("draft",),
        ("check",),
        ("search", "退货", "-k", "many"),
        ("no-such-command",),
        ("check", "好的", "--authorised", "teleport"),
    ],
)
def test_wrong_usage_is_status_2(kefu_home: Path, arguments: tuple[str, ...]) -> None:
    result = kefu(*arguments, home=kefu_home)
    assert result.returncode == 2, result.stderr
    assert "Traceback" not in result.stderr


def test_an_unknown_setting_is_named(kefu_home: Path) -> None:
    result = kefu("settings", home=kefu_home, KEFU_COLOUR="red")
    assert result.returncode == 2 and "KEFU_COLOUR" in result.stderr


def test_a_second_process_on_one_home_is_told_who_is_there(library_home: Path) -> None:
    from assistant.application import Kefu
    from assistant.settings import Settings

    with Kefu.open(Settings(home=library_home)):
        result = kefu("search", "退货", home=library_home)
    assert result.returncode == 1
    assert str(os.getpid()) in result.stderr and "Traceback" not in result.stderr


def test_eval_run_and_compare(library_home: Path, tmp_path: Path) -> None:
    result = kefu(
        "eval", "run", "guard_fresh", "--jobs", "2", "--json", "--out", str(tmp_path / "a"), home=library_home
    )
    run = json.loads(result.stdout)
    assert set(run) == {"run_id", "suites", "comparison", "gate"} and run["comparison"] is None
    assert set(run["suites"]["guard_fresh"]) == {"cases", "passed", "failed", "errors", "metrics"}
    assert result.returncode == (0 if run["gate"]["passed"] else 1)
    assert {p.name for p in (tmp_path / "a").iterdir()} == {"run.json", "report.html", "junit.xml", "summary.md"}
    again = json.loads(
        kefu("eval", "run", "guard_fresh", "--json", "--baseline", run["run_id"], home=library_home).stdout
    )
    assert again["comparison"]["baseline"] == run["run_id"]
    assert set(again["comparison"]) == {"baseline", "regressed", "improved", "verdicts"}
    assert again["comparison"]["verdicts"]["guard_fresh.pass_rate"] == "same"
    assert set(again["comparison"]["verdicts"].values()) == {"same"}
    compared = kefu("eval", "compare", run["run_id"], again["run_id"], "--json", home=library_home)
    assert json.loads(compared.stdout)["regressed"] == []
    assert kefu("eval", "run", "nothing", home=library_home).returncode == 1


def test_a_first_start_that_was_cut_off_is_done_again(bare_home: Path) -> None:
    from assistant.application import LIBRARY, Kefu
    from assistant.settings import Settings

    with Kefu.open(Settings(home=bare_home)):
        pass  # a database, and no library yet
    documents = json.loads(kefu("documents", "--json", home=bare_home).stdout)["documents"]
    assert len(documents) == len(list(LIBRARY.glob("*.md"))) and all(d["shipped"] for d in documents)
