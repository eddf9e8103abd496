"""N-grams with TF-IDF weights, of characters and of sounds: what very short messages share when no whole word does
(五十卖不卖, 50卖吗), and what is typed by ear shares with what is meant (退宽, 退款).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from knowledge.fold import letters

LENGTHS = (1, 2, 3)
_RETROFLEX = re.compile("^([zcs])h")


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


def sounds(text: str) -> Counter[str]:
    """The n-grams of the text's syllables without tones, as careless typists hear them: zh, ch, sh and -ng are not told
    from z, c, s and -n. What is no Chinese character stands for itself.
    """
    from pypinyin import Style, lazy_pinyin

    heard = lazy_pinyin(letters(text), style=Style.NORMAL, errors="default")
    syllables = [_RETROFLEX.sub(r"\1", s) for s in heard]
    syllables = [s.removesuffix("g") if s.endswith("ng") else s for s in syllables]
    return Counter(" ".join(syllables[i : i + n]) for n in LENGTHS for i in range(len(syllables) - n + 1))


class NgramIndex:
    """Cosine of TF-IDF weights between a text and each of `texts`, over what `cut` finds in them; immutable, exact."""

    def __init__(self, texts: Sequence[str], cut: Callable[[str], Counter[str]] = grams) -> None:
        self.size = len(texts)
        self._cut = cut
        counts = [cut(text) for text in texts]
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
        for gram, weight in self._weigh(self._cut(text)).items():
            posting = self._postings.get(gram)
            if posting is not None:
                out[posting[0]] += weight * posting[1]
        return out
