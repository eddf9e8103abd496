"""What a reply will do, before any wording: the moves of the phrasebook whose conditions hold, merged over wishes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import re2

from assistant.engines import Brief
from assistant.engines.answerable import answerable
from assistant.engines.answers import answers, framed
from assistant.engines.asking import is_tired_of_telling
from assistant.engines.contrary import states
from assistant.engines.fitting import fitting, short_of_a_letter
from assistant.engines.helping import with_what_helps
from assistant.engines.kindly import answered_in_kind, replies_in_kind
from assistant.engines.matter import LOOSELY, matter_of
from assistant.engines.meeting import with_meeting
from assistant.engines.merging import answered_already, merged, named_apart
from assistant.engines.misread import without_a_hail
from assistant.engines.moves import SUBSTANCE, PlannedMove, usable
from assistant.engines.noting import with_noted
from assistant.engines.numbered import by_number
from assistant.engines.offers import OFFER, of_the_offer, offers_a_sum, without_offers
from assistant.engines.once import said_once
from assistant.engines.own import OwnMove, with_own
from assistant.engines.questions import is_asked, open_questions, several, to_the_point
from assistant.engines.quoting import as_a_lot
from assistant.engines.refusing import with_orders_refused
from assistant.engines.rest import as_recorded, with_the_rest
from assistant.engines.settled import is_settled, without_promises
from assistant.engines.sorry import without_sorry
from assistant.engines.standing import as_it_stands, as_meant
from assistant.engines.strategies import in_strategy
from assistant.engines.suggesting import ASKS_FIRST, with_suggestion
from assistant.engines.sums import of_a_drop, once_given, with_sums
from assistant.engines.taking_up import (
    AROUND,
    MANNER,
    SIDE,
    SITUATION_OF,
    dangers,
    taken_up,
    with_matter,
)
from assistant.engines.telling import with_told
from assistant.engines.whole import whole_reply
from assistant.engines.wishes import (
    ALONE,
    OF_RECEIVED,
    SURE,
    at_home,
    mourns_before_buying,
    of_others,
    recorded,
    refund_under_way,
    tells_of_a_death,
    tells_of_buying,
    wishes,
)
from assistant.situation.ordered import only_orders
from assistant.situation.questions import questions_of
from assistant.situation.script import folded
from assistant.values import PointMade
from knowledge.cases import Case, CaseBook
from knowledge.phrasebook import Phrasebook, PhrasebookEntry, Slot
from knowledge.points import PointBook
from knowledge.values import Stage

_ENOUGH = 3
"""An entry that answers this many things the customer named needs no further entry beside it."""
_NOTHING_OPEN = frozenset({"after.privacy", "after.review_request"})
"""What is declined for good: nobody is told when they will hear of it again."""
_BEFORE_BUYING = ("pre.", "general.", "in.note_request")
"""What somebody wants who asks before buying and has no order; wishes about a parcel are figures of speech beside it."""
_WORDLESS = "general.emoji_only"
_PRICED = re2.compile(
    r"贵|便宜|优惠|折扣|打折|降价|划算|砍价|讲价|少点|让点|肉疼|舍不得|expensive|cheaper|discount|pricey"
)
"""Words of somebody to whom the price matters."""
_YOURS = re2.compile(
    r"您(?:同意|点(?:个)?头|愿意|想换|要换|说一声)|等您一句|要的话|(?:这|现在)就登记|就符合退货条件|可以退的"
)
"""What is granted and waits for the customer's word alone: nothing is left that we would have to come back with."""
NO_POINTS = PointBook(points=())
NO_CASES = CaseBook(cases=())


@dataclass(frozen=True)
class Plan:
    """Moves in the order they will be said; `next_steps` for the agent's eyes."""

    moves: tuple[PlannedMove, ...]
    next_steps: tuple[str, ...]


def make_plan(
    brief: Brief,
    phrasebook: Phrasebook,
    slots: Mapping[Slot, str],
    fallback: Phrasebook,
    book: PointBook = NO_POINTS,
    own: Sequence[OwnMove] = (),
    cases: CaseBook = NO_CASES,
) -> Plan:
    """The plan for the last turn: the whole reply of its case, or else what its wishes and points ask for. Never empty: what no
    phrasebook knows is met by `fallback`.
    """
    whole = whole_reply(brief, cases, slots, book, fallback)
    if whole:
        return _of_case(cases.by_id[whole[0].case], whole, brief, phrasebook, slots, fallback, own)
    return _of_wishes(brief, phrasebook, slots, fallback, book, own)


def _of_case(
    case: Case,
    whole: Sequence[PlannedMove],
    brief: Brief,
    phrasebook: Phrasebook,
    slots: Mapping[Slot, str],
    fallback: Phrasebook,
    own: Sequence[OwnMove],
) -> Plan:
    """What was written in one piece, the shop's own wordings in their place."""
    moves = with_sums(as_recorded(whole, brief, slots, fallback), brief, slots, fallback)
    moves = with_own(said_once(moves, brief), own, {*case.situations[:1]}, brief, slots)
    known = (e.next_steps for e in phrasebook.by_situation.get(case.situations[0], ())[:1])
    steps = tuple(dict.fromkeys((*case.next_steps, *(step for each in known for step in each))))
    return Plan(_for_tone(in_strategy(moves, brief.strategy), brief, slots, fallback), steps)


def _of_wishes(
    brief: Brief,
    phrasebook: Phrasebook,
    slots: Mapping[Slot, str],
    fallback: Phrasebook,
    book: PointBook,
    own: Sequence[OwnMove],
) -> Plan:
    """What all wishes and points of the turn ask for, put together move by move."""
    ordered = only_orders(brief.conversation)
    matter = None if ordered else matter_of(brief.conversation)
    asked = () if ordered else without_offers(questions_of(brief.conversation), brief)
    named = {e.what.removeprefix("intent:") for e in brief.situation.evidence}
    named.update(SITUATION_OF.get(risk, f"after.{risk}") for risk in brief.situation.risks)
    named.update(recorded(brief))
    named.update((OFFER,) if offers_a_sum(brief) else ())
    intents = as_it_stands(wishes(brief, phrasebook, named, matter), brief)
    unbought = brief.conversation.order is None and brief.situation.stage == "pre_sale"
    if (
        brief.conversation.order is None
        and intents
        and (
            intents[0].startswith("pre.")
            or (unbought and intents[0].startswith("in.") and any(i.startswith("pre.") for i in intents))
        )
    ):
        intents = [i for i in intents if i.startswith(_BEFORE_BUYING)]
    intents = as_a_lot(intents)
    intents = of_a_drop(of_the_offer(intents, brief), brief, slots)
    points = tuple(p for p in answerable(brief, book, intents) if answers((p,), book, brief, slots, asked))
    # one of many questions does not say what the talk is about; what was told beside them may
    told = [p for p in points if not is_asked(p, asked)] if several(asked) else points
    if not of_others(intents, brief):
        intents = as_meant(at_home(intents, told, named, book, phrasebook, brief), brief)
    intents = without_a_hail(intents, brief)
    taken = tuple(as_meant(_as_refunded(taken_up(intents, matter, brief, phrasebook), brief), brief))
    intents = _led(taken, intents)
    named.update(taken)
    replies = replies_in_kind(answers(points, book, brief, slots, asked), intents)
    if taken:
        replies = tuple(r for r in replies if not (r.move.move == "ask" and r.situation in AROUND))
    before = brief.situation.stage == "pre_sale"  # what is only said next answers no wish
    settled = {s for r in replies if r.is_substance or not before for s in book.by_id[r.point].situations}
    entries = [_entry(phrasebook.by_situation[i], brief) for i in intents]
    moves: tuple[PlannedMove, ...] = ()
    if entries:
        moves = _usable(entries[0], brief, slots, primary=True)
        answered = sum(bool(m.move.mentions) for m in moves if m.move.move in SUBSTANCE)
        for entry in entries[1:] if answered < _ENOUGH else ():
            told_apart = named_apart(entry.situation, points, book, brief)
            if (entry.situation in settled and not told_apart) or answered_already(entry.situation, moves, brief):
                continue
            own_words = entry.situation in named and entry.situation not in MANNER
            moves = merged(moves, _usable(entry, brief, slots, primary=False), own_words, entry.situation in taken)
    if taken or (intents and intents[0] in LOOSELY):
        moves = with_matter(moves, replies, brief, slots, fallback)
    moves = framed(moves, replies, brief, points)
    if not any(m.move.move in (*SUBSTANCE, "ask", "next_step", "safety", "thank", "close") for m in moves):
        unknown = _entry(fallback.by_situation[f"fallback.{_stage(brief)}"], brief)
        entries = [*entries, unknown]
        met = {m.move.move for m in moves}
        general = (m for m in _usable(unknown, brief, slots, primary=True) if m.move.move not in met)
        moves = framed((*moves, *general), replies, brief, points)
    moves = with_sums(moves, brief, slots, fallback)
    if not (dangers(brief) or (intents and intents[0] in ALONE)):
        left = open_questions(asked, brief, points, moves)
        moves = with_what_helps(
            moves,
            _at_hand((*intents, *brief.situation.guesses), points, named, book)
            | _of_price(intents, named, brief)
            | _of_unknown(moves, brief),
            brief,
            slots,
            fallback,
            left,
        )
    moves = with_suggestion(moves, brief, intents, points, slots, fallback)
    moves = with_noted(moves, brief, intents, points, slots, fallback)
    if several(asked):
        moves = to_the_point(moves, asked, brief, points)
        moves = fitting(moves, brief, questions=len(open_questions(asked, brief, points, moves)))
    moves = answered_in_kind(with_the_rest(moves, brief, points, slots, fallback, asked), intents)
    if intents[:1] != ["after.bereavement"] and (
        "after.bereavement" in named or tells_of_a_death(brief) or mourns_before_buying(brief)
    ):
        moves = _with_condolence(moves, phrasebook, brief, slots)
    else:
        moves = with_told(moves, brief, intents, slots, fallback)
    moves = _unasked(moves) if is_tired_of_telling(brief) else moves
    settled_all = is_settled(moves, asked, brief, points, intents)
    moves = without_promises(moves) if settled_all else _with_answer_by(moves, intents, brief, slots, fallback)
    moves = with_orders_refused(once_given(moves, brief, slots, fallback), brief, slots, fallback)
    moves = with_meeting(without_sorry(moves, brief), brief, intents, slots, fallback)
    leads = {*intents[:1], *(() if intents and intents[0] in ALONE else brief.situation.intents[:1])}
    moves = with_own(moves, own, leads, brief, slots)
    for_agent = [*(book.by_id[r.point].next_steps for r in replies), *(e.next_steps for e in entries)]
    steps = tuple(dict.fromkeys(step for each in for_agent for step in each))
    return Plan(
        _for_tone(
            in_strategy(by_number(short_of_a_letter(said_once(moves, brief)), brief, points, fallback), brief.strategy),
            brief,
            slots,
            fallback,
        ),
        steps,
    )


def _unasked(moves: Sequence[PlannedMove]) -> tuple[PlannedMove, ...]:
    """`moves` that ask nothing, unless asking is all they do."""
    return tuple(m for m in moves if m.move.move != "ask") or tuple(moves)


def _stage(brief: Brief) -> Stage:
    """The stage that was read; who tells of no purchase and mourns, or asks what nobody has described, is before it."""
    stage, order = brief.situation.stage, brief.conversation.order
    unread = stage == "after_sale" or (stage == "general" and order is None)
    unbought = unread and bool(questions_of(brief.conversation)) and not tells_of_buying(brief)
    return "pre_sale" if unbought or mourns_before_buying(brief) else brief.situation.stage


def _at_hand(intents: Sequence[str], points: Sequence[PointMade], named: Set[str], book: PointBook) -> frozenset[str]:
    """The situations in which something that is allowed may help: the first wishes, those named in words, sure points' homes."""
    homes = (book.by_id[p.point].situations[0] for p in points if p.score >= SURE)
    return frozenset((*intents[:2], *(i for i in intents if i in named), *homes))


def _led(taken: Sequence[str], intents: Sequence[str]) -> list[str]:
    """Both, what goes with a matter after it; a picture sent on the way says nothing beside what went wrong."""
    kept = [i for i in intents if not (taken and i == _WORDLESS)]
    return [*taken, *kept] if all(i in SIDE for i in kept) else [*kept, *taken]


def _of_unknown(moves: Sequence[PlannedMove], brief: Brief) -> frozenset[str]:
    """Where nobody knows what is wrong with what was received: what is granted for a fault can be said all the same."""
    order = brief.conversation.order
    received = order is not None and order.signed_at is not None and brief.situation.stage == "after_sale"
    unknown = any(m.situation == "fallback.after_sale" for m in moves)
    return frozenset({"after.quality"}) if received and unknown else frozenset()


def _as_refunded(taken: tuple[str, ...], brief: Brief) -> tuple[str, ...]:
    """`taken`; whose refund is under way asks where it is, and no longer whether it may be; once it is made, what was wrong
    with the goods is over.
    """
    if "refunded" in states(brief):
        taken = tuple(i for i in taken if i not in OF_RECEIVED)
    if not refund_under_way(brief):
        return taken
    return tuple("after.refund_status" if i == "after.no_reason_return" else i for i in taken)


def _of_price(intents: Sequence[str], named: Set[str], brief: Brief) -> frozenset[str]:
    """Bargaining, where somebody who has not bought speaks of the price and what they want is only guessed."""
    guessed = not intents or intents[0] not in named
    turn = folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    unbought = brief.conversation.order is None and brief.situation.stage == "pre_sale"
    return frozenset({"pre.bargain"}) if guessed and unbought and _PRICED.search(turn) else frozenset()


def _with_condolence(
    moves: Sequence[PlannedMove], phrasebook: Phrasebook, brief: Brief, slots: Mapping[Slot, str]
) -> tuple[PlannedMove, ...]:
    """`moves` to someone whose words tell of a death: first a word of sympathy, and no routine opening beside it."""
    kind = {m.move.move for m in moves}
    if "safety" in kind or dangers(brief) or "after.bereavement" not in phrasebook.by_situation:
        return tuple(moves)
    entry = _entry(phrasebook.by_situation["after.bereavement"], brief)
    sympathy = tuple(m for m in _usable(entry, brief, slots, primary=True) if m.move.move == "acknowledge")[:1]
    return (*sympathy, *(m for m in moves if m.move.move not in ("greet", "thank", "acknowledge", "close")))


def _with_answer_by(
    moves: tuple[PlannedMove, ...],
    intents: Sequence[str],
    brief: Brief,
    slots: Mapping[Slot, str],
    fallback: Phrasebook,
) -> tuple[PlannedMove, ...]:
    """`moves`, and by when they hear from us, where an order's matter or a question is left open without a word of it."""
    of_order = brief.conversation.order is not None and bool(intents) and intents[0].startswith(("in.", "after."))
    settled = bool(intents) and intents[0] in _NOTHING_OPEN
    open_ = (of_order and not settled) or any(m.situation.startswith("rest.") for m in moves)
    done = any(m.move.move == "next_step" or m.is_timed or m.situation == ASKS_FIRST for m in moves)
    if not open_ or done or dangers(brief):
        return moves
    of_goods = bool(intents) and intents[0].startswith("after.")
    if (
        of_goods
        and not any(m.point.startswith("rest.questions") or m.move.move == "ask" for m in moves)
        and any(m.is_substance and m.move.authority and all(_YOURS.search(w.zh) for w in m.wordings) for m in moves)
    ):
        return moves
    before_buying = brief.conversation.order is None and brief.situation.stage == "pre_sale"
    (entry, *_) = fallback.by_situation["rest.when_asked" if before_buying else "rest.when"]
    step = (m for m in _usable(entry, brief, slots, primary=True) if m.move.move == "next_step")
    cut = next((i for i, m in enumerate(moves) if m.move.move == "close"), len(moves))
    return (*moves[:cut], *step, *moves[cut:])


def _usable(entry: PhrasebookEntry, brief: Brief, slots: Mapping[Slot, str], primary: bool) -> tuple[PlannedMove, ...]:
    return usable(entry.moves, brief, slots, entry.situation, primary=primary)


def _entry(entries: Sequence[PhrasebookEntry], brief: Brief) -> PhrasebookEntry:
    """Where a situation has several entries, the conversation's fingerprint says which: the same one every time."""
    return entries[int(brief.conversation.fingerprint()[:8], 16) % len(entries)]


def _for_tone(
    moves: tuple[PlannedMove, ...], brief: Brief, slots: Mapping[Slot, str], fallback: Phrasebook
) -> tuple[PlannedMove, ...]:
    """Shorter: the core. Warmer: someone stays at hand. Formal: a proper greeting. Danger leaves no room for either."""
    kinds = {m.move.move for m in moves}
    if brief.tone == "shorter":
        lean = tuple(m for m in moves if m.move.move not in ("greet", "close", "thank", "apologise"))
        return lean if len(lean) >= 2 else moves
    if brief.tone == "normal" or "safety" in kinds:
        return moves
    added = _usable(_entry(fallback.by_situation[f"tone.{brief.tone}"], brief), brief, slots, primary=True)
    added = tuple(m for m in added if m.move.move not in kinds)
    return (*added, *moves) if brief.tone == "formal" else (*moves, *added)
