"""The `kefu` command in a process of its own, with its own output and exit status.

Such a process is forked from one that has the libraries imported and has done nothing else: importing them takes longer than
most of what the commands do.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["assistant.cli", "assistant.application", "sentence_transformers"])
_LIMIT_S = 300


def kefu(*arguments: str, home: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run it on `home`, with nothing else set but `settings`, which are environment variables."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        process = _PROCESSES.Process(target=_run, args=(arguments, environment(home) | settings, Path.cwd(), out, err))
        process.start()
        process.join(_LIMIT_S)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(arguments, _LIMIT_S)
        said, complained = (path.read_text(encoding="utf-8") for path in (out, err))
    return subprocess.CompletedProcess(arguments, process.exitcode, said, complained)


def freshly_started(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run it as a person does, in a new interpreter."""
    return subprocess.run(
        [sys.executable, "-m", "assistant", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment(home),
        timeout=_LIMIT_S,
    )


def environment(home: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("KEFU_", "OPENAI_"))}
    return kept | {"KEFU_HOME": str(home)}


def _run(arguments: tuple[str, ...], variables: Mapping[str, str], folder: Path, out: Path, err: Path) -> None:
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(folder)
    for path, descriptor in ((out, 1), (err, 2)):
        with path.open("wb") as file:
            os.dup2(file.fileno(), descriptor)
    sys.argv = ["kefu", *arguments]
    from assistant.cli import main

    main()
