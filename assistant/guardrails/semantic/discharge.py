"""Whether what the layer saw is something that this shop allows for this order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import re2
from pydantic import ConfigDict

from assistant.authority import Authority
from assistant.guardrails import amounts
from assistant.guardrails.commitment import Commitment
from assistant.guardrails.ledger import Ledger
from assistant.guardrails.rulefile import CommitmentKind, Pattern, compile_pattern
from assistant.values import Category
from knowledge import datafile
from knowledge.values import AuthorityKind, Value

AUTHORITIES = Path(__file__).parent / "authorities.yaml"

Standing = Literal["allowed", "unreadable", "breach"]
"""Allowed; or not to be told, as the words don't say what is promised and some of it is allowed; or not allowed."""


class _Discharge(Value):
    model_config = ConfigDict(frozen=True, extra="forbid")

    category: Category
    authority: AuthorityKind
    says: Pattern
    commits: CommitmentKind | None = None


class _Table(Value):
    model_config = ConfigDict(frozen=True, extra="forbid")

    kin: tuple[frozenset[Category], ...]
    discharges: tuple[_Discharge, ...]


@lru_cache(maxsize=1)
def _table() -> tuple[tuple[_Discharge, re2._Regexp], ...]:
    return tuple((row, compile_pattern(row.says)) for row in _file().discharges)


@lru_cache(maxsize=1)
def _file() -> _Table:
    return datafile.load(AUTHORITIES, _Table)


def can_be_allowed(category: Category) -> bool:
    """Whether any authority makes an act of this category right."""
    return any(row.category == category for row, _ in _table())


def category_of(authorised: Sequence[str]) -> Category | None:
    """The category of what the first of these authorities makes right; None where none is given."""
    kinds = [Authority.parse(text).kind for text in authorised]
    return next((row.category for kind in kinds[:1] for row, _ in _table() if row.authority == kind), None)


SURE = 0.25
"""From here on what the network takes a promise for (`Said.kinds`) is believed: it has seen few of each kind, so it is never
very sure, but what it takes for likeliest is right (set on pairs of our own that it had not learnt)."""
VERY_SURE = 0.6
"""From here on the network's reading of which promise something is lifts what a rule found."""
_ALSO = 0.6
"""A second kind may be meant as well from this share of the likeliest one's probability on."""
_FAINT = 0.15
"""Below SURE a kind that leads clearly still speaks for what is allowed, never against it."""
_MONEY: frozenset[AuthorityKind] = frozenset(
    {"compensation_up_to", "refund_approved", "refund_7day_no_reason", "return_freight_by_seller"}
)
"""Kinds that the same words may be taken for: money that goes back."""
_SUMS: frozenset[AuthorityKind] = frozenset({"compensation_up_to", "refund_approved", "coupon"})
_BOUND = ("promise.", "admission.defect", "admission.fault")
"""Categories of what binds the shop: the network may know better than the category which promise it is."""


@dataclass(frozen=True, slots=True)
class Said:
    """Some folded words, and how likely they say what each kind of authority would allow."""

    text: str
    kinds: Mapping[AuthorityKind, float]


def standing(
    category: Category,
    clause: Said,
    sentence: Said,
    authorities: Sequence[Authority],
    ledger: Ledger,
    sure: float = SURE,
) -> Standing:
    """How an act of `category`, said in the folded `clause` of `sentence`, stands under what the shop allows.

    With `sure` above SURE only the network's own reading counts; otherwise the words decide where it has none.
    """
    held = {_one_kind(a.kind) for a in authorities}
    if _NO_CHARGE.match(clause.text):
        clause = sentence
    if held and category.startswith(_BOUND):
        for said in (clause, sentence):
            most = max(said.kinds.values(), default=0.0)
            named = _named(said.text, sentence.text)
            if most < sure and not named & held:
                continue
            meant = named | {kind for kind, likely in said.kinds.items() if likely >= max(_ALSO * most, _FAINT)}
            if _FREIGHT.search(said.text):
                meant.discard("refund_7day_no_reason")  # may be returned says nothing of who pays for it
            told = sentence.text if _KEPT.search(said.text) and not amounts.yuans(said.text) else said.text
            fits = any(ledger.fits(kind, told, sentence.text) for kind in meant & held)
            fits = fits or (bool(meant & _MONEY) and _money_fits(said, sentence, held & _MONEY, ledger))
            return "allowed" if fits else "breach"
    if sure > SURE:
        return "breach"
    faint = _faintly(clause) if category.startswith(_BOUND) else None
    if faint in held and faint is not None and ledger.fits(faint, clause.text, sentence.text):
        return "allowed"
    return _by_words(category, clause.text, sentence.text, authorities, ledger)


_A_COUPON = re.compile(
    r"张(?:\d+|[二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])的|(?:付款|结账|下单)(?:的?时候?)?(?:自己)?(?:点|勾|选|用)一?下|张.{0,5}[块元]|[块元]的?(?:无门槛|满减|抵)|卡包|(?<!不)(?:发|领|放|塞|派|送)[^,。]{0,6}券"
)
_DROPPED = re.compile(
    r"降了(?:\d|[一二三四五六七八九十])|(?:买|拍|下单|付)[^。]{0,16}(?:掉|降|跌|便宜)了|(?:掉|降|跌|便宜)(?:了|价)[^。]{0,16}(?:买|拍|下单)"
)
_FREIGHT = re.compile(r"运费|邮费|邮资|快递费|寄费|freight|postage|shipping")
_COMPENSATION = re.compile(r"补偿|赔偿|压惊|compensation|goodwill")
_KEPT = re.compile(
    r"^(?:货|东西|件|您)*(?:不用|不必|甭|不需要)(?:您|你)?(?:再)?(?:寄|退)(?:回|来|了|货)*$|^(?:您)?留着(?:用|吧)?$|退差(?!价)|^(?:都|全|一起)?给(?:您|你)[打退转补]回?(?:去|过去|来)?$"
)
"""Says beside a sum that the goods stay, or that it is paid: what the sum is, stands in the sentence."""
_IN_TOTAL = re.compile(r"合起来|加起来|一共|总共|合计")
_INVOICE = re.compile(r"抬头|税号|开票|发票|专票|普票|税票|\binvoice")
_SENT_BACK = re.compile(
    r"(?:回寄|寄回来?|寄过来|退回来|上门(?:取|收)件?)[^,。]{0,10}(?:块|元|钱|费|资)|(?:寄|退)[^,。]{0,4}(?:邮费|邮资|运费|快递费)"
)
_WITHIN_DAYS = re.compile(r"(?:七|7)[天日]|一(?:周|个?星期|个?礼拜)|摆几天|试穿|\b(?:a|one) week\b|seven days|7 days")
_TAKEN_BACK = re.compile(
    r"(?:退|送回|寄回)[^。]{0,12}(?:钱|款|退)|退货?(?:就行|都行|也行|不问)|(?:return|back|refund)[^.]{0,30}(?:money|yuan|full|refund|again)"
)


_NO_CHARGE = re.compile(
    r"^(?:也|都|就|是|全)*(?:不|没|免|别)(?:要|收|用|算|另)*(?:您|你)?的?(?:付|掏|出|花|收)?(?:钱|费)?$|^白(?:送|给|拿|用)(?:的)?$"
)
"""Says no more than that it costs nothing: what does stands elsewhere in the sentence."""


def _named(clause: str, sentence: str) -> set[AuthorityKind]:
    """What the words themselves call it, whatever the network takes it for: 整张五块的 is a coupon; money given back because
    what was bought has become cheaper is price protection.
    """
    found: set[AuthorityKind] = set()
    if _A_COUPON.search(clause) or (_A_COUPON.search(sentence) and amounts.yuans(clause)):
        found.add("coupon")
    if _COMPENSATION.search(clause) and amounts.yuans(clause):
        found.add("compensation_up_to")
    if _KEPT.search(clause) and (amounts.yuans(sentence) or amounts.percents(sentence) or _IN_TOTAL.search(sentence)):
        found.add("compensation_up_to")
    if _INVOICE.search(clause):
        found.add("invoice")
    if _SENT_BACK.search(clause):
        found.add("return_freight_by_seller")
    if _WITHIN_DAYS.search(sentence) and _TAKEN_BACK.search(clause) and not _FREIGHT.search(clause):
        found.add("refund_7day_no_reason")
    if _DROPPED.search(sentence) and not _A_COUPON.search(clause):
        found.add("price_protection_30d")
    return found


_SAYS_ITSELF: dict[Category, re.Pattern[str]] = {
    "statutory.denial": re.compile(
        r"不(?!另|多|用|收|加|问|限)|没(?!问题)|概|扣|税点|加.{0,4}点|自理|自己|自负|\bno\b|n't|\bnot\b|\bfee\b"
    ),
    "off_platform": re.compile(
        r"(?<!退您)(?<!到您)(?<!回您)(?<!给您)微(?!信(?:零钱|支付|钱包|账户))|薇|\bv\b|\bqq\b|扣扣|群|私|码|加(?![钱急点班送收])|联系方式|电话|手机|转账|线下|外面|平台|软件|"
        r"wechat|whatsapp|telegram|\btext\b|\bcall\b|\bapp\b"
    ),
    "review_manipulation": re.compile(r"评|星|晒|打分|满分|夸|好话|review|\bstars?\b|rating|feedback|photo"),
    "privacy": re.compile(r"验证|密码|身份|卡|地址|电话|手机|号|姓|先生|女士|住|code|password|phone|address|\d{4}"),
    "admission.systemic": re.compile(
        r"都|大家|很多|不少|好些|批|通病|每|全|老是|一直|谁|\b(?:every|all|many|lots?|others?)"
    ),
    "admission.legal": re.compile(r"法|违|假|罚|证|权|责任|law|legal|fake|liab|court"),
    "blame": re.compile(r"(?<!不是)(?<!不怪)(?:您|你)|\byou"),
}
"""Words without which a clause that surely says what is allowed does not breach the category as well."""


_GIVEN = re.compile(r"[送赠附塞带]")


def says_what_is_allowed(
    category: Category, clause: Said, sentence: Said, authorities: Sequence[Authority], ledger: Ledger
) -> bool:
    """Whether a clause suspected of what no authority makes right is read as a promise that is allowed, and has none of the
    words that the suspected category lives by: 发票给您开专票, taken for refusing one.
    """
    if category == "admission.systemic" and _GIVEN.search(clause.text) and ledger.names_gift(clause.text):
        return True  # 都有驱蚊贴送
    itself = _SAYS_ITSELF.get(category)
    if itself is None or itself.search(clause.text):
        return False
    meant = _named(clause.text, sentence.text) | {likeliest(clause.kinds), likeliest(sentence.kinds)}
    held = {_one_kind(a.kind) for a in authorities}
    return any(ledger.fits(kind, clause.text, sentence.text) for kind in meant & held if kind is not None)


def _faintly(said: Said) -> AuthorityKind | None:
    """What the network takes a promise for where it is not sure, but thinks of nothing else."""
    ranked = sorted(said.kinds, key=lambda k: -said.kinds[k])
    sure = len(ranked) > 1 and said.kinds[ranked[0]] >= max(_FAINT, 2 * said.kinds[ranked[1]])
    return ranked[0] if sure else None


def likeliest(kinds: Mapping[AuthorityKind, float]) -> AuthorityKind | None:
    """What the network takes a promise for; None where it can't tell."""
    kind = max(kinds, key=lambda k: kinds[k], default=None)
    return kind if kind is not None and kinds[kind] >= SURE else None


def _money_fits(said: Said, sentence: Said, held: set[AuthorityKind], ledger: Ledger) -> bool:
    """Whether money, of whatever kind the words take it for, is the money that is allowed: the very sum of a refund that
    was approved; or, where the words give no sum, the kind that the whole sentence speaks of.
    """
    if amounts.yuans(said.text) or amounts.bare(said.text):
        if "refund_approved" in held:
            return ledger.fits("refund_approved", said.text, said.text)
        goes_back = likeliest(said.kinds) == "refund_approved"
        return (
            goes_back and "compensation_up_to" in held and ledger.fits("compensation_up_to", said.text, sentence.text)
        )
    told = {kind for kind in held if sentence.kinds[kind] >= SURE}
    return any(ledger.fits(kind, sentence.text, sentence.text) for kind in told)


def _one_kind(kind: AuthorityKind) -> AuthorityKind:
    return "ship_within_48h" if kind == "ship_within_24h" else kind


def _by_words(
    category: Category, clause: str, sentence: str, authorities: Sequence[Authority], ledger: Ledger
) -> Standing:
    """`standing` by what the words name: the clause where it says what it is about, the sentence where it does not."""
    held = {a.kind for a in authorities}
    kin = next((k for k in _file().kin if category in k), frozenset({category}))
    rows = [(row, says) for row, says in _table() if row.category in kin]
    if not any(row.authority in held for row, _ in rows):
        return "breach"
    for said in (clause, sentence):
        fitting = [row for row, says in rows if says.search(said)]
        if fitting:
            allowed = (
                row.commits is None or ledger.discharges(Commitment.read(row.commits, said, said))
                for row in fitting
                if row.authority in held
            )
            return "allowed" if any(allowed) else "breach"
    in_yuan = held & _SUMS
    if in_yuan and (amounts.yuans(clause) or amounts.bare(clause)):  # a sum and no word of what for: 八十八,讨个口彩
        return "allowed" if any(ledger.fits(kind, clause, sentence) for kind in in_yuan) else "breach"
    return "unreadable"
