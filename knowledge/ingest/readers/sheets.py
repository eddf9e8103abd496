"""Rows of cells, from Excel or CSV, to text: a table with its header, and what stands around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from knowledge.ingest import marks


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
