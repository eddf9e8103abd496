"""A dry run of a rule: what it would newly find in the newest drafts and in the labelled replies, before it goes live."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assistant.guardrails import CheckContext, Guardrails
from assistant.guardrails.rulefile import RuleFile
from assistant.records import Records
from assistant.values import Category, Finding, Severity
from knowledge.values import Progress, Value

DRAFTS = 1000
"""How many of the newest drafts a dry run reads."""
SUITES = Path(__file__).parents[1] / "evals" / "suites"
_CHUNK = 64

Origin = Literal["draft", "labelled"]


@dataclass(frozen=True)
class Sample:
    """A reply to try a rule on, with what it was said under; `wanted`: whether a block is right, None: nobody said."""

    text: str
    context: CheckContext
    origin: Origin
    wanted: bool | None = None


class Newly(Value):
    """A reply in which the rule would newly find something, at `span`.

    `bare`: were nothing authorised; `allowed`: with what was authorised for it. `wanted` as in Sample.
    """

    text: str
    span: tuple[int, int]
    words: str
    rule: str
    category: Category
    severity: Severity
    origin: Origin
    wanted: bool | None
    bare: bool
    allowed: bool

    @property
    def wrong(self) -> bool:
        """Whether it would be a mistake: labelled good, and blocked as it stands."""
        return self.wanted is False and self.allowed and self.severity == "block"


class Trial(Value):
    """What a dry run found; `fingerprint` is that of the very rule that was tried."""

    fingerprint: str
    drafts: int
    labelled: int
    found: tuple[Newly, ...]

    @property
    def without(self) -> int:
        """How many it would newly find, were nothing authorised."""
        return sum(f.bare for f in self.found)

    @property
    def within(self) -> int:
        """How many it would newly find with what was authorised."""
        return sum(f.allowed for f in self.found)

    @property
    def wrong(self) -> tuple[Newly, ...]:
        return tuple(f for f in self.found if f.wrong)


def fingerprint(file: RuleFile) -> str:
    """Tells one rule from another: any word changed gives another."""
    return hashlib.sha256(file.model_dump_json(by_alias=True).encode("utf-8")).hexdigest()[:16]


def try_out(
    guardrails: Guardrails, file: RuleFile, samples: Iterable[Sample], progress: Progress = lambda *_: None
) -> Trial:
    """Try the rules beside those in force. What these block already is not new."""
    alone = Guardrails.of((file,))
    every = list(samples)
    hits = [(sample, seen) for sample in every if any(seen := _seen_by(alone, sample))]
    found: list[Newly] = []
    for at in range(0, len(hits), _CHUNK):
        chunk = hits[at : at + _CHUNK]
        guardrails.prepare(sample.text for sample, _ in chunk)
        found += [new for sample, seen in chunk if (new := _newly(guardrails, sample, seen))]
        progress("rules.trying", min(at + _CHUNK, len(hits)), len(hits))
    return Trial(
        fingerprint=fingerprint(file),
        drafts=sum(s.origin == "draft" for s in every),
        labelled=sum(s.origin == "labelled" for s in every),
        found=tuple(sorted(found, key=lambda f: (not f.wrong, f.origin))),
    )


_Seen = tuple[Finding | None, Finding | None]
"""What the rules alone find first: were nothing authorised, and with what was."""


def _seen_by(alone: Guardrails, sample: Sample) -> _Seen:
    bare = next(iter(alone.check(sample.text, CheckContext()).findings), None)
    if not sample.context.authorities and sample.context.order is None:
        return bare, bare
    return bare, next(iter(alone.check(sample.text, sample.context).findings), None)


def _newly(guardrails: Guardrails, sample: Sample, seen: _Seen) -> Newly | None:
    """What is new about it; None where the rules in force say as much already."""
    contexts = (CheckContext(), sample.context)
    new = [
        finding if finding and not _known(finding, guardrails.check(sample.text, context).findings) else None
        for finding, context in zip(seen, contexts, strict=True)
    ]
    first = new[1] or new[0]
    if first is None:
        return None
    return Newly(
        text=sample.text,
        span=first.span,
        words=first.text,
        rule=first.rule,
        category=first.category,
        severity=first.severity,
        origin=sample.origin,
        wanted=sample.wanted,
        bare=new[0] is not None,
        allowed=new[1] is not None,
    )


def _known(finding: Finding, today: Sequence[Finding]) -> bool:
    """Whether the reply is blocked today, or, for a warning, whether these words are marked today."""
    if any(f.severity == "block" for f in today):
        return True
    marked = any(f.span[0] < finding.span[1] and finding.span[0] < f.span[1] for f in today)
    return finding.severity == "warn" and marked


def samples(records: Records | None, drafts: int = DRAFTS) -> Iterator[Sample]:
    """The newest drafts as they were said, then every labelled reply of the guard suites."""
    from assistant.records.replies import newest
    from evals.guard import load_cases

    for reply, conversation in newest(records, drafts) if records else ():
        yield Sample(reply, CheckContext.of(conversation), "draft")
    for path in sorted(SUITES.glob("guard*.jsonl")):
        for row in load_cases(path):
            yield Sample(row.reply, row.context, "labelled", row.expect == "block")
