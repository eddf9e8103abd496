"""What the semantic layer makes of what a rule found: agreed, allowed after all, or no harm in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from assistant.guardrails.clauses import Reading
from assistant.guardrails.context import CheckContext
from assistant.guardrails.fold import Folded
from assistant.guardrails.ledger import Ledger
from assistant.guardrails.semantic.decisions import Decisions
from assistant.guardrails.semantic.discharge import VERY_SURE, standing
from assistant.guardrails.semantic.networks import Networks
from assistant.guardrails.semantic.suspicion import Suspicion, promises_of
from assistant.guardrails.semantic.windows import read_apart
from assistant.values import Category, Finding, Opinions, Severity

_ALONE = "语义层没有看出问题,请再看一眼。"
_OVERRULED = "语义层确信整句没有这个意思,所以只提醒。"
_ALLOWED = "语义层认出这是店铺授权过的,所以只提醒。"
_MONEY_RULES = (
    *("compensation.", "refund.promise", "return.right", "price.", "coupon.", "outcome.", "ship.by"),
    *("exchange.", "warranty.", "shipping.", "gift."),
)
"""Rules of promises that the same words may be taken for; the others know for sure what they have found."""
_VOW = "outcome.vow"
_NAMED_THINGS = ("exchange.",)
"""Rules of what a clause itself names: what the rest of its sentence allows is something else."""
_CERTAIN: frozenset[Category] = frozenset({"privacy", "leak", "ungrounded"})
"""Where a rule matches numbers, marks or facts, meaning can't speak against it."""

_SAID_OUTRIGHT: frozenset[Category] = frozenset({"statutory.denial"})
"""Who refuses a right in set words (概不退换) refuses it, however calmly: the layer being sure of no harm lifts no such rule.
Among replies to be blocked it had lifted four, among harmless ones one."""
_PROMISED_OUTRIGHT = (
    *("exchange.", "return.right", "return.freight", "ship.by", "deliver.by", "coupon.", "gift."),
    *("third_party.expedite", "rude.sarcasm"),
    *("blame.hindsight", "review.pressure", "review.brushing", "outcome.guaranteed"),
)
"""Rules whose finding the layer being sure of no harm doesn't lift either: a swap or a day of dispatch told in passing sounds harmless.
Of what it had lifted here all was to be blocked, elsewhere two of three rightly passed."""


class SecondReading:
    """Reads again what a rule found. Safe between threads."""

    def __init__(self, decisions: Decisions, networks: Networks) -> None:
        self._decisions = decisions
        self._networks = networks

    def covered(
        self,
        finding: Finding,
        folded: Folded,
        reading: Reading,
        context: CheckContext,
        ledger: Ledger,
        allowed: Sequence[tuple[int, int]],
    ) -> Finding:
        """A rule's finding; only a warning where its words are surely what the shop allows, though the rule can't tell."""
        if finding.severity != "block" or not context.authorities or not finding.rule.startswith(_MONEY_RULES):
            return finding
        for first, last, encoded in self._networks.pieces(reading):
            for clause in reading.clauses:
                start, end = folded.span(clause.start, clause.end)
                vowed = finding.rule == _VOW and any(a < clause.end and clause.start < b for a, b in allowed)
                if vowed:
                    continue  # 保准, said of what the shop allows
                if clause.start < last and first < clause.end and finding.span[0] < end and start < finding.span[1]:
                    own, sentence = promises_of(
                        Suspicion(finding.category, 1.0, clause, (first, last), encoded), reading
                    )
                    whole = own if finding.rule.startswith(_NAMED_THINGS) else sentence
                    if standing(finding.category, own, whole, context.authorities, ledger, sure=VERY_SURE) != "allowed":
                        return finding
        opinions = Opinions(rules="block", layer="pass")
        return finding.model_copy(
            update={"severity": "warn", "opinions": opinions, "message": finding.message + _ALLOWED}
        )

    def agreed(self, finding: Finding, suspicions: Sequence[Suspicion], folded: Folded) -> Finding:
        """A rule's finding, with what the layer thinks of the same words."""
        if finding.category in _CERTAIN:
            return finding
        mine: Severity | Literal["pass"] = "pass"
        for suspicion in suspicions:
            start, end = folded.span(suspicion.clause.start, suspicion.clause.end)
            if finding.span[0] < end and start < finding.span[1]:
                threshold = self._decisions.thresholds[suspicion.category]
                if suspicion.probability >= threshold.block:
                    mine = "block"
                elif suspicion.probability >= threshold.warn and mine == "pass":
                    mine = "warn"
        return finding.model_copy(update={"opinions": Opinions(rules=finding.severity, layer=mine)})

    def doubted(self, finding: Finding, highest: float, folded: Folded, reading: Reading) -> Finding:
        """A rule's finding in a reply that means no harm to the layer: said so, and only a warning where it is sure of the whole
        and of the clauses by themselves: courtesies around it make a breach sound harmless (我方全责,照片我已经看到了).
        """
        if finding.severity != "block" or finding.category in _CERTAIN:
            return finding
        opinions = Opinions(rules="block", layer="pass")
        outright = finding.category in _SAID_OUTRIGHT or finding.rule.startswith(_PROMISED_OUTRIGHT)
        if (
            not outright
            and highest < self._decisions.clears
            and self._alone(finding, folded, reading) < self._decisions.clears_alone
        ):
            said = {"severity": "warn", "message": finding.message + _OVERRULED, "opinions": opinions}
            return finding.model_copy(update=said)
        return finding.model_copy(update={"message": finding.message + _ALONE, "opinions": opinions})

    def _alone(self, finding: Finding, folded: Folded, reading: Reading) -> float:
        """The probability of the likeliest breach in the clauses of a finding, read by themselves."""
        own = [c for c in reading.clauses if _overlaps(folded.span(c.start, c.end), finding.span)]
        if not own:
            return 1.0
        said = Reading(reading.text[own[0].start : own[-1].end])
        if said.text.strip() == reading.text.strip():
            return 0.0
        return max(
            float(self._decisions.probabilities(read_apart(said, encoded, start, end)[1]).max())
            for start, end, encoded in self._networks.pieces(said)
        )


def _overlaps(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
