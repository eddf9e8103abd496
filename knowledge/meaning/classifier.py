"""A calibrated classifier over labelled exemplars, given their vectors: for any set of labels, with no training loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.ridge import inverse_root, logistic, one_hot, solved

Floats = NDArray[np.float32]

GAMMA, RIDGE = 4.0, 0.3
"""Width of the kernel and weight of the ridge; flat around these values."""


@dataclass(frozen=True)
class Classifier:
    """Kernel ridge over `vectors` [exemplars, width] of length 1; rows of `weights` are exemplars, columns labels.

    `first` is how often the right label was first with the exemplar itself left out.
    """

    vectors: Floats
    weights: Floats
    slope: float
    intercept: float
    first: float

    @classmethod
    def fit(cls, vectors: Floats, labels: Sequence[int], count: int) -> Classifier:
        """From the exemplars' vectors and the number (0 to `count` - 1) of each one's label. The scores are calibrated on
        the exemplars' leave-one-out predictions, which ridge has in closed form.
        """
        own = np.asarray(labels, dtype=np.intp)
        size = len(own)
        if size < 2:
            return cls(vectors, np.zeros((size, count), dtype=np.float32), 1.0, -4.0, 0.0)
        order = np.argsort(own, kind="stable")
        exact = vectors[order].astype(np.float64)
        kernel = exact @ exact.T
        kernel -= 1
        kernel *= GAMMA
        np.exp(kernel, out=kernel)
        fitted = solved(inverse_root(kernel.T, RIDGE), own[order], count)  # symmetric: transposed, in Fortran's order
        del kernel
        slope, intercept = logistic(fitted.left_out.ravel(), one_hot(own[order], count).ravel())
        first = float(np.mean(fitted.left_out.argmax(axis=1) == own[order]))
        weights = np.empty((size, count), dtype=np.float32)
        weights[order] = fitted.weights
        return cls(vectors, weights, slope, intercept, first)

    def probabilities(self, vectors: Floats) -> Floats:
        """[texts, labels], each in [0, 1] by itself: a text may want several things, or none."""
        kernel = np.exp(GAMMA * (vectors @ self.vectors.T - 1))
        scores = kernel @ self.weights
        return np.asarray(1 / (1 + np.exp(-(self.slope * scores + self.intercept))), dtype=np.float32)

    def nearest(self, vector: Floats) -> int:
        """The exemplar that a text's vector [width] is nearest to."""
        return int(np.argmax(self.vectors @ vector))
