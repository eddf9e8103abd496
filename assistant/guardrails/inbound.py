"""What comes in, screened: personal data masked, prompt injection seen. Customers are never refused for being angry.

`screen` reports; `mask` takes personal data out before text leaves the machine or is logged; `restore` puts it back
into a draft that needs it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal

from assistant.guardrails.fold import fold
from assistant.guardrails.personal import PersonalData, PersonalKind, find_personal
from assistant.guardrails.rulefile import Frame, Pattern, compile_pattern, expand
from knowledge import datafile
from knowledge.sieve import Sieve
from knowledge.values import Value

INJECTION = Path(__file__).parent / "words" / "injection.yaml"
_LABELS: dict[PersonalKind, str] = {
    "phone": "电话", "id_number": "证件", "bank_card": "银行卡", "email": "邮箱", "address": "地址",
    "order_number": "单号", "name": "姓名", "plate": "车牌", "account": "账号",
}  # fmt: skip
_MASK = re.compile(r"⟦(?:电话|证件|银行卡|邮箱|地址|单号|姓名|车牌|账号)\d{1,4}⟧")

FENCED = "〔疑似命令,已略去〕"
"""What stands in the place of an injection."""
_MOST = 50
"""Matches of one sign that are told of in one text."""

_SENTENCE = re.compile(r"[^。!?;\n]{1,400}")
_MOST_SENTENCES = 400
"""Sentences of one text that are read for what they order; a conversation has fewer."""

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
    patterns: tuple[Pattern, ...] = ()
    frames: tuple[Frame, ...] = ()


class _File(Value):
    signs: tuple[_Sign, ...]


class _Acts:
    """An order told by words in any order within a sentence."""

    def __init__(self, kind: InjectionKind, frame: Frame) -> None:
        self.kind = kind
        self.sources = tuple(expand(p) for p in frame.all)
        self._all = tuple(compile_pattern(p) for p in frame.all)
        self._none = tuple(compile_pattern(p) for p in frame.none)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        for m in itertools.islice(_SENTENCE.finditer(text), _MOST_SENTENCES):
            said = m.group()
            found = [list(itertools.islice(p.finditer(said), _MOST)) for p in self._all]
            if all(found) and not any(p.search(said) for p in self._none):
                words = [w for words in found for w in words]
                yield m.start() + min(w.start() for w in words), m.start() + max(w.end() for w in words)


class Screener:
    """Looks for injection by the signs of a data file; linear in the text's length."""

    def __init__(self, path: Path = INJECTION) -> None:
        data = datafile.load(path, _File)
        pairs = [(sign.kind, pattern) for sign in data.signs for pattern in sign.patterns]
        self._kinds = tuple(kind for kind, _ in pairs)
        self._patterns = tuple(compile_pattern(pattern) for _, pattern in pairs)
        self._sieve = Sieve([pattern.pattern for pattern in self._patterns])
        self._frames = tuple(_Acts(sign.kind, frame) for sign in data.signs for frame in sign.frames)
        self._acts = Sieve([frame.sources for frame in self._frames])
        self._markup = tuple(compile_pattern(f"(?i){pattern}") for kind, pattern in pairs if kind == "markup")

    def injections(self, text: str) -> tuple[Injection, ...]:
        folded = fold(text)
        found: list[Injection] = []
        for index in self._sieve.candidates(folded.text):
            for m in itertools.islice(self._patterns[index].finditer(folded.text), _MOST):
                start, end = folded.span(m.start(), m.end())
                if end > start:
                    found.append(Injection(kind=self._kinds[index], start=start, end=end, text=text[start:end]))
        for index in self._acts.candidates(folded.text):
            for a, b in self._frames[index].spans(folded.text):
                start, end = folded.span(a, b)
                found.append(Injection(kind=self._frames[index].kind, start=start, end=end, text=text[start:end]))
        for pattern in self._markup:  # folding takes marks away, so mark-up is also looked for in the text as given
            for m in pattern.finditer(text):
                found.append(Injection(kind="markup", start=m.start(), end=m.end(), text=m.group()))
        return tuple(sorted(found, key=lambda i: (i.start, i.end)))


@lru_cache(maxsize=1)
def _screener() -> Screener:
    return Screener()


@lru_cache(maxsize=1024)
def injections(text: str) -> tuple[Injection, ...]:
    """Words that try to instruct the assistant, in order."""
    return _screener().injections(text)


def screen(text: str) -> InboundReport:
    """Injection signs and personal data, each with its span in the text as given."""
    return InboundReport(injections=injections(text), personal=find_personal(text))


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
