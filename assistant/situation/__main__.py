"""`python -m assistant.situation WEIGHTS TURNS`: how much each kind of evidence counts, from turns left out of training.

WEIGHTS are of a network that learnt from none of TURNS (`python -m knowledge.meaning --left-out TURNS`). Prints what
ranking.yaml should say, and what it amounts to on those turns.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logsumexp

from assistant.conversation import Conversation
from assistant.settings import home_from_environment
from assistant.situation.cues import CueBook, seen
from assistant.situation.ranking import LEAST, UNTOLD
from assistant.situation.reader import SituationReader
from assistant.situation.script import folded
from assistant.situation.stages import stage_fits, stage_of_order
from assistant.terminal import say
from knowledge.base import KnowledgeBase
from knowledge.datafile import load_rows
from knowledge.meaning.reading import MeaningReader
from knowledge.meaning.turns import Turn

_PAID, _SHIPPED, _SIGNED = (
    {"paid_at": "2026-11-10 21:00"},
    {"shipped_at": "2026-11-11 17:00"},
    {"signed_at": "2026-11-14 12:20"},
)
_ORDERS: dict[str, dict[str, str] | None] = {"pre": None, "in": _PAID | _SHIPPED, "after": _PAID | _SHIPPED | _SIGNED}
_WITHOUT = 14
"""Of so many talks about an order, one comes without it: as of the golden conversations' after-sale ones."""
_UNLIKE = -4.2
"""Log odds of resemblance of what the search does not name: about those of the last that it names."""
_SHRINK = 2e-3
_WISH = ("whole", "likeness", "cue", "stage")
_RISK = ("cue", "whole", "own")

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """Of one turn: `wishes` [situations, kinds], `risks` [signs, kinds]."""

    turn: Turn
    wishes: Floats
    risks: Floats


def gather(
    turns: Sequence[Turn], reader: SituationReader, meaning: MeaningReader, knowledge: KnowledgeBase
) -> list[Evidence]:
    """All that speaks for each situation and sign in each turn. The order is one that such a turn comes with."""
    cues = CueBook.load()
    names, signs = meaning.labels.situations, meaning.labels.signs
    found = []
    for number, turn in enumerate(turns):
        order = _ORDERS.get(turn.wants.split(".", 1)[0], list(_ORDERS.values())[number % 3])
        order = None if number % _WITHOUT == 0 else order
        messages: list[dict[str, Any]] = [{"role": "customer", "text": b} for b in turn.bubbles]
        conversation = Conversation.read({"messages": messages, "order": order})
        texts = reader.texts(conversation)
        read = meaning.read([turn.text])
        matches = {m.situation_id: m.score for m in reversed(knowledge.match(texts))}
        said = tuple((i, folded(b)) for i, b in enumerate(turn.bubbles))
        named: dict[str, float] = {}
        for hit in seen(cues.intents, said):
            named[hit.value] = max(named.get(hit.value, 0.0), hit.weight)
        bought = any(h.value == "after_sale" for h in seen(cues.stages, said))
        dangers = {h.value for h in seen(cues.risks, said)}
        odds = {
            s: float(np.log(p / (1 - p))) for s, p in ((s, min(max(p, 1e-4), 1 - 1e-4)) for s, p in matches.items())
        }
        stage = stage_of_order(conversation)
        found.append(
            Evidence(
                turn,
                np.stack(
                    [
                        read.situations[0],
                        np.array([odds.get(s, _UNLIKE) for s in names]),
                        np.array([named.get(s, 0.0) for s in names]),
                        np.array([stage_fits(s, stage, bought) for s in names]),
                    ],
                    axis=1,
                ).astype(np.float64),
                np.stack(
                    [np.array([s in dangers for s in signs]), read.signs[0]],
                    axis=1,
                ).astype(np.float64),
            )
        )
    return found


def fit_first(evidence: Sequence[Evidence], names: Sequence[str]) -> Floats:
    """Weights [kinds] under which the situation to answer first is likeliest."""

    wishes = np.stack([e.wishes for e in evidence])
    wanted, rows = np.array([names.index(e.turn.wants) for e in evidence]), np.arange(len(evidence))

    def loss(w: Floats) -> tuple[float, Floats]:
        scores = wishes @ w
        total = logsumexp(scores, axis=1)
        likely = np.exp(scores - total[:, None])
        slope = np.einsum("ns,nsk->k", likely, wishes) / len(rows) - wishes[rows, wanted].mean(axis=0)
        return float((total - scores[rows, wanted]).mean() + _SHRINK * (w @ w)), slope + 2 * _SHRINK * w

    return np.asarray(minimize(loss, np.array([0.8, 0.3, 1.0, 1.0]), method="L-BFGS-B", jac=True).x)


def fit_logistic(design: Floats, truth: Floats, start: Floats) -> Floats:
    """Weights and, last, the offset of P(truth | design)."""

    def loss(w: Floats) -> float:
        z = design @ w[:-1] + w[-1]
        return float(np.mean(np.logaddexp(0, z) - truth * z) + _SHRINK / 10 * (w[:-1] @ w[:-1]))

    return np.asarray(minimize(loss, start, method="L-BFGS-B").x)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("weights", type=Path)
    options.add_argument("turns", type=Path)
    given = options.parse_args()
    turns = load_rows(given.turns, Turn)
    with closing(KnowledgeBase.open(home_from_environment())) as knowledge:
        meaning = MeaningReader(lambda: knowledge.embedder.model, given.weights)
        evidence = gather(turns, SituationReader(knowledge.catalogue), meaning, knowledge)
    names, signs = meaning.labels.situations, meaning.labels.signs
    first = fit_first(evidence, names)
    scores = np.stack([e.wishes @ first for e in evidence])
    log_probability = scores - logsumexp(scores, axis=1, keepdims=True)
    wanted = np.array([[s in (e.turn.wants, *e.turn.also) for s in names] for e in evidence], dtype=np.float64)
    slope, offset = fit_logistic(log_probability.reshape(-1, 1), wanted.ravel(), np.array([1.0, 0.0]))
    told = np.array([[s in e.turn.signs for s in signs] for e in evidence], dtype=np.float64)
    risk_intents = CueBook.load().risk_intents
    columns = [names.index(risk_intents[s]) if s in risk_intents else -1 for s in signs]
    own = np.stack([np.where(np.array(columns) < 0, UNTOLD, np.exp(p[columns])) for p in log_probability])
    risks = np.concatenate([np.stack([e.risks for e in evidence]), np.log(own + LEAST)[:, :, None]], axis=2)
    *weights, danger = fit_logistic(risks.reshape(-1, risks.shape[2]), told.ravel(), np.array([1.0, 0.5, 0.5, -0.5]))
    right = float(np.mean([names[int(s.argmax())] == e.turn.wants for s, e in zip(scores, evidence, strict=True)]))
    likely = expit(risks @ np.array(weights) + danger)
    say(f"# {len(turns)} turns, none of them learnt from: first right {right:.1%};")
    for threshold in (0.1, 0.2, 0.35):
        seen_ = likely >= threshold
        false = float(np.mean((seen_ & (told == 0)).any(axis=1)))
        say(
            f"# dangers from {threshold}: {seen_[told == 1].mean():.1%} found, {false:.1%} of turns with a needless one"
        )
    say("wishes:")
    for name, value in (*zip(_WISH, first, strict=True), ("before", 0.1), ("slope", slope), ("offset", offset)):
        say(f"  {name}: {value:.3f}")
    say(f"  unlike: {_UNLIKE}\nrisks:")
    for name, value in (*zip(_RISK, weights, strict=True), ("offset", danger)):
        say(f"  {name}: {value:.3f}")


if __name__ == "__main__":
    main()
