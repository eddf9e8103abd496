"""Turns to cases: by what they mean to the trained reader of cases."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import numpy as np

from knowledge.cases import CaseBook
from knowledge.meaning.point_head import Bearings
from knowledge.meaning.reading import MeaningReader


class CaseMatcher:
    """Any thread may ask. Cases that training did not see are read when the first question comes."""

    def __init__(self, book: CaseBook, meaning: MeaningReader) -> None:
        self.book = book
        self._meaning = meaning
        self._bearings: Bearings | None = None
        self._learning = threading.Lock()

    def match(self, turn: str, prior: Mapping[str, float] | None = None, k: int = 3) -> tuple[tuple[str, float], ...]:
        """The k likeliest cases of a turn with their probabilities, best first. `prior` are log odds by which a case, by its
        id, is likelier than others before anything is read.
        """
        if not self.book.cases:
            return ()
        before = np.array([(prior or {}).get(case.id, 0.0) for case in self.book.cases])
        odds = self._learnt().odds(self._meaning.vectors([turn]), prior=before)[0]
        best = np.argsort(-odds, kind="stable")[:k].tolist()
        return tuple((self.book.cases[row].id, float(1 / (1 + np.exp(-odds[row])))) for row in best)

    def _learnt(self) -> Bearings:
        with self._learning:
            if self._bearings is None:
                self._bearings = self._meaning.point_head.over(self.book.cases, self._meaning.vectors)
            return self._bearings
