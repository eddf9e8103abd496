"""Phrases that agents add to drafts again and again: said much the same, counted by conversation."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import re2

from assistant.learning.difference import bare, dice, move_of, pairs
from assistant.learning.values import SentReply
from knowledge.phrasebook import MoveKind
from knowledge.values import Value

AGAIN = 3
"""Conversations in which a phrase was added before it counts as a habit."""
SAME = 0.6
"""Share of character pairs (Dice) from which two phrases are the same one in other words."""
LONGEST = 120
"""Characters of a wording (knowledge/phrasebook.py); what is longer is a reply of its own, not a phrase."""
_SHOWN = 20
_MASK = re2.compile(r"⟦[^⟧]{1,8}⟧")


class Phrase(Value):
    """A phrase that agents added in `times` conversations, as it was put most often; `others` are other ways it was put,
    `situations` ids of the catalogue with how often, the most frequent first; `draft_ids` where it was added, the newest
    first. `personal` says that it holds masked personal data, so that nobody else can be told it.
    """

    text: str
    times: int
    others: tuple[str, ...]
    situations: tuple[tuple[str, int], ...]
    move: MoveKind
    draft_ids: tuple[str, ...]
    personal: bool = False


@dataclass
class _Group:
    grams: frozenset[str]
    texts: Counter[str] = field(default_factory=Counter)
    said_in: dict[str, str] = field(default_factory=dict)


def repeated(sent: Iterable[SentReply]) -> tuple[Phrase, ...]:
    """What was added in `AGAIN` conversations or more, the most frequent first."""
    groups = _grouped(sent)
    found = [_phrase(group) for group in groups if len(group.said_in) >= AGAIN]
    return tuple(sorted(found, key=lambda p: (-p.times, p.text))[:_SHOWN])


def _grouped(sent: Iterable[SentReply]) -> list[_Group]:
    """Each phrase with the group most like it, or a group of its own; the commonest are met first, so that they lead."""
    said: Mapping[str, list[tuple[str, str, str]]] = defaultdict(list)
    for one in sent:
        for text in one.difference.added:
            if len(text) <= LONGEST:
                said[bare(text)].append((text, one.draft_id, one.situation))
    groups: list[_Group] = []
    holding: Mapping[str, list[int]] = defaultdict(list)
    for key in sorted(said, key=lambda k: (-len(said[k]), k)):
        grams = pairs(key)
        near = Counter(i for gram in grams for i in holding[gram])
        best = max(near, key=lambda i: (dice(grams, groups[i].grams), -i), default=None)
        if best is None or dice(grams, groups[best].grams) < SAME:
            best = len(groups)
            groups.append(_Group(grams))
            for gram in grams:
                holding[gram].append(best)
        for text, draft_id, situation in said[key]:
            groups[best].texts[text] += 1
            groups[best].said_in[draft_id] = situation
    return groups


def _phrase(group: _Group) -> Phrase:
    texts = [text for text, _ in sorted(group.texts.items(), key=lambda t: (-t[1], len(t[0]), t[0]))]
    situations = Counter(s for s in group.said_in.values() if s)
    return Phrase(
        text=texts[0],
        times=len(group.said_in),
        others=tuple(texts[1:4]),
        situations=tuple(situations.most_common()),
        move=move_of(texts[0]),
        draft_ids=tuple(reversed(group.said_in)),
        personal=bool(_MASK.search(texts[0])),
    )
