"""The layer's network: the frozen encoder's last layers, gently bent by low-rank adapters, and a head over tokens.

The layers below are shared with the embedding model and run once; only adapters and head are learnt and stored. The
head looks for each class where in a text it speaks (attention over tokens) and what it says there (a linear reading).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn

from assistant.guardrails.semantic.classes import CLASSES
from knowledge.embedding.adapting import Adapter

LAYERS = 6
"""How many of the encoder's last layers carry adapters."""
RANK = 16
_ADAPTED = ("query", "key", "value", "dense")


class Network(nn.Module):
    """`layers` are the encoder's last ones (copied here, never changed there), `width` that of its states."""

    def __init__(self, layers: nn.ModuleList, width: int, rank: int = RANK, dropout: float = 0.1) -> None:
        super().__init__()
        self.layers = copy.deepcopy(layers)
        for parameter in self.layers.parameters():
            parameter.requires_grad_(False)
        for layer in self.layers:
            for path, module in list(layer.named_modules()):
                parent, _, name = path.rpartition(".")
                if isinstance(module, nn.Linear) and name in _ADAPTED:
                    setattr(layer.get_submodule(parent), name, Adapter(module, rank))
        classes = len(CLASSES)
        self.where = nn.Parameter(torch.zeros(classes, width))
        self.what = nn.Parameter(torch.zeros(classes, width))
        self.bias = nn.Parameter(torch.full((classes,), -2.0))
        self.scale = nn.LayerNorm(width, elementwise_affine=False)
        self.dropout = nn.Dropout(dropout)

    def above(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The last states, each token's scaled to mean 0 and deviation 1, of the states below [batch, tokens, width]."""
        attend = mask[:, None, None, :].bool()
        for layer in self.layers:
            states = layer(states, attend)
        scaled: torch.Tensor = self.dropout(self.scale(states.float()))
        return scaled

    def read(self, last: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Logits [batch, classes] of whole texts, from their last states."""
        weight = (last @ self.where.T).masked_fill(~mask.bool()[:, :, None], -1e9)
        logits: torch.Tensor = (torch.softmax(weight, 1) * (last @ self.what.T)).sum(1) + self.bias
        return logits

    def read_pieces(self, last: torch.Tensor, rows: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
        """Logits [pieces, classes] of pieces of the texts: `rows` [pieces] says of which, `inside` [pieces, tokens] which."""
        weight = (last @ self.where.T)[rows].masked_fill(~inside[:, :, None], -1e9)
        logits: torch.Tensor = (torch.softmax(weight, 1) * (last @ self.what.T)[rows]).sum(1) + self.bias
        return logits

    def learnt(self) -> Iterator[tuple[str, nn.Parameter]]:
        """The parameters that are trained and stored."""
        return ((name, p) for name, p in self.named_parameters() if p.requires_grad)

    def save(self, path: Path) -> None:
        """The learnt parameters in half precision."""
        arrays = {name: p.detach().float().numpy().astype(np.float16) for name, p in self.learnt()}
        np.savez_compressed(path, allow_pickle=False, **arrays)

    def load(self, path: Path) -> None:
        """Raises KeyError, RuntimeError or OSError for a file that is not this network's."""
        with np.load(path) as stored:
            for name, p in self.learnt():
                p.data.copy_(torch.from_numpy(stored[name].astype(np.float32)))

    def resume(self, path: Path) -> None:
        """Go on from weights that may know fewer classes: those that they don't know have learnt nothing yet."""
        with np.load(path) as stored:
            for name, p in self.learnt():
                known = torch.from_numpy(stored[name].astype(np.float32))
                (p.data[: len(known)] if name in {"where", "what", "bias"} else p.data).copy_(known)

    def merge(self) -> Network:
        """The same network, its adapters worked into the layers: as fast as the encoder itself. Not trainable."""
        for layer in self.layers:
            for path, module in list(layer.named_modules()):
                if isinstance(module, Adapter):
                    parent, _, name = path.rpartition(".")
                    setattr(layer.get_submodule(parent), name, module.merged())
        return self.eval()
