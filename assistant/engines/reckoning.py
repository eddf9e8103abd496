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
    rf"{_SUM}(?:元|块钱?)?\s?(?:一|每|/|1)({_UNIT})|(?:单价|每({_UNIT})|一({_UNIT}))(?:是|要|卖|才|的价|[\p{{Han}}]{{1,5}})?\s?{_SUM}"
)
_FOR_SO_MANY = re2.compile(rf"{_SUM}(?:元|块钱?)?([2-9]|[两二三四五六])({_UNIT})")
"""59两盒."""
_WISHED = re2.compile(
    rf"(?:要|买|拿|来|订|拍|囤|带走?|下单|入)\s?(?:个|了)?(\d{{1,3}}|[一二两三四五六七八九十]+)({_UNIT})|(?:^|\s)(?:[\p{{Han}}]{{1,4}}\s?)??(\d{{1,3}}|[一二两三四五六七八九十]+)({_UNIT})"
)
_WISH = re2.compile(r"(?:能|可以|算|做到|给到|给我|行不行|减到|降到|便宜到|改成)\s?$")
"""Before a price that they would like to pay: 能不能70一套."""
_OF_TIME = re2.compile("^(?:月|多月|半月|星期|礼拜|小时|钟头|人|孩|娃|宝|字|大人)")
"""After a number it counts no goods: 攒了两个月."""
_OFF = re2.compile(r"(?:抹|减|少|便宜|优惠|让|降|返|补|差|退|省)(?:掉|个|了|我)?\s?$")
"""Before a number of 块 it is money that should come off: 抹个3块."""
_SEVERAL = re2.compile(rf"(?:[两二三四五六七八九十几]|[2-9]|\d\d){_UNIT}")
_ENDS = re2.compile(r"^(?:$|\s|\p{Han}{1,4}(?:\s|$)|多少|一共|总共|能|可以|吧|抹|免邮|和|加|都|鞋|t恤)")
"""After a number without a verb: 四箱 270行不."""
_COUNTED = re2.compile(rf"(\d|[两二三四五六七八九]){_UNIT}")
_TOTAL = re2.compile(
    rf"(?:一共|总共|合共|合计|加起来|加一块儿?|总价|购物车(?:里)?|凑了|结算|拢共|共|总)(?:才|是|要|就|有|显示|到|了)*\s?{_SUM}"
)
_PRICE = re2.compile(
    rf"(?:标价|原价|售价|卖|是|现在|这[\p{{Han}}]{{1,8}}|那[\p{{Han}}]{{1,8}}|^[\p{{Han}}]{{0,8}}|\s){_SUM}(?:元|块)?"
)
_TOGETHER = re2.compile("一起|都要|全要|一块|一共|总共|加起来|打包|两|俩|仨|三|几样|各|合计|拢共")
_RULES = re2.compile(
    r"满\s?\d+\s?(?:减|送|打)|\d折|[一二三四五六七八九]折|买[一二三两\d]送|第[二2][件个份双]|半价|定金|尾款|拼[单团]|\d\s?(?:到|-|~|至)\s?\d+(?:元|块)"
)
"""Where the shop's own activity or a span of prices comes in, what it comes to is not plain."""
_OTHERS = r"人家|别家|别人|隔壁|拼多多|那家|其他|京东|淘宝|闲鱼|直播|批发|上次|上回|昨天|以前|之前|去年|上个?月|前几天|双11|双十一|618"
_ELSEWHERE = re2.compile(_OTHERS)
_NOT_OURS = re2.compile(
    _OTHERS
    + r"|运费|邮费|微信|余额|支付宝|(?:就|只|还)(?:剩|有)|身上|卡里|转(?:你|账)|预算|满\s?\d|返|给你|给您|差\s?\d|少\s?\d|抹|凑|便宜(?:了)?\d|\d{3,4}(?:不锈钢|w|瓦)|身高|体重|斤|公分|厘米|cm|kg"
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
    here = [c for c in clauses if not _ELSEWHERE.search(c)]
    wished = _wished(here)
    shop = [c for m in brief.conversation.messages if m.role == "agent" for c in _CLAUSE.findall(folded(m.text))]
    each = _each([*ours, *(c for c in shop if not _NOT_OURS.search(c))])
    together = _TOGETHER.search(" ".join(here)) is not None
    if len(each) > 1:
        return _of_kinds(each, wished, together)
    if each:
        ((price, unit),) = each
        if not wished and _counts_several(here):
            return None
        return _times(price, unit, wished)
    bundles = {(float(m.group(1)), m.group(2), m.group(3)) for c in ours for m in _FOR_SO_MANY.finditer(c)}
    if len(bundles) == 1:
        ((price, count, unit),) = bundles
        return Bill(price) if all(w == (int(number(count) or 0), unit) for w in wished) else None
    prices = {
        float(m.group(1))
        for c in ours
        for m in _PRICE.finditer(c)
        if float(m.group(1)) in set(sums_in(c)) and m.group(1) != offered
    }
    if len(prices) > 1 and together and {n for n, _ in wished} <= {len(prices)} and _counts(here, len(prices)):
        return _added(sorted(prices))
    if len(prices) != 1 or (not wished and _counts_several(ours)):
        return None
    return _times(prices.pop(), next((u for _, u in wished), ""), wished)


def _times(price: float, unit: str, wished: set[tuple[int, str]]) -> Bill | None:
    """So many at that price; None where they want several numbers, count in another word, or want a lot."""
    if not wished:
        return Bill(price)
    if len(wished) > 1:
        return None
    ((count, of),) = wished
    if count > _A_LOT or of != unit:
        return None
    total = round(price * count, 2)
    return Bill(total, f"一{unit}{price:g}元,{count}{unit}{total:g}元")


def _of_kinds(each: set[tuple[float, str]], wished: set[tuple[int, str]], together: bool) -> Bill | None:
    """Several kinds: one of each, or of each as many as they want, told apart by the words they are counted in."""
    units = [unit for _, unit in each]
    numbers = {unit: n for n, unit in wished}
    if set(units) == set(numbers) and len(wished) == len(units) == len(set(units)):
        parts = [(n := numbers[unit], unit, round(price * n, 2)) for price, unit in sorted(each, reverse=True)]
        total = round(sum(part for *_, part in parts), 2)
        return Bill(total, "加".join(f"{n}{unit}{part:g}元" for n, unit, part in parts) + f"是{total:g}元")
    if not together or any(n != len(each) for n, _ in wished):
        return None
    return _added(sorted(price for price, _ in each))


def _added(prices: list[float]) -> Bill:
    total = round(sum(prices), 2)
    return Bill(total, "加".join(f"{p:g}元" for p in prices) + f"是{total:g}元")


def _each(clauses: list[str]) -> set[tuple[float, str]]:
    """Prices of single pieces, each with the word it is counted by."""
    found: set[tuple[float, str]] = set()
    for clause in clauses:
        for m in _EACH.finditer(clause):
            after = clause[m.end() :]
            counted = not after.startswith(" ") and counts_no_money(after)
            if not _WISH.search(clause[: m.start()]) and (m.group(1) or not counted):
                unit = m.group(2) or m.group(3) or m.group(4) or "件"
                found.add((float(m.group(1) or m.group(5)), unit))
    return found


def _wished(clauses: list[str]) -> set[tuple[int, str]]:
    """How many they want; what a price is for (一个) is no number wanted."""
    found: set[tuple[int, str]] = set()
    for clause in (c.replace("包邮", "免邮") for c in clauses):
        for m in _WISHED.finditer(clause):
            after = clause[m.end() :]
            off = m.group(3) is not None and _OFF.search(clause[: m.start(3)])
            if not off and not _OF_TIME.search(after) and (m.group(1) or _ENDS.search(after)):
                found.add((int(number(m.group(1) or m.group(3)) or 0), m.group(2) or m.group(4)))
    return {(n, unit) for n, unit in found if n > 1}


def _counts(clauses: list[str], kinds: int) -> bool:
    """Whether they count as many things as they name prices."""
    return any(number(m.group(1)) == kinds for c in clauses for m in _COUNTED.finditer(c))


def _counts_several(clauses: list[str]) -> bool:
    return any(not _OF_TIME.search(c[m.end() :]) for c in clauses for m in _SEVERAL.finditer(c))
