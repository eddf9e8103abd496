"""Customers' messages and agents' questions as a suite: is a right passage among what is read?"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from evals.registry import Suite, register
from evals.retrieval import DEPTH, RetrievalCase, Retrieved, judge, load_cases
from evals.text import said
from evals.values import CaseResult, CaseTrace

if TYPE_CHECKING:
    from assistant.application import Kefu

RETRIEVAL = Path(__file__).parent / "suites" / "retrieval.jsonl"


def run(kefu: Kefu, cases: Sequence[RetrievalCase], name: str = "retrieval") -> Iterator[CaseTrace]:
    """Search for every case."""
    from evals.tracing import hits_of

    started = time.perf_counter()
    answers = kefu.knowledge.search_many([[case.query] for case in cases], DEPTH)
    each = (time.perf_counter() - started) / max(len(cases), 1)
    for case, answer in zip(cases, answers, strict=True):
        result = _result(case, judge(case, answer)).model_copy(update={"seconds": round(each, 4)})
        yield CaseTrace(suite=name, result=result, hits=hits_of(answer))


def _result(case: RetrievalCase, found: Retrieved) -> CaseResult:
    key = "retrieval.late" if found.rank else "retrieval.none"
    reason = said(key, rank=found.rank, wanted=case.technique, read=found.situation, first=found.first)
    hit = float(found.hit)
    kind = re.sub(r"[^a-z]", "_", case.kind)
    return CaseResult(
        id=case.id,
        outcome="passed" if found.hit else "failed",
        reasons=() if found.hit else (reason.zh,),
        reasons_en=() if found.hit else (reason.en,),
        tags=(case.kind, case.stage),
        shown=case.query,
        cluster=case.technique,
        marks={
            "pass_rate": hit,
            "hit_rate": hit,
            "mrr": round(1 / found.rank, 4) if found.rank else 0.0,
            f"hit_rate.{kind}": hit,
        },
    )


def suite(name: str, path: Path) -> Suite:
    """A file of questions as a suite."""
    return Suite(
        name, partial(load_cases, path), partial(run, name=name), frozenset({"search"}), code=("retrieval.py",)
    )


register(suite("retrieval", RETRIEVAL))
