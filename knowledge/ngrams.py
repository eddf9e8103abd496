"""Character n-grams with TF-IDF weights: what very short messages share when no whole word does (五十卖不卖, 50卖吗)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from knowledge.fold import letters

LENGTHS = (1, 2, 3)


def grams(text: str) -> Counter[str]:
    """The n-grams of the text's letters and digits, a run of digits counting as one: prices differ, haggling does not."""
    characters: list[str] = []
    digits = False
    for character in letters(text):
        if character.isdecimal():
            if not digits:
                characters.append("0")
            digits = True
        else:
            characters.append(character)
            digits = False
    joined = "".join(characters)
    return Counter(joined[i : i + n] for n in LENGTHS for i in range(len(joined) - n + 1))


class NgramIndex:
    """Cosine of TF-IDF weights between a text and each of `texts`; immutable, exact."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.size = len(texts)
        counts = [grams(text) for text in texts]
        frequency = Counter(g for count in counts for g in count)
        self._idf = {g: log((1 + self.size) / (0.5 + n)) for g, n in frequency.items()}
        rows: dict[str, list[int]] = {}
        weights: dict[str, list[float]] = {}
        for row, count in enumerate(counts):
            for gram, weight in self._weigh(count).items():
                rows.setdefault(gram, []).append(row)
                weights.setdefault(gram, []).append(weight)
        self._postings = {
            g: (np.array(r, dtype=np.intp), np.array(weights[g], dtype=np.float32)) for g, r in rows.items()
        }

    def _weigh(self, count: Counter[str]) -> dict[str, float]:
        """Weights of unit length; a gram that no text has counts towards the length as the rarest would."""
        rarest = log((1 + self.size) / 0.5)
        raw = {g: (1 + log(n)) * self._idf.get(g, rarest) for g, n in count.items()}
        length = sqrt(sum(w * w for w in raw.values())) or 1.0
        return {g: w / length for g, w in raw.items()}

    def similarities(self, text: str) -> NDArray[np.float32]:
        """float32 [size]: cosine with each text, in [0, 1]."""
        out = np.zeros(self.size, dtype=np.float32)
        for gram, weight in self._weigh(grams(text)).items():
            posting = self._postings.get(gram)
            if posting is not None:
                out[posting[0]] += weight * posting[1]
        return out
