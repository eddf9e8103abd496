"""Reds that somebody answered for, or turned down: who, when, why, and exactly what.

The record is a committed file, and is only added to: the newest word on a red holds.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import Field

from evals.registry import EvalError
from evals.values import Red
from knowledge.datafile import load_rows
from knowledge.values import Value

ACCEPTED = Path(__file__).parent / "accepted.jsonl"
_EQUAL = 1e-6


class Acceptance(Value):
    """One red that `by` accepted or rejected, in the words of `why`. It speaks of the same red, and of none that is worse.

    What is rejected stays red, and is said with its reason.
    """

    decision: Literal["accepted", "rejected"] = "accepted"
    run_id: str
    at: datetime
    by: str = Field(min_length=1)
    why: str = Field(min_length=4)
    red: Red

    def covers(self, red: Red) -> bool:
        """Whether this is what was decided about, or less of it."""
        if red.key != self.red.key:
            return False
        if red.value is None or self.red.value is None:
            return red.value is None and self.red.value is None
        return red.value <= self.red.value + _EQUAL


def load_accepted(path: Path = ACCEPTED) -> tuple[Acceptance, ...]:
    """The record, oldest first; DataFileError names the line of a mistake."""
    return load_rows(path, Acceptance) if path.is_file() else ()


def accept(
    run_id: str,
    reds: tuple[Red, ...],
    why: str,
    by: str,
    path: Path = ACCEPTED,
    decision: Literal["accepted", "rejected"] = "accepted",
) -> tuple[Acceptance, ...]:
    """Write down that `by` answers for these reds, or turns them down. EvalError when there is none, or no name and
    reason are given.
    """
    if not reds:
        raise EvalError(
            "eval.nothing_red",
            f"运行 {run_id} 没有要表态的红灯。",
            f"There is no red to decide about in run {run_id}.",
        )
    if len(why.strip()) < 4 or not by.strip():
        raise EvalError(
            "eval.no_reason",
            "接受或驳回红灯要写明原因(至少 4 个字)和姓名。",
            "Accepting or rejecting a red takes a written reason (4 characters or more) and a name.",
        )
    at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    said = {"run_id": run_id, "at": at, "by": by.strip(), "why": why.strip(), "decision": decision}
    new = tuple(Acceptance.model_validate({**said, "red": red}) for red in reds)
    with path.open("a", encoding="utf-8") as file:
        file.writelines(acceptance.model_dump_json() + "\n" for acceptance in new)
    return new
