"""What a plan made of situations and points would leave out: questions that nothing answers, and a due apology."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import re2

from assistant.engines import Brief
from assistant.engines.moves import PlannedMove, mentioned, usable
from assistant.engines.taking_up import DANGERS
from assistant.engines.telling import asks_both_ways
from assistant.situation.points import Sentence, sentences_of
from assistant.situation.script import folded
from assistant.values import PointMade
from knowledge.phrasebook import Phrasebook, Slot

_QUESTION = re2.compile(
    r"[吗嘛么咩]$|[^好错有没]不$|[?]$|怎么(?:样|办|算|弄|走|退|开|用|装|安装|选|买|拍|洗|寄|领|查|付)|多少|(?:^|[^十好])几(?:个|天|点|号|年|时|钱|成)|能不能|可不可以|可以.{0,6}吗|是不是|有没有|行不行|"
    r"要不要|会不会|什么时候|多(?:久|大|重|长|高|宽|厚|远|快)|^(?:can|do|does|is|are|how|when|what|will|could|which)\b"
)
_RHETORIC = re2.compile(
    r"在吗|在不|在么|有人吗|人呢|是人吗|骗|坑|死了|听(?:得)?(?:见|懂|到)|看(?:得)?(?:见|懂|到)[没了吗]|知道(?:吧|吗|不)|你(?:懂|说)(?:吗|呢|是不是)|"
    r"什么(?:态度|意思|玩意)|怎么(?:说|办|回事)$|(?:行|好|对|可以)(?:不行|不好|不对|吗|么|不)$|摆设|干什么吃|吃干饭|要脸|有意思吗|有没有良心|管不管|讲不讲|凭什么|是不是(?:也|我)|(?:那个|这个|买的).{0,10}嘛$|"
    r"不是.{1,14}[吗嘛么]$|卖不卖|你说.{0,4}[气是对]|气不气|没多久|没几(?:天|个)|能不能便宜|会不会亏|亏不亏|能给我(?:减|便宜|少|优惠|算)"
)
"""Asked without waiting for an answer."""
_ASKED_OF = (
    ("exchange", re2.compile(r"换|exchange|replace")),
    ("refund_7day_no_reason", re2.compile(r"退|return|refund")),
    ("refund_approved", re2.compile(r"退|赔|refund")),
    ("warranty_1y", re2.compile(r"修|保修|质保|保几年|保多久|repair|warranty")),
    ("return_freight_by_seller", re2.compile(r"运费|邮费|freight|shipping")),
    ("compensation_up_to", re2.compile(r"赔|补偿|补")),
    ("invoice", re2.compile(r"发票|invoice")),
    ("coupon", re2.compile(r"优惠|券|便宜|折|coupon|discount")),
    ("free_shipping_over", re2.compile(r"包邮|运费|邮费|freight|shipping")),
    ("ship_within_24h", re2.compile(r"发货|发出|什么时候发|ship")),
    ("ship_within_48h", re2.compile(r"发货|发出|什么时候发|ship")),
    ("price_protection_30d", re2.compile(r"差价|价保|保价")),
    ("gift", re2.compile(r"送|赠|gift")),
)
"""A question about what the shop allows is answered where that is offered."""
_FILLING = frozenset(
    "能不吗的了是有没我你您们家这那个款一下可以会要怎么多少什啊呢吧呀在去到给还就都也和跟请问想买用好行几"
)
"""Characters that say nothing of what a question is about."""
_OPENS = re2.compile(r"^(?:请问|請問|(?:我)?想?(?:咨询|问)(?:一)?下|麻烦问(?:一)?下|那|还有)[,,\s]*")
_ENDS = re2.compile(r"[??\s]+$")
_MOST = 2
_LONGEST = 14
_BODILY = frozenset({"risk:injury", "risk:allergy", "risk:food_poisoning", "risk:child_danger"})
"""Words of harm to someone: where they are not the matter answered, the person is asked after first all the same."""
_FIRST_AID = frozenset({*DANGERS.values(), "after.pet_sick", "after.expired", "after.extortion"})
"""Situations whose words of safety are about the person."""
_MOURNED = frozenset({"after.bereavement", "general.self_harm"})
"""Where nobody is corrected."""
_REGULAR = re2.compile(
    r"老(?:顾客|客户|主顾|粉)|第一批(?:顾客|客户|粉)|[012]\d年就(?:买|在)|回头客|(?:钻石|黑卡|金卡|vip|高级|多年).{0,2}会员|(?:(?:你|您|咱)们?(?:家|店|这)[^,。!?]{0,8}(?:用|喝|吃|穿)|买|光顾|支持|信)了.{0,6}(?:[\d一二三四五六七八九十几好多]+年|几十次|好多次|好几万|万)|"
    r"(?:loyal|regular|long.?time) customer|(?:bought|buying|shopping).{0,20}for (?:\w+ )?years"
)
_MEMBERSHIP = re2.compile(r"会员.{0,4}(?:费|续|怎么|积分|价|日|卡在哪)|自动续|不是(?:你们)?会员")
_TO_REGULARS = frozenset({"after.loyal_hurt"})
_PERSONAL = frozenset(
    {
        "after.privacy",
        "after.bereavement",
        "after.extortion",
        "general.self_harm",
        "after.abuse",
        "after.sarcasm",
        "after.legal",
    }
)
"""Where a question that was left is no matter to look up, but part of what is declined, mourned or shouted."""
_SORRY = ("抱歉", "对不起", "不好意思", "道歉", "过意不去")
_ENOUGH_SORRY = re2.compile(
    r"(?:不要|别|少|不用|不需要|唔好|光|只会|就会|除了).{0,6}(?:道歉|抱歉|对不起|不好意思|对唔住)|(?:道歉|抱歉|对不起).{0,4}(?:没用|有什么用|有用吗|顶)|"
    r"(?:stop|enough|no more|don't want|sick of).{0,12}(?:apolog|sorry)"
)
_MISHAPS = frozenset(
    {
        "in.late_ship", "in.urge_ship", "in.out_of_stock", "in.stuck", "in.lost", "in.delivered_not_received",
        "in.urge_delivery", "in.delivery_refused", "in.fresh_delay", "after.quality", "after.damaged", "after.missing_item",
        "after.wrong_item", "after.not_as_described", "after.refund_status", "after.refund_refused", "after.refund_amount",
        "after.warranty", "after.installation", "after.install_fee", "after.fake", "after.expired", "after.gift_missing",
        "after.repeat_trouble", "after.angry_vent", "after.deny_all", "after.immediate", "after.distrust_agent",
        "after.blame_shift", "after.service_attitude", "after.misunderstanding", "after.promise_no_repeat",
        "after.compensation", "after.fee_dispute", "after.not_understood", "after.follow_up", "after.sarcasm",
        "after.endless_talk", "after.manager", "after.threat_platform", "after.media", "after.bad_review",
    }
)  # fmt: skip
"""Wishes that a mishap brings about: the customer's trouble deserves a word, whoever is to blame."""


def with_the_rest(
    moves: Sequence[PlannedMove],
    brief: Brief,
    points: Sequence[PointMade],
    slots: Mapping[Slot, str],
    fallback: Phrasebook,
) -> tuple[PlannedMove, ...]:
    """`moves`, and what would be missed beside them. Where people are in danger nothing is added."""
    kinds = {m.move.move for m in moves}
    if "safety" in kinds:
        return (
            tuple(moves) if any(m.situation in _FIRST_AID for m in moves) else _with_body(moves, brief, slots, fallback)
        )
    out = list(moves)
    out = _against_the_order(out, brief, slots, fallback)
    if _is_due(brief) and "apologise" not in kinds and not any(_says_sorry(m) for m in moves):
        (entry, *_) = fallback.by_situation["rest.again" if brief.situation.course.times > 1 else "rest.sorry"]
        sorry = [m for m in usable(entry.moves, brief, slots, entry.situation) if m.move.move == "apologise"]
        at = next((i for i, m in enumerate(out) if m.move.move not in ("greet", "thank", "acknowledge")), len(out))
        out[at:at] = sorry
    if _is_due(brief) and _is_regular(brief) and not any(m.point in _TO_REGULARS for m in out):
        (entry, *_) = fallback.by_situation["rest.regular"]
        met = [m for m in usable(entry.moves, brief, slots, entry.situation) if m.move.move == "acknowledge"]
        out = [*met, *(m for m in out if m.move.move not in ("greet", "thank", "acknowledge", "apologise"))]
    left = () if _PERSONAL & set(brief.situation.intents[:1]) else open_questions(brief, points, moves)
    if left:
        alone = brief.situation.stage == "pre_sale" and not any(_is_particular(m) for m in out)
        if alone:
            out = [m for m in out if m.move.move != "explain"]  # what is said of nothing in particular
        (entry, *_) = fallback.by_situation["rest.only_questions" if alone else "rest.questions"]
        move = next(m for m in entry.moves if m.move == "explain")
        at = next((i for i, m in enumerate(out) if m.move.move in ("ask", "next_step", "close")), len(out))
        said = "」「".join(left) if brief.situation.language != "en" else "”, “".join(left)
        out.insert(at, PlannedMove(entry.situation, move, move.wordings, point="rest.questions", said=said))
    return _with_body(out, brief, slots, fallback)


def _with_body(
    moves: Sequence[PlannedMove], brief: Brief, slots: Mapping[Slot, str], fallback: Phrasebook
) -> tuple[PlannedMove, ...]:
    """`moves`, the person first, where words tell of harm to somebody and another matter is answered."""
    if brief.situation.stage != "after_sale" or not any(e.what in _BODILY for e in brief.situation.evidence):
        return tuple(moves)
    (entry, *_) = fallback.by_situation["rest.body"]
    return (*(m for m in usable(entry.moves, brief, slots, entry.situation) if m.move.move == "safety"), *moves)


def _is_particular(move: PlannedMove) -> bool:
    """Whether a move of substance answers something that this customer said, or tells what the shop allows."""
    return move.is_substance and bool(move.point or move.move.mentions or move.move.authority)


def _against_the_order(
    moves: list[PlannedMove], brief: Brief, slots: Mapping[Slot, str], fallback: Phrasebook
) -> list[PlannedMove]:
    """With the order's fact where the customer says otherwise, unless a move states it already."""
    for odd in () if _MOURNED & set(brief.situation.intents) else brief.situation.course.contradictions[:1]:
        if any(odd.fact in (*m.move.needs, *(s for w in m.wordings for s in w.slots)) for m in moves):
            continue
        (entry, *_) = fallback.by_situation[f"rest.contradiction.{odd.fact}"]
        told = [replace(m, point=entry.situation) for m in usable(entry.moves, brief, slots, entry.situation)]
        at = next((i for i, m in enumerate(moves) if m.is_substance or m.move.move in ("ask", "next_step")), len(moves))
        return [*moves[:at], *(m for m in told if m.is_substance), *moves[at:]]
    return moves


def open_questions(brief: Brief, points: Sequence[PointMade], moves: Sequence[PlannedMove]) -> tuple[str, ...]:
    """Up to two of the customer's questions, in their own words, that no move takes up; none where they asked but one."""
    asked = [s for s in _narrowest(sentences_of(brief.conversation)) if _is_question(folded(s.text).rstrip("。.!~ "))]
    if len(asked) < 2:
        return ()
    answered = {m.point for m in moves if m.is_substance or m.move.move == "next_step"}
    granted = {a for m in moves for a in m.move.authority}
    settled = [pattern for kind, pattern in _ASKED_OF if kind in granted]
    spans = [(p.message, p.start, p.end) for p in points if p.point in answered]
    left = [
        s.text
        for s in asked
        if len(s.text) <= _LONGEST
        and not _RHETORIC.search(folded(s.text))
        and not any(p.search(folded(s.text)) for p in settled)
        and not any(m == s.message and a < s.end and s.start < b for m, a, b in spans)
        and not any(m.move.mentions and mentioned(m.move, (s.text,))[0] for m in moves)
        and not _taken_up(s.text, moves)
    ]
    return tuple(_as_asked(t) for t in left[:_MOST])


def _as_asked(text: str) -> str:
    """A question without the courtesy before it and the mark behind it."""
    opening = _OPENS.match(text)
    bare = text[opening.end() :] if opening else text
    return str(_ENDS.sub("", bare)) or text


def _is_question(text: str) -> bool:
    """Whether a sentence asks something: by its words, or by putting both ways, as in 够不够 and 收唔收."""
    return asks_both_ways(text) or _QUESTION.search(text) is not None


def _taken_up(text: str, moves: Sequence[PlannedMove]) -> bool:
    """Whether a planned move speaks of what the question is about: every wording of it has a pair of its telling characters."""
    bare = folded(text)
    pairs = {bare[i : i + 2] for i in range(len(bare) - 1) if not _FILLING.intersection(bare[i : i + 2])}
    return any(all(any(p in w.zh for p in pairs) for w in m.wordings) for m in moves if m.move.move != "acknowledge")


def _narrowest(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Clauses rather than the sentences they stand in."""
    return [
        s
        for s in sentences
        if not any(o is not s and o.message == s.message and s.start <= o.start and o.end <= s.end for o in sentences)
    ]


def _is_regular(brief: Brief) -> bool:
    """Whether they say that they have long been customers, and not only ask about membership."""
    turn = folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    return bool(_REGULAR.search(turn)) and not _MEMBERSHIP.search(turn)


def _is_due(brief: Brief) -> bool:
    """Whether something went wrong for a customer who has bought."""
    situation = brief.situation
    if any(_ENOUGH_SORRY.search(folded(m.text)) for m in brief.conversation.last_customer_turn):
        return False  # another word of apology is the one thing they asked not to hear
    return situation.emotion != "pleased" and bool(_MISHAPS & set(situation.intents[:1]))


def _says_sorry(move: PlannedMove) -> bool:
    return any(word in w.zh for w in move.wordings for word in _SORRY)
