"""Vectors of the project's own texts that come with it, so that a first start need not compute them.

They are the offline model's, one byte for each number: what is left of a vector when the mean of its kind is taken off,
times a scale of its own (cosine with the exact vector at least 0.9999). A text that changed is not among them and is
embedded; another model's vectors are never mixed in. `python -m knowledge.shipping` makes the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding.embedder import EmbeddingIdentity, Vectors
from knowledge.fold import fold
from knowledge.kept import Arrays, read_kept, unpacked_strings

SHIPPED = Path(__file__).parents[1] / "library" / "vectors.npz"


class ShippedVectors:
    """Row i of `codes` (int8 [n, dimension]) is the text with `marks[i]`, of kind `kinds[i]`."""

    def __init__(self, arrays: Arrays) -> None:
        """Raises KeyError or ValueError for arrays that are no such file's."""
        self.identity = unpacked_strings(arrays["identity"])[0]
        self.means: NDArray[np.float32] = arrays["means"]
        self.codes: NDArray[np.int8] = arrays["codes"]
        self.scales: NDArray[np.float32] = arrays["scales"]
        self.kinds: NDArray[np.uint8] = arrays["kinds"]
        self.marks: NDArray[np.uint64] = arrays["marks"]
        self.rows = {mark: row for row, mark in enumerate(self.marks.tolist())}
        if not len(self.rows) == len(self.codes) == len(self.scales) == len(self.kinds):
            raise ValueError("not a file of vectors")

    def vector(self, row: int) -> Vectors:
        """float32 [dimension], of length 1"""
        vector = self.means[self.kinds[row]] + self.codes[row] * self.scales[row]
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)

    def find(self, texts: Sequence[str], prompt: str) -> list[int]:
        """The row of each text; -1 for one that does not ship."""
        return [self.rows.get(mark_of(text, prompt), -1) for text in texts]


@lru_cache(maxsize=1)
def shipped_vectors(path: Path = SHIPPED) -> ShippedVectors | None:
    """None where the file is missing or cannot be read: every text is then embedded."""
    arrays = read_kept(path)
    try:
        return ShippedVectors(arrays) if arrays else None
    except (KeyError, ValueError, IndexError):
        return None


def mark_of(text: str, prompt: str) -> int:
    """What a text is known by: 64 bits of a hash over what the model would read."""
    return int.from_bytes(hashlib.sha256(f"{prompt}\0{fold(text)}".encode("utf-8", "surrogatepass")).digest()[:8])


def recalled(
    texts: Sequence[str], embed: Callable[[Sequence[str]], Vectors], identity: EmbeddingIdentity, prompt: str
) -> Vectors:
    """`embed(texts)`, but what ships is not computed again."""
    shipped = shipped_vectors()
    if shipped is None or shipped.identity != identity.key or not texts:
        return embed(texts)
    rows = shipped.find(texts, prompt)
    out = np.empty((len(texts), identity.dimension), dtype=np.float32)
    new = [i for i, row in enumerate(rows) if row < 0]
    for i, row in enumerate(rows):
        if row >= 0:
            out[i] = shipped.vector(row)
    if new:
        out[new] = embed([texts[i] for i in new])
    return out
