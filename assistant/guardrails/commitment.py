"""What a clause promises: a commitment with its sums and times, and every kind of promise that its words can be read as."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from assistant.guardrails import amounts
from assistant.guardrails.rulefile import CommitmentKind


@dataclass(frozen=True, slots=True)
class Commitment:
    """Something promised. `said` is the folded match, `around` its clauses; amounts in yuan, `hours` from now or paying."""

    kind: CommitmentKind
    said: str
    around: str
    sentence: str
    yuan: tuple[float, ...]
    percent: tuple[float, ...]
    hours: float | None
    months: tuple[float, ...]

    @classmethod
    def read(cls, kind: CommitmentKind, said: str, around: str, sentence: str = "") -> Commitment:
        limit = amounts.deadline(said) or amounts.deadline(around)
        beside = amounts.yuans(around)
        # a match may end within a word: 补您一(张15元的券); 两处加一块给您补上 is together
        own = tuple(yuan for yuan in amounts.yuans(said) if yuan in beside or said not in around)
        return cls(
            kind=kind,
            said=said,
            around=around,
            sentence=sentence or around,
            yuan=own or beside or _told_beside(kind, sentence),
            percent=amounts.percents(around),
            hours=limit.hours if limit else None,
            months=amounts.months(said) or amounts.months(around),
        )


def _told_beside(kind: CommitmentKind, sentence: str) -> tuple[float, ...]:
    """A sum that stands in a neighbouring clause: 给您走个小额打款,六块六."""
    return amounts.yuans(sentence) if kind in {"compensation", "refund", "coupon"} else ()


_FREIGHT = re.compile(
    r"(?:来回|往返)的?(?:快递|物流)(?![员单])|配送费|送货费|邮资费|(?:发货|寄出|上门)[^,。]{0,6}不(?:收|要|用)(?:您|你)|(?:小哥|快递员|取件员?|师傅)[^,。]{0,4}不(?:收|要)(?:您|你)|(?:return )?label|sending (?:it|them) back|cost of (?:the )?return|运费|邮费|邮资|快递(?:费|钱)|物流费|寄费|路费|回程|包邮|免邮|免运|\bshipping\b|\bpostage\b|\bfreight\b|return label"
)
_FREIGHT_TOO = frozenset({"return_freight", "free_shipping", "compensation", "ship_by", "price", "third_party"})
_GOES_BACK = re.compile(r"退|寄回|换|回程|来回|往返|返回|寄过来|送修|上门取|return|back|exchange|swap")
_GOES_OUT = re.compile(
    r"包邮|免邮|免运|不收|寄出|寄给您|发给您|这一?单|这笔|这次|下单|购|满\d|满[一二三四五六七八九]|够\d|凑|over|order|free"
)
_PAID_FOR_SENDING = re.compile(
    r"(?:垫|付|花)(?:了|的)?[^,。]{0,8}(?:邮费|邮资|运费|快递费|寄费|路费|(?:块|元)[^,。]{0,4}(?:寄回|寄来|寄过|退回))|(?:回寄|寄回来?|寄过来|退回来|上门(?:取|收)件)[^,。]{0,8}(?:块|元|钱|费|资)"
)
"""Money for postage that was laid out, whatever word stands for giving it back: 您垫的十二块邮费我补回您."""
_NAMED_KINDS: tuple[tuple[CommitmentKind, re.Pattern[str]], ...] = (
    (
        "price_protection",
        re.compile(
            r"差价|差额|价差|保价|价保|差的(?:那)?(?:点|部分|些)?钱|差的[^,。]{1,6}(?:块|元)|买贵|降了?价|掉价|跌价|便宜了|price (?:drop|protect)|difference|\bgap\b"
        ),
    ),
    (
        "ship_by",
        re.compile(r"^(?!.*(?:[到达]|送|arriv|deliver|reach|get there)).*(?:\bship|dispatch|发货|发出|寄出|出库)"),
    ),
    (
        "coupon",
        re.compile(r"券|卡包|满减|购物金|抵用金|张.{0,5}块的|张(?:立减|抵|减|满)|结[账算].{0,4}减|coupon|voucher"),
    ),
    ("warranty", re.compile(r"保修|质保|保固|包修|联保|故障|坏了|自己坏|维修|归我们修|[头一]年|warrant|repair")),
    ("gift", re.compile(r"送|赠|塞|附|搭|躺|多一|放了?|礼|gift|include|throw in|free")),
    (
        "exchange",
        re.compile(
            r"换|捎|补寄|补发|重发|重寄|重新(?:给您)?[发寄配做]|重新拿|再(?:配|走|出)一|调成|replacement|exchange|swap|send (?:you )?a new"
        ),
    ),
    ("refund", re.compile(r"退|refund|货款|钱(?:款)?.{0,4}(?:原路|回到|打回)|批(?:了|下来|好)|核准|原路")),
    (
        "expedite",
        re.compile(r"^(?!.*(?:赔|退|免|补)).*(?:优先|加急|先查|紧着|先派|先找|催|查件|urgent|priorit|expedit|rush)"),
    ),
    ("compensation", re.compile(r"补|赔|压惊|留下|留着|添点|账户里|红包|心意|打款|折价|compensat|apolog|credit")),
)
"""What the words of a commitment name, whatever rule found them: 差的钱补给您 is price protection, not compensation."""
_MAY_ALSO_BE: dict[CommitmentKind, frozenset[CommitmentKind]] = {
    "compensation": frozenset({"price_protection", "coupon", "refund", "exchange"}),
    "refund": frozenset({"price_protection", "compensation", "exchange"}),
    "price": frozenset({"refund", "coupon", "compensation", "exchange", "price_protection", "gift", "warranty"}),
    "third_party": frozenset({"refund", "expedite"}),
    "return_freight": frozenset({"warranty", "exchange"}),
    "price_protection": frozenset({"compensation"}),
    "coupon": frozenset({"compensation"}),
    "deliver_by": frozenset({"ship_by"}),
    "gift": frozenset({"coupon", "compensation", "exchange"}),
    "exchange": frozenset({"warranty", "gift", "compensation"}),
    "warranty": frozenset({"exchange"}),
    "return_right": frozenset({"exchange", "price_protection"}),
    "ship_by": frozenset({"exchange"}),
    "free_shipping": frozenset({"compensation"}),
}


_NAMES_NOTHING = re.compile(r"(?:送|赠|塞|放|搭|带|给)(?:了|上)?(?:您|你)?的?$")
"""Says that something is given, not what."""


def readings(c: Commitment) -> Iterator[tuple[CommitmentKind, Commitment]]:
    """Every kind of commitment that the words can be read as: the rule's own and those that they name.

    Freight is freight, whoever found it: out when the words speak of this order or of sending, back when of returning.
    Where no sum stands in the clause itself, the whole sentence may name the kind.
    """
    a_sum = c.kind == "compensation" and c.yuan and re.search(r"损失|补偿|赔", c.said)
    named = _FREIGHT.search(c.said) or (c.kind == "price" and not c.yuan and _FREIGHT.search(c.around))
    if c.kind in _FREIGHT_TOO and named and not a_sum and not (c.kind == "ship_by" and c.hours):
        back, out = bool(_GOES_BACK.search(c.sentence)), bool(_GOES_OUT.search(c.sentence))
        if back or not out:
            yield "return_freight", c
        if out or not back:
            yield "free_shipping", c
        return
    yield c.kind, c
    if c.kind in {"compensation", "refund"} and _PAID_FOR_SENDING.search(c.sentence):
        yield "return_freight", c
    told = c if c.yuan or c.percent else replace(c, around=c.sentence)
    for kind, words in _NAMED_KINDS:
        if kind == "coupon" and c.kind == "gift" and not words.search(c.around) and not _NAMES_NOTHING.search(c.said):
            continue  # 送一块擦布,还有张券您记得用: the gift is another
        if kind == "compensation" and not (c.yuan or c.percent or c.kind == "refund"):
            continue  # 补寄 without a sum is no money
        if kind in _MAY_ALSO_BE.get(c.kind, ()) and words.search(told.around):
            yield kind, told
