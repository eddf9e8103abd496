"""Shares with what is known of them: the 95% interval by Wilson's score, which holds for small numbers too."""

from __future__ import annotations

from math import sqrt

from pydantic import computed_field

from knowledge.values import Value

FEW = 8
"""Below this many nothing is said of a share: even 4 of 7 may be 25% or 84%."""
_Z = 1.959964


class Share(Value):
    """`count` of `of`; `low` and `high` are the ends of the 95% interval of the share behind it (Wilson 1927)."""

    count: int
    of: int

    @property
    def share(self) -> float:
        return self.count / self.of if self.of else 0.0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def low(self) -> float:
        return self._ends()[0]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def high(self) -> float:
        return self._ends()[1]

    def _ends(self) -> tuple[float, float]:
        if not self.of:
            return 0.0, 1.0
        n, p, z2 = self.of, self.share, _Z * _Z
        middle = (p + z2 / (2 * n)) / (1 + z2 / n)
        half = _Z * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
        return round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)
