"""The desk's words in Chinese and English: one catalogue, `text.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from knowledge import datafile
from knowledge.errors import Language
from knowledge.values import Value

CATALOGUE = Path(__file__).with_name("text.yaml")


class _Entry(Value):
    zh: str
    en: str


class _File(Value):
    text: dict[str, _Entry]


@cache
def catalogue() -> dict[str, _Entry]:
    """Every key with its two texts."""
    return datafile.load(CATALOGUE, _File).text


class Words(Value):
    """The catalogue read in one language: `words("reply.copy")`. A key that is not there is a KeyError."""

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        entry = catalogue()[key]
        text = entry.zh if self.language == "zh" else entry.en
        return text.format(**values) if values else text

    def named(self, group: str, name: str) -> str:
        """What a value is called, or the value itself where the catalogue has no name for it."""
        return self(f"{group}.{name}") if f"{group}.{name}" in catalogue() else name


ZH = Words(language="zh")
EN = Words(language="en")


def words(language: str) -> Words:
    """The words of a language as a browser names it; Chinese unless it says English."""
    return EN if language == "en" else ZH
