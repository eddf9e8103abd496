"""Candidates for the suites: real conversations and overruled blocks that an evaluator read and found worth keeping.

They go into KEFU_HOME/evals/candidates.jsonl and from there, by an author's hand, into a suite; never straight into one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from assistant.conversation import Conversation
from assistant.learning.values import SentReply
from evals.registry import EvalError
from knowledge.datafile import load_rows
from knowledge.values import Value

LEAST_NOTE = 4


class Candidate(Value):
    """What may become a case. `source` is "draft/ID" or "overrule/ID"; `note` what a good reply does here, by whom and when
    (UTC) it was read; `row` is a guardrail suite's row, or a conversation with the reply that was drafted for it.
    """

    source: str
    kind: Literal["conversation", "guard"]
    at: datetime
    by: str = Field(min_length=1)
    note: str = Field(min_length=LEAST_NOTE)
    row: dict[str, Any]


def candidates_path(home: Path) -> Path:
    return home / "evals" / "candidates.jsonl"


def load_candidates(home: Path) -> tuple[Candidate, ...]:
    """All of them, oldest first; DataFileError names the line of a mistake."""
    path = candidates_path(home)
    return load_rows(path, Candidate) if path.is_file() else ()


def conversation_row(reply: str, conversation: Conversation) -> dict[str, Any]:
    """A conversation as a candidate's row: who said what, the order, the shop's policy. Names and times stay behind."""
    data = conversation.model_dump(mode="json", include={"order", "policy"}, exclude_defaults=True)
    said = [{"role": m.role, "text": m.text} for m in conversation.messages]
    return {**{k: v for k, v in data.items() if v}, "messages": said, "reply": reply}


def keep_sent(
    home: Path, sent: SentReply, conversation: Conversation, *, by: str, note: str, mask: Callable[[str], str]
) -> Candidate:
    """Keep a conversation with its draft and what was sent in its place, as `promote` does."""
    row = {**conversation_row(sent.reply, conversation), "sent": sent.sent}
    return promote(home, f"draft/{sent.draft_id}", row, by=by, note=note, mask=mask)


def kept_drafts(home: Path) -> frozenset[str]:
    """Ids of the drafts that are candidates already."""
    return frozenset(c.source.removeprefix("draft/") for c in load_candidates(home) if c.source.startswith("draft/"))


def promote(
    home: Path, source: str, row: Mapping[str, Any], *, by: str, note: str, mask: Callable[[str], str]
) -> Candidate:
    """Keep a candidate. Every text in it is masked once more: it leaves the records, and masking may have learned since.

    EvalError without a name and a note, or for what is a candidate already.
    """
    if not by.strip() or len(note.strip()) < LEAST_NOTE:
        raise EvalError(
            "eval.candidate_unread",
            "存为候选前请写上您的姓名,并说明这里好的回复应该怎么做(至少 4 个字)。",
            "Give your name and say what a good reply does here (4 characters or more) before you keep a candidate.",
        )
    if any(known.source == source for known in load_candidates(home)):
        raise EvalError(
            "eval.candidate_known", f"{source} 已经是候选了,不用再存。", f"{source} is a candidate already."
        )
    candidate = Candidate(
        source=source,
        kind="guard" if "expect" in row else "conversation",
        at=datetime.now(UTC).replace(tzinfo=None, microsecond=0),
        by=by.strip(),
        note=mask(note.strip()),
        row={key: _masked(value, mask) for key, value in row.items()},
    )
    path = candidates_path(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(candidate.model_dump(mode="json"), ensure_ascii=False) + "\n")
    return candidate


def _masked(value: Any, mask: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {key: _masked(one, mask) for key, one in value.items()}
    return [_masked(one, mask) for one in value] if isinstance(value, list | tuple) else value
