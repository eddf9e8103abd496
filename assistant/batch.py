"""JSON Lines in, JSON Lines out: same order, each with the input's id, a bad line answered with its error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from knowledge.errors import KefuError, Language

Row = Mapping[str, object]
Answer = dict[str, object]


class InputError(KefuError):
    """A line or file of input can't be read."""


def read_text_file(path: Path) -> str:
    """The UTF-8 text of a file given on the command line; InputError names it and the remedy."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise InputError("input.missing", f"找不到文件 {path}", f"There is no file {path}") from error
    except UnicodeDecodeError as error:
        raise InputError(
            "input.encoding",
            f"文件 {path} 不是 UTF-8 文本:请另存为 UTF-8",
            f"{path} is not UTF-8 text: save it as UTF-8",
        ) from error
    except OSError as error:
        raise InputError(
            "input.unreadable", f"文件 {path} 读不了({error.strerror})", f"{path} can't be read ({error.strerror})"
        ) from error


def _rows(path: Path) -> Iterator[Row | InputError]:
    for number, line in enumerate(read_text_file(path).splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            yield InputError(
                "input.not_json", f"第 {number} 行不是 JSON:{error.msg}", f"line {number} is not JSON: {error.msg}"
            )
            continue
        if isinstance(row, dict):
            yield row
        else:
            yield InputError(
                "input.not_an_object", f"第 {number} 行不是 JSON 对象", f"line {number} is not a JSON object"
            )


def run_batch(
    path: Path,
    answer: Callable[[Sequence[Row]], Iterable[Answer | KefuError]],
    out: IO[str],
    language: Language,
    chunk: int = 1,
) -> int:
    """Answer every line of `path`, `chunk` lines at a time; the exit status: 1 when any line failed, else 0.

    `answer` gets the good rows of a chunk and gives, in order, an answer or the error of each.
    """
    status = 0
    pending: list[Row | InputError] = []

    def flush() -> None:
        nonlocal status
        answers = iter(answer([r for r in pending if not isinstance(r, InputError)]))
        for row in pending:
            result = row if isinstance(row, InputError) else next(answers)
            line: Answer = {"id": None if isinstance(row, InputError) else row.get("id")}
            if isinstance(result, KefuError):
                status = 1
                line["error"] = result.as_json(language)
            else:
                line.update({k: v for k, v in result.items() if k != "id"})
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
        out.flush()
        pending.clear()

    for row in _rows(path):
        pending.append(row)
        if len(pending) >= chunk:
            flush()
    if pending:
        flush()
    return status


def each(answer_one: Callable[[Row], Answer]) -> Callable[[Sequence[Row]], Iterator[Answer | KefuError]]:
    """Answer rows one by one; a row's KefuError is its answer."""

    def answer(rows: Sequence[Row]) -> Iterator[Answer | KefuError]:
        for row in rows:
            try:
                yield answer_one(row)
            except KefuError as error:
                yield error

    return answer
