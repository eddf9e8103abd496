"""Arrays kept in files between starts: derived from what else is there, deletable at any time, whole or not there."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

UNREADABLE = (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile, zlib.error)
"""What reading a kept file may raise when it is not there, cut short or of another make: it is then made again."""
Arrays = dict[str, NDArray[Any]]


def read_kept(path: Path | None) -> Arrays | None:
    """The arrays of a file by their names; None for one that is not there or cannot be read."""
    if path is None:
        return None
    try:
        with np.load(path, allow_pickle=False) as kept:
            return {name: kept[name] for name in kept.files}
    except UNREADABLE:
        return None


def write_kept(path: Path, arrays: Arrays, *, instead_of: Iterable[Path] = ()) -> None:
    """Put the file there in one step, then take away those whose place it takes. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.parent / f".{path.name}"
    with staged.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    staged.replace(path)
    for old in instead_of:
        if old != path:
            old.unlink(missing_ok=True)


def packed_strings(strings: Iterable[str]) -> NDArray[np.uint8]:
    """Strings without NUL as one array of bytes: unlike an array of strings, as small as what they say."""
    return np.frombuffer("\0".join(strings).encode("utf-8", "surrogatepass"), dtype=np.uint8)


def unpacked_strings(bytes_: NDArray[np.uint8]) -> list[str]:
    """The strings of `packed_strings`. Raises ValueError for other bytes."""
    text = bytes_.tobytes().decode("utf-8", "surrogatepass")
    return text.split("\0") if text else []
