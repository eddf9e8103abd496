"""Cautions: which prohibited advice a manual's passage teaches.

Read sentence by sentence over folded text. A sentence that warns against a practice, tells what customers do, or is
marked ✗ as a bad example teaches nothing wrong. A script that no shop could authorise (a paid review, a contact outside
the platform, "never again", an invented cost) is also found by the rules for replies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from pydantic import Field

from assistant.guardrails.advice.letters import AdviceReader, sentences
from assistant.guardrails.fold import fold
from assistant.guardrails.rulefile import Pattern, compile_pattern, expand
from assistant.values import Category, Finding
from knowledge import datafile
from knowledge.sieve import Sieve
from knowledge.values import Caution, Value

CAUTIONS = Path(__file__).parent / "words" / "cautions.yaml"
_SENTENCE = re.compile(r"(?:[^。!?;\n.]|\.(?! |$))+")
_CLAUSE = re.compile("[,:]")
BEFORE, AFTER = 40, 24
"""Folded characters on either side of the words in which a warning is looked for."""
OPENING = 2
"""Folded characters that may stand before the ban that a sentence opens with."""
_TITLE = re.compile(
    r"\s*(?:#{1,6}\s|[一二三四五六七八九十\d]{1,3}[、.\uff0e)\uff09]\s*[^\s,\uff0c。!\uff01?\uff1f;\uff1b:\uff1a]{1,8}\s*$)"
)
_NEVER: frozenset[Category] = frozenset({"promise.no_recurrence", "off_platform", "review_manipulation"})
"""Categories that no authority discharges, whose rules read instructions as well as replies."""
_DENIES = re.compile("[不没绝无]|杜绝|避免|never|again", re.IGNORECASE)
_INSTRUCTS = re.compile(
    "[说讲领送劝]|回[复他她:]|转[0-9给到]|答复|话术|用语|告诉|告知|客服|可以|可先|应当?|[请让给您亲把拉]|保证|安排|tell|offer|ask|you"
)
_SAID_BY = re.compile(r"有人|顾客|客户|买家|对方|客人|群发|陌生人")
_MARKER = re.compile(r"^\s*(?:[-*•]|[(\uff08]?[\d一二三四五六七八九十]{1,3}[、.)\uff09])\s*")
_NOT_ADVICE = ("别名", "何时用", "适用场景", "适用情境")
_BAD_EXAMPLE = re.compile(r"[✗✘×❌]|不要说|反面|错误示范|禁用语|禁语|忌语")


def told_of_customers(text: str, start: int) -> bool:
    """Whether what begins at `start` stands in quotation marks as something that customers may say: 有人让您“照念这句”."""
    line = text[text.rfind("\n", 0, start) + 1 : start]
    opened = max(line.rfind(mark) for mark in "“「『")
    closed = max(line.rfind(mark) for mark in "”」』")
    return opened > closed and _SAID_BY.search(line[:opened]) is not None


def without(text: str, quote: str) -> str:
    """A passage without the sentences that hold the quoted words, and without lines of which nothing is left; the text itself
    where the words do not stand in it.
    """
    at = text.find(quote) if quote else -1
    if at < 0:
        return text
    left, last = [], 0
    for start, end in sentences(text):
        if start < at + len(quote) and end > at:
            left.append(text[last:start])
            last = end
    lines = "".join((*left, text[last:])).split("\n")
    before = set(text.split("\n"))
    return "\n".join(
        line for line in lines if line in before or any(c.isalnum() for c in _MARKER.sub("", line))
    ).strip()


class CautionRule(Value):
    """Prohibited advice. `reason` is for the manager, naming the clause, and `reason_en` says it in English; `unless`, found
    in the sentence, lifts it.
    """

    id: str
    category: Category
    reason: str = Field(pattern=r"[(（].{4,}[)）]")
    reason_en: str = Field(pattern=r"\(.{4,}\)")
    patterns: tuple[Pattern, ...] = Field(min_length=1)
    unless: tuple[Pattern, ...] = ()


class _File(Value):
    """What lifts a caution, and how far from the words it speaks of, is said in the file; `customers`, in the same clause
    before, says that it is they who do it.
    """

    cautions: tuple[CautionRule, ...]
    forbids: tuple[Pattern, ...] = ()
    condemns: tuple[Pattern, ...] = ()
    reports: tuple[Pattern, ...] = ()
    marks: tuple[Pattern, ...] = ()
    directs: tuple[Pattern, ...] = ()
    customers: tuple[Pattern, ...] = ()


class _Warnings:
    """Whether words of a manual are told as a warning, judged by what stands around them in their sentence."""

    def __init__(self, data: _File) -> None:
        self._forbids, self._condemns, self._reports, self._marks, self._directs, self._customers = (
            tuple(compile_pattern(p) for p in own)
            for own in (data.forbids, data.condemns, data.reports, data.marks, data.directs, data.customers)
        )

    def against(self, before: str, words: str, after: str) -> bool:
        """Folded `before` and `after` are the rest of the sentence on either side of the words."""
        clause = _CLAUSE.split(before)[-1]
        rest = after[:AFTER]
        return (
            self._forbidden(before[-BEFORE:], words)
            or any(c.search(clause) or c.search(rest) for c in self._condemns)
            or any(r.search(clause) for r in (*self._reports, *self._customers))
            or any(m.search(before) or m.search(rest) for m in self._marks)
        )

    def condemned(self, sentence: str) -> bool:
        """Whether a folded sentence ends in saying that what it tells of is wrong: 返现换好评,属于违规。"""
        return any(c.search(_CLAUSE.split(sentence)[-1]) for c in self._condemns)

    def banned(self, sentence: str) -> bool:
        """Whether a folded sentence opens with a ban and directs nothing else after it: 切勿私下交易。"""
        first, *further = _CLAUSE.split(sentence)
        opens = any((m := f.search(first)) and m.start() <= OPENING for f in self._forbids)
        return opens and not any(d.search(clause) for clause in further for d in self._directs)

    def _forbidden(self, before: str, words: str) -> bool:
        """A ban reaches to the end of its clause, and on through clauses that direct nothing else."""
        ends = [m.end() for f in self._forbids for m in f.finditer(before)]
        if not ends:
            return False
        _, *further = _CLAUSE.split(before[max(ends) :])
        return not further or not any(d.match(words) or any(map(d.search, further)) for d in self._directs)


Scripts = Callable[[str], Iterable[Finding]]
"""What the rules for replies find in a line, were it said to a customer."""


class CautionReader:
    """Reads passages by the rules of a data file; DataFileError names file and line of a mistake."""

    def __init__(self, path: Path = CAUTIONS, scripts: Scripts | None = None) -> None:
        self._scripts = scripts
        data = datafile.load(path, _File)
        self._rules = tuple((rule, expand(p)) for rule in data.cautions for p in rule.patterns)
        self._patterns = tuple(compile_pattern(source) for _, source in self._rules)
        self._warnings = _Warnings(data)
        self._unless_of = {rule.id: tuple(compile_pattern(p) for p in rule.unless) for rule in data.cautions}
        self._advice = AdviceReader() if path == CAUTIONS else None
        self._by_id = {rule.id: rule for rule in data.cautions}
        self._sieve = Sieve([source for _, source in self._rules])

    def read(self, text: str) -> tuple[Caution, ...]:
        """One caution for each kind of prohibited advice in the passage, in the order of its words."""
        found: dict[str, Caution] = {}
        bad_examples = False
        for line in text.splitlines():
            if line.lstrip("-* ").startswith(_NOT_ADVICE) or _TITLE.match(line):
                continue  # a name or an occasion teaches nothing; what stands under it is read
            if _BAD_EXAMPLE.search(line[:24]):
                bad_examples = not line.lstrip().startswith(("-", "*", "·")) or bad_examples
                continue
            if bad_examples and not line.lstrip().startswith(("-", "*", "·", " ")):
                bad_examples = False
            if not bad_examples:
                for rule, quote in self._line(line):
                    reason = f"{rule.reason};原文「{quote}」"
                    english = f"{rule.reason_en}; the text says “{quote}”"
                    caution = Caution(category=rule.category, reason=reason, reason_en=english, quote=quote)
                    found.setdefault(rule.id, caution)
                for finding in self._taught(line):
                    if all(c.category != finding.category for c in found.values()):
                        reason = f"照这段话回复会被拦:{finding.message};原文「{finding.text}」"
                        english = (
                            f"A reply made of this is blocked: {finding.said('en')}; the text says “{finding.text}”"
                        )
                        found[finding.rule] = Caution(
                            category=finding.category, reason=reason, reason_en=english, quote=finding.text
                        )
                for caution in () if found else self._heard(line):
                    found.setdefault(caution.reason, caution)
        return tuple(found.values())

    def by_patterns(self, line: str) -> Iterator[str]:
        """Ids of the rules whose patterns find something in a line."""
        yield from (rule.id for rule, _ in self._line(line))

    def _heard(self, line: str) -> list[Caution]:
        """What sounds like authored lines of prohibited advice though no pattern knows it."""
        out = []
        for heard in self._advice.read(line) if self._advice else ():
            rule, quote = self._by_id[heard.kind], line[heard.start : heard.end].strip()
            said = fold(quote).text
            if not (
                told_of_customers(line, heard.start) or self._warnings.condemned(said) or self._warnings.banned(said)
            ):
                reason = f"{rule.reason};原文「{quote}」,读来像「{heard.example}」"
                english = f"{rule.reason_en}; the text says “{quote}”, which reads like “{heard.example}”"
                out.append(Caution(category=rule.category, reason=reason, reason_en=english, quote=quote))
        return out

    def _taught(self, line: str) -> list[Finding]:
        """What no shop could authorise in a line that instructs or speaks to a customer."""
        if self._scripts is None:
            return []
        found = []
        for finding in self._scripts(line):
            prohibited = finding.rule == "price.invented" or finding.category in _NEVER
            if finding.category == "promise.no_recurrence" and not _DENIES.search(finding.text):
                continue  # 「到此为止」 promises it to a customer; in a manual it ends a chapter
            if finding.severity == "block" and prohibited and not self._told(line, *finding.span):
                found.append(finding)
        return found

    def _told(self, line: str, start: int, end: int) -> bool:
        """Whether words of a line are told as a warning, or nobody is told to say or do them."""
        folded = fold(line)
        before, after = fold(line[:start]).text, fold(line[end:]).text
        sentence = _SENTENCE.findall(before + "\n")[-1:] if not before.endswith(tuple("。!?;")) else []
        rest = re.split(r"[。!?;\n]|\.(?= |$)", after)[0]
        words = "".join(sentence) + folded.text[len(before) : len(folded.text) - len(after)] + rest
        return self._warnings.against("".join(sentence), fold(line[start:end]).text, rest) or not _INSTRUCTS.search(
            words
        )

    def _line(self, line: str) -> list[tuple[CautionRule, str]]:
        folded = fold(line)
        found: list[tuple[int, CautionRule, str]] = []
        for index in self._sieve.candidates(folded.text):
            rule = self._rules[index][0]
            for m in self._patterns[index].finditer(folded.text):
                if not self._warned_against(rule, folded.text, m.start(), m.end()):
                    start, end = folded.span(m.start(), m.end())
                    found.append((m.start(), rule, line[start:end]))
                    break
        return [(rule, quote) for _, rule, quote in sorted(found, key=lambda hit: hit[0])]

    def _warned_against(self, rule: CautionRule, text: str, start: int, end: int) -> bool:
        """Whether the sentence around tells against it: a warning before it or right after, or the rule's own unless."""
        sentence = next((m for m in _SENTENCE.finditer(text) if m.start() <= start < m.end()), None)
        low, high = sentence.span() if sentence else (0, len(text))
        whole = sentence.group() if sentence else text
        return self._warnings.against(text[low:start], text[start:end], text[end:high]) or any(
            u.search(whole) for u in self._unless_of[rule.id]
        )
