"""Replies that the golden checks themselves are tried on: good ones in another voice pass, careless ones are caught."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import model_validator

from evals.checks import Seen
from evals.golden import GoldenCase, word_checks
from evals.origin import Sourced, from_file
from evals.values import CheckResult
from knowledge import datafile
from knowledge.values import Value

REPLIES = Path(__file__).parent / "suites" / "golden_replies.yaml"


class TriedReply(Sourced):
    """A reply to a golden conversation: `good` must pass its checks, `bad` must fail the check named by `fails`."""

    case: str
    good: str = ""
    bad: str = ""
    fails: Literal["says", "asks", "offers", "does-not", "language", "length", "numbers", "repetition", ""] = ""

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if bool(self.good) == bool(self.bad):
            raise ValueError("give either a good or a bad reply")
        if bool(self.bad) != bool(self.fails):
            raise ValueError("a bad reply names the check that it fails, a good one fails none")
        return self


class _File(Value):
    replies: tuple[TriedReply, ...]


def load_replies(path: Path = REPLIES) -> tuple[TriedReply, ...]:
    """Every reply; DataFileError names file and line of the first mistake."""
    return from_file(path, datafile.load(path, _File).replies)


def misjudged(cases: Mapping[str, GoldenCase], replies: Iterable[TriedReply]) -> Iterator[tuple[TriedReply, str]]:
    """Replies that the checks judge wrongly, with what they said. A reply to a case that is not there is one, too."""
    for reply in replies:
        case = cases.get(reply.case)
        if case is None:
            yield reply, f"没有用例 {reply.case}"
            continue
        missed = _missed(case, reply.good or reply.bad)
        if reply.good and missed:
            yield reply, ";".join(f"{m.check}:{m.reason}" for m in missed)
        if reply.bad and reply.fails not in {m.check for m in missed}:
            yield reply, f"没有被 {reply.fails} 指出来"


def _missed(case: GoldenCase, reply: str) -> tuple[CheckResult, ...]:
    seen = Seen(reply, case.given)
    return tuple(result for check in word_checks(case) if not (result := check(seen)).passed)
