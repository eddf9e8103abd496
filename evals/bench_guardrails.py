"""How fast the guardrails are beside the nearest peer's simplest scanner, in one run.

The peer is llm-guard's `BanSubstrings`: for each substring one `re.search` between word boundaries (its "word" mode), or
one `in` (its "str" mode), over the whole text; a list of what matched. The library itself brings models and is no
dependency; its documented loop is written out here as it is (llm_guard/input_scanners/ban_substrings.py).
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Sequence

from assistant.guardrails import CheckContext, Guardrails
from assistant.guardrails.fold import folder
from assistant.terminal import say
from evals.guard import load_cases
from evals.suite_guard import GUARD

SUBSTRINGS = 130
LENGTH = 170
"""Characters of a reply: what the peer was measured on."""


def report() -> None:
    """Say how long a check takes, the first and the usual, and its ratio to the peer's loop."""
    started = time.perf_counter()
    guardrails = Guardrails.load()
    loaded = time.perf_counter()
    replies = _replies()
    guardrails.check(replies[0], CheckContext())
    first = time.perf_counter()
    banned = _substrings()
    context = CheckContext()
    for reply in replies:
        guardrails.check(reply, context)
    ours, words, plain = _medians(
        replies,
        lambda reply: guardrails.check(reply, context),
        lambda reply: ban_substrings(reply, banned, whole_words=True),
        lambda reply: ban_substrings(reply, banned, whole_words=False),
    )
    say(f"guardrails: loaded in {(loaded - started) * 1e3:.0f} ms, first check {(first - loaded) * 1e3:.1f} ms")
    say(
        f"rules and ledger on a reply of {LENGTH} characters: {ours * 1e6:.0f} µs; BanSubstrings with {SUBSTRINGS} substrings: "
        f"{words * 1e6:.0f} µs by words (ratio {ours / words:.2f}), {plain * 1e6:.0f} µs by plain `in` (ratio {ours / plain:.0f})"
    )


def ban_substrings(prompt: str, substrings: Sequence[str], *, whole_words: bool) -> list[str]:
    """The peer's loop: the substrings that are found."""
    matched: list[str] = []
    for s in substrings:
        if whole_words:
            if re.search(r"\b" + s + r"\b", prompt):
                matched.append(s)
        elif s in prompt:
            matched.append(s)
    return matched


def _replies() -> list[str]:
    """Ordinary replies of the guard suite, joined and cut to LENGTH."""
    text = "".join(case.reply for case in load_cases(GUARD) if case.expect == "pass" and not case.authorised)
    return [text[i : i + LENGTH] for i in range(0, min(len(text), LENGTH * 60) - LENGTH + 1, LENGTH)]


def _substrings() -> list[str]:
    return sorted(folder().guarded)[:SUBSTRINGS]


def _medians(replies: Sequence[str], *ways: Callable[[str], object]) -> list[float]:
    """For each way, the median over the replies of the best of nine runs, in seconds; the ways take turns."""
    best: list[list[float]] = [[] for _ in ways]
    for reply in replies:
        runs: list[list[float]] = [[] for _ in ways]
        for _ in range(9):
            for way, what in enumerate(ways):
                started = time.perf_counter()
                what(reply)
                runs[way].append(time.perf_counter() - started)
        for way, times in enumerate(runs):
            best[way].append(min(times))
    return [statistics.median(times) for times in best]
