"""Rules over a folded reply: which match, and which of those stand once stance and authority are weighed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import re2

from assistant.guardrails.clauses import Reading, Stance, still_to_be_asked
from assistant.guardrails.commitment import Commitment
from assistant.guardrails.ledger import Ledger
from assistant.guardrails.rulefile import Frame, Rule, RuleFile, compile_pattern, expand
from assistant.values import Severity
from knowledge.sieve import Sieve

_HARMLESS: frozenset[Stance] = frozenset({"negated", "asked", "quoted", "attributed", "conditional"})
_HARMLESS_PROMISE: frozenset[Stance] = _HARMLESS | {"reported"}
_STATED_SUM = frozenset({"compensation", "price", "coupon", "gift", "third_party"})
_OF_THE_CUSTOMER = frozenset({"gift", "exchange", "ship_by", "price_protection", "coupon", "refund", "return_freight"})
"""What a customer may be asked to do as well: 请放一张纸条在包裹里."""
_TIMED = frozenset({"ship_by", "deliver_by", "refund_arrival"})
_PAST = re.compile(
    r"^(?:您|你)?(?:是)?(?:周|星期|礼拜)[一二三四五六日天](?:上午|下午|晚上)?收到(?:的|货)?$|昨|已[于在]|前(?:天|晚|几天|日)|上(?:周|星期|礼拜|个?月|次|回)|(?:发|到|送|寄|签收|揽收)(?:出|达|货)?(?:了|过)(?!吗|么)|已经?(?:发|到|送|寄|签|揽|出)|\b(?:yesterday|last|was|were|has been|already)\b"
)
"""What happened is no promise: 前天晚上从广州发出."""
_UNSURE = re.compile(
    r"能不能|是不是|会不会|可不可以|要不要|是否|有没有|不能|无法|没法|没办法|不敢|不可以|不支持|不保证|不承诺|不答应|没答应|不一定|不随"
    r"|n't\b|\bnot\b|\bcannot\b|\bnever\b|\bunable\b"
)
"""Words inside a match that turn a promise into none."""
_ANSWERS = re.compile(
    r"[^,。;!?]*(?:点(?:半|整|钟)?(?:之?前)?|小时(?:之?内)?|分钟(?:之?内)?)[^,。;!?]{0,8}(?:回(?:您|你)|回复|答复|告诉(?:您|你)|给(?:您|你)(?:个)?(?:准|回|答|消息|结果))[^,。;!?]*"
    r"|[^,。;!?]*(?:收到|拿到|签收|到货|到手)(?:了|后|之后|以后)?[^,。;!?]{0,6}(?:麻烦|请|记得|辛苦|劳烦|劳驾)[^,。;!?]*"
    r"|[^,。;!?]*(?:麻烦|请|记得|辛苦|劳烦|劳驾)[^,。;!?]{0,6}(?:收到|拿到|签收|到货|到手)(?:了|后|之后|以后)[^,。;!?]*"
)
"""A clause that says by when we answer, or asks for a word once something came: it says nothing of a promise in the clause before
(保证明天送到,下午3点前回您)."""
_MOST_MATCHES = 40
"""Matches of one pattern that are weighed in one reply; more say nothing new."""
_FRAME_REACH = 60
"""How far from its first word the other words of a frame are looked for."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a reply breaks at folded[start:end)."""

    file: RuleFile
    rule: Rule
    start: int
    end: int

    @property
    def severity(self) -> Severity:
        return self.rule.severity or self.file.severity


_OTHER_WORDS = frozenset({"难怪", "奇怪", "见怪", "豆包", "面包", "背包", "书包"})
"""A match may not begin in the middle of one, and RE2 looks behind nothing: 难怪您着急 blames nobody, 豆包陪了您十四年 insures nothing."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    """One pattern of a rule; of a frame, its first word, with the words that must (not) stand beside it."""

    file: RuleFile
    rule: Rule
    sources: tuple[str, ...]
    pattern: re2._Regexp
    frame: Frame | None
    beside: tuple[re2._Regexp, ...]
    barred: tuple[re2._Regexp, ...]
    unless: tuple[re2._Regexp, ...]
    within: tuple[re2._Regexp, ...]
    lifted_by: frozenset[Stance]


class RuleBook:
    """All rules, compiled once, at the first reply. One pass over it finds the patterns worth a closer look."""

    def __init__(self, files: Sequence[RuleFile]) -> None:
        self.files = tuple(files)

    @cached_property
    def _compiled(self) -> tuple[_Compiled, ...]:
        return tuple(_compile(self.files))

    @cached_property
    def _sieve(self) -> Sieve:
        usual = (example.reply for file in self.files for example in (*file.block, *file.passes))
        return Sieve([compiled.sources for compiled in self._compiled], usual)

    def breaches(self, reading: Reading, ledger: Ledger) -> list[Breach]:
        """Every breach of a reply, in the order of its words."""
        text = reading.text
        encoded = text.encode("utf-8")
        hits: list[tuple[int, int, _Compiled]] = []
        for index in self._sieve.candidates(text):
            compiled = self._compiled[index]
            if compiled.pattern.search(encoded) is None:
                continue  # most of them
            for start, end in _matches(compiled.pattern, encoded):
                if compiled.frame is None:
                    hits.append((start, end, compiled))
                elif (span := _framed(compiled, reading, start, end)) is not None:
                    hits.append((*span, compiled))
        hits.sort(key=lambda hit: (hit[0], -hit[1], hit[2].rule.id))
        return [
            Breach(compiled.file, compiled.rule, start, end)
            for start, end, compiled in hits
            if _stands(compiled, reading, ledger, start, end)
        ]


def _matches(pattern: re2._Regexp, encoded: bytes) -> Iterator[tuple[int, int]]:
    """Character spans of a byte pattern's matches; bytes spare RE2 one encoding of the text for each pattern."""
    for count, m in enumerate(pattern.finditer(encoded)):
        if count >= _MOST_MATCHES:
            return
        if m.end() > m.start():
            start = len(encoded[: m.start()].decode("utf-8"))
            end = m.end()
            while encoded[end - 1 : end].isdigit() and encoded[end : end + 1].isdigit():
                end += 1  # a number is found whole: 减25, not 减2
            yield start, start + len(encoded[m.start() : end].decode("utf-8"))


def _framed(compiled: _Compiled, reading: Reading, start: int, end: int) -> tuple[int, int] | None:
    """The span of a frame whose first word is at [start, end); None when its other words are not all there."""
    clause = reading.clause_at(start)
    a, b = (clause.start, clause.end) if compiled.frame and compiled.frame.within == "clause" else clause.sentence
    a, b = max(a, start - _FRAME_REACH), max(end, min(b, end + _FRAME_REACH))
    around = reading.text[a:b]
    encoded = around.encode("utf-8")
    for pattern in compiled.beside:
        m = pattern.search(encoded)
        if m is None:
            return None
        at = a + len(encoded[: m.start()].decode("utf-8"))
        start, end = min(start, at), max(end, at + len(encoded[m.start() : m.end()].decode("utf-8")))
    if any(p.search(encoded) for p in compiled.barred):
        return None
    return start, end


def _compile(files: Sequence[RuleFile]) -> Iterator[_Compiled]:
    for file in files:
        for rule in file.rules:
            default = _HARMLESS_PROMISE if rule.commits else _HARMLESS
            if file.category.startswith("admission."):
                default = default | {"supposed"}  # 如果是我们发错的 admits nothing
            lifted_by = default if rule.lifted_by is None else frozenset(rule.lifted_by)
            unless = tuple(map(_in_bytes, rule.unless))
            within = tuple(map(_in_bytes, rule.unless_within))
            for pattern in rule.patterns:
                source = expand(pattern)
                first = compile_pattern(source.encode("utf-8"))
                yield _Compiled(file, rule, (source,), first, None, (), (), unless, within, lifted_by)
            for frame in rule.frames:
                sources = tuple(expand(p) for p in frame.all)
                first = compile_pattern(sources[0].encode("utf-8"))
                beside = tuple(map(_in_bytes, frame.all[1:]))
                barred = tuple(map(_in_bytes, frame.none))
                yield _Compiled(file, rule, sources, first, frame, beside, barred, unless, within, lifted_by)


def _any_in(patterns: Sequence[re2._Regexp], text: str) -> bool:
    if not patterns:
        return False
    encoded = text.encode("utf-8")
    return any(p.search(encoded) for p in patterns)


def _in_bytes(pattern: str) -> re2._Regexp:
    """The pattern for texts in UTF-8: several patterns share one encoding of a text."""
    return compile_pattern(expand(pattern).encode("utf-8"))


def _unanswered(sentence: str, start: int, end: int) -> str:
    """`sentence` without the clauses beside [start, end) that only say by when we answer, or what to do then."""
    if _ANSWERS.search(sentence) is None:
        return sentence
    return _ANSWERS.sub(lambda m: m.group() if m.start() < end and start < m.end() else "", sentence)


def _stands(compiled: _Compiled, reading: Reading, ledger: Ledger, start: int, end: int) -> bool:
    rule = compiled.rule
    if any(ledger.grants(kind) for kind in rule.authority):
        return False
    if reading.text[max(0, start - 1) : start + 1] in _OTHER_WORDS:
        return False
    a, b = reading.clause_at(start).sentence
    a, b = max(a, start - 200), min(max(b, end), end + 200)
    sentence = reading.text[a:b]
    if _any_in(compiled.unless, _unanswered(sentence, start - a, end - a)) or _any_in(
        compiled.within, reading.text[start:end]
    ):
        return False
    stances = reading.stances(start, end)
    if rule.commits and _UNSURE.search(reading.text[start:end]):
        return False
    lifted_by = compiled.lifted_by
    if rule.commits is None:
        return not stances & lifted_by
    first, last = reading.clause_at(start), reading.clause_at(end - 1)
    around = reading.text[max(first.start, start - 60) : min(last.end, end + 60)]
    commitment = Commitment.read(rule.commits, reading.text[start:end], around, sentence)
    if rule.commits in _OF_THE_CUSTOMER and "requested" in stances:
        return False
    if "supposed" in stances and still_to_be_asked(reading.text[last.end : last.end + _FRAME_REACH].lstrip(",")):
        return False  # 要是想补一个新的,我得先请示主管
    if rule.commits in _TIMED and _PAST.search(reading.text[max(first.start, start - 20) : end]):
        return False
    if rule.commits in _STATED_SUM and (commitment.yuan or commitment.percent):
        lifted_by = lifted_by - {"conditional"}  # a sum named under a condition is still a sum promised
    if stances & lifted_by:
        return False
    return not ledger.discharges(commitment)
