"""The offline engine: composes a reply from the phrasebooks. No model, no network, the same answer every time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

from assistant.engines import Brief, Sketch, SketchedMove
from assistant.engines.citing import Citer, PassagesOfTechnique
from assistant.engines.foreign import foreign_reply
from assistant.engines.moves import PlannedMove
from assistant.engines.own import OwnMove
from assistant.engines.planning import NO_CASES, Plan, make_plan
from assistant.engines.slots import is_urgent, slot_values
from assistant.engines.strategies import fits, in_strategy
from assistant.engines.wording import SaidMove, gloss_of, in_bubbles, say
from assistant.situation.ordered import without_orders
from assistant.values import EngineName, Proposal, Strategy, Support
from knowledge.cases import CaseBook
from knowledge.phrasebook import Phrasebook
from knowledge.points import PointBook

_CHECK_MEANING = "顾客用外语写的:先用翻译核对意思,再发这份草稿;金额、尺码、日期用数字确认"
FALLBACK = Path(__file__).parent / "fallback"
"""What to say in a situation that no phrasebook knows, by stage."""


class OfflineEngine:
    """Plan, words, supports. `passages_of_technique` gives the library's passages, clean ones first."""

    def __init__(
        self,
        passages_of_technique: PassagesOfTechnique,
        phrasebook: Phrasebook | None = None,
        points: PointBook | None = None,
        cases: CaseBook = NO_CASES,
    ) -> None:
        self._phrasebook = phrasebook or Phrasebook.load()
        self._points = PointBook.load() if points is None else points
        self._cases = cases
        self._fallback = Phrasebook.load(FALLBACK)
        self._citer = Citer(passages_of_technique)
        self._own: tuple[OwnMove, ...] = ()

    @property
    def situations(self) -> frozenset[str]:
        """The situations that there are wordings for."""
        return frozenset(self._phrasebook.by_situation)

    def adopt(self, own: Sequence[OwnMove]) -> None:
        """Say a shop's own wordings from now on, in place of those adopted before; a reply under way keeps its own."""
        self._own = tuple(own)

    @property
    def name(self) -> EngineName:
        return "offline"

    def plan(self, brief: Brief) -> Plan:
        """What the reply will do, before any wording."""
        brief = _served(brief)
        return make_plan(
            brief, self._phrasebook, slot_values(brief), self._fallback, self._points, self._own, self._cases
        )

    def sketch(self, brief: Brief) -> Sketch:
        """The plan with words for each move, for a chat model to work from."""
        brief = _served(brief)
        slots = slot_values(brief)
        plan = make_plan(brief, self._phrasebook, slots, self._fallback, self._points, self._own, self._cases)
        moves = tuple(
            SketchedMove(s.planned.move.move, s.planned.move.technique, s.text.strip()) for s in say(plan, brief, slots)
        )
        return Sketch(moves, slots if brief.situation.language != "en" else slot_values(_in_chinese(brief)))

    def strategies(self, brief: Brief) -> tuple[Strategy, ...]:
        """The ways to meet this customer that differ in what is said or asked, the proportionate one first."""
        plan = self.plan(brief).moves
        seen = {_made_of(plan)}
        found: list[Strategy] = ["balanced"]
        for strategy in get_args(Strategy)[1:]:
            moves = in_strategy(plan, strategy)
            if fits(plan, strategy) and _made_of(moves) not in seen:
                seen.add(_made_of(moves))
                found.append(strategy)
        return tuple(found)

    def propose(self, brief: Brief) -> Iterator[Proposal]:
        """Bubble by bubble; the last is whole. Never raises EngineError: there is always something honest to say."""
        brief = _served(brief)
        slots = slot_values(brief)
        plan = make_plan(brief, self._phrasebook, slots, self._fallback, self._points, self._own, self._cases)
        english = brief.situation.language == "en"
        foreign = foreign_reply(brief, slot_values(_in_chinese(brief)), is_urgent(brief)) if english else None
        if foreign is not None:
            yield Proposal(
                reply="\n".join(foreign.bubbles),
                bubbles=foreign.bubbles,
                next_steps=(_CHECK_MEANING, *plan.next_steps),
                engine="offline",
                gloss=foreign.gloss,
            )
            return
        said = say(plan, brief, slots)
        bubbles = in_bubbles(said, english)
        gloss = gloss_of(said, slot_values(_in_chinese(brief))) if english else ""
        texts, placed = _laid_out(bubbles)
        supports = self._citer.supports(placed, brief, slots)
        for count in range(1, len(texts) + 1):
            reply = "\n".join(texts[:count])
            yield Proposal(
                reply=reply,
                bubbles=texts[:count],
                supports=_within(supports, len(reply)),
                next_steps=plan.next_steps,
                engine="offline",
                gloss=gloss if count == len(texts) else "",
            )


def _made_of(moves: Sequence[PlannedMove]) -> frozenset[str]:
    """What a plan does of substance, however it is framed: the same set is the same strategy."""
    telling = ("fact", "explain", "decline", "offer", "advise", "ask", "apologise")
    return frozenset(m.move.wordings[0].zh for m in moves if m.move.move in telling)


def _served(brief: Brief) -> Brief:
    """`brief` of what the customer wants: what a message orders the assistant to do is neither done nor said back."""
    served = without_orders(brief.conversation)
    pairs = zip(brief.conversation.messages, served.messages, strict=True)
    ordered = "\n".join(said.text for said, left in pairs if said.text != left.text)
    return replace(brief, conversation=served, ordered=ordered)


def _in_chinese(brief: Brief) -> Brief:
    return replace(brief, situation=brief.situation.model_copy(update={"language": "zh-Hans"}))


def _laid_out(
    bubbles: tuple[tuple[SaidMove, ...], ...],
) -> tuple[tuple[str, ...], tuple[tuple[SaidMove, int], ...]]:
    """The text of each bubble, and each move with its offset in the reply (bubbles joined by line breaks)."""
    texts: list[str] = []
    placed: list[tuple[SaidMove, int]] = []
    start = 0
    for bubble in bubbles:
        offset = start
        for said in bubble:
            placed.append((said, offset))
            offset += len(said.text)
        text = "".join(said.text for said in bubble).rstrip()
        texts.append(text)
        start += len(text) + 1
    return tuple(texts), tuple(placed)


def _within(supports: tuple[Support, ...], length: int) -> tuple[Support, ...]:
    return tuple(s for s in supports if s.span[1] <= length)
