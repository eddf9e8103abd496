"""How long a reply is: what it keeps, and what gives way first, from courtesies to the core."""

from __future__ import annotations

from collections.abc import Sequence

import re2

from assistant.engines import Brief
from assistant.engines.meeting import MET
from assistant.engines.moves import PlannedMove, says_sorry
from assistant.engines.naming import NAMED
from assistant.engines.noting import NOTED
from assistant.engines.numbered import OPEN
from assistant.engines.telling import TOLD
from assistant.situation.numbered import numbered
from assistant.situation.questions import questions_of

_MOST_SUBSTANCE = 4
_LONGEST = {"zh": 132, "en": 400}
"""Characters of a reply: 50 to 130 Chinese ones are read in a chat, more are skimmed."""
_LONGEST_LIST = {"zh": 160, "en": 480}
"""The same where `_MANY` questions wait: who numbers what they ask reads the answers."""
_SHORTER = {"zh": 90, "en": 240}
_MANY = 3
_LIST = "after.many_questions"
_ROOM = 8
"""Characters in which a question is named that nothing answers."""
_NAMED = 3
"""So many are named at most when room is made for them."""
_ANSWER = 6
"""Worth from which a move answers what was asked."""
_CORE = 10
"""Worth from which a move is never left out."""
_RECORD = frozenset(
    {
        "tracking_status", "signed_by", "loss_recorded", "on_its_way_back", "part_waiting", "part_travelling", "left_at", "presale_over",
        "presale_left", "refund_state", "noted", "ship_overdue", "waiting_status", "shipped_in_time", "shipped_late",
    }
)  # fmt: skip
"""What only the order's record can say: who asks about their parcel is told it, whatever else gives way."""
_OF_EVIDENCE = frozenset(
    {
        "after.damaged", "after.quality", "after.missing_item", "after.wrong_item", "after.expired", "after.not_as_described",
        "after.install_fee",
    }
)  # fmt: skip
_WANTS_A_SUPERIOR = "beside.supervisor"
"""Who calls for the manager is told what becomes of that, though another matter is answered."""
_PICTURE = re2.compile("拍|照|图|视频")
_MEETING = ("acknowledge", "apologise")
"""How the customer is met: the first of these is worth as much as an answer, a second is courtesy."""


def longest(brief: Brief) -> int:
    """Characters that a reply may have in its language and tone."""
    many = len(questions_of(brief.conversation)) >= _MANY or bool(numbered(brief.conversation))
    limits = _SHORTER if brief.tone == "shorter" else _LONGEST_LIST if many else _LONGEST
    return limits["en" if brief.situation.language == "en" else "zh"]


def least_needed(moves: Sequence[PlannedMove]) -> int | None:
    """The index of the move to leave out when the reply is too long; None when only the core is left."""
    if len(moves) <= 2:
        return None
    worst = min(range(len(moves)), key=lambda i: (_worth(moves, i), -i))
    return None if _worth(moves, worst) >= _CORE else worst


def fitting(moves: Sequence[PlannedMove], brief: Brief, questions: int) -> tuple[PlannedMove, ...]:
    """`moves` that leave room in a reply of its length for naming some of `questions` (a count), which nothing answers as yet. An
    opening that says nothing of what was told gives way to answers.
    """
    room = _ROOM * min(questions, _NAMED)
    english = brief.situation.language == "en"
    kept = list(moves)
    limit = longest(brief) - room * (3 if english else 1)
    while sum(min(len(w.en if english else w.zh) for w in m.wordings) for m in kept) > limit:
        out = next((i for i, m in enumerate(kept) if _is_mere_opening(m)), None)
        out = least_needed(kept) if out is None else out
        if out is None:
            break
        del kept[out]
    return tuple(kept)


def _is_mere_opening(planned: PlannedMove) -> bool:
    opens = planned.move.move in ("greet", "acknowledge") and not says_sorry(planned)
    of_the_list = planned.situation == _LIST  # that each is answered is seen by the answers
    return opens and (of_the_list or not (planned.point or planned.move.mentions or planned.own))


def short_of_a_letter(moves: Sequence[PlannedMove]) -> tuple[PlannedMove, ...]:
    """`moves` with at most four of substance, but for the answers to what was asked."""
    kept = list(moves)
    while sum(m.is_substance for m in kept) > _MOST_SUBSTANCE:
        worst = min((i for i, m in enumerate(kept) if m.is_substance), key=lambda i: (_worth(kept, i), -i))
        if _worth(kept, worst) >= _ANSWER:
            break
        del kept[worst]
    return tuple(kept)


def _worth(moves: Sequence[PlannedMove], index: int) -> int:
    """What a move is worth to a reply that is too long, from courtesies to what must be said."""
    if moves[index].situation == _WANTS_A_SUPERIOR:
        return 8
    told = _record_in(moves[index])
    if told:
        return 2 if any(told & _record_in(m) for m in moves[:index]) else 9
    return _worth_beside_the_record(moves, index)


def _record_in(planned: PlannedMove) -> frozenset[str]:
    """What a move tells of the order's record."""
    if planned.move.move != "fact":
        return frozenset()
    return _RECORD.intersection(*(w.slots for w in planned.wordings))


def _worth_beside_the_record(moves: Sequence[PlannedMove], index: int) -> int:
    planned = moves[index]
    kind = planned.move.move
    if kind in ("safety", "next_step") or planned.label or planned.situation.startswith(OPEN):
        return _CORE
    if planned.own or planned.situation.startswith((TOLD, NOTED)):
        echo = planned.situation.startswith(TOLD)
        # where questions are left to name, what was told is shown to be read by the answers
        met = echo and any(
            (m.move.move in _MEETING and m.situation != MET) or m.point == NAMED for m in (*moves[:index], *moves[-2:])
        )
        return 7 if met else 8 if planned.primary else 6  # what asks nothing of us is worth less than an apology
    if planned.point == NAMED:
        return 9
    if kind in ("greet", "close", "thank"):
        return 0
    if planned.is_substance:
        answer = bool(planned.move.mentions or planned.point)
        if not answer and planned.situation.startswith("general."):
            return 1
        if planned.move.authority and kind in ("offer", "fact", "explain", "decline"):
            return 9
        if kind == "advise" and any(m.move.move == "safety" for m in moves):
            return 7  # what someone in danger has to do
        if kind == "advise" or (kind == "explain" and not answer):
            again = any(m.point == planned.point and m.is_substance for m in moves[:index])
            careful = planned.situation == "pre.safety_question"  # "ask the doctor" is the answer there
            named = 2 * (careful or (bool(planned.move.mentions) and planned.situation.startswith("pre.")))
            return 1 if not answer else 3 if again else 6 + named
        if answer:
            again = any(m.point == planned.point and m.is_substance for m in moves[:index] if m.point)
            return 4 if again else 8
        return 2 if not planned.primary and kind != "offer" else 5
    if kind == "ask":
        quote = any("bulk_missing" in w.slots for w in planned.wordings)  # without it nobody can quote
        return 9 if quote or _wants_evidence(planned) else 4
    return _worth_of_meeting(moves, index) if kind in _MEETING else 4


def _wants_evidence(planned: PlannedMove) -> bool:
    """Whether a picture is asked for without which nobody can judge what was received."""
    return planned.situation in _OF_EVIDENCE and all(_PICTURE.search(w.zh) for w in planned.wordings)


def _worth_of_meeting(moves: Sequence[PlannedMove], index: int) -> int:
    """How the customer is met first is worth an answer; after that, what is particular or the only apology is worth more."""
    planned = moves[index]
    thanks = any("谢" in w.zh for w in planned.wordings)
    if planned.situation == MET and not thanks and any(m.situation.startswith(TOLD) for m in moves):
        return 3  # what they told, said back, meets them better
    if not any(m.move.move in _MEETING and not m.situation.startswith(NOTED) for m in moves[:index]):
        return 8
    only = planned.move.move == "apologise" and not any(says_sorry(m) for m in moves if m is not planned)
    return 7 if planned.point or only else 3
