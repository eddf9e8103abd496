"""The trained reader at work: what texts want, what dangers they tell, how they feel, and vectors that say so."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding.offline import QUERY
from knowledge.errors import KefuError
from knowledge.fold import fold
from knowledge.meaning.labels import Labels, labels_of
from knowledge.meaning.point_head import PointHead

if TYPE_CHECKING:
    import torch

    from knowledge.embedding.ragged import Layer, Row
    from knowledge.embedding.trunk import Trunk
    from knowledge.meaning.network import Network

WEIGHTS = Path(__file__).parent / "weights.npz"
"""Of the reader of turns: situations, dangers, moods."""
POINT_WEIGHTS = Path(__file__).parent / "points.npz"
"""Of the reader of sentences: points."""
CASE_WEIGHTS = Path(__file__).parent / "cases.npz"
"""Of the reader of turns as cases."""
_KEPT = 1024
"""Texts whose reading is remembered: a conversation is read again at every message, and each draft."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Meanings:
    """What was read in texts, a row for each: `vectors` [texts, width] of length 1, near for texts that want the same;
    `situations` [texts, situations] log probabilities, `signs` [texts, signs] log odds, `moods` [texts, moods] log
    probabilities. Columns are in the order of `labels`.
    """

    labels: Labels
    vectors: Floats
    situations: Floats
    signs: Floats
    moods: Floats

    def __getitem__(self, rows: slice) -> Meanings:
        return Meanings(self.labels, self.vectors[rows], self.situations[rows], self.signs[rows], self.moods[rows])


@dataclass(frozen=True, slots=True)
class _Loaded:
    """The shared layers below, the reader's own above them, and the heads (the network's layers are gone from it)."""

    trunk: Trunk
    above: Sequence[Layer]
    heads: Network
    dtype: torch.dtype


class MeaningReader:
    """`model` gives the offline SentenceTransformer; it is asked for at the first reading. Safe between threads.

    Texts are read as they are given, each by itself; they are folded here. Deterministic on one processor.
    """

    def __init__(self, model: Callable[[], Any], weights: Path = WEIGHTS) -> None:
        """`weights` are read at the first reading; `labels` at once. Raises KefuError "meaning.unreadable"."""
        self._model = model
        self._weights = weights
        try:
            self.labels = labels_of(weights)
        except (OSError, KeyError, ValueError) as error:
            raise _unreadable(weights) from error
        self._loaded: _Loaded | None = None
        self._lock = threading.Lock()
        self._cache: OrderedDict[str, tuple[Floats, ...]] = OrderedDict()

    @cached_property
    def key(self) -> str:
        """Which weights these are: what was derived from vectors holds for them alone."""
        return hashlib.sha256(self._weights.read_bytes()).hexdigest()[:16]

    @cached_property
    def point_head(self) -> PointHead:
        """What it learnt of points. Raises KefuError "meaning.unreadable"."""
        try:
            return PointHead.load(self._weights)
        except (OSError, KeyError, ValueError) as error:
            raise _unreadable(self._weights) from error

    def read(self, texts: Sequence[str]) -> Meanings:
        """All of it for each of `texts`, in their order; one batch for what was not read lately."""
        with self._lock:
            known = {t: self._cache[t] for t in texts if t in self._cache}
        new = [t for t in dict.fromkeys(texts) if t not in known]
        if new:
            known |= dict(zip(new, self._read(new), strict=True))
            self._keep(known)
        if not texts:
            return self._nothing()
        parts = [np.stack(part) for part in zip(*(known[t] for t in texts), strict=True)]
        return Meanings(self.labels, *parts)

    def vectors(self, texts: Sequence[str]) -> Floats:
        """float32 [texts, width], each of length 1."""
        return self.read(texts).vectors

    def _keep(self, known: dict[str, tuple[Floats, ...]]) -> None:
        with self._lock:
            for text, found in known.items():
                self._cache[text] = found
                self._cache.move_to_end(text)
            while len(self._cache) > _KEPT:
                self._cache.popitem(last=False)

    def _read(self, texts: Sequence[str]) -> list[tuple[Floats, ...]]:
        from knowledge.meaning.encoder import MOST_TOKENS

        loaded = self._ready()
        found: dict[int, tuple[Floats, ...]] = {}
        for row in loaded.trunk.rows([QUERY + fold(text) for text in texts], MOST_TOKENS):
            found.update(zip(row.places, _seen(loaded, row), strict=True))
        return [found[i] for i in range(len(texts))]

    def _ready(self) -> _Loaded:
        from torch import nn

        from knowledge.embedding.trunk import quick_type, trunk_of
        from knowledge.meaning.encoder import Encoder

        with self._lock:
            if self._loaded is None:
                model = self._model()
                trunk, dtype = trunk_of(model), quick_type()
                network = Encoder(model).network(self.labels)
                try:
                    network.load(self._weights)
                except (OSError, KeyError, ValueError, RuntimeError) as error:
                    raise _unreadable(self._weights) from error
                above = trunk.own(network.merge().layers, dtype)
                network.layers = nn.ModuleList()
                self._loaded = _Loaded(trunk, above, network, dtype)
            return self._loaded

    def _nothing(self) -> Meanings:
        def none(width: int) -> Floats:
            return np.zeros((0, width), dtype=np.float32)

        labels = self.labels
        return Meanings(
            labels, none(384), none(len(labels.situations)), none(len(labels.signs)), none(len(labels.moods))
        )


def _seen(loaded: _Loaded, row: Row) -> list[tuple[Floats, ...]]:
    import torch

    from knowledge.embedding.ragged import through

    with torch.inference_mode():
        below = loaded.trunk.below(row, loaded.trunk.size - len(loaded.above), loaded.dtype)
        last = through(loaded.above, below, row)
        with torch.autocast("cpu", torch.bfloat16, enabled=loaded.dtype == torch.bfloat16):  # as it was calibrated
            seen = loaded.heads.read(last, row)
    parts = [
        seen.vectors.float(),
        torch.log_softmax(seen.situations.float(), 1),
        seen.signs.float(),
        torch.log_softmax(seen.moods.float(), 1),
    ]
    return list(zip(*(part.numpy() for part in parts), strict=True))


def _unreadable(path: Path) -> KefuError:
    return KefuError(
        "meaning.unreadable",
        f"读懂顾客的模型文件 {path.name} 读不出来:请重新安装 Kefu,或运行 python -m knowledge.meaning 重新训练。",
        f"The reader's weights {path.name} can't be read: reinstall Kefu, or run python -m knowledge.meaning.",
    )
