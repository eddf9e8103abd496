"""Excel to text: each sheet a table, its first full row the header; hidden sheets, rows and columns set aside, notes too."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from knowledge.ingest import marks
from knowledge.ingest.readers import limits
from knowledge.ingest.readers.package import open_package
from knowledge.ingest.readers.sheetlayout import Range, layout_of
from knowledge.ingest.readers.sheets import as_lines, within
from knowledge.ingest.refusals import damaged, protected, too_much


def read(data: bytes, name: str) -> str:
    try:
        book = load_workbook(open_package(data, name, "xlsx"), read_only=True, data_only=True, keep_links=False)
        lines = list(_book(book, name))
    except (InvalidFileException, KeyError, ValueError, zipfile.BadZipFile, SyntaxError) as error:
        raise (protected(name) if "encrypt" in str(error).lower() else damaged(name, "xlsx")) from error
    return "\n".join(lines) + "\n"


def rows_of(data: bytes, name: str) -> Iterator[list[list[str]]]:
    """The rows of each visible sheet as cells; times with their seconds. Refused and bounded as `read`."""
    try:
        book = load_workbook(open_package(data, name, "xlsx"), read_only=True, data_only=True, keep_links=False)
        budget = [limits.ROWS, limits.CELLS]
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                yield [cells for _, cells in _rows(sheet, name, budget, timespec="seconds")]
    except (InvalidFileException, KeyError, ValueError, zipfile.BadZipFile, SyntaxError) as error:
        raise (protected(name) if "encrypt" in str(error).lower() else damaged(name, "xlsx")) from error


def _book(book: Any, name: str) -> Iterator[str]:
    budget = [limits.ROWS, limits.CELLS]
    for sheet in book.worksheets:
        rows = list(_rows(sheet, name, budget))
        layout = layout_of(sheet)
        _fill_down(layout.merged, rows)
        seen = [[c for i, c in enumerate(row) if i not in layout.columns] for n, row in rows if n not in layout.rows]
        hidden = [
            "\t".join(c for i, c in enumerate(row) if (n in layout.rows or i in layout.columns) and c.strip())
            for n, row in rows
        ]
        lines = list(as_lines([row for row in seen if any(cell.strip() for cell in row)]))
        yield marks.sheet(sheet.title)
        yield from lines if sheet.sheet_state == "visible" else marks.block("隐藏", lines)
        yield from marks.block("隐藏", map(marks.plain, hidden))
        yield from marks.block("批注", layout.notes)
        yield ""


def _rows(sheet: Any, name: str, budget: list[int], timespec: str = "minutes") -> Iterator[tuple[int, list[str]]]:
    """(row number, cells) of the rows that say something; the budget of rows and cells goes down.

    The size that a sheet claims for itself is not believed: programs write A1 there, and the rest would be lost.
    """
    sheet.reset_dimensions()
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        if all(value is None for value in values):
            continue
        cells = [_shown(value, timespec) for value in values]
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            continue
        budget[0] -= 1
        budget[1] -= len(cells)
        if min(budget) < 0:
            raise too_much(
                name, f"的表格超过 {limits.ROWS} 行或 {limits.CELLS} 格", f"has tables of more than {limits.ROWS} rows"
            )
        yield number, within(cells, name)


def _fill_down(ranges: Sequence[Range], rows: list[tuple[int, list[str]]]) -> None:
    """Cells merged downwards say in each row what they say in the first."""
    by_number = dict(rows)
    for merged in ranges:
        first = by_number.get(merged.top)
        column = merged.left
        if first is None or merged.bottom == merged.top or column >= len(first):
            continue
        for number in range(merged.top + 1, min(merged.bottom, merged.top + limits.ROWS) + 1):
            row = by_number.get(number)
            if row is not None:
                row.extend([""] * (column + 1 - len(row)))
                row[column] = row[column] or first[column]


def _shown(value: object, timespec: str = "minutes") -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.10g}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", timespec)
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)
