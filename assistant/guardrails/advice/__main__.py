"""`python -m assistant.guardrails.advice`: learn the weights anew from the ideas and the shipped manuals, and say what
they are worth: five times a fifth of the ideas and of the manuals is left out, and read by weights that never saw it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, vstack

from assistant.guardrails.advice.letters import (
    LEAST,
    MOST,
    THRESHOLD,
    WEIGHTS,
    WIDTH,
    load_ideas,
    places,
    sentences,
)
from knowledge.ingest.ingestion import LIBRARY

Floats = NDArray[np.float64]
FOLDS = 5
STRENGTH = 100.0
OF_MANUALS, OF_BAD = 0.1, 2.0
"""What a sentence of a manual, and a bad line, count beside a sound line."""


def main() -> None:
    ideas = load_ideas()
    lines = [(k, y, t) for k, i in enumerate(ideas) for y, own in ((1, i.bad), (0, i.good)) for t in own]
    manuals = list(manual_sentences())
    own, of_manuals = matrix([t for _, _, t in lines]), matrix([t for _, t in manuals])
    bad = np.array([y for _, y, _ in lines])
    idea, book = np.array([k for k, _, _ in lines]), np.array([k for k, _ in manuals])
    scores, sound = np.zeros(len(lines)), np.zeros(len(manuals))
    for fold in range(FOLDS):
        out, away = idea % FOLDS == fold, book % FOLDS == fold
        weights, bias = learnt(own[~out], bad[~out], of_manuals[~away])
        scores[out], sound[away] = own[out] @ weights + bias, of_manuals[away] @ weights + bias
    for threshold in (0.0, 0.3, THRESHOLD):
        told = (
            f"above {threshold}: {np.mean(scores[bad == 1] > threshold):.1%} of bad lines, "
            f"{np.mean(scores[bad == 0] > threshold):.1%} of sound lines, {np.mean(sound > threshold):.2%} of manuals"
        )
        sys.stdout.write(told + "\n")
    weights, bias = learnt(own, bad, of_manuals)
    short = weights.astype(np.float16)
    kept = np.flatnonzero(short)
    np.savez_compressed(
        WEIGHTS,
        allow_pickle=False,
        bias=np.float32(bias),
        places=kept.astype(np.uint16),
        values=short[kept],
    )


def manual_sentences() -> Iterator[tuple[int, str]]:
    """Every sentence of the shipped manuals that is advice, with its manual's number."""
    for number, path in enumerate(sorted((LIBRARY / "manuals").glob("*.md"))):
        for line in path.read_text(encoding="utf-8").splitlines():
            if "✗" not in line and not line.startswith("#"):
                for start, end in sentences(line):
                    if LEAST <= len(line[start:end].strip()) <= MOST:
                        yield number, line[start:end].strip().lstrip("-* ")


def matrix(texts: Sequence[str]) -> csr_matrix:
    """[texts, WIDTH]: the letters of each text, of length 1."""
    found = [places(t) for t in texts]
    rows = np.repeat(np.arange(len(texts)), [len(f) for f in found])
    values = np.repeat([1 / np.sqrt(len(f)) for f in found], [len(f) for f in found])
    return csr_matrix((values, (rows, np.concatenate(found))), shape=(len(texts), WIDTH))


def learnt(own: csr_matrix, bad: NDArray[np.int64], manuals: csr_matrix) -> tuple[Floats, float]:
    """Weights [WIDTH] and bias of a logistic regression. Deterministic: the same lines give the same weights."""
    sound = manuals.shape[0]
    given = csr_matrix(vstack([own, manuals]))
    sign = np.concatenate([np.where(bad == 1, 1.0, -1.0), np.full(sound, -1.0)])
    counts = np.concatenate([np.where(bad == 1, OF_BAD, 1.0), np.full(sound, OF_MANUALS)])

    def loss(at: Floats) -> tuple[float, Floats]:
        margin = sign * (given @ at[:-1] + at[-1])
        slope = -sign * counts / (1 + np.exp(margin))
        size = at @ at / 2 / STRENGTH
        falls = np.append(given.T @ slope, slope.sum()) + at / STRENGTH
        return float(counts @ np.logaddexp(0, -margin) + size), falls

    found = minimize(loss, np.zeros(WIDTH + 1), jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    return found[:-1], float(found[-1])


if __name__ == "__main__":
    main()
