"""Which passages serve which situations, which situations nothing serves, and which techniques nobody was ever shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from knowledge.fold import letters
from knowledge.situations import SituationCatalogue, SituationEntry
from knowledge.values import Passage, Value

TEACHING = ("technique", "phrase", "procedure", "policy", "fact")
"""Kinds that can serve a situation: a question without an answer and a bad example can't."""
State = Literal["served", "found", "cautioned", "none"]
GAPS: tuple[State, ...] = ("none", "cautioned")
"""States of a situation that nothing can be taken from."""
USED_KINDS = ("technique", "phrase", "procedure")


class Serving(Value):
    """A passage that serves a situation: it says so itself (or a person did), it teaches one of the situation's techniques, or
    search found by its words and their meaning that it speaks to it.
    """

    passage: Passage
    how: Literal["declared", "technique", "found"]


class SituationCoverage(Value):
    """What there is for a situation. `state`: "served" by a passage without cautions that says so, "found" when only search says
    so, "cautioned" when every passage has a caution, "none" when there is no passage at all.
    """

    situation: SituationEntry
    serving: tuple[Serving, ...]

    @property
    def state(self) -> State:
        if not self.serving:
            return "none"
        clean = {s.how for s in self.serving if not s.passage.cautions}
        return "cautioned" if not clean else "found" if clean == {"found"} else "served"


def coverage(
    catalogue: SituationCatalogue, passages: Sequence[Passage], found: Mapping[str, Sequence[Passage]] | None = None
) -> tuple[SituationCoverage, ...]:
    """One for each situation, in the catalogue's order; declared passages first, clean ones before cautioned ones. `found` by
    situation is what search takes to serve it.
    """
    by_situation: dict[str, list[Passage]] = {}
    by_technique: dict[str, list[Passage]] = {}
    for passage in passages:
        if passage.kind not in TEACHING:
            continue
        for situation in passage.serves:
            by_situation.setdefault(situation, []).append(passage)
        for name in {letters(technique) for technique in passage.techniques}:
            by_technique.setdefault(name, []).append(passage)
    found = found or {}
    return tuple(_covered(entry, by_situation, by_technique, found.get(entry.id, ())) for entry in catalogue.entries)


def _covered(
    entry: SituationEntry,
    by_situation: Mapping[str, list[Passage]],
    by_technique: Mapping[str, list[Passage]],
    found: Sequence[Passage],
) -> SituationCoverage:
    serving = {p.passage_id: Serving(passage=p, how="declared") for p in by_situation.get(entry.id, ())}
    for technique in entry.techniques:
        for passage in by_technique.get(letters(technique), ()):
            if entry.id not in passage.denied:
                serving.setdefault(passage.passage_id, Serving(passage=passage, how="technique"))
    for passage in found:
        if passage.kind in TEACHING:
            serving.setdefault(passage.passage_id, Serving(passage=passage, how="found"))
    ordered = sorted(serving.values(), key=lambda s: bool(s.passage.cautions))
    return SituationCoverage(situation=entry, serving=tuple(ordered))


def never_used(passages: Sequence[Passage], used: Mapping[str, int]) -> tuple[Passage, ...]:
    """Techniques, phrases and procedures that no recorded search or draft brought up. `used`: passage id -> how often."""
    return tuple(p for p in passages if p.kind in USED_KINDS and not used.get(p.passage_id))
