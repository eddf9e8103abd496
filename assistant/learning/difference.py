"""What an agent changed in a draft, and of what kind the change is.

The rule, on both replies in normal form (the words are in `kinds.yaml`):

* nothing differs but white space and punctuation marks: sent as it is, no kind;
* **fact**: a number with what it counts, a day or time of day, a courier, masked personal data or a fact of the order
  stands in one reply and not in the other;
* **policy**: what is granted, refused or made to depend on something (refund, exchange, freight …) differs, by subject and
  stance of the clause; what is asked or quoted grants nothing;
* **tone**: the ways in which the customer is spoken to (form of address, 您 or 你, apology, thanks, empathy, particles,
  exclamation and emoji) that are used at all differ;
* **length**: the sent reply has at most 3/4 or at least 4/3 of the draft's characters, ten or more apart;
* **wording**: it differs, and in none of these.

An edit may be of several kinds. It is a rewriting when the two replies have less than `REWRITTEN` of their characters in
common, in the same order; our own line: a sentence put in or a clause mended stays above it, a reply of one's own below.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import re2
from pydantic import field_validator

from assistant.conversation import Order
from assistant.guardrails.amounts import number
from assistant.guardrails.clauses import Reading
from assistant.guardrails.fold import fold
from assistant.learning.values import Difference, Extent, Kind
from assistant.situation.script import folded
from knowledge import datafile
from knowledge.phrasebook import MoveKind, Slot, linear_pattern
from knowledge.values import Value

KINDS = Path(__file__).with_name("kinds.yaml")
REWRITTEN = 0.6
SHORTER, LONGER, LEAST_APART = 0.75, 4 / 3, 10
ALIKE = 0.5
"""Share of character pairs (Dice) from which two clauses say the same."""
LEAST_PHRASE = 4
"""Characters of a phrase that says something."""
_MOST = 2_000
"""Characters that are compared: a chat reply is far shorter, and comparing takes the square of the length."""
_CLAUSE = re2.compile(r"[^,，。.!！?？;；\n]+[,，。.!！?？;；\n]*")
_HAN_NUMBER = re2.compile(r"^[一二两三四五六七八九十百千万]+")
_ANSWER_BY = re2.compile(
    r"(?:今天|今日|今晚|明天|明早|明晚)(?:早上|上午|中午|下午|傍晚|晚上)?\d{1,2}(?:点半?|[::]\d{2})(?:钟)?(?:之|以)?前"
)
"""A time before which the agent answers: its own in each conversation (engines/clock.py)."""
_SENTENCE_END = re2.compile(r"[。!！?？;；\n]\s*$")
_SLOTTED: tuple[tuple[str, Slot], ...] = (
    ("item", "item"), ("courier", "courier"), ("tracking_status", "tracking_status"),
)  # fmt: skip


class _Named(Value):
    id: str
    pattern: str

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, value: str) -> str:
        return linear_pattern(value)


class _MoveOf(Value):
    move: MoveKind
    pattern: str

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, value: str) -> str:
        return linear_pattern(value)


class _File(Value):
    facts: tuple[str, ...]
    subjects: tuple[_Named, ...]
    tone: tuple[_Named, ...]
    moves: tuple[_MoveOf, ...]

    @field_validator("facts")
    @classmethod
    def _compile(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(linear_pattern(value) for value in values)


class _Signs(NamedTuple):
    facts: tuple[Any, ...]
    subjects: tuple[tuple[str, Any], ...]
    tone: tuple[tuple[str, Any], ...]
    moves: tuple[tuple[MoveKind, Any], ...]


@cache
def _signs(path: Path = KINDS) -> _Signs:
    file = datafile.load(path, _File)
    return _Signs(
        tuple(re2.compile(p) for p in file.facts),
        tuple((s.id, re2.compile(s.pattern)) for s in file.subjects),
        tuple((t.id, re2.compile(t.pattern)) for t in file.tone),
        tuple((m.move, re2.compile(m.pattern)) for m in file.moves),
    )


def compare(drafted: str, sent: str, order: Order | None = None) -> Difference:
    """How `sent` differs from `drafted`, by the rule above; `order` tells which words are its facts."""
    before, after = drafted[:_MOST], sent[:_MOST]
    plain, changed = bare(before), bare(after)
    if plain == changed:
        return Difference(extent="as_is", kinds=(), kept=1.0)
    kept = SequenceMatcher(None, plain, changed, autojunk=False).ratio()
    extent: Extent = "touched" if kept >= REWRITTEN else "rewritten"
    known = facts_of(order)
    return Difference(
        extent=extent,
        kinds=tuple(_kinds(before, after, known)),
        kept=round(kept, 3),
        added=new_phrases(slotted(after, known), slotted(before, known)),
        removed=new_phrases(before, after),
    )


def bare(text: str) -> str:
    """Normal form without white space and punctuation marks; emoji and ~ stay, they are tone."""
    return "".join(c for c in folded(text) if not c.isspace() and unicodedata.category(c)[0] != "P")


def facts_of(order: Order | None) -> Mapping[Slot, str]:
    """The order's facts that stand in replies word for word, by their slot; the longest first."""
    if order is None:
        return {}
    found = {slot: str(getattr(order, name) or "").strip() for name, slot in _SLOTTED}
    return {slot: said for slot, said in sorted(found.items(), key=lambda f: -len(f[1])) if len(said) > 1}


def slotted(text: str, known: Mapping[Slot, str]) -> str:
    """`text` with the order's facts and the agent's own answer-by time as slots; braces of its own become brackets, so that
    nothing else is one.
    """
    text = str(_ANSWER_BY.sub("{answer_by}", text.replace("{", "(").replace("}", ")")))
    for slot, said in known.items():
        text = text.replace(said, "{" + slot + "}")
    return text


def _kinds(before: str, after: str, known: Mapping[Slot, str]) -> Iterable[Kind]:
    one, other = folded(before), folded(after)
    found: list[Kind] = []
    if _facts(one, known) != _facts(other, known):
        found.append("fact")
    if _grants(before) != _grants(after):
        found.append("policy")
    if _tone(one) != _tone(other):
        found.append("tone")
    short, long = len(bare(before)), len(bare(after))
    if abs(long - short) >= LEAST_APART and not SHORTER < long / max(short, 1) < LONGER:
        found.append("length")
    return found or ["wording"]


def _facts(text: str, known: Mapping[Slot, str]) -> frozenset[str]:
    found = {_counted(m.group(0).replace(" ", "")) for p in _signs().facts for m in p.finditer(text)}
    return frozenset(found | {said for said in map(folded, known.values()) if said in text})


def _counted(said: str) -> str:
    """三天 as 3天: the same number is the same fact, however it is written."""
    match = _HAN_NUMBER.match(said)
    value = number(match.group(0)) if match else None
    return said if match is None or value is None else f"{value:g}{said[match.end() :]}"


def _grants(text: str) -> frozenset[tuple[str, str]]:
    """(subject, how it is put) for all that a reply grants, refuses or makes to depend on something."""
    reading = Reading(fold(text).text)
    found = set()
    for subject, pattern in _signs().subjects:
        for match in pattern.finditer(reading.text):
            stances = reading.stances(*match.span())
            if stances & {"asked", "quoted", "attributed", "requested"}:
                continue
            how = "refused" if "negated" in stances else "if" if stances & {"conditional", "supposed"} else "granted"
            found.add((subject, how))
    return frozenset(found)


def _tone(text: str) -> frozenset[str]:
    return frozenset(name for name, pattern in _signs().tone if pattern.search(text))


def move_of(phrase: str) -> MoveKind:
    """The move that a phrase makes, by its words."""
    text = folded(phrase)
    return next((move for move, pattern in _signs().moves if pattern.search(text)), "explain")


def new_phrases(text: str, than: str) -> tuple[str, ...]:
    """Phrases of `text` that `than` has nothing like: clauses that belong together are one phrase."""
    known = [pairs(clause) for clause, _ in _clauses(than)]
    whole = bare(than)
    found: list[str] = []
    open_ = ""
    for clause, ends in _clauses(text):
        said = bare(clause)
        new = len(said) > 1 and said not in whole and not any(dice(pairs(clause), other) >= ALIKE for other in known)
        if new:
            open_ += clause
        if open_ and (ends or not new):
            found.append(open_)
            open_ = ""
    phrases = (_trimmed(phrase) for phrase in (*found, open_))
    return tuple(dict.fromkeys(p for p in phrases if len(bare(p)) >= LEAST_PHRASE))


def _clauses(text: str) -> list[tuple[str, bool]]:
    """Each clause with its mark, and whether a sentence ends with it."""
    return [(m.group(0), bool(_SENTENCE_END.search(m.group(0)))) for m in _CLAUSE.finditer(text)]


def _trimmed(phrase: str) -> str:
    return str(phrase.strip().rstrip(",，;；").strip())


def pairs(text: str) -> frozenset[str]:
    """Character pairs of a text's bare form; the text itself where it has only one."""
    said = bare(text)
    return frozenset(said[i : i + 2] for i in range(len(said) - 1)) or frozenset({said})


def dice(one: frozenset[str], other: frozenset[str]) -> float:
    """2 x shared / all, 0 to 1."""
    return 2 * len(one & other) / max(len(one) + len(other), 1)
