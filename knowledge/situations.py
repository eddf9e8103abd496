"""The catalogue of situations: what customers want, in their own words, and which techniques serve them.

Customers don't talk like manuals; a situation is the bridge. The catalogue is data, in `library/situations/*.yaml`.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from pydantic import Field, model_validator

from knowledge import datafile
from knowledge.errors import DataFileError
from knowledge.values import Stage, Value

SITUATIONS = Path(__file__).parent / "library" / "situations"


class SituationEntry(Value):
    """One situation. `exemplars` are authored customers' messages in many voices (terse, angry, dialect, typos,
    Traditional, English); `manual_terms` what manuals call it; `techniques` the library's techniques for it, best first.
    """

    id: str = Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)+$")
    name: str
    stage: Stage
    description: str
    exemplars: tuple[str, ...] = Field(min_length=8)
    manual_terms: tuple[str, ...] = Field(min_length=1)
    techniques: tuple[str, ...] = Field(min_length=1)


class _File(Value):
    situations: tuple[SituationEntry, ...]


class SituationCatalogue(Value):
    entries: tuple[SituationEntry, ...]

    @model_validator(mode="after")
    def _unique(self) -> SituationCatalogue:
        ids = [e.id for e in self.entries]
        twice = {i for i in ids if ids.count(i) > 1}
        if twice:
            raise ValueError(f"situations defined twice: {sorted(twice)}")
        return self

    @cached_property
    def by_id(self) -> dict[str, SituationEntry]:
        return {e.id: e for e in self.entries}

    @classmethod
    def load(cls, folder: Path = SITUATIONS) -> SituationCatalogue:
        entries: list[SituationEntry] = []
        for path in sorted(folder.glob("*.yaml")):
            entries.extend(datafile.load(path, _File).situations)
        try:
            return cls(entries=tuple(entries))
        except ValueError as error:
            raise DataFileError(str(folder), 1, str(error), str(error)) from error
