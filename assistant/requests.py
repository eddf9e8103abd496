"""The contract's inputs and outputs for search and check, shared by the command and the REST interface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.conversation import Conversation, ConversationError
from assistant.guardrails import CheckContext
from assistant.values import Verdict
from knowledge.values import SearchAnswer

MAX_QUERY = 10_000
"""Characters of a search or of a reply to check; more is a mistake."""


def query_texts(row: Mapping[str, object]) -> list[str]:
    """What to search for: `query`, or the customer's last turn in `messages`. ConversationError for neither."""
    if isinstance(query := row.get("query"), str):
        if not query.strip():
            raise ConversationError("search.empty", "请输入要搜索的内容。", "Type something to search for.")
        if len(query) > MAX_QUERY:
            raise ConversationError(
                "search.too_long",
                f"搜索内容有 {len(query)} 个字,超过上限 {MAX_QUERY}:请缩短。",
                f"The search has {len(query)} characters, over the limit of {MAX_QUERY}: shorten it.",
            )
        return [query]
    if "messages" not in row:
        raise ConversationError(
            "search.nothing", "搜索需要 query 或 messages。", 'A search needs "query" or "messages".'
        )
    conversation = Conversation.read({"messages": row["messages"]})
    return [m.text for m in conversation.last_customer_turn or conversation.messages[-1:]]


def search_output(answer: SearchAnswer) -> dict[str, object]:
    """The contract's search output, but for the id."""
    best = answer.situations[0] if answer.situations else None
    return {
        "situation": {
            "stage": best.stage if best else "general",
            "intents": [s.situation_id for s in answer.situations],
            "names": [s.name for s in answer.situations],
        },
        "results": [
            {
                "passage_id": r.passage.passage_id,
                "text": r.passage.text,
                "document": r.passage.document,
                "section": r.passage.section,
                "kind": r.passage.kind,
                "stage": r.passage.stage,
                "score": round(r.score, 4),
                "cautions": [{"category": c.category, "reason": c.reason} for c in r.passage.cautions],
                "why": r.why,
            }
            for r in answer.results
        ],
    }


def check_input(row: Mapping[str, object]) -> tuple[str, CheckContext]:
    """The reply and all that it is checked against. ConversationError names what is wrong with either."""
    reply = row.get("reply")
    if not isinstance(reply, str) or not reply.strip():
        raise ConversationError(
            "check.empty", "没有要检查的回复:请给出 reply。", 'There is nothing to check: give "reply".'
        )
    if len(reply) > MAX_QUERY:
        raise ConversationError(
            "check.too_long",
            f"回复有 {len(reply)} 个字,超过上限 {MAX_QUERY}:请缩短。",
            f"The reply has {len(reply)} characters, over the limit of {MAX_QUERY}: shorten it.",
        )
    talk = row.get("messages") or [{"role": "customer", "text": "(无)"}]
    data: dict[str, object] = {"messages": talk, "policy": {"authorised": _listed(row.get("authorised"))}}
    if row.get("order"):
        data["order"] = row["order"]
    conversation = Conversation.read(data)
    context = CheckContext(
        authorities=conversation.policy.authorities,
        order=conversation.order,
        messages=conversation.messages if row.get("messages") else (),
    )
    return reply, context


def _listed(authorised: object) -> Sequence[object]:
    if authorised is None:
        return []
    if isinstance(authorised, list):
        return authorised
    raise ConversationError(
        "check.authorised",
        'authorised 应是授权列表,如 ["invoice"]。',
        'authorised must be a list of authority ids, e.g. ["invoice"].',
    )


def check_output(verdict: Verdict) -> dict[str, object]:
    """The contract's check output, but for the id."""
    return verdict.model_dump(mode="json")
