"""Statements of fact that nothing given bears out: parcel numbers, dates, stock, measures, and things said to be done.

What was given are the order's facts, the messages and the texts known (passages, policy). Invented where something of
the kind was given and this is not it: block. Merely unsupported: warn, so that the agent makes sure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property

from assistant.guardrails.clauses import Reading
from assistant.guardrails.context import CheckContext
from assistant.guardrails.fold import fold
from assistant.guardrails.grounding import DATED, TO_COME, Ungrounded, asserted, noted_days
from assistant.values import Severity

_PARCEL = re.compile(
    r"(?:快递|运|物流|包裹|顺丰|中通|圆通|韵达|申通|极兔|邮政|ems|京东|德邦)?单号?(?:已经?)?(?:出来了|更新了)?(?:是|为|:|,)?\s?((?:顺丰|圆通|中通|[a-z]{0,4})\d{9,18})"
    r"|(?:tracking (?:number|no\.?)|waybill)(?: is|:)? ?([a-z]{0,4}\d{9,18})|(?<![a-z0-9])((?:sf|yt|zt|st|yd|jt|jd|zto|sto|yto)[a-z]{0,2}\d{10,16})"
)
_DIGIT = re.compile(r"\d")
_LONG_NUMBER = re.compile(r"\d{9}")
"""Without one there is no parcel number."""
_TICKET = re.compile(
    r"(?:工单|受理|登记|服务单|投诉单?|案件|查件|ticket|case)(?:编)?(?:号码?| ?number| ?no\.?| ?#)(?: is|是|为|:|\s){0,3}([a-z]{0,4}-?\d{3,16})"
)
_CITY = (
    "北京|上海|天津|重庆|广州|深圳|东莞|佛山|中山|惠州|珠海|汕头|杭州|宁波|温州|义乌|金华|嘉兴|台州|绍兴|南京|苏州|无锡|常州|徐州|南通|扬州"
    "|合肥|芜湖|福州|厦门|泉州|南昌|济南|青岛|潍坊|临沂|烟台|郑州|洛阳|武汉|宜昌|长沙|株洲|成都|绵阳|贵阳|昆明|西安|咸阳|兰州|西宁|银川"
    "|乌鲁木齐|拉萨|呼和浩特|太原|石家庄|保定|廊坊|沈阳|大连|长春|哈尔滨|南宁|柳州|海口|三亚|香港|澳门|台北|高雄"
)
_WHERE = re.compile(
    rf"(?:包裹|快件|快递|物流|货|宝贝|件|东西|它)(?:现在|目前|已经?|刚刚?|都|昨天|今天|今早|昨晚|就|是|显示)*(?:到达|抵达|到了?|在)({_CITY})(?:了|市|的|这边|那边|中转|分拨|转运|集散|网点|仓|,|。|$)"
)
"""Where a parcel is said to be. Only towns that parcels pass; what is not in the list is not judged."""
_PROPERTY = re.compile(
    r"纯棉|全棉|真丝|桑蚕丝|羊绒|(?:纯|全)羊毛|(?:头层)?牛皮|真皮|实木|纯银|足金|食品级|医用级|(?:304|316)不锈钢|航空铝|天然乳胶|(?:原装|德国|日本|意大利|法国|美国|新西兰)(?:进口|原产|制造)"
    r"|ip[x\d]\d|upf ?\d{2}|防紫外线|阻燃|无添加|零添加|(?<!含)不含(?:酒精|香精|防腐剂|糖|激素|荧光剂)|不(?:缩水|掉色|褪色|起球|粘锅|生锈)|(?:孕妇|孕期|宝宝|婴儿|敏感肌)(?:也|都)?(?:可以|能|可)(?:放心)?[用吃喝穿]"
    r"|pure cotton|100% (?:cotton|wool|silk)|genuine leather|solid wood|food[- ]grade|waterproof|won't (?:shrink|fade)|safe for (?:babies|pregnan\w+|infants)"
)
"""What goods are made of, withstand and are safe for: the properties that a customer buys by."""
_OF_THE_GOODS = re.compile(
    r"这[款个件双条套种]|它|本[款品]|我们家?的?|咱家|店里的?|材质|面料|内胆|成分|\b(?:it|this|these|ours?)\b"
)
_BOUGHT = re.compile(
    r"(?:您|你)(?:这单|当时)?(?:买|拍|订购?|下单)(?:的|了)是?(?:一?[个件双台条套款])?([\u4e00-\u9fff]{2,8}?)(?:吧|对吗|,|。|!|$)"
)
_NO_GOODS = re.compile(
    r"[码款色号套件份版型尺最活动优惠正品现货东西宝贝商品产这那两三几大小新礼赠预定时间昨今前后多少便宜早晚天我他她谁什哪单家店同别的了是不没还也都就呢啊吗]"
)
_STOCK_NEEDS = ("库存", "现货", "仓库", "仓里", "店里", " left", " in stock", " unit")
_DONE_NEEDS = ("已", "刚", "方才", "i've", "i have")
"""`_STOCK` and `_DONE` match nothing without one of these; a search for each is quicker."""
_HAPPENED = re.compile(r"签收|送达|妥投|发货|发出|寄出|出库|揽收|付款|下单|拍下|支付")
_STOCK = re.compile(
    r"(?:库存|现货|仓库|仓里|店里)[^,。!?;\n]{0,6}?(?:还有|还剩|只剩|剩|有|就剩)(?:下|了)?[^,。!?;\n]{0,3}?(\d{1,6}|[一二两三四五六七八九十百千]{1,5})(?:来|多|几)?(?:件|个|台|双|条|套|箱|盒|瓶|只|份|包|本|块|张)"
    r"|(\d{1,6}) (?:left|in stock|units? left)"
)
_MEASURE = re.compile(
    r"(\d{1,6}(?:\.\d{1,3})?)\s?(厘米|公分|毫米|cm|mm|毫升|升|ml|公斤|千克|kg|克|g|斤|瓦|w|毫安时?|mah|伏|v|支纱?|寸|英寸|度|℃|小时续航|分贝|db)(?![a-z])"
)
_DONE = re.compile(
    r"(?:我|这边|我们|客服|同事)?(?:已经|已|刚刚?|方才)(?:帮|给|替|为|跟|向|和)?(?:您|你|快递|仓库|网点|站点|平台|厂家|主管|同事|财务|师傅)?[^,。!?;\n]{0,6}?"
    r"(?:催(?:过|了|促)|打(?:过)?(?:了)?电话|联系(?:过|上|好|了)|拦截(?:了|成功)|投诉(?:过|了)|(?:查|调)(?:过|了|取了?)监控|沟通(?:过|好|了)|核实(?:过|好|清楚)了?|查(?:过|到|清楚)了?|确认(?:过|好)了?|备注(?:好|过)了?|登记(?:好|过)了?|提交(?:好|过)?了|上报了?|改好了?|取消(?:好|成功)?了|补发了|退(?:过|好)了)"
    r"|i(?:'ve| have) (?:already )?(?:contacted|called|asked|urged|checked with|confirmed with|submitted|escalated)"
)
_CERTAIN_ACTS = re.compile(r"核实|确认|查|登记|备注|沟通|提交|checked|submitted")
"""What an agent may well have done a moment ago; said of a third party it is worth a second look."""
_THIRD = re.compile(r"快递|仓库|网点|站点|平台|厂家|财务|师傅|监控|courier|carrier|warehouse|platform|bank")


class _Given:
    """Everything that a statement may rest on, folded once and only when asked for."""

    def __init__(self, context: CheckContext) -> None:
        self._context = context

    @cached_property
    def facts(self) -> str:
        order = self._context.order
        return "\n".join(fold(str(v)).text for v in order.facts().values()) if order else ""

    @cached_property
    def said(self) -> str:
        return "\n".join(fold(m.text).text for m in self._context.messages)

    @cached_property
    def known(self) -> str:
        return "\n".join(fold(text).text for text in self._context.known_text)

    @cached_property
    def all(self) -> str:
        return "\n".join((self.facts, self.said, self.known))

    @cached_property
    def shown(self) -> str:
        """What the shop's own side gave: facts, texts, and what agents said before; what a customer asks proves nothing."""
        agents = "\n".join(fold(m.text).text for m in self._context.messages if m.role == "agent")
        return "\n".join((self.facts, self.known, agents))

    @cached_property
    def days(self) -> set[tuple[int, int]]:
        order, now = self._context.order, self._context.now
        times = [v for v in order.facts().values() if isinstance(v, datetime)] if order else []
        times += [m.at for m in self._context.messages if m.at is not None]
        times += [now] if now else []
        days = {(t.month, t.day) for t in times}
        return days | noted_days(self.facts) | {(int(month), int(day)) for month, day in DATED.findall(self.all)}


def claims(reading: Reading, context: CheckContext) -> Iterator[Ungrounded]:
    """Every statement of fact in a reply that nothing given bears out. Time is linear in the reply's length."""
    text = reading.text
    given = _Given(context)
    if _DIGIT.search(text):
        if _LONG_NUMBER.search(text):
            yield from _parcels(reading, context, given)
        yield from _days(reading, context, given)
        yield from _measures(reading, context, given)
        yield from _tickets(reading, given)
    if context.order or context.known_text or context.messages:
        yield from _properties(reading, given)
    if context.order is not None:
        yield from _places(reading, context, given)
        yield from _goods(reading, context, given)
    if any(word in text for word in _STOCK_NEEDS):
        yield from _stock(reading, given)
    if any(word in text for word in _DONE_NEEDS):
        yield from _done(reading, given)


def _parcels(reading: Reading, context: CheckContext, given: _Given) -> Iterator[Ungrounded]:
    for m in asserted(reading, _PARCEL):
        group = next(i for i in (1, 2, 3) if m.group(i))
        if m.group(group).lstrip("abcdefghijklmnopqrstuvwxyz顺丰圆中通") in given.all:
            continue
        severity: Severity = "block" if context.order or context.messages or context.known_text else "warn"
        yield _found("parcel_number", severity, m.start(group), m.end(group), "单号在订单、聊天和资料里都没有")


def _tickets(reading: Reading, given: _Given) -> Iterator[Ungrounded]:
    for m in asserted(reading, _TICKET):
        if m.group(1) not in given.all:
            yield _found("ticket", "warn", m.start(1), m.end(1), "这个工单号在订单、聊天和资料里都没有,请核对")


def _properties(reading: Reading, given: _Given) -> Iterator[Ungrounded]:
    for m in asserted(reading, _PROPERTY):
        clause = reading.clause_text(reading.clause_at(m.start()))
        if _OF_THE_GOODS.search(clause) and m.group() not in given.shown:
            yield _found("property", "warn", m.start(), m.end(), "这个材质或性能在商品信息和资料里没有,以详情页为准")


def _places(reading: Reading, context: CheckContext, given: _Given) -> Iterator[Ungrounded]:
    order = context.order
    severity: Severity = "block" if order is not None and order.tracking_status else "warn"
    for m in asserted(reading, _WHERE):
        if m.group(1) not in given.all:
            yield _found("place", severity, m.start(1), m.end(1), "物流信息里没有这个地方")


def _goods(reading: Reading, context: CheckContext, given: _Given) -> Iterator[Ungrounded]:
    if context.order is None or not context.order.item:
        return
    for m in asserted(reading, _BOUGHT):
        if not _NO_GOODS.search(m.group(1)) and not set(m.group(1)) & set(given.all):
            yield _found("item", "warn", m.start(1), m.end(1), f"订单里的商品是「{context.order.item}」")


def _days(reading: Reading, context: CheckContext, given: _Given) -> Iterator[Ungrounded]:
    if context.order is None:
        return
    for m in asserted(reading, DATED):
        clause = reading.clause_text(reading.clause_at(m.start()))
        if TO_COME.search(clause):
            continue  # 6月6日之前会寄出 is a promise, which the ledger weighs
        if _HAPPENED.search(clause) and (int(m.group(1)), int(m.group(2))) not in given.days:
            order = context.order
            known = order.paid_at or order.shipped_at or order.signed_at
            severity: Severity = "block" if known else "warn"
            yield _found("date", severity, m.start(), m.end(), "这个日期与订单和聊天里的都不同")


def _stock(reading: Reading, given: _Given) -> Iterator[Ungrounded]:
    for m in asserted(reading, _STOCK):
        number = m.group(1) or m.group(2)
        if number not in given.all:
            yield _found("stock", "warn", m.start(), m.end(), "库存数量没有依据,以页面显示为准")


def _measures(reading: Reading, context: CheckContext, given: _Given) -> Iterator[Ungrounded]:
    if not context.known_text:
        return
    for m in asserted(reading, _MEASURE):
        if not re.search(rf"(?<![\d.]){re.escape(m.group(1))}(?![\d.]*\d)", given.all):
            yield _found("measure", "warn", m.start(), m.end(), "这个数值在资料里没有")


def _done(reading: Reading, given: _Given) -> Iterator[Ungrounded]:
    for m in asserted(reading, _DONE):
        words = m.group()
        if words in given.said or (_CERTAIN_ACTS.search(words) and not _THIRD.search(words)):
            continue
        yield _found("false_action", "warn", m.start(), m.end(), "请确认这件事确实已经办了再发")


def _found(rule: str, severity: Severity, start: int, end: int, why: str) -> Ungrounded:
    return Ungrounded(
        "ungrounded", severity, start, end, f"ungrounded.{rule}", f"没有依据:{why}(消法第二十条:真实、全面)。"
    )
