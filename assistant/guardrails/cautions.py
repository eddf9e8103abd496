"""Cautions: which prohibited advice a manual's passage teaches.

Read sentence by sentence over folded text. A sentence that warns against a practice, tells what customers do, or is
marked ✗ as a bad example teaches nothing wrong.
"""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import Field

from assistant.guardrails.fold import fold
from assistant.guardrails.rulefile import Pattern, compile_pattern, expand
from assistant.guardrails.sieve import Sieve
from assistant.values import Category
from knowledge import datafile
from knowledge.values import Caution, Value

CAUTIONS = Path(__file__).parent / "words" / "cautions.yaml"
_SENTENCE = re.compile(r"[^。!?;\n]+")
_TITLE = re.compile(
    r"\s*(?:#{1,6}\s|[一二三四五六七八九十\d]{1,3}[、.\uff0e)\uff09]\s*[^\s,\uff0c。!\uff01?\uff1f;\uff1b:\uff1a]{1,8}\s*$)"
)
_BAD_EXAMPLE = re.compile(r"[✗✘×❌]|不要说|反面|错误示范|禁用语|禁语|忌语")


class CautionRule(Value):
    """Prohibited advice. `reason` is for the manager, naming the clause."""

    id: str
    category: Category
    reason: str
    patterns: tuple[Pattern, ...] = Field(min_length=1)


class _File(Value):
    cautions: tuple[CautionRule, ...]
    unless: tuple[Pattern, ...] = ()


class CautionReader:
    """Reads passages by the rules of a data file; DataFileError names file and line of a mistake."""

    def __init__(self, path: Path = CAUTIONS) -> None:
        data = datafile.load(path, _File)
        self._rules = tuple((rule, expand(p)) for rule in data.cautions for p in rule.patterns)
        self._patterns = tuple(compile_pattern(source) for _, source in self._rules)
        self._unless = tuple(compile_pattern(p) for p in data.unless)
        self._sieve = Sieve([source for _, source in self._rules])

    def read(self, text: str) -> tuple[Caution, ...]:
        """One caution for each kind of prohibited advice in the passage, in the order of its words."""
        found: dict[str, Caution] = {}
        bad_examples = False
        for line in text.splitlines():
            if line.lstrip("-* ").startswith("别名") or _TITLE.match(line):
                continue  # a name teaches nothing; what stands under it is read
            if _BAD_EXAMPLE.search(line[:24]):
                bad_examples = not line.lstrip().startswith(("-", "*", "·")) or bad_examples
                continue
            if bad_examples and not line.lstrip().startswith(("-", "*", "·", " ")):
                bad_examples = False
            if not bad_examples:
                for rule, quote in self._line(line):
                    reason = f"{rule.reason};原文「{quote}」"
                    found.setdefault(rule.id, Caution(category=rule.category, reason=reason))
        return tuple(found.values())

    def _line(self, line: str) -> list[tuple[CautionRule, str]]:
        folded = fold(line)
        found: list[tuple[int, CautionRule, str]] = []
        for index in self._sieve.candidates(folded.text):
            for m in self._patterns[index].finditer(folded.text):
                if not self._warned_against(folded.text, m.start(), m.end()):
                    start, end = folded.span(m.start(), m.end())
                    found.append((m.start(), self._rules[index][0], line[start:end]))
                    break
        return [(rule, quote) for _, rule, quote in sorted(found, key=lambda hit: hit[0])]

    def _warned_against(self, text: str, start: int, end: int) -> bool:
        """Whether the sentence around tells against it: a warning before it, or right after."""
        sentence = next((m for m in _SENTENCE.finditer(text) if m.start() <= start < m.end()), None)
        low = max(sentence.start() if sentence else 0, start - 40)
        high = min(sentence.end() if sentence else len(text), end + 24)
        window = text[low:start] + "\n" + text[end:high]
        return any(u.search(window) for u in self._unless)
