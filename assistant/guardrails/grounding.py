"""Ungrounded statements: what a reply says of the order against what the order says.

Blocks only where a given fact is contradicted: what nobody gave may still be true.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from assistant.conversation import Order
from assistant.guardrails import amounts
from assistant.guardrails.clauses import Reading
from assistant.guardrails.context import CheckContext
from assistant.guardrails.fold import fold
from assistant.guardrails.goods import goods_told_wrong
from assistant.values import Category, Severity

_HOUSES: dict[str, tuple[str, ...]] = {
    "顺丰": ("顺丰", "sf express", "s.f."),
    "中通": ("中通", "zto"),
    "圆通": ("圆通", "yto"),
    "韵达": ("韵达", "yunda"),
    "申通": ("申通", "sto express"),
    "极兔": ("极兔", "j&t"),
    "邮政": ("邮政", "ems", "china post"),
    "德邦": ("德邦", "deppon"),
    "京东": ("京东快递", "京东物流", "jd logistics"),
    "菜鸟": ("菜鸟", "cainiao"),
}
"""A courier and the names it goes by, folded. 京东 alone is the platform."""
_COURIER = re.compile(
    "|".join(
        rf"(?<![a-z]){re.escape(n)}(?![a-z])" if n.isascii() else re.escape(n)
        for names in _HOUSES.values()
        for n in sorted(names, key=len, reverse=True)
    )
)
_CARRIES = re.compile(
    r"送|派|发|寄|走|承运|揽|运|在途|手上|手里|签收|到了|单号|包裹|拉走|交给|\b(?:with|by|via|through|from|has|have|carr|ship|deliver)"
)
"""What a courier does with this parcel, said in the clause that names it."""
_ANOTHER_WAY = re.compile(
    r"走不走|发不发|送不送|派不派|能不能|是不是|改|换|转|别的|其他|也(?:可以|能|行)|可以(?:发|走|选)|指定|要不|或者|还是|您(?:寄|用|选|想|自己|那边)|寄回|退回|退货|上门取|回寄|寄来|如果?|若|一般|平时|通常|默认|之前|以前|上次|上一单"
    r"|\b(?:or|if|instead|return|usually|choose|switch|prefer)\b"
)
"""The clause speaks of another parcel, or of what might be."""
_HAN_SUM = r"(?:\d{1,7}(?:\.\d{1,2})?|[零一二两三四五六七八九十百千万]{2,8})"
_PAID = re.compile(
    rf"(?:(?:实付|实负|实际付|付)(?:款|金额|了|的|是|为){{0,2}}|(?:付|下)(?:的|了)?[款单],(?:一共|总共|共)(?:是|付了?)?)[¥]?({_HAN_SUM})(?:(?:元|块)(?!一|[钱]?(?:的|以))|(?=付的|[,。!]|$))|"
    r"实付(?:款|金额|了|的?是)?[¥]?(\d{1,7}(?:\.\d{1,2})?)(?![\d.%折件])|(?:实付|实际支付|实际付|您(?:一共|总共|当时)?付(?:的|了|款)|这单付(?:的|了)?|支付了|订单(?:金额|总价|总额|价格)|成交价|实收|这单(?:是|共|一共|总共)?|付款金额)(?:您|的|了|是|为|共|一共|:|款){0,3}[¥]?(\d{1,7}(?:\.\d{1,2})?)(?:元|块)"
    r"|(?:your order (?:was|is|came to|comes to|total(?:l?ed|s)?(?: is| was)?)|you paid|order total (?:is|was)|charged(?: you)?)(?: about| exactly)? ?(?:¥|rmb ?|cny ?)?(\d{1,7}(?:\.\d{1,2})?) ?(?:yuan|rmb|cny)"
)
_ORDER_NUMBER = re.compile(
    r"(?:订单号|订单编号|(?<![工])单号|order (?:number|no\.?|id))(?:是|为|:|尾号)*\s?([a-z0-9]{4,24})"
)
_THEN = r"(?:昨天|昨晚|今天|今早|上午|中午|下午|早上|前天|前几天|上周|刚刚?|早就?|已经?|都|就|显示|是|被|由)"
_SIGNED = re.compile(
    rf"{_THEN}[^,。!?;\n]{{0,8}}?(?:本人|代)?签收(?!(?:后|之后|以后|的话|时|前|之前|人|照|底单|记录|情况|没|状态))|签收(?:了|过了|成功|完成)|(?:派送|派件|配送|投递)成功(?!之?后|以后|时|的话)|(?:已经?|昨天|今天)(?:被)?妥投|^本人签收|(?:已经?)由(?:家人|本人|邻居|门卫|驿站|前台)[^,。]{{0,4}}代?(?:签收|代收)|(?:has been|was|got) (?:delivered|signed)|\bit(?:'s| is) (?:been )?(?:delivered|signed for)"
)
_SHIPPED = re.compile(
    r"(?:已经?|都|早就?|昨天|昨晚|前天|刚刚?)(?:就|给您|帮您|经|已)*(?:发货|发出|寄出|揽收|出库|发走|寄走)(?:去|来)?(?:了|,|。|$|啦|的)|(?:\d{1,2}|[一二三十]{1,3})[日号]就?(?:已经?)?(?:发货|发出|寄出|发走|寄走)(?:去|来)?了|(?:正|已经?)在(?:路上|途中|运输)|(?:has (?:already )?(?:been )?|already )shipped|it(?:'s| is) on (?:its|the) way"
)
_WAITS = re.compile(r"待(?:发货|揽收|出库)|未(?:发货|出库|揽收)|备货|配货")
_EARLIER = re.compile(r"揽收|运输|在途|中转|转运|分拨|发往|离开|出库")
_OUT_FOR_DELIVERY = re.compile(r"派送|派件|配送|投递|到达(?:网点|驿站)|待取|签收|妥投|异常|退")
_IS_OUT = re.compile(r"(?:正在|已经?在)(?:给您)?(?:派送|派件|配送)(?:中|路上|的?路上|了|,|。|$)|\bout for delivery\b")
_NOT_SHIPPED = re.compile(
    r"(?<![发出寄送离])(?:还没有?|尚未|没有?|暂未|未)(?:给您|帮您|能)?(?:发货|发出|寄出|出库|出货|发走|寄走|揽收|出仓|离仓)(?:的?呢|去|,|。|!|;|$|哦|啊|的)|(?:hasn't|has not|haven't|have not|not yet|not been) (?:yet )?(?:been )?(?:shipped|sent|dispatched|left)"
)
_DAY_NAMED = re.compile(
    r"(?<![第\d])(?:(\d{1,2}|[一二三四五六七八九十]{1,2})月)?(\d{1,2}|(?:二?十|三十)?[一二三四五六七八九]|[二三]?十)[日号](?!楼|线|店|门|桌|码)|(今天|昨天|前天|昨晚)"
)
_PAYING = r"付款|付的|付了|下单|下的单|拍下|拍的|支付|买的|订的"
_SENDING = r"发货|发出|寄出|发的货|出库|揽收|发走|寄走"
_SIGNING = r"签收|妥投|送到的|收到的"
_DATED: tuple[tuple[str, re.Pattern[str], str], ...] = tuple(
    (fact, re.compile(rf"(?:{_DAY_NAMED.pattern})[^,。!?;\n\d]{{0,8}}?(?:{verbs})"), name)
    for fact, verbs, name in (
        ("paid_at", _PAYING, "付款"),
        ("shipped_at", _SENDING, "发货"),
        ("signed_at", _SIGNING, "签收"),
    )
)
DATED = re.compile(r"(\d{1,2})月(\d{1,2})[日号]")
_SHORT_DATE = re.compile(r"(?<![\d-])(?:\d{4}-)?(\d{1,2})-(\d{1,2})(?![\d-])")
"""A day as orders write it: 11-16 买家寄出."""
_DAYS_AGO = {"今天": 0, "昨天": 1, "昨晚": 1, "前天": 2}
_SENT_BY_THEM = re.compile(r"您|你|退|换|寄回|补寄|\byou\b")
"""In the clause: another parcel than the order's was sent."""
TO_COME = re.compile(r"会|将|能|可以|之?前(?!天)|预计|争取|安排|准备|才(?:能|会)|最晚|最迟|再")
"""In the clause: the date is no report of what happened."""

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
        yield from (
            _contradicts(start, end, "goods", why)
            for start, end, why in goods_told_wrong(reading, context.order, asserted)
        )
        yield from _dates(reading, context.order, context.now)
        yield from _numbers(reading, context.order, [fold(m.text).text for m in context.messages])


def _amounts(reading: Reading, order: Order) -> Iterator[Ungrounded]:
    if order.price_yuan is None:
        return
    known = set(_money(order))
    for m in asserted(reading, _PAID):
        group = m.lastindex or 1
        paid = amounts.number(m.group(group))
        if paid is not None and all(abs(paid - k) >= 0.005 for k in known):
            start, end = m.span(group)
            yield _contradicts(start, end, "amount", f"订单金额是 {order.price_yuan:g} 元,不是 {paid:g} 元")


def _couriers(reading: Reading, order: Order) -> Iterator[Ungrounded]:
    if not order.courier:
        return
    own = _house(fold(order.courier).text)
    for m in asserted(reading, _COURIER):
        clause = reading.clause_text(reading.clause_at(m.start()))
        house = _house(m.group())
        if own and house and house != own and _CARRIES.search(clause) and not _ANOTHER_WAY.search(clause):
            yield _contradicts(m.start(), m.end(), "courier", f"订单的快递是「{order.courier}」")


def _house(name: str) -> str:
    """Which courier a folded text names first; empty for none that is known."""
    found = _COURIER.search(name)
    if found is None:
        return "京东" if "京东" in name else ""
    return next(house for house, names in _HOUSES.items() if found.group() in names)


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
    told = fold(status).text if status else ""
    if order.signed_at is None and status and not re.search(r"签收|妥投|送达|delivered|signed", told):
        for m in asserted(reading, _SIGNED):
            yield _contradicts(m.start(), m.end(), "signed", f"物流状态是「{status}」,没有签收记录")
    waits = bool(_WAITS.search(told)) or (not status and bool(order.paid_at))
    if order.shipped_at is None and waits and not order.signed_at:
        for m in asserted(reading, _SHIPPED):
            yield _contradicts(m.start(), m.end(), "shipped", "订单里没有发货时间,不能说已发货")
    if (
        status
        and not order.signed_at
        and not _OUT_FOR_DELIVERY.search(told)
        and (_WAITS.search(told) or _EARLIER.search(told))
    ):
        for m in asserted(reading, _IS_OUT):
            yield _contradicts(m.start(), m.end(), "out", f"物流状态是「{status}」,还没有派送")
    if order.shipped_at is not None:
        for m in asserted(reading, _NOT_SHIPPED):
            yield _contradicts(m.start(), m.end(), "not_shipped", f"订单在 {order.shipped_at:%m月%d日} 已发货")


def noted_days(facts: str) -> set[tuple[int, int]]:
    """Month and day of every date that the words of an order's facts tell."""
    return {(int(month), int(day)) for dates in (DATED, _SHORT_DATE) for month, day in dates.findall(facts)}


def _dates(reading: Reading, order: Order, now: datetime | None) -> Iterator[Ungrounded]:
    noted = noted_days("\n".join(fold(v).text for v in order.facts().values() if isinstance(v, str)))
    for fact, pattern, name in _DATED:
        at: datetime | None = getattr(order, fact)
        if at is None:
            continue
        for m in asserted(reading, pattern):
            clause = reading.clause_at(m.start())
            if TO_COME.search(reading.text[clause.start : m.end()]):
                continue
            if fact == "shipped_at" and _SENT_BY_THEM.search(reading.clause_text(clause)):
                continue
            month, day, ago = m.group(1), m.group(2), m.group(3)
            if ago and now is None:
                continue
            if ago and now is not None:
                right = (now - timedelta(days=_DAYS_AGO[ago])).date() == at.date()
            else:
                told = {(at.month, at.day), *noted}  # a note of the order may tell of a return
                right = any(amounts.number(day) == d and (not month or amounts.number(month) == of) for of, d in told)
            if not right:
                yield _contradicts(m.start(), m.end(), "date", f"订单的{name}时间是 {at:%m月%d日}")


def asserted(reading: Reading, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Matches that the reply states: not negated, asked, quoted, told of others, supposed, or still to be checked."""
    for m in itertools.islice(pattern.finditer(reading.text), _MOST_MATCHES):
        if not reading.stances(m.start(), m.end()) & {"negated", "asked", "quoted", "attributed", "conditional"}:
            clause = reading.clause_at(m.start())
            lead = reading.text[max(clause.sentence[0], m.start() - 40) : m.start()]
            supposed = reading.text.startswith(("话", "的话"), m.end())  # 还没出库的话
            if not supposed and not re.search(
                r"如果|若|要是|的话|等(?!级|于|同)|(?<![招接期对看])待|后续|之后|是否|有没有|查一下|核实|\b(?:if|unless|whether|until|(?:make|makes|making|be|to) sure)\b",
                lead,
            ):
                yield m


def _money(order: Order) -> Iterator[float]:
    for value in order.facts().values():
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield float(value)
        elif isinstance(value, str):
            for found in re.findall(r"\d{1,7}(?:\.\d{1,2})?", value):
                yield float(found)


def _contradicts(start: int, end: int, rule: str, why: str) -> Ungrounded:
    return Ungrounded(
        "ungrounded", "block", start, end, f"ungrounded.{rule}", f"与订单信息不符:{why}(消法第二十条:真实、全面)。"
    )
