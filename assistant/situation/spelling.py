"""Messages in pinyin, written out in characters: "qing wen ji shi fa huo" is read as 请问几时发货.

Which character a syllable stands for is told by its neighbours, from what customers write (exemplars and authored
turns): the likeliest path through all ways to cut the letters and to write each syllable, under a model of pairs of
characters. Offsets do not survive: evidence in such a message is the whole message.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import log

import re2

from assistant.conversation import Conversation
from assistant.situation.script import NO_WORD, in_pinyin
from assistant.values import Situation
from knowledge.fold import fold
from knowledge.meaning.turns import load_turns
from knowledge.situations import SituationCatalogue

_RUN = re2.compile(r"[\p{Han}0]+")
_AS_IT_IS = re2.compile(rf"(\b(?:{NO_WORD})\b|[^a-z ]+)")
_DIGITS = re2.compile(r"\d+(?:\.\d+)?")
_LONGEST = 6
"""Letters of the longest syllable (zhuang)."""
_BY_ITSELF = 0.1
"""How much it counts how common a character is by itself, beside what stood before it."""
_START, _NUMBER, _OTHER = " ", "0", "?"
"""What stands before the first character and after the last, for any number, and for anything else."""
_RARE_READING = 3.0
"""What it costs to take a character in a reading that it seldom has (还 as huan)."""
_KEPT = 16
"""Ways to write what was read so far that are followed up at each letter."""
_CUT = 1.5
"""What each syllable costs: of two ways to cut the letters, the one with fewer (xian, not xi an) unless the words say otherwise."""


@dataclass(frozen=True)
class _Model:
    """`characters` by syllable with what that reading costs; counts of pairs of neighbours, and of characters by themselves."""

    characters: Mapping[str, tuple[tuple[str, float], ...]]
    pairs: Mapping[tuple[str, str], int]
    singles: Mapping[str, int]
    total: int

    @classmethod
    def of(cls, texts: Iterable[str]) -> _Model:
        from pypinyin import Style, pinyin

        pairs: Counter[tuple[str, str]] = Counter()
        singles: Counter[str] = Counter()
        for text in texts:
            for run in _RUN.findall(_DIGITS.sub(_NUMBER, fold(text))):
                singles.update(run + _START)
                pairs.update(zip(_START + run, run + _START, strict=True))
        characters: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
        for character in singles.keys() - {_START, _NUMBER}:
            for rank, syllable in enumerate(pinyin(character, style=Style.NORMAL, heteronym=True)[0]):
                characters[syllable.replace("ü", "v")].append((character, _RARE_READING * (rank > 0)))
        return cls({s: tuple(c) for s, c in characters.items()}, pairs, singles, sum(singles.values()))

    def likely(self, before: str, character: str) -> float:
        """Log probability of `character` after `before`."""
        alone = self.singles[character] / self.total
        follows = self.pairs.get((before, character), 0) / max(1, self.singles.get(before, 0))
        return log((1 - _BY_ITSELF) * follows + _BY_ITSELF * alone)


class Spelling:
    """Writes out what is in pinyin. Learns from what customers write at the first such message; safe to share."""

    def __init__(self, catalogue: SituationCatalogue) -> None:
        self._catalogue = catalogue
        self._written = lru_cache(maxsize=1024)(self._write)

    @cached_property
    def _model(self) -> _Model:
        exemplars = (text for entry in self._catalogue.entries for text in entry.exemplars)
        return _Model.of((*exemplars, *(turn.text for turn in load_turns())))

    def written(self, text: str) -> str:
        """`text` in characters where all of it is pinyin; else as it is."""
        return self._written(text) if in_pinyin(text) else text

    def out(self, conversation: Conversation) -> Conversation:
        """The conversation with the customer's messages written out; the same one where none is in pinyin."""
        texts = [self.written(m.text) if m.role == "customer" else m.text for m in conversation.messages]
        if all(t == m.text for t, m in zip(texts, conversation.messages, strict=True)):
            return conversation
        told = zip(conversation.messages, texts, strict=True)
        return conversation.model_copy(update={"messages": tuple(m.model_copy(update={"text": t}) for m, t in told)})

    def _write(self, text: str) -> str:
        written = ""
        for number, piece in enumerate(_AS_IT_IS.split(text.lower())):
            before = _NUMBER if written[-1:].isdigit() else _OTHER if written else _START
            written += piece.upper() if number % 2 else self._characters(piece, before)
        return written

    def _characters(self, letters: str, start: str) -> str:
        """The likeliest characters for a run of letters and spaces; the run itself where some of it is no syllable."""
        model = self._model
        best: list[dict[str, tuple[float, str]]] = [{start: (0.0, "")}] + [{} for _ in letters]
        for at, here in enumerate(best[:-1]):
            if letters[at] == " ":
                _keep(best[at + 1], here)
                continue
            leading = sorted(here.items(), key=lambda item: -item[1][0])[:_KEPT]
            for end in range(at + 1, min(at + _LONGEST, len(letters)) + 1):
                for character, cost in model.characters.get(letters[at:end], ()):
                    for before, (score, written) in leading:
                        found = score + model.likely(before, character) - cost - _CUT
                        if found > best[end].get(character, (float("-inf"), ""))[0]:
                            best[end][character] = (found, written + character)
        ends = ((score + model.likely(last, _START), written) for last, (score, written) in best[-1].items())
        return max(ends, default=(0.0, letters))[1]


def _keep(there: dict[str, tuple[float, str]], here: Mapping[str, tuple[float, str]]) -> None:
    for character, found in here.items():
        if found[0] > there.get(character, (float("-inf"), ""))[0]:
            there[character] = found


def whole_messages(situation: Situation, read: Conversation, given: Conversation) -> Situation:
    """`situation` with evidence and points in written-out messages spanning those messages as they were given."""
    lengths = {
        i: len(g.text) for i, (r, g) in enumerate(zip(read.messages, given.messages, strict=True)) if r.text != g.text
    }
    if not lengths:
        return situation
    evidence = tuple(
        e.model_copy(update={"start": 0, "end": lengths[e.message]}) if e.message in lengths else e
        for e in situation.evidence
    )
    points = tuple(
        p.model_copy(update={"start": 0, "end": lengths[p.message]}) if p.message in lengths else p
        for p in situation.points
    )
    return situation.model_copy(update={"evidence": evidence, "points": points})
