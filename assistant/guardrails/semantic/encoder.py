"""Texts in, what each of their tokens says out: the shared encoder below, the layer's own network on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from assistant.guardrails.semantic.encoded import Encoded
from assistant.guardrails.semantic.network import LAYERS, RANK, Network
from knowledge.embedding.offline import QUERY
from knowledge.embedding.ragged import rows, through
from knowledge.embedding.trunk import quick_type, trunk_of

BATCH = 32
MOST_TOKENS = 512
"""What the encoder can read at once; callers cut longer texts before."""


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

    def below(self, batch: Batch, layers: int = LAYERS) -> torch.Tensor:
        """States [texts, tokens, width] that enter the last `layers` layers; for learning."""
        states: torch.Tensor = self._bert.embeddings(input_ids=batch.ids)
        attend = batch.mask[:, None, None, :].bool()
        for layer in self._bert.encoder.layer[:-layers]:
            states = layer(states, attend)
        return states


class ReadyEncoder:
    """Networks that have learnt, ready to read: their layers are taken out of them and laid out for the processor, and work
    in bfloat16, as in training, where the processor is made for it. The layers below are shared and run once.
    """

    def __init__(self, model: Any, *networks: Network) -> None:
        """`model` is the offline SentenceTransformer; `networks` are used up."""
        self._trunk = trunk_of(model)
        self._dtype = quick_type()
        self._above = [self._trunk.own(network.merge().layers, self._dtype) for network in networks]
        for network in networks:
            network.layers = nn.ModuleList()
        self._heads = networks

    @torch.inference_mode()
    def encode(self, texts: Sequence[str], networks: Sequence[int] = ()) -> list[Encoded]:
        """What the tokens of each text say, in the order of the texts, to those of the networks (all of them where none is
        named).
        """
        coded = self._trunk.coded([QUERY + text for text in texts])
        ids = [self._trunk.ids(c, MOST_TOKENS) for c in coded]
        found: dict[int, Encoded] = {}
        reading = [(self._heads[n], self._above[n]) for n in networks or range(len(self._heads))]
        bias = np.stack([head.bias.numpy() for head, _ in reading])
        for row in rows(ids):
            below = self._trunk.below(row, self._trunk.size - len(self._above[0]), self._dtype)
            states = [head.scale(through(above, below, row)) for head, above in reading]
            weights = np.stack([(s @ head.where.T).numpy() for (head, _), s in zip(reading, states, strict=True)])
            said = np.stack([(s @ head.what.T).numpy() for (head, _), s in zip(reading, states, strict=True)])
            for place, (start, end) in zip(row.places, row.spans, strict=True):
                found[place] = Encoded(
                    weights[:, start:end],
                    said[:, start:end],
                    _characters(coded[place], end - start),
                    bias,
                    states[0][start:end].mean(dim=0).numpy(),
                )
        return [found[i] for i in range(len(texts))]


def _characters(coded: Any, count: int) -> NDArray[np.int64]:
    """[tokens, 2]: the characters of the text that its first tokens stand for; empty for marks and prompt."""
    offsets = np.asarray(coded.offsets[:count], dtype=np.int64)
    if sum(coded.attention_mask) > count:
        offsets[-1] = 0  # the end mark, which took the place of what was cut
    return np.maximum(offsets - len(QUERY), 0)
