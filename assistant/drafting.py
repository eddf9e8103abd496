"""The whole life of a draft: read the conversation, search, write, guard, mend."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import perf_counter
from typing import Any

from assistant import notices
from assistant.conversation import Conversation
from assistant.engines import Brief, Engine, EngineError, RepairingEngine
from assistant.engines.citing import usable
from assistant.engines.clock import shop_now
from assistant.engines.offline import OfflineEngine
from assistant.guardrails import CheckContext, Guardrails
from assistant.repair import rewritten, without
from assistant.situation import CaseReader, CourseReader, PointReader, SituationReader
from assistant.situation.ordered import without_orders
from assistant.situation.spelling import whole_messages
from assistant.situation.today import counted_until, held_at
from assistant.turns import Turns
from assistant.values import Citation, Draft, Proposal, ReplyLanguage, Said, Situation, Tone, Verdict
from knowledge.base import KnowledgeBase
from knowledge.errors import KefuError, Language
from knowledge.values import Passage, SearchAnswer

PASSAGES = 5
"""How many passages an engine is given."""
ALTERNATIVES = 3
"""How many drafts are offered side by side."""
REPAIRS = 2
"""How often a chat model may mend its reply before the offline draft takes its place."""
_BACK = 2
"""How many turns of the customer's before the last are answered as well, where the later ones name no matter of their own."""
_MENDS = 4
"""How many blocked sentences of an offline reply are mended before it is withheld."""

Rank = Callable[[Sequence[str], SearchAnswer], tuple[SearchAnswer, KefuError | None]]
"""Orders what a search found for what was said; as it was, with the reason, where that fails. Bounded in time."""
_Growing = Generator[Draft, None, tuple[Proposal, Verdict]]
_Streamed = Generator[Draft, None, tuple[Proposal, Verdict] | None]


@dataclass
class _Clock:
    """Milliseconds by stage."""

    started: float = field(default_factory=perf_counter)
    spent: dict[str, float] = field(default_factory=dict)

    def mark(self, stage: str, since: float) -> None:
        self.spent[stage] = round(self.spent.get(stage, 0.0) + (perf_counter() - since) * 1000, 2)

    def total(self) -> dict[str, float]:
        return {**self.spent, "total": round((perf_counter() - self.started) * 1000, 2)}


@dataclass(frozen=True)
class _Work:
    """What is known of a draft before it is written."""

    id: str
    brief: Brief
    context: CheckContext
    clock: _Clock
    notice: Said | None
    texts: tuple[str, ...]
    found: SearchAnswer


class Drafting:
    """Conversation in, safe draft out. `chat` writes first when there is one; the offline engine always can."""

    def __init__(
        self,
        knowledge: KnowledgeBase,
        guardrails: Guardrails,
        reader: SituationReader,
        points: PointReader,
        cases: CaseReader,
        offline: OfflineEngine,
        chat: Engine | None = None,
        language: Language = "zh",
        turns: Turns | None = None,
        rank: Rank | None = None,
        ranked: int = PASSAGES + 3,
    ) -> None:
        """`turns` are taken for what is computed here, never while a chat model is waited for. `rank` orders the first `ranked`
        passages that a chat engine may be given; the offline engine waits for none.
        """
        self._rank = rank if chat is not None else None
        self._ranked = ranked if self._rank is not None else PASSAGES + 3
        self._turns = turns or Turns()
        self._knowledge = knowledge
        self._guardrails = guardrails
        self._reader = reader
        self._points = points
        self._cases = cases
        self._course = CourseReader(reader.cues)
        self._offline = offline
        self._chat = chat
        self._language: Language = language

    def watched(self, watch: Callable[[str, Any], Any]) -> Drafting:
        """The same pipeline, with each of its parts ("knowledge", "guardrails", "offline", "chat") replaced by what
        `watch(name, part)` makes of it. Evaluation listens there to what a draft leaves behind.
        """
        other = copy.copy(self)
        other._knowledge = watch("knowledge", self._knowledge)
        other._guardrails = watch("guardrails", self._guardrails)
        other._offline = watch("offline", self._offline)
        other._chat = None if self._chat is None else watch("chat", self._chat)
        return other

    def draft(
        self,
        conversation: Conversation,
        tone: Tone = "normal",
        now: datetime | None = None,
        *,
        language: ReplyLanguage | None = None,
    ) -> Draft:
        """The whole draft. `now` is the shop's local time (the clock's when None); `language` the reply's (the customer's
        when None).
        """
        with self._whole_turn():
            *_, last = self.stream(conversation, tone, now, language=language)
        return last

    def read(self, conversation: Conversation) -> Situation:
        """How a conversation reads, as a draft for it would see it."""
        spoken = self._reader.spoken(conversation)
        found = self._knowledge.search(self._reader.texts(spoken))
        return whole_messages(self._reader.read(spoken, found.situations), spoken, conversation)

    def stream(
        self,
        conversation: Conversation,
        tone: Tone = "normal",
        now: datetime | None = None,
        *,
        language: ReplyLanguage | None = None,
    ) -> Iterator[Draft]:
        """Growing drafts of guarded sentences, their verdict "unknown" while they grow; the last one is whole."""
        with self._turns.one():
            work = self._prepare(conversation, tone, now, language)
        yield from self._written(self._ordered(work))

    def alternatives(
        self,
        conversation: Conversation,
        tone: Tone = "normal",
        now: datetime | None = None,
        *,
        language: ReplyLanguage | None = None,
    ) -> tuple[Draft, ...]:
        """Up to three whole drafts that differ in strategy, the proportionate one first; each guarded by itself."""
        drafts = []
        with self._whole_turn():
            work = self._prepare(conversation, tone, now, language)
            for strategy in self._offline.strategies(work.brief)[:ALTERNATIVES]:
                brief = replace(work.brief, strategy=strategy)
                *_, last = self._written(replace(work, id=uuid.uuid4().hex, brief=brief, clock=_Clock()))
                drafts.append(last)
        return tuple(drafts)

    def warm(self, conversation: Conversation) -> None:
        """Write an offline draft and forget it: what the first one has to load is loaded then."""
        with self._turns.one():
            for _ in self._written_offline(self._prepare(conversation, "normal", None, None), None):
                pass

    def _whole_turn(self) -> AbstractContextManager[None]:
        """A turn for all of a draft where no chat model is waited for on the way."""
        return self._turns.one() if self._chat is None else nullcontext()

    def _written(self, work: _Work) -> Iterator[Draft]:
        """The chat engine first, where there is one; the offline engine where it fails or stays in breach."""
        if not any(m.role == "customer" and m.text.strip() for m in work.brief.conversation.messages):
            yield self._nothing_to_answer(work)
            return
        notice = work.notice
        if self._chat is not None:
            try:
                done = yield from self._written_by_chat(self._chat, work)
                if done is not None:
                    yield self._finished(done[0], done[1], work, notice)
                    return
                notice = notices.still_in_breach(REPAIRS)
            except EngineError as error:
                notice = notices.fell_back(error)
        yield from self._written_offline(work, notice)

    def _prepare(
        self, conversation: Conversation, tone: Tone, given: datetime | None, language: ReplyLanguage | None
    ) -> _Work:
        """Read and search; one batch of embeddings serves both. Whoever gives a time knows when the customer wrote."""
        clock = _Clock()
        now = given or held_at(conversation, shop_now())
        until = given or counted_until(conversation, now)
        for left in reversed(range(_BACK + 1)):
            since = perf_counter()
            spoken = self._reader.spoken(conversation)
            found = self._knowledge.search(self._reader.texts(spoken), k=self._ranked)
            clock.mark("search", since)
            since = perf_counter()
            situation = self._points.read(without_orders(spoken), self._reader.read(spoken, found.situations))
            if not left or not self._reader.leans_back(spoken, situation):
                situation = self._cases.read(without_orders(spoken), situation)
                break
            conversation = conversation.reaching_back()
            clock.mark("situation", since)
        situation = whole_messages(situation, spoken, conversation)
        course = self._course.read(spoken, next(iter(situation.intents), ""), until)
        situation = situation.model_copy(update={"course": course, "language": language or situation.language})
        clock.mark("situation", since)
        passages = _best(found)
        brief = Brief(conversation, situation, passages, now, tone, dated=until == now)
        context = CheckContext(
            authorities=conversation.policy.authorities,
            order=conversation.order,
            messages=conversation.messages,
            platform=conversation.policy.platform,
            known_text=tuple(p.text for p in passages),
            now=now,
        )
        notice = notices.of_situation(conversation, situation)
        return _Work(uuid.uuid4().hex, brief, context, clock, notice, tuple(self._reader.texts(spoken)), found)

    def _ordered(self, work: _Work) -> _Work:
        """With the passages in the order of a chat model's reading; as they were, with a notice, where it fails."""
        if self._rank is None or not work.texts:
            return work
        since = perf_counter()
        found, fault = self._rank(work.texts, work.found)
        work.clock.mark("rerank", since)
        if fault is not None:
            return replace(work, notice=work.notice or Said(zh=fault.zh, en=fault.en))
        passages = _best(found)
        context = replace(work.context, known_text=tuple(p.text for p in passages))
        return replace(work, brief=replace(work.brief, passages=passages), context=context)

    def _written_by_chat(self, engine: Engine, work: _Work) -> _Streamed:
        """Guarded partial drafts, then (proposal, verdict), or None when it stays in breach."""
        since = perf_counter()
        with self._turns.one():
            work = replace(work, brief=replace(work.brief, sketch=self._offline.sketch(work.brief)))
        work.clock.mark("sketch", since)
        proposal, verdict = yield from self._guarded(engine.propose(work.brief), work)
        for _ in range(REPAIRS):
            if verdict.verdict == "pass" or not isinstance(engine, RepairingEngine):
                break
            mended = engine.repair(work.brief, proposal, verdict.findings)
            proposal, verdict = yield from self._guarded(mended, work)
        return (proposal, verdict) if verdict.verdict == "pass" else None

    def _guarded(self, proposals: Iterable[Proposal], work: _Work) -> _Growing:
        """Shows each growth that passes; after a breach nothing more is shown until the whole is mended."""
        last: Proposal | None = None
        verdict = Verdict(verdict="unknown")
        clean = True
        since = perf_counter()
        for proposal in proposals:
            work.clock.mark("engine", since)
            last = proposal
            verdict = self._check(proposal.reply, work, by_model=True)
            clean = clean and verdict.verdict == "pass"
            if clean:
                yield self._partial(proposal, work)
            since = perf_counter()
        work.clock.mark("engine", since)
        if last is None:
            raise EngineError("engine.silent", "大模型没有写出回复", "The chat model wrote nothing")
        return last, verdict

    def _written_offline(self, work: _Work, notice: Said | None) -> Iterator[Draft]:
        """The offline reply, whole and mended before any of it is shown: there is nothing to wait for."""
        with self._whole_turn():
            since = perf_counter()
            *growing, proposal = self._offline.propose(work.brief)
            work.clock.mark("engine", since)
            verdict = self._check(proposal.reply, work)
            if verdict.verdict != "pass":
                growing = []
                proposal, verdict = self._mended(proposal, verdict, work)
        for part in growing:
            yield self._partial(part, work)
        if verdict.verdict != "pass":
            notice = notices.withheld(verdict)
        yield self._finished(proposal, verdict, work, notice)

    def _mended(self, proposal: Proposal, verdict: Verdict, work: _Work) -> tuple[Proposal, Verdict]:
        """Blocked sentences dropped or rewritten until the rest passes; the last try is handed back as it is."""
        english = work.brief.situation.language == "en"
        for _ in range(_MENDS):
            candidate = without(proposal, verdict.findings, english)
            if candidate is None:  # only now is a rewrite worth the time that it takes
                candidate = rewritten(proposal, self._check(proposal.reply, work, mend=True), english)
            if candidate is None:
                break
            proposal, verdict = candidate, self._check(candidate.reply, work)
            if verdict.verdict == "pass":
                break
        return proposal, verdict

    def _check(self, reply: str, work: _Work, *, mend: bool = False, by_model: bool = False) -> Verdict:
        since = perf_counter()
        context = replace(work.context, by_model=by_model) if by_model else work.context
        verdict = self._guardrails.check(reply, context, mend=mend)
        work.clock.mark("guardrails", since)
        return verdict

    def _partial(self, proposal: Proposal, work: _Work) -> Draft:
        return self._finished(proposal, Verdict(verdict="unknown"), work, work.notice)

    def _finished(self, proposal: Proposal, verdict: Verdict, work: _Work, notice: Said | None) -> Draft:
        given = {p.passage_id: p for p in work.brief.passages}
        steps = notices.steps(work.brief.situation, proposal.next_steps)
        return Draft(
            id=work.id,
            reply=proposal.reply,
            bubbles=proposal.bubbles,
            verdict=verdict.verdict,
            findings=verdict.findings,
            situation=work.brief.situation,
            citations=tuple(
                c for s in proposal.supports if (c := self._citation(s.passage_id, s.quote, s.span, given))
            ),
            next_steps=tuple(step.in_(self._language) for step in steps),
            engine=proposal.engine,
            notice=notice.in_(self._language) if notice else None,
            notice_said=notice,
            steps_said=steps,
            timings_ms=work.clock.total(),
            supports=proposal.supports,
            fingerprint=work.brief.conversation.fingerprint(),
            strategy=work.brief.strategy,
            gloss=proposal.gloss,
        )

    def _citation(
        self, passage_id: str | None, quote: str | None, span: tuple[int, int], given: dict[str, Passage]
    ) -> Citation | None:
        """A citation only where the quote truly stands in a clean passage."""
        if passage_id is None or not quote:
            return None
        passage = given.get(passage_id) or self._knowledge.passage(passage_id)
        if passage is None or not usable(passage) or quote not in passage.text:
            return None
        return Citation(
            span=span, passage_id=passage_id, document=passage.document, section=passage.section, quote=quote
        )

    def _nothing_to_answer(self, work: _Work) -> Draft:
        empty = Proposal(reply="", bubbles=(), engine="offline")
        return self._finished(empty, Verdict(verdict="unknown"), work, notices.no_customer())


def _best(found: SearchAnswer) -> tuple[Passage, ...]:
    """What an engine is given: clean passages only, best first."""
    return tuple(r.passage for r in found.results if usable(r.passage))[:PASSAGES]
