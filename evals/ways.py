"""Ways of saying what many good replies say, shared by golden cases: a pattern "@apology" stands for a whole list."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import re2
from pydantic import field_validator

from knowledge import datafile
from knowledge.values import Value

WAYS = Path(__file__).parent / "suites" / "ways.yaml"
_INSIDE = re.compile(r"[|(]@[a-z_]+")


def checked(pattern: str) -> str:
    """The pattern, if RE2 takes it; ValueError otherwise."""
    try:
        re2.compile(pattern)
    except re2.error as error:
        raise ValueError(f"not a pattern: {pattern!r} ({error})") from error
    return pattern


class _Ways(Value):
    ways: dict[str, tuple[str, ...]]

    @field_validator("ways")
    @classmethod
    def _patterns_compile(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return {name: tuple(map(checked, patterns)) for name, patterns in value.items()}


@cache
def _ways() -> dict[str, tuple[str, ...]]:
    return datafile.load(WAYS, _Ways).ways


def expand(patterns: Iterable[str]) -> tuple[str, ...]:
    """Every "@name" replaced by that list's patterns; ValueError for a name that is not there, or a bad pattern.

    A name stands alone: inside another pattern it would be looked for letter by letter and never be found.
    """
    out: list[str] = []
    for pattern in patterns:
        if _INSIDE.search(pattern):
            raise ValueError(f"a way of saying stands for a whole pattern, write it as one of its own: {pattern!r}")
        if not pattern.startswith("@"):
            out.append(checked(pattern))
        elif pattern[1:] in _ways():
            out += _ways()[pattern[1:]]
        else:
            raise ValueError(f"no way of saying is named {pattern!r}; there are: {', '.join(sorted(_ways()))}")
    return tuple(out)
