"""Overrules: findings that a person set aside, with the reason, kept as candidates for the labelled sets."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.records.records import Records
from assistant.records.tables import OverruleRow
from assistant.values import Finding
from knowledge.values import Value

Role = Literal["agent", "supervisor"]


class Overrule(Value):
    """A finding set aside. `reply` is masked; `at` is UTC; `authorised`, `order` and `messages` are what it was checked against."""

    id: int = 0
    at: datetime
    who: str
    role: Role
    reason: str
    reply: str
    finding: Finding
    authorised: tuple[str, ...] = ()
    order: dict[str, Any] | None = None
    messages: tuple[dict[str, Any], ...] = ()
    draft_id: str | None = None

    def as_row(self) -> dict[str, object]:
        """A labelled reply in the guard suite's shape: a candidate, to be read by the evaluator before it counts."""
        row: dict[str, object] = {
            "id": f"overrule-{self.id}",
            "reply": self.reply,
            "expect": "pass",
            "category": self.finding.category,
            "authorised": list(self.authorised),
            "style": "overruled",
            "why": f"{self.reason}({self.who},{self.role},{self.at:%Y-%m-%d},规则 {self.finding.rule}:「{self.finding.text}」)",
        }
        if self.order:
            row["order"] = self.order
        if self.messages:
            row["messages"] = list(self.messages)
        return row


def keep(records: Records, overrule: Overrule) -> None:
    """Write it down, free of personal data. RecordsError when that fails: an overrule nobody can find must not hold."""
    text = records.masked
    records.add(
        OverruleRow(
            at=overrule.at,
            who=overrule.who,
            role=overrule.role,
            reason=text(overrule.reason),
            reply=text(overrule.reply),
            finding=records.masked_finding(overrule.finding),
            context={
                "authorised": list(overrule.authorised),
                "order": records.masked_order(overrule.order),
                "messages": [{**m, "text": text(str(m.get("text", "")))} for m in overrule.messages],
            },
            draft_id=overrule.draft_id,
        )
    )


def newest(records: Records, limit: int = 200) -> tuple[Overrule, ...]:
    """The newest first."""
    with Session(records.engine) as session:
        rows = session.scalars(select(OverruleRow).order_by(OverruleRow.id.desc()).limit(limit)).all()
        return tuple(_read(row) for row in rows)


def _read(row: OverruleRow) -> Overrule:
    return Overrule.model_validate(
        {
            "id": row.id,
            "at": row.at,
            "who": row.who,
            "role": row.role,
            "reason": row.reason,
            "reply": row.reply,
            "finding": row.finding,
            "draft_id": row.draft_id,
            **row.context,
        }
    )
