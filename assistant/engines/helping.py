"""What the shop allows and what the order says, told wherever it helps and nothing in the plan tells it yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from pydantic import field_validator

from assistant.engines import Brief
from assistant.engines.moves import PlannedMove, pattern, usable
from assistant.engines.sameness import alike
from assistant.situation.questions import Asked
from assistant.situation.script import folded
from assistant.values import Risk
from knowledge import datafile
from knowledge.phrasebook import MoveKind, Phrasebook, Slot, linear_pattern
from knowledge.values import AuthorityKind, Value

HELPS = Path(__file__).parent / "helps.yaml"
_OWN = 2
"""The first situations in which something helps are its own matter: a whole reply in those says what it wants of it."""
_MOST = 2
"""Things added to a plan: a reply is no price list."""
_WAY: Slot = "tracking_status"
"""Many moves turn on there being a record of the way; only a fact tells it."""
_BEYOND: dict[AuthorityKind, Slot] = {
    "compensation_up_to": "sum_over_limit", "refund_approved": "sum_over_refund", "price_protection_30d": "price_gap",
}  # fmt: skip
"""What a customer demands more than is granted: then what can be done now is offered, the rest goes to the supervisor. A
difference that can be computed is told as a sum."""


class Help(Value):
    """An entry of the fallback phrasebook, and where it helps to say it; `instead_of` are general moves it makes needless.

    `asked` are words of the last turn that ask for just this, `asks` those of one among several questions: then it helps in
    whatever situation. `says` are words by which a planned move, in every wording, tells it already. A fact leads,
    unless it comes `after_answers` and was not asked for. `risk`: what is said beside any matter of a turn that bears this risk.
    """

    say: str
    authority: AuthorityKind | None = None
    told: tuple[Slot, ...] = ()
    instead_of: tuple[MoveKind, ...] = ()
    where: tuple[str, ...] = ()
    mentions: str = ""
    unless: str = ""
    asked: str = ""
    asks: str = ""
    says: str = ""
    risk: Risk | None = None
    after_answers: bool = False

    @field_validator("mentions", "unless", "asked", "asks", "says")
    @classmethod
    def _pattern_compiles(cls, value: str) -> str:
        return linear_pattern(value)


class HelpBook(Value):
    """All that is told where it helps, the most pressing first."""

    helps: tuple[Help, ...]

    @classmethod
    def load(cls, path: Path = HELPS) -> HelpBook:
        """Raises DataFileError with file and line of the first mistake."""
        return datafile.load(path, cls)


@lru_cache(maxsize=1)
def shipped_helps() -> HelpBook:
    """The book that ships with the product."""
    return HelpBook.load()


def with_what_helps(
    moves: Sequence[PlannedMove],
    wishes: frozenset[str],
    brief: Brief,
    slots: Mapping[Slot, str],
    fallback: Phrasebook,
    asked: Sequence[Asked] = (),
    *,
    beside: Sequence[str] | None = None,
) -> tuple[PlannedMove, ...]:
    """`moves` and up to two more, besides what answers a question; `wishes` are the situations at hand, `asked` the
    questions that `moves` leave. Money that nobody spoke of is not offered. `beside`: situations that are
    answered as a whole; then nothing is added but what the shop allows in other matters.
    """
    out = [m for m in moves if not _unasked(m, brief)]
    customer = " ".join(folded(m.text) for m in brief.conversation.messages if m.role == "customer")
    turn = " ".join(folded(m.text) for m in brief.conversation.last_customer_turn)
    left = [folded(q.text) for q in asked]
    granted = {a.kind for a in brief.conversation.policy.authorities}
    added = 0
    for help_ in shipped_helps().helps:
        answers = bool(help_.asks) and any(pattern(help_.asks).search(q) for q in left)
        by_name = help_.authority == "gift" and bool(help_.asks) and slots.get("gift_asked", "")
        answers = answers or bool(by_name and any(folded(by_name)[-2:] in q for q in left))
        if added == _MOST and not answers:
            continue
        if help_.authority not in granted and (beside is not None or help_.authority is not None):
            continue
        if beside is not None and {*help_.where[:_OWN]} & {*beside}:
            continue
        named = answers or (bool(help_.asked) and pattern(help_.asked).search(turn) is not None)
        named = named or (help_.risk is not None and help_.risk in brief.situation.risks)
        if not (named or wishes.intersection(help_.where)) or _is_told(help_, out, slots):
            continue
        if help_.mentions and not named and not pattern(help_.mentions).search(customer):
            continue
        if help_.unless and pattern(help_.unless).search(customer):
            continue
        (entry, *_) = fallback.by_situation[help_.say]
        new = [m for m in usable(entry.moves, brief, slots, entry.situation, point=help_.say) if m.move.move != "close"]
        said = [m for m in new if m.move.move != "next_step"][:1]
        if not said or any(
            o.point and o.is_substance and alike(said[0], o) and not _falls_short(o, help_, slots) for o in out
        ):
            continue
        settled = _points_naming(by_name, brief) if by_name else frozenset[str]()
        out = [m for m in out if not (_falls_short(m, help_, slots) or _is_needless(m, help_, said[0]))]
        out = [m for m in out if not (m.point in settled and m.is_substance and not m.move.authority)]
        out = _placed(out, said[0], leads=named or not help_.after_answers)
        if not any(m.move.move == "next_step" for m in out):
            out += [m for m in new if m.move.move == "next_step"]
        added += not answers and said[0].move.move != "acknowledge"  # a human word takes nobody's place
    return tuple(out)


def _points_naming(gift: str, brief: Brief) -> frozenset[str]:
    """The points made by words that name a gift which is granted: whether it can be had is answered by that."""
    return frozenset(
        p.point
        for p in brief.situation.points
        if folded(gift)[-2:] in folded(brief.conversation.messages[p.message].text[p.start : p.end])
    )


def _is_needless(move: PlannedMove, help_: Help, new: PlannedMove) -> bool:
    """Whether a general move says no more than the new one, or is of a kind that the new one makes needless."""
    kind = move.move.move
    if kind == "ask":
        return kind in help_.instead_of or new.move.move == "ask"
    if move.point:
        return False
    return kind in help_.instead_of or (move.is_substance and not move.move.authority and alike(move, new))


def _falls_short(move: PlannedMove, help_: Help, slots: Mapping[Slot, str]) -> bool:
    """Whether an offer leaves out the sum that was demanded beyond it."""
    beyond = _BEYOND.get(help_.authority) if help_.authority is not None else None
    return (
        beyond is not None
        and beyond in slots
        and help_.authority in move.move.authority
        and beyond not in move.move.needs
    )


def _is_told(help_: Help, moves: Sequence[PlannedMove], slots: Mapping[Slot, str]) -> bool:
    """Whether a move carries out the authority as far as it goes, or tells it or one of the facts in every wording."""
    if help_.says and any(
        (m.is_substance or m.move.move == "thank") and all(pattern(help_.says).search(folded(w.zh)) for w in m.wordings)
        for m in moves
    ):
        return True
    if help_.authority is not None:
        return any(help_.authority in m.move.authority and not _falls_short(m, help_, slots) for m in moves)
    return any(
        any(
            (slot in m.move.needs and (slot != _WAY or m.move.move == "fact"))
            or all(slot in w.zh_slots for w in m.wordings)
            for slot in help_.told
        )
        for m in moves
    )


def _placed(moves: Sequence[PlannedMove], new: PlannedMove, leads: bool) -> list[PlannedMove]:
    """An acknowledgement takes the place of the plan's own and of its apology; a fact that was asked for leads (one that was
    not comes after what answers a point), an offer ends the substance."""
    if new.move.move == "acknowledge":
        return [new, *(m for m in moves if m.move.move not in ("greet", "acknowledge", "apologise"))]
    if new.move.move == "fact":
        at = next(
            (
                i
                for i, m in enumerate(moves)
                if (m.is_substance and (leads or not m.point)) or m.move.move in ("ask", "next_step", "close")
            ),
            None,
        )
    else:
        at = next((i for i, m in enumerate(moves) if m.move.move in ("ask", "next_step", "close")), None)
    return [*moves, new] if at is None else [*moves[:at], new, *moves[at:]]


def _unasked(move: PlannedMove, brief: Brief) -> bool:
    """Whether money is offered for a trouble though nobody spoke of money."""
    if move.move.move != "offer" or "compensation_up_to" not in move.move.authority:
        return False
    if {"share_within_limit", "sum_within_limit"}.intersection(
        move.move.needs
    ):  # a sum of theirs, or of the pieces they count
        return False
    asked = next(h.mentions for h in shipped_helps().helps if h.authority == "compensation_up_to")
    said = " ".join(folded(m.text) for m in brief.conversation.messages if m.role == "customer")
    return pattern(asked).search(said) is None
