"""How many of how many pieces are bad or lack, and what share of the price that is: 24瓶里漏了3瓶, 退我三分之一."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import re2

from assistant.engines import Brief
from assistant.guardrails.amounts import number
from assistant.situation.script import folded

_N = r"(\d{1,3}|[一二两三四五六七八九十]+)"
_UNIT = "([个件盒袋包瓶条双套箱斤罐支本只把份提桶张枚颗粒块片根对盆棵株听板杯碗盘])"
_BAD = "(碎|破|坏|漏|烂|裂|瘪|断|少|缺|霉|死|馊|臭|化|变形|不亮|磕|脏|掉漆|脱线|开线|抽丝|起球|发黄|鼓包)"
_BADLY = f"{_BAD}(?:了|掉了?|的|光了?|着|咗)?"
_OF_BEFORE = re2.compile(rf"(?:^|[^\d.第]){_N}{_UNIT}[^,。!?\d]{{0,8}}?{_BADLY}[^,。!?\d]{{0,2}}{_N}{_UNIT}")
"""六只碎了一只, 12个鸡蛋杯 破了4个."""
_OF_AFTER = re2.compile(
    rf"(?:^|[^\d.第]){_N}{_UNIT}(?:[^。!?\d]{{0,10}}?[^。!?\d一二两三四五六七八九十])?{_N}{_UNIT}[^,。!?\d]{{0,4}}?{_BADLY}"
)
"""一箱24瓶 到了有3瓶漏光了."""
_CAME = re2.compile(
    rf"(?:写|标|拍|买|应该|付|订|说好)[^,。!?\d]{{0,5}}?{_N}{_UNIT}[^。!?\d]{{0,6}}?(?:到手|只有|只收到|只发|收到|就|数了)[^,。!?\d]{{0,4}}?{_N}{_UNIT}"
)
"""写的10袋 到手9袋."""
_ALONE = re2.compile(rf"(?:^|[^\d.第]){_N}{_UNIT}(?:都|全|是|已经)?{_BADLY}|{_BADLY}[^,。!?\d]{{0,2}}?{_N}{_UNIT}")
_IN_ITEM = re2.compile(rf"(?:^|[^\d.]){_N}{_UNIT}(?:/?[装组箱盒])?")
_ORDERED = re2.compile(rf"(?:订|买|拍|一共|总共|共|应该)(?:的是|的|了|有)?\s?{_N}{_UNIT}")
_VERBS = {"变形": "变形", "不亮": "不亮", "磕": "磕坏", "化": "化", "霉": "发霉", "馊": "馊"}
_SHARE_ASKED = re2.compile(
    r"(?:赔|补|退|返)[^,。!?\d]{0,6}?(?:(一半|半价|[二两三四五六七八九]分之[一二两三四五六七八]|[一二两三四五六七八九]成)|(\d{1,2})%)"
)
_PIECES_ASKED = re2.compile(
    r"(?:退|赔|补)(?:回|给)?(?:我|俺)?[^,。!?\d]{0,3}?(?:那|这|坏|破|碎|少|漏|烂)[^,。!?]{0,8}?的?(?:钱|款)|(?:坏|破|碎|少|漏|烂)[^,。!?]{0,6}(?:折(?:成)?钱|退(?:钱|款)|钱[^,。!?]{0,3}[退赔补])|[那这][\p{Han}]{0,2}的?钱[^,。!?]{0,3}[退赔补]|按(?:比例|个数|数量|件|瓶|只|袋)[^,。!?]{0,3}(?:退|赔|补|算)"
)


class Pieces(NamedTuple):
    """So many pieces of so many are bad, in the customer's count word."""

    bad: int
    of: int
    unit: str
    how: str

    @property
    def said(self) -> str:
        """As an agent says it: 24瓶里漏了3瓶."""
        verb = _VERBS.get(self.how, self.how)
        return (
            f"{self.of}{self.unit}里{verb}了{self.bad}{self.unit}"
            if verb != "不亮"
            else f"{self.of}{self.unit}里有{self.bad}{self.unit}不亮"
        )


def pieces(brief: Brief) -> Pieces | None:
    """The pieces that the customer counts up; None where they count none, or the numbers do not go together."""
    said = " ".join(folded(m.text) for m in brief.conversation.messages if m.role == "customer")
    if m := _CAME.search(said):
        all_, came = _count(m.group(1)), _count(m.group(3))
        return Pieces(all_ - came, all_, m.group(2), "少") if 0 < came < all_ and m.group(2) == m.group(4) else None
    if m := _OF_BEFORE.search(said):
        return _sound(m.group(1), m.group(2), m.group(4), m.group(5), m.group(3))
    if m := _OF_AFTER.search(said):
        return _sound(m.group(1), m.group(2), m.group(3), m.group(4), m.group(5))
    order = brief.conversation.order
    alone = _ALONE.search(said)
    if alone is None or order is None:
        return None
    bad, unit, how = (
        alone.group(1) or alone.group(5),
        alone.group(2) or alone.group(6),
        alone.group(3) or alone.group(4),
    )
    whole = [m.group(1) for m in _IN_ITEM.finditer(folded(order.item or "")) if m.group(2) == unit]
    whole = whole or [m.group(1) for m in _ORDERED.finditer(said) if m.group(2) == unit]
    return _sound(whole[0], unit, bad, unit, how) if len(whole) == 1 else None


def share_of_pieces(brief: Brief) -> float | None:
    """The bad pieces' share of what was paid."""
    order, found = brief.conversation.order, pieces(brief)
    if order is None or not order.price_yuan or found is None:
        return None
    return round(order.price_yuan * found.bad / found.of, 2)


def shares_asked(texts: Iterable[str], brief: Brief) -> list[float]:
    """Sums that are asked for as a share of the price: 退一半, 退我三分之一, 把碎的那只钱退了."""
    order = brief.conversation.order
    if order is None or not order.price_yuan:
        return []
    found: list[float] = []
    for text in texts:
        found += [round(order.price_yuan * part, 2) for m in _SHARE_ASKED.finditer(text) if (part := _part(m))]
        of_pieces = share_of_pieces(brief) if _PIECES_ASKED.search(text) else None
        found += [of_pieces] if of_pieces else []
    return found


def _part(match: re2._Match) -> float | None:
    words, percent = match.group(1), match.group(2)
    if percent:
        return float(percent) / 100
    if words in ("一半", "半价"):
        return 0.5
    if words.endswith("成"):
        return (number(words[:-1]) or 0) / 10
    below, _, above = words.partition("分之")
    part = (number(above) or 0) / (number(below) or 1)
    return part if part < 1 else None


def _sound(all_: str, unit: str, bad: str, unit_of_bad: str, how: str) -> Pieces | None:
    whole, some = _count(all_), _count(bad)
    return Pieces(some, whole, unit, how) if 0 < some < whole and unit == unit_of_bad else None


def _count(text: str) -> int:
    return int(number(text) or 0)
