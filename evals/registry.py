"""What a suite is: cases from data, a way to run them, and what its results depend on. Registering one is one line."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from evals.values import CaseResult, CaseTrace, SuiteResult
from knowledge.errors import KefuError

if TYPE_CHECKING:
    from assistant.application import Kefu

Part = Literal["guardrails", "search", "drafting", "prompts"]
"""What a case's result may depend on, besides the case and the suite's own code: see evals/fingerprint.py."""


class EvalError(KefuError):
    """A suite or run that is not there, can't be read, or could not be finished."""


class Identified(Protocol):
    """A case: a pydantic value with an id, so that its content can be hashed."""

    @property
    def id(self) -> str: ...

    def model_dump_json(self, *, exclude: set[str] | None = None) -> str: ...


Runs = Callable[["Kefu", Sequence[Any]], Iterator[CaseTrace]]
"""Runs some of a suite's cases and yields one trace for each, in order."""


def _nothing(results: Sequence[CaseResult]) -> Mapping[str, float]:  # noqa: ARG001 - the shape of `Suite.beyond`
    return {}


@dataclass(frozen=True)
class Suite:
    """A named set of cases. `load` reads them (DataFileError for a mistake), `run` yields a trace for each.

    `parts` are what its results depend on, `code` further files of `evals/` that they do. `beyond` adds metrics that are no
    mean of marks. `lower` names metrics that are better when lower; `neutral` those that are neither. `written` says that
    the engine writes, so that a chat model's cases are repeated. `shipped` says that the cases are made from what ships, so
    that they come and go with it.
    """

    name: str
    load: Callable[[], Sequence[Any]]
    run: Runs
    parts: frozenset[Part]
    code: tuple[str, ...] = ()
    beyond: Callable[[Sequence[CaseResult]], Mapping[str, float]] = _nothing
    lower: frozenset[str] = frozenset({"false_block_rate"})
    neutral: frozenset[str] = frozenset({"chars"})
    written: bool = False
    shipped: bool = False

    def result(self, results: Sequence[CaseResult]) -> SuiteResult:
        """The suite's figures: each metric is the mean of its marks over the cases that could be judged."""
        judged = [r for r in results if r.outcome != "error"]
        marks: dict[str, list[float]] = defaultdict(list)
        for result in judged:
            for name, value in result.marks.items():
                marks[name].append(value)
        metrics = {name: statistics.fmean(values) for name, values in marks.items()}
        ordered = {name: metrics[name] for name in sorted(metrics, key=lambda n: ("." in n, n != "pass_rate"))}
        ordered |= self.beyond(judged) if judged else {}
        return SuiteResult(name=self.name, results=tuple(results), metrics={k: round(v, 4) for k, v in ordered.items()})


SUITES: dict[str, Suite] = {}
"""All suites by name, in the order in which they are run."""


def register(suite: Suite) -> Suite:
    """Make a suite known to `kefu eval`; a name is given once."""
    if suite.name in SUITES:
        raise ValueError(f"two suites are called {suite.name!r}")
    SUITES[suite.name] = suite
    return suite


def chosen(names: Sequence[str]) -> tuple[Suite, ...]:
    """The suites of these names, all when none is named. EvalError names one that is not there."""
    import evals.suites_all  # noqa: F401 - registers them

    unknown = sorted(set(names) - set(SUITES))
    if unknown:
        raise EvalError(
            "eval.unknown_suite",
            f"没有评测集 {unknown[0]},可用的有:{'、'.join(SUITES)}",
            f"There is no suite {unknown[0]}; there are: {', '.join(SUITES)}",
        )
    return tuple(SUITES[name] for name in dict.fromkeys(names or SUITES))
