"""What the project's trained readers share: low-rank adapters on a frozen layer, and batches of texts of like length."""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Sequence

import torch
from torch import nn

_STRENGTH = 2.0


class Adapter(nn.Module):
    """A frozen linear map plus a learnt one of low rank (LoRA, Hu et al. 2021); at first it changes nothing."""

    def __init__(self, frozen: nn.Linear, rank: int) -> None:
        super().__init__()
        self.frozen = frozen
        self.down = nn.Parameter(torch.randn(rank, frozen.in_features) / math.sqrt(frozen.in_features))
        self.up = nn.Parameter(torch.zeros(frozen.out_features, rank))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        bent: torch.Tensor = self.frozen(x) + (x @ self.down.T) @ self.up.T * _STRENGTH
        return bent

    def merged(self) -> nn.Linear:
        """One linear map that does the same."""
        whole: nn.Linear = copy.deepcopy(self.frozen).to(torch.float32)
        whole.weight.data += self.up.data.float() @ self.down.data.float() * _STRENGTH
        return whole


def batches(inputs: Sequence[torch.Tensor], size: int, rng: random.Random) -> list[list[int]]:
    """Batches of texts of like length, in random order."""
    order = list(range(len(inputs)))
    rng.shuffle(order)
    batches: list[list[int]] = []
    for at in range(0, len(order), size * 16):
        pool = sorted(order[at : at + size * 16], key=lambda i: len(inputs[i]))
        batches += [pool[k : k + size] for k in range(0, len(pool), size)]
    rng.shuffle(batches)
    return batches


def padded(states: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    mask = torch.zeros(len(states), max(len(s) for s in states), dtype=torch.long)
    for row, one in enumerate(states):
        mask[row, : len(one)] = 1
    return nn.utils.rnn.pad_sequence([s.float() for s in states], batch_first=True), mask
