"""Several wishes in one plan: what a further wish adds to the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.engines import Brief
from assistant.engines.misread import PRICE
from assistant.engines.moves import SUBSTANCE, PlannedMove, pattern
from assistant.situation.script import folded
from assistant.values import PointMade
from knowledge.points import PointBook

_MORE = 2
"""Moves of substance that a further wish may add."""
_REFUSAL = "婉转拒绝"
"""What can't be promised is said once, whichever wish it is said to."""


def merged(
    first: tuple[PlannedMove, ...], more: tuple[PlannedMove, ...], own_words: bool, asks: bool = False
) -> tuple[PlannedMove, ...]:
    """A further wish adds what it has to say in substance, and what the first has none of; safety always leads.

    A wish that no word of the customer's names (not `own_words`) adds only what answers words they did use. `asks`: it also
    asks its own question, where the first has none.
    """
    kinds = {m.move.move for m in first}
    carried = {(m.move.move, m.move.technique) for m in first if m.move.technique}
    allowed = {kind for m in first for kind in m.move.authority}
    timed = any(m.is_timed for m in first)
    safety = [m for m in more if m.move.move == "safety" and "safety" not in kinds]
    substance = [
        m
        for m in more
        if m.move.move in SUBSTANCE
        and (m.move.move, m.move.technique) not in carried
        and not allowed.intersection(m.move.authority)
        and not (timed and m.is_timed)
        and not (m.move.move == "decline" and "decline" in kinds and not (own_words and _of_another_kind(m, first)))
        and not (m.move.technique == _REFUSAL and any(c.move.technique == _REFUSAL for c in first))
    ]
    asked = [m for m in substance if m.move.mentions]
    if asks:
        substance = [m for m in substance if m.move.move == "offer"] or substance
    substance = asked[:_MORE] if asked else substance[: int(own_words)]
    heard = [m for m in more if own_words and m.move.move == "acknowledge" and "?P<said>" in m.move.mentions][:1]
    tail = [m for m in more if m.move.move == "next_step" and "next_step" not in kinds and not (timed and m.is_timed)]
    question = [_briefly(m) for m in more if asks and m.move.move == "ask" and "ask" not in kinds]
    cut = next((i for i, m in enumerate(first) if m.move.move in ("ask", "next_step", "close")), len(first))
    return (*safety, *first[:cut], *heard, *substance, *question, *first[cut:], *tail)


def _of_another_kind(planned: PlannedMove, first: Sequence[PlannedMove]) -> bool:
    """Whether what is declined is not the price for the second time."""
    return not (planned.situation.startswith(PRICE) and any(m.situation.startswith(PRICE) for m in first))


def _briefly(move: PlannedMove) -> PlannedMove:
    """In its shortest wording: beside another matter it is not the point."""
    return replace(move, wordings=(min(move.wordings, key=lambda w: len(w.zh)),))


def named_apart(situation: str, points: Sequence[PointMade], book: PointBook, brief: Brief) -> bool:
    """Whether the wish is named in a bubble of its own, in which no point of it is answered (绘本想换成第二辑, beside 一起发)."""
    bubbles = {p.message for p in points if situation in book.by_id[p.point].situations}
    return any(e.what == f"intent:{situation}" and e.message not in bubbles for e in brief.situation.evidence)


def answered_already(situation: str, moves: Sequence[PlannedMove], brief: Brief) -> bool:
    """Whether a move already made answers the very words in which this wish was seen."""
    words = [
        folded(brief.conversation.messages[e.message].text[e.start : e.end])
        for e in brief.situation.evidence
        if e.what == f"intent:{situation}"
    ]
    patterns = [pattern(m.move.mentions) for m in moves if m.move.mentions]
    return any(p.search(w) for p in patterns for w in words)
