"""Long work with its progress as a stream of values."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from knowledge.values import Progress

T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """How far the work is: `done` of `total` of `what`."""

    what: str
    done: int
    total: int


@dataclass(frozen=True)
class Finished(Generic[T]):
    """The work's result; always the last value."""

    result: T


@dataclass(frozen=True)
class _Failed:
    error: BaseException


def watched(work: Callable[[Progress], T], every_s: float = 0.1) -> Iterator[Step | Finished[T]]:
    """Do `work` in a thread and yield its latest step at most every `every_s` seconds, then its result.

    What `work` raises is raised here. Work goes on to its end when nobody watches any longer.
    """
    events: queue.Queue[Step | Finished[T] | _Failed] = queue.Queue()

    def run() -> None:
        try:
            events.put(Finished(work(lambda what, done, total: events.put(Step(what, done, total)))))
        except BaseException as error:  # noqa: BLE001 - handed to the watcher, who raises it
            events.put(_Failed(error))

    threading.Thread(target=run, name="kefu-background", daemon=True).start()
    pause = threading.Event()
    while True:
        event = events.get()
        while isinstance(event, Step) and not events.empty():
            event = events.get()
        if isinstance(event, _Failed):
            raise event.error
        yield event
        if isinstance(event, Finished):
            return
        pause.wait(every_s)
