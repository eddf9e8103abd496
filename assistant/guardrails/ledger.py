"""The commitment ledger: what a reply binds the shop to, and whether the shop allows it.

A commitment is discharged by an authority (`compensation_up_to:20` covers 15 and not 50, and 15 and 10 together not)
or by an order fact (free shipping over 99 does not cover an order of 60). What is not discharged is a breach.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.authority import Authority
from assistant.conversation import Order
from assistant.guardrails import amounts
from assistant.guardrails.fold import fold
from assistant.guardrails.rulefile import CommitmentKind
from knowledge.values import AuthorityKind


@dataclass(frozen=True, slots=True)
class Commitment:
    """Something promised. `said` is the folded match, `around` its clauses; amounts in yuan, `hours` from now or paying."""

    kind: CommitmentKind
    said: str
    around: str
    yuan: tuple[float, ...]
    percent: tuple[float, ...]
    hours: float | None
    months: tuple[float, ...]

    @classmethod
    def read(cls, kind: CommitmentKind, said: str, around: str) -> Commitment:
        limit = amounts.deadline(said) or amounts.deadline(around)
        return cls(
            kind=kind,
            said=said,
            around=around,
            yuan=amounts.yuans(said) or amounts.yuans(around),
            percent=amounts.percents(around),
            hours=limit.hours if limit else None,
            months=amounts.months(said) or amounts.months(around),
        )


_FREIGHT_ONLY = re.compile(r"(?:运费|邮费|快递费)[^,。损失]*$")


class Ledger:
    """What is allowed, and what has been spent of it so far in one reply. Made anew for every check."""

    def __init__(self, authorities: Sequence[Authority], order: Order | None) -> None:
        self._granted: dict[AuthorityKind, list[Authority]] = {}
        for authority in authorities:
            self._granted.setdefault(authority.kind, []).append(authority)
        self._order = order
        self._compensated = 0.0
        self._offers: set[tuple[str, tuple[float, ...]]] = set()

    def discharges(self, commitment: Commitment) -> bool:
        """Whether the shop allows this commitment beside those already seen."""
        return _DISCHARGES[commitment.kind](self, commitment)

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
        if re.search(r"[双两三十十]倍|假一赔|全额|全款|整单|原价", c.said):
            return False
        amount = sum(c.yuan)
        if not c.yuan and c.percent:
            price = self._order.price_yuan if self._order else None
            if price is None:
                return False
            amount = price * max(c.percent) / 100
        key = (c.around, c.yuan)
        if key not in self._offers:
            self._offers.add(key)
            self._compensated += amount
        return self._compensated <= limit + 1e-9

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
        return bool(c.yuan) and self._is_price(c.yuan)

    def _coupon(self, c: Commitment) -> bool:
        if "券" not in c.around and self.grants("compensation_up_to"):
            return self._compensation(c)  # a red packet is money
        worth = self._yuan("coupon")
        return worth is not None and (not c.yuan or min(c.yuan) <= worth)

    def _gift(self, c: Commitment) -> bool:
        names = [fold(a.name or "").text for a in self._granted.get("gift", ())]
        beside = re.search(r"之外|除了|以外|另外再", c.around)
        return any(_names_gift(name, c.said if beside else c.around) for name in names)

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
        stated = [y for y in amounts.yuans(c.around) if y != over]
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
        return granted is not None and c.hours is not None and c.hours >= granted

    def _deliver_by(self, c: Commitment) -> bool:
        return self._states_a_fact(c)

    def _states_a_fact(self, c: Commitment) -> bool:
        """Whether the date named is the order's own: 5月4日签收 tells what happened."""
        dates = re.findall(r"(\d{1,2})月(\d{1,2})[日号]?", c.around)
        order = self._order
        if not dates or order is None:
            return False
        known = {(t.month, t.day) for t in (order.paid_at, order.shipped_at, order.signed_at) if t is not None}
        return all((int(month), int(day)) in known for month, day in dates)

    def _never(self, _c: Commitment) -> bool:
        return False

    def _warranty(self, c: Commitment) -> bool:
        if not self.grants("warranty_1y") or re.search(r"终身|终生|永久|一辈子|lifetime", c.around):
            return False
        return max(c.months, default=12.0) <= 12.0

    def _expedite(self, _c: Commitment) -> bool:
        return self.grants("expedite_courier_query")


def _names_gift(name: str, text: str) -> bool:
    """Whether the text names this gift: the name itself, or its last two characters (濾掛咖啡 as 咖啡)."""
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
