"""What the reader learns from: texts in batches, and the states that the shared encoder's lower layers make of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from knowledge.embedding.offline import QUERY
from knowledge.fold import fold
from knowledge.meaning.labels import Labels
from knowledge.meaning.network import LAYERS, RANK, Network

BATCH = 32
MOST_TOKENS = 256
"""Of a text that is longer the beginning is read."""


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

    def network(self, labels: Labels, layers: int = LAYERS, rank: int = RANK) -> Network:
        """A network that has learnt nothing yet."""
        return Network(self._bert.encoder.layer[-layers:], int(self._bert.config.hidden_size), labels, rank)

    def batches(self, texts: Sequence[str], size: int = BATCH) -> list[Batch]:
        """Texts of like length together, folded and with the model's prompt."""
        if not texts:
            return []
        coded = self._tokenizer([QUERY + fold(t) for t in texts], truncation=True, max_length=MOST_TOKENS)
        ids: list[list[int]] = coded["input_ids"]
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
        return made

    def below(self, batch: Batch, layers: int = LAYERS) -> torch.Tensor:
        """States [texts, tokens, width] that enter the last `layers` layers."""
        states: torch.Tensor = self._bert.embeddings(input_ids=batch.ids)
        attend = batch.mask[:, None, None, :].bool()
        for layer in self._bert.encoder.layer[:-layers]:
            states = layer(states, attend)
        return states
