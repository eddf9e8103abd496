"""`python -m assistant.guardrails.semantic.calibration LINES...`: thresholds from lines that the network never saw.

LINES are files that nothing was learnt from: what training left out (--left-out), labelled replies (.jsonl), ordinary replies
(.txt, one a line), golden conversations (.yaml: the references where nothing is authorised). Prints what decisions.yaml
should say, and what it amounts to.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, model_validator
from scipy.optimize import minimize

from assistant.conversation import ShopPolicy
from assistant.guardrails.clauses import Reading
from assistant.guardrails.fold import fold
from assistant.guardrails.semantic.classes import CATEGORIES
from assistant.guardrails.semantic.decisions import scores
from assistant.guardrails.semantic.encoder import Encoder, ReadyEncoder
from assistant.guardrails.semantic.networks import WEIGHTS
from assistant.guardrails.semantic.windows import read_apart
from assistant.settings import home_from_environment
from assistant.terminal import say
from assistant.values import Category
from knowledge import datafile
from knowledge.datafile import load_rows
from knowledge.embedding import Embedder

FALSE_BLOCKS = 0.02
"""Of harmless lines, ordinary ones and such as were written to look dangerous, how many the layer may block by itself."""
_WARNS_FROM = 0.85
"""Part of the blocking probability from which it warns: every warning costs the agent a look."""
_CLEARED = 0.005
"""Of breaches left out, how many may score so low that a rule's match counts for nothing."""
_MOST_OF_ONE = 0.3
"""How much of the false blocks one category may use up; one that would use more gets a higher threshold."""
_NEVER = 2.0
_WARNS_ONLY: frozenset[Category] = frozenset({"ungrounded"})
"""Whether a fact is given is not seen from the words alone."""

Floats = NDArray[np.float32]


class Left(BaseModel):
    """A line not learnt from, folded, and what it breaches."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    text: str
    acts: tuple[Category, ...]
    authorised: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _labelled(cls, row: object) -> object:
        """A labelled reply is a line as well."""
        if not isinstance(row, dict) or "reply" not in row:
            return row
        acts = (row["category"],) if row["expect"] == "block" and row["category"] in CATEGORIES else ()
        return {"text": fold(row["reply"]).text, "acts": acts, "authorised": row.get("authorised", ())}


class _Case(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    reference: str
    policy: ShopPolicy = ShopPolicy()


class _Cases(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    cases: tuple[_Case, ...]


def lines(path: Path) -> tuple[Left, ...]:
    """The lines of a file, whatever kind it is of, less what is harmless only because it is authorised.

    DataFileError names file and line of the first that is wrong.
    """
    if path.suffix == ".jsonl":
        return tuple(row for row in load_rows(path, Left) if row.acts or not row.authorised)
    if path.suffix == ".yaml":
        said = [c.reference for c in datafile.load(path, _Cases).cases if not c.policy.authorised]
    else:
        said = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return tuple(Left(text=fold(text).text, acts=()) for text in said)


def highest_scores(texts: Sequence[str], encoder: ReadyEncoder) -> Floats:
    """Scores [texts, categories]: of each text or the clause of it that says it loudest, as the layer reads them."""
    found = []
    for text, encoded in zip(texts, encoder.encode(texts), strict=True):
        _, logits = read_apart(Reading(text), encoded, 0, len(text))
        found.append(scores(logits).max(axis=0))
    return np.stack(found)


def platt(score: Floats, breach: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and offset by which a score becomes a probability, fitted with Platt's soft targets (Platt 1999)."""
    positive, negative = int(breach.sum()), int((~breach).sum())
    target = np.where(breach, (positive + 1) / (positive + 2), 1 / (negative + 2))

    def loss(x: NDArray[np.float64]) -> float:
        z = x[0] * score + x[1]
        return float(np.mean(np.logaddexp(0, z) - target * z))

    found = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead")
    return float(found.x[0]), float(found.x[1])


def threshold(highest: Floats, share: float) -> float:
    """The score that `share` of the harmless lines' highest scores exceed."""
    return float(np.quantile(highest, 1 - share))


def per_category(harmless: Floats, general: float) -> dict[Category, float]:
    """The general threshold, raised for a category that alone uses up too much of what may be blocked falsely."""
    most = max(1, int(_MOST_OF_ONE * FALSE_BLOCKS * len(harmless)))
    own: dict[Category, float] = {}
    for index, category in enumerate(CATEGORIES):
        ranked = np.sort(harmless[:, index])[::-1]
        own[category] = max(general, float(ranked[most]) + 1e-3)
    return own


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("lines", type=Path, nargs="+")
    options.add_argument("--weights", type=Path, nargs="+", default=WEIGHTS)
    given = options.parse_args()
    rows = [r for path in given.lines for r in lines(path)]
    model = Embedder.open(home_from_environment()).model
    networks = [Encoder(model).network() for _ in given.weights]
    for network, path in zip(networks, given.weights, strict=True):
        network.load(path)
    found = highest_scores([r.text for r in rows], ReadyEncoder(model, *networks))
    highest = found.max(axis=1)
    breach = np.array([bool(r.acts) for r in rows])
    slope, offset = platt(highest, breach)

    def probability(score: float) -> float:
        return round(float(1 / (1 + np.exp(-(slope * score + offset)))), 3)

    block = per_category(found[~breach], threshold(highest[~breach], FALSE_BLOCKS))
    blocked: NDArray[np.bool_] = np.any(found >= np.array([block[c] for c in CATEGORIES]), axis=1)
    say(f"# {int(breach.sum())} breaches and {int((~breach).sum())} harmless lines, none of them learnt from:")
    say(
        f"# alone it blocks {blocked[breach].mean():.1%} of the breaches and {blocked[~breach].mean():.1%} of the rest."
    )
    clears = probability(threshold(highest[breach], 1 - _CLEARED))
    say(
        f"slope: {slope:.4f}\noffset: {offset:.4f}\nnotices: {_WARNS_FROM * probability(min(block.values())) / 2:.3f}\nclears: {clears}\nbeside_allowed: 0.95\nby_model: 0.3\nthresholds:"
    )
    for category, score in block.items():
        own = _NEVER if category in _WARNS_ONLY else probability(score)
        say(f"  {category}: {{warn: {_WARNS_FROM * probability(score):.3f}, block: {own}}}")


if __name__ == "__main__":
    main()
