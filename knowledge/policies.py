"""A shop's policy: what its agents may promise, under which conditions and until when. Data in `library/policies/*.yaml`."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field, field_validator

from knowledge import datafile
from knowledge.values import AuthorityKind, Value

POLICIES = Path(__file__).parent / "library" / "policies"


class Clause(Value):
    """One thing that is allowed: an authority id of the contract, with the conditions and dates it is tied to."""

    authority: str
    says: str
    conditions: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None

    @field_validator("authority")
    @classmethod
    def _known(cls, value: str) -> str:
        kind, _, argument = value.partition(":")
        if kind not in get_args(AuthorityKind) or (argument and not re.fullmatch(r"[\w.一-鿿]{1,20}", argument)):
            raise ValueError(f"unknown authority {value!r}; known: {', '.join(get_args(AuthorityKind))}")
        return value

    def holds_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


class Question(Value):
    """What customers of this shop often ask, and what the shop lets its agents state as fact."""

    asks: str
    answer: str


class PolicyFile(Value):
    """One shop. `clauses` are granted on their days; `facts` may be stated; `never` is what agents must not do."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    shop: str
    platform: Literal["taobao", "tmall", "jd", "pinduoduo", "douyin"]
    trade: str
    working_hours: str
    clauses: tuple[Clause, ...]
    facts: tuple[Question, ...] = ()
    never: tuple[str, ...] = ()

    def authorised(self, day: date) -> tuple[str, ...]:
        """The authority ids that are in force on `day`."""
        return tuple(c.authority for c in self.clauses if c.holds_on(day))


def load_policies(folder: Path = POLICIES) -> tuple[PolicyFile, ...]:
    """Every shop's policy in a folder; DataFileError names file and line."""
    return tuple(datafile.load(path, PolicyFile) for path in sorted(folder.glob("*.yaml")))
