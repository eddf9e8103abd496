"""Whether two moves say much the same."""

from __future__ import annotations

from functools import lru_cache

import re2

from assistant.engines.moves import PlannedMove

_SLOT = re2.compile(r"\{[a-z_]+\}")
_SHARED = 0.4
"""Share of the shorter wording's character pairs from which two moves say the same."""


def alike(one: PlannedMove, other: PlannedMove) -> bool:
    """Whether any wording of one shares `_SHARED` of its character pairs with one of the other's."""
    pairs = [_pairs(w.zh) for w in other.wordings]
    return any(
        len(a & b) >= _SHARED * min(len(a), len(b)) for w in one.wordings for a in (_pairs(w.zh),) for b in pairs
    )


def shares(text: str, other: str) -> float:
    """The share of the pairs of characters of `text` that `other` has, in [0, 1]."""
    pairs = _pairs(text)
    return len(pairs & _pairs(other)) / len(pairs)


@lru_cache(maxsize=8192)
def _pairs(text: str) -> frozenset[str]:
    bare = "".join(c for c in _SLOT.sub("", text) if c.isalnum())  # that both have a slot is no likeness
    return frozenset(bare[i : i + 2] for i in range(len(bare) - 1)) or frozenset({text})
