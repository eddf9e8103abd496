"""Customers' messages and agents' questions as a suite: is the right passage among the first results?"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path

from assistant.application import Kefu
from evals.values import CaseResult, SuiteResult
from knowledge.fold import letters
from knowledge.values import Passage, Progress

RETRIEVAL = Path(__file__).parent / "suites" / "retrieval.jsonl"
READ_CHARACTERS = 1500
"""What an agent or a model reads of the results; a passage that begins later is not found."""
_DEPTH = 20


def run(kefu: Kefu, progress: Progress, path: Path = RETRIEVAL) -> SuiteResult:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    answers = kefu.knowledge.search_many([[row["query"]] for row in rows], k=_DEPTH)
    results: list[CaseResult] = []
    ranks: dict[str, float] = {}
    for row, answer in zip(rows, answers, strict=True):
        rank, within = _rank(row, [r.passage for r in answer.results])
        ranks[row["id"]] = 1 / rank if rank else 0.0
        first = answer.results[0].passage.section if answer.results else "(无)"
        results.append(
            CaseResult(
                id=row["id"],
                outcome="passed" if within else "failed",
                reasons=() if within else (f"没找到「{row['technique']}」,第一条是 {first}",),
                tags=(row["kind"], row["stage"]),
                shown=row["query"],
            )
        )
        progress("retrieval", len(results), len(rows))
    return SuiteResult(name="retrieval", results=tuple(results), metrics=_metrics(results, ranks))


def _rank(row: dict[str, object], passages: list[Passage]) -> tuple[int, bool]:
    """The rank (from 1) of the first right passage, 0 for none, and whether it begins within what is read."""
    read = 0
    for rank, passage in enumerate(passages, 1):
        if is_right(row, passage):
            return rank, read < READ_CHARACTERS
        read += len(passage.text)
    return 0, False


def is_right(row: dict[str, object], passage: Passage) -> bool:
    """A passage of the named technique, or one that holds a gold substring in normal form."""
    names = [str(n) for n in row.get("library", ())]  # type: ignore[attr-defined]
    if any(name == technique for name in names for technique in passage.techniques):
        return True
    body = letters(passage.text)
    return any(str(gold) in body for gold in row["gold"])  # type: ignore[attr-defined]


def _metrics(results: list[CaseResult], ranks: dict[str, float]) -> dict[str, float]:
    kinds: dict[str, list[bool]] = defaultdict(list)
    for result in results:
        kinds[result.tags[0]].append(result.passed)
    by_kind = {f"hit_rate.{re.sub(r'[^a-z]', '_', k)}": round(sum(v) / len(v), 4) for k, v in sorted(kinds.items())}
    hits = sum(r.passed for r in results) / len(results)
    return {
        "pass_rate": round(hits, 4),
        "hit_rate": round(hits, 4),
        "mrr": round(sum(ranks.values()) / len(ranks), 4),
        **by_kind,
    }
