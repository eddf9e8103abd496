"""The reader's network: the frozen encoder's last layers, bent by low-rank adapters, and what is read off them.

The layers below are the embedding model's own; only adapters and heads are learnt and stored. A text's vector is the mean
of its bent states, of length 1: near for texts that want the same. Situations are directions among these vectors; a
sign (a danger) is looked for token by token, since it may stand in half a sentence of a long turn.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from knowledge.embedding.adapting import Adapter
from knowledge.embedding.ragged import Row
from knowledge.meaning.labels import Labels
from knowledge.meaning.point_head import SHARPNESS

LAYERS = 6
"""How many of the encoder's last layers carry adapters."""
RANK = 16
_ADAPTED = ("query", "key", "value", "dense")
NOTHINGS = 32
"""Directions of what makes none of the points: such sentences are of many kinds."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Of a batch: `vectors` [texts, width] of length 1, logits of `situations`, `signs` and `moods`
    [texts, labels], of `points` [texts, points and, last, none of them].
    """

    vectors: torch.Tensor
    situations: torch.Tensor
    signs: torch.Tensor
    moods: torch.Tensor
    points: torch.Tensor


class Network(nn.Module):
    """`layers` are the encoder's last ones (copied here, never changed there), `width` that of its states."""

    def __init__(self, layers: nn.ModuleList, width: int, labels: Labels, rank: int = RANK) -> None:
        super().__init__()
        self.labels = labels
        self.layers = copy.deepcopy(layers)
        for parameter in self.layers.parameters():
            parameter.requires_grad_(False)
        for layer in self.layers:
            for path, module in list(layer.named_modules()):
                parent, _, name = path.rpartition(".")
                if isinstance(module, nn.Linear) and name in _ADAPTED:
                    setattr(layer.get_submodule(parent), name, Adapter(module, rank))
        self.directions = nn.Parameter(torch.randn(len(labels.situations), width) / math.sqrt(width))
        count = len(labels.points) + NOTHINGS if labels.points else 0
        self.points = nn.Parameter(torch.randn(count, width) / math.sqrt(width))
        self.where = nn.Parameter(torch.zeros(len(labels.signs), width))
        self.what = nn.Parameter(torch.zeros(len(labels.signs), width))
        self.bias = nn.Parameter(torch.full((len(labels.signs),), -3.0))
        self.mood = nn.Parameter(torch.zeros(len(labels.moods), width))
        self.mood_bias = nn.Parameter(torch.zeros(len(labels.moods)))
        self.scale = nn.LayerNorm(width, elementwise_affine=False)
        self.dropout = nn.Dropout(0.1)
        self.sure: tuple[float, float] = (1.0, 0.0)
        """Of points: slope of the log odds, and log odds of silence (`point_head.Bearings`), once they are known."""
        self.seen: frozenset[int] = frozenset()
        """Marks of the points' sentences (`point_head.mark`)."""

    def forward(self, states: torch.Tensor, mask: torch.Tensor) -> Seen:
        """`states` [texts, tokens, width] enter the adapted layers; `mask` [texts, tokens] is 1 where there is a token."""
        attend = mask[:, None, None, :].bool()
        for layer in self.layers:
            states = layer(states, attend)
        last = states.float()
        share = mask.float() / mask.sum(1, keepdim=True)
        scaled = self.dropout(self.scale(last))
        weight = (scaled @ self.where.T).masked_fill(~mask.bool()[:, :, None], -1e9)
        signs = (torch.softmax(weight, 1) * (scaled @ self.what.T)).sum(1) + self.bias
        return self._seen((last * share[:, :, None]).sum(1), signs)

    def read(self, last: torch.Tensor, row: Row) -> Seen:
        """The same of the last states [tokens, width] of texts side by side: what a text says does not depend on which
        others stand beside it.
        """
        scaled = self.scale(last)
        where, what = scaled @ self.where.T, scaled @ self.what.T
        signs = [(torch.softmax(where[a:b], 0) * what[a:b]).sum(0) + self.bias for a, b in row.spans]
        return self._seen(row.means(last), torch.stack(signs))

    def _seen(self, mean: torch.Tensor, signs: torch.Tensor) -> Seen:
        directions = nn.functional.normalize(self.directions, dim=1)
        scaled = nn.functional.normalize(self.dropout(self.scale(mean)), dim=1)
        points = SHARPNESS * scaled @ nn.functional.normalize(self.points, dim=1).T
        count = len(self.labels.points)
        return Seen(
            vectors=nn.functional.normalize(mean, dim=1),
            situations=SHARPNESS * scaled @ directions.T,
            signs=signs,
            moods=self.dropout(self.scale(mean)) @ self.mood.T + self.mood_bias,
            points=torch.cat([points[:, :count], torch.logsumexp(points[:, count:].float(), 1, keepdim=True)], 1),
        )

    def learnt(self) -> Iterator[tuple[str, nn.Parameter]]:
        """The parameters that are trained and stored."""
        return ((name, p) for name, p in self.named_parameters() if p.requires_grad)

    def save(self, path: Path) -> None:
        """Labels and learnt parameters, these in half precision, and what is known of points beside them."""
        arrays = {name: p.detach().float().numpy().astype(np.float16) for name, p in self.learnt() if p.numel()}
        names = {f"labels.{kind}": np.array(getattr(self.labels, kind)) for kind in Labels.__slots__}
        if self.labels.points:
            arrays |= {"points.sure": np.array(self.sure), "points.seen": np.array(sorted(self.seen), dtype=np.uint32)}
        np.savez_compressed(path, allow_pickle=False, **names, **arrays)

    def load(self, path: Path) -> None:
        """Raises KeyError, ValueError or OSError for a file that is not this network's."""
        with np.load(path) as stored:
            for name, p in self.learnt():
                if p.numel():
                    p.data.copy_(torch.from_numpy(stored[name].astype(np.float32)))

    def start_from(self, path: Path) -> frozenset[str]:
        """Takes over what was learnt before, perhaps for other points; the points that it knew of are given back. KeyError,
        ValueError or OSError for a file that is not of this network's situations.
        """
        with np.load(path) as stored:
            for name, p in self.learnt():
                if name != "points":
                    p.data.copy_(torch.from_numpy(stored[name].astype(np.float32)))
            known: list[str] = stored["labels.points"].tolist() if "points" in stored else []
            if known:
                rows = torch.from_numpy(stored["points"].astype(np.float32))
                count = len(self.labels.points)
                self.points.data[count:] = rows[len(known) :]
                for at, point in enumerate(self.labels.points):
                    if point in known:
                        self.points.data[at] = rows[known.index(point)]
        return frozenset(known)

    def merge(self) -> Network:
        """The same network, its adapters worked into the layers: as fast as the encoder itself. Not trainable."""
        for layer in self.layers:
            for path, module in list(layer.named_modules()):
                if isinstance(module, Adapter):
                    parent, _, name = path.rpartition(".")
                    setattr(layer.get_submodule(parent), name, module.merged())
        return self.eval()
