"""Watching a draft being made: what search brought, what was planned, written, checked and mended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from assistant.application import Kefu
from assistant.drafting import Drafting
from assistant.engines import Brief
from assistant.values import Draft, EngineName, Finding, Proposal, Verdict
from evals.values import CaseResult, CaseTrace, CheckedReply, Found, Hit, PlannedStep
from knowledge.values import SearchAnswer


def found_in(findings: Sequence[Finding]) -> tuple[Found, ...]:
    """Findings without their explanations."""
    return tuple(Found(category=f.category, severity=f.severity, rule=f.rule, text=f.text) for f in findings)


def hits_of(answer: SearchAnswer) -> tuple[Hit, ...]:
    return tuple(
        Hit(
            passage_id=r.passage.passage_id,
            document=r.passage.document,
            section=r.passage.section,
            score=round(r.score, 4),
            why=r.why,
        )
        for r in answer.results
    )


class Watch:
    """One Kefu's drafting, observed. Not for several threads at once."""

    def __init__(self, kefu: Kefu) -> None:
        self.drafting: Drafting = kefu.drafting.watched(self._watching)
        self.forget()

    def forget(self) -> None:
        """Begin anew: what is seen from here on belongs to the next case."""
        self.hits: tuple[Hit, ...] = ()
        self.plan: tuple[PlannedStep, ...] = ()
        self.proposals: list[str] = []
        self.checked: list[CheckedReply] = []
        self.calls = 0
        self.written = 0

    def trace(self, suite: str, result: CaseResult, draft: Draft | None) -> CaseTrace:
        """Everything seen since `forget`, beside the result."""
        return CaseTrace(
            suite=suite,
            result=result,
            situation=draft.situation if draft else None,
            hits=self.hits,
            plan=self.plan,
            proposals=tuple(self.proposals),
            checked=tuple(self.checked),
            engine=draft.engine if draft else "",
            notice=(draft.notice or "") if draft else "",
            calls=self.calls,
            written_chars=self.written,
            timings_ms=draft.timings_ms if draft else {},
        )

    def _watching(self, name: str, part: Any) -> Any:
        if name == "knowledge":
            return _Knowledge(part, self)
        if name == "guardrails":
            return _Guardrails(part, self)
        if name == "chat":
            return (_RepairingEngine if hasattr(part, "repair") else _Engine)(part, self)
        return _Engine(part, self)


class _Part:
    """A part that does what it did, and tells."""

    def __init__(self, part: Any, watch: Watch) -> None:
        self._part = part
        self._watch = watch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._part, name)


class _Knowledge(_Part):
    def search(self, *asked: Any, **how: Any) -> SearchAnswer:
        answer: SearchAnswer = self._part.search(*asked, **how)
        self._watch.hits = hits_of(answer)
        return answer


class _Guardrails(_Part):
    def check(self, reply: str, *context: Any, **more: Any) -> Verdict:
        verdict: Verdict = self._part.check(reply, *context, **more)
        seen = CheckedReply(reply=reply, verdict=verdict.verdict, findings=found_in(verdict.findings))
        growing = self._watch.checked and reply.startswith(self._watch.checked[-1].reply)
        if growing and self._watch.checked[-1].verdict == verdict.verdict:
            self._watch.checked.pop()  # the same reply, a sentence longer
        self._watch.checked.append(seen)
        return verdict


class _Engine(_Part):
    @property
    def name(self) -> EngineName:
        name: EngineName = self._part.name
        return name

    def propose(self, brief: Brief) -> Iterator[Proposal]:
        if hasattr(self._part, "plan"):
            self._watch.plan = tuple(
                PlannedStep(situation=m.situation, move=m.move.move, technique=m.move.technique)
                for m in self._part.plan(brief).moves
            )
        return self._told(self._part.propose(brief))

    def _told(self, growing: Iterator[Proposal]) -> Iterator[Proposal]:
        """Passed on as it grows; the last is what was written, also when the rest never comes."""
        last: Proposal | None = None
        try:
            for last in growing:
                yield last
        finally:
            if last is not None:
                self._watch.proposals.append(last.reply)
                if last.engine == "chat":
                    self._watch.written += len(last.reply)
            if self.name == "chat":
                self._watch.calls += 1


class _RepairingEngine(_Engine):
    def repair(self, brief: Brief, rejected: Proposal, findings: Sequence[Finding]) -> Iterator[Proposal]:
        return self._told(self._part.repair(brief, rejected, findings))
