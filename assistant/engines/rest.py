"""What a plan made of situations and points would leave out: questions that nothing answers, and a due apology."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import re2

from assistant.engines import Brief
from assistant.engines.answers import COMPLAINS
from assistant.engines.contrary import is_returning
from assistant.engines.misread import is_swindle
from assistant.engines.moves import PlannedMove, says_sorry, usable
from assistant.engines.naming import with_open_questions
from assistant.engines.sorry import heard_enough
from assistant.engines.taking_up import DANGERS, dangers, reacted_once
from assistant.engines.wishes import NEAR_MISS, mourns_before_buying, tells_of_buying
from assistant.situation.questions import Asked
from assistant.situation.script import folded
from assistant.values import PointMade
from knowledge.phrasebook import Phrasebook, Slot

_BODILY = frozenset({"risk:injury", "risk:allergy", "risk:food_poisoning", "risk:child_danger"})
"""Words of harm to someone: where they are not the matter answered, the person is asked after first all the same."""
_FIRST_AID = frozenset({*DANGERS.values(), "after.pet_sick", "after.expired", "after.extortion"})
"""Situations whose words of safety are about the person."""
_MOURNED = frozenset({"after.bereavement", "general.self_harm"})
"""Where nobody is corrected."""
_REGULAR = re2.compile(
    r"老(?:顾客|客户|主顾|粉)|第一批(?:顾客|客户|粉)|[012]\d年就(?:买|在)|回头客|(?:钻石|黑卡|金卡|vip|高级|多年).{0,2}会员|(?:(?:你|您|咱)们?(?:家|店|这)[^,。!?]{0,8}(?:用|喝|吃|穿)|(?:你|您|咱)们?(?:家|店|这)[^,。!?]{0,4}买|一直[^,。!?]{0,4}买|光顾|支持|信)了.{0,6}(?:[\d一二三四五六七八九十几好多]+年|几十次|好多次|好几万|万)|"
    r"(?:loyal|regular|long.?time) customer|(?:bought|buying|shopping).{0,20}for (?:\w+ )?years"
)
_SENT_AGAIN = re2.compile(
    r"换(?:过|回)?来|换(?:货)?(?:后|完|了)|新(?:的)?(?:又|还是)|[补重]发(?:的|来|过来)|第[二三四]次|(?:你们|仓库|商家|店里)[^,。]{0,6}签收|replacement"
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
        "after.review_request",
    }
)
"""Where a question that was left is no matter to look up, but part of what is declined, mourned or shouted."""
_OF_A_PERSON = re2.compile(
    r"手|脚|脸|头|腿|眼|皮|血|肚|嘴|人|摔|跌|砸|夹|烫|割|孩|娃|宝|爸|妈|老|疼|痛|肿|痒|[啲点好]痕|块面|痘|疹|吐|晕|咳|我被|伤|吃|喝|hand|finger|face|eye|skin|leg|foot|child|baby|son|daughter|pain|hurt|bleed|ate|drank"
)
"""Who is harmed is somebody: a pool that was scratched is not."""
_LENGTH = re2.compile(
    r"(?:到|过|盖|至|露)(?:住|了|着)?(?:大|小)?(?:腿|膝盖?|脚踝|脚面|脚背|手腕|腰|胸|屁股|肩|肚脐)|(?:拉链|拉锁|龙|喷|花洒|插|充电|镜|笔|牙刷|钻|接|线|螺丝|枕|床|鞋|链|罐|泵)头|手(?:洗|感|工|机|柄|提|拿|里|头)|头(?:绳|发绳|像|层)|(?:沙发|椅子?|凳子?|桌子?|床|柜子?|茶几|架子?|锅|风扇)[^。!?]{0,8}(?:腿|脚|头)|张嘴|街头|(?:knee|ankle|waist)[- ]length"
)
"""How far a garment reaches, and words in which a part of the body is none."""
_SMALL_TALK = frozenset({"after.endless_talk", "general.chitchat"})
_NEWS = re2.compile(
    r"部分|其余|余下|补货|缺货|预售|退回|拒收|海关|清关|超区|破损|遗失|丢失|地址[^,。]{0,3}(?:错|不详|不全)|联系不上|无人|失败|拦截|取消|异常|延误|天气|停运"
)
"""What a record says beside where the parcel is: it settles or explains most of what is asked, so it is told."""
_UNTOUCHED = re2.compile(
    r"(?:不|没|唔)敢(?:给|喝|吃|用|喂|碰)|还?没(?:给|喝|吃|喂|拆|开封)|(?:能|敢|可以)(?:不能|不敢)?(?:喝|吃|用|喂)[吗嘛么不]|(?:haven.t|not) (?:eaten|drunk|used|opened)"
)
_HURT = re2.compile(
    r"疼|痛|肿|痒|疹|吐|拉肚|拉稀|腹泻|晕|咳|伤|青|发红|红了|烫|血|发烧|过敏|起泡|难受|不舒服|医院|医生|吃了|喝了|吃过|喝过|咽|吞|pain|hurt|bleed|sick|vomit|rash|swallow|ate|drank"
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
_ASKED_ABOUT = frozenset(
    {
        "in.urge_ship",
        "in.urge_delivery",
        "after.refund_status",
        "after.refund_amount",
        "after.warranty",
        "after.installation",
    }
)
"""Of these, what is often only asked about."""


def with_the_rest(
    moves: Sequence[PlannedMove],
    brief: Brief,
    points: Sequence[PointMade],
    slots: Mapping[Slot, str],
    fallback: Phrasebook,
    asked: Sequence[Asked] = (),
) -> tuple[PlannedMove, ...]:
    """`moves`, and what would be missed beside them. Where people are in danger nothing is added."""
    kinds = {m.move.move for m in moves}
    if "safety" in kinds:
        if any(m.situation in _FIRST_AID for m in moves):
            return tuple(moves)
        out = (
            list(moves)
            if dangers(brief) or is_swindle(brief) or _PERSONAL & set(brief.situation.intents[:1])
            else with_open_questions(moves, asked, brief, points, fallback)
        )
        return _with_body(out, brief, slots, fallback)
    out = list(moves)
    out = as_recorded(out, brief, slots, fallback)
    if _is_due(brief) and "apologise" not in kinds and not any(says_sorry(m) for m in moves):
        (entry, *_) = fallback.by_situation["rest.again" if brief.situation.course.times > 1 else "rest.sorry"]
        sorry = [m for m in usable(entry.moves, brief, slots, entry.situation) if m.move.move == "apologise"]
        at = next((i for i, m in enumerate(out) if m.move.move not in ("greet", "thank", "acknowledge")), len(out))
        out[at:at] = sorry
    if _is_due(brief) and _is_regular(brief) and not any(m.point in _TO_REGULARS for m in out):
        (entry, *_) = fallback.by_situation["rest.regular"]
        met = [m for m in usable(entry.moves, brief, slots, entry.situation) if m.move.move == "acknowledge"]
        out = [*met, *(m for m in out if m.move.move not in ("greet", "thank", "acknowledge", "apologise"))]
    if mourns_before_buying(brief) or not _PERSONAL & set(brief.situation.intents[:1]):
        out = with_open_questions(out, asked, brief, points, fallback)
    return _with_body(out, brief, slots, fallback)


def _with_body(
    moves: Sequence[PlannedMove], brief: Brief, slots: Mapping[Slot, str], fallback: Phrasebook
) -> tuple[PlannedMove, ...]:
    """`moves`, the person first, where words tell of harm to somebody and another matter is answered."""
    turn = folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    harmed = any(e.what in _BODILY for e in brief.situation.evidence) or any(
        f"risk:{r}" in _BODILY and DANGERS.get(r) in brief.situation.guesses and _HURT.search(turn)
        for r in brief.situation.risks
    )
    if _UNTOUCHED.search(turn) and not (_HURT.search(turn) or NEAR_MISS.search(turn)):
        return tuple(moves)  # who asks first whether it can be eaten has nothing to be treated for
    if _SMALL_TALK & set(brief.situation.intents[:1]) and not tells_of_buying(brief):
        return tuple(moves)  # whose old dog loses its teeth was not hurt by goods
    if reacted_once(brief):
        return tuple(moves)  # it is over, and tells why they ask
    if brief.situation.stage != "after_sale" or not (
        (harmed and _OF_A_PERSON.search(_LENGTH.sub("", turn))) or NEAR_MISS.search(turn)
    ):
        return tuple(moves)
    (entry, *_) = fallback.by_situation["rest.near_miss" if NEAR_MISS.search(turn) else "rest.body"]
    return (*(m for m in usable(entry.moves, brief, slots, entry.situation) if m.move.move == "safety"), *moves)


def as_recorded(
    moves: Sequence[PlannedMove], brief: Brief, slots: Mapping[Slot, str], fallback: Phrasebook
) -> list[PlannedMove]:
    """`moves` with what the order's record says against the customer's words, or beside them, unless a move states it."""
    return _with_news(_against_the_order(moves, brief, slots, fallback), brief, slots, fallback)


def _against_the_order(
    moves: Sequence[PlannedMove], brief: Brief, slots: Mapping[Slot, str], fallback: Phrasebook
) -> list[PlannedMove]:
    """With the order's fact where the customer says otherwise, unless a move states it already."""
    moves = list(moves)
    # what arrived lately is the return, or what came in exchange: the order's day is of the first parcel
    arrived_again = is_returning(brief) or _SENT_AGAIN.search(
        folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    )
    odd_ones = () if _MOURNED & set(brief.situation.intents) else brief.situation.course.contradictions[:1]
    for odd in odd_ones:
        if odd.claim == "received_just_now" and arrived_again:
            continue
        if odd.claim == "received_just_now":  # the day is gone through together before anything is refused for it
            moves = [m for m in moves if not (m.is_substance and "return_window_over" in m.move.needs)]
        if any(odd.fact in (*m.move.needs, *(s for w in m.wordings for s in w.slots)) for m in moves):
            continue
        (entry, *_) = fallback.by_situation[f"rest.contradiction.{odd.fact}"]
        told = [replace(m, point=entry.situation) for m in usable(entry.moves, brief, slots, entry.situation)]
        at = next((i for i, m in enumerate(moves) if m.is_substance or m.move.move in ("ask", "next_step")), len(moves))
        return [*moves[:at], *(m for m in told if m.is_substance), *moves[at:]]
    return moves


def _with_news(
    moves: list[PlannedMove], brief: Brief, slots: Mapping[Slot, str], fallback: Phrasebook
) -> list[PlannedMove]:
    """With the order's record where it says more than where the parcel is, unless a move states it."""
    order = brief.conversation.order
    status = (order.tracking_status if order else None) or ""
    told = any("tracking_status" in (*m.move.needs, *(s for w in m.wordings for s in w.slots)) for m in moves)
    if told or not _NEWS.search(status) or brief.situation.intents[:1] == ("general.praise",):
        return moves
    (entry, *_) = fallback.by_situation["rest.news"]
    news = [replace(m, point=entry.situation) for m in usable(entry.moves, brief, slots, entry.situation)]
    at = next((i for i, m in enumerate(moves) if m.is_substance or m.move.move in ("ask", "next_step")), len(moves))
    return [*moves[:at], *(m for m in news if m.is_substance), *moves[at:]]


def _is_regular(brief: Brief) -> bool:
    """Whether they say that they have long been customers, and not only ask about membership."""
    turn = folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    return bool(_REGULAR.search(turn)) and not _MEMBERSHIP.search(turn)


def _is_due(brief: Brief) -> bool:
    """Whether something went wrong for a customer who has bought."""
    situation = brief.situation
    turn = folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    if situation.intents[:1] == ("after.endless_talk",) and not tells_of_buying(brief):
        return False  # who tells of their life
    if situation.emotion == "calm" and _ASKED_ABOUT & set(situation.intents[:1]) and not COMPLAINS.search(turn):
        return False  # who asks how a thing is done has suffered nothing
    if heard_enough(brief):
        return False
    if situation.intents[:1] == ("after.media",) and brief.conversation.order is None and not COMPLAINS.search(turn):
        return False  # who only speaks of publishing has not said that anything went wrong
    if situation.emotion == "sarcastic" and brief.conversation.order is not None:
        return True  # nobody mocks what went well
    return situation.emotion != "pleased" and bool(_MISHAPS & (set(situation.intents[:1]) - set(situation.guesses)))
