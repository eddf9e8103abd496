"""Ungrounded statements: what a reply says of the order against what the order says.

Blocks only where a given fact is contradicted: what nobody gave may still be true.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.conversation import Order
from assistant.guardrails.clauses import Reading
from assistant.guardrails.context import CheckContext
from assistant.guardrails.fold import fold
from assistant.values import Category, Severity

_COURIERS = ("顺丰", "中通", "圆通", "韵达", "申通", "极兔", "邮政", "ems", "德邦", "京东快递", "京东物流", "菜鸟")
_PAID = re.compile(
    r"(?:实付|实际支付|付了|支付了|订单金额|成交价|实收|这单(?:是|共|一共|总共)?|金额是?|付款金额是?)(?:您|的|了|是|为|共|一共|:){0,3}[¥]?(\d{1,7}(?:\.\d{1,2})?)(?:元|块)"
)
_SENT_BY = re.compile(
    rf"(?:是|走|发的?是?|用的?是?|由|通过|包裹|快递是|承运)(?:的|了|您的?)?({'|'.join(_COURIERS)})(?:快递|速运|物流)?(?:发|承运|派送|寄|配送|的|,|。|$|在送|送)"
)
_ORDER_NUMBER = re.compile(r"(?:订单号|订单编号|单号|order (?:number|no\.?|id))(?:是|为|:|尾号)*\s?([a-z0-9]{4,24})")
_SIGNED = re.compile(
    r"(?:已经?|都|显示){1,2}(?:被|由|是)?(?:您|您家|家人|本人|门卫|驿站|代收点|前台)?(?:本人|代)?签收(?:了|,|。|$|成功)|(?:has been|was) (?:delivered|signed)"
)
_SHIPPED = re.compile(
    r"(?:已经?|都)(?:给您|帮您|经)?(?:发货|发出|寄出|揽收|出库)(?:了|,|。|$|啦)|(?:has (?:already )?(?:been )?|already )shipped"
)
_NOT_SHIPPED = re.compile(r"(?:还没有?|尚未|没有?|未)(?:给您)?(?:发货|发出|寄出|出库)(?:呢|,|。|$|哦|的)")

_MOST_MATCHES = 40
"""Matches of one pattern that are weighed in one reply; more say nothing new."""


@dataclass(frozen=True, slots=True)
class Ungrounded:
    """A statement at folded[start:end) that the facts do not bear out."""

    category: Category
    severity: Severity
    start: int
    end: int
    rule: str
    message: str


def contradictions(reading: Reading, context: CheckContext) -> Iterator[Ungrounded]:
    """Statements about the order that its facts contradict. None without an order."""
    if context.order is not None:
        for check in (_amounts, _couriers, _progress):
            yield from check(reading, context.order)
        yield from _numbers(reading, context.order, [fold(m.text).text for m in context.messages])


def _amounts(reading: Reading, order: Order) -> Iterator[Ungrounded]:
    if order.price_yuan is None:
        return
    known = set(_money(order))
    for m in asserted(reading, _PAID):
        paid = float(m.group(1))
        if all(abs(paid - k) >= 0.005 for k in known):
            yield _contradicts(m.start(1), m.end(1), "amount", f"订单金额是 {order.price_yuan:g} 元,不是 {paid:g} 元")


def _couriers(reading: Reading, order: Order) -> Iterator[Ungrounded]:
    if not order.courier:
        return
    courier = fold(order.courier).text
    for m in asserted(reading, _SENT_BY):
        if m.group(1) not in courier and not _same_house(m.group(1), courier):
            yield _contradicts(m.start(1), m.end(1), "courier", f"订单的快递是「{order.courier}」")


def _numbers(reading: Reading, order: Order, said: Sequence[str]) -> Iterator[Ungrounded]:
    if not order.order_id:
        return
    own = {fold(str(v)).text for v in order.facts().values()}
    for m in asserted(reading, _ORDER_NUMBER):
        given = m.group(1)
        if any(c.isdigit() for c in given) and not any(given in o for o in (*own, *said)):
            yield _contradicts(m.start(1), m.end(1), "order_number", "单号与订单信息不符")


def _progress(reading: Reading, order: Order) -> Iterator[Ungrounded]:
    status = order.tracking_status
    if order.signed_at is None and status and "签收" not in fold(status).text:
        for m in asserted(reading, _SIGNED):
            yield _contradicts(m.start(), m.end(), "signed", f"物流状态是「{status}」,没有签收记录")
    if order.shipped_at is None and order.paid_at and not status and not order.signed_at:
        for m in asserted(reading, _SHIPPED):
            yield _contradicts(m.start(), m.end(), "shipped", "订单里没有发货时间,不能说已发货")
    if order.shipped_at is not None:
        for m in asserted(reading, _NOT_SHIPPED):
            yield _contradicts(m.start(), m.end(), "not_shipped", f"订单在 {order.shipped_at:%m月%d日} 已发货")


def asserted(reading: Reading, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Matches that the reply states: not negated, asked, quoted, told of others, supposed, or still to be checked."""
    for m in itertools.islice(pattern.finditer(reading.text), _MOST_MATCHES):
        if not reading.stances(m.start(), m.end()) & {"negated", "asked", "quoted", "attributed", "conditional"}:
            clause = reading.clause_at(m.start())
            lead = reading.text[max(clause.sentence[0], m.start() - 40) : m.start()]
            supposed = reading.text.startswith(("话", "的话"), m.end())  # 还没出库的话
            if not supposed and not re.search(r"如果|若|要是|的话|等|待|后续|之后|是否|有没有|查一下|核实", lead):
                yield m


def _money(order: Order) -> Iterator[float]:
    for value in order.facts().values():
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield float(value)
        elif isinstance(value, str):
            for found in re.findall(r"\d{1,7}(?:\.\d{1,2})?", value):
                yield float(found)


def _same_house(said: str, courier: str) -> bool:
    return (said in {"邮政", "ems"} and ("邮政" in courier or "ems" in courier)) or (
        "京东" in said and "京东" in courier
    )


def _contradicts(start: int, end: int, rule: str, why: str) -> Ungrounded:
    return Ungrounded(
        "ungrounded", "block", start, end, f"ungrounded.{rule}", f"与订单信息不符:{why}(消法第二十条:真实、全面)。"
    )
