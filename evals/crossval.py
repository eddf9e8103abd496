"""Whether the weights of search hold for manuals that they were not chosen by: one document left out after the other.

`python -m evals.crossval FOLDER [--cases FILE...]` reads the folder's manuals in, asks the questions under many random
weightings of the ten figures that search adds up by, and chooses among them without a document's questions, measured on
those; and in fifths of the questions, twenty times over. The model of KEFU_HOME is used, nothing is written there.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from assistant.application import cautioner_of
from assistant.guardrails import Guardrails
from assistant.settings import Settings
from assistant.terminal import progress_bars, say
from evals.retrieval import RetrievalCase, measure
from knowledge import bridge, prepared, search
from knowledge.base import KnowledgeBase
from knowledge.datafile import load_rows
from knowledge.embedding import Embedder
from knowledge.embedding.embedder import Vectors
from knowledge.fold import letters
from knowledge.index import embedded_text
from knowledge.matching import Reading, SituationMatcher
from knowledge.search import Searcher
from knowledge.situations import SituationCatalogue
from knowledge.values import Passage, SearchAnswer

Floats = NDArray[np.float64]

SUITES = Path(__file__).parent / "suites"
FIGURES: tuple[tuple[ModuleType, str], ...] = (
    (search, "WORDS"), (search, "WORDS_TAKEN_UP"), (search, "TAKEN_UP"), (search, "SITUATION_FADES"), (search, "SURE"),
    (bridge, "TERMS"), (bridge, "PROFILE"), (bridge, "MEANING"), (prepared, "HUB"), (prepared, "CAUTIONED"),
)  # fmt: skip
"""What a weighting changes, each between half and double of what ships."""
FOLDS, TIMES = 5, 20


@dataclass(frozen=True)
class Scores:
    """[weightings, cases], the shipped weighting first: whether a right passage was within reach, and 1 / its rank."""

    hit: Floats
    reciprocal: Floats

    def chosen_without(self, groups: Sequence[Sequence[int]]) -> tuple[float, float]:
        """Hits and mean reciprocal rank when each group is measured by the weighting that is best on all others."""
        worth = self.hit + self.reciprocal
        hits, ranks, count = 0.0, 0.0, 0
        for own in groups:
            others = [i for i in range(worth.shape[1]) if i not in set(own)]
            best = int(np.argmax(worth[:, others].mean(axis=1)))
            hits, ranks = hits + self.hit[best, list(own)].sum(), ranks + self.reciprocal[best, list(own)].sum()
            count += len(own)
        return hits / max(1, count), ranks / max(1, count)


def by_document(cases: Sequence[RetrievalCase], passages: Sequence[Passage]) -> Mapping[str, tuple[int, ...]]:
    """The cases' places by the document that holds the first of their right passages; those that none holds are left out."""
    told: dict[str, list[str]] = {}
    for passage in passages:
        told.setdefault(passage.document, []).append(letters(passage.text))
    out: dict[str, tuple[int, ...]] = {}
    for place, case in enumerate(cases):
        holders = (d for gold in case.gold for d, texts in told.items() if any(gold in text for text in texts))
        if document := next(holders, None):
            out[document] = (*out.get(document, ()), place)
    return out


def fifths(count: int, times: int = TIMES) -> Iterator[list[list[int]]]:
    """Random partitions into five, always the same."""
    for seed in range(times):
        order = np.random.default_rng(seed).permutation(count).tolist()
        yield [order[i::FOLDS] for i in range(FOLDS)]


@contextmanager
def weighted(factors: Sequence[float]) -> Iterator[None]:
    """Search with each of FIGURES times its factor."""
    shipped = [getattr(module, name) for module, name in FIGURES]
    try:
        for (module, name), figure, factor in zip(FIGURES, shipped, factors, strict=True):
            setattr(module, name, figure * factor)
        yield
    finally:
        for (module, name), figure in zip(FIGURES, shipped, strict=True):
            setattr(module, name, figure)


class _Known(Embedder):
    """Embeds nothing twice."""

    def __init__(self, inner: Embedder) -> None:
        self.identity = inner.identity
        self._inner = inner
        self._known: dict[str, NDArray[np.float32]] = {}

    def queries(self, texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self._inner.queries(new), strict=True))
        return np.stack([self._known[text] for text in texts]) if texts else self._inner.queries([])

    def passages(self, texts: Sequence[str]) -> Vectors:
        return self._inner.passages(texts)


class _Reader(SituationMatcher):
    """Reads nothing twice."""

    _read: dict[tuple[str, ...], Reading]

    def read(self, texts: Sequence[str], vectors: Vectors) -> Reading:
        known = self.__dict__.setdefault("_read", {})
        if tuple(texts) not in known:
            known[tuple(texts)] = super().read(texts, vectors)
        found: Reading = known[tuple(texts)]
        return found


class _Passages:
    """Passages as search takes them; after `again` everything is measured anew."""

    def __init__(self, rows: Sequence[Passage], vectors: Vectors) -> None:
        self.rows, self.vectors = tuple(rows), vectors
        self.alive = np.ones(len(rows), dtype=np.bool_)
        self.number = self.layout = 0

    @property
    def snapshot(self) -> _Passages:
        return self

    def again(self) -> None:
        self.number = self.layout = self.number + 1


class _Asked:
    """What `evals.retrieval.measure` asks of."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher

    def search_many(self, queries: Sequence[Sequence[str]], k: int = 5) -> list[SearchAnswer]:
        return self._searcher.search_many(queries, k)


def scored(
    folder: Path, cases: Sequence[RetrievalCase], weightings: int, home: Path, cautions: Guardrails
) -> tuple[Scores, tuple[Passage, ...]]:
    """Every weighting's scores, and the folder's passages. `home` has the model and the exemplars' cache."""
    settings = Settings.read()
    embedder = _Known(Embedder.open(home, settings.embedding_model))
    with tempfile.TemporaryDirectory() as scratch:
        base = KnowledgeBase.open(Path(scratch), embedder=embedder, cautioner=cautioner_of(cautions))
        try:
            base.ingest([folder])
            passages = base.passages()
        finally:
            base.close()
    source = _Passages(passages, embedder.passages([embedded_text(p) for p in passages]))
    searcher = Searcher(source, embedder, _Reader(SituationCatalogue.load(), embedder, home / "cache"))
    rng = np.random.default_rng(0)
    hit, reciprocal = np.zeros((weightings, len(cases))), np.zeros((weightings, len(cases)))
    with progress_bars() as progress:
        for row in range(weightings):
            factors = np.ones(len(FIGURES)) if row == 0 else 2 ** rng.uniform(-1, 1, len(FIGURES))
            source.again()
            with weighted(factors.tolist()):
                found = measure(_Asked(searcher), cases).cases
            hit[row] = [c.hit for c in found]
            reciprocal[row] = [1 / c.rank if c.rank else 0.0 for c in found]
            progress("试各种权重 / Trying weightings", row + 1, weightings)
    return Scores(hit, reciprocal), passages


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path, help="the manuals that the questions ask")
    options.add_argument("--cases", type=Path, nargs="+", default=sorted(SUITES.glob("retrieval_manuals_*.jsonl")))
    options.add_argument("--weightings", type=int, default=100)
    asked = options.parse_args()
    cases = [case for path in asked.cases for case in load_rows(path, RetrievalCase)]
    scores, passages = scored(asked.folder, cases, asked.weightings, Settings.read().home, Guardrails.load())
    shipped, every = scores.hit[0].mean(), scores.hit.mean(axis=1)
    say(f"{len(cases)} questions, {len(passages)} passages, {asked.weightings} weightings")
    say(f"as shipped: {shipped:.1%}, MRR {scores.reciprocal[0].mean():.3f}")
    say(f"over all weightings: median {np.median(every):.1%}, worst {every.min():.1%}, best {every.max():.1%}")
    groups = by_document(cases, passages)
    say("one document left out: {:.1%}, MRR {:.3f}".format(*scores.chosen_without(list(groups.values()))))
    for document, own in groups.items():
        say(f"  {document[:24]}: {scores.hit[0, list(own)].mean():.1%} of {len(own)} as shipped")
    folds = np.mean([scores.chosen_without(parts) for parts in fifths(len(cases))], axis=0)
    say(f"a fifth left out, {TIMES} times: {folds[0]:.1%}, MRR {folds[1]:.3f}")


if __name__ == "__main__":
    main()
