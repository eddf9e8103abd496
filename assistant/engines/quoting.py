"""What a price depends on, out of what a customer who has not bought tells: what a quotation still lacks, and what is left to
pay after the coupon that is granted.
"""

from __future__ import annotations

from collections.abc import Sequence

import re2

from assistant.engines import Brief
from assistant.engines.offers import offered_sum
from assistant.engines.reckoning import Bill, bill
from assistant.situation.script import folded
from assistant.values import PointMade
from knowledge.phrasebook import Slot
from knowledge.points import PointBook

BULK, _HAGGLING = "pre.bulk", ("pre.bargain", "pre.price_expensive")

_UNIT = r"[个件条套箱台份双盒瓶把袋包本张桌只支顶床罐斤桶块篮棵盆副对枚人位]"
_ASKED: tuple[tuple[str, str, re2._Regexp], ...] = (
    (
        "要多少",
        "the quantity",
        re2.compile(
            rf"\d+\s?(?:来|多|几)?{_UNIT}|[一二两三四五六七八九十百千]{{1,4}}(?:来|多|几)?{_UNIT}|上百|几百|\d{{2,}} ?(?:pcs|pieces|units|sets|of|boxes|mugs|bags|shirts|people)"
        ),
    ),
    (
        "颜色规格怎么分",
        "how colours and sizes split",
        re2.compile(
            r"[黑白红蓝绿黄灰粉紫棕咖橙青米杏驼金银]的?色|[黑白红蓝绿黄灰粉紫棕咖橙]的|颜色(?:都|统一|随)|均码|同(?:一|个)款|(?:各|都要|全要|混)[^,。!?]{0,4}(?:色|码|款|味)|原味|[smlx]{1,3}码|\b(?:black|white|red|blue|green|grey|gray)\b"
        ),
    ),
    (
        "最晚哪天要到",
        "the latest date",
        re2.compile(
            r"(?:周|星期|礼拜)[一二三四五六日天末]|\d+ ?(?:月|号|日)|初[一二三四五六七八九十]|月底|月初|[上中下]旬|下[周月]|今天|明天|后天|国庆|中秋|端午|元旦|春节|过年|年前|年会|开学|运动会|[一二两三四五六七八九十\d]+[天周](?:内|后|之内)|不急|不着急|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|by|next|monday|friday)\b"
        ),
    ),
    (
        "寄到哪个城市",
        "the city",
        re2.compile(
            r"北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古?|广西|西藏|宁夏|新疆|香港|澳门|广州|深圳|合肥|南京|杭州|苏州|成都|武汉|长沙|郑州|西安|沈阳|大连|青岛|济南|厦门|福州|南昌|昆明|贵阳|南宁|哈尔滨|长春|石家庄|太原|兰州|乌鲁木齐|呼和浩特|拉萨|银川|西宁|海口|三亚|宁波|无锡|东莞|佛山|温州|义乌|珠海|烟台|徐州|洛阳|桂林|绵阳|宜昌|常州|泉州|中山|惠州|寄到?[\p{Han}]{2,4}|发到?[\p{Han}]{2,4}[市县区镇]|[\p{Han}]{2}[市县区镇](?:的|$)|\b(?:ship|send|deliver\w*) (?:it |them )?to\b"
        ),
    ),
)
"""What a supervisor needs to quote, in the order in which it is asked: how it is asked for, and the words that tell it."""
_LEAST_OFF = 3
"""A coupon that takes more than a third off may ask for more than one piece: what is left is not reckoned."""


def as_a_lot(intents: Sequence[str]) -> list[str]:
    """Who buys in bulk bargains for the lot: what haggling for one piece is answered with is not said beside it."""
    if BULK not in intents:
        return list(intents)
    return [BULK, *(i for i in intents if not i.startswith((BULK, *_HAGGLING)))]


def of_a_lot(points: Sequence[PointMade], intents: Sequence[str], book: PointBook) -> tuple[PointMade, ...]:
    """`points`, of a lot without those that haggle for one piece."""
    haggles = _HAGGLING if BULK in intents else ()
    return tuple(p for p in points if not book.by_id[p.point].situations[0].startswith(haggles))


def quoted(brief: Brief) -> dict[Slot, str]:
    """The slots of what a quotation lacks and of what it comes to."""
    if brief.conversation.order is not None or brief.situation.stage != "pre_sale":
        return {}
    said = folded(" ".join(m.text for m in brief.conversation.messages if m.role == "customer"))
    english = brief.situation.language == "en"
    due = bill(brief)
    return {
        "bulk_missing": _missing(said, english),
        "reckoned": "" if due is None or english else due.how,
        "after_coupon": _after_coupon(due, brief),
        "free_shipping_missing": _missing_for_free_shipping(due, brief),
    }


def _missing(said: str, english: bool) -> str:
    left = [en if english else zh for zh, en, tells in _ASKED if not tells.search(said)]
    if english and len(left) > 1:
        return ", ".join(left[:-1]) + " and " + left[-1]
    return "、".join(left)


def _after_coupon(due: Bill | None, brief: Brief) -> str:
    """What it comes to with the coupon that is granted; "" where what it comes to is not plain, or they offer more."""
    yuan = next((a.yuan for a in brief.conversation.policy.authorities if a.kind == "coupon"), None)
    if yuan is None or due is None or due.total <= _LEAST_OFF * yuan:
        return ""
    offered = offered_sum(brief)
    return f"{due.total - yuan:g}" if not offered or float(offered) < due.total else ""


def _missing_for_free_shipping(due: Bill | None, brief: Brief) -> str:
    """How much lacks to the sum from which the shop ships free; "" where that is reached, or what it comes to is not plain."""
    over = next((a.yuan for a in brief.conversation.policy.authorities if a.kind == "free_shipping_over"), None)
    if over is None or due is None or due.total >= over:
        return ""
    return f"{round(over - due.total, 2):g}"
