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
from assistant.guardrails.ledger import Commitment, Ledger
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
_ALSO = 0.6
"""A second kind may be meant as well from this share of the likeliest one's probability on."""
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
    if held and category.startswith(_BOUND):
        for said in (clause, sentence):
            most = max(said.kinds.values(), default=0.0)
            if most < sure:
                continue
            meant = {kind for kind, likely in said.kinds.items() if likely >= _ALSO * most}
            meant |= _named(said.text, sentence.text)
            fits = any(ledger.fits(kind, said.text, sentence.text) for kind in meant & held)
            fits = fits or (bool(meant & _MONEY) and _money_fits(said, sentence, held & _MONEY, ledger))
            return "allowed" if fits else "breach"
    if sure > SURE:
        return "breach"
    return _by_words(category, clause.text, sentence.text, authorities, ledger)


_A_COUPON = re.compile(r"张.{0,5}[块元]|[块元]的?(?:无门槛|满减|抵)|卡包|(?<!不)(?:发|领|放|塞|派|送)[^,。]{0,6}券")
_DROPPED = re.compile(
    r"(?:买|拍|下单|付)[^。]{0,16}(?:掉|降|跌|便宜)了|(?:掉|降|跌|便宜)(?:了|价)[^。]{0,16}(?:买|拍|下单)"
)


def _named(clause: str, sentence: str) -> set[AuthorityKind]:
    """What the words themselves call it, whatever the network takes it for: 整张五块的 is a coupon; money given back because
    what was bought has become cheaper is price protection.
    """
    found: set[AuthorityKind] = set()
    if _A_COUPON.search(clause):
        found.add("coupon")
    if _DROPPED.search(sentence) and not _A_COUPON.search(clause):
        found.add("price_protection_30d")
    return found


def likeliest(kinds: Mapping[AuthorityKind, float]) -> AuthorityKind | None:
    """What the network takes a promise for; None where it can't tell."""
    kind = max(kinds, key=lambda k: kinds[k], default=None)
    return kind if kind is not None and kinds[kind] >= SURE else None


def _money_fits(said: Said, sentence: Said, held: set[AuthorityKind], ledger: Ledger) -> bool:
    """Whether money, of whatever kind the words take it for, is the money that is allowed: the very sum of a refund that
    was approved; or, where the words give no sum, the kind that the whole sentence speaks of.
    """
    if amounts.yuans(said.text) or amounts.bare(said.text):
        return "refund_approved" in held and ledger.fits("refund_approved", said.text, said.text)
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
