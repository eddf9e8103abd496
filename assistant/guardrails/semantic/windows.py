"""A reply in the pieces that are read at once, and what each piece says, clause by clause."""

from __future__ import annotations

import numpy as np

from assistant.guardrails.clauses import Clause, Reading
from assistant.guardrails.semantic.encoded import Encoded, Floats

_WINDOW = 200
"""Folded characters that are read at once. Longer replies are read in pieces of whole sentences."""


def read_apart(reading: Reading, encoded: Encoded, start: int, end: int) -> tuple[list[Clause], Floats]:
    """The clauses of the window [start, end) and logits [1 + clauses, classes]: of the whole window, then of each."""
    clauses = [c for c in reading.clauses if c.start < end and start < c.end and reading.clause_text(c).strip()]
    clauses = clauses or [reading.clause_at(start)]
    apart = [encoded.logits(c.start - start, c.end - start) for c in clauses]
    return clauses, np.stack([encoded.logits(), *apart])


def texts_of(reading: Reading) -> list[str]:
    """The words of each window."""
    return [reading.text[a:b] for a, b in windows(reading)]


def windows(reading: Reading) -> list[tuple[int, int]]:
    """The reply in pieces of whole sentences, each of at most _WINDOW characters where sentences allow it."""
    text = reading.text
    if not text.strip():
        return []
    if len(text) <= _WINDOW:
        return [(0, len(text))]
    ends = sorted({c.sentence[1] for c in reading.clauses} | {len(text)})
    found: list[tuple[int, int]] = []
    start = last = 0
    for end in ends:
        if end - start > _WINDOW and last > start:
            found.append((start, last))
            start = last
        while end - start > 2 * _WINDOW:  # a sentence without an end
            found.append((start, start + 2 * _WINDOW))
            start += 2 * _WINDOW
        last = end
    found.append((start, len(text)))
    return [(a, b) for a, b in found if text[a:b].strip()]
