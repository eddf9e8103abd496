"""What the reader's network tells apart. Light: no torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True, slots=True)
class Labels:
    """What the network tells apart: situations (one), signs (any number), moods (one), points (one or none)."""

    situations: tuple[str, ...]
    signs: tuple[str, ...]
    moods: tuple[str, ...]
    points: tuple[str, ...] = ()


def labels_of(path: Path) -> Labels:
    """The labels that stored weights were learnt for."""
    with np.load(path) as stored:
        found = {kind: stored[f"labels.{kind}"].tolist() for kind in Labels.__slots__ if f"labels.{kind}" in stored}
    return Labels(**{kind: tuple(names) for kind, names in found.items()})
