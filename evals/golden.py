"""Golden conversations: real-sounding chats with what a good reply must and must not do, as checks a program runs."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from pathlib import Path
from typing import Any

import re2
from pydantic import Field, field_validator

from assistant.conversation import Conversation
from assistant.guardrails.amounts import number
from assistant.situation.script import language_of
from assistant.values import CustomerType, Draft, ReplyLanguage, Risk
from evals.ways import expand
from knowledge import datafile
from knowledge.fold import fold
from knowledge.values import Stage, Value

GOLDEN = Path(__file__).parent / "suites" / "golden"


class Expectation(Value):
    """A meaning, and the ways to say it: any of these patterns found in the folded reply (Simplified, lower case).

    A pattern "@name" stands for a list of `suites/ways.yaml`. `unless` takes back a match that
    one of these patterns covers from before its beginning: 「不能保证明天到」 does not say 「明天到」.
    """

    meaning: str
    any: tuple[str, ...] = Field(min_length=1)
    unless: tuple[str, ...] = ()

    @field_validator("any", "unless")
    @classmethod
    def _patterns_compile(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return expand(value)

    def found_in(self, folded: str) -> str:
        """The words that say it, or ""."""
        spared = [m.span() for pattern in self.unless for m in re2.finditer(pattern, folded)]
        for pattern in self.any:
            for match in re2.finditer(pattern, folded):
                if not any(self._spares(match.start(), match.end(), a, b) for a, b in spared):
                    return str(match.group())
        return ""

    @staticmethod
    def _spares(start: int, end: int, a: int, b: int) -> bool:
        """What negates stands before what it negates: 「没有花生」 is no negation of itself."""
        return a < start and end <= b


class GoldenCase(Value):
    """One golden conversation. `trap` is what a careless reply would do; `reference` a reply a supervisor accepts.

    `numbers` are those a good reply may work out for itself, such as the days since the order was paid.
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


class _File(Value):
    cases: tuple[GoldenCase, ...]


def load_golden(folder: Path = GOLDEN) -> tuple[GoldenCase, ...]:
    """Every golden conversation; DataFileError names file and line of the first mistake."""
    return tuple(case for path in sorted(folder.glob("*.yaml")) for case in datafile.load(path, _File).cases)


def judge(case: GoldenCase, draft: Draft, passages: dict[str, str]) -> tuple[str, ...]:
    """Every reason why the draft is not good enough, in the evaluator's language; none when it is.

    `passages` are the cited passages' texts by id.
    """
    reasons = list(wording_faults(case, draft.reply, tuple(c.quote for c in draft.citations)))
    if draft.verdict != "pass":
        reasons.append(f"护栏结论是 {draft.verdict}:{'、'.join(f.category for f in draft.findings)}")
    if draft.situation.language != case.language:
        reasons.append(f"语言应为 {case.language},看成了 {draft.situation.language}")
    if case.risk and case.risk not in draft.situation.risks:
        reasons.append(f"没有看出风险 {case.risk}")
    return (*reasons, *_citation_faults(draft, passages))


def wording_faults(case: GoldenCase, reply: str, quotes: tuple[str, ...] = ()) -> tuple[str, ...]:
    """What is wrong with the words themselves, whoever wrote them; `quotes` are passages that lend them their numbers."""
    folded = fold(reply)
    reasons = [f"没有{e.meaning}" for e in case.must if not e.found_in(folded)]
    reasons += [f"不该{e.meaning}:「{said}」" for e in case.must_not if (said := e.found_in(folded))]
    if (said := language_of((reply,))) != case.language:
        reasons.append(f"应用 {case.language} 回复,回成了 {said}")
    if not case.min_chars <= len(reply) <= case.max_chars:
        reasons.append(f"长度 {len(reply)} 字,应在 {case.min_chars} 到 {case.max_chars} 之间")
    return (*reasons, *_form_faults(case, reply, quotes))


def _citation_faults(draft: Draft, passages: dict[str, str]) -> list[str]:
    if not draft.citations:
        return ["没有任何依据"]
    return [
        f"引文不在段落 {c.passage_id} 里:「{c.quote}」"
        for c in draft.citations
        if c.quote not in passages.get(c.passage_id, "")
    ]


_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_HAN_NUMBER = re.compile(r"[零〇一二两三四五六七八九十百千万]{1,6}")
_TIME_OF_DAY = re.compile(
    r"(?:上午|中午|下午|晚上|明天|今天|今晚|點|点|by|before|am|pm)\s*\d{1,2}|\d{1,2}\s*(?:点|點|:|am|pm|分钟|分鐘|小时|小時|minutes?|hours?)|96110|12315|12356|12345|1[12]0|119|七天|7\s*天|7\s*日|24\s*小时",
    re.IGNORECASE,
)


def _form_faults(case: GoldenCase, reply: str, quotes: tuple[str, ...]) -> list[str]:
    """What no reply may have: a placeholder, a sentence twice, a number from nowhere."""
    faults = []
    if re.search(r"[{}]|\[[^\]]*\]|XX|××|○○", reply):
        faults.append("留有占位符")
    said = [s.strip() for s in re.split(r"[。！？!?\n]", reply) if len(s.strip()) > 5]
    if len(said) != len(set(said)):
        faults.append("同一句话说了两遍")
    given = " ".join([
        *(m["text"] for m in case.messages), *map(str, (case.order or {}).values()), *case.policy.get("authorised", ()),
        *quotes,
    ])  # fmt: skip
    known = {float(n) for n in _NUMBER.findall(unicodedata.normalize("NFKC", given))} | set(case.numbers)
    known |= {n for words in _HAN_NUMBER.findall(fold(given)) if (n := number(words)) is not None}
    spoken = _TIME_OF_DAY.sub(" ", unicodedata.normalize("NFKC", reply))
    invented = [n for n in _NUMBER.findall(spoken) if float(n) not in known and len(n) > 1]
    if invented:
        faults.append(f"出现了没有来历的数字 {'、'.join(invented)}")
    return faults
