"""What comes in, screened: personal data masked, prompt injection seen. Customers are never refused for being angry.

`screen` reports; `mask` takes personal data out before text leaves the machine or is logged; `restore` puts it back
into a draft that needs it.
"""

from __future__ import annotations

import itertools
import re
from functools import lru_cache
from pathlib import Path
from typing import Literal

from assistant.guardrails.fold import fold
from assistant.guardrails.personal import PersonalData, PersonalKind, find_personal
from assistant.guardrails.rulefile import Pattern, compile_pattern
from assistant.guardrails.sieve import Sieve
from knowledge import datafile
from knowledge.values import Value

INJECTION = Path(__file__).parent / "words" / "injection.yaml"
_LABELS: dict[PersonalKind, str] = {
    "phone": "电话", "id_number": "证件", "bank_card": "银行卡", "email": "邮箱", "address": "地址",
    "order_number": "单号", "name": "姓名", "plate": "车牌",
}  # fmt: skip
_MASK = re.compile(r"⟦(?:电话|证件|银行卡|邮箱|地址|单号|姓名|车牌)\d{1,4}⟧")

FENCED = "〔疑似命令,已略去〕"
"""What stands in the place of an injection."""
_MOST = 50
"""Matches of one sign that are told of in one text."""

InjectionKind = Literal["override", "reveal", "role", "markup", "tool"]


class Injection(Value):
    """Words that try to instruct the assistant: text[start:end) of the text as given."""

    kind: InjectionKind
    start: int
    end: int
    text: str


class InboundReport(Value):
    """What was seen in a customer's message or a document."""

    injections: tuple[Injection, ...] = ()
    personal: tuple[PersonalData, ...] = ()

    @property
    def suspicious(self) -> bool:
        return bool(self.injections)


class Masked(Value):
    """A text without its personal data, and what stands behind each mask."""

    text: str
    originals: dict[str, str]


class _Sign(Value):
    kind: InjectionKind
    patterns: tuple[Pattern, ...]


class _File(Value):
    signs: tuple[_Sign, ...]


class Screener:
    """Looks for injection by the signs of a data file; linear in the text's length."""

    def __init__(self, path: Path = INJECTION) -> None:
        data = datafile.load(path, _File)
        pairs = [(sign.kind, pattern) for sign in data.signs for pattern in sign.patterns]
        self._kinds = tuple(kind for kind, _ in pairs)
        self._patterns = tuple(compile_pattern(pattern) for _, pattern in pairs)
        self._sieve = Sieve([pattern.pattern for pattern in self._patterns])
        self._markup = tuple(compile_pattern(f"(?i){pattern}") for kind, pattern in pairs if kind == "markup")

    def injections(self, text: str) -> tuple[Injection, ...]:
        folded = fold(text)
        found: list[Injection] = []
        for index in self._sieve.candidates(folded.text):
            for m in itertools.islice(self._patterns[index].finditer(folded.text), _MOST):
                start, end = folded.span(m.start(), m.end())
                if end > start:
                    found.append(Injection(kind=self._kinds[index], start=start, end=end, text=text[start:end]))
        for pattern in self._markup:  # folding takes marks away, so mark-up is also looked for in the text as given
            for m in pattern.finditer(text):
                found.append(Injection(kind="markup", start=m.start(), end=m.end(), text=m.group()))
        return tuple(sorted(found, key=lambda i: (i.start, i.end)))


@lru_cache(maxsize=1)
def _screener() -> Screener:
    return Screener()


def screen(text: str) -> InboundReport:
    """Injection signs and personal data, each with its span in the text as given."""
    return InboundReport(injections=_screener().injections(text), personal=find_personal(text))


def mask(text: str) -> Masked:
    """The text with each piece of personal data replaced by a mask such as ⟦电话1⟧; equal pieces share one."""
    originals: dict[str, str] = {}
    masks: dict[tuple[PersonalKind, str], str] = {}
    counts: dict[PersonalKind, int] = {}
    parts: list[str] = []
    done = 0
    for data in find_personal(text):
        key = (data.kind, data.text)
        if key not in masks:
            number = counts.get(data.kind, 0) + 1
            while (name := f"⟦{_LABELS[data.kind]}{number}⟧") in text:  # never answer to a mask the text brought along
                number += 1
            counts[data.kind] = number
            masks[key] = name
            originals[name] = data.text
        parts += [text[done : data.start], masks[key]]
        done = data.end
    return Masked(text="".join([*parts, text[done:]]), originals=originals)


def restore(text: str, originals: dict[str, str]) -> str:
    """The text with known masks put back; unknown ones stay as they are."""
    return _MASK.sub(lambda m: originals.get(m.group(), m.group()), text)


def neutralise(text: str, report: InboundReport) -> str:
    """The text with injections fenced off, for a model to read as the customer's words and nothing else."""
    parts: list[str] = []
    done = 0
    for injection in report.injections:
        if injection.end <= done:
            continue
        if injection.start >= done:
            parts += [text[done : injection.start], FENCED]
        done = injection.end
    return "".join([*parts, text[done:]])
