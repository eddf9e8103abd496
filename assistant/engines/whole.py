"""The whole reply of a case: written in one piece, said as it stands, where its conditions leave enough of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from assistant.engines import Brief
from assistant.engines.answers import answers
from assistant.engines.helping import with_what_helps
from assistant.engines.misread import is_swindle
from assistant.engines.moves import SUBSTANCE, PlannedMove, holding, one_of_each
from assistant.engines.questions import is_asked
from assistant.engines.suggesting import CHOICE, CHOOSING
from assistant.engines.sums import passes_over_a_sum
from assistant.engines.taking_up import dangers
from assistant.situation.numbered import numbered
from assistant.situation.questions import questions_of
from knowledge.cases import Case, CaseBook
from knowledge.phrasebook import Move, MoveKind, Phrasebook, Slot
from knowledge.points import PointBook

_TELLING: tuple[MoveKind, ...] = (*SUBSTANCE, "ask", "next_step")
_MEETING: tuple[MoveKind, ...] = ("greet", "thank", "acknowledge", "apologise")
_TAIL: tuple[MoveKind, ...] = ("ask", "next_step", "close")
_LEAST = 2
"""Moves that a whole reply has at least."""
_DECIDES = frozenset({"defect_confirmed_by_inspection", "refund_approved"})
"""What was granted and settles the matter: a reply that does not say so is not the one."""
_SAFETY = "人身安全优先"
_TOLD = 0.8
"""Probability from which a sentence tells of somebody who may come to harm."""
_SURE = 0.9
"""Probability from which a sentence asks something beside the case that is answered as well."""


def whole_reply(
    brief: Brief, cases: CaseBook, slots: Mapping[Slot, str], points: PointBook, fallback: Phrasebook | None = None
) -> tuple[PlannedMove, ...]:
    """The moves of the case that the conversation is of, and answers to what is surely asked beside it. () where it is of
    none, or where someone is at risk: what is said to them stands elsewhere.
    """
    made = brief.situation.case
    if made is None or made.case not in cases.by_id or dangers(brief) or "injection" in brief.situation.risks:
        return ()
    if numbered(brief.conversation):
        return ()  # who numbers what they ask is answered by number
    case = cases.by_id[made.case]
    if CHOOSING & {*case.situations} and CHOICE & {*slots}:
        return ()  # one of the things they name can be chosen, or what decides it asked
    held = holding(case.reply, brief, slots, case.situations[0])
    if any(_is_core(move) and not any(h.move is move for h in held) for move in case.reply):
        return ()
    moves = one_of_each(held)
    if len(moves) < _LEAST or not any(m.move.move in _TELLING for m in moves):
        return ()
    decided = _DECIDES.intersection(a.kind for a in brief.conversation.policy.authorities)
    if decided and not any(decided.intersection(m.move.authority) for m in moves):
        return ()
    if passes_over_a_sum(moves, brief, slots):
        return ()
    cut = next((i for i, m in enumerate(moves) if m.move.move in _TAIL), len(moves))
    first = _people_first(case, brief, slots, points)
    danger = tuple(m for m in first if m.move.move == "safety")
    met = next((i for i, m in enumerate(moves[:cut]) if m.move.move not in _MEETING), cut)
    careful = tuple(m for m in first if m not in danger)  # a plug that must fit is said after they are met
    beside = tuple(m for m in _beside(case, brief, slots, points) if not any(_repeats(m, told) for told in moves))
    whole = (
        *danger,
        *_thanks(moves, brief, slots, points),
        *moves[:met],
        *careful,
        *moves[met:cut],
        *beside,
        *moves[cut:],
    )
    if fallback is not None:  # what the shop allows is told to who names it (发票开公司)
        whole = with_what_helps(whole, frozenset(), brief, slots, fallback, beside=case.situations)
    return tuple(replace(m, case=case.id) for m in whole)


def _repeats(move: PlannedMove, told: PlannedMove) -> bool:
    """Whether both tell the same entry of the record."""
    return move.move.move == "fact" and any(
        all(slot in w.slots for m in (move, told) for w in m.wordings) for slot in ("tracking_status", "waiting_status")
    )


def _people_first(case: Case, brief: Brief, slots: Mapping[Slot, str], points: PointBook) -> tuple[PlannedMove, ...]:
    """What is said to somebody who tells of a person that may come to harm (孩子吃了两块), where the case says nothing of it."""
    if any(m.technique == _SAFETY for m in case.reply):
        return ()
    told = [p for p in brief.situation.points if p.score >= _TOLD and p.point in points.by_id]
    return tuple(m for m in answers(told, points, brief, slots) if m.move.technique == _SAFETY)[:1]


def _thanks(
    moves: Sequence[PlannedMove], brief: Brief, slots: Mapping[Slot, str], points: PointBook
) -> tuple[PlannedMove, ...]:
    """What an old customer is thanked with who says that they are one, where the case does not thank them."""
    if any("谢" in w.zh for m in moves for w in m.wordings):
        return ()
    told = [p for p in brief.situation.points if p.score >= _SURE and p.point in points.by_id]
    return tuple(m for m in answers(told, points, brief, slots) if m.move.move == "thank")[:1]


def _is_core(move: Move) -> bool:
    """Whether a move belongs to the reply whatever was said, but for what need not be asked: without it the rest does not hold."""
    conditions = (
        *move.authority,
        *move.without,
        *move.needs,
        *move.lacks,
        move.mentions,
        move.unless,
        move.goods,
        move.unless_goods,
    )
    return move.move != "ask" and not any(conditions)


def _beside(case: Case, brief: Brief, slots: Mapping[Slot, str], points: PointBook) -> tuple[PlannedMove, ...]:
    """What answers a question that the customer surely asks and that belongs to none of the case's situations."""
    if is_swindle(brief):
        return ()  # 是不是真的 asks about the caller
    asked = questions_of(brief.conversation)
    strange = [
        p
        for p in brief.situation.points
        if p.score >= _SURE
        and p.point in points.by_id
        and is_asked(p, asked)
        and not {*points.by_id[p.point].situations} & {*case.situations}
    ]
    return tuple(m for m in answers(strange, points, brief, slots, asked) if m.is_substance)
