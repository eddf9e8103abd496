"""The schema of a rule file: what a category forbids, why, by which patterns, and the examples that prove it.

Patterns are RE2 (linear time on any input) over folded text: Simplified, lower case, half-width, without disguises.
`{name}` stands for a word list of words/vocabulary.yaml. A bad pattern or unknown list is refused with its line.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import re2
from pydantic import AfterValidator, ConfigDict, Field, field_validator, model_validator

from assistant.authority import Authority
from assistant.conversation import Order, Platform
from assistant.guardrails.clauses import Stance
from assistant.values import Category, Severity
from knowledge import datafile
from knowledge.values import AuthorityKind, Value

RULES = Path(__file__).parent / "rules"
VOCABULARY = Path(__file__).parent / "words" / "vocabulary.yaml"
_NAME = re.compile(r"\{([a-z_]+)\}")

CommitmentKind = Literal[
    "compensation",
    "refund",
    "return_right",
    "return_freight",
    "exchange",
    "price",
    "coupon",
    "gift",
    "free_shipping",
    "price_protection",
    "ship_by",
    "deliver_by",
    "refund_arrival",
    "warranty",
    "expedite",
    "third_party",
]
"""What a reply can bind the shop to. The agent's own answer-by time binds nobody and is none of these."""


class _Vocabulary(Value):
    words: dict[str, str]


@lru_cache(maxsize=1)
def _vocabulary() -> dict[str, str]:
    return datafile.load(VOCABULARY, _Vocabulary).words


def expand(pattern: str) -> str:
    """The pattern with its word lists written out. Raises ValueError for a list that does not exist."""

    def one(m: re.Match[str]) -> str:
        words = _vocabulary().get(m.group(1))
        if words is None:
            raise ValueError(f"unknown word list {{{m.group(1)}}}; known: {', '.join(sorted(_vocabulary()))}")
        return f"(?:{_NAME.sub(one, words)})"

    return _NAME.sub(one, pattern)


def compile_pattern(pattern: str | bytes) -> re2._Regexp:
    """The RE2 pattern; a pattern in bytes has its word lists written out already and matches bytes. Raises ValueError with RE2's own reason."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 64 << 20
    try:
        return re2.compile(expand(pattern) if isinstance(pattern, str) else pattern, options)
    except re2.error as error:
        raise ValueError(f"not a pattern: {pattern!r} ({error})") from error


def _checked(pattern: str) -> str:
    compile_pattern(pattern)
    return pattern


Pattern = Annotated[str, Field(min_length=1), AfterValidator(_checked)]


class Basis(Value):
    """Why: a clause of a law or platform rule. `certainty`: its text was read, an excerpt was, or neither (then no url)."""

    clause: str
    dates: str = ""
    source: str = ""
    certainty: Literal["read", "excerpt", "unverified"]
    retrieved_at: str = ""
    note: str = ""


class Rewrite(Value):
    """What may stand in a blocked clause's place: complete on its own, safe in any conversation."""

    zh: str = Field(min_length=2)
    en: str = Field(min_length=2)


class Frame(Value):
    """Words that make a breach together, in any order, within one clause (or one sentence).

    `all` must each be found, `none` must not; the breach spans from the first to the last of `all`. The first of
    `all` is looked for everywhere, so it should be the rarest.
    """

    all: tuple[Pattern, ...] = Field(min_length=2)
    none: tuple[Pattern, ...] = ()
    within: Literal["clause", "sentence"] = "clause"


class Rule(Value):
    """One forbidden meaning, in `patterns` (words in their order) and `frames` (words in any order).

    `unless` patterns, found in the match's sentence, lift the rule; `unless_within` patterns only in the matched words
    themselves. `lifted_by` lists the stances in which the words
    are harmless (default: see `matching`). `authority` kinds discharge it outright; `commits` hands it to the ledger,
    which weighs amounts, times and order facts. `severity` and `rewrite` default to the file's.
    """

    id: str = Field(pattern=r"^[a-z_.0-9]+$")
    patterns: tuple[Pattern, ...] = ()
    frames: tuple[Frame, ...] = ()
    unless: tuple[Pattern, ...] = ()
    unless_within: tuple[Pattern, ...] = ()
    lifted_by: tuple[Stance, ...] | None = None
    authority: tuple[AuthorityKind, ...] = ()
    commits: CommitmentKind | None = None
    severity: Severity | None = None
    message: str = Field(min_length=4)
    suggestion: str = ""
    rewrite: Rewrite | None = None

    @model_validator(mode="after")
    def _looks_for_something(self) -> Rule:
        if not self.patterns and not self.frames:
            raise ValueError(f"rule {self.id} has neither patterns nor frames")
        return self


class Example(Value):
    """A reply that must block or pass, with the authorities and order it is said under."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reply: str
    authorised: tuple[str, ...] = ()
    order: Order | None = None

    @property
    def authorities(self) -> tuple[Authority, ...]:
        return tuple(Authority.parse(a) for a in self.authorised)


def _example(value: object) -> object:
    return {"reply": value} if isinstance(value, str) else value


class RuleFile(Value):
    """All rules of one category. `reason_en` says why in English, for every rule; {text} stands for the words found."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    category: Category
    title: str
    forbids: str
    reason_en: str = Field(min_length=10)
    severity: Severity = "block"
    basis: tuple[Basis, ...]
    platforms: tuple[Platform, ...] = ()
    rewrite: Rewrite
    rules: tuple[Rule, ...]
    block: tuple[Example, ...]
    passes: tuple[Example, ...] = Field(alias="pass")

    @field_validator("block", "passes", mode="before")
    @classmethod
    def _plain_sentences_are_examples(cls, value: object) -> object:
        return [_example(v) for v in value] if isinstance(value, list) else value


def load_rules(folder: Path = RULES) -> tuple[RuleFile, ...]:
    """Every rule file of a folder; DataFileError names file and line of the first mistake."""
    return tuple(datafile.load(path, RuleFile) for path in sorted(folder.glob("*.yaml")))
