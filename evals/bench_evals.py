"""How long the whole offline evaluation takes, from nothing and with nothing changed, and what memory grows with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from assistant.terminal import say


def report(home: Path) -> None:
    """Run all suites twice in `home`, in two processes; the second time everything is known."""
    first, run, peak = _run(home)
    again, _, _ = _run(home)
    start = _start()
    cases = sum(suite["cases"] for suite in run["suites"].values())
    say(
        f"kefu eval run, {cases} cases, two processes: {first:.0f} s; again with nothing changed: {again:.1f} s, "
        f"of which {start:.1f} s are the start"
    )
    small, large = _peak_of_results(1_000), _peak_of_results(20_000)
    say(
        f"peak memory of the largest evaluation process {peak:.0f} MiB; kept for each further case "
        f"{(large - small) / 19_000 * 1024:.1f} KiB"
    )


def _run(home: Path) -> tuple[float, dict[str, dict[str, dict[str, int]]], float]:
    """Seconds, what came of it, and MiB at the peak of its largest process: not that of what was run before."""
    command = [sys.executable, "-m", "assistant", "eval", "run", "--jobs", "2", "--json"]
    started = time.perf_counter()
    with subprocess.Popen(
        command, env={**os.environ, "KEFU_HOME": str(home)}, stdout=subprocess.PIPE, stderr=sys.stderr
    ) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return time.perf_counter() - started, json.loads(said), used.ru_maxrss / 1024


def _start() -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "assistant", "settings"], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def _peak_of_results(count: int) -> float:
    """MiB at the peak of a process that holds so many results, as a run does."""
    code = (
        "import resource\n"
        "from evals.values import CaseResult\n"
        f"kept = [CaseResult(id=str(i), outcome='passed', reply='回' * 100 + str(i), shown='问' * 100 + str(i), "
        f"marks={{'pass_rate': 1.0, 'block_recall': 1.0}}) for i in range({count})]\n"
        "import sys\n"
        "sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))"
    )
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
