"""Which of the points that a turn makes may be answered at all: by the order, by what was received, by who is at risk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import re2

from assistant.engines import Brief
from assistant.engines.answers import of_orders
from assistant.engines.kindly import KIND_WORDS, points_in_kind
from assistant.engines.matter import matter_of
from assistant.engines.misread import is_swindle, mocks
from assistant.engines.offers import of_money
from assistant.engines.questions import UPSET, several
from assistant.engines.quoting import of_a_lot
from assistant.engines.standing import nothing_came, waits_for_goods
from assistant.engines.taking_up import DANGERS, SITUATION_OF, UNRECEIVED, dangers
from assistant.engines.wishes import (
    ALONE,
    OF_RECEIVED,
    is_to_buy,
    mourns_before_buying,
    not_received,
    of_others,
    refund_under_way,
)
from assistant.situation.questions import questions_of
from assistant.situation.script import folded
from assistant.values import PointMade
from knowledge.points import PointBook

_AMISS = frozenset(
    {"after.wrong_item", "after.quality", "after.damaged", "after.missing_item", "after.not_as_described"}
)
"""What is wrong with goods that came."""
_BRIBES = "after.bribe_review"
"""Who sells a review means no kindness by the stars that they name."""
_GENUINE = ("after.fake", "pre.authenticity")
_HEARSAY = re2.compile(r"^(?:这|那)?(?:是)?(?:不是)?真的?(?:假的)?(?:[吗嘛么啊呀]|是吗)*$")
"""是真的吗, after what somebody said: it is the saying that is doubted, not the goods."""
_BESIDE_ALL = frozenset({"gen.sent_picture"})
"""What is asked for only where nothing else is told."""
_OTHERS_ORDER, _UNASKED_PARCEL = "after.ask_others_order", "after.who_sent_me"
"""Who asks where another's order went tells of no parcel that came unasked."""
_ONLY_WHERE = {
    "after.advanced_freight": re2.compile("运费|邮费|快递费|到付|寄|postage|freight|shipping"),
    "pre.enough_for_room": re2.compile(r"平(?:米|方)?|㎡|面积|房|卧|厅|屋|室|阳台|匹|\bsqm\b|square"),
    "in.urgent_patient": re2.compile("病人|药|器械|轮椅|护理|手术|卧床|呼吸|血|透析|导尿|尿|褥疮|拐|助行|氧|patient"),
    "after.late_with_reason": re2.compile("退|换|修|期|超|过了|晚了|来得及|迟|return|refund|exchange|late"),
    "in.abroad_forward": re2.compile(
        "改|填|地址|能不能|可不可以|可唔可以|能[寄发]|可以[寄发]|想[寄发]|怎么[寄发]|点寄|直接[寄发]|转寄|forward|redirect|address"
    ),
    "after.shoe_rubs": re2.compile("磨|硌|勒|夹得|扎|压得|疼|痛|刮|喇|不舒服|难受|rub|hurt|pinch|sore|raw"),
    "after.extra_demands": re2.compile(
        "上门|道歉|赔礼|登报|登報|公开|亲自|親自|当面|派|专车|果篮|终身|书面|公章|盖章|发函|总裁|董事|老总|ceo|主播|apolog|in person|send some"
    ),
    "after.error_code": re2.compile(r"代码|报错|错误|故障码|提示|显示|[a-z]-?\d|\d[a-z]|code|error"),
    "after.replacement_also_bad": re2.compile(
        "换(?:来|回|过|货|新|了|后|完|的)|补(?:发|寄)|重(?:发|寄)|第[二三四]|又|replace"
    ),
}
"""Points that are made only where such words were said as well: what was paid in advance is not always freight (垫了两千多,
等发票报销), what is enough not always for a room (3升够不够).
"""
_PET_GONE, _OF_OTHERS = (
    "after.pet_gone",
    re2.compile(
        r"(?:邻居|隔壁|楼[上下]|对门|同事|别人|人家|朋友|亲戚)(?:家)?(?:的)?[^,。!?]{0,8}(?:狗|猫|毛|犬|泰迪|鼠|兔|鸟)"
    ),
)
"""Whose neighbour's dog died has not lost theirs."""
_CHILD, _OF_THEIR_CHILD = (
    "gen.chat_child",
    re2.compile(r"我(?:家|们家)?(?:的)?(?:娃|孩子|儿子|女儿|闺女|宝)|(?:^|\s)(?:娃|孩子|儿子|女儿|闺女|宝宝)"),
)
"""Who speaks of their child is none."""


def answerable(brief: Brief, book: PointBook, intents: Sequence[str]) -> tuple[PointMade, ...]:
    """The points that may be answered: where someone is at risk or mourns, only those that belong to just that."""
    gone = _AMISS if nothing_came(brief) else frozenset()
    known = [p for p in brief.situation.points if p.point in book.by_id]
    points = of_money([p for p in known if book.by_id[p.point].situations[0] not in gone], book, brief)
    points = of_a_lot(points, intents, book)
    if brief.conversation.order is not None and brief.situation.stage != "pre_sale":
        asks = intents[:1] == ["after.usage_help"]  # what goods need is asked before buying and after
        points = tuple(
            p
            for p in points
            if book.by_id[p.point].stage != "pre_sale"
            or (asks and book.by_id[p.point].situations[0] == "pre.product_question")
        )
    points = tuple(_as_said(of_orders(points, book, brief, intents), book, brief))
    if is_to_buy(intents, brief) or mourns_before_buying(brief):
        points = tuple(p for p in points if book.by_id[p.point].situations[0] != "after.bereavement")
    points = points_in_kind(points, book, brief, intents)
    if brief.situation.emotion in UPSET or mocks(brief) or any(p.point == _BRIBES for p in points):
        points = tuple(p for p in points if not book.by_id[p.point].situations[0].startswith(KIND_WORDS))
    if intents and intents[0] in DANGERS.values() and dangers(brief):
        return ()  # what is said to someone in danger is whole as it stands
    told = {DANGERS[risk] for risk in dangers(brief) if risk in DANGERS}.union(intents)
    points = tuple(  # a sentence alone makes no emergency: 再骗我我就退款去投诉
        p for p in points if (home := book.by_id[p.point].situations[0]) not in DANGERS.values() or home in told
    )
    if waits_for_goods(brief):
        points = tuple(p for p in points if book.by_id[p.point].situations[0] != "after.installation")
    if not_received(brief):
        gone = OF_RECEIVED if refund_under_way(brief) else OF_RECEIVED | {"after.refund_status"}
        points = tuple(p for p in points if book.by_id[p.point].situations[0] not in gone)
    if brief.conversation.order is not None and brief.conversation.order.signed_at is not None:
        points = tuple(
            p
            for p in points
            if book.by_id[p.point].stage != "in_sale"
            or not {*book.by_id[p.point].situations}.isdisjoint({*intents, *UNRECEIVED})
        )
    if "injection" in brief.situation.risks:
        points = tuple(p for p in points if book.by_id[p.point].situations[0] != "general.robot")
    if not any(m.role == "agent" for m in brief.conversation.messages):  # nobody has spoken yet who was not understood
        points = tuple(p for p in points if book.by_id[p.point].situations[0] != "after.not_understood")
    alone = bool(intents) and (
        intents[0] in {*ALONE, "after.minor_purchase", "after.pet_sick"}
        or of_others(intents, brief)
        or (intents[0] == SITUATION_OF["personal_data"] and is_swindle(brief))
    )
    if not intents or not (dangers(brief) - {"threat"} or alone):
        return points
    return tuple(p for p in points if intents[0] in book.by_id[p.point].situations)


def _as_said(points: Sequence[PointMade], book: PointBook, brief: Brief) -> Iterator[PointMade]:
    """`points` without those that resembled words which what stands around them turns into something else."""
    told = folded(" ".join(m.text for m in brief.conversation.messages if m.role == "customer"))
    asks_several = several(questions_of(brief.conversation))
    others = any(p.point == _OTHERS_ORDER for p in brief.situation.points)
    for point in points:
        words = folded(brief.conversation.messages[point.message].text[point.start : point.end]).strip()
        home = book.by_id[point.point].situations[0]
        if home in _GENUINE and _HEARSAY.search(words):
            continue
        if point.point in _BESIDE_ALL and (len(points) > 1 or matter_of(brief.conversation) is not None):
            continue
        if home == "general.chitchat" and asks_several:
            continue
        if others and point.point == _UNASKED_PARCEL:
            continue
        if point.point in _ONLY_WHERE and not _ONLY_WHERE[point.point].search(told):
            continue
        if point.point == _PET_GONE and _OF_OTHERS.search(words):
            continue
        if point.point == _CHILD and _OF_THEIR_CHILD.search(told):
            continue
        yield point
