"""Checks that a program runs on a reply, each with its reason; cases are judged by putting them together.

A check is called with what there is to see and answers with a CheckResult. Meanings are authored: many ways of saying one
thing (patterns over the folded reply, `suites/ways.yaml`), with the clauses' stance where it matters, so that
「不能保证明天到」 neither says nor offers 「明天到」.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import re2
from pydantic import Field, field_validator

from assistant.guardrails.amounts import number
from assistant.guardrails.clauses import Reading
from assistant.situation.script import language_of
from assistant.values import Draft, ReplyLanguage, Risk
from evals.text import Said, said
from evals.values import CheckResult
from evals.ways import expand
from knowledge.fold import fold
from knowledge.values import Passage, Value


@dataclass(frozen=True)
class Seen:
    """A reply and what it is judged beside. `given` are words that it may take its numbers from; `passages` those cited,
    by id; `draft` is None where only the words are at hand.
    """

    reply: str
    given: tuple[str, ...] = ()
    draft: Draft | None = None
    passages: Mapping[str, Passage] = field(default_factory=dict)

    @cached_property
    def folded(self) -> str:
        """Simplified, half-width, lower case."""
        return fold(self.reply)

    @cached_property
    def reading(self) -> Reading:
        return Reading(self.folded)


class Check(Protocol):
    """Looks at a reply; the reason is in both languages of the desk."""

    def __call__(self, seen: Seen) -> CheckResult: ...


_ADDRESS = str.maketrans("你", "您")
"""Whoever says 「你」 to a customer says the same thing less formally."""


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
        return tuple(pattern.translate(_ADDRESS) for pattern in expand(value))

    def places(self, folded: str) -> Iterable[tuple[int, int]]:
        """Where it is said: [start, end) in the folded reply."""
        read = folded.translate(_ADDRESS)
        spared = [m.span() for pattern in self.unless for m in re2.finditer(pattern, read)]
        for pattern in self.any:
            for match in re2.finditer(pattern, read):
                if not any(self._spares(match.start(), match.end(), a, b) for a, b in spared):
                    yield match.span()

    def found_in(self, folded: str) -> str:
        """The words that say it, or ""."""
        return next((folded[a:b] for a, b in self.places(folded)), "")

    @staticmethod
    def _spares(start: int, end: int, a: int, b: int) -> bool:
        """What negates stands before what it negates: 「没有花生」 is no negation of itself."""
        return a < start and end <= b


def _result(check: str, passed: bool, reason: Said) -> CheckResult:
    return CheckResult(check=check, passed=passed, reason=reason.zh, reason_en=reason.en)


def _found(what: Expectation, words: str) -> Said:
    return said("check.found", meaning=what.meaning, words=words)


@dataclass(frozen=True)
class Says:
    """The meaning is expressed in one of its ways."""

    what: Expectation

    def __call__(self, seen: Seen) -> CheckResult:
        words = self.what.found_in(seen.folded)
        missing = said("check.says", meaning=self.what.meaning)
        return _result("says", bool(words), _found(self.what, words) if words else missing)


@dataclass(frozen=True)
class DoesNotSay:
    """None of the ways is used."""

    what: Expectation

    def __call__(self, seen: Seen) -> CheckResult:
        words, meaning = self.what.found_in(seen.folded), self.what.meaning
        wrong = said("check.must_not", meaning=meaning, words=words)
        return _result("does-not", not words, wrong if words else said("check.is_not_said", meaning=meaning))


@dataclass(frozen=True)
class Asks:
    """The meaning is asked, or the customer is asked for it: in a sentence with a question or a request."""

    what: Expectation

    def __call__(self, seen: Seen) -> CheckResult:
        for start, end in self.what.places(seen.folded):
            a, b = seen.reading.clause_at(start).sentence
            sentence = seen.folded[a : b + 1]
            if _ASKING.search(sentence):
                return _result("asks", True, _found(self.what, seen.folded[start:end]))
        return _result("asks", False, said("check.asks", meaning=self.what.meaning))


_ASKING = re.compile(
    r"[?]|吗|请问|麻烦|方便|能不能|是不是|有没有|可以(?:告诉|发|拍)|(?:告诉|发给?)我|\b(?:please|could you|may i)\b"
)


@dataclass(frozen=True)
class Offers:
    """The meaning is held out as something that will be done: said, and neither negated, asked, quoted nor hypothetical."""

    what: Expectation

    def __call__(self, seen: Seen) -> CheckResult:
        spoken = ""
        for start, end in self.what.places(seen.folded):
            stances = seen.reading.stances(start, end)
            spoken = seen.folded[start:end]
            if not stances & {"negated", "quoted", "attributed", "supposed"}:
                return _result("offers", True, _found(self.what, spoken))
        key = "check.only_mentioned" if spoken else "check.offers"
        return _result("offers", False, said(key, meaning=self.what.meaning, words=spoken))


@dataclass(frozen=True)
class InLanguage:
    language: ReplyLanguage

    def __call__(self, seen: Seen) -> CheckResult:
        found = language_of((seen.reply,))
        return _result("language", found == self.language, said("check.language", wanted=self.language, found=found))


@dataclass(frozen=True)
class OfLength:
    """Between `least` and `most` characters."""

    least: int
    most: int

    def __call__(self, seen: Seen) -> CheckResult:
        length = len(seen.reply)
        reason = said("check.length", length=length, least=self.least, most=self.most)
        return _result("length", self.least <= length <= self.most, reason)


class NoPlaceholder:
    """Nothing is left that somebody should have filled in."""

    def __call__(self, seen: Seen) -> CheckResult:
        return _result("placeholder", not re.search(r"[{}]|\[[^\]]*\]|XX|××|○○", seen.reply), said("check.placeholder"))


class NoRepetition:
    """No sentence stands in the reply twice."""

    def __call__(self, seen: Seen) -> CheckResult:
        sentences = [s.strip() for s in re.split(r"[。！？!?\n]", seen.reply) if len(s.strip()) > 5]
        return _result("repetition", len(sentences) == len(set(sentences)), said("check.repetition"))


_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_HAN_NUMBER = re.compile(r"[零〇一二两三四五六七八九十百千万]{1,6}")
_ENUMERATED = re.compile(r"[①-⑳⑴-⒇]")
"""Which of several questions is answered is no number that was said."""
_SPOKEN_MEASURE = re.compile(r"(\d+)(?:米|块|元|斤)(\d{1,2})(?!\d)")
"""「2米6」 is 2.6 and 「32块5」 is 32.5."""
_TIME_OF_DAY = re.compile(
    r"(?:上午|中午|下午|晚上|明天|今天|今晚|點|点|by|before|am|pm)\s*\d{1,2}|\d{1,2}\s*(?:点|點|:|am|pm|分钟|分鐘|小时|小時|minutes?|hours?)|96110|12315|12356|12345|1[12]0|119|七天|7\s*天|7\s*日|24\s*小时",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class NumbersGrounded:
    """No number from nowhere: each stands in what was given or in a cited passage, or is one of `also`."""

    also: tuple[float, ...] = ()

    def __call__(self, seen: Seen) -> CheckResult:
        given = " ".join(seen.given)
        given += " " + " ".join(f"{whole}.{part}" for whole, part in _SPOKEN_MEASURE.findall(given))
        known = {float(n) for n in _NUMBER.findall(unicodedata.normalize("NFKC", given))} | set(self.also)
        known |= {n for words in _HAN_NUMBER.findall(fold(given)) if (n := number(words)) is not None}
        spoken = unicodedata.normalize("NFKC", _ENUMERATED.sub(" ", seen.reply))
        spoken = _TIME_OF_DAY.sub(" ", _SPOKEN_MEASURE.sub(r"\1.\2", spoken))
        invented = [n for n in _NUMBER.findall(spoken) if float(n) not in known and len(n) > 1]
        return _result("numbers", not invented, said("check.numbers", numbers="、".join(invented)))


class MaySend:
    """The guardrails let the draft pass."""

    def __call__(self, seen: Seen) -> CheckResult:
        if seen.draft is None:
            return _result("verdict", False, said("check.no_verdict"))
        found = "、".join(f.category for f in seen.draft.findings)
        reason = said("check.verdict", verdict=seen.draft.verdict, found=found)
        return _result("verdict", seen.draft.verdict == "pass", reason)


@dataclass(frozen=True)
class ReadLanguage:
    """The conversation was read as being in this language."""

    language: ReplyLanguage

    def __call__(self, seen: Seen) -> CheckResult:
        read = seen.draft.situation.language if seen.draft else "-"
        reason = said("check.read_language", wanted=self.language, found=read)
        return _result("read-language", read == self.language, reason)


@dataclass(frozen=True)
class SeesRisk:
    """The conversation was read as holding this risk."""

    risk: Risk

    def __call__(self, seen: Seen) -> CheckResult:
        risks = seen.draft.situation.risks if seen.draft else ()
        return _result("risk", self.risk in risks, said("check.risk", risk=self.risk))


class Cited:
    """The draft rests on something, and every quote stands in the passage that it is taken from."""

    def __call__(self, seen: Seen) -> CheckResult:
        citations = seen.draft.citations if seen.draft else ()
        if not citations:
            return _result("citations", False, said("check.no_citations"))
        wrong = [
            c for c in citations if c.passage_id not in seen.passages or c.quote not in seen.passages[c.passage_id].text
        ]
        told = [said("check.citation", passage=c.passage_id, quote=c.quote) for c in wrong]
        reason = Said(zh=";".join(t.zh for t in told), en="; ".join(t.en for t in told))
        return _result("citations", not wrong, reason)


@dataclass(frozen=True)
class CitesTechnique:
    """One of the cited passages teaches one of these techniques."""

    techniques: tuple[str, ...]

    def __call__(self, seen: Seen) -> CheckResult:
        cited = {t for p in seen.passages.values() for t in p.techniques}
        wanted = "、".join(self.techniques)
        return _result("technique", not cited.isdisjoint(self.techniques), said("check.technique", wanted=wanted))


@dataclass(frozen=True)
class NextStep:
    """One of the steps shown to the agent is this one."""

    what: Expectation

    def __call__(self, seen: Seen) -> CheckResult:
        steps = fold("\n".join(seen.draft.next_steps)) if seen.draft else ""
        found = self.what.found_in(steps)
        missing = said("check.next_step", meaning=self.what.meaning)
        return _result("next-step", bool(found), _found(self.what, found) if found else missing)


def failed(results: Iterable[CheckResult]) -> tuple[str, ...]:
    """The reasons of those that failed, in order, in Chinese."""
    return tuple(r.reason for r in results if not r.passed)


def failed_en(results: Iterable[CheckResult]) -> tuple[str, ...]:
    """The same in English."""
    return tuple(r.told("en") for r in results if not r.passed)
