"""Passages as rows of the database and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping

from knowledge.store.values import PlacedPassage
from knowledge.tables import documents, passages
from knowledge.values import Caution, Passage

T = TypeVar("T")

NOW = passages.c.died.is_(None)
"""Passages as they read today."""
ORIGINAL = sa.func.coalesce(passages.c.duplicate_of, "") == ""
"""Passages that repeat no other. Said like this since SQLite would begin `IS NULL` at that column's index, which has nearly
all of them, instead of at the few that the rest of a query names."""
INDEXED = sa.and_(NOW, ORIGINAL, passages.c.status == "live")
"""Of a live document: what searches may find."""


def portions(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """As many at a time as one statement should name."""
    for first in range(0, len(values), 500):
        yield values[first : first + 500]


def with_document() -> sa.Select[Any]:
    """Passages with what `passage_of` needs of their document."""
    return sa.select(passages, documents.c.document_id, documents.c.title).join(documents)


def at_revision(revision: int | None) -> sa.ColumnElement[bool]:
    """Passages as they read at a revision of their edition; today when it is None."""
    if revision is None:
        return NOW
    return sa.and_(passages.c.born <= revision, sa.or_(NOW, passages.c.died > revision))


def passage_row(row: int, ordinal: int, born: int, placed: PlacedPassage) -> dict[str, object]:
    passage = placed.passage
    return {
        "row": row,
        "ordinal": ordinal,
        "born": born,
        "died": None,
        "passage_id": passage.passage_id,
        "section": passage.section,
        "text": passage.text,
        "kind": passage.kind,
        "stage": passage.stage,
        "techniques": list(passage.techniques),
        "situations": list(passage.situations),
        "cautions": [caution.model_dump() for caution in passage.cautions],
        "segments": [list(segment) for segment in placed.segments],
        "duplicate_of": placed.duplicate_of,
        "status": placed.status,
        "origin": placed.origin,
        "edited": placed.edited,
        "kept": placed.kept,
        "flag": placed.flag,
    }


def placed_of(found: RowMapping, marks: Sequence[int] = ()) -> PlacedPassage:
    return PlacedPassage(
        passage=passage_of(found),
        segments=tuple((start, end) for start, end in found["segments"]),
        marks=tuple(marks),
        duplicate_of=found["duplicate_of"],
        status=found["status"],
        origin=found["origin"],
        edited=found["edited"],
        kept=found["kept"],
        flag=found["flag"],
    )


def passage_of(found: RowMapping) -> Passage:
    segments = found["segments"]
    return Passage(
        passage_id=found["passage_id"],
        document_id=found["document_id"],
        document=found["title"],
        section=found["section"],
        text=found["text"],
        kind=found["kind"],
        stage=found["stage"],
        techniques=tuple(found["techniques"]),
        situations=tuple(found["situations"]),
        cautions=tuple(Caution.model_validate(caution) for caution in found["cautions"]),
        start=min(start for start, _ in segments),
        end=max(end for _, end in segments),
    )
