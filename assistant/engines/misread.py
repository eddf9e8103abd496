"""Wishes that a reading takes for others and that the customer's words or the order show for what they are."""

from __future__ import annotations

from collections.abc import Sequence, Set

import re2

from assistant.engines import Brief
from assistant.situation.script import folded

PRICE = ("pre.bargain", "pre.bulk", "pre.cheaper_elsewhere", "pre.price_expensive")
_UNPAID, _ILL_PET = "in.urge_payment", "after.pet_sick"
_ILL = re2.compile(
    r"吐|拉稀|拉肚|软便|便血|血|不吃|不喝|没精神|趴|抽|病|死|医|瘫|发烧|痒|掉毛|过敏|中毒|肿|疼|痛|难受|噎|卡住|吞|"
    r"vomit|threw up|sick|vet\b|ill\b|died|letharg|diarr|poison"
)
"""What a pet's owner says when it is ill: a wheel that squeaks at night is no illness."""
_NEAR_AN_OFFER = ("pre.fit_check", "pre.product_question", "pre.how_to_order")
_OFFER = re2.compile(r"\d{2,}(?:块|元)?(?:钱)?(?:能|就)?(?:给我|拿不|拿吗|卖不|卖吗|成不|成交)")
"""A sum that somebody would buy for (450拿不): not asked of the goods, whatever else it resembles."""


def without_misreadings(intents: Sequence[str], named: Set[str], brief: Brief) -> list[str]:
    """`intents` led by the price where words name one and nothing names the first; without what the order or the customer's
    words rule out: to be urged to pay once it is paid, a sick pet of which nobody told. Never emptied.
    """
    words = folded(" ".join(m.text for m in brief.conversation.messages if m.role == "customer"))
    kept = list(intents)
    if kept and kept[0].startswith("pre.") and kept[0] not in named:
        priced = [i for i in kept if i in named and i.startswith(PRICE)]
        if not priced and kept[0] in _NEAR_AN_OFFER and _OFFER.search(words):
            priced = ["pre.bargain_offer"]
        kept = [*priced, *(i for i in kept[bool(priced) :] if i not in priced)]
    order = brief.conversation.order
    paid = order is not None and order.paid_at is not None
    ruled_out = {*((_UNPAID,) if paid else ()), *((_ILL_PET,) if not _ILL.search(words) else ())}
    return [i for i in kept if i not in ruled_out] or kept
