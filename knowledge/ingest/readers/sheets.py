"""Rows of cells, from Excel or CSV, to text: a table with its header, and what stands around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from knowledge.ingest import marks
from knowledge.ingest.readers import limits
from knowledge.ingest.refusals import too_much


def within(row: list[str], name: str, *, spans: bool = False) -> list[str]:
    """A row no wider than is read. Where cells may span columns, their fillers give way; a row that says more is refused, not cut."""
    if any(cell.strip() for cell in row[limits.COLUMNS :]) and spans:
        row = [cell for cell in row if cell.strip()]
    if any(cell.strip() for cell in row[limits.COLUMNS :]):
        raise too_much(
            name, f"的表格写到了第 {len(row)} 列,上限是 {limits.COLUMNS} 列",
            f"has a table that writes up to column {len(row)}; the limit is {limits.COLUMNS}",
        )  # fmt: skip
    return row[: limits.COLUMNS]


def as_lines(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows of a sheet or a CSV file as text: lone cells are headings or notes, the rest a table with its header."""
    table: list[Sequence[str]] = []
    for row in rows:
        filled = [cell for cell in row if cell.strip()]
        if len(filled) == 1 and not table:
            yield " ".join(marks.plain(filled[0]).split())
        else:
            table.append(row)
    width = max((len(row) for row in table), default=0)
    if table and width == 1:
        yield from (" ".join(marks.plain(row[0]).split()) for row in table)
    elif table:
        full = [[*row, *[""] * (width - len(row))] for row in table]
        used = [column for column in range(width) if any(row[column].strip() for row in full)]
        yield from ("", *marks.table([[row[c] for c in used] for row in full], header=_is_header(full)))


def _is_header(rows: Sequence[Sequence[str]]) -> bool:
    """The first row names the columns when it is short words only, none said twice, and more rows follow."""
    names = [cell.strip() for cell in rows[0] if cell.strip()]
    return (
        len(rows) > 1
        and len(names) >= 2
        and len(set(names)) == len(names)
        and all(len(name) <= 20 and not name.replace(".", "").isdigit() for name in names)
    )
