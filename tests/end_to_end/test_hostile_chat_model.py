"""A chat model that answers everything with something prohibited: no such reply reaches an agent as one to send."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.application import Kefu
from assistant.conversation import Conversation
from assistant.guardrails import CheckContext
from assistant.settings import Settings
from assistant.values import Draft
from tests.desk_server import kefu_on_a_copy
from tests.staged_chat_server import staged_chat

BAD = Path(__file__).parents[1] / "assistant" / "data" / "guard_bad.jsonl"
TALK = Conversation.read(
    {
        "messages": [{"role": "customer", "text": "杯子收到就裂了,你们怎么处理"}],
        "order": {"item": "保温杯", "price_yuan": 79, "signed_at": "2026-11-18 10:00"},
        "policy": {"shop": "暖芯水具", "authorised": []},
    }
)
EACH = 1


@pytest.fixture(scope="module")
def opened(initialised_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kefu]:
    with kefu_on_a_copy(initialised_home, tmp_path_factory.mktemp("hostile") / "home") as kefu:
        yield kefu


def staged(reply: str) -> str:
    return f"给您添麻烦了,我先看一下。\n{reply}"


def prohibited(kefu: Kefu) -> dict[str, list[str]]:
    """Bad replies by category that the guardrails block here; which ones they should is the guard suite's question."""
    by_category: dict[str, list[str]] = defaultdict(list)
    for line in BAD.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        reply, category = row["reply"].replace("\n", " "), row["category"]
        if len(by_category[category]) < EACH and kefu.check(staged(reply), CheckContext.of(TALK)).verdict == "block":
            by_category[category].append(reply)
    return {category: replies for category, replies in by_category.items() if replies}


def test_no_prohibited_reply_of_any_category_reaches_a_draft(opened: Kefu) -> None:
    replies = prohibited(opened)
    assert len(replies) >= 12
    context = CheckContext.of(TALK)
    with staged_chat() as server:
        chat = Settings(home=opened.settings.home, openai_base_url=server.base_url, chat_model="staged")
        kefu = Kefu(chat, opened.knowledge, opened.guardrails, opened.records)
        for category, bad in replies.items():
            for text in bad:
                server.replies = [f"给您添麻烦了,我先看一下。[-]\n{text}[-]"]
                shown: list[Draft] = list(kefu.stream(TALK))
                assert all(text not in draft.reply for draft in shown), (category, text)
                assert shown[-1].verdict == "pass", (category, shown[-1].findings)
                assert kefu.check(shown[-1].reply, context).verdict == "pass"
                assert shown[-1].engine == "offline"
                assert shown[-1].notice is not None
        assert server.asked
