"""Who only asks how things go, and is told all of it, is promised nothing more: no checking, no day by which they hear."""

from __future__ import annotations

from collections.abc import Sequence

import re2

from assistant.engines import Brief
from assistant.engines.matter import matter_of
from assistant.engines.moves import PlannedMove
from assistant.engines.questions import open_questions
from assistant.situation.questions import Asked
from assistant.situation.script import folded
from assistant.values import PointMade

_OF_RULES = frozenset(
    {
        "after.return_freight", "after.refund_status", "after.refund_amount", "after.no_reason_return", "after.return_how",
        "after.many_questions", "after.price_drop",
        "pre.bargain_freeship", "pre.coupon_question",
        "in.confirm_receipt", "in.cancel_order", "in.delivery_refused", "in.sign_check",
    }
)  # fmt: skip
"""Situations in which people ask how it goes before anything is under way."""
_UNDER_WAY = re2.compile(
    r"还没|没(?:有)?(?:收|到|退|人|动|回|消息)|一直|怎么还|迟迟|催|帮我|给我(?:退|取消|办|改|处理)|我要(?:取消|退)|申请(?:了|过|退款)|寄(?:回|出)(?:去|了|来)|垫|扣了|少退|多收|坏|破|碎|漏|错|"
    r"凭什么|投诉|马上|赶紧|着急|still|never|already|not (?:yet|received)|please cancel|broken|wrong"
)
"""Words of something that is to be done or looked into, beside what is asked."""
_LEAVES_OPEN = re2.compile(
    r"去问|问准|我问|去查|我查|去核|核(?:准|实|清|一)|我去看|我看|请示|报(?:给|主管)|告诉您结果|I'll (?:ask|check|find)"
)
_BESIDE_MOST = 14
"""Characters beside the questions, from which something was told as well."""


def is_settled(
    moves: Sequence[PlannedMove],
    asked: Sequence[Asked],
    brief: Brief,
    points: Sequence[PointMade],
    intents: Sequence[str],
) -> bool:
    """Whether a calm turn only asks about rules and `moves` answer every question of it."""
    turn = folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    if not asked or brief.situation.emotion not in ("calm", "pleased") or not _OF_RULES.intersection(intents[:1]):
        return False
    matter = matter_of(brief.conversation)
    tells = matter is not None and matter.words and not any(folded(matter.words) in folded(q.text) for q in asked)
    if tells or _UNDER_WAY.search(turn):
        return False
    beside = sum(c.isalnum() for c in turn) - sum(sum(c.isalnum() for c in q.text) for q in asked)
    told = [m for m in moves if m.is_substance and (m.point or m.move.mentions or m.move.authority or m.move.needs)]
    if beside > _BESIDE_MOST or not told or any(m.situation.startswith("rest.") for m in moves if m.is_substance):
        return False
    if any(_LEAVES_OPEN.search(w.zh) for m in moves if m.is_substance for w in m.wordings):
        return False
    return not open_questions(asked, brief, points, moves)


def without_promises(moves: Sequence[PlannedMove]) -> tuple[PlannedMove, ...]:
    """`moves` without what the frame would look into or ask; what a point does or asks stays."""
    return tuple(m for m in moves if m.point or m.move.move not in ("next_step", "ask"))
