"""The words of passages, kept between starts: cutting them anew would be most of a start with many passages.

What a passage that is no longer there said is not in the file: it is written anew, of what is left, when one goes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.kept import read_kept, write_kept
from knowledge.lexical import Cutter, Ints, LexicalIndex

Marks = NDArray[np.uint64]


def marks_of(texts: Sequence[str]) -> Marks:
    """uint64 [texts]: a number for what each says."""
    said = (hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts)
    return np.frombuffer(b"".join(said), dtype=np.uint64)


class KeptWords:
    """One file in a folder that may be emptied at any time; with no folder nothing is kept."""

    def __init__(self, cache: Path | None, cutter: Cutter) -> None:
        self._cache = cache
        self._cutter = cutter
        self._held: bytes | None = None

    def recall(self) -> tuple[LexicalIndex, Marks]:
        """The index as it was kept, and the mark of each of its rows; an empty one where there is none."""
        kept = read_kept(self._file) or {}
        try:
            index, marks = LexicalIndex.of(kept), np.asarray(kept["marks"], dtype=np.uint64)
        except (KeyError, ValueError):
            return LexicalIndex(), marks_of(())
        if len(marks) != index.size:
            return LexicalIndex(), marks_of(())
        self._held = _digest(marks)
        return index, marks

    def keep(self, index: LexicalIndex, marks: Marks, alive: NDArray[np.bool_]) -> None:
        """Keep the rows that live, unless they are what is kept. Raises OSError."""
        rows: Ints = np.flatnonzero(alive).astype(np.int32)
        held = _digest(marks[rows])
        if self._file is None or held == self._held:
            return
        live = index if len(rows) == index.size else index.rearranged(rows)
        write_kept(
            self._file, {**live.arrays(), "marks": marks[rows]}, instead_of=self._file.parent.glob("words-*.npz")
        )
        self._held = held

    @property
    def _file(self) -> Path | None:
        return self._cache / f"words-{self._cutter.key}.npz" if self._cache else None


def forget(cache: Path, live: Sequence[str]) -> None:
    """Leave out of what is kept in a folder whatever is not among `live`. Raises OSError."""
    for file in cache.glob("words-*.npz"):
        kept, marks = read_kept(file) or {}, marks_of(live)
        try:
            index, own = LexicalIndex.of(kept), np.asarray(kept["marks"], dtype=np.uint64)
            rows: Ints = np.flatnonzero(np.isin(own, marks)).astype(np.int32)
            if len(rows) < len(own):
                write_kept(file, {**index.rearranged(rows).arrays(), "marks": own[rows]}, instead_of=())
        except (KeyError, ValueError):
            file.unlink(missing_ok=True)


def _digest(marks: Marks) -> bytes:
    return hashlib.sha256(marks.tobytes()).digest()
