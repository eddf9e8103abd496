"""Results kept by content: a case whose inputs have not changed is not run again, and a killed run goes on where it was.

One file for each suite and state of what it depends on; a line for each case, written as it comes. A line that a killed run
left half written is cut off. Errors are not kept: what could not be judged is tried again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import IO

KEPT = 6
"""States of one suite that are remembered; coming back to an earlier one is then as quick."""


class Cache:
    """The kept results of one suite in one state. Use it as a context manager; only offsets are held in memory."""

    def __init__(self, folder: Path, suite: str, key: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{suite}-{key[:16]}.jsonl"
        self._offsets: dict[str, int] = {}
        self._path.touch()
        self._file: IO[bytes] = self._path.open("r+b")
        self._read()
        states = sorted(folder.glob(f"{suite}-{'[0-9a-f]' * 16}.jsonl"), key=lambda p: p.stat().st_mtime, reverse=True)
        for old in states[KEPT:]:
            old.unlink(missing_ok=True)

    def __contains__(self, key: str) -> bool:
        return key in self._offsets

    def __len__(self) -> int:
        return len(self._offsets)

    def get(self, key: str) -> str:
        """The trace kept under `key`, as JSON. KeyError when there is none."""
        self._file.seek(self._offsets[key])
        _, _, trace = self._file.readline().decode().rstrip("\n").partition(" ")
        return trace

    def put(self, kept: Sequence[tuple[str, str]]) -> None:
        """Append (key, trace as JSON), on disk before this returns."""
        self._file.seek(0, 2)
        for key, trace in kept:
            at = self._file.tell()
            self._file.write(f"{key} {trace}\n".encode())
            self._offsets[key] = at
        self._file.flush()

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Cache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> None:
        at = 0
        for line in self._file:
            key, _, trace = line.rstrip(b"\n").partition(b" ")
            if not line.endswith(b"\n") or not _is_json(trace):
                self._file.truncate(at)  # killed while it was written; whatever follows cannot be trusted either
                break
            self._offsets[key.decode("ascii", "replace")] = at
            at += len(line)


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
