"""What was overruled, for the evaluator: candidates for the labelled sets."""

from __future__ import annotations

from assistant.desk.render.markup import chip, empty, esc, tag, with_findings
from assistant.desk.text import Words
from assistant.records import Records
from assistant.records.overrules import Overrule, newest

SHOWN = 50


def listed(records: Records, w: Words) -> str:
    """The newest, each with the words that were found, the reason, who and when; how to have them as a file."""
    rows = newest(records, SHOWN)
    if not rows:
        return empty(w("overrule.none"))
    return "".join(_card(row, w) for row in rows) + tag("p", esc(w("overrule.export")), "k-sub k-minor")


def _card(row: Overrule, w: Words) -> str:
    finding = row.finding
    head = chip(w(f"severity.{finding.severity}")) + chip(w(f"category.{finding.category}"))
    head += tag("span", esc(f"{row.who} · {w(f'overrule.role.{row.role}')} · {row.at:%Y-%m-%d %H:%M} UTC"), "k-meta")
    same = row.reply[finding.span[0] : finding.span[1]] == finding.text  # masking may have moved the words
    text = with_findings(row.reply, [finding] if same else [], language=w.language)
    return tag(
        "div", head + tag("p", text) + tag("p", esc(w("overrule.why", reason=row.reason)), "k-sub"), "k-finding-card"
    )
