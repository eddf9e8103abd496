"""Cases: kinds of conversation as fine as an experienced agent tells them apart, each with its whole reply.

A situation says what a conversation is about, a point what one sentence says; a case is both with all that usually goes
with them (少螺丝, 装到一半, 东西堆一地), and its reply is written in one piece, so that its sentences go together. Data, in
`library/cases/*.yaml`: whole turns in many voices, turns that only look alike, and moves in the order in which they are said.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from pydantic import Field, field_validator, model_validator

from knowledge import datafile
from knowledge.errors import DataFileError
from knowledge.phrasebook import Move
from knowledge.situations import SituationCatalogue
from knowledge.values import STAGES, Stage, Value

CASES = Path(__file__).parent / "library" / "cases"
_BUBBLES = " / "


class Case(Value):
    """One kind of conversation. `turns` are whole customers' turns, bubbles parted by " / "; `unlike` turns that look like it
    and want something else; `situations` what it is about, its home first; `reply` is said as it stands, each move where
    its conditions hold.
    """

    id: str = Field(pattern=r"^(pre|in|after|gen)\.[a-z0-9_]+$")
    name: str
    situations: tuple[str, ...] = Field(min_length=1)
    turns: tuple[str, ...] = Field(min_length=8)
    unlike: tuple[str, ...] = ()
    reply: tuple[Move, ...] = Field(min_length=2)
    next_steps: tuple[str, ...] = ()

    @field_validator("turns", "unlike")
    @classmethod
    def _say_something(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not bubble.strip() for turn in value for bubble in turn.split(_BUBBLES)):
            raise ValueError("an empty bubble")
        return tuple("\n".join(bubble.strip() for bubble in turn.split(_BUBBLES)) for turn in value)

    @property
    def exemplars(self) -> tuple[str, ...]:
        """The turns as they are read: a line for each bubble."""
        return self.turns

    @property
    def stage(self) -> Stage:
        return STAGES[self.id.split(".")[0]]


class _File(Value):
    title: str
    cases: tuple[Case, ...]


class CaseBook(Value):
    """All cases; ids are unique and `situations` are of the catalogue."""

    cases: tuple[Case, ...]

    @model_validator(mode="after")
    def _unique(self) -> CaseBook:
        ids = [c.id for c in self.cases]
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise ValueError(f"cases defined twice: {', '.join(twice)}")
        return self

    @cached_property
    def by_id(self) -> dict[str, Case]:
        return {c.id: c for c in self.cases}

    @classmethod
    def load(cls, folder: Path = CASES, catalogue: SituationCatalogue | None = None) -> CaseBook:
        """All cases of a folder; DataFileError names file and line, or the case, of the first mistake."""
        known = (catalogue or SituationCatalogue.load()).by_id
        cases: list[Case] = []
        for path in sorted(folder.glob("*.yaml")):
            for case in datafile.load(path, _File).cases:
                strange = [s for s in case.situations if s not in known]
                if strange:
                    raise DataFileError(
                        str(path), 1, f"{case.id}:没有情境 {strange[0]}", f"{case.id}: no situation {strange[0]}"
                    )
                cases.append(case)
        try:
            return cls(cases=tuple(cases))
        except ValueError as error:
            raise DataFileError(str(folder), 1, str(error), str(error)) from error
