"""What ships as data, read as it stands: every wording of the phrasebooks may be said, every prompt says what it must.

A draft uses one wording of many, so a bad one may not show for weeks; here each is checked by itself.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import re2
from pydantic import Field, field_validator

from assistant.guardrails import Guardrails
from assistant.guardrails.samples import filled, said_under
from evals.origin import Sourced, from_file
from evals.registry import Suite, register
from evals.text import said
from evals.values import CaseResult, CaseTrace, CheckedReply, CheckResult
from evals.ways import checked
from knowledge import datafile
from knowledge.phrasebook import Phrasebook, Slot
from knowledge.points import PointBook
from knowledge.values import AuthorityKind, Value
from prompts import PROMPTS, Prompt

if TYPE_CHECKING:
    from assistant.application import Kefu

PROMPT_CASES = Path(__file__).parent / "suites" / "prompts.yaml"


class WordingCase(Value):
    """One wording of a phrasebook's (or a point's) move, and what must be authorised before it is said. Its id moves with its words."""

    id: str
    situation: str
    move: str
    zh: str
    en: str
    authority: tuple[AuthorityKind, ...]
    lacks: tuple[Slot, ...] = ()


def wordings(folder: Path | None = None) -> tuple[WordingCase, ...]:
    """Every wording of the shipped phrasebooks and points, or of a folder of phrasebooks."""
    book = Phrasebook.load(folder) if folder else Phrasebook.load()
    moves = [(entry.situation, move) for entry in book.entries for move in entry.moves]
    if folder is None:
        moves += [(point.id, move) for point in PointBook.load().points for move in point.moves]
    found: dict[str, WordingCase] = {}
    for situation, move in moves:
        for wording in move.wordings:
            key = f"{wording.zh}|{wording.en}|{sorted(move.authority)}|{sorted(move.lacks)}"
            case = f"{situation}.{move.move}.{hashlib.sha256(key.encode()).hexdigest()[:8]}"
            found[case] = WordingCase(
                id=case,
                situation=situation,
                move=move.move,
                zh=wording.zh,
                en=wording.en,
                authority=move.authority,
                lacks=move.lacks,
            )
    return tuple(found.values())


@cache
def _rules() -> Guardrails:
    return Guardrails.load()


def run_wordings(_: Kefu, cases: Sequence[WordingCase]) -> Iterator[CaseTrace]:
    """Fill each wording, Chinese and English, and have it checked where all that its move asks for is authorised.

    By the rules alone: the semantic layer reads replies, and a wording is a piece of one (of the shipped ones it would
    block 8%, nearly all of them harmless).
    """
    from evals.tracing import found_in

    for case in cases:
        started = time.perf_counter()
        context = said_under(case.authority, case.lacks)
        texts = [text for text in (filled(case.zh), filled(case.en, english=True)) if text]
        checks = [(text, _rules().check(text, context)) for text in texts]
        reasons = [
            said(
                "wording.blocked",
                text=text,
                situation=case.situation,
                found="、".join(f"{f.category}「{f.text}」" for f in verdict.findings if f.severity == "block"),
            )
            for text, verdict in checks
            if verdict.verdict == "block"
        ]
        unknown = any(verdict.verdict == "unknown" for _, verdict in checks)
        told = [said("guard.unchecked")] if unknown else reasons
        result = CaseResult(
            id=case.id,
            outcome="error" if unknown else "failed" if reasons else "passed",
            reasons=tuple(r.zh for r in told),
            reasons_en=tuple(r.en for r in told),
            tags=(case.situation, case.move),
            reply=texts[0],
            cluster=f"{case.situation}.{case.move}",
            marks={} if unknown else {"pass_rate": float(not reasons)},
            seconds=round(time.perf_counter() - started, 4),
        )
        seen = tuple(
            CheckedReply(reply=text, verdict=verdict.verdict, findings=found_in(verdict.findings))
            for text, verdict in checks
        )
        yield CaseTrace(suite="phrasebook", result=result, checked=seen)


class PromptCase(Sourced):
    """Something that a prompt must say: `any` of these patterns in its text, in which each variable stands as `$name`."""

    id: str
    prompt: str
    meaning: str
    any: tuple[str, ...] = Field(min_length=1)
    why: str

    @field_validator("any")
    @classmethod
    def _patterns_compile(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(checked, value))


class _PromptFile(Value):
    cases: tuple[PromptCase, ...]


def prompt_cases() -> tuple[PromptCase, ...]:
    return from_file(PROMPT_CASES, datafile.load(PROMPT_CASES, _PromptFile).cases)


def run_prompts(_: Kefu, cases: Sequence[PromptCase], folder: Path = PROMPTS) -> Iterator[CaseTrace]:
    """Read each prompt and look for what it must say. A prompt that can't be loaded is an error."""
    for case in cases:
        prompt = datafile.load(folder / f"{case.prompt}.yaml", Prompt)
        text = f"{prompt.system}\n{prompt.user}"
        holds = any(re2.search(pattern, text) for pattern in case.any)
        reason = said("prompt.lacks", prompt=case.prompt, meaning=case.meaning, why=case.why)
        result = CaseResult(
            id=case.id,
            outcome="passed" if holds else "failed",
            reasons=() if holds else (reason.zh,),
            reasons_en=() if holds else (reason.en,),
            tags=(case.prompt,),
            shown=case.meaning,
            cluster=case.prompt,
            marks={"pass_rate": float(holds)},
            checks=(CheckResult(check="says", passed=holds, reason=case.meaning),),
        )
        yield CaseTrace(suite="prompts", result=result)


register(
    Suite("phrasebook", wordings, run_wordings, frozenset({"guardrails"}), code=("suite_shipped.py",), shipped=True)
)
register(Suite("prompts", prompt_cases, run_prompts, frozenset({"prompts"}), code=("suite_shipped.py", "ways.py")))
