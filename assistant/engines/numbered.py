"""Who numbers what they ask is answered by number, and told which numbers are still to be found out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.engines import Brief
from assistant.engines.moves import PlannedMove
from assistant.engines.naming import NAMED
from assistant.engines.questions import is_particular, unanswered
from assistant.situation.numbered import Point, numbered
from assistant.values import PointMade
from knowledge.phrasebook import Phrasebook

OPEN = "rest.numbered"
"""How the situations begin that name the points which nothing answers."""
_MEETING = ("greet", "thank", "acknowledge", "apologise")
_LONGEST_NAMED = 12
"""Characters of a point's own words that are put behind its number where it stays open."""
_MOST_NAMED = 3
"""Open points that are named in words; of more only the numbers are said."""


def by_number(
    moves: Sequence[PlannedMove], brief: Brief, points: Sequence[PointMade], fallback: Phrasebook
) -> tuple[PlannedMove, ...]:
    """`moves` in the order of the customer's numbers, each answer behind its number, general remarks left out; the points that
    nothing answers named. Unchanged where nothing is numbered or someone is at risk.
    """
    asked = numbered(brief.conversation)
    if not asked or any(m.move.move == "safety" for m in moves):
        return tuple(moves)
    rest = [m for m in moves if m.point != NAMED]
    told = [m for m in rest if m.is_substance]
    answers = [[p for p in asked if not unanswered((p.words,), brief, points, (m,))] for m in told]
    by_point: list[PlannedMove] = []
    for point in asked:
        own = [m for m, answered in zip(told, answers, strict=True) if answered[:1] == [point]]
        by_point += [replace(m, label="" if i else point.label) for i, m in enumerate(own)]
    beside = [m for m, answered in zip(told, answers, strict=True) if not answered and is_particular(m)]
    open_ = [p for p in asked if not any(p in answered for answered in answers)]
    met = [m for m in rest if m.move.move in _MEETING][:1]
    tail = [m for m in rest if not m.is_substance and m.move.move not in _MEETING]
    return (*met, *by_point, *beside, *_with_open(tail, open_, brief, fallback))


def _with_open(
    tail: Sequence[PlannedMove], open_: Sequence[Point], brief: Brief, fallback: Phrasebook
) -> tuple[PlannedMove, ...]:
    """The end of a reply, with the points that are still to be found out."""
    if not open_:
        return tuple(tail)
    timed = [i for i, m in enumerate(tail) if m.is_timed]
    (entry, *_) = fallback.by_situation[OPEN if timed else f"{OPEN}.step"]
    move = next(m for m in entry.moves if m.move != "close")
    said = _named(open_, english=brief.situation.language == "en")
    named = PlannedMove(entry.situation, move, move.wordings, point=NAMED, said=said)
    at = timed[-1] + 1 if timed else len(tail)
    return (*tail[:at], named, *tail[at:])


def _named(open_: Sequence[Point], english: bool) -> str:
    """The open points by number, and where they are few in their own words: 2（少了一盒订书钉）、4（包不包安装）."""
    few = len(open_) <= _MOST_NAMED and not english
    named = []
    for point in open_:
        words = point.words.put.strip("「」") or point.words.text.rstrip("?？!！。 ")
        mark = point.label.rstrip("、")
        named.append(f"{mark}（{words}）" if few and len(words) <= _LONGEST_NAMED else mark)
    return (", " if english else "、").join(named)
