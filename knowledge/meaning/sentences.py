"""Authored sentences that the reader learns points from: what each says, or that it says none of them.

Beside the exemplars in the points' own files, which the reader learns too: what stands here is learnt in training only.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from pydantic import Field, ValidationInfo, field_validator

from knowledge.datafile import load_rows
from knowledge.fold import letters
from knowledge.values import Value

SENTENCES = Path(__file__).parents[1] / "library" / "sentences"


class Sentence(Value):
    """Words of a customer and the id of the `point` that they make; null where they make none that we know."""

    text: str = Field(min_length=1, max_length=200)
    point: str | None

    @field_validator("point")
    @classmethod
    def _known(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and info.context is not None and value not in info.context:
            raise ValueError(f"no point {value} / 没有这个点")
        return value


def load_sentences(points: Collection[str], folder: Path = SENTENCES) -> tuple[Sentence, ...]:
    """Every authored sentence once, in the order of the files. `points` are the ids that there are; DataFileError names
    file and line of the first mistake.
    """
    kept: dict[str, Sentence] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for sentence in load_rows(path, Sentence, frozenset(points)):
            kept.setdefault(letters(sentence.text) or sentence.text, sentence)
    return tuple(kept.values())
