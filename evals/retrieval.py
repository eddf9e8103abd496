"""How well search finds what it should: the right passage within the first 1,500 characters of what it shows.

1,500 characters are what an agent reads at a glance and a model is given; counting characters, not passages, makes
different ways of splitting comparable. `measure` counts; `evals/suite_retrieval.py` makes a suite of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from pydantic import ConfigDict, Field

from evals.origin import Sourced, from_file
from knowledge.datafile import load_rows
from knowledge.fold import letters
from knowledge.values import Passage, SearchAnswer, Value

BUDGET = 1500
DEPTH = 20


class RetrievalCase(Sourced):
    """A query and what is a right passage: one that teaches a technique named in `library`, or holds any of `gold`.

    `library` are names in the shipped library; `gold` substrings (in the form of `knowledge.fold.letters`) of other
    manuals' passages. `technique` is what people call it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    query: str
    kind: str
    gold: tuple[str, ...] = Field(min_length=1)
    library: tuple[str, ...] = ()
    technique: str = ""
    stage: str = ""


class Retrieved(Value):
    """What became of one case. `rank` counts from 1; None when no right passage is among the first `DEPTH`."""

    id: str
    kind: str
    query: str
    hit: bool
    rank: int | None
    situation: str
    first: str


class RetrievalReport(Value):
    cases: tuple[Retrieved, ...]

    def hits(self, kind: str | None = None) -> float:
        """The share of cases, of one kind or of all, with a right passage within the budget."""
        chosen = [c for c in self.cases if kind is None or c.kind == kind]
        return sum(c.hit for c in chosen) / len(chosen) if chosen else 0.0

    @property
    def mean_reciprocal_rank(self) -> float:
        return sum(1 / c.rank for c in self.cases if c.rank) / len(self.cases) if self.cases else 0.0

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(c.kind for c in self.cases))

    def lines(self) -> Iterable[str]:
        """The report, for people."""
        yield f"hit within {BUDGET} characters: {self.hits():.1%} of {len(self.cases)}; MRR {self.mean_reciprocal_rank:.3f}"
        for kind in self.kinds:
            yield f"  {kind:12} {self.hits(kind):.1%} of {sum(c.kind == kind for c in self.cases)}"


class Searches(Protocol):
    def search_many(self, queries: Sequence[Sequence[str]], k: int = 5) -> list[SearchAnswer]: ...


def load_cases(path: Path) -> tuple[RetrievalCase, ...]:
    """The cases of a JSON Lines file; DataFileError names the line of the first that is wrong."""
    return from_file(path, load_rows(path, RetrievalCase))


def measure(knowledge: Searches, cases: Sequence[RetrievalCase]) -> RetrievalReport:
    """Search for every case; nothing else is asked of `knowledge`."""
    answers = knowledge.search_many([[case.query] for case in cases], DEPTH)
    return RetrievalReport(cases=tuple(judge(c, a) for c, a in zip(cases, answers, strict=True)))


def judge(case: RetrievalCase, answer: SearchAnswer) -> Retrieved:
    """What became of one case."""
    shown = [result.passage for result in answer.results]
    left, hit = BUDGET, False
    for passage in shown:
        hit = hit or (left > 0 and _is_right(case, passage, passage.text[:left]))
        left -= len(passage.text)
    return Retrieved(
        id=case.id,
        kind=case.kind,
        query=case.query,
        hit=hit,
        rank=next((i for i, passage in enumerate(shown, start=1) if _is_right(case, passage, passage.text)), None),
        situation=answer.situations[0].name if answer.situations else "",
        first=shown[0].text[:60] if shown else "",
    )


def _is_right(case: RetrievalCase, passage: Passage, read: str) -> bool:
    """Whether the passage answers, of which only `read` is read. What not to say is no answer."""
    if passage.kind != "bad_example" and not set(case.library).isdisjoint(passage.techniques):
        return True
    folded = letters(read)
    return any(substring in folded for substring in case.gold)
