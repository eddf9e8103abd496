"""What the layer suspects of a clause, and what the clause does all the same: ask, refuse, tell a price, speak of an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.guardrails import amounts
from assistant.guardrails.clauses import Clause, Reading
from assistant.guardrails.context import CheckContext
from assistant.guardrails.semantic.decisions import allowances
from assistant.guardrails.semantic.discharge import Said
from assistant.guardrails.semantic.encoder import Encoded
from assistant.values import Category

_OWN_ANSWER = re.compile(
    r"回您|回复|答复|准信|准话|回话|告诉您|告知|联系您|找(?:得)?到我|给您(?:个)?(?:消息|信|结果|说法|电话)|call you|write (?:to )?you|get back|reply|let you know|update you"
)
"""When the agent answers, which is no delivery time."""
_THEIR_PARCEL = re.compile(
    r"退货|退件|寄回|退回|(?:您|你)[^,。]{0,6}寄|寄(?:都|就|也)来得及|超时|逾期|return window|send(?:ing)? it back"
)
"""When the customer is to send something."""
_ARRIVES = re.compile(
    r"送到|到货|送达|收到货|到手|到账|到家|发货|发出|寄出|钱|款|\b(?:ship|deliver|arriv|refund)|您(?:就)?(?:能|会)(?:收|拿)"
)
_UNABLE = re.compile(
    r"没(?:有)?(?:权限|空间|办法|法)|无法|不能(?!让|叫|亏)|不敢|做不了主|[改动给定应]不了|can't|cannot|not able|unable"
)
"""Says what can't be done, in a clause that speaks of what it would be a breach to promise."""

_IF = re.compile(r"的话$|^(?:如果|要是|若|假如)")
"""Says what is so if the customer chooses it: 不退的话."""

_EXEMPT = re.compile(
    r"定制|订制|定做|定作|量身|刻字|鲜活|活体|生鲜|易腐|下载|激活|充值|兑换过|在线交付|数字|一次性密封|贴身|交付的报纸|\b(?:custom|engraved|made to order|personali[sz]ed|perishable|live plants?|download(?:ed|able)?|activated)\b"
)
"""Goods that the law takes out of returning without a reason (Consumer Rights Law, art. 25)."""
_FAULTY = re.compile(r"质量|坏|破|裂|漏|故障|瑕疵|毛病|发票|\b(?:fault|defect|broken|damaged|invoice|quality)")
"""What the law gives for all goods."""
_WHAT_WAS_PAID = re.compile(r"(?:这|那|您)(?:一|的)?(?:单|笔)|实付|订单|付(?:了|的)|一共|总共|\b(?:order|paid|total)\b")
_GIVING = re.compile(r"退|补|赔|返|给|减|免|送|让|打折|折|refund|back|off|free|credit")


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A category that a piece of a reply may breach: how likely, and at which clause it speaks clearest."""

    category: Category
    probability: float
    clause: Clause
    window: tuple[int, int]
    encoded: Encoded


def is_softened(suspicion: Suspicion, reading: Reading) -> bool:
    """Whether the clause only asks, or says it can't be done, what it would be a breach to say; or speaks of the
    agent's own answer or the customer's own parcel where a delivery is suspected; or shows personal data masked; or
    only says if, where a denial is suspected.
    """
    clause = suspicion.clause
    if suspicion.category == "statutory.denial":
        return bool(_IF.search(reading.clause_text(clause)))
    if suspicion.category == "privacy":
        return "*" in reading.text[clause.sentence[0] : clause.sentence[1]]
    if not suspicion.category.startswith(("promise.", "admission.")):
        return False
    said = reading.clause_text(clause)
    nothing_arrives = suspicion.category == "promise.delivery_time" and not _ARRIVES.search(said)
    if nothing_arrives and (_OWN_ANSWER.search(said) or _THEIR_PARCEL.search(said)):
        return True
    if suspicion.category.startswith("promise.") and _UNABLE.search(said):
        return True
    return "asked" in reading.stances(clause.start, clause.end)


def promises_of(suspicion: Suspicion, reading: Reading) -> tuple[Said, Said]:
    """The suspicion's clause and its sentence, with what kinds of promise they are taken for."""
    first, last = suspicion.window
    clause, encoded = suspicion.clause, suspicion.encoded
    start, end = max(clause.sentence[0], first), min(clause.sentence[1], last)
    return (
        Said(reading.clause_text(clause), allowances(encoded.logits(clause.start - first, clause.end - first))),
        Said(reading.text[start:end], allowances(encoded.logits(start - first, end - first))),
    )


def is_excepted(suspicion: Suspicion, reading: Reading) -> bool:
    """Whether what is refused is only returning without a reason, of goods that the law excepts."""
    if suspicion.category != "statutory.denial":
        return False
    told = reading.text[slice(*suspicion.clause.sentence)]
    return bool(_EXEMPT.search(told)) and not _FAULTY.search(told)


def tells_the_price(clause: str, context: CheckContext) -> bool:
    """Whether a clause only says what the order cost: 这单488元."""
    price = context.order.price_yuan if context.order else None
    if price is None or _GIVING.search(clause) or not _WHAT_WAS_PAID.search(clause):
        return False
    return amounts.yuans(clause) == (price,)
