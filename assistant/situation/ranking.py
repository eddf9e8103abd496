"""Weighs what speaks for each wish, danger and feeling: the trained reader, resemblance, cue words, the order's stage.

The weights are data (ranking.yaml), fitted on authored turns that the network had not learnt from
(docs/decisions/reading-conversations.md). Everything is in log odds and log probabilities, so that evidence adds up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path
from typing import cast, get_args

import numpy as np
from numpy.typing import NDArray

from assistant.values import Chance, Emotion, Risk
from knowledge import datafile
from knowledge.meaning.reading import Meanings
from knowledge.values import Value

RANKING = Path(__file__).parent / "ranking.yaml"
_FLOOR = 1e-4
"""A probability below which differences say nothing."""

_TOLD = 12
"""Situations whose probability is told."""

LEAST = 3e-3
"""A probability that a danger's situation is wanted, below which differences say nothing."""
UNTOLD = 0.05
"""The same of a danger that has no situation of its own."""

Floats = NDArray[np.float32]


class WishWeights(Value):
    """What each kind of evidence counts: the whole turn, resemblance to exemplars, a cue word, the fit to the order's stage, what the turn before said. The sum's log
    probability, times `slope` plus `offset`, is the log odds that it is wanted at all, first or beside others.
    """

    whole: float
    likeness: float
    cue: float
    stage: float
    before: float
    slope: float
    offset: float
    unlike: float
    """Log odds of resemblance where the search did not name a situation."""
    known: float = -1.2
    """Log odds below which nothing is wanted that we know: of such first guesses one in five was right."""
    second: float = -1.2
    """Log odds from which a further wish is answered beside the first: about one talk in three then has a second one."""
    second_named: float = -1.6
    """The same where the customer's words name it."""

    def chances(self, odds: Mapping[str, float]) -> tuple[Chance, ...]:
        """How likely each of the likeliest situations is the one, from log odds that they are wanted."""
        ranked = sorted(odds.items(), key=lambda each: (-each[1], each[0]))[:_TOLD]
        return tuple(Chance(situation=s, probability=min(1.0, exp((o - self.offset) / self.slope))) for s, o in ranked)


class RiskWeights(Value):
    """Log odds that a danger is told: cue words, what the turn tells, how surely the turn is about it."""

    cue: float
    whole: float
    own: float
    offset: float
    seen: float = 0.1
    """Probability from which a danger counts as told: a missed danger is worse than a needless question."""
    seen_named: float = 0.05
    """The same where the customer's words name it: the network must be sure to overrule them."""
    ordered: float = 0.5
    """Probability from which the customer gives the assistant orders where no sign shows it: who is angry at rules gives none."""
    pressing: float = 0.5
    """Probability from which it is answered before anything else."""


class Ranking(Value):
    wishes: WishWeights
    risks: RiskWeights

    @classmethod
    def load(cls, path: Path = RANKING) -> Ranking:
        """Raises DataFileError with file and line of the first mistake."""
        return datafile.load(path, cls)


@dataclass(frozen=True)
class Heard:
    """What the trained reader made of a customer's words: the turn before (when there is one) and this one, each as a whole."""

    before: Meanings
    whole: Meanings

    def wishes(
        self,
        weights: WishWeights,
        likeness: Mapping[str, float],
        cues: Mapping[str, float],
        stage: Mapping[str, float],
    ) -> dict[str, float]:
        """Log odds that each situation is wanted. `likeness` are log odds of resemblance, `cues` how sure cue words
        are (0 to 1), `stage` the log odds that the order's stage adds; missing: nothing is known.
        """
        names = self.whole.labels.situations

        def column(known: Mapping[str, float], otherwise: float = 0.0) -> Floats:
            return np.array([known.get(s, otherwise) for s in names], dtype=np.float32)

        total = (
            weights.whole * self.whole.situations[0]
            + weights.likeness * column(likeness, weights.unlike)
            + weights.cue * column(cues)
            + weights.stage * column(stage)
        )
        if len(self.before.situations):
            said = np.exp(self.before.situations[0])
            total = total + weights.before * np.log1p(said / _FLOOR)
        log_probability = total - total.max() - np.log(np.exp(total - total.max()).sum())
        odds = weights.slope * log_probability + weights.offset
        return dict(zip(names, odds.tolist(), strict=True))

    def risks(self, weights: RiskWeights, cued: Sequence[Risk], own: Mapping[Risk, float]) -> dict[Risk, float]:
        """How likely each danger is told, in [0, 1]. `own` are log probabilities that the situation of a danger is wanted."""
        named = np.array([name in cued for name in self.whole.labels.signs], dtype=np.float32)
        odds = weights.cue * named + weights.whole * self.whole.signs[0] + weights.offset
        certain = {str(risk): p for risk, p in own.items()}
        wanted = [exp(certain[name]) if name in certain else UNTOLD for name in self.whole.labels.signs]
        odds = odds + weights.own * np.log(np.array(wanted, dtype=np.float32) + LEAST)
        probability = 1 / (1 + np.exp(-odds))
        known = get_args(Risk)
        return {
            cast(Risk, name): float(p)
            for name, p in zip(self.whole.labels.signs, probability, strict=True)
            if name in known
        }

    def emotion(self) -> tuple[Emotion, float]:
        """What the whole turn shows, and how likely."""
        best = int(self.whole.moods[0].argmax())
        return cast(Emotion, self.whole.labels.moods[best]), float(np.exp(self.whole.moods[0, best]))
