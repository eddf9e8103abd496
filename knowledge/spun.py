"""Spun words and the plain ones they stand for: data, so that one more is one more line."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

from pydantic import Field, model_validator

from knowledge import datafile
from knowledge.values import Value

FILE = Path(__file__).parent / "spun.yaml"


class Term(Value):
    """`plain` is what every word of `spun` is taken for. All in Simplified characters."""

    plain: str = Field(pattern=r"^[\u4e00-\u9fff]{2,4}$")
    spun: tuple[str, ...] = Field(min_length=1)


class _File(Value):
    terms: tuple[Term, ...]

    @model_validator(mode="after")
    def _one_way(self) -> _File:
        counts = Counter(word for term in self.terms for word in term.spun)
        twice = [word for word, times in counts.items() if times > 1]
        if twice:
            raise ValueError(f"stands for two words: {twice[0]}")
        chained = [term.plain for term in self.terms if term.plain in counts]
        if chained:
            raise ValueError(f"is plain and spun at once: {chained[0]}")
        return self


@cache
def plain_words(path: Path = FILE) -> dict[str, str]:
    """Spun word -> plain word. Raises DataFileError."""
    return {word: term.plain for term in datafile.load(path, _File).terms for word in term.spun}
