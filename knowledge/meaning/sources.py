"""What the readers are taught: the catalogue's exemplars, one bubble each, authored turns of several, points' sentences and
sentences that make no point, the turns of cases and turns that only look like them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import get_args

from knowledge.cases import Case
from knowledge.fold import letters
from knowledge.meaning.labels import Labels
from knowledge.meaning.point_head import Told
from knowledge.meaning.sentences import Sentence
from knowledge.meaning.training import NOTHING, Lesson
from knowledge.meaning.turns import Mood, Sign, Turn
from knowledge.points import Point
from knowledge.situations import SituationCatalogue

_FIRST = 0.75
"""Share of the situation to answer first where a turn has several."""
_HOME = 0.7
"""Share of a point's home among the situations that it is said in."""
_TELLING = 3
"""Bubbles of a turn from which it tells its case without one of them."""
SIGN_OF: Mapping[str, Sign] = {
    "general.self_harm": "self_harm", "after.injury": "injury", "after.allergy": "allergy", "after.fire": "fire",
    "after.child_danger": "child_danger", "after.food_sick": "food_poisoning", "after.minor_purchase": "minor",
    "after.legal": "legal", "after.media": "media", "after.extortion": "extortion", "general.injection": "injection",
}  # fmt: skip
"""Situations whose every exemplar tells of a danger."""


def labels_for(catalogue: SituationCatalogue, points: Sequence[Told] = ()) -> Labels:
    return Labels(tuple(e.id for e in catalogue.entries), get_args(Sign), get_args(Mood), tuple(p.id for p in points))


def lessons(
    catalogue: SituationCatalogue,
    turns: Sequence[Turn],
    points: Sequence[Point] = (),
    sentences: Sequence[Sentence] = (),
) -> tuple[Lesson, ...]:
    """Every text once; of one that stands in several places what the first says, and the point that another says. Raises ValueError for a turn whose situation the catalogue does not have."""
    found: dict[str, Lesson] = {}
    for turn in turns:
        unknown = [s for s in (turn.wants, *turn.also) if s not in catalogue.by_id]
        if unknown:
            raise ValueError(f"unknown situation {unknown[0]} in {turn.text!r:.60}")
        shares = _shares((turn.wants, *turn.also), _FIRST)
        found.setdefault(_key(turn.text), Lesson(turn.text, shares, frozenset(turn.signs), turn.mood, "turn"))
    for entry in catalogue.entries:
        signs = frozenset({SIGN_OF[entry.id]} if entry.id in SIGN_OF else ())
        for text in entry.exemplars:
            found.setdefault(_key(text), Lesson(text, ((entry.id, 1.0),), signs, None, "exemplar"))
    for text, point in _said(points, sentences):
        wants = _shares(point.situations, _HOME) if point else ()
        name = point.id if point else NOTHING
        lesson = found.get(_key(text), Lesson(text, wants, None, None, "point"))
        found[_key(text)] = lesson if lesson.point else replace(lesson, point=name)
    return tuple(found.values())


def case_lessons(cases: Sequence[Case]) -> tuple[Lesson, ...]:
    """Every turn of every case once. What only looks like a case comes last: another may be meant by it."""
    found: dict[str, Lesson] = {}
    for case in cases:
        for turn in case.turns:
            wants = _shares(case.situations, _HOME)
            found.setdefault(_key(turn), Lesson(turn, wants, None, None, "case", case.id))
    for turn in (turn for case in cases for turn in case.unlike):
        found.setdefault(_key(turn), Lesson(turn, (), None, None, "case", NOTHING))
    return tuple(found.values())


def shortened(found: Sequence[Lesson], seed: int) -> tuple[Lesson, ...]:
    """Turns of cases without one of their bubbles: nobody tells everything."""
    rng = random.Random(seed)
    made = []
    for lesson in found:
        bubbles = lesson.text.split("\n")
        if len(bubbles) >= _TELLING and lesson.point != NOTHING:
            del bubbles[rng.randrange(len(bubbles))]
            made.append(replace(lesson, text="\n".join(bubbles)))
    return tuple(made)


def _said(points: Sequence[Point], sentences: Sequence[Sentence]) -> Iterator[tuple[str, Point | None]]:
    """Sentences with the point that they make; what only looks like a point comes last: another may be meant by it."""
    by_id = {p.id: p for p in points}
    yield from ((text, point) for point in points for text in point.exemplars)
    yield from ((s.text, by_id[s.point] if s.point else None) for s in sentences)
    yield from ((text, None) for point in points for text in point.unlike)


def composed(found: Sequence[Lesson], share: float, seed: int) -> tuple[Lesson, ...]:
    """Longer turns put together from lessons, `share` for each: two thirds of them two or three that want the same, so that
    length says nothing, the others of two that want different things, which then count the same.
    """
    rng = random.Random(seed)
    plain = [x for x in found if len(x.wants) == 1 and x.signs is not None and len(x.text) <= 60]
    by_wish: dict[str, list[Lesson]] = {}
    for lesson in plain:
        by_wish.setdefault(lesson.wants[0][0], []).append(lesson)
    made = []
    for number in range(int(share * len(found)) if len(by_wish) > 1 else 0):
        wish = rng.choice(sorted(by_wish))
        own = by_wish[wish]
        parts = rng.sample(own, min(len(own), rng.randint(2, 3)))
        shares: tuple[tuple[str, float], ...] = ((wish, 1.0),)
        if number % 3 == 0:
            family = wish.split(".", 1)[0]
            other = rng.choice([w for w in sorted(by_wish) if w != wish and w.split(".", 1)[0] in (family, "general")])
            parts = [parts[0], rng.choice(by_wish[other])]
            shares = ((wish, 0.5), (other, 0.5))
            rng.shuffle(parts)
        signs = frozenset(s for p in parts for s in p.signs or ())
        made.append(Lesson(rng.choice("\n\n ,").join(p.text for p in parts), shares, signs, None, "composed"))
    return tuple(made)


def _shares(situations: Sequence[str], first: float) -> tuple[tuple[str, float], ...]:
    """The first has `first` of it all, the others the rest in equal parts; alone it has everything."""
    if len(situations) == 1:
        return ((situations[0], 1.0),)
    rest = (1 - first) / (len(situations) - 1)
    return ((situations[0], first), *((s, rest) for s in situations[1:]))


def _key(text: str) -> str:
    return letters(text) or text
