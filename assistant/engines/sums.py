"""What is granted, told as the sum that it comes to here: a coupon as what is left to pay, compensation as the very sum asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import re2

from assistant.engines import Brief
from assistant.engines.moves import PlannedMove, usable
from assistant.engines.offers import offered_sum
from assistant.situation.script import folded
from knowledge.phrasebook import MoveKind, Phrasebook, Slot
from knowledge.values import AuthorityKind

_SUM, _SHARE, _AHEAD, _NAMED = "granted.sum", "granted.share", "granted.protection_ahead", "settled.offer_named"
_SHARPER: tuple[tuple[AuthorityKind, Slot, str], ...] = (
    ("compensation_up_to", "sum_within_limit", _SUM),
    ("compensation_up_to", "share_within_limit", _SHARE),
    ("coupon", "after_coupon", "settled.reckoned"),
    ("free_shipping_over", "free_shipping_missing", "settled.short_of_free"),
    ("price_protection_30d", "protection_ends", _AHEAD),
    ("price_protection_30d", "sale_ahead", _AHEAD),
)
"""By what is granted the slot that says what it comes to, and the fallback entry that says so."""
_APART = re2.compile("评价|review")
"""An offer that is kept apart from a review says so in its own words."""
_ASKS_SUM = re2.compile(
    r"多少钱|几多钱|几钱|一共|总共|合计|到手|算下来|算一?下|(?:要|得|付|用完|券后|减完|最后|拍下)[^,。!?]{0,4}多少|多少[^,。!?]{0,2}$|(?:还|仲)?差(?:多少|几)|how much|total"
)
_ASKS_WAY_OUT = re2.compile("怎么|咋|点算|点办|处理|解决|退|赔|补|钱")
_ELSE = re2.compile("换|重发|补发|补寄|重新|全(?:部|额)?退|全款|退货|整单")
"""New ones, or all of it taken back."""
_MAY_DROP = re2.compile(
    r"(?:会不会|要是|万一|如果|以后|到时候?|怕|假如|哪天|过几天|等)[^,。!?]{0,14}(?:降|便宜|跌|大促)|(?:降|便宜)了[^,。!?]{0,4}[补退赔][^,。!?]{0,3}(?:吗|不|么|$)|"
    r"等[^,。!?]{0,3}(?:双\s?1[12]|双十[一二]|618|黑五|年货节|大促)|might (?:drop|get cheaper)|if (?:it|the price) drops"
)
"""Of a drop that has not come."""
_DROPPED = re2.compile(
    r"(?:已经|刚|现在|今天|昨天|前天|才|都)[^,。!?]{0,6}(?:降|便宜|跌|变成)|(?:降|便宜)(?:了|咗)\s?\d|变成\s?\d|(?:退|补)我差价"
)
_FOR_SILENCE = frozenset({"after.extortion", "after.bribe_review"})
_SURE = 0.8
_OF_PRICE = re2.compile("价|便宜|让|优惠|抹|零头|少收|折")
_DROP, _CANCELS = "after.price_drop", "in.cancel_order"
_ORDER_AGAIN = re2.compile(r"重拍|再拍|重新(?:拍|下单|买)|order (?:it )?again|reorder")
"""Who would cancel only to pay the lower price."""
_FEE = re2.compile("运费|邮费|快递费|垫")
_SOFTLY = frozenset({"婉转拒绝", "以退为进"})
_LEFT_OVER: tuple[MoveKind, ...] = ("ask", "next_step", "decline")
_OF_OTHER_WAYS = re2.compile(
    r"退货|退、换|换货|登记换|核实|认定|质检|送审|主管|请示|上报|申请|无理由|补发|样品|照片|比(?:了|对)"
)
"""What is looked into, or offered instead: over, once the sum that was asked for is given."""


def passes_over_a_sum(moves: Sequence[PlannedMove], brief: Brief, slots: Mapping[Slot, str]) -> bool:
    """Whether a whole reply leaves out what decides: the sum asked for and granted, or the reckoning that is asked for."""
    said = {need for m in moves for need in m.move.needs}
    wanted = [slot for _, slot, name in _SHARPER if slot in slots and _is_wanted(name, brief, slots)]
    wanted += ["reckoned"] if "reckoned" in slots and _asks(_ASKS_SUM, brief) else []
    return bool(wanted) and said.isdisjoint(wanted)


def of_a_drop(intents: Sequence[str], brief: Brief, slots: Mapping[Slot, str]) -> list[str]:
    """`intents`; where they reckon a difference and anything else is only guessed, or they would order again for it, the price that
    dropped.
    """
    guessed = set(brief.situation.guesses).issuperset(intents)
    turn = folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    again = intents[:1] == [_CANCELS] and _ORDER_AGAIN.search(turn) is not None
    return [_DROP] if slots.get("price_gap") and (guessed or again) else list(intents)


def with_sums(
    moves: Sequence[PlannedMove], brief: Brief, slots: Mapping[Slot, str], fallback: Phrasebook
) -> tuple[PlannedMove, ...]:
    """`moves`, what is granted in general told as the sum it comes to; compensation that is asked for and granted is given, a
    sum that is offered is named.
    """
    out = list(moves)
    for authority, slot, name in _SHARPER:
        wanted = _is_wanted(name, brief, slots)
        if slot not in slots or (name in (_SUM, _AHEAD, _SHARE) and not wanted):
            continue
        new = [m for m in _entry(name, brief, slots, fallback) if m.is_substance and slot in m.move.needs][:1]
        general = [m for m in out if m.is_substance and authority in m.move.authority and slot not in m.move.needs]
        general = [m for m in general if not m.own and not any(_APART.search(w.zh) for w in m.wordings)]
        if not new or any(slot in m.move.needs for m in out if m.is_substance and m not in general):
            continue
        if name == _AHEAD:  # nothing has dropped: no regret, no price to show
            bought = brief.conversation.order is not None
            out = [m for m in out if m in general or m.point or (not bought and m.move.move == "acknowledge")]
        if general:
            out = [new[0] if m is general[0] else m for m in out if m is general[0] or m not in general]
        elif wanted and name in (_SUM, _SHARE, _AHEAD):
            at = next((i for i, m in enumerate(out) if m.move.move in ("ask", "next_step", "close")), len(out))
            out.insert(at, new[0])
    return _with_offer_named(out, brief, slots, fallback)


def once_given(
    moves: Sequence[PlannedMove], brief: Brief, slots: Mapping[Slot, str], fallback: Phrasebook
) -> tuple[PlannedMove, ...]:
    """`moves` without what is needless beside the sum that they asked for and are given: no proof, no other way, no asking leave."""
    if not any(m.is_substance and "sum_within_limit" in m.move.needs for m in moves):
        shared = any(m.point == _SHARE for m in moves)
        steps = [m for m in _entry(_SHARE, brief, slots, fallback) if m.move.move == "next_step"] if shared else []
        return tuple(steps[0] if steps and m.move.move == "next_step" else m for m in moves)
    plain = _entry(_SUM, brief, slots, fallback)
    given = [m for m in plain if m.is_substance][:1]
    fee = _asks(_FEE, brief)  # which settles nothing of what is wrong with the goods
    kept: list[PlannedMove] = []
    for move in moves:
        if move.is_substance and "sum_within_limit" in move.move.needs:
            new = given[0] if given else move  # in the same breath as the step that follows
            kept += [] if any("sum_within_limit" in k.move.needs for k in kept) else [new]
            continue
        if fee:
            kept.append(move)
            continue
        other = move.is_substance and any(_OF_OTHER_WAYS.search(w.zh) for w in move.wordings)
        if move.own or not (move.move.move in (*_LEFT_OVER, "offer") or other):
            kept.append(move)
    if fee:
        return tuple(kept)
    step = [m for m in plain if m.move.move == "next_step"]
    at = next((i for i, m in enumerate(kept) if m.move.move == "close"), len(kept))
    return (*kept[:at], *step, *kept[at:])


def _with_offer_named(
    moves: Sequence[PlannedMove], brief: Brief, slots: Mapping[Slot, str], fallback: Phrasebook
) -> tuple[PlannedMove, ...]:
    """`moves`, the sum that the customer offers named where the price is declined in general."""
    offered = offered_sum(brief)
    named = any("customer_amount" in (*m.move.needs, *(s for w in m.wordings for s in w.slots)) for m in moves)
    if not offered or slots.get("customer_amount") != offered or named:
        return tuple(moves)
    new = [m for m in _entry(_NAMED, brief, slots, fallback) if m.move.move == "decline"][:1]
    if not new:
        return tuple(moves)
    declined = next((m for m in moves if _declines(m)), None)
    if declined is not None:
        return tuple(new[0] if m is declined else m for m in moves)
    at = next((i for i, m in enumerate(moves) if m.move.move in ("offer", "ask", "next_step")), len(moves))
    return (*moves[:at], *(() if any(m.move.move == "decline" for m in moves) else new), *moves[at:])


def _trades_a_review(brief: Brief) -> bool:
    """Whether the sum is the price of a review, or of silence: nothing is given for that."""
    read = {*brief.situation.intents, *(p.point for p in brief.situation.points if p.score >= _SURE)}
    return "extortion" in brief.situation.risks or not _FOR_SILENCE.isdisjoint(read)


def _declines(move: PlannedMove) -> bool:
    """Whether a move declines a price in general, whatever they said."""
    softly = move.move.move == "decline" or (move.move.move == "explain" and move.move.technique in _SOFTLY)
    of_price = all(_OF_PRICE.search(w.zh) for w in move.wordings)
    return softly and of_price and not (move.own or move.move.mentions)


def _is_wanted(name: str, brief: Brief, slots: Mapping[Slot, str]) -> bool:
    """Whether the customer asks for just what the entry says."""
    if name == _SUM:
        return "sum_within_limit" in slots and not _trades_a_review(brief)
    if name == _SHARE:
        other = {"sum_within_limit", "sum_over_limit"} & slots.keys()
        return not other and _asks(_ASKS_WAY_OUT, brief) and not _asks(_ELSE, brief)
    if name == _AHEAD:
        return _asks(_MAY_DROP, brief) and not _asks(_DROPPED, brief)
    return _asks(_ASKS_SUM, brief)


def _asks(words: re2._Regexp, brief: Brief) -> bool:
    return any(words.search(folded(m.text)) for m in brief.conversation.last_customer_turn)


def _entry(name: str, brief: Brief, slots: Mapping[Slot, str], fallback: Phrasebook) -> tuple[PlannedMove, ...]:
    (entry, *_) = fallback.by_situation[name]
    return usable(entry.moves, brief, slots, name, point=name)
