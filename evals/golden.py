"""Golden conversations: real-sounding chats with what a good reply must and must not do, as checks a program runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import Field

from assistant.conversation import Conversation
from assistant.values import CustomerType, Draft, ReplyLanguage, Risk
from evals.checks import (
    Asks,
    Check,
    Cited,
    DoesNotSay,
    Expectation,
    InLanguage,
    MaySend,
    NextStep,
    NoPlaceholder,
    NoRepetition,
    NumbersGrounded,
    Offers,
    OfLength,
    ReadLanguage,
    Says,
    Seen,
    SeesRisk,
    failed,
)
from evals.origin import Sourced, from_file
from evals.values import CheckResult
from knowledge import datafile
from knowledge.values import Passage, Stage, Value

GOLDEN = Path(__file__).parent / "suites" / "golden"


class GoldenCase(Sourced):
    """One golden conversation. `trap` is what a careless reply would do; `reference` a reply a supervisor accepts.

    `must` is said, `must_not` is not; `asks` is asked of the customer, `offers` held out without a negation, `steps` shown to
    the agent beside the reply. `numbers` are those a good reply may work out for itself, such as the days since payment.
    """

    id: str
    stage: Stage
    situation: str
    trade: str
    customer_type: CustomerType = "未定"
    tags: tuple[str, ...] = ()
    added: date
    why: str
    now: datetime = datetime(2026, 11, 20, 14, 10)
    messages: tuple[dict[str, Any], ...]
    order: dict[str, Any] | None = None
    policy: dict[str, Any] = Field(default_factory=dict)
    must: tuple[Expectation, ...] = Field(min_length=1)
    must_not: tuple[Expectation, ...] = ()
    numbers: tuple[float, ...] = ()
    asks: tuple[Expectation, ...] = ()
    offers: tuple[Expectation, ...] = ()
    steps: tuple[Expectation, ...] = ()
    techniques: tuple[str, ...] = ()
    risk: Risk | None = None
    language: ReplyLanguage = "zh-Hans"
    min_chars: int = 15
    max_chars: int = 220
    trap: str = ""
    reference: str = ""

    def conversation(self) -> Conversation:
        data = {"id": self.id, "messages": list(self.messages), "order": self.order, "policy": self.policy}
        return Conversation.read(data)

    @property
    def shown(self) -> str:
        """The talk, a line for each message."""
        return "\n".join(f"{'顾客' if m['role'] == 'customer' else '客服'}:{m['text']}" for m in self.messages)

    @property
    def given(self) -> tuple[str, ...]:
        """Words that a reply may take its numbers from: the chat, the order, what is authorised."""
        said = (m["text"] for m in self.messages)
        return (*said, *map(str, (self.order or {}).values()), *self.policy.get("authorised", ()))


class _File(Value):
    cases: tuple[GoldenCase, ...]


def load_golden(folder: Path = GOLDEN) -> tuple[GoldenCase, ...]:
    """Every golden conversation; DataFileError names file and line of the first mistake."""
    return tuple(case for path in sorted(folder.glob("*.yaml")) for case in read_golden(path))


def read_golden(path: Path) -> tuple[GoldenCase, ...]:
    """The golden conversations of one file; DataFileError as above."""
    return from_file(path, datafile.load(path, _File).cases)


def judge(case: GoldenCase, draft: Draft, passages: Mapping[str, Passage]) -> tuple[CheckResult, ...]:
    """Every check on the draft, in the order in which people read them; `passages` are the cited ones by id."""
    quotes = tuple(c.quote for c in draft.citations)
    seen = Seen(draft.reply, (*case.given, *quotes), draft, passages)
    return tuple(check(seen) for check in (*word_checks(case), *draft_checks(case)))


def wording_faults(case: GoldenCase, reply: str, quotes: tuple[str, ...] = ()) -> tuple[str, ...]:
    """What is wrong with the words themselves, whoever wrote them; `quotes` are passages that lend them their numbers."""
    seen = Seen(reply, (*case.given, *quotes))
    return failed(check(seen) for check in word_checks(case))


def word_checks(case: GoldenCase) -> tuple[Check, ...]:
    """What the words must and must not do, whoever wrote them."""
    return (
        *map(Says, case.must),
        *map(Asks, case.asks),
        *map(Offers, case.offers),
        *map(DoesNotSay, case.must_not),
        InLanguage(case.language),
        OfLength(case.min_chars, case.max_chars),
        NoPlaceholder(),
        NoRepetition(),
        NumbersGrounded(case.numbers),
    )


def draft_checks(case: GoldenCase) -> tuple[Check, ...]:
    """What a draft must be besides its words: fit to send, read rightly, resting on passages."""
    risk = (SeesRisk(case.risk),) if case.risk else ()
    return (MaySend(), ReadLanguage(case.language), *risk, Cited(), *map(NextStep, case.steps))
