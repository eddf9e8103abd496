"""Kept runs: under KEFU_HOME/evals, a file for what came out and one for every case's trace."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

from evals.baseline import Baseline, baseline_path
from evals.registry import EvalError
from evals.values import CaseTrace, EvalRun


def keep(run: EvalRun, home: Path) -> Path:
    """Keep a run; the file appears whole or not at all."""
    folder = home / "evals"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{run.run_id}.json"
    growing = path.with_suffix(".json.part")
    growing.write_text(run.model_dump_json(), encoding="utf-8")
    growing.replace(path)
    return path


def trace_path(home: Path, run_id: str) -> Path:
    """Where a kept run's traces are: JSON Lines, compressed, one line a case."""
    return home / "evals" / f"{run_id}.traces.jsonl.gz"


def traces(home: Path, run_id: str) -> Iterator[CaseTrace]:
    """Every case's trace of a kept run, one at a time; none for a run that kept none."""
    path = trace_path(home, run_id)
    if path.is_file():
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield CaseTrace.model_validate_json(line)


def load_run(home: Path, name: str) -> EvalRun:
    """A kept run by its id, a `run.json` by its path or folder, or a committed baseline by its name or path."""
    kept = home / "evals" / f"{name}.json"
    path = next((p for p in (kept, baseline_path(name)) if p.is_file()), Path(name))
    if path.is_dir():
        path /= "run.json"
    try:
        text = path.read_text(encoding="utf-8")
        if "baseline" in json.loads(text):
            return Baseline.model_validate_json(text).as_run()
        return EvalRun.model_validate_json(text)
    except (OSError, ValueError, TypeError) as error:
        raise EvalError(
            "eval.unknown_run",
            f"找不到评测记录 {name}:请给出运行编号、run.json 的路径或基线的名字。",
            f"There is no evaluation run {name}: give its id, the path of its run.json, or a baseline's name.",
        ) from error


def with_replies(home: Path, name: str) -> EvalRun:
    """`load_run`, and where that is a baseline, the kept run that it was made from, if it is still there."""
    found = load_run(home, name)
    return load_run(home, found.run_id) if (home / "evals" / f"{found.run_id}.json").is_file() else found


def kept_runs(home: Path) -> tuple[str, ...]:
    """Ids of the kept runs, newest first."""
    return tuple(sorted((p.stem for p in (home / "evals").glob("*.json")), reverse=True))
