"""Which situations a reply answers, the one that leads at the front: what was read, as far as the customer's words, the
points and the order bear it out.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

import re2

from assistant.engines import Brief
from assistant.engines.contrary import is_moving, is_returning, states
from assistant.engines.matter import Matter
from assistant.engines.misread import mocks, without_misreadings
from assistant.engines.taking_up import (
    AROUND,
    DANGERS,
    FIRM,
    INJECTION,
    MANNER,
    PASSING,
    PLAINLY,
    SIDE,
    SITUATION_OF,
    as_told,
    dangers,
    reacted_once,
    with_dangers,
    without_guesses,
)
from assistant.engines.terms import hours_overdue, not_yet_due
from assistant.situation.questions import questions_of
from assistant.situation.script import folded
from assistant.values import PointMade
from knowledge.phrasebook import Phrasebook
from knowledge.points import PointBook

ALONE = frozenset({"general.self_harm", "after.bereavement", "after.extortion"})
"""Answered for themselves: beside them nothing else belongs."""
SURE = 0.9
"""Probability from which a point says what the conversation is about: from 0.8, two golden conversations fewer are answered right."""
_CERTAIN = 0.95
_DIED = re2.compile(
    r"(?:爸|妈|爷|奶|姥|外公|外婆|公公|婆婆|老伴|老公|老婆|爱人|老人)[^,。!?]{0,6}(?:走了|刚走|没了|不在了)|去世|过世|病逝|passed away"
)
_LONG_AGO = re2.compile(r"好(?:几|多)年|[\d两三四五六七八九十几多]+年(?:了|前)|years ago|早就(?:走了|没了|不在了)")
"""Of a death that is long past people speak, and nobody condoles."""
_DIED_OF_THEIRS = re2.compile(
    r"(?:[他她]|老人家?|老爷子|老太太|人)(?:刚刚?|就|已经|也|突然|今早|今天|昨天|昨晚|昨夜|前天|前晚|大前天|上周|上个?月|前几天|这个?月|周[一二三四五六日]|星期[一二三四五六日]|\d+[号日])*(?:凌晨|夜里|半夜|清晨|早上|下午|晚上)?(?:就|已经)?(?:走了|没了|不在了|没熬过去|没挺过来)(?:$|[,。!? ])"
)
"""A death told of somebody who was named a bubble before."""
_REMEMBERED = re2.compile(
    r"(?:爸|妈|爷|奶|姥|外公|外婆|公公|婆婆|老伴|老公|老婆|爱人|母亲|父亲|老人|老爷子|老太太|他|她)(?:们)?(?:人)?(?:的)?(?:生前|遗像|遗照|牌位|坟|墓前|(?:照片|相片|像)(?:跟前|面前|前面|前|旁))|"
    r"(?:爸|妈|爷|奶|姥|外公|外婆|公公|婆婆|老伴|爱人|母亲|父亲)[^,。!? ]{0,3}(?:走|过世|去世|离世)(?:之前|以前|前)(?:总|一直|老|还|最|就|想|说|念)|(?:late|in memory of (?:my|our)) (?:husband|wife|mother|father|mum|mom|dad|gran)"
)
"""Somebody who died and for whom the thing is kept: 摆在他照片跟前, 我爱人走之前总说."""
_ELDER = re2.compile(
    r"爸|妈|爷|奶|姥|外公|外婆|公公|婆婆|老伴|母亲|父亲|老人|岳父|岳母|丈人|丈母|叔|伯|姑|舅|mum|mom|dad|grand"
)
"""Who they are that such words are said of."""
_LEFT = re2.compile(r"快递|师傅|小哥|骑手|司机|安装|送货|客服|分手|离婚|男朋友|女朋友")
"""Who only went away."""
_BOUGHT = re2.compile(
    r"退|换货|买的|买了|买过|拍了|拍的|下单了|订单|收到|寄来|签收|发货|refund|return|bought|ordered|my order"
)
_AS_ANOTHER = re2.compile(r"^(?:我是|我(?:不是|唔系)|i.?m (?:her|his|not))|(?:买|拍|入手|下)的$")
"""Words that make the order another's, among those that cues.yaml knows for the risk: 我是她前男友, 她多少钱买的."""
_NOT_UNDERSTOOD = "after.not_understood"
_OF_SPEAKING = frozenset({_NOT_UNDERSTOOD, "general.other_language", "general.chitchat"})
_SOFT = frozenset({"child_danger", "injury", "allergy", "personal_data", "legal"})
"""Dangers that a cough or a scratch resembles: where the matter is only guessed and no word names them, the person is asked
after beside what is wanted, and no ambulance is called."""
NEAR_MISS = re2.compile(
    r"(?:差一?点|险些|幸好|幸亏|好险|吓死)[^,。!?]{0,12}(?:摔|砸|夹|烫|割|触电|着火|烧|炸|倒下|掉下|卡住|噎|呛|窒息|伤)|nearly (?:fell|hurt|burn|hit|chok)|almost (?:fell|hurt|burn|hit|chok)"
)
"""Somebody just escaped harm."""
_HURT = re2.compile(r"流血|出血|破皮|擦破|肿|骨|医院|急诊|缝|青了|淤|疼|痛|起泡|包扎|哭|bleed|hospital|bruise|hurts")
OF_RECEIVED = frozenset(
    {
        "after.quality", "after.damaged", "after.wrong_item", "after.missing_item", "after.size_wrong", "after.not_as_described",
        "after.no_reason_return", "after.return_how", "after.exchange", "after.used_return", "after.late_return",
        "after.usage_help", "after.expired", "after.changed_mind",
    }
)  # fmt: skip
"""What is said only to somebody who holds the goods."""
_CAME = re2.compile(
    r"收到|到手|到货了|拿到|拆|打开|开箱|签|用了|穿|试|坏|碎|少了|漏|错|不对|不一样|received|opened|arrived|broken|wrong|missing"
)
_LOUD = frozenset({"angry", "furious", "sarcastic"})
"""Who speaks so is met as such, though it is not sure which way of being cross it is."""
_GIVES_BACK = re2.compile(r"退(?:了|吧|货|款|钱|掉|一下)|不要了|取消|return|refund")
_HARMLESS = frozenset({"general.chitchat", "general.thanks", "general.praise"})
"""What can be met in kind though it is only guessed."""
_DELIGHTED = re2.compile(
    r"太(?:好看|美|好吃|好用|可爱|漂亮|惊艳|舒服)|爱了|爱不释手|绝美|超(?:级)?(?:喜欢|好看|好吃|好用|满意)|好(?:钟意|正|靓)|love it|so (?:pretty|beautiful|cute|good)"
)
_AMISS = re2.compile(r"可惜|但|不过|坏|错|少|漏|破|退|赔|投诉|呵呵|才怪|结果|小了|大了|but\b|broken|wrong")
"""Words of delight, and those that turn them round."""
_NOT_THERE = re2.compile(
    r"门口[^,。]{0,6}(?:没|空|啥也|什么也|冇)|(?:包裹|快递|东西|货|件)[^,。]{0,4}(?:不见|没影|没了|冇咗)|被(?:人)?(?:偷|拿走|抱走)|(?:没|冇|未)(?:有)?(?:收到|拿到|见到|见着)|not (?:here|there|received)|never (?:got|received|arrived)"
)
"""Words of somebody who has not got what the record calls delivered."""
_UNDELIVERED = ("派送失败", "无人接听", "未妥投", "投递失败", "联系不上", "派件失败")
_UNDER_WAY = re2.compile(
    r"还没|没(?:有)?(?:收|到|退|见|影)|到账(?:没|了)|退款(?:中|成功|了)|退了|申请|审核|同意|几天了|多久了|一直|卡|not (?:yet|received)|still|submitted|approved"
)


_ASKED_BEFORE = frozenset(
    {
        "pre.product_question", "pre.fit_check", "pre.size_advice", "pre.safety_question", "pre.compare", "pre.recommend",
        "pre.accessory", "pre.stock", "pre.custom", "pre.arrival_time", "pre.ship_time", "pre.freight_question",
        "pre.gift_request", "pre.return_policy", "pre.how_to_order",
    }
)  # fmt: skip
"""What is asked before buying, the answers to which depend on the words used: a guess of these does no harm."""


def wishes(brief: Brief, phrasebook: Phrasebook, named: Set[str], matter: Matter | None) -> list[str]:
    """What was read, as the order knows better, the wish to answer first at the front; mere guesses are left out."""
    intents = sorted((i for i in _borne_out(brief, matter) if i in phrasebook.by_situation), key=_rank)
    intents = _as_the_order_stands(intents, brief)
    order = brief.conversation.order
    if any(i != INJECTION for i in intents):
        intents = [i for i in intents if i != INJECTION]
    intents = [i for i in without_misreadings(intents, named, brief) if i in phrasebook.by_situation]
    if _undelivered(brief) and "in.change_address" not in named:
        intents = _instead(intents, "in.urge_delivery", "in.change_address")
    if order is not None and order.paid_at is not None:
        intents = sorted(intents, key=lambda i: i.startswith("pre."))  # who has paid asks of what they bought
    if len(intents) > 1 and intents[0] == "after.refund_status" and not refund_under_way(brief):
        intents = intents[1:]  # nothing has been sent back: when it comes is a question, not what is wrong
    intents = as_told(with_dangers(intents, brief), brief)
    if _is_another(brief):
        return [SITUATION_OF["personal_data"]]  # who says that the order is another's changes and learns nothing
    if matter is not None:
        intents = without_guesses(intents, matter, named, brief)
    if any(i not in AROUND for i in intents):
        intents = [i for i in intents if i != _NOT_UNDERSTOOD]  # the matter that was told answers them
    if intents[:1] == ["after.bereavement"] and (is_to_buy(intents[1:], brief) or mourns_before_buying(brief)):
        return intents[1:]  # who mourns and has yet to buy needs an answer; sympathy comes before it
    if not intents and _delights(brief):
        return ["general.praise"]  # what they ask beside is answered as a question
    return intents[:1] if intents and intents[0] in ALONE else intents


def _delights(brief: Brief) -> bool:
    """Whether somebody is pleased with what they bought, and nothing turns it round."""
    turn = folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    return _DELIGHTED.search(turn) is not None and not _AMISS.search(turn)


def _as_the_order_stands(intents: list[str], brief: Brief) -> list[str]:
    """`intents` with those in place of which the order shows another: what has left is not late to leave."""
    order = brief.conversation.order
    if hours_overdue(brief) is not None:
        intents = _instead(intents, "in.late_ship", "in.urge_ship")
    if not_yet_due(brief):
        intents = _instead(intents, "in.urge_ship", "in.late_ship")
    if on_its_way(brief):
        intents = _instead(intents, "in.stuck", "in.late_ship", "in.urge_ship")
    if is_moving(brief):
        intents = _instead(intents, "in.track", "in.stuck")
    if order is not None and order.signed_at is not None:
        intents = _instead(intents, "after.damaged", "in.fresh_delay")
    if is_returning(brief) and intents and intents[0].startswith("in."):
        intents = list(dict.fromkeys(("after.refund_status", *intents[1:])))  # what is on its way is on its way back
    return intents


def _borne_out(brief: Brief, matter: Matter | None) -> list[str]:
    """The wishes read, without those rather guessed that nothing else bears out: a danger told, what is told to
    be amiss, or a raised voice."""
    turn = folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    heard = {e.what.removeprefix("risk:") for e in brief.situation.evidence}
    sure = [r for r in brief.situation.risks if r not in _SOFT or r in heard]
    told = {SITUATION_OF.get(risk, f"after.{risk}") for risk in sure}
    told.update((matter.situation,) if matter else ())
    told |= recorded(brief)
    if brief.situation.emotion in _LOUD:
        told |= MANNER - {"after.unreasonable"}  # what is refused there must have been asked
    if brief.situation.emotion == "pleased" and not _GIVES_BACK.search(turn):
        told |= {"general.praise", "general.thanks"}
    if tells_of_a_death_of_theirs(brief):
        told.add("after.bereavement")
    if mocks(brief) and not {"general.praise", "general.thanks"}.isdisjoint(brief.situation.intents):
        told.add("after.sarcasm")
    guesses = {*brief.situation.guesses} - told
    if guesses.issuperset(brief.situation.intents):
        guesses -= _HARMLESS  # nothing else was read: a friendly word presumes nothing
    if brief.conversation.order is None and brief.situation.stage == "pre_sale":
        # several questions at once share what is likely; what is said to each presumes nothing
        guesses -= _ASKED_BEFORE
    unheard = {DANGERS[risk] for risk in PLAINLY} - {DANGERS[risk] for risk in dangers(brief) if risk in DANGERS}
    if reacted_once(brief):
        unheard |= {DANGERS["allergy"]}
    if NEAR_MISS.search(turn) and not _HURT.search(turn):
        unheard |= {"after.injury", "after.child_danger"}
    kept = [i for i in brief.situation.intents if i not in guesses and i not in unheard]
    # whose husband died is met by that, not by how hard things are
    return _instead(kept, "after.bereavement", "after.hardship") if tells_of_a_death(brief) else kept


def _instead(intents: Sequence[str], new: str, *old: str) -> list[str]:
    """`intents` with `new` in the place of each of `old`, once."""
    return list(dict.fromkeys(new if i in old else i for i in intents))


def at_home(
    intents: Sequence[str],
    points: Sequence[PointMade],
    named: Set[str],
    book: PointBook,
    phrasebook: Phrasebook,
    brief: Brief,
) -> list[str]:
    """Where no word names the first wish, or only how it is spoken, and no sure point belongs to it, the surest point's
    home takes its place; while the parcel is on its way, never one that belongs after its receipt.
    """
    travelling = on_its_way(brief)
    if not intents:  # what was only guessed, and a point that belongs to it was made
        made = {s for p in points for s in book.by_id[p.point].situations}
        agreed = (i for i in brief.situation.intents if i in made and i in phrasebook.by_situation and i not in PASSING)
        intents = [i for i in agreed if not (travelling and i.startswith("after."))][:1]
    sure = sorted((p for p in points if p.score >= SURE), key=lambda p: -p.score)
    homes = [book.by_id[p.point].situations for p in sure]
    of_matter = (
        bool(intents) and intents[0] not in MANNER and (intents[0] in named or intents[0] in _surely_read(brief))
    )
    firm = bool(intents) and intents[0] in FIRM
    if not homes or of_matter or firm or (intents and any(intents[0] in h for h in homes)):
        return list(intents)
    beside = bool(intents) and brief.conversation.order is not None and intents[0] not in AROUND
    fitting = (  # how somebody wants to be spoken to takes no matter's place
        s for h in homes for s in h if s in phrasebook.by_situation and not (beside and s in _OF_SPEAKING)
    )
    home = next((s for s in fitting if not (travelling and s.startswith("after."))), "")
    if home == "in.order_check" and on_its_way(brief):
        return list(intents)  # whether it was sent is answered by where it is, not by going through the order
    if home == "in.urge_ship" and hours_overdue(brief) is not None:
        home = "in.late_ship"
    return list(dict.fromkeys((home, *intents[1:]))) if home else list(intents)


def _surely_read(brief: Brief) -> frozenset[str]:
    """The situation that the reader takes the turn for beyond doubt: no single sentence says otherwise."""
    return frozenset(c.situation for c in brief.situation.chances if c.probability >= _CERTAIN)


def of_others(intents: Sequence[str], brief: Brief) -> bool:
    """Whether somebody asks, in so many words, for what belongs to another customer: no point makes it their own order."""
    asks = "personal_data" in brief.situation.risks or _is_another(brief)
    return asks and list(intents[:1]) == [SITUATION_OF["personal_data"]]


def _is_another(brief: Brief) -> bool:
    """Whether somebody says that the order is another's."""
    texts = [folded(m.text) for m in brief.conversation.messages]
    told = (e for e in brief.situation.evidence if e.what == "risk:personal_data")
    return any(_AS_ANOTHER.search(texts[e.message][e.start : e.end]) for e in told)


def tells_of_a_death(brief: Brief) -> bool:
    """Whether somebody grieves and says that one of their own has died, whatever else they want."""
    words = folded(" ".join(m.text for m in brief.conversation.messages if m.role == "customer"))
    if tells_of_a_death_of_theirs(brief):
        return True
    return brief.situation.emotion == "grieving" and _DIED.search(words) is not None and not _LONG_AGO.search(words)


def tells_of_a_death_of_theirs(brief: Brief) -> bool:
    """Whether somebody of whom the customer spoke before is said to have gone for good: 给我妈买的 … 她昨天凌晨走了."""
    words = folded(" ".join(m.text for m in brief.conversation.messages if m.role == "customer"))
    if _REMEMBERED.search(words):
        return True
    return _DIED_OF_THEIRS.search(words) is not None and _ELDER.search(words) is not None and not _LEFT.search(words)


def is_to_buy(intents: Sequence[str], brief: Brief) -> bool:
    """Whether something is to be bought: the first wish is one of before buying, and there is no order."""
    return brief.conversation.order is None and any(i.startswith(("pre.", "in.urgent_need")) for i in intents[:1])


def mourns_before_buying(brief: Brief) -> bool:
    """Whether somebody mourns, asks something, and no word or order tells that they have bought it."""
    if brief.conversation.order is not None or "after.bereavement" not in brief.situation.intents:
        return False
    return bool(questions_of(brief.conversation)) and not tells_of_buying(brief)


def tells_of_buying(brief: Brief) -> bool:
    """Whether there is an order, or words that tell of having bought."""
    customer = folded(" ".join(m.text for m in brief.conversation.messages if m.role == "customer"))
    return brief.conversation.order is not None or _BOUGHT.search(customer) is not None


def recorded(brief: Brief) -> frozenset[str]:
    """Situations that the order's record itself names."""
    order = brief.conversation.order
    status = (order.tracking_status if order else None) or ""
    turn = folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    signed = "signed" in states(brief)
    shown = {
        "in.lost": any(word in status for word in ("丢失", "遗失", "lost")),
        "in.delivered_not_received": "代收" in status or (signed and _NOT_THERE.search(turn) is not None),
    }
    return frozenset(i for i in brief.situation.intents if shown.get(i, False))


def not_received(brief: Brief) -> bool:
    """Whether the order is paid or on its way, and no word says that it came all the same."""
    customer = folded(" ".join(m.text for m in brief.conversation.messages if m.role == "customer"))
    return not states(brief).isdisjoint({"waiting", "travelling"}) and not _CAME.search(customer)


def on_its_way(brief: Brief) -> bool:
    """Whether the order says that the parcel has left and nobody signed for it."""
    order = brief.conversation.order
    return order is not None and order.shipped_at is not None and order.signed_at is None


def _undelivered(brief: Brief) -> bool:
    """Whether the latest record says that the courier tried in vain."""
    status = (brief.conversation.order.tracking_status if brief.conversation.order else None) or ""
    return any(word in status for word in _UNDELIVERED)


def refund_under_way(brief: Brief) -> bool:
    """Whether a refund was asked for before: by the order, or in the customer's words."""
    order = brief.conversation.order
    if order is not None and "退" in "".join(str(v) for k, v in order.facts().items() if k not in ("item", "order_id")):
        return True
    return any(_UNDER_WAY.search(folded(m.text)) for m in brief.conversation.messages if m.role == "customer")


def _rank(situation: str) -> int:
    """Matters first, what goes with them next, what is said in passing last."""
    return 2 if situation in PASSING else int(situation in SIDE)
