"""What each clause of a reply states: its place, its stance and what it names. For layers that judge whole clauses."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.guardrails import amounts
from assistant.guardrails.clauses import Reading, Stance


@dataclass(frozen=True, slots=True)
class Statement:
    """A clause at folded[start:end). `stances` are those of its end, where Chinese and English put what is said.

    Money in yuan, shares in percent, `hours` the tightest time limit from now, lengths in months.
    """

    start: int
    end: int
    text: str
    sentence: tuple[int, int]
    stances: frozenset[Stance]
    yuan: tuple[float, ...]
    percent: tuple[float, ...]
    hours: float | None
    months: tuple[float, ...]

    @property
    def asserted(self) -> bool:
        """Whether nothing takes the clause back: no negation, question, quotation, attribution or condition."""
        return self.stances <= {"asserted", "reported", "supposed"}


def statements(reading: Reading) -> tuple[Statement, ...]:
    """Every clause of a reply with its stance and amounts, in order. Time is linear in the reply's length."""
    return tuple(_statement(reading, c.start, c.end, c.sentence) for c in reading.clauses if c.end > c.start)


def _statement(reading: Reading, start: int, end: int, sentence: tuple[int, int]) -> Statement:
    text = reading.text[start:end]
    limit = amounts.deadline(text[:400])
    tail = max(start, end - max(2, (end - start) // 3))
    return Statement(
        start=start,
        end=end,
        text=text,
        sentence=sentence,
        stances=reading.stances(tail, end),
        yuan=amounts.yuans(text[:400]),
        percent=amounts.percents(text[:400]),
        hours=limit.hours if limit else None,
        months=amounts.months(text[:400]),
    )
