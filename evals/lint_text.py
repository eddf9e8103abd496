"""Near copies: texts that share most of their character three-grams, found through the grams rather than pair by pair."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from knowledge.fold import letters
from knowledge.values import Value

SHORTEST = 8
"""Letters below which two texts may well be the same by chance: 有人在吗, 好的谢谢."""


class Text(Value):
    """A text of a data set: `source` names the set, `id` the row in it. Customers' numbers count as one letter each."""

    source: str
    id: str
    text: str

    def __str__(self) -> str:
        return f"{self.source} {self.id}"


def grams(text: str) -> frozenset[str]:
    """The three-grams of a text's letters; empty for one shorter than SHORTEST."""
    kept = letters(text)
    return frozenset(kept[i : i + 3] for i in range(len(kept) - 2)) if len(kept) >= SHORTEST else frozenset()


class NearCopies:
    """Texts that can be asked which of them are nearly the same as another one; immutable."""

    def __init__(self, texts: Iterable[Text]) -> None:
        self.texts: Sequence[Text] = tuple(texts)
        self._sizes: list[int] = []
        self._holders: dict[str, list[int]] = defaultdict(list)
        for row, text in enumerate(self.texts):
            found = grams(text.text)
            self._sizes.append(len(found))
            for gram in found:
                self._holders[gram].append(row)

    def of(self, text: str, least: float) -> Iterator[tuple[int, float]]:
        """(row, Jaccard similarity) of every text that shares at least the share `least` of three-grams with `text`."""
        asked = grams(text)
        shared = Counter(row for gram in asked for row in self._holders.get(gram, ()))
        for row, count in shared.items():
            likeness = count / (len(asked) + self._sizes[row] - count)
            if likeness >= least:
                yield row, likeness

    def pairs(self, least: float) -> Iterator[tuple[Text, Text, float]]:
        """Every two texts that are nearly the same, the earlier one first."""
        for row, text in enumerate(self.texts):
            for other, likeness in self.of(text.text, least):
                if other > row:
                    yield text, self.texts[other], likeness
