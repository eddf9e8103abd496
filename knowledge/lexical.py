"""Word search: BM25 over folded text, cut into jieba's words and into pairs of characters.

Pairs find what the dictionary does not know (names, typos, two-character words cut otherwise); words weigh what it does.
"""

from __future__ import annotations

import logging
import tempfile
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from math import log
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
from numpy.typing import NDArray

from knowledge.fold import fold, letters
from knowledge.spun import plain_words

Floats = NDArray[np.float32]


class Cutter:
    """Cuts text into the terms that are counted. `cache` keeps jieba's dictionary, which otherwise lands in a folder
    that every user of the machine may write to.
    """

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = cache

    @cached_property
    def _jieba(self) -> Any:
        import jieba

        jieba.setLogLevel(logging.WARNING)
        cutter = jieba.Tokenizer()
        if self._cache is not None:
            self._cache.mkdir(parents=True, exist_ok=True)
            cutter.tmp_dir = str(self._cache)
            cutter.initialize()
        else:
            with tempfile.TemporaryDirectory() as own:
                cutter.tmp_dir = own
                cutter.initialize()
        for word in self._plain:
            cutter.add_word(word)
        return cutter

    @cached_property
    def _plain(self) -> dict[str, str]:
        return plain_words()

    def words(self, text: str) -> list[str]:
        """jieba's words of the folded text, without punctuation; spun words as the plain ones they stand for."""
        cut = self._jieba.lcut(fold(text), HMM=False)
        return [self._plain.get(w, w) for w in cut if any(c.isalnum() for c in w)]

    def terms(self, text: str) -> list[str]:
        """Words, then pairs of neighbouring letters."""
        words = self.words(text)
        joined = letters("".join(words))
        return words + [joined[i : i + 2] for i in range(len(joined) - 1)]


class LexicalIndex:
    """BM25 over documents that are given as terms; immutable. Building 10,000 passages takes about a second."""

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self.size = len(documents)
        self._frequency = Counter(term for document in documents for term in set(document))
        self._bm25: Any = None
        if any(documents):
            self._bm25 = bm25s.BM25(k1=1.5, b=0.75)
            self._bm25.index([list(d) for d in documents], show_progress=False)

    def scores(self, terms: Sequence[str]) -> Floats:
        """float32 [size], 0 where nothing is shared."""
        if self._bm25 is None:
            return np.zeros(self.size, dtype=np.float32)
        known = self._bm25.get_tokens_ids(list(terms))
        if not len(known):
            return np.zeros(self.size, dtype=np.float32)
        return np.asarray(self._bm25.get_scores_from_ids(known), dtype=np.float32)

    def share(self, terms: Sequence[str], document: Sequence[str]) -> float:
        """How much of what `terms` say `document` says too, in [0, 1]: rare terms weigh more, unknown ones most."""
        weights = {t: log(1 + (self.size + 0.5) / (self._frequency[t] + 0.5)) for t in set(terms)}
        shared = sum(weights[t] for t in weights.keys() & set(document))
        return shared / sum(weights.values()) if weights else 0.0
