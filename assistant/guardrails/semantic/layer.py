"""The semantic layer at work: what a reply means, clause by clause, weighed with what the rules found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.guardrails import amounts
from assistant.guardrails.clauses import Reading
from assistant.guardrails.commitment import Commitment
from assistant.guardrails.context import CheckContext
from assistant.guardrails.earlier import ledger_of
from assistant.guardrails.fold import Folded, fold
from assistant.guardrails.ledger import Ledger
from assistant.guardrails.semantic.classes import CATEGORIES
from assistant.guardrails.semantic.decisions import Decisions, allowances, load_decisions
from assistant.guardrails.semantic.discharge import (
    VERY_SURE,
    Standing,
    can_be_allowed,
    likeliest,
    says_what_is_allowed,
    standing,
)
from assistant.guardrails.semantic.networks import EXEMPLARS, WEIGHTS, Networks
from assistant.guardrails.semantic.second_reading import SecondReading
from assistant.guardrails.semantic.suspicion import (
    Suspicion,
    is_courtesy,
    is_excepted,
    is_softened,
    promises_of,
    spans_a_season,
    tells_the_price,
)
from assistant.guardrails.semantic.windows import read_apart
from assistant.values import Category, Finding, Opinions, Severity

_TELLING = 6
"""Characters of a clause from which a second suspicion about the same stretch of text is worth showing."""
_PRAISE: frozenset[Category] = frozenset({"superlative", "promise.outcome"})
_WHO_PRAISES = re.compile(
    r"顾客|客户|客人|买家|粉丝|网友|博主|达人|主播|大家|人人|媒体|专家|医生|用过|买过|评论|评价|都|customers?|buyers?|everyone|review|experts?"
)
"""Whom the goods are praised by: 老顾客都说“全网最好” advertises, 您看到的“全网最好” does not."""
_NOTHING = -9.0
"""The logit of a clause that says nothing of a class."""
_LEFT_OUT = "“这个”"
"""Stands for words of others that are left out."""


class SemanticLayer:
    """`model` gives the offline SentenceTransformer; it is asked for at the first reading. Safe between threads."""

    def __init__(
        self,
        model: Callable[[], Any],
        weights: Sequence[Path] = WEIGHTS,
        exemplars: Path = EXEMPLARS,
        decisions: Decisions | None = None,
    ) -> None:
        self._decisions = decisions or load_decisions()
        self._networks = Networks(model, self._decisions, weights, exemplars)
        self._second = SecondReading(self._decisions, self._networks)

    def prepare(self, replies: Iterable[str]) -> None:
        """Read many replies in batches; checks that follow find them read. At most a few hundred at a time."""
        self._networks.read_ahead([Reading(fold(r).text) for r in replies])

    def suspicions(self, reading: Reading) -> tuple[Suspicion, ...]:
        """Every category that some piece of the reply may breach, likeliest first, each once."""
        return self._read(reading)[0]

    def _read(self, reading: Reading) -> tuple[tuple[Suspicion, ...], float, tuple[Suspicion, ...]]:
        """The suspicions, the probability of the likeliest breach of all, however small, and every clause that says a
        category by itself, loudest first.
        """
        best: dict[Category, Suspicion] = {}
        every: list[Suspicion] = []
        most = 0.0
        for start, end, encoded in self._networks.pieces(reading):
            clauses, logits = read_apart(reading, encoded, start, end)
            logits[[1 + at for at, clause in enumerate(clauses) if is_courtesy(reading.clause_text(clause))]] = _NOTHING
            probabilities = self._decisions.probabilities(logits)
            most = max(most, float(probabilities.max()))
            highest = probabilities[1:].max(axis=0)  # a clause must say it; the whole only decides what it says most
            leads = int(probabilities[0].argmax())
            highest[leads] = max(highest[leads], probabilities[0, leads])
            for index in np.flatnonzero(highest >= self._decisions.notices):
                category, probability = CATEGORIES[index], float(highest[index])
                every += [
                    Suspicion(category, float(probabilities[1 + at, index]), clauses[at], (start, end), encoded)
                    for at in np.flatnonzero(probabilities[1:, index] >= self._decisions.thresholds[category].block)
                ]
                if category not in best or best[category].probability < probability:
                    clause = clauses[int((logits[1:, index] + logits[1:, len(CATEGORIES)]).argmax())]
                    best[category] = Suspicion(category, probability, clause, (start, end), encoded)
        loudest = tuple(sorted(best.values(), key=lambda s: -s.probability))
        return loudest, most, tuple(sorted(every, key=lambda s: -s.probability))

    def weigh(
        self,
        folded: Folded,
        reading: Reading,
        context: CheckContext,
        found: Sequence[Finding],
        allowed: Sequence[tuple[int, int]],
        titles: Mapping[str, str],
    ) -> list[Finding]:
        """The rules' findings and the layer's own. Raises KefuError when the model can't be loaded.

        Where the two disagree the finding says so. Of one stretch of text the layer blocks the likeliest breach only;
        what else it may be is a warning. `allowed` are folded spans where the rules read something that the shop allows.
        """
        if not found and not context.by_model and not self._networks.unsure(reading):
            return []
        suspicions, highest, every = self._read(reading)
        ledger = ledger_of(context)
        self._spend(reading, context, ledger)
        found = [self._second.covered(f, folded, reading, context, ledger, allowed) for f in found]
        out = [
            self._second.agreed(f, suspicions, folded)
            if suspicions
            else self._second.doubted(f, highest, folded, reading)
            for f in found
        ]
        blocked = [f.span for f in out if f.severity == "block"]
        settled: set[tuple[int, int]] = set()
        for suspicion in suspicions:
            start, end = folded.span(suspicion.clause.start, suspicion.clause.end)
            if any(a < end and start < b for a, b in blocked):
                settled.add(suspicion.window)  # the rules say so already
                continue
            severity = self._severity(suspicion, reading, context, ledger, allowed)
            if severity is None and context.authorities:
                suspicion, severity = self._beside(suspicion, every, reading, context, ledger, allowed)
                start, end = folded.span(suspicion.clause.start, suspicion.clause.end)
            if severity is None or (suspicion.window in settled and (severity == "warn" or end - start < _TELLING)):
                continue
            severity = "warn" if suspicion.window in settled else severity
            settled.add(suspicion.window)
            out.append(self._finding(suspicion, severity, folded, titles, seen_by_rules=bool(found)))
        return out

    def _beside(
        self,
        suspicion: Suspicion,
        every: Sequence[Suspicion],
        reading: Reading,
        context: CheckContext,
        ledger: Ledger,
        allowed: Sequence[tuple[int, int]],
    ) -> tuple[Suspicion, Severity | None]:
        """Where the loudest clause of a category is allowed: one of another sentence, or surely another promise, that
        is not, if there is one.
        """
        for other in every:
            if other.category != suspicion.category or other.clause == suspicion.clause:
                continue
            kinds = promises_of(other, reading)[0].kinds
            own = max(likely for kind, likely in kinds.items() if kind != "defect_confirmed_by_inspection")
            if other.clause.sentence != suspicion.clause.sentence or own >= VERY_SURE:
                severity = self._severity(other, reading, context, ledger, allowed)
                if severity == "block":
                    return other, severity
        return suspicion, None

    def _spend(self, reading: Reading, context: CheckContext, ledger: Ledger) -> None:
        """Have the ledger see every sum that is offered, so that each offer is weighed beside all the others."""
        if not any(a.kind == "compensation_up_to" for a in context.authorities):
            return
        for first, last, encoded in self._networks.pieces(reading):
            for clause in reading.clauses:
                said = reading.clause_text(clause)
                if first <= clause.start < last and (amounts.yuans(said) or amounts.bare(said)):
                    kinds = allowances(encoded.logits(clause.start - first, clause.end - first))
                    if likeliest(kinds) == "compensation_up_to":
                        ledger.fits("compensation_up_to", said, said)

    def _severity(
        self,
        suspicion: Suspicion,
        reading: Reading,
        context: CheckContext,
        ledger: Ledger,
        allowed: Sequence[tuple[int, int]],
    ) -> Severity | None:
        threshold = self._decisions.threshold(suspicion.category, context.by_model)
        if suspicion.probability < threshold.warn:
            return None
        stands = self._standing(suspicion, reading, context, ledger)
        if stands == "allowed":
            return None
        if context.authorities and says_what_is_allowed(
            suspicion.category, *promises_of(suspicion, reading), context.authorities, ledger
        ):
            return "warn"
        block = threshold.block
        can_be = can_be_allowed(suspicion.category)
        start, end = suspicion.clause.sentence if can_be else suspicion.window
        if any(a < end and start < b for a, b in allowed):
            # What is allowed colours all around it: only a clear breach still blocks, of what no authority covers or of a
            # clause of its own that surely promises something else.
            if can_be and not self._something_else(suspicion, reading, context, ledger, allowed):
                return None
            block = max(block, self._decisions.beside_allowed)
        if is_softened(suspicion, reading):
            block = max(block, self._decisions.beside_allowed)
        if self._in_anothers_mouth(suspicion, reading, block) or is_excepted(suspicion, reading):
            return "warn"
        return "block" if stands == "breach" and suspicion.probability >= block else "warn"

    @staticmethod
    def _something_else(
        suspicion: Suspicion,
        reading: Reading,
        context: CheckContext,
        ledger: Ledger,
        allowed: Sequence[tuple[int, int]],
    ) -> bool:
        """Whether the clause, apart from what is allowed, surely promises what is not."""
        clause = suspicion.clause
        if any(a < clause.end and clause.start < b for a, b in allowed):
            return False
        said, sentence = promises_of(suspicion, reading)
        if max(said.kinds.values()) < VERY_SURE:
            return False
        return standing(suspicion.category, said, sentence, context.authorities, ledger) == "breach"

    def _in_anothers_mouth(self, suspicion: Suspicion, reading: Reading, block: float) -> bool:
        """Whether the words around say nothing of the kind once quotations of somebody else's words are left out. Praise that
        others are quoted with is still praise.
        """
        clause, (first, last) = suspicion.clause, suspicion.window
        told = reading.told_by_others(clause.start, clause.end)
        if not told:
            return False
        if suspicion.category in _PRAISE and _WHO_PRAISES.search(reading.text[clause.sentence[0] : told[0][0]]):
            return False
        without, at = "", first
        for start, end in reading.told_by_others(first, last):
            without += reading.text[at:start] + _LEFT_OUT
            at = end
        rest = Reading(without + reading.text[at:last])
        _, logits = read_apart(rest, self._networks.all_read([rest.text])[0], 0, len(rest.text))
        return float(self._decisions.probabilities(logits)[:, CATEGORIES.index(suspicion.category)].max()) < block

    @staticmethod
    def _standing(suspicion: Suspicion, reading: Reading, context: CheckContext, ledger: Ledger) -> Standing:
        clause, sentence = promises_of(suspicion, reading)
        if tells_the_price(clause.text, context):
            return "allowed"
        if suspicion.category == "promise.delivery_time" and spans_a_season(clause.text):
            return standing("promise.outcome", clause, sentence, context.authorities, ledger)
        if suspicion.category == "promise.delivery_time" and ledger.discharges(
            Commitment.read("deliver_by", sentence.text, sentence.text)
        ):
            return "allowed"  # a date that the order itself gives
        return standing(suspicion.category, clause, sentence, context.authorities, ledger)

    def _finding(
        self,
        suspicion: Suspicion,
        severity: Severity,
        folded: Folded,
        titles: Mapping[str, str],
        *,
        seen_by_rules: bool,
    ) -> Finding:
        start, end = folded.span(suspicion.clause.start, suspicion.clause.end)
        text = folded.original[start:end]
        start, end = start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())
        text = folded.original[start:end]
        alike = self._networks.exemplars.nearest(suspicion.encoded.states, suspicion.category)
        message = f"「{text}」照意思看像是「{titles.get(suspicion.category, suspicion.category)}」(把握 {suspicion.probability:.0%}"
        message += ")" if seen_by_rules else ",规则没有认出)"
        if alike:
            message += ",像这句不能说的:" + "".join(f"「{a}」" for a in alike)
        return Finding(
            category=suspicion.category,
            severity=severity,
            span=(start, end),
            text=text,
            message=message + "。",
            rule=f"semantic.{suspicion.category}",
            suggestion="换一种不越权、不认定、不得罪人的说法;确有授权或核实结果时写明依据",
            opinions=Opinions(rules="pass", layer=severity),
        )
