"""What reports and reasons say, in Chinese and English: one catalogue, `text.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from knowledge import datafile
from knowledge.errors import Language
from knowledge.values import Value

CATALOGUE = Path(__file__).with_name("text.yaml")


class Said(Value):
    """The same in both languages; also a catalogue entry, with {places} for values."""

    zh: str
    en: str

    def told(self, language: Language) -> str:
        return self.en if language == "en" else self.zh


class _File(Value):
    text: dict[str, Said]


@cache
def catalogue() -> dict[str, Said]:
    """Every key with its two texts."""
    return datafile.load(CATALOGUE, _File).text


def said(key: str, **values: object) -> Said:
    """An entry with its values in both languages; a value that is itself Said is told in each. KeyError: no such entry."""
    entry = catalogue()[key]
    return Said(zh=_filled(entry.zh, values, "zh"), en=_filled(entry.en, values, "en"))


def _filled(text: str, values: dict[str, object], language: Language) -> str:
    told = {k: v.told(language) if isinstance(v, Said) else v for k, v in values.items()}
    return text.format(**told) if told else text


class Words(Value):
    """The catalogue read in one language: `words("report.title")`."""

    language: Language = "zh"

    def __call__(self, key: str, **values: object) -> str:
        return said(key, **values).told(self.language)

    def named(self, group: str, name: str) -> str:
        """What a value is called, or the value itself where the catalogue has no name for it."""
        return self(f"{group}.{name}") if f"{group}.{name}" in catalogue() else name

    def listed(self, names: object) -> str:
        """Several things, one after the other, as the language separates them."""
        return (", " if self.language == "en" else "、").join(
            map(str, names if isinstance(names, list | tuple) else ())
        )
