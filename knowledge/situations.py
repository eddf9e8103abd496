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


class TopicEntry(SituationEntry):
    """What manuals teach, asked for by agents or called for by customers; fewer ways of saying it will do."""

    exemplars: tuple[str, ...] = Field(min_length=5)


class _File(Value):
    situations: tuple[SituationEntry, ...] = ()
    topics: tuple[TopicEntry, ...] = ()


class SituationCatalogue(Value):
    """`entries` are what customers want; `topics` what manuals teach, with the questions that agents ask about it and
    customers' words that call for it. A topic helps to find passages and is never read as a customer's wish.
    """

    entries: tuple[SituationEntry, ...]
    topics: tuple[TopicEntry, ...] = ()

    @model_validator(mode="after")
    def _unique(self) -> SituationCatalogue:
        ids = [e.id for e in (*self.entries, *self.topics)]
        twice = {i for i in ids if ids.count(i) > 1}
        if twice:
            raise ValueError(f"situations defined twice: {sorted(twice)}")
        return self

    @property
    def everything(self) -> tuple[SituationEntry, ...]:
        """The situations, then the topics."""
        return (*self.entries, *self.topics)

    @cached_property
    def by_id(self) -> dict[str, SituationEntry]:
        return {e.id: e for e in self.entries}

    @classmethod
    def load(cls, folder: Path = SITUATIONS) -> SituationCatalogue:
        files = [datafile.load(path, _File) for path in sorted(folder.glob("*.yaml"))]
        try:
            return cls(
                entries=tuple(entry for file in files for entry in file.situations),
                topics=tuple(entry for file in files for entry in file.topics),
            )
        except ValueError as error:
            raise DataFileError(str(folder), 1, str(error), str(error)) from error
