"""Points: the single things that customers ask, demand or tell in a sentence, with what a good agent says to each.

A situation says what a conversation is about; a point is one sentence in it (我专门请了假, 误工费谁给). Data, in
`library/points/*.yaml`: exemplars in many voices, sentences that only look alike, and moves as phrasebooks have them.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from pydantic import Field, field_validator, model_validator

from knowledge import datafile
from knowledge.errors import DataFileError
from knowledge.phrasebook import Move, linear_pattern
from knowledge.situations import SituationCatalogue
from knowledge.values import STAGES, Stage, Value

POINTS = Path(__file__).parent / "library" / "points"


class Point(Value):
    """One thing said in a sentence. `situations` are where it is said, its home first; `unlike` are sentences that look
    like it and are not; `cue` is a pattern over the folded sentence that names it, unless `cue_unless` matches as well;
    `moves` what is said to it, with conditions as in a phrasebook; `next_steps` for the agent. `twins` are points that
    people make in the same words at another time (运费谁出, before buying and after): the likelier there hears both.
    `goods` and `unless_goods` name the things of which alone, or never, it is said, over all that a Chinese talk, its order
    and the shop's name tell: a knee brace has no cup size.
    """

    id: str = Field(pattern=r"^(pre|in|after|gen)\.[a-z0-9_]+$")
    name: str
    situations: tuple[str, ...] = Field(min_length=1)
    twins: tuple[str, ...] = ()
    exemplars: tuple[str, ...] = Field(min_length=6)
    unlike: tuple[str, ...] = ()
    cue: str = ""
    cue_unless: str = ""
    goods: str = ""
    unless_goods: str = ""
    moves: tuple[Move, ...] = Field(min_length=1)
    next_steps: tuple[str, ...] = ()

    @field_validator("cue", "cue_unless", "goods", "unless_goods")
    @classmethod
    def _pattern_compiles(cls, value: str) -> str:
        return linear_pattern(value)

    @property
    def stage(self) -> Stage:
        return STAGES[self.id.split(".")[0]]


class _File(Value):
    title: str
    points: tuple[Point, ...]


class PointBook(Value):
    """All points; ids are unique and `situations` are of the catalogue."""

    points: tuple[Point, ...]

    @model_validator(mode="after")
    def _unique(self) -> PointBook:
        ids = [p.id for p in self.points]
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise ValueError(f"points defined twice: {', '.join(twice)}")
        strange = sorted({t for p in self.points for t in p.twins} - set(ids))
        if strange:
            raise ValueError(f"twins that are no points: {', '.join(strange)}")
        return self

    @cached_property
    def by_id(self) -> dict[str, Point]:
        return {p.id: p for p in self.points}

    @classmethod
    def load(cls, folder: Path = POINTS, catalogue: SituationCatalogue | None = None) -> PointBook:
        """All points of a folder; DataFileError names file and line, or the point, of the first mistake."""
        known = (catalogue or SituationCatalogue.load()).by_id
        points: list[Point] = []
        for path in sorted(folder.glob("*.yaml")):
            for point in datafile.load(path, _File).points:
                strange = [s for s in point.situations if s not in known]
                if strange:
                    raise DataFileError(
                        str(path), 1, f"{point.id}:没有情境 {strange[0]}", f"{point.id}: no situation {strange[0]}"
                    )
                points.append(point)
        try:
            return cls(points=tuple(points))
        except ValueError as error:
            raise DataFileError(str(folder), 1, str(error), str(error)) from error
