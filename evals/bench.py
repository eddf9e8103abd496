"""`make bench`: speed and memory as figures and as ratios within one run. Nothing here is asserted by a test."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from assistant.terminal import say
from evals import bench_drafts, bench_evals, bench_guardrails, bench_serving
from evals.bench_knowledge import time_knowledge

ROOT = Path(__file__).parents[1]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--setup", action="store_true", help="also time `make setup` and `kefu init` from nothing")
    options.add_argument(
        "--passages", type=int, default=100_000, help="size of the large collection (100,000 take a minute to make)"
    )
    options.add_argument("--replies", type=int, default=2_000, help="replies that are checked in batches")
    arguments = options.parse_args()
    bench_guardrails.report()
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        if arguments.setup:
            _time_setup(Path(scratch) / "clone")
        _time_init(home)
        bench_serving.report(home)
        bench_drafts.report(home, arguments.replies)
        bench_evals.report(home)
        time_knowledge(home, Path(scratch), arguments.passages)


def _seconds(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return time.perf_counter() - started


def _time_setup(clone: Path) -> None:
    def work() -> None:
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        subprocess.run(["make", "setup"], cwd=clone, check=True, stdout=sys.stderr)

    say(f"make setup from a clean clone: {_seconds(work):.0f} s")


def _kefu(home: Path, *arguments: str) -> list[str]:
    os.environ["KEFU_HOME"] = str(home)
    return [sys.executable, "-m", "assistant", *arguments]


def _time_init(home: Path) -> None:
    first = _seconds(lambda: subprocess.run(_kefu(home, "init"), check=True, stdout=sys.stderr))
    again = _seconds(lambda: subprocess.run(_kefu(home, "init"), check=True, stdout=sys.stderr))
    say(f"kefu init from nothing: {first:.1f} s; again: {again:.1f} s")


if __name__ == "__main__":
    main()
