"""The offline model taken apart, once for all that read with it: its tokenizer, its embeddings, its layers.

A turn is embedded for the search, read as a whole and read sentence by sentence, with the same lower layers: what leaves
them is kept for the texts of a moment ago.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from knowledge.embedding.ragged import Layer, Row, rows, through

EXACT = torch.float32
SHARED = 6
"""The lowest layers, through which all readers go."""
KEPT = 8192
"""Tokens whose states are kept, 1.5 KB each."""


class Trunk:
    """Any thread may read with it. Use `trunk_of`: one model has one trunk, so that its layers are laid out once."""

    def __init__(self, model: Any) -> None:
        """`model` is the offline SentenceTransformer; it is never changed."""
        bert = getattr(model[0], "auto_model", None) or model[0].model
        self.bert = bert
        self.tokenizer = model[0].tokenizer
        self.size = len(bert.encoder.layer)
        self._most = int(bert.config.max_position_embeddings)
        self._end = int(self.tokenizer.sep_token_id)
        self._heads = int(bert.config.num_attention_heads)
        self._laid_out: dict[tuple[int, torch.dtype], Layer] = {}
        self._recent = Recent(KEPT)
        self._lock = threading.Lock()

    def coded(self, texts: Sequence[str]) -> list[Any]:
        """The tokenizer's findings, neither cut nor padded: `ids` and `offsets` up to the sum of `attention_mask`."""
        # Asked for cutting or padding, the tokenizer is changed, which another thread that is reading forbids.
        found: list[Any] = self.tokenizer.backend_tokenizer.encode_batch(list(texts))
        return found

    def rows(self, texts: Sequence[str], most: int = 0) -> list[Row]:
        """Texts as the model reads them, side by side; of one with more than `most` tokens the beginning."""
        return rows([self.ids(found, most) for found in self.coded(texts)])

    def ids(self, coded: Any, most: int = 0) -> list[int]:
        """The tokens of one text, at most so many (0: as many as the model can read), the last the end mark."""
        found: list[int] = coded.ids[: sum(coded.attention_mask)]
        most = min(most or self._most, self._most)
        return found if len(found) <= most else [*found[: most - 1], self._end]

    def layers(self, first: int, last: int, dtype: torch.dtype) -> list[Layer]:
        """Layers [first, last), computing in `dtype`."""
        return [self._layer(i, dtype) for i in range(first, last)]

    def _layer(self, index: int, dtype: torch.dtype) -> Layer:
        with self._lock:
            if (index, dtype) not in self._laid_out:
                self._laid_out[index, dtype] = Layer(self.bert.encoder.layer[index], self._heads, dtype)
            return self._laid_out[index, dtype]

    def own(self, layers: Iterable[Any], dtype: torch.dtype) -> list[Layer]:
        """Layers of the same kind that are not this model's."""
        return [Layer(layer, self._heads, dtype) for layer in layers]

    def below(self, row: Row, last: int, dtype: torch.dtype) -> torch.Tensor:
        """float32 [tokens, width]: the states that leave the first `last` layers, SHARED or more."""
        return through(self.layers(SHARED, last, dtype), self._shared(row, dtype), row)

    def _shared(self, row: Row, dtype: torch.dtype) -> torch.Tensor:
        """The states that leave the shared layers; only of texts that were not read lately they are computed."""
        texts = [row.ids[a:b] for a, b in row.spans]
        known = self._recent.of(texts, dtype)
        new = [i for i, states in enumerate(known) if states is None]
        if new:
            for part in rows([texts[i].tolist() for i in new]):
                entering = self.bert.embeddings(input_ids=part.ids[None], position_ids=part.positions[None])[0].float()
                states = through(self.layers(0, SHARED, dtype), entering, part)
                for place, (a, b) in zip(part.places, part.spans, strict=True):
                    known[new[place]] = states[a:b]
            self._recent.keep(texts, known, dtype)
        found = torch.zeros(len(row.ids), int(self.bert.config.hidden_size))
        for (a, b), own in zip(row.spans, known, strict=True):
            assert own is not None
            found[a:b] = own
        return found

    @torch.inference_mode()
    def vectors(self, texts: Sequence[str], dtype: torch.dtype) -> NDArray[np.float32]:
        """float32 [texts, width], each of length 1: the mean of a text's last states."""
        out = np.zeros((len(texts), int(self.bert.config.hidden_size)), dtype=np.float32)
        for row in self.rows(texts):
            means = row.means(self.below(row, self.size, dtype))
            out[list(row.places)] = functional.normalize(means, dim=1).numpy()
        return out


class Recent:
    """States of texts by their tokens, the latest of them: at most so many tokens. Any thread may ask."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._count = 0
        self._states: OrderedDict[tuple[bytes, torch.dtype], torch.Tensor] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, texts: Sequence[torch.Tensor], dtype: torch.dtype) -> list[torch.Tensor | None]:
        """For each text's tokens, computed in `dtype`, its states, or None."""
        with self._lock:
            return [self._states.get((text.numpy().tobytes(), dtype)) for text in texts]

    def keep(self, texts: Sequence[torch.Tensor], states: Sequence[torch.Tensor | None], dtype: torch.dtype) -> None:
        """Takes them in as the latest."""
        with self._lock:
            for text, own in zip(texts, states, strict=True):
                key = text.numpy().tobytes(), dtype
                if own is not None and key not in self._states:
                    self._states[key] = own.clone()  # not the whole row that it is a part of
                    self._count += len(own)
                else:
                    self._states.move_to_end(key)
            while self._count > self._most:
                self._count -= len(self._states.popitem(last=False)[1])


def quick_type() -> torch.dtype:
    """bfloat16 where the processor is made for it; there it takes half the time."""
    return torch.bfloat16 if torch.cpu.get_capabilities().get("avx512_bf16", False) else EXACT


_trunks: WeakKeyDictionary[Any, Trunk] = WeakKeyDictionary()
_making = threading.Lock()


def trunk_of(model: Any) -> Trunk:
    """The one trunk of a SentenceTransformer."""
    with _making:
        if model not in _trunks:
            _trunks[model] = Trunk(model)
        return _trunks[model]
