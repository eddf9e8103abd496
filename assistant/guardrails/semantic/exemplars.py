"""Authored examples as points, so that a finding can name what it resembles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.values import Category

WIDTH = 48
"""Dimensions that are kept of the network's states."""

Floats = NDArray[np.float32]


class Exemplars:
    """`points` int8 [examples, WIDTH], each of about the same length; `axes` float [width, WIDTH]."""

    def __init__(self, texts: Sequence[str], acts: Sequence[str], points: NDArray[np.int8], axes: Floats) -> None:
        self._texts = tuple(texts)
        self._acts = tuple(acts)
        self._points = points.astype(np.float32)
        self._lengths = np.linalg.norm(self._points, axis=1)
        self._axes = axes
        self._of: dict[str, list[int]] = {}
        for i, said in enumerate(acts):
            for category in said.split(" "):
                self._of.setdefault(category, []).append(i)

    @classmethod
    def of(cls, texts: Sequence[str], acts: Sequence[Sequence[Category]], states: Floats) -> Exemplars:
        """`states` float32 [examples, width]; the axes are those along which the examples differ most."""
        spread = states - states.mean(axis=0)
        _, _, axes = np.linalg.svd(spread, full_matrices=False)
        kept = np.ascontiguousarray(axes[:WIDTH].T)
        return cls(texts, [" ".join(a) for a in acts], _quantised(states @ kept), kept.astype(np.float32))

    @classmethod
    def load(cls, path: Path) -> Exemplars:
        with np.load(path) as stored:
            return cls(
                stored["texts"].tolist(), stored["acts"].tolist(), stored["points"], stored["axes"].astype(np.float32)
            )

    def save(self, path: Path) -> None:
        np.savez_compressed(
            path,
            allow_pickle=False,
            texts=np.array(self._texts),
            acts=np.array(self._acts),
            points=self._points.astype(np.int8),
            axes=self._axes.astype(np.float16),
        )

    def nearest(self, states: Floats, category: Category, count: int = 1) -> tuple[str, ...]:
        """The examples of `category` that a text with these states resembles most, best first."""
        own = self._of.get(category, [])
        if not own:
            return ()
        point = states @ self._axes
        likeness = self._points[own] @ point / (self._lengths[own] * np.linalg.norm(point) + 1e-9)
        return tuple(self._texts[own[i]] for i in np.argsort(-likeness, kind="stable")[:count])


def _quantised(points: Floats) -> NDArray[np.int8]:
    longest = np.abs(points).max(axis=1, keepdims=True) + 1e-9
    return np.asarray(np.rint(points / longest * 127), dtype=np.int8)
