"""Texts in, what each of their tokens says out: the shared encoder below, the layer's own network on top."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from assistant.guardrails.semantic.network import CLASSES, LAYERS, RANK, Network
from knowledge.embedding.offline import QUERY

BATCH = 32
MOST_TOKENS = 512
"""What the encoder can read at once; callers cut longer texts before."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Encoded:
    """One text's tokens: `weights` and `said` float32 [tokens, classes], `spans` [tokens, 2] in the text's characters.

    Tokens that are not of the text (marks and prompt) have empty spans. `states` float32 [width] is what the text
    is about, for comparing with others.
    """

    weights: Floats
    said: Floats
    spans: NDArray[np.int64]
    bias: Floats
    states: Floats

    def logits(self, start: int = 0, end: int | None = None) -> Floats:
        """Logits [classes] of the characters [start, end); with no end, of the whole text, prompt and marks included."""
        weights, said = self.weights, self.said
        if end is not None:
            inside = (self.spans[:, 0] < end) & (self.spans[:, 1] > start)
            if not inside.any():
                return np.full(len(CLASSES), -9.0, dtype=np.float32)
            weights, said = weights[inside], said[inside]
        share = np.exp(weights - weights.max(axis=0))
        share /= share.sum(axis=0)
        return np.asarray((share * said).sum(axis=0) + self.bias, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Batch:
    """Token ids and mask [texts, tokens], and where each text of the batch stands in what was given."""

    ids: torch.Tensor
    mask: torch.Tensor
    places: tuple[int, ...]


class Encoder:
    """`model` is the offline SentenceTransformer; it is shared and never changed."""

    def __init__(self, model: Any) -> None:
        self._bert = getattr(model[0], "auto_model", None) or model[0].model
        self._tokenizer = model[0].tokenizer
        self._quick: nn.ModuleList | None = None

    def network(self, layers: int = LAYERS, rank: int = RANK) -> Network:
        """A network that has learnt nothing yet."""
        return Network(self._bert.encoder.layer[-layers:], int(self._bert.config.hidden_size), rank)

    def batches(self, texts: Sequence[str], size: int = BATCH) -> tuple[list[Batch], list[NDArray[np.int64]]]:
        """Texts of like length together, and the characters that each text's tokens stand for, [tokens, 2]."""
        if not texts:
            return [], []
        coded = self._tokenizer(
            [QUERY + t for t in texts], truncation=True, max_length=MOST_TOKENS, return_offsets_mapping=True
        )
        ids: list[list[int]] = coded["input_ids"]
        spans = [np.maximum(np.asarray(o, dtype=np.int64) - len(QUERY), 0) for o in coded["offset_mapping"]]
        order = sorted(range(len(ids)), key=lambda i: (len(ids[i]), i))
        made = []
        for at in range(0, len(order), size):
            places = order[at : at + size]
            longest = max(len(ids[i]) for i in places)
            block = torch.full((len(places), longest), int(self._tokenizer.pad_token_id))
            mask = torch.zeros((len(places), longest), dtype=torch.long)
            for row, i in enumerate(places):
                block[row, : len(ids[i])] = torch.tensor(ids[i])
                mask[row, : len(ids[i])] = 1
            made.append(Batch(block, mask, tuple(places)))
        return made, spans

    def below(self, batch: Batch, layers: int = LAYERS, shared: nn.ModuleList | None = None) -> torch.Tensor:
        """States [texts, tokens, width] that enter the last `layers` layers. `shared` may stand in for those below."""
        states: torch.Tensor = self._bert.embeddings(input_ids=batch.ids)
        attend = batch.mask[:, None, None, :].bool()
        for layer in shared if shared is not None else self._bert.encoder.layer[:-layers]:
            states = layer(states, attend)
        return states

    def quicken(self, network: Network) -> None:
        """Have `network` and the layers below it work in bfloat16, as in training, where the processor is made for it."""
        if torch.cpu.get_capabilities().get("avx512_bf16", False):
            self._quick = copy.deepcopy(self._bert.encoder.layer[: -len(network.layers)])
            for module in (*self._quick.modules(), *network.layers.modules()):
                if isinstance(module, nn.Linear):
                    module.to(torch.bfloat16)

    @torch.inference_mode()
    def encode(self, texts: Sequence[str], network: Network) -> list[Encoded]:
        """What the tokens of each text say, in the order of the texts."""
        found: dict[int, Encoded] = {}
        batches, spans = self.batches(texts)
        for batch in batches:
            found.update(self._encoded(batch, spans, network))
        return [found[i] for i in range(len(texts))]

    def _encoded(
        self, batch: Batch, spans: Sequence[NDArray[np.int64]], network: Network
    ) -> Iterator[tuple[int, Encoded]]:
        with torch.autocast("cpu", torch.bfloat16, enabled=self._quick is not None):
            states = network.above(self.below(batch, len(network.layers), self._quick), batch.mask)
        weights, said = (states @ network.where.T).numpy(), (states @ network.what.T).numpy()
        bias = network.bias.numpy()
        for row, i in enumerate(batch.places):
            n = len(spans[i])
            yield i, Encoded(weights[row, :n], said[row, :n], spans[i], bias, states[row, :n].mean(dim=0).numpy())
