"""Line charts as inline SVG: no script, no font and no picture from anywhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evals.report_markup import esc
from knowledge.values import Value

WIDTH, HEIGHT = 640, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 190, 12, 28
_COLOURS = ("#0f766e", "#b45309", "#4338ca", "#be123c", "#4d7c0f", "#7e22ce", "#0369a1", "#57534e")
_TICKS = 4
_CHARACTER, _BETWEEN = 6, 14
"""Width of a character below the axis, and the room between two labels: as many are shown as do not run into each other."""
_KEY = 18
"""Height of a line's name beside the chart, while there is room for all of them."""


class Line(Value):
    """A named line; `values` has one place for each place on the axis, None where nothing was measured."""

    name: str
    values: tuple[float | None, ...]
    dashed: bool = False


def chart(title: str, axis: Sequence[str], lines: Sequence[Line], whole: bool = False) -> str:
    """The lines over the places of `axis`; `whole` shows 0 to 1, otherwise only the height that is used. "" without data."""
    known = [v for line in lines for v in line.values if v is not None]
    if not known or not axis:
        return ""
    low, high = (0.0, 1.0) if whole else _bounds(known)
    right, bottom = WIDTH - _RIGHT, HEIGHT - _BOTTOM

    def x(at: int) -> float:
        return round(_LEFT + (right - _LEFT) * (at / (len(axis) - 1) if len(axis) > 1 else 0.5), 1)

    def y(value: float) -> float:
        return round(bottom - (bottom - _TOP) * (value - low) / (high - low), 1)

    grid = ""
    for tick in range(_TICKS + 1):
        value = low + (high - low) * tick / _TICKS
        grid += f"<line x1='{_LEFT}' x2='{right}' y1='{y(value)}' y2='{y(value)}' stroke='#e5e7eb'/>"
        grid += f"<text x='{_LEFT - 6}' y='{y(value) + 4}' text-anchor='end'>{value:.3g}</text>"
    fit = max(1, (right - _LEFT) // (_CHARACTER * max(map(len, axis)) + _BETWEEN))
    every = -(-len(axis) // fit)
    for at in range(0, len(axis), every):
        grid += f"<text x='{x(at)}' y='{HEIGHT - 8}' text-anchor='middle'>{esc(axis[at])}</text>"
    step = min(_KEY, (bottom - _TOP) / len(lines))
    drawn = "".join(
        _line(line, _TOP + 6 + step * number, _COLOURS[number % len(_COLOURS)], x, y, right)
        for number, line in enumerate(lines)
    )
    return (
        f"<figure><figcaption>{esc(title)}</figcaption>"
        f"<svg viewBox='0 0 {WIDTH} {HEIGHT}' role='img' aria-label='{esc(title)}' font-size='11' fill='#374151'>"
        f"{grid}{drawn}</svg></figure>"
    )


def _line(
    line: Line, height: float, colour: str, x: Callable[[int], float], y: Callable[[float], float], right: int
) -> str:
    dash = " stroke-dasharray='4 3'" if line.dashed else ""
    points = [(x(at), y(v)) for at, v in enumerate(line.values) if v is not None]
    if not points:
        return ""
    path = " ".join(f"{px},{py}" for px, py in points)
    dots = "".join(f"<circle cx='{px}' cy='{py}' r='2.5' fill='{colour}'/>" for px, py in points)
    last = next(v for v in reversed(line.values) if v is not None)
    name = f"<text x='{right + 26}' y='{height + 4:.1f}'>{esc(line.name)} {last:.3g}</text>"
    key = f"<line x1='{right + 8}' x2='{right + 22}' y1='{height:.1f}' y2='{height:.1f}' stroke='{colour}' stroke-width='2'{dash}/>"
    return f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='2'{dash}/>{dots}{key}{name}"


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    """The height that is used, with a little room, of at least two points of a hundred; shares end at 1."""
    low, high = min(values), max(values)
    room = max((high - low) * 0.1, 0.01)
    return low - room, 1.0 if high <= 1.0 < high + room else high + room
