"""`python -m assistant.guardrails.advice`: learn the weights anew from the ideas, the shipped manuals and what the shipped
phrasebooks say to customers, and tell what they are worth: five times a fifth of the ideas and of the manuals is left out,
and read by weights that never saw it; then one kind of bad advice after the other.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, vstack

from assistant.guardrails.advice.letters import (
    LEAST,
    MOST,
    NEAR,
    THRESHOLD,
    WEIGHTS,
    WIDTH,
    load_ideas,
    load_ordinary,
    places,
    sentences,
)
from assistant.guardrails.cautions import CautionReader
from knowledge.ingest.ingestion import LIBRARY

Floats = NDArray[np.float64]
FOLDS = 5
STRENGTH = 60.0
OF_MANUALS, OF_WORDINGS, OF_BAD = 0.15, 0.1, 2.0
"""What a sentence of a manual, a reply to a customer, and a bad line count beside a sound line."""
WORDINGS = 1_000
"""Of each language."""


def main() -> None:
    ideas = load_ideas()
    lines = [(k, y, t) for k, i in enumerate(ideas) for y, own in ((1, i.bad), (0, i.good)) for t in own]
    ordinary = matrix(load_ordinary())
    manuals, replies = list(manual_sentences()), matrix(wordings("zh") + wordings("en"))
    own, of_manuals = matrix([t for _, _, t in lines]), matrix([t for _, t in manuals])
    bad = np.array([y for _, y, _ in lines])
    kinds = sorted({i.kind for i in ideas})
    kind = np.array([kinds.index(ideas[k].kind) for k, _, _ in lines])
    patterns = CautionReader()
    found = np.array([bool(list(patterns.by_patterns(t))) for _, _, t in lines])
    for name, part in (("ideas", np.array([k for k, _, _ in lines]) % FOLDS), ("kinds", kind)):
        scores, sound, said = np.zeros(len(lines)), np.zeros(len(manuals)), np.zeros(ordinary.shape[0])
        for fold in range(part.max() + 1):
            out, away = part == fold, np.array([k for k, _ in manuals]) % FOLDS == fold % FOLDS
            unsaid = np.arange(len(said)) % FOLDS == fold % FOLDS
            given = csr_matrix(vstack([own[~out], ordinary[~unsaid]]))
            wrong = np.append(bad[~out], np.zeros(int((~unsaid).sum()), dtype=bad.dtype))
            weights, bias = learnt(given, wrong, of_manuals[~away], replies)
            known = own[~out & (bad == 1)]
            said[unsaid] = scored(ordinary[unsaid], known, weights, bias)
            scores[out] = scored(own[out], known, weights, bias)
            sound[away] = scored(of_manuals[away], known, weights, bias)
        for threshold in (0.0, THRESHOLD, 0.8):
            told = (
                f"{name} left out, above {threshold}: {np.mean(scores[bad == 1] > threshold):.1%} of bad lines, with the "
                f"patterns {np.mean((found | (scores > threshold))[bad == 1]):.1%}; "
                f"{np.mean((found | (scores > threshold))[bad == 0]):.1%} of sound lines, {np.mean(sound > threshold):.2%} of manuals, {np.mean(said > threshold):.1%} of ordinary lines"
            )
            sys.stdout.write(told + "\n")
    wrong = np.append(bad, np.zeros(ordinary.shape[0], dtype=bad.dtype))
    weights, bias = learnt(csr_matrix(vstack([own, ordinary])), wrong, of_manuals, replies)
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


def wordings(language: str) -> list[str]:
    """Some of what the shipped phrasebooks say to customers: good replies, and no advice."""
    said = [
        line.strip()
        for path in sorted((LIBRARY / "phrasebooks").glob("*.yaml"))
        for line in re.findall(language + r': "([^"\n]{12,160})"', path.read_text(encoding="utf-8"))
    ]
    return sorted(set(said), key=lambda line: zlib.crc32(line.encode()))[:WORDINGS]


def matrix(texts: Sequence[str]) -> csr_matrix:
    """[texts, WIDTH]: the letters of each text, of length 1."""
    found = [places(t) for t in texts]
    rows = np.repeat(np.arange(len(texts)), [len(f) for f in found])
    values = np.repeat([1 / np.sqrt(len(f)) for f in found], [len(f) for f in found])
    return csr_matrix((values, (rows, np.concatenate(found))), shape=(len(texts), WIDTH))


def scored(texts: csr_matrix, known: csr_matrix, weights: Floats, bias: float) -> Floats:
    """Scores of texts; none for what no known bad line is near."""
    nearest = (texts @ known.T).max(axis=1).toarray().ravel()
    return np.where(nearest >= NEAR, np.asarray(texts @ weights + bias), -np.inf)


def learnt(own: csr_matrix, bad: NDArray[np.int64], manuals: csr_matrix, replies: csr_matrix) -> tuple[Floats, float]:
    """Weights [WIDTH] and bias of a logistic regression. Deterministic: the same lines give the same weights."""
    books, said = manuals.shape[0], replies.shape[0]
    given = csr_matrix(vstack([own, manuals, replies]))
    sign = np.concatenate([np.where(bad == 1, 1.0, -1.0), np.full(books + said, -1.0)])
    counts = np.concatenate([np.where(bad == 1, OF_BAD, 1.0), np.full(books, OF_MANUALS), np.full(said, OF_WORDINGS)])

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
