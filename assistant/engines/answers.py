"""What a plan says to the points that the customer made: each its own answer, within the frame of the situation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import re2

from assistant.engines import Brief
from assistant.engines.moves import PlannedMove, mentioned, says_sorry, usable
from assistant.engines.questions import is_asked
from assistant.engines.sameness import alike
from assistant.engines.taking_up import INJECTION
from assistant.situation.ordered import only_orders
from assistant.situation.questions import Asked
from assistant.situation.script import folded
from assistant.values import PointMade
from knowledge.phrasebook import MoveKind, Slot
from knowledge.points import PointBook

COMPLAINS = re2.compile(
    r"还没|几次都|[几好两三\d]次了|都说在|没有?(?:人|收|到|给|发|来|动|退|回)|一直|到现在|怎么还|为什么|为啥|又|凭什么|凭啥|坏|破|碎|少|漏|错|丢|\d天了|still|never|why|broken|wrong|missing"
)
"""Words of a question that tell of something amiss."""
MOST_POINTS = 5
"""Points that one reply answers: with more, a chat reply would be a letter."""
_SUBSTANCE_OF_ONE = 2
"""Moves of substance for one point, when it is the only one; where there are several, each gets one."""
_TERMS_OVER: frozenset[Slot] = frozenset(
    {"price_protection_over", "return_window_over", "warranty_over", "ship_overdue"}
)
"""What the order says is over is told, whatever else is answered: it decides the matter."""
_ORDER: tuple[MoveKind, ...] = ("safety", "greet", "thank", "acknowledge", "apologise")


def answers(
    points: Sequence[PointMade],
    book: PointBook,
    brief: Brief,
    slots: Mapping[Slot, str],
    asked: Sequence[Asked] = (),
) -> tuple[PlannedMove, ...]:
    """The moves for `points`, in the order in which the points were made; those of a point without any that holds fall out.

    What was asked comes before what was only told, where there is more than a reply answers. Who calmly asks is not met with
    sorrow for what has not happened.
    """
    first = sorted(points, key=lambda p: (not is_asked(p, asked), -p.score))[:MOST_POINTS]
    chosen = sorted(first, key=lambda p: (p.message, p.start))
    found: list[PlannedMove] = []
    for made in chosen:
        point = book.by_id.get(made.point)
        if point is None:
            continue
        sentence = brief.conversation.messages[made.message].text[made.start : made.end]
        moves = usable(point.moves, brief, slots, point.situations[0], point=point.id, sentence=sentence)
        substance = 0
        calmly = is_asked(made, asked) and brief.situation.emotion == "calm" and not COMPLAINS.search(folded(sentence))
        for move in moves:
            if calmly and move.move.move in ("acknowledge", "apologise") and says_sorry(move):
                continue
            substance += move.is_substance
            if not move.is_substance or substance <= (_SUBSTANCE_OF_ONE if len(chosen) == 1 else 1):
                found.append(move)
    return tuple(found)


def framed(
    frame: Sequence[PlannedMove], replies: Sequence[PlannedMove], brief: Brief, points: Sequence[PointMade]
) -> tuple[PlannedMove, ...]:
    """The frame of the situation with the answers in it.

    What a point names particularly takes the place of what the frame says generally; the frame's safety, what it
    offers with authority and what answers words that no point accounts for stay.
    """
    if not replies:
        return _in_order(frame, ()) if brief.situation.stage == "pre_sale" else tuple(frame)
    if any(m.move.move == "safety" for m in frame):
        replies = [r for r in replies if r.move.move != "safety"]  # the frame's first aid is whole
    kinds = {r.move.move for r in replies}
    answered = any(r.is_substance for r in replies)
    granted = {a for r in replies if r.move.move in ("offer", "explain") for a in r.move.authority}
    facts = {n for r in replies if r.is_substance for n in _told(r)}
    rest = _words_left(brief, points)
    kept = []
    for move in frame:
        kind = move.move.move
        if kind == "next_step":
            if not any(r.move.move == kind and (r.is_timed or not move.is_timed) for r in replies):
                kept.append(move)
        elif kind in ("acknowledge", "thank"):
            if not kinds & {"acknowledge", "thank"}:
                kept.append(move)
        elif kind in ("apologise", "ask", "close"):
            asked_in_vain = kind == "ask" and answered and brief.situation.stage == "pre_sale"
            if kind not in kinds and not asked_in_vain:
                kept.append(move)
        elif kind in ("fact", "explain", "decline", "offer", "advise"):
            own = bool(move.move.mentions) and mentioned(move.move, rest)[0]
            allowed = kind in ("offer", "explain") and bool(move.move.authority)
            given = allowed and not granted.intersection(move.move.authority)
            told = kind == "fact" or not _TERMS_OVER.isdisjoint(move.move.needs)
            known = told and bool(move.move.needs) and not facts.intersection(move.move.needs)
            if (own or given or known or not answered) and not any(alike(move, r) for r in replies):
                kept.append(move)
        else:
            kept.append(move)
    return _in_order(kept, _once(replies))


def _told(move: PlannedMove) -> frozenset[str]:
    """The facts that a move tells in some wording of it."""
    return frozenset[str]().union(*(w.slots for w in move.wordings))


def _words_left(brief: Brief, points: Sequence[PointMade]) -> tuple[str, ...]:
    """The customer's words without those that made a point."""
    left = []
    for index, message in enumerate(brief.conversation.messages):
        if message.role != "customer":
            continue
        text = message.text
        for point in sorted((p for p in points if p.message == index), key=lambda p: -p.start):
            text = text[: point.start] + "。" + text[point.end :]
        left.append(text)
    return (" ".join(left),)


def _once(replies: Sequence[PlannedMove]) -> list[PlannedMove]:
    """Of what is said once in a reply, the first: one opening, one question back, one step with its time."""
    seen: set[MoveKind] = set()
    kept = []
    for reply in replies:
        kind = reply.move.move
        if not reply.is_substance and kind != "safety":
            if kind in seen:
                continue
            seen.add(kind)
        kept.append(reply)
    return kept


def _in_order(frame: Sequence[PlannedMove], replies: Sequence[PlannedMove]) -> tuple[PlannedMove, ...]:
    """Safety, how the customer is met, the answers, the frame's substance, what is asked, what comes next."""

    def rank(move: PlannedMove) -> tuple[int, int]:
        kind = move.move.move
        if kind in _ORDER:
            return (_ORDER.index(kind), 0)
        if move.is_substance:
            return (10, int(not move.point))
        return ({"ask": 20, "next_step": 21, "close": 22}[kind], 0)

    return tuple(sorted((*replies, *frame), key=rank))


def of_orders(
    points: Sequence[PointMade], book: PointBook, brief: Brief, intents: Sequence[str]
) -> tuple[PointMade, ...]:
    """`points`; where orders to the system are all that was said only those about orders, beside anything else none of them."""
    only = only_orders(brief.conversation)
    if not only and (not intents or INJECTION in intents):
        return tuple(points)
    return tuple(p for p in points if (INJECTION in book.by_id[p.point].situations) == only)
