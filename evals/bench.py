"""`make bench`: speed and memory as figures and as ratios within one run. Nothing here is asserted by a test."""

from __future__ import annotations

import argparse
import itertools
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.terminal import say
from evals import bench_evals, bench_guardrails, bench_serving
from evals.bench_knowledge import time_knowledge

if TYPE_CHECKING:
    from assistant.application import Kefu

DRAFTS = 200
CHECKS = 200
BATCH = 1000
ROOT = Path(__file__).parents[1]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--setup", action="store_true", help="also time `make setup` and `kefu init` from nothing")
    options.add_argument(
        "--passages", type=int, default=20_000, help="size of the large collection (100,000 take minutes to make)"
    )
    arguments = options.parse_args()
    bench_guardrails.report()
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        if arguments.setup:
            _time_setup(Path(scratch) / "clone")
        _time_init(home)
        bench_serving.report(home)
        _time_drafts(home)
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


def _time_drafts(home: Path) -> None:
    from assistant.application import Kefu
    from assistant.settings import Settings
    from evals.golden import load_golden

    os.environ["KEFU_HOME"] = str(home)
    with Kefu.open(Settings.read()) as kefu:
        cases = list(itertools.islice(itertools.cycle(load_golden()), DRAFTS))
        conversations = [case.conversation() for case in cases]
        words = [" ".join(m.text for m in c.last_customer_turn) for c in conversations]
        kefu.drafting.draft(conversations[0])
        embedding = [_seconds(partial(kefu.knowledge.embedder.queries, [w])) for w in words]
        drafting = [_seconds(partial(kefu.drafting.draft, c)) for c in conversations]
        _time_checks(kefu)
    p95_embedding, p95_drafting = _p95(embedding), _p95(drafting)
    say(f"embedding one query: median {statistics.median(embedding) * 1e3:.1f} ms, p95 {p95_embedding * 1e3:.1f} ms")
    say(
        f"one offline draft: median {statistics.median(drafting) * 1e3:.1f} ms, p95 of {DRAFTS} {p95_drafting * 1e3:.1f} ms; "
        f"ratio to embedding one query {p95_drafting / p95_embedding:.2f} (at p95)"
    )
    say(f"peak memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def _time_checks(kefu: Kefu) -> None:
    """Checks beside embedding the same words: one by one, and in batches. Rules alone for comparison."""
    from assistant.guardrails import CheckContext, Guardrails
    from assistant.guardrails.semantic.examples import load_examples

    rules = Guardrails.load()
    lines = [e.text for file in load_examples().values() for e in file]
    fine = [t for t in lines if rules.check(t).verdict == "pass"]
    singly, many = fine[:CHECKS], lines[-BATCH:]
    embedding = [_seconds(partial(kefu.knowledge.embedder.queries, [t])) for t in singly]
    checking = [_seconds(partial(kefu.check, t, CheckContext())) for t in singly]
    alone = [_seconds(partial(rules.check, t)) for t in singly]
    say(
        f"checking one reply: median {statistics.median(checking) * 1e3:.1f} ms, by rules alone "
        f"{statistics.median(alone) * 1e3:.2f} ms; ratio to embedding it {sum(checking) / sum(embedding):.2f}"
    )

    def in_batches() -> None:
        for at in range(0, len(many), 64):
            kefu.guardrails.prepare(many[at : at + 64])
            for reply in many[at : at + 64]:
                kefu.check(reply, CheckContext())

    embedded, checked = _seconds(lambda: kefu.knowledge.embedder.queries(many)), _seconds(in_batches)
    say(
        f"checking {BATCH} replies in batches: {BATCH / checked:.0f} a second; ratio to embedding {checked / embedded:.2f}"
    )


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95) - 1]


if __name__ == "__main__":
    main()
