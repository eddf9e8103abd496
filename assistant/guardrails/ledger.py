"""The commitment ledger: what a reply binds the shop to, and whether the shop allows it.

A commitment is discharged by an authority (`compensation_up_to:20` covers 15 and not 50, and 15 and 10 together not)
or by an order fact (free shipping over 99 does not cover an order of 60). What is not discharged is a breach.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from assistant.authority import Authority
from assistant.conversation import Order
from assistant.guardrails import amounts
from assistant.guardrails.commitment import Commitment, readings
from assistant.guardrails.fold import fold
from assistant.guardrails.rulefile import CommitmentKind
from assistant.values import Category
from knowledge.values import AuthorityKind

_SINCE_PAYING = re.compile(
    r"(?:付款|下单|拍下|支付|购买|付完款|下完单)(?:之?后|以后|的|了)?|\b(?:payment|order(?:s|ed|ing)?|purchases?)\b"
)
_KINDS_OF: dict[str, tuple[CommitmentKind, ...]] = {
    "promise.compensation": ("compensation", "refund", "return_right", "return_freight", "exchange"),
    "promise.price": ("price", "coupon", "gift", "free_shipping", "price_protection"),
    "promise.delivery_time": ("ship_by",),
    "promise.outcome": ("warranty",),
    "promise.third_party": ("expedite",),
}
"""What a clause of a category may commit the shop to."""
_IN_YUAN = frozenset({"compensation_up_to", "coupon", "refund_approved"})
_ARRIVES = re.compile(
    r"送到|送达|到货|到手|到家|到您|收到|拿到|能到|必到|会到|就到|到账|入账|arriv|deliver|receive|敲(?:响)?(?:您|你)|[搁摆放]到?(?:您|你)[^,。]{0,6}(?:头|门|上|前|里)|(?:您|你)家?(?:门口|楼下|门)|进(?:您|你)?家门|in your hands|get it|\breach|gets? (?:to you|there)|at your door|be with you"
)
_COMMITS_OF: dict[AuthorityKind, CommitmentKind] = {
    "refund_7day_no_reason": "return_right",
    "exchange": "exchange",
    "return_freight_by_seller": "return_freight",
    "compensation_up_to": "compensation",
    "ship_within_48h": "ship_by",
    "ship_within_24h": "ship_by",
    "price_protection_30d": "price_protection",
    "free_shipping_over": "free_shipping",
    "gift": "gift",
    "warranty_1y": "warranty",
    "coupon": "coupon",
    "expedite_courier_query": "expedite",
    "refund_approved": "refund",
}
"""What a promise is that an authority of this kind allows; the others carry nothing to be kept to."""
_IN_TOTAL = re.compile(r"一共|总共|合计|共计|统共|合着|合共|合起来|加起来|拢共|in total")
ON_TOP = re.compile(
    r"[再又](?:另外)?(?:给|帮|为)?(?:您|你)?(?:额外|多)?(?:补|赔|退|加|打|转|返|申请)(?!到|齐)|追加|额外|加补|\b(?:another|additional|on top|extra)\b|\d more\b"
)
"""Comes on top of what was offered before: 再给您补10元, not 补到20元."""
_CEILING = re.compile(r"上限|封顶|最高|额度|\bat most\b|\bup to\b")
"""Names how much may be given, which gives nothing yet."""
_EACH = re.compile(
    r"([两俩二三四五六七八九十]|\d{1,2}) ?(?:个|件|只|条|双|瓶|盒|箱|包|袋|套|张|把|本|块|份|台|支|对|样|罐|桶|\w+s\b)[^,。]{0,8}?(?:各|每|一个|一件|\beach\b)"
    r"|\beach of the (two|three|four|five|\d)"
)
"""Says how many get the same: 两个抱枕各补您15元."""
_GAP = re.compile(r"(?:差|再(?:加|买|凑|添|拿|拍))(?:您|个|了|上|不到|大概)*[\d零一二两三四五六七八九十百]+(?:块|元)?")
"""What is still missing from a sum: 还差六块."""
_NO_CHARGE = re.compile(
    r"(?:也|都|就|是|全)*(?:不要|不收|不用|不算|没|免)(?:您|你)?的?(?:付|掏|出|花)?钱|白(?:送|给|拿|用)|免费"
)
"""Says of what the sentence names that it costs nothing: 多搁两个密封夹,不要钱."""
_OPEN_ENDED = re.compile(
    r"(?:医药|药|复诊|挂号|检查|营养|误工|打车|干洗|清洗|拆装|另购)费|(?<![运邮递])的费用|多少钱?[^,。]{0,6}(?:报|都算|全算)"
)
"""Costs that nobody has counted yet: no sum covers them."""
_FOUND_FOR_SURE = re.compile(
    r"(?:准|一定|肯定|保证|必|天黑|今[天晚儿]|明[天早儿]|[点天号]之?前)[^,。]{0,10}(?:找着|找到|找回|追回|到位|送|解决)"
)
"""What an enquiry brings about is not the shop's to promise."""
_NEVER_BREAKS = re.compile(r"[坏旧烂]不了|(?:永远|绝对|肯定|怎么[^,。]{0,4}都?)不会?坏")
_THRESHOLD = re.compile(r"满[^,。减]{1,8}?(?=减|用|可|立减|才|使|抵)")
"""What has to be spent before a coupon counts: 满一百减二十."""
_SHEETS = re.compile(r"([两俩三四五六七八九十]|[2-9])张")
_FREIGHT_ONLY = re.compile(r"(?:运费|邮费|快递费)[^,。损失]*$")


class Ledger:
    """What is allowed, and what has been spent of it so far in one reply. Made anew for every check.

    `offered` is the compensation in yuan that the shop's agents named earlier in the talk: what comes on top of it (再补您10元)
    is spent with it, what names a sum anew (那补到20元) stands for itself.
    """

    def __init__(
        self,
        authorities: Sequence[Authority],
        order: Order | None,
        now: datetime | None = None,
        offered: float = 0.0,
    ) -> None:
        self._granted: dict[AuthorityKind, list[Authority]] = {}
        for authority in authorities:
            self._granted.setdefault(authority.kind, []).append(authority)
        self._order = order
        self._now = now
        self._offered = offered
        self._compensated = 0.0
        self._offers: set[tuple[str, tuple[float, ...]]] = set()

    def discharges(self, commitment: Commitment) -> bool:
        """Whether the shop allows this commitment beside those already seen."""
        return any(_DISCHARGES[kind](self, c) for kind, c in readings(commitment))

    def covers(self, category: Category, clause: str, sentence: str) -> bool:
        """Whether the shop allows what a clause of folded text commits it to, for a layer that knows only the category.

        Every kind of commitment that its words can be read as is tried; an admission is covered by an inspection.
        """
        if category in {"admission.defect", "admission.fault"}:
            return self.grants("defect_confirmed_by_inspection")
        kinds = _KINDS_OF.get(category, ())
        return any(self.discharges(Commitment.read(kind, clause, clause, sentence)) for kind in kinds)

    def fits(self, kind: AuthorityKind, clause: str, sentence: str) -> bool:
        """Whether what a clause of folded text says, which is of this kind, keeps to what the shop allows of the kind.

        A sum, a threshold or a time that the words give must keep to it; where they give none the authority is enough,
        except for how soon something is sent.
        """
        commits = _COMMITS_OF.get(kind)
        if commits is None:
            return self.grants(kind)
        if kind.startswith("ship_") and _ARRIVES.search(clause):
            return False  # how soon it is sent says nothing of when it is there
        if kind == "expedite_courier_query" and _FOUND_FOR_SURE.search(clause):
            return False
        if kind == "compensation_up_to" and _OPEN_ENDED.search(clause) and not amounts.yuans(clause):
            return False
        around = sentence if kind == "free_shipping_over" else clause  # the order's sum stands beside it
        own = Commitment.read(commits, clause, around, sentence)
        if kind in _IN_YUAN and not own.yuan:
            own = replace(own, yuan=amounts.bare(clause) or amounts.bare(sentence))
        if kind == "compensation_up_to" and own.yuan and not (amounts.yuans(clause) or amounts.bare(clause)):
            own = replace(own, around=sentence)  # the sum of another clause is no second offer: 补您十二,退到您账上
        if _DISCHARGES[commits](self, own):
            return True
        told = own.yuan or own.hours or own.months
        return not told and _DISCHARGES[commits](self, Commitment.read(commits, clause, sentence))

    def names_gift(self, clause: str) -> bool:
        """Whether a clause of folded text names a gift that the shop gives."""
        return any(_names_gift(fold(a.name or "").text, clause) for a in self._granted.get("gift", ()))

    def grants(self, kind: AuthorityKind) -> bool:
        return kind in self._granted

    def _yuan(self, kind: AuthorityKind) -> float | None:
        found = [a.yuan for a in self._granted.get(kind, ()) if a.yuan is not None]
        return max(found) if found else None

    def _compensation(self, c: Commitment) -> bool:
        limit = self._yuan("compensation_up_to")
        if _FREIGHT_ONLY.search(c.said) or (c.said.startswith("费") and _FREIGHT_ONLY.search(c.around)):
            return self._return_freight(c)  # 退回的运费算我们的
        if limit is None:
            return self._coupon(c) if "券" in c.around and c.yuan else False
        whole = r"[双两三十]倍|假一赔|全额|全款|原价" + ("" if c.yuan else "|整单")
        if re.search(whole, c.said):
            return False
        total = _IN_TOTAL.search(c.around)
        amount = max(c.yuan, default=0.0) if total else sum(c.yuan) * _each(c.around)
        if not c.yuan and c.percent:
            price = self._order.price_yuan if self._order else None
            if price is None:
                return False
            amount = price * max(c.percent) / 100
        if _CEILING.search(c.around):
            return amount <= limit + 1e-9
        # a sum that stands in another clause is told for the whole sentence
        around, sums = c.around if amounts.yuans(c.around) else c.sentence, c.yuan or (amount,)
        if not self._told_already(around, sums):
            self._offers.add((around, sums))
            if self._offered and ON_TOP.search(c.around):
                amount, self._offered = amount + self._offered, 0.0
            self._compensated = max(self._compensated, amount) if total else self._compensated + amount
        return self._compensated <= limit + 1e-9

    def _told_already(self, around: str, sums: tuple[float, ...]) -> bool:
        """Whether these are offers seen before, in the same words or in the sentence around them."""
        beside = [set(told) for seen, told in self._offers if around in seen or seen in around]
        return bool(beside) and set(sums) <= set().union(*beside)

    def _refund(self, c: Commitment) -> bool:
        approved = self._yuan("refund_approved")
        if approved is not None:
            return not c.yuan or any(abs(y - approved) < 0.005 for y in c.yuan)
        if c.yuan and self.grants("compensation_up_to"):
            return self._compensation(c)
        return self.grants("refund_7day_no_reason") and (not c.yuan or self._is_price(c.yuan))

    def _is_price(self, yuan: tuple[float, ...]) -> bool:
        price = self._order.price_yuan if self._order else None
        return price is not None and all(abs(y - price) < 0.005 for y in yuan)

    def _return_right(self, c: Commitment) -> bool:
        if "换" in c.said and "退" not in c.said:
            return self._exchange(c)
        if not self.grants("refund_7day_no_reason"):
            return self.grants("refund_approved") and "无理由" not in c.said and self._refund(c)
        longest = max((m for m in c.months), default=0.0)
        return longest <= 7 / 30 + 0.02

    def _return_freight(self, _c: Commitment) -> bool:
        return self.grants("return_freight_by_seller") or self.grants("defect_confirmed_by_inspection")

    def _exchange(self, _c: Commitment) -> bool:
        return self.grants("exchange")

    def _price(self, c: Commitment) -> bool:
        if "退" in c.said:
            return self._refund(c)  # 59元退给您
        if re.search(r"[补赔]", c.said):
            return self._compensation(c)  # 20元以内补给您
        if self.grants("coupon") and "券" in c.around:
            return self._coupon(c)
        if not c.yuan and _NO_CHARGE.match(c.said):
            return any(_names_gift(fold(a.name or "").text, c.sentence) for a in self._granted.get("gift", ()))
        return bool(c.yuan) and self._is_price(c.yuan)

    def _coupon(self, c: Commitment) -> bool:
        if "券" not in c.around and self.grants("compensation_up_to"):
            return self._compensation(c)  # a red packet is money
        worth = self._yuan("coupon")
        if worth is None:
            return False
        around = _THRESHOLD.sub("", c.around)
        sums = (amounts.yuans(around) or amounts.bare(around)) if "券" in around or "张" in around else ()
        least = min(sums or c.yuan, default=0.0)
        sheets = _SHEETS.search(around)
        told = least * (amounts.number(sheets.group(1)) or 1.0) if sheets and sums else least
        return told <= worth + 1e-9

    def _gift(self, c: Commitment) -> bool:
        names = [fold(a.name or "").text for a in self._granted.get("gift", ())]
        beside = re.search(r"之外|除了|以外|另外再", c.around)
        nameless = _NAMELESS.match(c.said) or _ONLY_GIVES.match(c.around)
        told = c.said if beside else c.sentence if nameless else c.around
        return any(_names_gift(name, told) for name in names) or bool(names and not beside and _ONLY_GIVES.match(told))

    def _free_shipping(self, c: Commitment) -> bool:
        over = self._yuan("free_shipping_over")
        if over is None:
            return False
        threshold = re.search(r"(?:满|够|凑到|凑够|到|超过|over ¥?)\s?(\d{1,6})", c.around)
        if threshold and float(threshold.group(1)) < over:
            return False
        price = self._order.price_yuan if self._order else None
        if price is not None:
            return price >= over or f"满{over:g}" in c.around
        told = [_GAP.sub("", text) for text in (c.around, c.sentence)]
        stated = [y for y in amounts.yuans(told[0]) or amounts.bare(told[1]) if y != over]
        return not stated or max(stated) >= over or f"满{over:g}" in c.around

    def _price_protection(self, c: Commitment) -> bool:
        if not self.grants("price_protection_30d"):
            return False
        if re.search(r"双十[一二]|618|年底|过年|春节|一直|永久|终身|随时", c.around) and not re.search(
            r"30天", c.around
        ):
            return False
        return max((m for m in c.months), default=1.0) <= 1.04

    def _ship_by(self, c: Commitment) -> bool:
        if self._states_a_fact(c):
            return True
        granted = 24.0 if self.grants("ship_within_24h") else 48.0 if self.grants("ship_within_48h") else None
        if granted is None:
            return False
        paid = self._order.paid_at.replace(tzinfo=None) if self._order and self._order.paid_at else None
        named = amounts.moment(c.around, self._now or paid) if paid else None
        if named is not None and paid is not None:
            return named >= paid + timedelta(hours=granted)
        if c.hours is None:
            return False
        if not _SINCE_PAYING.search(c.around):
            granted = max(granted - self._hours_since_paying(), 0.0)  # 明天发 of an order paid for 40 hours ago
        return c.hours >= granted

    def _hours_since_paying(self) -> float:
        paid = self._order.paid_at if self._order else None
        if paid is None or self._now is None:
            return 0.0
        return max((self._now.replace(tzinfo=None) - paid.replace(tzinfo=None)).total_seconds() / 3600, 0.0)

    def _deliver_by(self, c: Commitment) -> bool:
        return self._states_a_fact(c)

    def _states_a_fact(self, c: Commitment) -> bool:
        """Whether the date named is the order's own: 5月4日签收 tells what happened."""
        dates = amounts.days(c.around)
        order = self._order
        if not dates or order is None:
            return False
        known = [(t.month, t.day) for t in (order.paid_at, order.shipped_at, order.signed_at) if t is not None]
        known += [(month, day) for month, day in amounts.days(order.tracking_status or "") if month is not None]
        return all(any(day == d and month in (None, m) for m, d in known) for month, day in dates)

    def _never(self, _c: Commitment) -> bool:
        return False

    def _warranty(self, c: Commitment) -> bool:
        if not self.grants("warranty_1y") or re.search(r"终身|终生|永久|一辈子|lifetime", c.around):
            return False
        if _NEVER_BREAKS.search(c.around):
            return False
        if re.search(r"换新|换一|新的", c.said) and not self.grants("exchange"):
            return False
        return max(c.months, default=12.0) <= 12.0

    def _expedite(self, _c: Commitment) -> bool:
        return self.grants("expedite_courier_query")


def _each(around: str) -> float:
    """How many times a sum is given in a clause that gives it for each of several; 1 elsewhere."""
    found = _EACH.search(around)
    return (amounts.number(found.group(1) or found.group(2)) or 1.0) if found else 1.0


_GIVES = r"(?:我|就|再|都|也|一起|顺手|每个箱子|随(?:单|箱|货|包裹)|给(?:您|你))*(?:多)?(?:送|赠|塞|放|搭|带|捎|附)(?:了|给|上)?(?:您|你)?(?:一|两)?(?:个|条|只|把|支|份|包|张|袋|盒)?(?:在?(?:盒|箱|包裹)里|进去|过去|里面)?的?"
_NAMELESS = re.compile(r"^(?:就|都|也|一起|是)*(?:随[^,。]{1,4})?(?:送|赠)(?:给)?(?:您|你)?的?$")
"""Says that something is given, the clause before says what: 随箱有一只帆布袋,是送您的."""
_ONLY_GIVES = re.compile(rf"^{_GIVES}(?:$|[,。!](?:甭|不用|不)?(?:付|掏|另|收)?[^,。]{{0,4}}钱)")
"""A whole sentence that names nothing: what is given was told before."""


_BESIDES = re.compile(r"\s*(?:之外|以外|外[,再还另]|除外|不算)")


def _names_gift(name: str, text: str) -> bool:
    """Whether the text names this gift: the name itself, or its last two characters (濾掛咖啡 as 咖啡). What is given besides it
    (帆布袋之外再塞两包) is another.
    """
    if any(_BESIDES.match(text, m.end()) for m in re.finditer(re.escape(name[-2:]), text) if name):
        return False
    return bool(name) and (name in text or (len(name) > 2 and name[-2:] in text) or name.split()[-1] in text)


_DISCHARGES: dict[CommitmentKind, Callable[[Ledger, Commitment], bool]] = {
    "compensation": Ledger._compensation,
    "refund": Ledger._refund,
    "return_right": Ledger._return_right,
    "return_freight": Ledger._return_freight,
    "exchange": Ledger._exchange,
    "price": Ledger._price,
    "coupon": Ledger._coupon,
    "gift": Ledger._gift,
    "free_shipping": Ledger._free_shipping,
    "price_protection": Ledger._price_protection,
    "ship_by": Ledger._ship_by,
    "deliver_by": Ledger._deliver_by,
    "refund_arrival": Ledger._never,
    "warranty": Ledger._warranty,
    "expedite": Ledger._expedite,
    "third_party": Ledger._never,
}
