"""What a reply will do, before any wording: the moves of the phrasebook whose conditions hold, merged over wishes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

import re2

from assistant.engines import Brief
from assistant.situation.script import folded
from knowledge.phrasebook import Move, MoveKind, Phrasebook, PhrasebookEntry, Slot, Wording

_AT_MOST: dict[MoveKind, int] = {
    "safety": 2, "greet": 1, "thank": 1, "acknowledge": 1, "apologise": 1, "fact": 2, "explain": 2, "decline": 1,
    "offer": 2, "advise": 2, "ask": 1, "next_step": 1, "close": 1,
}  # fmt: skip
_SUBSTANCE: tuple[MoveKind, ...] = ("fact", "explain", "decline", "offer", "advise")
_ENOUGH = 3
"""An entry that answers this many things the customer named needs no further entry beside it."""
_MORE = 2
"""Moves of substance that a further wish may add."""
_SIDE = frozenset(
    {
        "after.return_freight",
        "after.compensation",
        "after.immediate",
        "after.installation",
        "after.exchange",
        "after.used_return",
        "pre.invoice_question",
    }
)
"""Wishes that go with a matter: answered after it, never before."""
_PASSING = frozenset({"general.robot", "general.waiting_reply", "general.emoji_only", "general.chitchat"})
"""Said in passing: the matter comes first where there is one."""
_MANNER = frozenset(
    {
        "after.immediate", "after.angry_vent", "after.abuse", "after.endless_talk", "after.sarcasm", "after.deny_all",
        "after.unreasonable", "after.distrust_agent", "general.waiting_reply",
    }
)  # fmt: skip
"""How a customer speaks: beside a matter, only what answers their very words is added."""
_SHIP_HOURS = {"ship_within_24h": 24, "ship_within_48h": 48}
_PRICE = ("pre.bargain", "pre.bulk", "pre.cheaper_elsewhere", "pre.price_expensive")
_REFUSAL = "婉转拒绝"
"""What can't be promised is said once, whichever wish it is said to."""
_ALONE = frozenset({"general.self_harm", "after.bereavement", "after.extortion"})
"""Answered for themselves: beside them nothing else belongs."""
_LEAST_FIRST: tuple[MoveKind, ...] = (
    "greet", "close", "thank", "advise", "apologise", "explain", "acknowledge", "ask", "fact", "offer", "decline",
    "next_step", "safety",
)  # fmt: skip


@dataclass(frozen=True)
class PlannedMove:
    """One move to make, for which situation it is made, and the wordings that can be filled."""

    situation: str
    move: Move
    wordings: tuple[Wording, ...]
    primary: bool = True


@dataclass(frozen=True)
class Plan:
    """Moves in the order they will be said; `next_steps` for the agent's eyes."""

    moves: tuple[PlannedMove, ...]
    next_steps: tuple[str, ...]


def make_plan(brief: Brief, phrasebook: Phrasebook, slots: Mapping[Slot, str], fallback: Phrasebook) -> Plan:
    """The plan for all wishes of the last turn. Never empty: what no phrasebook knows is met by `fallback`."""
    intents = sorted((i for i in brief.situation.intents if i in phrasebook.by_situation), key=_rank)
    if _overdue(brief):
        intents = list(dict.fromkeys("in.late_ship" if i == "in.urge_ship" else i for i in intents))
    if _moving(brief):
        intents = list(dict.fromkeys("in.track" if i == "in.stuck" else i for i in intents))
    if intents and intents[0] in _ALONE:
        intents = intents[:1]
    named = {e.what.removeprefix("intent:") for e in brief.situation.evidence}
    named.update(f"after.{risk}" for risk in brief.situation.risks)
    entries = [_entry(phrasebook.by_situation[i], brief) for i in intents]
    moves: tuple[PlannedMove, ...] = ()
    if entries:
        moves = _usable(entries[0], brief, slots, primary=True)
        answered = sum(bool(m.move.mentions) for m in moves if m.move.move in _SUBSTANCE)
        for entry in entries[1:] if answered < _ENOUGH else ():
            if _answered_already(entry.situation, moves, brief):
                continue
            own_words = entry.situation in named and entry.situation not in _MANNER
            moves = _merged(moves, _usable(entry, brief, slots, primary=False), own_words)
    if not any(m.move.move in (*_SUBSTANCE, "ask", "next_step", "safety", "thank", "close") for m in moves):
        stage = f"fallback.{brief.situation.stage}"
        entries = [_entry(fallback.by_situation[stage], brief)]
        moves = _usable(entries[0], brief, slots, primary=True)
    steps = tuple(dict.fromkeys(step for entry in entries for step in entry.next_steps))
    return Plan(_for_tone(moves, brief, slots, fallback), steps)


def least_needed(moves: Sequence[PlannedMove]) -> int | None:
    """The index of the move to leave out when the reply is too long; None when only the core is left."""
    if len(moves) <= 2:
        return None
    order = {kind: rank for rank, kind in enumerate(_LEAST_FIRST)}

    def rank(index: int) -> tuple[int, int]:
        planned = moves[index]
        if planned.move.move in _SUBSTANCE and planned.move.mentions:
            return (order["decline"], -index)  # the answer to something the customer asked in so many words
        if planned.move.move in _SUBSTANCE and not planned.primary and planned.move.move != "offer":
            return (order["advise"], -index)
        return (order[planned.move.move], -index)

    worst = min(range(len(moves)), key=rank)
    return None if moves[worst].move.move in ("safety", "next_step") else worst


def _of_another_kind(planned: PlannedMove, first: Sequence[PlannedMove]) -> bool:
    """Whether what is declined is not the price for the second time."""
    return not (planned.situation.startswith(_PRICE) and any(m.situation.startswith(_PRICE) for m in first))


def _moving(brief: Brief) -> bool:
    """Whether the latest tracking entry is of today: a parcel that moves is not stuck, however long it takes."""
    status = (brief.conversation.order.tracking_status if brief.conversation.order else None) or ""
    return f"{brief.now:%m-%d}" in status[:10]


def _rank(situation: str) -> int:
    """Matters first, what goes with them next, what is said in passing last."""
    return 2 if situation in _PASSING else int(situation in _SIDE)


def _overdue(brief: Brief) -> bool:
    """Whether the time to ship that the shop stands by is over and nothing has left."""
    order = brief.conversation.order
    hours = [_SHIP_HOURS[a.kind] for a in brief.conversation.policy.authorities if a.kind in _SHIP_HOURS]
    if order is None or order.paid_at is None or order.shipped_at is not None or order.tracking_status or not hours:
        return False
    return brief.now.replace(tzinfo=None) > order.paid_at.replace(tzinfo=None) + timedelta(hours=min(hours))


def _entry(entries: Sequence[PhrasebookEntry], brief: Brief) -> PhrasebookEntry:
    """Where a situation has several entries, the conversation's fingerprint says which: the same one every time."""
    return entries[int(brief.conversation.fingerprint()[:8], 16) % len(entries)]


def _usable(entry: PhrasebookEntry, brief: Brief, slots: Mapping[Slot, str], primary: bool) -> tuple[PlannedMove, ...]:
    """The entry's moves that hold, at most so many of a kind; where more hold, those that ask for most.

    What answers the customer's very words is never left out here: each question gets its answer.
    """
    customer = " ".join(folded(m.text) for m in brief.conversation.messages if m.role == "customer")
    everything = " ".join(folded(m.text) for m in brief.conversation.messages)
    granted = {a.kind for a in brief.conversation.policy.authorities}
    held: list[PlannedMove] = []
    for move in entry.moves:
        wordings = _fillable(move, brief, slots)
        if (
            wordings
            and granted.issuperset(move.authority)
            and not granted.intersection(move.without)
            and all(slot in slots for slot in move.needs)
            and not any(slot in slots for slot in move.lacks)
            and (not move.mentions or _pattern(move.mentions).search(customer))
            and not (move.unless and _pattern(move.unless).search(everything))
        ):
            held.append(PlannedMove(entry.situation, move, wordings, primary))
    keep: set[int] = set()
    for kind, limit in _AT_MOST.items():
        of_kind = [i for i, m in enumerate(held) if m.move.move == kind]
        asked = [i for i in of_kind if held[i].move.mentions and kind in _SUBSTANCE]
        others = sorted((i for i in of_kind if i not in asked), key=lambda i: (-_conditions(held[i].move), i))
        keep.update(asked)
        keep.update(others[: max(limit - len(asked), 1)] if kind in _SUBSTANCE else others[:limit])
    return tuple(m for i, m in enumerate(held) if i in keep)


def _conditions(move: Move) -> int:
    return (
        len(move.authority)
        + len(move.without)
        + len(move.needs)
        + len(move.lacks)
        + 2 * bool(move.mentions)
        + bool(move.unless)
    )


def _fillable(move: Move, brief: Brief, slots: Mapping[Slot, str]) -> tuple[Wording, ...]:
    english = brief.situation.language == "en"
    return tuple(
        w
        for w in move.wordings
        if (w.en or not english) and all(s in slots for s in (w.en_slots if english else w.zh_slots))
    )


@lru_cache(maxsize=2048)
def _pattern(pattern: str) -> Any:
    """Patterns are written in normal form or not: both sides are folded. Linear, whatever the customer wrote."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    return re2.compile(pattern, options)


def _merged(first: tuple[PlannedMove, ...], more: tuple[PlannedMove, ...], own_words: bool) -> tuple[PlannedMove, ...]:
    """A further wish adds what it has to say in substance, and what the first has none of; safety always leads.

    A wish that no word of the customer's names (not `own_words`) adds only what answers words they did use.
    """
    kinds = {m.move.move for m in first}
    carried = {(m.move.move, m.move.technique) for m in first if m.move.technique}
    allowed = {kind for m in first for kind in m.move.authority}
    timed = any(_is_timed(m) for m in first)
    safety = [m for m in more if m.move.move == "safety" and "safety" not in kinds]
    substance = [
        m
        for m in more
        if m.move.move in _SUBSTANCE
        and (m.move.move, m.move.technique) not in carried
        and not allowed.intersection(m.move.authority)
        and not (timed and _is_timed(m))
        and not (m.move.move == "decline" and "decline" in kinds and not (own_words and _of_another_kind(m, first)))
        and not (m.move.technique == _REFUSAL and any(c.move.technique == _REFUSAL for c in first))
    ]
    asked = [m for m in substance if m.move.mentions]
    substance = asked[:_MORE] if asked else substance[: int(own_words)]
    tail = [m for m in more if m.move.move == "next_step" and "next_step" not in kinds and not (timed and _is_timed(m))]
    cut = next((i for i, m in enumerate(first) if m.move.move in ("ask", "next_step", "close")), len(first))
    return (*safety, *first[:cut], *substance, *first[cut:], *tail)


def _answered_already(situation: str, moves: Sequence[PlannedMove], brief: Brief) -> bool:
    """Whether a move already made answers the very words in which this wish was seen."""
    words = [
        folded(brief.conversation.messages[e.message].text[e.start : e.end])
        for e in brief.situation.evidence
        if e.what == f"intent:{situation}"
    ]
    patterns = [_pattern(m.move.mentions) for m in moves if m.move.mentions]
    return any(p.search(w) for p in patterns for w in words)


def _is_timed(planned: PlannedMove) -> bool:
    """Whether the move names the answer-by time: once is enough."""
    return all("answer_by" in w.slots for w in planned.wordings)


def _for_tone(
    moves: tuple[PlannedMove, ...], brief: Brief, slots: Mapping[Slot, str], fallback: Phrasebook
) -> tuple[PlannedMove, ...]:
    """Shorter: the core. Warmer: someone stays at hand. Formal: a proper greeting. Danger leaves no room for either."""
    kinds = {m.move.move for m in moves}
    if brief.tone == "shorter":
        lean = tuple(m for m in moves if m.move.move not in ("greet", "close", "thank", "apologise"))
        return lean if len(lean) >= 2 else moves
    if brief.tone == "normal" or "safety" in kinds:
        return moves
    added = _usable(_entry(fallback.by_situation[f"tone.{brief.tone}"], brief), brief, slots, primary=True)
    added = tuple(m for m in added if m.move.move not in kinds)
    return (*added, *moves) if brief.tone == "formal" else (*moves, *added)
