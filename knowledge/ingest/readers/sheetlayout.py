"""What a worksheet says beside its cells: merged ranges, hidden rows and columns, notes. Read from its parts as they run by, so
that a large workbook's hidden rows are found as a small one's are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, NamedTuple

from lxml import etree
from openpyxl.packaging.relationship import get_dependents, get_rels_path
from openpyxl.utils.cell import range_boundaries

from knowledge.ingest import marks
from knowledge.ingest.readers import limits

_NOTES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
_TRUE = frozenset(("1", "true", "on"))


class Range(NamedTuple):
    """Merged cells: rows from 1, both ends in; the first column from 0."""

    top: int
    bottom: int
    left: int


@dataclass(frozen=True)
class Layout:
    """Numbers of hidden rows (from 1), places of hidden columns (from 0), and what somebody noted beside cells."""

    merged: tuple[Range, ...] = ()
    rows: frozenset[int] = frozenset()
    columns: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()


def layout_of(sheet: Any) -> Layout:
    """The layout of a sheet of a workbook opened with `read_only`. Raises what the parts' parsers raise."""
    archive, path = sheet.parent._archive, sheet._worksheet_path
    with archive.open(path) as part:
        merged, rows, columns = _told(part)
    return Layout(merged, rows, columns, tuple(_notes(archive, path)))


def _told(part: IO[bytes]) -> tuple[tuple[Range, ...], frozenset[int], frozenset[int]]:
    merged: list[Range] = []
    rows: set[int] = set()
    columns: set[int] = set()
    number = 0
    tags = [f"{{*}}{name}" for name in ("row", "col", "mergeCell")]
    # A row comes at its end: its cells are then of no more use, and what stood before it neither.
    for _, element in etree.iterparse(part, tag=tags, resolve_entities=False, no_network=True, huge_tree=True):
        told = element.attrib
        hidden = told.get("hidden", "") in _TRUE
        kind = etree.QName(element).localname
        if kind == "row":
            number = int(told.get("r", number + 1))
            if hidden:
                rows.add(number)
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
        elif kind == "col" and hidden:
            columns.update(range(int(told["min"]) - 1, min(int(told["max"]), limits.COLUMNS)))
        elif kind == "mergeCell" and len(merged) < limits.CELLS:
            left, top, _, bottom = range_boundaries(told["ref"])
            merged.append(Range(top or 1, bottom or limits.ROWS, (left or 1) - 1))
    return tuple(merged), frozenset(rows), frozenset(columns)


def _notes(archive: Any, path: str) -> Iterator[str]:
    """「A5:要先拍照」 for each note, in the order of the file."""
    related = get_rels_path(path)
    if related not in archive.namelist():
        return
    for target in get_dependents(archive, related).find(_NOTES):
        with archive.open(target.target) as part:
            for _, element in etree.iterparse(part, tag="{*}comment", resolve_entities=False, no_network=True):
                words = "".join(run.text or "" for run in element.iter("{*}t"))
                yield f"{element.get('ref', '')}:{marks.plain(' '.join(words.split()))}"
                element.clear()
