"""What the networks make of a text, token by token."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.guardrails.semantic.classes import CLASSES

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Encoded:
    """One text's tokens, as each of the networks reads them: `weights` and `said` float32 [networks, tokens, classes], `bias`
    [networks, classes]; `spans` [tokens, 2] in the text's characters.

    Tokens that are not of the text (marks and prompt) have empty spans. `states` float32 [width] is what the text
    is about to the first network, for comparing with others.
    """

    weights: Floats
    said: Floats
    spans: NDArray[np.int64]
    bias: Floats
    states: Floats

    def logits(self, start: int = 0, end: int | None = None) -> Floats:
        """Logits [classes] of the characters [start, end), the mean over the networks; with no end, of the whole text, prompt
        and marks included.
        """
        weights, said = self.weights, self.said
        if end is not None:
            inside = (self.spans[:, 0] < end) & (self.spans[:, 1] > start)
            if not inside.any():
                return np.full(len(CLASSES), -9.0, dtype=np.float32)
            weights, said = weights[:, inside], said[:, inside]
        share = np.exp(weights - weights.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        return np.asarray(((share * said).sum(axis=1) + self.bias).mean(axis=0), dtype=np.float32)

    def with_network(self, other: Encoded, place: int) -> Encoded:
        """With what one more network reads in the same text, which stands at `place` among them."""
        return Encoded(
            np.insert(self.weights, place, other.weights[0], axis=0),
            np.insert(self.said, place, other.said[0], axis=0),
            self.spans,
            np.insert(self.bias, place, other.bias[0], axis=0),
            self.states,
        )
