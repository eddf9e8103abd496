"""Data files in YAML and JSON Lines, validated when loaded, with file and line in every error."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from knowledge.errors import DataFileError, KefuError

M = TypeVar("M", bound=BaseModel)


def load(path: Path, schema: type[M]) -> M:
    """The one document in `path`, as `schema`. Raises DataFileError with the line of the first problem."""
    text = path.read_text(encoding="utf-8")
    try:
        data = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = error.problem or str(error)
        raise DataFileError(str(path), line, f"YAML 格式错误({problem})", f"not YAML ({problem})") from error
    try:
        return schema.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(p) for p in first["loc"])
        line = _line_of(yaml.compose(text, Loader=yaml.CSafeLoader), first["loc"])
        raise DataFileError(
            str(path),
            line,
            f"{where}:{first['msg']}",
            f"{where}: {first['msg']} (got {first.get('input')!r:.60})",
        ) from error


def load_rows(path: Path, schema: type[M], context: Any = None) -> tuple[M, ...]:
    """Every row of `path`, empty lines left out; `context` is what the schema's validators look things up in.
    DataFileError names the line of the first that is wrong.
    """
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            rows.append(schema.model_validate_json(line, context=context))
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


def _line_of(node: Any, location: tuple[int | str, ...]) -> int:
    """The line (from 1) of the deepest node on the way to `location`."""
    line = node.start_mark.line + 1 if node else 1
    for step in location:
        if isinstance(node, yaml.MappingNode):
            found = next((v for k, v in node.value if k.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = node.value[step]
        else:
            found = None
        if found is None:
            break
        node = found
        line = node.start_mark.line + 1
    return int(line)
