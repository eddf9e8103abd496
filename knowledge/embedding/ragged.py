"""An encoder's layers over texts of any lengths, side by side: nothing is padded, and nothing but arithmetic is done.

Several texts make one row of tokens; attention lets each token see its own text only. The weights are laid out once for
the processor. Beside padded batches in sentence-transformers a handful of short texts takes a quarter of the time, a long
one half (docs/decisions/scale.md); the numbers are the same to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import nn
from torch.nn import functional

ROW = 256
"""Tokens of a row, where texts are not longer: more at once is no quicker."""
STEP = 16
"""A row is filled up to a multiple of so many tokens: for each number of rows in a product the processor's library makes
code of its own, and keeps it (0.7 MB for each weight, docs/decisions/scale.md)."""

Linear = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Row:
    """Texts side by side: `ids` int64 [tokens] of all of them, how many each has, and its place in what was given.

    `ids` are filled up to a multiple of STEP; what is beyond the last span belongs to no text and says nothing.
    """

    ids: torch.Tensor
    lengths: tuple[int, ...]
    places: tuple[int, ...]

    @cached_property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Where each text's tokens stand: [start, end)."""
        found, at = [], 0
        for length in self.lengths:
            found.append((at, at + length))
            at += length
        return tuple(found)

    @cached_property
    def positions(self) -> torch.Tensor:
        """int64 [tokens]: where a token stands in its own text."""
        filling = len(self.ids) - sum(self.lengths)
        return torch.cat([torch.arange(length) for length in (*self.lengths, filling)])

    @cached_property
    def owners(self) -> torch.Tensor:
        """int64 [tokens of texts]: which of the row's texts each belongs to."""
        return torch.repeat_interleave(torch.arange(len(self.lengths)), torch.tensor(self.lengths))

    def means(self, states: torch.Tensor) -> torch.Tensor:
        """float32 [texts, width]: the mean of each text's tokens."""
        sums = torch.zeros(len(self.lengths), states.shape[1]).index_add_(0, self.owners, states[: len(self.owners)])
        return sums / torch.tensor(self.lengths)[:, None]


def rows(texts: Sequence[Sequence[int]], most: int = ROW) -> list[Row]:
    """Token ids in rows of at most `most` tokens (or one text), texts of like length together; no text may be empty."""
    made: list[Row] = []
    places: list[int] = []
    count = 0
    for i in sorted(range(len(texts)), key=lambda i: (len(texts[i]), i)):
        if places and count + len(texts[i]) > most:
            made.append(_row(texts, places))
            places, count = [], 0
        places.append(i)
        count += len(texts[i])
    return [*made, _row(texts, places)] if places else made


def _row(texts: Sequence[Sequence[int]], places: Sequence[int]) -> Row:
    tokens = [token for i in places for token in texts[i]]
    tokens += tokens[-1:] * (-len(tokens) % STEP)
    return Row(torch.tensor(tokens), tuple(len(texts[i]) for i in places), tuple(places))


class Layer:
    """One of BERT's layers, its weights copied. In bfloat16 only the products are: sums, norms and the stream from layer
    to layer stay exact. Not for training.
    """

    def __init__(self, layer: Any, heads: int, dtype: torch.dtype = torch.float32) -> None:
        own = layer.attention.self
        self._heads, self._dtype = heads, dtype
        self._seeing = _linear((own.query, own.key, own.value), dtype)
        self._seen = _linear((layer.attention.output.dense,), dtype)
        self._wide = _linear((layer.intermediate.dense,), dtype)
        self._narrow = _linear((layer.output.dense,), dtype)
        self._after_seeing, self._after = _norm(layer.attention.output.LayerNorm), _norm(layer.output.LayerNorm)

    def __call__(self, states: torch.Tensor, spans: Sequence[tuple[int, int]]) -> torch.Tensor:
        """float32 [tokens, width] from what enters it; tokens see those of their own span, outside of spans nothing."""
        tokens, width = states.shape
        entering = self._seeing(states.to(self._dtype)).view(1, tokens, 3, self._heads, width // self._heads)
        query, key, value = entering.permute(2, 0, 3, 1, 4).unbind(0)
        seen = torch.zeros(tokens, width, dtype=self._dtype)
        for a, b in spans:
            own = functional.scaled_dot_product_attention(query[:, :, a:b], key[:, :, a:b], value[:, :, a:b])
            seen[a:b] = own.transpose(1, 2).reshape(b - a, width)
        states = self._after_seeing(self._seen(seen) + states)
        said = self._narrow(functional.gelu(self._wide(states.to(self._dtype))))
        return self._after(said + states)


def through(layers: Sequence[Layer], states: torch.Tensor, row: Row) -> torch.Tensor:
    """float32 [tokens, width]: what leaves the layers when `states` enter them."""
    for layer in layers:
        states = layer(states, row.spans)
    return states


def _linear(modules: Sequence[nn.Linear], dtype: torch.dtype) -> Linear:
    """Linear maps of one input as one map, its weights laid out for this processor where torch knows how."""
    weight = torch.cat([m.weight.detach() for m in modules]).to(dtype).contiguous()
    bias = torch.cat([m.bias.detach() for m in modules]).to(dtype).contiguous()
    own = torch.ops.mkldnn
    if _can_lay_out(dtype):
        laid_out = own._reorder_linear_weight(weight, ROW)

        def quick(x: torch.Tensor) -> torch.Tensor:
            mapped: torch.Tensor = own._linear_pointwise(x, laid_out, bias, "none", [], "")
            return mapped

        return quick
    return lambda x: functional.linear(x, weight, bias)


def _can_lay_out(dtype: torch.dtype) -> bool:
    """Whether torch lays weights of this type out for this processor; bfloat16 asks for AVX-512 or its like."""
    own = torch.ops.mkldnn
    if not (torch.backends.mkldnn.is_available() and hasattr(own, "_linear_pointwise")):  # type: ignore[no-untyped-call]
        return False
    return dtype != torch.bfloat16 or bool(own._is_mkldnn_bf16_supported())


def _norm(module: Any) -> Linear:
    weight, bias = module.weight.detach().float(), module.bias.detach().float()
    shape, least = tuple(weight.shape), float(module.eps)
    return lambda x: functional.layer_norm(x, shape, weight, bias, least)
