"""Runs a reader in a process of its own, so that no file can take the desk's time, memory or life."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

from knowledge.errors import KefuError
from knowledge.ingest.readers.limits import CPU_SECONDS, WALL_SECONDS
from knowledge.ingest.refusals import damaged, refused

log = logging.getLogger(__name__)
ROOT = Path(__file__).parents[3]
OUT_OF_MEMORY = 70
_KEPT = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH")


def convert(kind: str, data: bytes, name: str, *, wall_seconds: float = WALL_SECONDS) -> str:
    """The text of a file of `kind` ("docx", "pdf", …). Raises KefuError: what the reader refuses, or document.damaged,
    document.too_costly when it dies or runs past its limits.
    """
    command = [sys.executable, "-m", "knowledge.ingest.readers.worker", kind, name.encode("utf-8", "replace").hex()]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=wall_seconds, cwd=ROOT, env=_environment(), check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _too_costly(name) from error
    if done.returncode == 0:
        answer = json.loads(done.stdout)
        if "text" in answer:
            return str(answer["text"])
        raise KefuError(answer["code"], answer["zh"], answer["en"])
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    log.info("reading %s failed with status %d: %s", name, done.returncode, said[-1] if said else "")
    if done.returncode in (OUT_OF_MEMORY, -signal.SIGXCPU, -signal.SIGKILL):
        raise _too_costly(name)
    raise damaged(name, kind)


def _environment() -> dict[str, str]:
    """Nothing of ours but what an interpreter needs: no keys, one thread."""
    kept = {key: os.environ[key] for key in _KEPT if key in os.environ}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def _too_costly(name: str) -> KefuError:
    return refused(
        "too_costly", name, f"读了 {CPU_SECONDS} 秒或占满内存还没有读完,已停止", "took too much time or memory to read",
        "请检查文件是否正常,或拆成几个文件再导入", "check the file, or split it",
    )  # fmt: skip
