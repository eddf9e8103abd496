"""Blind labels: people judge the same replies without seeing what the checks or the others said; then they are compared."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import Field

from evals.registry import EvalError
from evals.values import CaseResult, EvalRun
from knowledge.datafile import load_rows
from knowledge.values import Value

Judgement = Literal["good", "bad", "unsure"]


class Label(Value):
    """What `by` thinks of the reply in a case ("suite/id") of a run; `at` is UTC. A later label replaces an earlier one."""

    run_id: str
    case: str
    by: str = Field(min_length=1)
    label: Judgement
    at: datetime


class Agreement(Value):
    """How far two people agree on the cases that both labelled. `kappa` is None where chance alone explains everything."""

    first: str
    second: str
    cases: int
    agreed: int
    kappa: float | None


def labels_path(home: Path) -> Path:
    return home / "evals" / "labels.jsonl"


def load_labels(home: Path) -> tuple[Label, ...]:
    """All labels, oldest first; DataFileError names the line of a mistake."""
    path = labels_path(home)
    return load_rows(path, Label) if path.is_file() else ()


def keep_label(home: Path, run_id: str, case: str, by: str, label: Judgement) -> Label:
    """Write a label down. EvalError without a name: two people must be told apart."""
    if not by.strip():
        raise EvalError(
            "eval.no_labeller",
            "标注前请先写上您的姓名。",
            "Give your name before you label: two people must be told apart.",
        )
    at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    new = Label(run_id=run_id, case=case, by=by.strip(), label=label, at=at)
    path = labels_path(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(new.model_dump_json() + "\n")
    return new


def next_case(run: EvalRun, by: str, labels: Iterable[Label]) -> tuple[str, CaseResult] | None:
    """The next case with a reply that `by` has not labelled, in an order that is the same for everybody and mixes suites,
    and what failed with what passed; None when all are labelled.
    """
    done = {label.case for label in labels if label.run_id == run.run_id and label.by == by.strip()}
    open_ = [
        (f"{name}/{result.id}", result)
        for name, suite in run.suites.items()
        for result in suite.results
        if result.reply and f"{name}/{result.id}" not in done
    ]
    return min(open_, key=lambda pair: hashlib.sha256(pair[0].encode()).digest(), default=None)


def kappa(first: Sequence[str], second: Sequence[str]) -> float | None:
    """Cohen's kappa: agreement beyond chance over the agreement that chance leaves room for.

    J. Cohen, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20 (1960). None when
    both always gave one and the same label, or gave none: then chance explains everything.
    """
    count = len(first)
    if count != len(second):
        raise ValueError("both must have labelled the same cases")
    ours, theirs = Counter(first), Counter(second)
    expected = sum(ours[label] * theirs[label] for label in ours)
    if expected == count * count:
        return None
    observed = sum(a == b for a, b in zip(first, second, strict=True)) * count
    return (observed - expected) / (count * count - expected)


def agreements(run_id: str, labels: Iterable[Label]) -> tuple[Agreement, ...]:
    """Every two people who labelled cases of this run in common."""
    by_person: dict[str, dict[str, str]] = {}
    for label in labels:
        if label.run_id == run_id:
            by_person.setdefault(label.by, {})[label.case] = label.label
    people = sorted(by_person)
    found = []
    for at, first in enumerate(people):
        for second in people[at + 1 :]:
            both = sorted(by_person[first].keys() & by_person[second].keys())
            if both:
                ours, theirs = [by_person[first][c] for c in both], [by_person[second][c] for c in both]
                agreed = sum(a == b for a, b in zip(ours, theirs, strict=True))
                found.append(
                    Agreement(first=first, second=second, cases=len(both), agreed=agreed, kappa=kappa(ours, theirs))
                )
    return tuple(found)
