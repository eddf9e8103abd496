"""Nothing is said twice: not within a reply, and not what the agent has said before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import re2

from assistant.engines import Brief
from assistant.engines.misread import PRICE
from assistant.engines.moves import PlannedMove, says_sorry
from assistant.engines.naming import NAMED
from assistant.engines.refusing import ORDERED
from assistant.engines.sameness import alike, shares
from assistant.situation.questions import questions_of
from assistant.situation.script import folded

_SENTENCE = re2.compile(r"[^。!?;\n]+")
_SHORTEST = 8
"""Characters of an agent's sentence from which it can have said what a move says."""
_TOLD_BEFORE = 0.5
"""Share of a wording's pairs of characters that an agent's sentence has, from which it was said before."""
_SHORT_TURN = 12
"""Characters up to which a turn without a question's form is one all the same: 我问运费."""
_ONE_ACT = frozenset({"expedite_courier_query", "return_freight_by_seller"})
"""What is granted and done once: offered in other words it is the same."""
_TOLD_ONCE = frozenset({"warranty_1y", "refund_approved", "price_protection_30d", "exchange", "coupon", "gift"})
"""What is granted in one sentence; of a return without reason the terms and the days are two."""
_UNSENT = re2.compile(r"还没(?:有)?(?:寄|发)|没寄出|还没给您(?:寄|发)|没(?:出|离开)仓库")
_REPEATED = ("explain", "advise", "decline")
"""What was said of how things are need not be heard again; facts and steps may have changed since."""


def said_once(moves: Sequence[PlannedMove], brief: Brief) -> tuple[PlannedMove, ...]:
    """`moves` without a second apology, a price declined twice, what another move of substance says much the same, and what
    the agent explained already.
    """
    before = [
        s.group(0)
        for m in brief.conversation.messages
        if m.role == "agent"
        for s in _SENTENCE.finditer(folded(m.text))
        if len(s.group(0)) >= _SHORTEST
    ]
    sorry = [m for m in moves if _surely_sorry(m)]
    in_substance = any(m.is_substance for m in sorry)
    kept: list[PlannedMove] = []
    for move in moves:
        kind = move.move.move
        if kind in _REPEATED and not _asked_again(move, brief) and any(_told(move, sentence) for sentence in before):
            continue
        if (
            says_sorry(move)
            and kind in ("acknowledge", "apologise")
            and ((in_substance and kind == "apologise") or any(k in sorry for k in kept))
        ):
            continue
        refused = move.situation.startswith(ORDERED)  # what else is declined does not say it
        if (
            kind == "decline"
            and not refused
            and any(k.move.move == kind and _of_price(k) == _of_price(move) for k in kept)
        ):
            continue
        same = [k for k in kept if k.move.move == kind and k.is_substance]
        if any(k.move.authority == move.move.authority and _ONE_ACT.intersection(move.move.authority) for k in same):
            continue
        if move.is_substance and _is_granted_already(move, kept):
            continue
        if kind == "fact" and any(k.move.needs and k.move.needs == move.move.needs and alike(move, k) for k in same):
            continue
        if kind == "fact" and _says(_UNSENT, move):
            earlier = next((k for k in kept if k.is_substance and _says(_UNSENT, k)), None)
            if earlier is not None and (earlier.move.move != "fact" or _length(earlier) >= _length(move)):
                continue
            kept = [k for k in kept if k is not earlier]  # which says what can be done about it says it too
        general = move.is_substance and not (move.move.authority or move.move.needs or move.point == NAMED)
        if general and any(k.is_substance and alike(move, k) for k in kept):
            continue
        kept.append(move)
    return tuple(kept) if len(kept) > 1 else tuple(moves)


def _is_granted_already(move: PlannedMove, kept: Sequence[PlannedMove]) -> bool:
    """Whether what the shop allows is told already, and this tells no fact beyond that."""
    return not (move.own or _TOLD_ONCE.isdisjoint(move.move.authority)) and any(
        k.is_substance
        and k.move.authority == move.move.authority
        and set(k.move.needs) >= set(move.move.needs)
        and (k.point != move.point or not move.point)
        for k in kept
    )


def _length(move: PlannedMove) -> int:
    return min(len(w.zh) for w in move.wordings)


def _says(words: re2._Regexp, move: PlannedMove) -> bool:
    return all(words.search(w.zh) for w in move.wordings)


def _told(move: PlannedMove, sentence: str) -> bool:
    return all(shares(w.zh, sentence) >= _TOLD_BEFORE for w in move.wordings)


def _asked_again(move: PlannedMove, brief: Brief) -> bool:
    """Whether a question of the last turn is about what the move says: who asks again is answered again."""
    asked = " ".join(folded(q.text) for q in questions_of(brief.conversation))
    turn = folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    words = asked if asked else turn if len(turn) <= _SHORT_TURN else ""
    pairs = {words[i : i + 2] for i in range(len(words) - 1) if words[i : i + 2].isalpha()}
    return any(all(pair in folded(w.zh) for w in move.wordings) for pair in pairs)


def _surely_sorry(move: PlannedMove) -> bool:
    """Whether a move is an apology in whichever wording."""
    return all(says_sorry(replace(move, wordings=(w,))) for w in move.wordings)


def _of_price(move: PlannedMove) -> bool:
    return move.situation.startswith(PRICE)
