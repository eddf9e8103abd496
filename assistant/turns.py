"""Taking turns: work for many people on few processors, in the order in which they came.

Twenty drafts computed at once wait for one another's threads, caches and locks: together they take more than twice the time
that they take one after the other, and none is ready before nearly all are. In turns, nobody waits longer than for those
who came before.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from knowledge.embedding.threads import one_thread

CORES_EACH = 2
"""Processor cores for each piece of work: it computes on one, the other answers those who wait and draws pages."""


class Turns:
    """At most `at_once` threads hold a turn; the others wait, first come first served. Who holds one may take it again."""

    def __init__(self, at_once: int = 0) -> None:
        """With 0, as many as the processor has room for."""
        self._free = at_once or max(1, (os.cpu_count() or 1) // CORES_EACH)
        self._waiting: deque[threading.Event] = deque()
        self._lock = threading.Lock()
        self._held = threading.local()

    @property
    def waiting(self) -> int:
        """How many wait for a turn."""
        return len(self._waiting)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Wait for a turn, and hold it meanwhile. Not to be held while waiting for a network or a reader."""
        depth = getattr(self._held, "depth", 0)
        if not depth:
            self._take()
        self._held.depth = depth + 1
        try:
            if depth:
                yield
            else:
                with one_thread():
                    yield
        finally:
            self._held.depth = depth
            if not depth:
                self._pass_on()

    def _take(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            called = threading.Event()
            self._waiting.append(called)
        called.wait()

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1
