"""What a step of cleaning sees of a text, and what it answers with."""

from __future__ import annotations

from typing import NamedTuple

from knowledge.ingest.read import Layout


class Line(NamedTuple):
    """Source characters [start, end), the line's end not among them."""

    start: int
    end: int
    text: str


class View(NamedTuple):
    """What a step sees: the whole source, its lines, its layout, and which characters (1) earlier steps have taken."""

    text: str
    lines: tuple[Line, ...]
    layout: Layout
    taken: bytearray

    def left(self) -> tuple[Line, ...]:
        """The lines of which something is left to read."""
        return tuple(
            line
            for line in self.lines
            if not line.text.isspace() and line.text and not all(self.taken[line.start : line.end])
        )


class Edit(NamedTuple):
    """Source characters [start, end) become `replacement`, which is no longer than they are."""

    start: int
    end: int
    replacement: str = ""
    reason: str = ""  # the step's own name when empty


def lines_of(text: str) -> tuple[Line, ...]:
    out, start = [], 0
    for line in text.split("\n"):
        out.append(Line(start, start + len(line), line))
        start += len(line) + 1
    return tuple(out)
