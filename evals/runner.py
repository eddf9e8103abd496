"""Runs suites: only what has changed, in as many processes as asked for; compares, judges the gate, keeps every run."""

from __future__ import annotations

import gzip
import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from assistant.settings import Settings
from evals.cache import Cache
from evals.compare import compare
from evals.fingerprint import case_key, prints, suite_key
from evals.gate import GateRules
from evals.inventory import take
from evals.origin import origin_of
from evals.registry import EvalError, Suite, chosen
from evals.runs import keep, kept_runs, load_run, trace_path
from evals.values import CaseResult, CaseTrace, Cost, EvalRun, Gate
from evals.workers import CHUNK, Here, Processes, Task, Workers
from knowledge.values import Progress

__all__ = ["EvalError", "Here", "Processes", "as_json", "kept_runs", "load_run", "run_suites", "suite_names"]

REPEATS = 3
"""How often a case is run where a chat model writes."""


def suite_names() -> tuple[str, ...]:
    """Every suite, in the order in which they are run."""
    return tuple(suite.name for suite in chosen(()))


@dataclass
class _Planned:
    """A suite's cases, each with the keys of its repeats."""

    suite: Suite
    cases: tuple[Any, ...]
    keys: tuple[tuple[str, ...], ...]
    cache: Cache
    errors: dict[str, str] = field(default_factory=dict)
    """Traces of what could not be judged: shown in this run, tried again in the next."""

    def missing(self, fresh: bool) -> Iterator[Task]:
        """What is not known yet, in chunks."""
        for repeat in range(max(map(len, self.keys), default=0)):
            todo = [
                (case, keys[repeat])
                for case, keys in zip(self.cases, self.keys, strict=True)
                if fresh or keys[repeat] not in self.cache
            ]
            for at in range(0, len(todo), CHUNK):
                cases, keys = zip(*todo[at : at + CHUNK], strict=True)
                yield Task(self.suite, cases, keys, repeat)

    def keep(self, task: Task, traces: Sequence[str]) -> list[CaseTrace]:
        read = [CaseTrace.model_validate_json(line) for line in traces]
        good = [(k, line) for k, line, t in zip(task.keys, traces, read, strict=True) if t.result.outcome != "error"]
        self.cache.put(good)
        self.errors.update(
            (k, line) for k, line, t in zip(task.keys, traces, read, strict=True) if t.result.outcome == "error"
        )
        return read

    def results(self, out: IO[str]) -> Iterator[CaseResult]:
        """Each case's result; its traces are written out on the way, so that none stays in memory."""
        for case, keys in zip(self.cases, self.keys, strict=True):
            found = []
            for key in keys:
                line = self.errors.get(key) or self.cache.get(key)
                out.write(line + "\n")
                found.append(CaseTrace.model_validate_json(line).result)
            yield _with_origin(_of_repeats(found), case)


def _with_origin(result: CaseResult, case: object) -> CaseResult:
    """A case that did not pass is looked at, so it says where it comes from."""
    return result if result.passed else result.model_copy(update={"origin": origin_of(case)})


def _of_repeats(results: Sequence[CaseResult]) -> CaseResult:
    """One result of several: what most of those that could be judged say; marks are their means."""
    if len(results) == 1:
        return results[0]
    judged = [r for r in results if r.outcome != "error"]
    if len(judged) * 2 <= len(results):
        return next(r for r in results if r.outcome == "error").model_copy(update={"repeats": len(results)})
    passes = sum(r.passed for r in judged)
    most = "passed" if passes * 2 > len(judged) else "failed"
    shown = (
        next(r for r in judged if r.outcome == most)
        if passes * 2 != len(judged)
        else next(r for r in judged if not r.passed)
    )
    marks = {name: round(statistics.fmean(r.marks[name] for r in judged), 4) for name in shown.marks}
    marks["pass_rate"] = float(shown.passed)
    seconds = round(sum(r.seconds for r in results), 4)
    tags = shown.tags if passes in (0, len(judged)) else (*shown.tags, f"{passes}/{len(judged)}")
    return shown.model_copy(update={"marks": marks, "repeats": len(results), "seconds": seconds, "tags": tags})


def run_suites(
    settings: Settings,
    workers: Workers | Callable[[int], Workers],
    names: Sequence[str] = (),
    *,
    baseline: str = "",
    repeats: int | None = None,
    fresh: bool = False,
    progress: Progress = lambda *_: None,
) -> EvalRun:
    """Run the named suites (all when none is named), compare, judge, and keep the run under KEFU_HOME/evals.

    `workers` runs what is not cached; as a function it is called with how many cases that are, and only if there are any.
    A written case is run `repeats` times (default: 3 with a chat model, else once). `fresh` runs everything anew.
    A run that is cut off has kept what it did: the next one goes on from there.
    """
    started = time.perf_counter()
    suites = chosen(names)
    before = load_run(settings.home, baseline) if baseline else None
    rules = GateRules.load()
    at = datetime.now(UTC).replace(tzinfo=None)
    run_id = f"{at:%Y%m%d-%H%M%S-%f}"
    folder = settings.home / "evals"
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        found = prints(settings)
        times = repeats or (REPEATS if settings.chat_configured else 1)
        planned = [_plan(suite, folder / "cache", found, times, stack) for suite in suites]
        cost = _compute(planned, workers, fresh, progress)
        traces = trace_path(settings.home, run_id)
        with gzip.open(traces, "wt", encoding="utf-8", compresslevel=4) as out:
            results = {p.suite.name: p.suite.result(tuple(p.results(out))) for p in planned}
    run = EvalRun(
        run_id=run_id,
        at=at,
        suites=results,
        gate=Gate(passed=False),
        inventory=take(settings, found),
        engine=f"chat:{settings.chat_model}" if settings.chat_configured else "offline",
    )
    comparison = compare(run, before, rules.smallest_effect) if before else None
    cost = cost.model_copy(update={"seconds": round(time.perf_counter() - started, 2)})
    run = run.model_copy(update={"comparison": comparison, "cost": cost})
    run = run.model_copy(update={"gate": rules.judge(run, before)})
    keep(run, settings.home)
    return run


def _plan(suite: Suite, folder: Path, found: dict[str, str], repeats: int, stack: ExitStack) -> _Planned:
    cases = tuple(suite.load())
    times = repeats if suite.written else 1
    keys = tuple(tuple(case_key(case, repeat) for repeat in range(times)) for case in cases)
    return _Planned(suite, cases, keys, stack.enter_context(Cache(folder, suite.name, suite_key(suite, found))))


def _compute(
    planned: Sequence[_Planned], workers: Workers | Callable[[int], Workers], fresh: bool, progress: Progress
) -> Cost:
    """Run what is not known yet, and keep each result as it comes."""
    tasks = [task for plan in planned for task in plan.missing(fresh)]
    by_name = {plan.suite.name: plan for plan in planned}
    total = {name: sum(map(len, plan.keys)) for name, plan in by_name.items()}
    left = {name: sum(len(t.cases) for t in tasks if t.suite.name == name) for name in total}
    for name in total:
        progress(name, total[name] - left[name], total[name])
    count = sum(left.values())
    calls = written = 0
    if tasks:
        ready = workers(count) if callable(workers) else workers
        for task, traces in ready.run(tasks):
            name = task.suite.name
            for trace in by_name[name].keep(task, traces):
                calls += trace.calls
                written += trace.written_chars
            left[name] -= len(task.cases)
            progress(name, total[name] - left[name], total[name])
    return Cost(computed=count, cached=sum(total.values()) - count, calls=calls, written_chars=written)


def as_json(run: EvalRun) -> str:
    return json.dumps(run.as_contract(), ensure_ascii=False, indent=2)
