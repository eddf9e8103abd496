"""A sum that somebody would buy for, however they word it: an offer to answer as one, not a question of the goods."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import re2

from assistant.engines import Brief
from assistant.engines.remembered import remembered
from assistant.guardrails.amounts import number
from assistant.situation.questions import Asked
from assistant.situation.script import folded
from assistant.values import PointMade
from knowledge.points import PointBook

OFFER = "pre.bargain_offer"
_SUM = r"(?:(\d{2,6}(?:\.\d+)?)(?:元|块钱?|整|rmb|整数)*|\d(?:\.\d+)?(?:元|块钱?)|(?:[一二两三四五六七八九十]+[百千万][一二三四五六七八九十零百]*|[二两三四五六七八九]十[一二三四五六七八九]?)(?:元|块钱?|整)*)"
_BETWEEN = r"(?:一[个件条套只份双箱瓶把]|的话|包邮|到手|最后|最多|一口价|[,。 ]|我|你|您|就|能|可|立刻|立马|马上|现在|直接|今天|给我)*"
_TAKEN = re2.compile(
    rf"{_SUM}{_BETWEEN}(?:行|成|走|出不|出吗|卖|拿|收不|收吗|付|拍|买|下单|打款|转账|要了|带走|得了|可以|怎么样|咋样|如何|算了|给不给|能不能|好不好|中不|吧|呗|$)"
)
"""A sum, and that it would do (1900行, 六百成不成, 380吧, 8块一个我马上打款)."""
_NAMED = re2.compile(
    rf"(?:给个|那就|凑个?整?数?|算我?|出到?|一口价|收我?你?|[补降减少让抹便宜]到|能到|做到|我最多|顶多){_SUM}|能(\d{{2,5}})(?:元|块)?(?:不|吗|么|行不|嘛)"
)
"""A sum that is named as the price to be (给个380, 那就450, 能补到139不)."""
_SURE = re2.compile(
    rf"(?:凑|抹)(?:个|成)?整(?:数)?(?:,|是|算|到|就|\s)?{_SUM}|{_SUM}{_BETWEEN}(?:行不|行吗|行么|行我|行就|行的话|成不|成吗|成交|走不走|走的话|出不出|出吗|卖不|卖吗|拿走|拿下|拿不|拿了?吗|拿[一两俩二三]|收不收|立马|打款|下单|要了|带走|给不给|得了|包邮行|能不能卖|能卖|能拿|能做(?:不|吗|$))"
)
"""Said of nothing but a price."""
_ENGLISH = re2.compile(
    r"(?:can you do|could you do|would you (?:do|take|accept)|will you (?:do|take|accept)|how about|i.?ll (?:pay|give|offer)|i can (?:pay|offer))\s+(?:it for )?(?:you )?(?:¥|\$|rmb ?)?(\d{1,6})(?: ?(?:bucks|yuan|rmb|each|for|\?|if|and|,|\.)|$)"
)
_OFF = re2.compile(
    r"(?:便宜|少|减|让|抹|优惠)(?:个|我|点|掉)?(?:\d{1,4}|[一二两三五几]?[十百])(?:块|元)?(?:钱)?(?:吧|呗|行|成|可以|好不|怎么样|嘛|$)"
)
"""So much less (便宜个一百呗)."""
_SEVERAL = re2.compile(
    r"(\d{1,3}|[两二三四五六七八九十]+)[个件根盒袋包瓶条双套箱斤罐支本只把份张]\s?(?:一共|总共|算|给)?(\d{2,6})(?:元|块)?(?:$|行|吧|呢|成|可以|卖)"
)
_PAID = re2.compile(
    rf"比\p{{Han}}{{1,5}}(?:便宜|贵|少|低)|(?:一[个件条双只套袋盒瓶箱把罐包支本张]\p{{Han}}{{0,5}}\d{{2,5}}\s+){{1,3}}一[个件条双只套袋盒瓶箱把罐包支本张]\p{{Han}}{{0,5}}\d|{_SUM}.{{0,6}}(?:买|拍|付|入手|下单)(?:的|了|过)|满\d|退|赔|差价|预算|左右|上下|以内|发货|[\d一二两]折|满减|电话|手机号|"
    r"(?:你|您|他|她|人|别|那|隔壁)(?:们|家|这|店|边)[^,。!?]{0,4}(?:才|只要?|是|标)\d|说\d|写的?\d|\b(?:201|304|316|430)(?:l|钢|不锈钢|的|$)"
)
"""What was paid, a budget, a threshold, what somebody charges, a grade of steel: no offer."""
_MEASURES = re2.compile(
    r"身高|体重|\d{2,3}\s?斤|码|穿|公分|厘米|cm|kg|[腰胸脖头臀腿臂手腕指膝]围|围(?:是|有)?\s?\d|脚长|身长|背长|[高重宽厚深长]\s?\d|\d\s?(?:w|v|ml|l|g|mm|寸|平|瓦|匹|岁)"
)
_NUMBER = re2.compile(r"\d{2,6}(?:\.\d+)?")
_OF_THE_SUM = re2.compile(
    r"^deal$|\d(?:元|块钱?|整)?(?:的?(?:对吧|是吧|对不|是不|对吗|是吗)|$)|"
    rf"{_SUM}{_BETWEEN}(?:行|成|走|出|卖|拿|收|付|拍|买|得了|可以|怎么样|咋样|如何|能不能|好不好|中不|吧|呗)|"
    rf"(?:[补降减少让抹到]到|能到|做到){_SUM}|(?:do|take|accept|pay) (?:it for )?(?:¥|\$)?\d"
)
OF_MONEY = ("pre.bargain", "pre.cheaper", "pre.price", "pre.bulk", "pre.coupon", "pre.hesitate")
"""Homes of the points that a sum offered makes."""
_OUR_PRICE = r"(?:你们|[你您]家|你这|店里|标价?|凭(?:什么|啥)|原价|页面)[^,。!?\d]{0,4}"
_LESS_BY = r"(?:抹|减|便宜|少|让|优惠)(?:掉|去|了|我|个)?\s?"
"""Before a figure that is the shop's own price, or what is to come off it: no price to be."""
_SHORT = 40
_CLAUSE = re2.compile(r"[^,。!?;\n]+")
_HIGHEST = 3.0
"""A price this many times an offer, at most: what is further apart are two different things."""


@remembered
def offers_a_sum(brief: Brief) -> bool:
    """Whether the last turn offers a sum for what has not been paid yet, in Chinese figures or digits, or in English.

    Sure wordings suffice; others (380吧, 那就450) need a higher sum elsewhere in the talk, which they would pay less than.
    """
    order = brief.conversation.order
    if order is not None and order.paid_at is not None:
        return False
    turn = [folded(m.text) for m in brief.conversation.last_customer_turn]
    if any(_ENGLISH.search(t) for t in turn):
        return True
    stated = [float(n) for m in brief.conversation.messages for n in _NUMBER.findall(folded(m.text))]
    if any(_MEASURES.search(t) for t in turn):
        stated = []  # a size less than another is no offer: 28码多长, 隔壁说拍27
    return any(
        _is_offer(clause, stated) for t in turn if not _MEASURES.search(t) for clause in _CLAUSE.findall(t)
    ) or any(_OFF.search(clause) for t in turn for clause in _CLAUSE.findall(t) if not _PAID.search(clause))


def offered_sum(brief: Brief) -> str:
    """The sum in digits that the last turn offers (300), as it was written; "" where it offers none that is plainly one."""
    if not offers_a_sum(brief):
        return ""
    clauses = [c for m in brief.conversation.last_customer_turn for c in _CLAUSE.findall(folded(m.text))]
    for pattern in (_SURE, _NAMED, _TAKEN, _ENGLISH):
        found = [(s, c) for c in clauses if not _PAID.search(c) for m in pattern.finditer(c) if (s := _figure(m))]
        if any(is_taken_off(s, c) for s, c in found):
            return ""
        sums = [s for s, c in found if not re2.search(_OUR_PRICE + s, c)]
        if sums:
            return sums[-1]
    return ""


def is_taken_off(figure: str, text: str) -> bool:
    """Whether `figure` is what they want to come off the price (抹掉28), and no price to be."""
    return bool(figure) and re2.search(_LESS_BY + re2.escape(figure), text) is not None


def of_money(points: Sequence[PointMade], book: PointBook, brief: Brief) -> tuple[PointMade, ...]:
    """`points` without those of the goods that were read from just the sum offered: 能180不 asks nothing of a device."""
    if not offers_a_sum(brief):
        return tuple(points)
    texts = [folded(m.text) for m in brief.conversation.messages]
    return tuple(
        p
        for p in points
        if book.by_id[p.point].situations[0].startswith(OF_MONEY)
        or not _names_the_sum(texts[p.message][p.start : p.end])
    )


def of_the_offer(intents: Sequence[str], brief: Brief) -> list[str]:
    """`intents`; where the turn offers a sum, without what is only guessed of the goods."""
    if not offers_a_sum(brief):
        return list(intents)
    return [i for i in intents if i not in brief.situation.guesses or i.startswith(OF_MONEY)] or [OFFER]


def _names_the_sum(words: str) -> bool:
    return len(words) <= _SHORT and (_OF_THE_SUM.search(words) is not None or _NAMED.search(words) is not None)


def without_offers(asked: Sequence[Asked], brief: Brief) -> tuple[Asked, ...]:
    """`asked` without those that only offer a sum, or make sure of the price that it is set against: the offer is answered."""
    if not offers_a_sum(brief):
        return tuple(asked)
    return tuple(q for q in asked if not (len(q.text) <= _SHORT and _OF_THE_SUM.search(folded(q.text))))


def _offered(clause: str) -> Iterator[float]:
    """The sums in digits that the clause words as an offer."""
    for pattern in (_TAKEN, _NAMED):
        for match in pattern.finditer(clause):
            if (figure := _figure(match)) is not None:
                yield float(figure)


def _figure(match: re2._Match) -> str | None:
    """The sum in digits that a match found."""
    return next((str(g) for g in match.groups() if g), None)


def _is_offer(clause: str, stated: list[float]) -> bool:
    """Whether a clause of a message that measures nothing and nobody offers a sum."""
    if _PAID.search(clause):
        return False
    return (
        _SURE.search(clause) is not None
        or _is_for_several(clause, stated)
        or any(_is_less(n, stated) for n in _offered(clause))
    )


def _is_for_several(clause: str, stated: list[float]) -> bool:
    """Whether a sum is named for several pieces (五根1200) that cost more one by one at a price named before."""
    found = _SEVERAL.search(clause)
    count = number(found.group(1)) if found else None
    if not found or not count or count < 2:
        return False
    return any(price < float(found.group(2)) < price * count for price in stated)


def _is_less(offer: float, stated: list[float]) -> bool:
    return any(offer < price <= offer * _HIGHEST for price in stated)
