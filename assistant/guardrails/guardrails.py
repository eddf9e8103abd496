"""The guardrails' face: a reply in, a verdict out. Nothing here raises to its caller; what can't run is "unknown"."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from assistant.guardrails.cautions import CautionReader
from assistant.guardrails.claims import claims
from assistant.guardrails.clauses import Reading
from assistant.guardrails.context import CheckContext
from assistant.guardrails.disclosure import disclosures, repeats_what_was_given
from assistant.guardrails.earlier import ledger_of
from assistant.guardrails.echo import recounts, tells_what_was_said
from assistant.guardrails.fold import Folded, fold, folder
from assistant.guardrails.grounding import contradictions
from assistant.guardrails.ledger import Ledger
from assistant.guardrails.matching import Breach, RuleBook
from assistant.guardrails.rewriting import LAST_RESORT, Wrong, first_try, rewrite
from assistant.guardrails.rulefile import RULES, Rewrite, RuleFile, load_rules
from assistant.guardrails.short_answers import ShortAnswer, short_answers
from assistant.values import Finding, Verdict
from knowledge.values import Caution

if TYPE_CHECKING:  # torch is loaded only where the layer is used
    from assistant.guardrails.semantic.layer import SemanticLayer

log = logging.getLogger(__name__)

Check = Callable[[Folded, Reading, CheckContext], Sequence[Finding]]
"""One way to find fault with a reply."""


class ThirdOpinion(Protocol):
    """Who is asked where rules and semantic layer disagree (see `opinion`)."""

    def weigh(self, reply: str, findings: Sequence[Finding], context: CheckContext) -> tuple[list[Finding], bool]:
        """The findings with this opinion in them, and whether there is none whose opinion stayed unknown."""
        ...


@dataclass(frozen=True)
class _InForce:
    """The rules of one moment, swapped as a whole, so that a check never sees half of a change.

    The shop's own rules are a book beside the shipped one, which stays compiled and warm. Of a category in several
    files the first (shipped) file's title holds.
    """

    shipped: RuleBook
    own: RuleBook
    titles: dict[str, str]
    rewrites: dict[str, Rewrite]
    reasons: dict[str, str]
    own_ids: frozenset[str]

    @classmethod
    def of(cls, shipped: RuleBook, own: RuleBook) -> _InForce:
        first = {f.category: f for f in (*reversed(own.files), *reversed(shipped.files))}
        of_own = [(f, r) for f in own.files for r in f.rules]
        rewrites: dict[str, Rewrite] = {c: f.rewrite for c, f in first.items()}
        rewrites |= {r.id: r.rewrite for f in shipped.files for r in f.rules if r.rewrite}
        return cls(
            shipped=shipped,
            own=own,
            titles={c: f.title for c, f in first.items()},
            rewrites=rewrites | {r.id: r.rewrite or f.rewrite for f, r in of_own},
            reasons={**{c: f.reason_en for c, f in first.items()}, **{r.id: f.reason_en for f, r in of_own}},
            own_ids=frozenset(r.id for _, r in of_own),
        )

    def breaches(self, reading: Reading, ledger: Ledger) -> list[Breach]:
        found = self.shipped.breaches(reading, ledger)
        return found + self.own.breaches(reading, ledger) if self.own.files else found


@cache
def _book(folder: Path) -> RuleBook:
    """The rules of a folder, read and compiled once in a process: they change with a release."""
    return RuleBook(load_rules(folder))


class Guardrails:
    """Checks replies and passages by the rules of a folder, and replies by what they mean where there is a semantic
    layer. Safe to share between threads.
    """

    def __init__(
        self, book: RuleBook, checks: Sequence[Check] | None = None, layer: SemanticLayer | None = None
    ) -> None:
        self._layer = layer
        self._opinion: ThirdOpinion | None = None
        self._in_force = _InForce.of(book, RuleBook(()))
        self._checks: tuple[Check, ...] = tuple(
            checks if checks is not None else (self._by_rules, self._by_facts, self._by_personal_data)
        )

    @cached_property
    def _cautions(self) -> CautionReader:
        return CautionReader(scripts=self._as_script)

    def adopt(self, files: Sequence[RuleFile]) -> None:
        """Put a shop's own files in force beside the shipped ones, in place of those adopted before; at once, and safe
        while replies are being checked."""
        self._in_force = _InForce.of(self._in_force.shipped, RuleBook(files))

    def consult(self, opinion: ThirdOpinion | None) -> None:
        """Ask for a third opinion where rules and semantic layer disagree; None: ask nobody."""
        self._opinion = opinion

    @property
    def shipped(self) -> tuple[RuleFile, ...]:
        return self._in_force.shipped.files

    @property
    def adopted(self) -> tuple[RuleFile, ...]:
        """The shop's own files in force."""
        return self._in_force.own.files

    def rule_ids(self, *, shipped_only: bool = False) -> frozenset[str]:
        files = self.shipped if shipped_only else (*self.shipped, *self.adopted)
        return frozenset(rule.id for file in files for rule in file.rules)

    @classmethod
    def of(cls, files: Sequence[RuleFile]) -> Guardrails:
        """The rules of these files and nothing else: what they alone would find."""
        guardrails = cls(RuleBook(files), checks=())
        guardrails._checks = (guardrails._by_rules,)
        return guardrails

    @classmethod
    def load(cls, rules: Path = RULES, layer: SemanticLayer | None = None) -> Guardrails:
        """The guardrails of a folder of rule files. DataFileError names file and line of the first mistake. What a check
        needs beside them is built, and the layer's model loaded, at the first one.
        """
        return cls(_book(rules), layer=layer)

    def warm(self) -> None:
        """Build the rules' automata and the converters, so that no agent waits for them; the layer is left alone."""
        folder()
        rules = Guardrails(self._in_force.shipped)
        for file in self.shipped:
            for example in file.block[:1]:
                rules.check(example.reply)

    def prepare(self, replies: Iterable[str]) -> None:
        """Read replies in one go, so that checking each of them is quick. What goes wrong shows when they are checked."""
        if self._layer is not None:
            try:
                self._layer.prepare(replies)
            except Exception:
                log.exception("replies could not be read ahead")

    def check(
        self,
        reply: str,
        context: CheckContext = CheckContext(),  # noqa: B008 - frozen
        aside: Collection[tuple[str, str]] = (),
        *,
        mend: bool = True,
    ) -> Verdict:
        """The verdict on a reply: "block" on any blocking finding, "unknown" when a check could not run.

        `rewrite` is set for a block: the reply with the wrong parts mended, itself passing; not without `mend`, which
        spares reading the mended replies. Findings that a person set `aside`, by rule and words, count no more, and the
        rewrite leaves those words as they are. Time is linear in the reply's length.
        """
        return self._verdict(reply, context, self._weighed(reply, context), aside, mend=mend)

    def check_all(self, replies: Sequence[tuple[str, CheckContext]]) -> list[Verdict]:
        """`check` of each, read side by side, and what is first tried in the place of those that are blocked as well. At
        most a few hundred at a time.
        """
        self.prepare(reply for reply, _ in replies)
        weighed = [self._weighed(reply, context) for reply, context in replies]
        wrong = [self._wrongs(findings) for findings, _ in weighed]
        self.prepare(first_try(reply, w) for (reply, _), w in zip(replies, wrong, strict=True) if w)
        return [self._verdict(*given, found) for given, found in zip(replies, weighed, strict=True)]

    def _verdict(
        self,
        reply: str,
        context: CheckContext,
        weighed: tuple[tuple[Finding, ...], bool],
        aside: Collection[tuple[str, str]] = (),
        *,
        mend: bool = True,
    ) -> Verdict:
        """What `check` makes of what was found."""
        found, complete = weighed
        findings = _but(found, aside)
        blocked = any(f.severity == "block" for f in findings)
        if not blocked:
            return Verdict(verdict="pass" if complete else "unknown", findings=findings)
        if not mend:
            return Verdict(verdict="block", findings=findings)
        try:
            mended = rewrite(
                reply,
                self._wrongs(findings),
                lambda text: self._wrongs(_but(self._findings(text, context)[0], aside)),
                keep=[words for _, words in aside],
            )
        except Exception:
            log.exception("the rewrite of a blocked reply failed")
            mended = None
        if mended is not None and self._opinion is not None:
            left, sure = self._weighed(mended, context)
            mended = mended if sure and all(f.severity == "warn" for f in _but(left, aside)) else None
        return Verdict(verdict="block", findings=findings, rewrite=mended)

    def _weighed(self, reply: str, context: CheckContext) -> tuple[tuple[Finding, ...], bool]:
        """`_findings`, with a third opinion where there is one to be had."""
        findings, complete = self._findings(reply, context)
        if self._opinion is None:
            return findings, complete
        try:
            weighed, sure = self._opinion.weigh(reply, findings, context)
        except Exception:
            log.exception("the third opinion on a reply failed")
            return findings, False
        return tuple(weighed), complete and sure

    def cautions(self, passage_text: str) -> tuple[Caution, ...]:
        """What a manual's passage teaches that must not be taught; empty for ordinary advice and marked bad examples."""
        return self._cautions.read(passage_text)

    def _as_script(self, line: str) -> list[Finding]:
        """What the rules find in a manual's line, were it said to a customer."""
        folded = fold(line)
        return [self._in_english(f) for f in self._by_rules(folded, Reading(folded.text), CheckContext())]

    def _findings(self, reply: str, context: CheckContext) -> tuple[tuple[Finding, ...], bool]:
        """Findings in the order of the reply, and whether every check ran to its end."""
        found: list[Finding] = []
        complete = True
        try:
            folded = fold(reply)
            reading = Reading(folded.text)
        except Exception:
            log.exception("a reply could not be read")
            return (), False
        for check in self._checks:
            try:
                found.extend(check(folded, reading, context))
            except Exception:
                log.exception("a check of a reply failed")
                complete = False
        if self._layer is not None:
            try:
                allowed = self._allowed(reading, context)
                # A shop's own rule is its own decision: meaning can't speak against it.
                own = [f for f in found if f.rule in self._in_force.own_ids]
                others = [f for f in found if f.rule not in self._in_force.own_ids]
                weighed = self._layer.weigh(folded, reading, context, others, allowed, self._in_force.titles)
                found = [*(f for f in weighed if not _says_back(f, folded.original, context)), *own]
            except Exception:
                log.exception("the semantic layer could not read a reply")
                complete = False
        for answer in short_answers(reading, context.messages):
            told, sure = self._findings(answer.statement, replace(context, messages=()))
            complete = complete and sure
            wrong = next((f for f in told if f.severity == "block" and answer.may_breach(f.category)), None)
            if wrong is not None and answer.elsewhere:
                continue
            # A short answer is read with its question: by itself it may sound like anything.
            span = folded.span(answer.start, answer.end)
            found = [f for f in found if not (f.rule.startswith("semantic.") and f.span == span)]
            if wrong is not None:
                found.append(self._told_in_short(folded, answer, wrong))
                break
        return tuple(self._in_english(f) for f in _without_repeats(found)), complete

    def _allowed(self, reading: Reading, context: CheckContext) -> list[tuple[int, int]]:
        """Folded spans that would break a rule had the shop not allowed what they say."""
        if not context.authorities and context.order is None:
            return []
        ledger = ledger_of(context)
        book = self._in_force.shipped
        standing = {(b.rule.id, b.start, b.end) for b in book.breaches(reading, ledger)}
        bare = book.breaches(reading, Ledger((), None, context.now))
        return [(b.start, b.end) for b in bare if (b.rule.id, b.start, b.end) not in standing]

    def _in_english(self, finding: Finding) -> Finding:
        rules = self._in_force
        reason = rules.reasons.get(finding.rule) or rules.reasons.get(finding.category, "")
        instead = rules.rewrites.get(finding.rule) or rules.rewrites.get(finding.category)
        english = {"message_en": reason.replace("{text}", finding.text), "suggestion_en": instead.en if instead else ""}
        return finding.model_copy(update=english)

    def _by_rules(self, folded: Folded, reading: Reading, context: CheckContext) -> list[Finding]:
        ledger = ledger_of(context)
        return [
            _finding(
                folded.original,
                folded.span(b.start, b.end),
                category=b.file.category,
                severity=b.severity,
                rule=b.rule.id,
                message=b.rule.message,
                suggestion=b.rule.suggestion,
            )
            for b in self._in_force.breaches(reading, ledger)
            if not b.file.platforms or context.platform is None or context.platform in b.file.platforms
        ]

    def _by_facts(self, folded: Folded, reading: Reading, context: CheckContext) -> list[Finding]:
        return [
            _finding(
                folded.original,
                folded.span(u.start, u.end),
                category=u.category,
                severity=u.severity,
                rule=u.rule,
                message=u.message,
                suggestion="以订单信息为准改写,或先核实",
            )
            for u in (*contradictions(reading, context), *claims(reading, context))
        ]

    @staticmethod
    def _by_personal_data(folded: Folded, _reading: Reading, context: CheckContext) -> list[Finding]:
        return [
            _finding(
                folded.original,
                (u.start, u.end),
                category=u.category,
                severity=u.severity,
                rule=u.rule,
                message=u.message,
                suggestion="打星号核对,或请顾客在订单页查看",
            )
            for u in disclosures(folded.original, context.messages)
        ]

    def _told_in_short(self, folded: Folded, answer: ShortAnswer, wrong: Finding) -> Finding:
        """What is wrong with a short answer: what it says together with its question."""
        meant = f"照意思看是「{self._in_force.titles.get(wrong.category, wrong.category)}」。"
        return _finding(
            folded.original,
            folded.span(answer.start, answer.end),
            category=wrong.category,
            severity="block" if answer.sure else "warn",
            rule=f"answer.{wrong.category}",
            message=f"「{{text}}」是回答顾客的「{answer.asked}」,等于说了「{answer.statement}」:{meant if wrong.rule.startswith('semantic.') else wrong.message}",
            suggestion="先说去核实或请示什么、几点前答复,再说行不行",
        )

    def _wrongs(self, findings: Sequence[Finding]) -> list[Wrong]:
        rewrites = self._in_force.rewrites
        return [
            Wrong(f.span[0], f.span[1], rewrites.get(f.rule) or rewrites.get(f.category, LAST_RESORT))
            for f in findings
            if f.severity == "block"
        ]


def _finding(original: str, span: tuple[int, int], **rest: str) -> Finding:
    text = original[span[0] : span[1]]
    message = rest.pop("message").replace("{text}", text)
    return Finding.model_validate({"span": span, "text": text, "message": message, **rest})


def _says_back(finding: Finding, reply: str, context: CheckContext) -> bool:
    """Whether what meaning suspects is only what this customer gave or said: their new name or street, their own words told
    as theirs, what they told of themselves.
    """
    if finding.rule == "semantic.privacy":
        return repeats_what_was_given(finding.text, context.messages)
    if finding.rule.startswith("semantic.") and recounts(finding.category, finding.text, context.messages):
        return True
    return tells_what_was_said(reply, finding.span[0], finding.text, context.messages)


def _but(findings: Sequence[Finding], aside: Collection[tuple[str, str]]) -> tuple[Finding, ...]:
    """The findings without those set aside."""
    return tuple(f for f in findings if (f.rule, f.text) not in aside)


def _without_repeats(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings in order; of two of one category that overlap, the longer; a warning under a block is left out."""
    kept: list[Finding] = []
    for f in sorted(findings, key=lambda f: (f.span[0], -f.span[1], f.severity, f.rule)):
        covered = any(
            k.category == f.category and f.span[0] < k.span[1] and k.span[0] < f.span[1] and k.severity <= f.severity
            for k in kept
        )
        if not covered:
            kept.append(f)
    return tuple(kept)
