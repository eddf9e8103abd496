"""What a message ordered the assistant to do is refused in a sentence, beside the answer to what the customer wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import re2

from assistant.engines import Brief
from assistant.engines.moves import PlannedMove, usable
from assistant.engines.taking_up import INJECTION
from assistant.situation.script import folded
from knowledge.phrasebook import Phrasebook, Slot

ORDERED = "ordered."
"""What the situations of its wordings begin with."""
_INSIDE = re2.compile(
    r"提示词?|设定|(?:内部|全部)(?:的)?(?:话术|规则|资料|指令|文件|数据)|后台数据|(?:别人|他人|其他|顾客|客户|用户|买家)[^,。]{0,8}(?:姓名|电话|手机|地址|信息|资料|名单)|system prompt|instructions you|(?:reveal|show|print|list)[^.]{0,16}(?:instructions|prompt|list|data|rules)|customer (?:data|list)|phone numbers?"
)
_MONEY = re2.compile(
    r"(?:改|调|按|降|给|发|退|赔|减|返|打|送|补偿?|同意|批准)[^,。\n]{0,12}(?:价|折|券|元|款(?:[^,。的客用顾]|$)|红包|优惠)|免单|免费|一折|转账|approve[^.]{0,16}refund|refund[^.]{0,12}\d|discount|free of charge|compensat|change the price|coupon"
)


def with_orders_refused(
    moves: Sequence[PlannedMove],
    brief: Brief,
    slots: Mapping[Slot, str],
    fallback: Phrasebook,
) -> tuple[PlannedMove, ...]:
    """`moves`, and that what was ordered is not done: silence would leave whoever wrote 已改价 waiting for it. Where it is all
    that was written, or somebody is in danger, nothing is added.
    """
    ordered = folded(brief.ordered)
    if not ordered or any(m.situation == INJECTION or m.move.move == "safety" for m in moves):
        return tuple(moves)
    of_money, inside = _MONEY.search(ordered) is not None, _INSIDE.search(ordered) is not None
    kind = "both" if of_money and inside else "money" if of_money else "inside" if inside else "other"
    (entry, *_) = fallback.by_situation[ORDERED + kind]
    refused = (m for m in usable(entry.moves, brief, slots, entry.situation) if m.move.move == "decline")
    at = next((i for i, m in enumerate(moves) if m.move.move in ("ask", "next_step", "close")), len(moves))
    return (*moves[:at], *refused, *moves[at:])
