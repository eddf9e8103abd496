"""Wordings that contradict the order, or speak of another kind of thing than was bought: they are not said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal

import re2
from pydantic import Field, field_validator

from assistant.conversation import Order
from assistant.engines import Brief
from assistant.engines.remembered import remembered
from assistant.engines.terms import has_left, hours_overdue, terms
from assistant.situation.script import folded
from knowledge import datafile
from knowledge.phrasebook import Slot, Wording, linear_pattern
from knowledge.values import AuthorityKind, Value

CONTRARY = Path(__file__).parent / "contrary.yaml"
State = Literal[
    "unpaid", "waiting", "travelling", "signed",  # where the order stands: one of these, or none known
    "sent_back",  # on its way back to the shop
    "collected",  # scanned by the courier at least once
    "moved",  # on its way, its latest entry of today or yesterday
    "held",  # signed for more than three days ago
    "overdue",  # past the shop's own time to ship
    "no_parcel",  # a ticket, a course, a code: nothing of it is sent
    "no_refund", "no_exchange",  # refused in so many words
    "confirmed", "refund_granted", "refunded",  # settled: the fault is established, the refund approved, or made
    "window_in", "window_over", "protection_in", "protection_over",  # seven days to return, thirty of price protection
]  # fmt: skip
_REFUSES: tuple[tuple[State, re2._Regexp], ...] = (
    (
        "no_refund",
        re2.compile(
            r"(?:^|[^要])(?:不|唔)(?:想|要|用|愿意|同意|接受|是要)?退(?:$|[^了不出回换])|别(?:给我)?退|don.?t want (?:a |my )?refund"
        ),
    ),
    (
        "no_exchange",
        re2.compile(
            r"(?:^|[^要])(?:不|唔)(?:想|要|用|愿意|同意|接受|是要)?(?:再)?换(?:$|[^不])|don.?t want (?:a |an )?(?:replacement|exchange)"
        ),
    ),
)
"""What a customer refuses: nobody is told how to do it (要不要退, and 退不了, refuse nothing)."""
_SENT_BACK = re2.compile("退回|退件|返回(?:发货|商家|寄件)|拒收")
_SCANNED = re2.compile(r"揽收|收件|到达|离开|发往|抵达|转运|分拨|派[送件]|运输|驿站")
_COMING_BACK = re2.compile("退货|退款|寄回|return_status|仓库签收")
_REFUNDED = re2.compile(r"退款成功|已退款|退款完成|已原路退回|refunded")
_HELD_DAYS = 3
_NOT_PAID = re2.compile("没付|未付|待付|還沒付|没有付|not paid|unpaid")
"""An order may lack its time of payment: only words tell that it was not paid."""
_OF_TERMS: dict[Slot, State] = {
    "return_window_in": "window_in", "return_window_over": "window_over",
    "price_protection_in": "protection_in", "price_protection_over": "protection_over", "protected_until": "protection_over",
}  # fmt: skip


_NO_PARCEL = re2.compile(
    r"充值|话费|流量包|点[卡券]|卡密|(?:兑换|激活|授权)码|会员(?:月|季|年)?卡|[月季年]卡|会员$|(?:网|系统|直播|视频|基础|进阶|私教|一对一|体验|考试|考证|培训)课|课程$|训练营|门票|演唱会|内场票|看台票|入场券|[机车船]票|电影票|话剧|音乐节|"
    r"(?:酒店|民宿|客房|公寓)[^,。]{0,8}(?:\d\s?晚|入住|房)|[\d一二三四五六七]\s?[日天]游|纯玩团|跟团|自由行|签证|保险|电子书$|正版软件|电子(?:卡|券)$|代金券|体检套餐|家政|保洁|摄影套餐|游戏(?:币|账号|皮肤)|gift card|e-?ticket|subscription"
)
"""Goods that no courier brings, by the item's name."""
_SETTLED: dict[AuthorityKind, State] = {
    "defect_confirmed_by_inspection": "confirmed",
    "refund_approved": "refund_granted",
}
"""What is granted that is no longer looked into."""


class _Rule(Value):
    says: str
    never: tuple[State, ...] = Field(min_length=1)
    unless: str = ""
    unless_said: str = ""

    @field_validator("says", "unless", "unless_said")
    @classmethod
    def _pattern_compiles(cls, value: str) -> str:
        return linear_pattern(value)


class _Kind(Value):
    """A kind of thing: `goods` tell it by the item's name or the customer's words, `words` are only said of it."""

    kind: str
    goods: str
    words: str = ""

    @field_validator("goods", "words")
    @classmethod
    def _pattern_compiles(cls, value: str) -> str:
        return linear_pattern(value)


class _Contrary(Value):
    rules: tuple[_Rule, ...]
    kinds: tuple[_Kind, ...]


_ADVISED = frozenset({"pre.recommend", "pre.accessory", "pre.gift_request", "pre.compare"})
_RULED_OUT = re2.compile(
    r"(?:^|[^\p{Han}]|不过|但是?|可是|就是)(?P<thing>[^\P{Han}这那什一太我你也都别其他她它您能要想是不]\p{Han}{1,2}?)的?[他她它我俺您]?(?:都|也|就|又)?"
    r"(?:不要|不想要|不喜欢|不爱|不考虑|拿不[住动]|端不[住动]|用不[了惯]|戴不[了惯]|吃不[了惯]|喝不[了惯]|嫌|有了|已经有)"
)
"""A thing that is named to say that it won't do, or is there already: 盖碗他拿不住."""


@dataclass(frozen=True)
class Unsayable:
    """What may not be said in one conversation: numbers of the rules that it breaks, kinds that its thing is not, and things
    that somebody who asks for advice has ruled out.
    """

    rules: frozenset[int]
    kinds: frozenset[str]
    ruled_out: frozenset[str] = frozenset()

    def covers(self, wording: Wording) -> bool:
        """Whether the wording says any of it."""
        rules, kinds = _of(wording.zh)
        said = any(thing in wording.zh for thing in self.ruled_out)
        return said or not (self.rules.isdisjoint(rules) and self.kinds.isdisjoint(kinds))


@remembered
def unsayable(brief: Brief) -> Unsayable:
    """What the order, the thing and the customer's words rule out."""
    customer = folded(" ".join(m.text for m in brief.conversation.messages if m.role == "customer"))
    known = states(brief)
    rules = frozenset(
        number
        for number, rule in enumerate(_read().rules)
        if not known.isdisjoint(rule.never) and not (rule.unless_said and _pattern(rule.unless_said).search(customer))
    )
    kinds = kinds_of(brief)
    others = frozenset(k.kind for k in _read().kinds if k.kind not in kinds) if kinds else frozenset[str]()
    advised = _ADVISED.intersection(brief.situation.intents)
    ruled_out = frozenset(m.group("thing") for m in _RULED_OUT.finditer(customer)) if advised else frozenset[str]()
    return Unsayable(rules, others, ruled_out)


def kinds_of(brief: Brief) -> frozenset[str]:
    """The kinds of thing that the order's item and the customer's words tell of; empty where they tell of none that is known."""
    order = brief.conversation.order
    customer = folded(" ".join(m.text for m in brief.conversation.messages if m.role == "customer"))
    named = f"{folded((order.item if order else None) or '')} {customer}"
    return frozenset(k.kind for k in _read().kinds if _pattern(k.goods).search(named))


@remembered
def states(brief: Brief) -> frozenset[State]:
    """What holds of the order, as far as it tells; nothing without one."""
    order = brief.conversation.order
    granted = {a.kind for a in brief.conversation.policy.authorities}
    settled: set[State] = {state for kind, state in _SETTLED.items() if kind in granted}
    if order is None:
        return frozenset(settled)
    status = order.tracking_status or ""
    turn = folded("。".join(m.text for m in brief.conversation.last_customer_turn))
    if _REFUNDED.search(f"{status} {order.model_extra or {}}"):
        settled.add("refunded")
    found = settled | {state for state, refused in _REFUSES if refused.search(turn)}
    found |= {state for slot, state in _OF_TERMS.items() if slot in terms(brief)}
    if hours_overdue(brief) is not None:
        found.add("overdue")
    if _NO_PARCEL.search(folded(order.item or "")):
        found.add("no_parcel")
    else:
        found |= _whereabouts(brief, order)
    return frozenset(found)


def _whereabouts(brief: Brief, order: Order) -> set[State]:
    """Where what was ordered is, as far as the order tells."""
    status = order.tracking_status or ""
    found: set[State] = set()
    if order.signed_at is not None or "签收" in status:
        found.add("signed")
        if (
            brief.dated
            and order.signed_at is not None
            and (brief.now.date() - order.signed_at.date()).days > _HELD_DAYS
        ):
            found.add("held")
    elif has_left(order):
        found.add("travelling")
        if _SCANNED.search(status):
            found.add("collected")
        if _SENT_BACK.search(status):
            found.add("sent_back")
        if is_moving(brief):
            found.add("moved")
    elif order.paid_at is not None:
        found.add("waiting")
    elif _NOT_PAID.search(" ".join(m.text for m in brief.conversation.messages) + str(order.model_extra)):
        found.add("unpaid")
    return found


def is_returning(brief: Brief) -> bool:
    """Whether the order says that the thing is sent back, or a refund under way."""
    order = brief.conversation.order
    told = "" if order is None else f"{order.tracking_status or ''} {order.model_extra or {}}"
    return order is not None and order.signed_at is not None and _COMING_BACK.search(told) is not None


def is_moving(brief: Brief) -> bool:
    """Whether the latest tracking entry is of today or yesterday: a parcel that moves is not stuck, however long it takes."""
    status = (brief.conversation.order.tracking_status if brief.conversation.order else None) or ""
    days = (brief.now, brief.now - timedelta(days=1))
    return any(f"{day:%m-%d}" in status[:10] for day in days)


@lru_cache(maxsize=1)
def _read() -> _Contrary:
    return datafile.load(CONTRARY, _Contrary)


@lru_cache(maxsize=16384)
def _of(text: str) -> tuple[frozenset[int], frozenset[str]]:
    """The rules whose words a wording has, and the kinds it speaks of."""
    book = _read()
    rules = frozenset(
        number
        for number, rule in enumerate(book.rules)
        if _pattern(rule.says).search(text) and not (rule.unless and _pattern(rule.unless).search(text))
    )
    return rules, frozenset(k.kind for k in book.kinds if k.words and _pattern(k.words).search(text))


@lru_cache(maxsize=256)
def _pattern(text: str) -> re2._Regexp:
    return re2.compile(text)
