"""N-grams with TF-IDF weights, of characters and of sounds: what very short messages share when no whole word does
(五十卖不卖, 50卖吗), and what is typed by ear shares with what is meant (退宽, 退款).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

from knowledge.fold import letters
from knowledge.kept import Arrays, packed_strings, unpacked_strings

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
    """Cosine of TF-IDF weights between a text and each of some texts, over what `cut` finds in them; immutable, exact.

    Gram i of `_places` stands in the texts `rows[starts[i]:starts[i + 1]]`, with `weights` there.
    """

    def __init__(self, texts: Sequence[str], cut: Callable[[str], Counter[str]] = grams) -> None:
        counts = [cut(text) for text in texts]
        frequency = Counter(g for count in counts for g in count)
        self._cut, self.size = cut, len(texts)
        self._take(list(frequency), np.fromiter(frequency.values(), dtype=np.int64))
        entries, weights = self._weighed(counts)
        rows = np.repeat(np.arange(self.size, dtype=np.int32), [len(count) for count in counts])
        order = np.argsort(entries, kind="stable")
        self._rows, self._weights = rows[order], weights[order]

    def _take(self, found: Sequence[str], frequency: NDArray[np.int64]) -> None:
        self._places = {gram: i for i, gram in enumerate(found)}
        self._frequency = frequency
        self._starts = np.concatenate(([0], np.cumsum(frequency)))
        self._rarity = np.log((1 + self.size) / (0.5 + frequency))

    # --- between starts ---

    def arrays(self) -> Arrays:
        """What `of` makes the same index from."""
        return {
            "grams": packed_strings(self._places), "frequency": self._frequency, "rows": self._rows, "weights": self._weights,
        }  # fmt: skip

    @classmethod
    def of(cls, arrays: Arrays, size: int, cut: Callable[[str], Counter[str]] = grams) -> NgramIndex:
        """An index over `size` texts as it was kept. Raises KeyError or ValueError for what is none."""
        index = cls((), cut)
        index.size = size
        index._take(unpacked_strings(arrays["grams"]), arrays["frequency"])
        index._rows, index._weights = arrays["rows"], arrays["weights"]
        if len(index._places) != len(index._frequency) or int(index._starts[-1]) != len(index._rows):
            raise ValueError("not an index of n-grams")
        return index

    # --- reading ---

    def similarities(self, text: str) -> NDArray[np.float32]:
        """float32 [size]: cosine with each text, in [0, 1]."""
        out = np.zeros(self.size, dtype=np.float32)
        count = self._cut(text)
        places, weights = self._weighed([count])
        for place, weight in zip(places.tolist(), weights.tolist(), strict=True):
            if place >= 0:
                span = slice(self._starts[place], self._starts[place + 1])
                out[self._rows[span]] += weight * self._weights[span]
        return out

    def many(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32 [texts, size]: `similarities` of each, much quicker for hundreds."""
        from scipy import sparse

        counts = [self._cut(text) for text in texts]
        places, weights = self._weighed(counts)
        known = places >= 0
        asking = np.repeat(np.arange(len(texts)), [len(count) for count in counts])
        shape = len(texts), len(self._places)
        asked = sparse.csr_array((weights[known], (asking[known], places[known])), shape=shape)
        held = sparse.csr_array((self._weights, self._rows, self._starts), shape=(shape[1], self.size))
        return np.asarray((asked @ held).toarray(), dtype=np.float32)

    def _weighed(self, counts: Sequence[Counter[str]]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """For each gram of each text its place (-1: no text has it) and its weight; each text's have length 1.

        A gram that no text has counts towards the length as the rarest would.
        """
        sizes = [len(count) for count in counts]
        total = sum(sizes)
        places = np.fromiter((self._places.get(g, -1) for count in counts for g in count), np.int64, total)
        often = np.fromiter((n for count in counts for n in count.values()), np.float64, total)
        rarity = np.append(self._rarity, log((1 + self.size) / 0.5))  # the last is what -1 finds
        raw = (1 + np.log(often)) * rarity[places]
        owner = np.repeat(np.arange(len(counts)), sizes)
        length = np.sqrt(np.bincount(owner, raw * raw, minlength=len(counts)))
        return places, np.asarray(raw / np.maximum(length, 1e-12)[owner], dtype=np.float32)
