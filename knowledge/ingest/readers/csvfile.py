"""CSV and TSV to text: a table, whatever separates its columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from knowledge.ingest.readers import limits
from knowledge.ingest.readers.sheets import as_lines, within
from knowledge.ingest.refusals import too_much

_LONGEST_CELL = 1_000_000


def read(text: str, name: str) -> str:
    """Raises KefuError document.too_large for more rows, columns or cells than are read of one file."""
    return "\n".join(as_lines(list(_rows(text, name)))) + "\n"


def _rows(text: str, name: str) -> Iterator[list[str]]:
    csv.field_size_limit(_LONGEST_CELL)
    cells = 0
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=_delimiter(text)), start=1):
            cells += len(row)
            if number > limits.ROWS or cells > limits.CELLS:
                raise too_much(name, f"超过 {limits.ROWS} 行", f"has more than {limits.ROWS} rows")
            if any(cell.strip() for cell in row):
                yield within(row, name)
    except csv.Error as error:
        raise too_much(name, f"里有超过 {_LONGEST_CELL} 个字的一格", "has a cell beyond reason") from error


def _delimiter(text: str) -> str:
    """What stands most evenly in the first lines; a comma when in doubt."""
    lines = [line for line in text[:20_000].split("\n") if line.strip()][:20]

    def evenness(delimiter: str) -> tuple[int, int]:
        counts = [line.count(delimiter) for line in lines]
        return (sum(count == max(counts, default=0) for count in counts) if any(counts) else -1, sum(counts))

    return max(",\t;|", key=evenness)
