"""What the linter of the suites finds."""

from __future__ import annotations

from typing import Literal

from knowledge.values import Value

FaultKind = Literal["duplicate", "near_duplicate", "contradiction", "leak", "unbalanced", "unknown_name", "origin"]


class Fault(Value):
    """One thing wrong, where, and what to do about it."""

    kind: FaultKind
    where: tuple[str, ...]
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.kind}\t{' | '.join(self.where)}\t{self.zh}\t{self.en}"
