"""Labelled rows in JSON Lines files, validated when loaded, with file and line in every error."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from knowledge.errors import DataFileError, KefuError

M = TypeVar("M", bound=BaseModel)


def load_rows(path: Path, schema: type[M]) -> tuple[M, ...]:
    """Every row of `path`, empty lines left out. DataFileError names the line of the first that is wrong."""
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            rows.append(schema.model_validate_json(line))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"])) or "row"
            raise DataFileError(
                str(path),
                number,
                f"{where}:{first['msg']}",
                f"{where}: {first['msg']} (got {first.get('input')!r:.60})",
            ) from error
        except KefuError as error:  # an authority that does not exist
            raise DataFileError(str(path), number, error.zh, error.en) from error
    return tuple(rows)
