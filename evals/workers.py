"""Where cases are run: in this process on an open Kefu, or in several, each with its own copy of the home's knowledge.

Processes, not threads: of a draft's time a third is Python, which threads would take turns at. Each loads the model once.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from evals.registry import EvalError, Suite, chosen
from evals.text import said
from evals.values import CaseResult, CaseTrace

if TYPE_CHECKING:
    from assistant.application import Kefu
    from assistant.settings import Settings

CHUNK = 16
"""Cases that are run at a time: what is read ahead in one batch, and what a killed run loses at most for each process."""
_ENOUGH = 2
"""Tasks that wait for each process, so that none is idle."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    """Some cases of one suite, with their keys; `repeat` counts from 0."""

    suite: Suite
    cases: tuple[Any, ...]
    keys: tuple[str, ...]
    repeat: int = 0


Done = tuple[Task, tuple[str, ...]]
"""A task and a trace for each of its cases, as JSON."""


class Workers(Protocol):
    """Runs tasks, in any order."""

    def run(self, tasks: Sequence[Task]) -> Iterator[Done]: ...


class Here:
    """In this process, on a Kefu that is open."""

    def __init__(self, kefu: Kefu) -> None:
        self._kefu = kefu

    def run(self, tasks: Sequence[Task]) -> Iterator[Done]:
        for task in tasks:
            yield task, _traces(self._kefu, task.suite, task.cases, task.repeat)


def _traces(kefu: Kefu, suite: Suite, cases: Sequence[Any], repeat: int) -> tuple[str, ...]:
    """One trace for each case. A case that can't be run is an error, and the cases beside it are run all the same."""
    try:
        found = [_marked(trace, repeat) for trace in suite.run(kefu, cases)]
    except Exception as error:
        if len(cases) == 1:
            log.exception("%s/%s could not be run", suite.name, cases[0].id)
            why = said("run.broke", kind=type(error).__name__, error=str(error)[:280])
            result = CaseResult(id=cases[0].id, outcome="error", reasons=(why.zh,), reasons_en=(why.en,))
            return (_marked(CaseTrace(suite=suite.name, result=result), repeat),)
        return tuple(line for case in cases for line in _traces(kefu, suite, [case], repeat))
    return tuple(found)


def _marked(trace: CaseTrace, repeat: int) -> str:
    return (trace if not repeat else trace.model_copy(update={"repeat": repeat})).model_dump_json()


class Processes:
    """In `jobs` processes, each on a copy of what the home knows; the home itself is free again once they are made.

    Raises KefuError "home.in_use" while another process owns the home, EvalError "eval.worker_died".
    """

    def __init__(self, settings: Settings, jobs: int) -> None:
        self._settings = settings
        self._jobs = jobs

    def run(self, tasks: Sequence[Task]) -> Iterator[Done]:
        work = self._settings.home / "evals" / "work"
        with ExitStack() as stack:
            shutil.rmtree(work, ignore_errors=True)
            stack.callback(shutil.rmtree, work, ignore_errors=True)
            homes = copies(self._settings.home, work, self._jobs)
            context = multiprocessing.get_context("spawn")
            ready = context.Queue()
            for home in homes:
                ready.put(str(home))
            threads = max(1, (os.cpu_count() or 1) // self._jobs)
            pool = ProcessPoolExecutor(self._jobs, context, _open, (self._settings, ready, threads))
            stack.callback(pool.shutdown, wait=True, cancel_futures=True)
            try:
                yield from self._spread(pool, tasks)
                bring_back(homes[0], self._settings.home)
            except BrokenProcessPool as error:
                raise EvalError(
                    "eval.worker_died",
                    "一个评测进程中途退出(可能内存不足)。已完成的用例都保留着:再运行一次会接着做;可加 --jobs 1 减少内存。",
                    "An evaluation process died (out of memory?). What was done is kept: run again to go on, with --jobs 1 for less memory.",
                ) from error

    def _spread(self, pool: ProcessPoolExecutor, tasks: Sequence[Task]) -> Iterator[Done]:
        """A few tasks ahead at a time, so that what is at hand does not grow with the number of cases."""
        waiting = iter(tasks)
        running: dict[Future[tuple[str, ...]], Task] = {}
        while True:
            while len(running) < self._jobs * _ENOUGH and (task := next(waiting, None)) is not None:
                running[pool.submit(_run_in_worker, task.suite.name, task.cases, task.repeat)] = task
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), future.result()


def copies(home: Path, work: Path, count: int) -> tuple[Path, ...]:
    """`count` folders that are as good as `home` for reading. KefuError "home.in_use" while someone else owns it."""
    from knowledge.base import CACHE, INDEX, STORE
    from knowledge.owner import HomeLock

    made = []
    lock = HomeLock.acquire(home, "kefu eval")
    try:
        for number in range(count):
            copy = work / str(number)
            copy.mkdir(parents=True)
            for folder in (INDEX, CACHE, "rules"):
                if (home / folder).is_dir():
                    shutil.copytree(home / folder, copy / folder)
            (copy / "model").symlink_to(home / "model", target_is_directory=True)
            source, target = sqlite3.connect(home / STORE), sqlite3.connect(copy / STORE)
            try:
                source.backup(target)
            finally:
                source.close()
                target.close()
            made.append(copy)
    finally:
        lock.release()
    return tuple(made)


def bring_back(copy: Path, home: Path) -> None:
    """What a process had to learn from exemplars is kept, so that the next run need not."""
    from knowledge.base import CACHE

    (home / CACHE).mkdir(exist_ok=True)
    for learnt in (copy / CACHE).iterdir():
        if learnt.is_file() and not (home / CACHE / learnt.name).exists():
            growing = home / CACHE / f".{learnt.name}.part"
            shutil.copyfile(learnt, growing)
            growing.replace(home / CACHE / learnt.name)


_kefu: Kefu | None = None
"""In a worker process: its own, opened once."""


def _open(settings: Settings, homes: multiprocessing.Queue[str], threads: int) -> None:
    """Begin a worker process."""
    global _kefu
    os.environ["OMP_NUM_THREADS"] = str(threads)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()
    chosen(())
    from assistant.application import Kefu

    _kefu = Kefu.open(settings.model_copy(update={"home": Path(homes.get()), "database_url": ""}))
    import torch

    torch.set_num_threads(threads)


def _leave_with(parent: Any) -> None:
    """A worker whose run was killed must not stay behind."""
    parent.join()
    os._exit(1)


def _run_in_worker(name: str, cases: tuple[Any, ...], repeat: int) -> tuple[str, ...]:
    assert _kefu is not None
    (suite,) = chosen((name,))
    return _traces(_kefu, suite, cases, repeat)
