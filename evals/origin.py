"""Where a suite's cases come from: who wrote them, when they were added, from what, and why.

A row may say so itself; what all rows of a file share stands once in `suites/sources.yaml`, by the file's path under
`evals/`. A file outside `evals/`, such as a team's own, has nothing to stand for it, so its rows speak for themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import StringConstraints

from evals.values import Origin
from knowledge import datafile
from knowledge.errors import DataFileError
from knowledge.values import Value

EVALS = Path(__file__).parent
SOURCES = EVALS / "suites" / "sources.yaml"
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=4)]
"""Something that tells a reader more than a mark would."""


class FileOrigin(Value):
    """What a file says of all its rows; `why` is for those that give no reason of their own."""

    source: Words
    by: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2)]
    added: date
    why: Words


class Sourced(Value):
    """A case that knows where it comes from. Each field left out is its file's (`from_file`)."""

    source: str = ""
    by: str = ""
    added: date | None = None
    why: str = ""


ABOUT = frozenset({"source", "by", "added"})
"""Fields that tell of a case and change nothing about its result."""
S = TypeVar("S", bound=Sourced)


class _Sources(Value):
    files: dict[str, FileOrigin]


@cache
def sources(path: Path = SOURCES) -> dict[str, FileOrigin]:
    """Every file's origin, by its path under `evals/`. DataFileError names the line of a mistake."""
    return datafile.load(path, _Sources).files


def from_file(path: Path, rows: Iterable[S]) -> tuple[S, ...]:
    """The rows, each with what its file says where it says nothing itself.

    DataFileError for a file under `evals/` that `sources.yaml` does not know.
    """
    if EVALS not in path.resolve().parents:
        return tuple(rows)
    name = path.resolve().relative_to(EVALS).as_posix()
    known = sources().get(name)
    if known is None:
        raise DataFileError(
            str(SOURCES),
            1,
            f"没有写 {name} 的用例从哪来:补上 source、by、added、why",
            f"nothing tells where the cases of {name} come from: add its source, by, added and why",
        )
    return tuple(_filled(row, known) for row in rows)


def _filled(row: S, known: FileOrigin) -> S:
    missing: dict[str, Any] = {name: getattr(known, name) for name in FileOrigin.model_fields if not getattr(row, name)}
    return row.model_copy(update=missing) if missing else row


def origin_of(case: object) -> Origin | None:
    """Where a case comes from; None for one that is made from what ships, or does not say."""
    if not isinstance(case, Sourced) or not case.source or case.added is None:
        return None
    return Origin(source=case.source, by=case.by, added=case.added, why=case.why)
