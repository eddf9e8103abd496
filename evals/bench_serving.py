"""`make bench`, the serving part: a real desk, one agent and then twenty at once over the REST interface."""

from __future__ import annotations

import itertools
import json
import os
import queue
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assistant.terminal import errors, say
from evals.golden import load_golden

AGENTS = 20
EACH = 4
"""Drafts that each of the agents asks for, one after the other."""
ALONE = 20
"""Drafts that one agent asks for with nobody else there."""


@dataclass(frozen=True)
class Served:
    """One request: how long its answer took, in seconds, and what was wrong with it ("" for nothing)."""

    seconds: float
    fault: str


def report(home: Path) -> None:
    """Say how soon a desk in `home` answers, what it holds in memory, and how twenty agents share it."""
    bodies = [
        json.dumps({"messages": c.messages, "order": c.order, "policy": c.policy}, ensure_ascii=False).encode()
        for c in load_golden()
    ]
    with served(home) as (url, ready, process):
        drafts = f"{url}/api/v1/drafts"
        endless = itertools.cycle(bodies)
        ask(drafts, next(endless))
        alone = [ask(drafts, next(endless)) for _ in range(ALONE)]
        started = time.perf_counter()
        together = at_once(drafts, [next(endless) for _ in range(AGENTS * EACH)], AGENTS)
        elapsed = time.perf_counter() - started
        peak = _peak(process.pid)
    say(f"desk answers after {ready:.1f} s; peak memory of the serving process {peak:.0f} MiB")
    single = statistics.median(s.seconds for s in alone)
    times = sorted(s.seconds for s in together)
    fair = AGENTS * single
    say(
        f"{AGENTS} agents at once, {len(together)} drafts: {len(together) / elapsed:.1f} a second (one agent alone "
        f"{1 / single:.1f}); median {statistics.median(times):.2f} s, longest {times[-1]:.2f} s; fair share "
        f"{fair:.2f} s ({AGENTS} times one alone); longest to fair share {times[-1] / fair:.2f} (at most 2), "
        f"to the mean {times[-1] / statistics.mean(times):.2f}; failed {sum(bool(s.fault) for s in (*alone, *together))} (0)"
    )
    for fault in dict.fromkeys(s.fault for s in (*alone, *together) if s.fault):
        errors.print(fault, markup=False)


@contextmanager
def served(home: Path) -> Iterator[tuple[str, float, subprocess.Popen[bytes]]]:
    """A desk of its own process: its address, seconds until its first answer, and the process; ended afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "assistant", "serve", "--port", str(port)]
    process = subprocess.Popen(
        command, env={**os.environ, "KEFU_HOME": str(home)}, stdout=sys.stderr, stderr=sys.stderr
    )
    try:
        url, started = f"http://127.0.0.1:{port}", time.perf_counter()
        while not _answers(f"{url}/api/v1/health"):
            if process.poll() is not None:
                errors.print("kefu serve ended before it answered")
                sys.exit(1)
            time.sleep(0.1)
        yield url, time.perf_counter() - started, process
    finally:
        process.terminate()
        process.wait()


def at_once(url: str, bodies: Sequence[bytes], agents: int) -> list[Served]:
    """Every body sent by one of so many agents, each of whom waits for one answer before asking again."""
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    for body in bodies:
        waiting.put(body)
    done: list[Served] = []

    def agent() -> None:
        while True:
            try:
                body = waiting.get_nowait()
            except queue.Empty:
                return
            done.append(ask(url, body))

    threads = [threading.Thread(target=agent) for _ in range(agents)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


def ask(url: str, body: bytes) -> Served:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    started = time.perf_counter()
    try:
        with urllib.request.urlopen(request, timeout=120) as response:
            answer = json.loads(response.read())
        fault = "" if answer["reply"] or answer["notice"] else "an answer without a reply"
    except (urllib.error.URLError, OSError, ValueError, KeyError) as error:
        fault = f"{type(error).__name__}: {error}"
    return Served(time.perf_counter() - started, fault)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _peak(pid: int) -> float:
    """MiB that a process has held at most."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
