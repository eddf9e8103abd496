"""What it comes to before it is bought: price times number, prices added up, out of what customer and shop have named."""

from __future__ import annotations

from typing import NamedTuple

import re2

from assistant.engines import Brief
from assistant.engines.offers import offered_sum
from assistant.engines.said import counts_no_money, sums_in
from assistant.guardrails.amounts import number
from assistant.situation.script import folded

_UNIT = "[个件盒袋包瓶条双套箱罐支本只把份提桶张台盆块片副对卷枚顶床株棵款]"
_SUM = r"(\d{1,5}(?:\.\d{1,2})?)"
_EACH = re2.compile(
    rf"{_SUM}(?:元|块钱?)?\s?(?:一|每|/|1)({_UNIT})|(?:单价|每({_UNIT})|一({_UNIT}))(?:是|要|卖|才|的价)?\s?{_SUM}"
)
_FOR_SO_MANY = re2.compile(rf"{_SUM}(?:元|块钱?)?\s?([2-9]|[两二三四五六])({_UNIT})")
"""59两盒."""
_WISHED = re2.compile(
    rf"(?:要|买|拿|来|订|拍|囤|带走?|下单|入)\s?(?:个|了)?(\d{{1,3}}|[一二两三四五六七八九十]+)({_UNIT})|^(\d{{1,3}}|[一二两三四五六七八九十]+)({_UNIT})"
)
_WISH = re2.compile(r"(?:能|可以|算|做到|给到|给我|行不行|减到|降到|便宜到|改成)\s?$")
"""Before a price that they would like to pay: 能不能70一套."""
_COUNTED = re2.compile(rf"(\d|[两二三四五六七八九]){_UNIT}")
_TOTAL = re2.compile(
    rf"(?:一共|总共|合共|合计|加起来|加一块儿?|总价|购物车(?:里)?|凑了|结算|拢共|共|总)(?:才|是|要|就|有|显示|到|了)*\s?{_SUM}"
)
_PRICE = re2.compile(
    rf"(?:标价|原价|售价|卖|是|现在|这[\p{{Han}}]{{1,8}}|那[\p{{Han}}]{{1,8}}|^[\p{{Han}}]{{0,8}}|\s){_SUM}(?:元|块)?"
)
_TOGETHER = re2.compile("一起|都要|全要|一块|一共|总共|加起来|打包|两|三|几样|各|合计|拢共")
_RULES = re2.compile(
    r"满\s?\d+\s?(?:减|送|打)|\d折|[一二三四五六七八九]折|买[一二三两\d]送|第[二2][件个份双]|半价|定金|尾款|拼[单团]|\d\s?(?:到|-|~|至)\s?\d+(?:元|块)"
)
"""Where the shop's own activity or a span of prices comes in, what it comes to is not plain."""
_OTHERS = r"人家|别家|别人|隔壁|拼多多|那家|其他|京东|淘宝|闲鱼|直播|批发|上次|上回|昨天|以前|之前|去年|上个?月|前几天|双11|双十一|618"
_ELSEWHERE = re2.compile(_OTHERS)
_NOT_OURS = re2.compile(
    _OTHERS
    + r"|运费|邮费|微信|转(?:你|账)|预算|满\s?\d|返|给你|给您|差\s?\d|少\s?\d|抹|凑|便宜(?:了)?\d|\d{3,4}(?:不锈钢|w|瓦)|身高|体重|斤|公分|厘米|cm|kg"
)
"""A clause of another price, or of another number."""
_A_LOT = 20
"""Pieces from which a price is quoted for the lot."""
_CLAUSE = re2.compile(r"[^,。!?;\n]+")


class Bill(NamedTuple):
    """What it comes to, and how it is reckoned, to be said; "" where there is nothing to reckon."""

    total: float
    how: str = ""


def bill(brief: Brief) -> Bill | None:
    """The goods' sum before anything comes off; None where it is not plain, or something was bought already."""
    if brief.conversation.order is not None or brief.situation.stage != "pre_sale":
        return None
    said = [folded(m.text) for m in brief.conversation.messages if m.role == "customer"]
    if any(_RULES.search(t) for t in said):
        return None
    offered = offered_sum(brief)
    clauses = [c for t in said for c in _CLAUSE.findall(t)]
    for clause in clauses:
        if (m := _TOTAL.search(clause)) and m.group(1) != offered and float(m.group(1)) in set(sums_in(clause)):
            return Bill(float(m.group(1)))
    ours = [c for c in clauses if not _NOT_OURS.search(c)]
    shop = [c for m in brief.conversation.messages if m.role == "agent" for c in _CLAUSE.findall(folded(m.text))]
    each = _each([*ours, *(c for c in shop if not _NOT_OURS.search(c))])
    if len(each) > 1:
        return _added(each) if _TOGETHER.search(" ".join(ours)) and not _more_than(len(each), ours) else None
    here = [c for c in clauses if not _ELSEWHERE.search(c)]
    wished = {n for n, _ in _wished(here)}
    if each:
        ((price, unit),) = each.items()
        return _times(price, unit, wished) if len(wished) < 2 else None
    bundles = {(float(m.group(1)), m.group(2), m.group(3)) for c in ours for m in _FOR_SO_MANY.finditer(c)}
    if len(bundles) == 1:
        ((price, count, _),) = bundles
        return Bill(price) if wished <= {int(number(count) or 0)} else None
    prices = {
        float(m.group(1))
        for c in ours
        for m in _PRICE.finditer(c)
        if float(m.group(1)) in set(sums_in(c)) and m.group(1) != offered
    }
    if len(prices) > 1 and _counts(here, len(prices)) and _TOGETHER.search(" ".join(here)):
        return _added(dict.fromkeys(sorted(prices), ""))
    if len(prices) != 1 or len(wished) > 1 or (not wished and _counts_several(ours)):
        return None
    unit = next((u for _, u in _wished(here)), "")
    return _times(prices.pop(), unit, wished)


def _times(price: float, unit: str, wished: set[int]) -> Bill | None:
    count = next(iter(wished), 1)
    if count < 2:
        return Bill(price)
    if count > _A_LOT:
        return None
    total = round(price * count, 2)
    return Bill(total, f"一{unit}{price:g}元,{count}{unit}{total:g}元")


def _added(each: dict[float, str]) -> Bill:
    total = round(sum(each), 2)
    return Bill(total, "加".join(f"{p:g}元" for p in each) + f"是{total:g}元")


def _each(clauses: list[str]) -> dict[float, str]:
    """Prices of single pieces, each with the word it is counted by."""
    found: dict[float, str] = {}
    for clause in clauses:
        for m in _EACH.finditer(clause):
            price = float(m.group(1) or m.group(5))
            if _WISH.search(clause[: m.start()]):
                continue
            if m.group(1) or not counts_no_money(clause[m.end() :]):
                found[price] = m.group(2) or m.group(3) or m.group(4) or "件"
    return found


def _wished(clauses: list[str]) -> list[tuple[int, str]]:
    """How many they want; what a price is for (一个) is no number wanted."""
    found = [
        (int(number(m.group(1) or m.group(3)) or 0), m.group(2) or m.group(4))
        for c in clauses
        for m in _WISHED.finditer(c)
    ]
    return [(n, unit) for n, unit in found if n > 1]


def _more_than(kinds: int, clauses: list[str]) -> bool:
    return any(n != kinds for n, _ in _wished(clauses))


def _counts(clauses: list[str], kinds: int) -> bool:
    """Whether they count as many things as they name prices."""
    return any(number(m.group(1)) == kinds for c in clauses for m in _COUNTED.finditer(c))


def _counts_several(clauses: list[str]) -> bool:
    return any(re2.search(rf"(?:[两二三四五六七八九十几]|[2-9]|\d\d){_UNIT}", c) for c in clauses)
