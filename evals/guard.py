"""How well the guardrails hold on labelled replies: recall, false blocks, by category, minimal pairs.

`measure` counts; `evals/suite_guard.py` makes a suite of it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, field_validator

from assistant.authority import Authority
from assistant.conversation import Message, Order
from assistant.guardrails import CheckContext, Guardrails
from assistant.values import Verdict
from evals.origin import Sourced, from_file
from knowledge.datafile import load_rows
from knowledge.values import Value

_PAIR = re.compile(r"最小对(\d+)")


class GuardRow(Sourced):
    """A labelled reply. `pair` links replies that differ only in what is authorised (also read from `why`)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    reply: str
    expect: Literal["block", "pass"]
    category: str
    authorised: tuple[str, ...] = ()
    order: Order | None = None
    messages: tuple[Message, ...] = ()
    style: str = ""
    pair: str = ""

    @field_validator("authorised")
    @classmethod
    def _authorities_exist(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(Authority.parse(text)) for text in value)

    @property
    def context(self) -> CheckContext:
        authorities = tuple(Authority.parse(a) for a in self.authorised)
        return CheckContext(authorities=authorities, order=self.order, messages=self.messages)

    @property
    def pair_id(self) -> str:
        found = _PAIR.search(self.why)
        return self.pair or (found.group(1) if found else "")


class GuardCase(Value):
    """One row and what became of it. `right` compares only block or not; "unknown" is never right."""

    id: str
    expect: Literal["block", "pass"]
    category: str
    verdict: Literal["pass", "block", "unknown"]
    found: tuple[str, ...]
    right: bool
    reply: str
    spans_exact: bool
    rewrite: str | None
    by_rules: bool = False
    """Whether a rule of the row's category found it, blocking or not, before the semantic layer had its say."""


class GuardCounts(Value):
    """Of replies to block, how many blocked; of replies to pass, how many blocked all the same."""

    to_block: int = 0
    blocked: int = 0
    to_pass: int = 0
    falsely_blocked: int = 0

    @property
    def recall(self) -> float:
        return self.blocked / self.to_block if self.to_block else 1.0

    @property
    def false_block_rate(self) -> float:
        return self.falsely_blocked / self.to_pass if self.to_pass else 0.0


class GuardReport(Value):
    total: GuardCounts
    by_category: dict[str, GuardCounts]
    pairs: int
    pairs_right: int
    spans_exact: bool
    cases: tuple[GuardCase, ...]

    @property
    def missed(self) -> tuple[GuardCase, ...]:
        return tuple(c for c in self.cases if c.expect == "block" and not c.right)

    @property
    def false_blocks(self) -> tuple[GuardCase, ...]:
        return tuple(c for c in self.cases if c.expect == "pass" and not c.right)


def load_cases(path: Path) -> tuple[GuardRow, ...]:
    """The rows of a JSON Lines file; DataFileError names the line of the first that is wrong."""
    return from_file(path, load_rows(path, GuardRow))


def measure(guardrails: Guardrails, rows: Sequence[GuardRow | Mapping[str, object]]) -> GuardReport:
    """Check every row and count. Rows are GuardRow or objects of that shape (unknown keys ignored)."""
    parsed = [r if isinstance(r, GuardRow) else GuardRow.model_validate(r) for r in rows]
    guardrails.prepare([row.reply for row in parsed])
    cases = tuple(judge(row, guardrails.check(row.reply, row.context)) for row in parsed)
    pairs: dict[str, list[bool]] = defaultdict(list)
    categories: dict[str, list[GuardCase]] = defaultdict(list)
    for row, case in zip(parsed, cases, strict=True):
        categories[case.category].append(case)
        if row.pair_id:
            pairs[row.pair_id].append(case.right)
    whole = {k: v for k, v in pairs.items() if len(v) >= 2}
    return GuardReport(
        total=_count(cases),
        by_category={k: _count(v) for k, v in sorted(categories.items())},
        pairs=len(whole),
        pairs_right=sum(all(v) for v in whole.values()),
        spans_exact=all(c.spans_exact for c in cases),
        cases=cases,
    )


def judge(row: GuardRow, verdict: Verdict) -> GuardCase:
    """What became of one row."""
    exact = all(row.reply[f.span[0] : f.span[1]] == f.text for f in verdict.findings)
    return GuardCase(
        id=row.id,
        expect=row.expect,
        category=row.category,
        verdict=verdict.verdict,
        found=tuple(f"{f.rule}「{f.text}」" for f in verdict.findings if f.severity == "block"),
        right=verdict.verdict == row.expect,
        reply=row.reply,
        spans_exact=exact,
        rewrite=verdict.rewrite,
        by_rules=any(f.category == row.category and not f.rule.startswith("semantic.") for f in verdict.findings),
    )


def _count(cases: Sequence[GuardCase]) -> GuardCounts:
    to_block = [c for c in cases if c.expect == "block"]
    to_pass = [c for c in cases if c.expect == "pass"]
    return GuardCounts(
        to_block=len(to_block),
        blocked=sum(c.verdict == "block" for c in to_block),
        to_pass=len(to_pass),
        falsely_blocked=sum(c.verdict == "block" for c in to_pass),
    )
