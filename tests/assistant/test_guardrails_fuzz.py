"""Whatever stands in a reply, a check ends with a verdict: no error, every span exact, no more work than its length."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.guardrails import CheckContext, Guardrails, clauses
from assistant.guardrails.clauses import Reading
from assistant.guardrails.fold import fold
from assistant.guardrails.ledger import Ledger
from assistant.guardrails.matching import RuleBook
from assistant.guardrails.rulefile import load_rules

_PIECES = (
    "亲，", "补您30元", "明天到", "加 薇 信", "加❤V", "【姓名】", "保证", "不", "如果", "吗？", "“", "”", "《", "。", "，", "\n", " ",
    "ｗｅｃｈａｔ", "bu chang", "zhi量", "賠償", "\u200b", "\u0301", "㍿", "①②", "½", "İ", "ß", "ﷺ", "👨‍👩‍👧", "5-0-0", "[补][偿]", "\u202e",
    "13800138000", "¥", "%", "{{name}}", "refund ", "guarantee ", "九九八十一", "1" * 30, "\x00", "\ud7ff", "𠮷",
)  # fmt: skip
"""What the readers of a reply look out for, and what breaks careless ones."""
_TEXTS = st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=12)), max_size=24).map("".join)


@pytest.fixture(scope="module")
def guardrails() -> Guardrails:
    return Guardrails.load()


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return RuleBook(load_rules())


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_TEXTS)
def test_any_text_gets_a_verdict_with_exact_spans(guardrails: Guardrails, reply: str) -> None:
    verdict = guardrails.check(reply, CheckContext())
    assert verdict.verdict in {"pass", "block"}, "a check that failed would make it unknown"
    assert (verdict.verdict == "block") == any(f.severity == "block" for f in verdict.findings)
    for f in verdict.findings:
        a, b = f.span
        assert 0 <= a < b <= len(reply)
        assert reply[a:b] == f.text


@settings(max_examples=120, deadline=None)
@given(_TEXTS)
def test_folding_any_text_keeps_every_characters_place(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert all(0 <= a < b <= len(text) for a, b in zip(folded.starts, folded.ends, strict=True))
    assert list(folded.starts) == sorted(folded.starts)


class _Counted:
    """Stands for a pattern and counts the bytes that it is asked to look at."""

    def __init__(self, pattern: re.Pattern[str], seen: list[int]) -> None:
        self._pattern = pattern
        self._seen = seen

    def __getattr__(self, name: str) -> object:
        what = getattr(self._pattern, name)

        def looked(*given: object) -> object:
            self._seen.append(next(len(g) for g in given if isinstance(g, str)))
            return what(*given)

        return looked


@pytest.mark.parametrize("piece", ["补您30元", "保证明天一定到,", "加微信", "不", "“", "如果您", "refund 50 yuan "])
def test_twice_the_text_is_at_most_twice_the_reading(
    monkeypatch: pytest.MonkeyPatch, book: RuleBook, piece: str
) -> None:
    seen: list[int] = []
    for name, value in vars(clauses).copy().items():
        if isinstance(value, re.Pattern):
            monkeypatch.setattr(clauses, name, _Counted(value, seen))

    def work(times: int) -> int:
        seen.clear()
        book.breaches(Reading(fold(piece * times).text), Ledger((), None, None))
        return sum(seen)

    work(10)
    assert work(1600) <= 2.2 * work(800)
