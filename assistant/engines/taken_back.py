"""What the shop's own agent said before and should not have: taken back in half a sentence, where the customer was hurt by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import re2

from assistant.engines import Brief
from assistant.engines.moves import PlannedMove, says_sorry, usable
from assistant.engines.sorry import heard_enough
from assistant.engines.taking_up import dangers
from assistant.situation.script import folded
from knowledge.phrasebook import Phrasebook, Slot

_SAID: Mapping[str, re2._Regexp] = {
    "sales": re2.compile(
        r"立减|满\d+减|优惠券|领券|新品|上新|活动|秒杀|直播间|好评|晒图|推荐您|要不要(?:再)?(?:看看|带)|五星|coupon|new arrival|\d+% off"
    ),
    "normal": re2.compile(
        r"(?:是|属于?|都|很|挺)?正常(?:的|现象|情况|范围|反应|哦|呢|哈|$)|不影响(?:使用|穿|吃)|没(?:什么)?(?:问题|事)的|不(?:会|可能)(?:过敏|掉色|起球|坏|有(?:问题|事|味))|that.s normal|is normal"
    ),
    "yours": re2.compile(
        r"(?:您|你)(?:是不是|可能|自己|这边)[^,。!?]{0,10}(?:没|不当|弄|操作|洗|用错|装错|摔)|建议(?:您|你)?[^,。!?]{0,6}先(?:洗|看|读)|使用不当|人为|个人(?:体质|原因)|不是我们(?:的)?(?:问题|责任)|跟我们(?:没|无)关|联系快递|找快递"
    ),
    "wait": re2.compile(r"耐心(?:等|一点)|请(?:您)?(?:稍)?等|再等等|别(?:着)?急|不要(?:着)?急|be patient|please wait"),
}
"""How an agent brushed a customer off: by advertising, by calling it normal, by making it their doing, by telling them to wait."""
_TOUCHED = frozenset({"angry", "furious", "sarcastic", "grieving", "anxious", "disappointed"})
_SCORN = re2.compile(
    r"正常\s?[?!]|正常(?:你|个|什么|吗)|[?]{2,}|你(?:穿|用|吃|试|来)[^,。!?]{0,6}看看|什么叫|骗|敷衍|打发|甩锅|推卸|推给|怪我|怪起我|呵呵|凭什么|等等等|等到什么|还等|又(?:是)?等|normal\s?[?!]"
)
"""Words by which an answer is thrown back, however calm they sound."""


def with_taken_back(
    moves: Sequence[PlannedMove], brief: Brief, slots: Mapping[Slot, str], fallback: Phrasebook
) -> tuple[PlannedMove, ...]:
    """`moves` with the last answer of the shop's taken back, in the place of a general apology; after first aid and sympathy."""
    kind = _brushed_off(brief)
    if not kind or heard_enough(brief) or brief.conversation.order is None:
        return tuple(moves)
    if kind == "wait" and any(says_sorry(m) for m in moves if not m.situation.startswith("rest.")):
        return tuple(moves)
    (entry, *_) = fallback.by_situation[f"taken_back.{kind}"]
    back = [m for m in usable(entry.moves, brief, slots, entry.situation) if m.move.move == "apologise"][:1]
    rest = [m for m in moves if m.move.move != "apologise"]
    grieves = brief.situation.emotion == "grieving"
    first = ("safety", "greet", "acknowledge") if grieves else ("safety", "greet")
    at = next((i for i, m in enumerate(rest) if m.move.move not in first), len(rest))
    return (*rest[:at], *back, *rest[at:])


def _brushed_off(brief: Brief) -> str:
    """How the shop's last words did so; "" where they did not, or the customer took no offence."""
    turn = folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    touched = brief.situation.emotion in _TOUCHED or bool(dangers(brief)) or _SCORN.search(turn)
    if not touched:
        return ""
    said = [folded(m.text) for m in brief.conversation.messages if m.role == "agent"][-1:]
    return next((kind for kind, words in _SAID.items() for text in said if words.search(text)), "")
