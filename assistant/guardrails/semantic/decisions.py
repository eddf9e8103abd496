"""From logits to a decision: probabilities that mean what they say, and thresholds set on lines not trained on."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from assistant.guardrails.semantic.classes import ALLOWANCES, BREACHES, CATEGORIES
from assistant.values import Category
from knowledge import datafile
from knowledge.values import AuthorityKind, Value

DECISIONS = Path(__file__).parent / "decisions.yaml"

Floats = NDArray[np.float32]


class Threshold(Value):
    """Probabilities from which a category warns and blocks; `block` above 1 means it never blocks by meaning alone."""

    warn: float = Field(ge=0, le=2)
    block: float = Field(ge=0, le=2)


class Decisions(Value):
    """`slope` and `offset` turn a score into a probability (Platt); below `notices` nothing is looked into. Where the
    likeliest breach is less likely than `clears`, and in the matched clauses by themselves than `clears_alone`, the layer is
    sure that what a rule matched is harmless. Where it is less
    likely than `leads_past` to the leading network, and no rule matched, the others are not asked. From
    `beside_allowed` on it blocks even beside something that the shop allows, or in a question. `by_model` is enough where
    a chat model wrote the words.
    """

    slope: float = Field(gt=0)
    offset: float
    notices: float = Field(ge=0, le=1)
    clears: float = Field(ge=0, le=1)
    clears_alone: float = Field(ge=0, le=1)
    leads_past: float = Field(ge=0, le=1)
    beside_allowed: float = Field(ge=0, le=2)
    by_model: float = Field(ge=0, le=1)
    thresholds: dict[Category, Threshold]

    @model_validator(mode="after")
    def _every_category_has_a_threshold(self) -> Decisions:
        missing = [c for c in CATEGORIES if c not in self.thresholds]
        if missing:
            raise ValueError(f"no threshold for {', '.join(missing)}")
        return self

    def threshold(self, category: Category, by_model: bool) -> Threshold:
        """From where a category warns and blocks, in what an agent or a chat model wrote."""
        own = self.thresholds[category]
        if not by_model or own.block > 1:
            return own
        return Threshold(warn=min(own.warn, self.by_model), block=min(own.block, self.by_model))

    def probabilities(self, logits: Floats) -> Floats:
        """How likely each category is breached: [..., classes] to [..., categories]."""
        score = scores(logits)
        return np.asarray(1 / (1 + np.exp(-(self.slope * score + self.offset))), dtype=np.float32)


def allowances(logits: Floats) -> dict[AuthorityKind, float]:
    """How likely a text says what each kind of authority would allow, from its logits [classes]."""
    kinds = 1 / (1 + np.exp(-np.asarray(logits[..., len(BREACHES) :], dtype=np.float64)))
    return dict(zip(ALLOWANCES, map(float, kinds), strict=True))


def scores(logits: Floats) -> Floats:
    """Per category, [..., classes] to [..., categories]: its class's logit, drawn towards that of any breach.

    That a text breaches something speaks for the likeliest category alone; it never makes another likelier.
    """
    own, any_breach = logits[..., : len(CATEGORIES)], logits[..., len(CATEGORIES), None]
    drawn = (own + any_breach) / 2
    leads = own >= own.max(axis=-1, keepdims=True)
    return np.asarray(np.where(leads, drawn, np.minimum(own, drawn)), dtype=np.float32)


@lru_cache(maxsize=1)
def load_decisions(path: Path = DECISIONS) -> Decisions:
    return datafile.load(path, Decisions)
