"""Runs suites, compares with a baseline, judges the gate, and keeps every run."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from assistant.application import Kefu
from evals import suite_golden, suite_guard, suite_retrieval, suite_situation
from evals.compare import compare
from evals.gate import GateRules
from evals.values import EvalRun, Gate, SuiteResult
from knowledge.errors import KefuError
from knowledge.values import Progress

SUITES: dict[str, Callable[[Kefu, Progress], SuiteResult]] = {
    "golden": suite_golden.run,
    "guard": suite_guard.run,
    "guard_fresh": suite_guard.run_fresh,
    "retrieval": suite_retrieval.run,
    "situation": suite_situation.run,
}


class EvalError(KefuError):
    """A suite or run that is not there, or can't be read."""


def suite_names() -> tuple[str, ...]:
    return tuple(SUITES)


def run_suites(
    kefu: Kefu, names: Sequence[str] = (), *, baseline: str = "", progress: Progress = lambda *_: None
) -> EvalRun:
    """Run the named suites (all when none is named), compare, judge, and keep the run under KEFU_HOME/evals."""
    unknown = sorted(set(names) - set(SUITES))
    if unknown:
        raise EvalError(
            "eval.unknown_suite",
            f"没有评测集 {unknown[0]},可用的有:{'、'.join(SUITES)}",
            f"There is no suite {unknown[0]}; there are: {', '.join(SUITES)}",
        )
    before = load_run(kefu.settings.home, baseline) if baseline else None
    at = datetime.now(UTC).replace(tzinfo=None)
    suites = {name: SUITES[name](kefu, progress) for name in (names or SUITES)}
    run = EvalRun(run_id=f"{at:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}", at=at, suites=suites, gate=Gate(passed=False))
    comparison = compare(run, before) if before else None
    run = run.model_copy(update={"comparison": comparison, "gate": GateRules.load().judge(suites, comparison)})
    _keep(run, kefu.settings.home)
    return run


def _keep(run: EvalRun, home: Path) -> None:
    folder = home / "evals"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{run.run_id}.json").write_text(run.model_dump_json(), encoding="utf-8")


def load_run(home: Path, name: str) -> EvalRun:
    """A kept run by its id, or a `run.json` by its path."""
    kept = home / "evals" / f"{name}.json"
    path = kept if kept.is_file() else Path(name)
    if path.is_dir():
        path /= "run.json"
    try:
        return EvalRun.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EvalError(
            "eval.unknown_run",
            f"找不到评测记录 {name}:请给出运行编号或 run.json 的路径。",
            f"There is no evaluation run {name}: give its id or the path of its run.json.",
        ) from error


def kept_runs(home: Path) -> tuple[str, ...]:
    """Ids of the kept runs, newest first."""
    return tuple(sorted((p.stem for p in (home / "evals").glob("*.json")), reverse=True))


def as_json(run: EvalRun) -> str:
    return json.dumps(run.as_contract(), ensure_ascii=False, indent=2)
