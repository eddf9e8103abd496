"""How a customer speaks, and the matter beneath it: whoever swears, mocks or threatens is answered on what went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

import re2

from assistant.engines import Brief
from assistant.engines.matter import Matter
from assistant.engines.moves import PlannedMove, usable
from assistant.situation.questions import questions_of
from assistant.situation.script import folded
from knowledge.phrasebook import Phrasebook, Slot

SIDE = frozenset(
    {
        "after.return_freight",
        "after.compensation",
        "after.immediate",
        "after.installation",
        "after.exchange",
        "after.used_return",
        "after.review_request",
        "pre.invoice_question",
    }
)
"""Wishes that go with a matter: answered after it, never before."""
PASSING = frozenset({"general.robot", "general.waiting_reply", "general.emoji_only", "general.chitchat"})
"""Said in passing: the matter comes first where there is one."""
MANNER = frozenset(
    {
        "after.immediate", "after.angry_vent", "after.abuse", "after.endless_talk", "after.sarcasm", "after.deny_all",
        "after.unreasonable", "after.distrust_agent", "general.waiting_reply",
    }
)  # fmt: skip
"""How a customer speaks: beside a matter, only what answers their very words is added."""
GRAVE = frozenset({"self_harm", "injury", "allergy", "fire", "child_danger", "food_poisoning", "threat"})
"""Where people are in danger nothing else is talked of."""
INJECTION = "general.injection"
"""Words that try to instruct us: where the customer wants anything else beside, that is what is answered."""
AROUND = MANNER | PASSING | {
    "after.manager", "after.threat_platform", "after.media", "after.legal", "after.bad_review", "after.service_attitude", "after.hardship",
    "after.compensation", "after.not_understood", "after.nitpick",
}  # fmt: skip
"""Said around a matter: where the customer tells what went wrong, that is taken up, however they speak or threaten."""
DANGERS = {
    "injury": "after.injury", "allergy": "after.allergy", "fire": "after.fire", "child_danger": "after.child_danger",
    "food_poisoning": "after.food_sick", "self_harm": "general.self_harm",
}  # fmt: skip
SITUATION_OF = {**DANGERS, "minor": "after.minor_purchase", "personal_data": "after.privacy", "threat": "after.abuse"}
FIRM = frozenset({*DANGERS.values(), "after.minor_purchase", "after.bereavement", "after.extortion", "after.hardship"})
"""Where a person is what matters: no point, however sure, leads the reply elsewhere."""
_WORDLESS = "general.emoji_only"
_PRIVACY = "after.privacy"
_WHO_DELIVERS = re2.compile(r"快递员|派[送件]员|骑手|司机|师傅|小哥|跑腿|送货|courier|driver|delivery (?:man|guy)")
_NUMBER = re2.compile(r"电话|手机|号码|联系方式|number|phone")
"""Who asks for the courier's number wants what was delivered put right: the number is declined beside that."""
_GUESSED = frozenset(
    {"after.privacy", "after.nitpick", "after.late_return", "after.not_understood", "after.refund_refused", INJECTION}
)
"""Read without a word for it, beside something told that went wrong, these are mostly misread."""
UNRECEIVED = frozenset({"in.delivered_not_received", "in.lost"})
_FOR_MONEY = "after.extortion"
_LIFE = "self_harm"
_MONEY = re2.compile(
    r"钱|元|块|红包|补偿|赔|返|私了|诚意|好处|费|免单|退(?:我|一|全|款)|转(?:我|账)|\d{2,}|百|千|money|refund|pay|yuan|rmb|\$"
)
_PET = re2.compile(r"猫|狗|犬|宠|毛孩子|仓鼠|兔|鹦鹉|喵|汪|\b(?:cat|dog|puppy|kitten|pet)")
_PERSON_ATE = re2.compile(r"(?:我|人|孩子|老人|爸|妈|宝宝)(?:也|都|自己|跟着)[^,。!?]{0,4}(?:吃|喝|吐|拉)")
"""It was fed to an animal, and nobody else is ill."""
_ON_SKIN = re2.compile(
    r"霜|膏|乳|液|面膜|精华|染发|洗发|沐浴|香皂|粉底|口红|彩妆|护手|护肤|衣|裤|内裤|袜|围巾|项链|耳环|耳钉|手链|戒指|cream|lotion|mask|shampoo|scarf|earring|necklace"
)
"""Goods that swell a skin, rather than hurt it by force."""
_BY_FORCE = re2.compile(r"砸|夹|割|划|扎|摔|撞|烫|电|崩|炸|断|刺|cut|fell|burn")
_OR_I_TELL = re2.compile(
    r"(?:不|唔)(?:给|俾|返|赔|转|补|退)[^。!?]{0,14}(?:就|那就|我)[^。!?]{0,4}(?:发|曝|挂|差评|投诉|举报|一星)|(?:给|俾|返|赔|转|补)我?[^,。!?]{0,3}\d[^。!?]{0,12}(?:就)?(?:不发|不说|不曝|删|撤|当没)|"
    r"(?:\d{2,}|[一二两三四五六七八九]百|[一二两三四五六七八九]千)[^。!?]{0,20}(?:不然|否则|要不然?|不给)[^。!?]{0,16}(?:发|曝|挂|投诉|举报|差评|网上|抖音|小红书|朋友圈)"
)
"""A sum for silence, in whichever bubbles."""
_NOTHING_IN_IT = "after.missing_item"
_EMPTY = re2.compile(
    r"空(?:的)?(?:盒|箱|包裹|袋子)|(?:里面|盒子|箱子|打开|拆开)[^,。!?]{0,4}是?空的|empty (?:box|parcel|package)"
)
_SPOILT = re2.compile(
    r"过期(?:[^不]|$)|临期|到期|保质|日期|生产|批号|变质|变味|馊|霉|长毛|臭|腐|烂|坏|胀|鼓|涨袋|虫|异物|头发|异味|怪味|发酸|酸了|变酸|酸臭|黏|化了|结块|分层|沉淀|浑|"
    r"expir|best before|date|mou?ld|rotten|spoil|sour|smell|hair|bug"
)
"""Words of what has gone off."""
_PRESENTED = re2.compile(
    r"赠|小样|礼品|搭送|附送|(?:拍|买|下单|页面|写|说)[^,。]{0,10}送|送的|送(?:一|两|二|三|个|我|了)|满送|礼物没|gift|free(?:bie)?|complimentary|おまけ|사은품"
)
"""Words of what comes along for nothing."""
_LACKING = re2.compile("少|缺|漏|没见|没看|没装|没给|没收|missing|lack")
_STILL_ORDERED = re2.compile(
    r"还(?:算数|算不算|有效|在不在|作数|能发|会发|发不发)|(?:会|能)(?:不会)?[^,。\s]{0,6}(?:给我|被|自动|跟着)[^,。\s]{0,3}取消|still (?:valid|stand|on|go)|也(?:会)?(?:给|被)[^,。]{0,4}取消"
)
"""Fear that an order was undone, by one who wants it."""
_UNDO = re2.compile(
    r"(?:我|那就?|干脆|直接|帮我|给我)[^,。]{0,4}(?:要|想)?(?:取消|退款|退了吧)|(?:不|唔)(?:想)?要了|别发|停发|不买了|cancel (?:my|the|it|this)|拍错|申请退款"
)
_CANCEL = "in.cancel_order"
_CHEAPER = re2.compile(r"降价|降了|便宜了|差价|补差|掉价|跌了|price drop|cheaper")
_OR_ELSE = re2.compile(
    r"(?:不(?:能|行|补|给|可以|送)|唔得|otherwise|or else)(?:的话)?[,\s]*(?:我)?(?:就|cancel|i.ll cancel)"
)
"""Undone only if another wish is refused: the other wish comes first."""
_PRICE_DROP = "after.price_drop"
_WRONG_AGAIN = re2.compile(
    r"换(?:过来|回来|来|后|完|货)[^,。]{0,8}(?:还是|又是|仍|依然|照样)[^,。]{0,8}|换的[^,。]{0,4}又(?:发|寄|来|是)|又(?:给我)?(?:发|寄|拿)(?:来|了|成|错)[^,。]{0,6}(?:错|[0-9smlx]|一样|同样|原来)|wrong again|same wrong"
)
"""What came in exchange is what was wrong before."""
_FAULTY = re2.compile("坏|漏|破|裂|碎|响|不行|不亮|没反应|毛病|断|开不|充不|broken")
_WRONG = "after.wrong_item"
_OF_WRONG = (_WRONG, "after.exchange", "after.follow_up", "after.return_freight")
_ONCE = re2.compile(
    r"(?:上次|上回|以前|之前|去年|前年|曾经|那次|用过的?别)[^。!?]{0,16}(?:肿|烂|过敏|起疹|红|痒|刺痛|脱皮)|(?:last time|before|once|used to)[^.!?]{0,30}(?:rash|swell|swollen|react|allerg)"
)
"""A reaction to something else, long over: it is why somebody asks before buying."""
_RISK_OF = {situation: risk for risk, situation in DANGERS.items()}


PLAINLY: Mapping[str, re2._Regexp] = {
    "self_harm": re2.compile(
        r"死|命|自杀|自尽|轻生|自残|割|跳(?:楼|下|桥|河|江|海)|天台|楼顶|安眠药|药[^,。!?]{0,4}(?:全|都)?(?:吃|吞)(?:了|下|完)|烧炭|上吊|遗书|遗言|后事|永别|来世|下辈子|解脱|了结|一了百了|结束(?:这|自己|一切|生|了)|"
        r"消失|离开(?:这|人)|不在(?:了|人世|的话)|没(?:有|了)我|没(?:有)?(?:意思|意义|盼头|希望|指望|活头|明天)|绝望|(?:撑|熬|坚持|扛|挺|过|活)(?:唔|不)(?:住|下|了|去)|(?:不|唔)想(?:再|继续)?(?:活|醒|撑|过)|活(?:着|够|得|下)|拖累|累赘|崩溃|抑郁|睡过去|醒不来|生无可恋|走(?:了|掉)?算了|"
        r"\b(?:kill|die|dying|dead|suicid\w*|end (?:it|my life|everything)|hang myself|no reason to|can.?t go on|hopeless|overdose|better off without|not be here|disappear|give up|live anymore)"
    ),
    "fire": re2.compile(
        r"火|烟|烧|焦|糊|爆|炸|烫|燃|冒|插座|插排|插头|鼓(?:包|起|了|得|成|胀)|胀|发热|漏液|煤气|燃气|smok|fire|flame|burn|explo|spark|melt|swollen|bulg|leak|[\x{3040}-\x{30ff}\x{ac00}-\x{d7af}\x{0400}-\x{04ff}]"
    ),
    "allergy": re2.compile(
        r"敏|疹|痒|肿|红|刺|辣|痛|疼|烂|脱皮|起皮|起(?:了)?(?:好多)?(?:泡|包)|水泡|痘|喘|呼吸|胸闷|晕|吐|脸|皮肤|嘴|唇|眼|喉|嗓|脖|身上|胳膊|腿|手[上背指心]|擦|涂|抹|敷|医|"
        r"rash|itch|swell|swollen|allerg|breath|skin|hives|burning|[\x{3040}-\x{30ff}\x{ac00}-\x{d7af}\x{0400}-\x{04ff}]"
    ),
    "food_poisoning": re2.compile(
        r"吃|喝|食|饮|飲|尝|奶|饭|菜|肉|汤|茶|药|(?:^|[^想要])吐|拉肚|腹泻|eat|ate|drank|drink|food|vomit|threw up|sick|"
        r"[\x{3040}-\x{30ff}\x{ac00}-\x{d7af}\x{0400}-\x{04ff}]"
    ),
}
"""Dangers that are told only where words of their kind were said, wide on purpose: a tripped fuse is no fire, a smell no
poisoning, a calm 「还在吃药,能一起喝吗」 no wish to die."""


_TAKEN_FOR_YEARS = re2.compile(r"药[^,。!?]{0,3}(?:吃|服|喝)(?:了|过)?[^,。!?]{0,4}(?:年|个月|天|周|星期|辈子)")
"""Medicine that is taken day by day: no overdose."""


def reacted_once(brief: Brief) -> bool:
    """Whether somebody who has no order tells of a reaction that is long over, and asks whether this one suits them."""
    words = folded(" ".join(m.text for m in brief.conversation.messages if m.role == "customer"))
    asks = any(questions_of(brief.conversation))
    return asks and brief.conversation.order is None and _ONCE.search(words) is not None


def dangers(brief: Brief) -> frozenset[str]:
    """The dangers to people that were told."""
    words = folded(" ".join(m.text for m in brief.conversation.messages if m.role == "customer"))
    words = _TAKEN_FOR_YEARS.sub("药", words)
    read = set(brief.situation.intents) - set(brief.situation.guesses)
    moved = brief.situation.emotion not in ("calm", "pleased")
    over = reacted_once(brief)
    indirect = {_LIFE} if moved or DANGERS[_LIFE] in read else set()  # said in none of these words it is heard as well
    return frozenset(
        risk
        for risk in GRAVE & set(brief.situation.risks)
        if (risk not in PLAINLY or risk in indirect or PLAINLY[risk].search(words)) and not (over and risk == "allergy")
    )


def with_dangers(intents: Sequence[str], brief: Brief) -> list[str]:
    """`intents` with the situation of a danger first that words tell and that was read, whatever else is asked in passing."""
    told = dangers(brief)
    seen = {e.what.removeprefix("risk:") for e in brief.situation.evidence if e.what.startswith("risk:")}
    first = [DANGERS[r] for r in brief.situation.risks if r in DANGERS and r in told and r in seen]
    passing = all(i in AROUND for i in intents)
    return list(dict.fromkeys((*first, *intents))) if passing else list(intents)


def as_told(intents: Sequence[str], brief: Brief) -> list[str]:
    """`intents` as the customer's words bear them out: who names a sum for silence is answered on that alone, who only
    threatens to tell others is not; what nobody says is past its date is a complaint about the goods.
    """
    if _LIFE in dangers(brief):
        return [DANGERS[_LIFE]]  # a needless kind question does no harm
    words = folded(" ".join(m.text for m in brief.conversation.messages if m.role == "customer"))
    told = [i for i in intents if i != _FOR_MONEY or _MONEY.search(words)]
    if len(told) < len(intents) and not told:
        told = ["after.bad_review" if re2.search("差评|星|评价|review", words) else "after.media"]
    named = any(e.what == "risk:extortion" for e in brief.situation.evidence)
    named = named or ("extortion" in brief.situation.risks and _OR_I_TELL.search(words) is not None)
    if named and _MONEY.search(words):
        told = [_FOR_MONEY, *(i for i in told if i != _FOR_MONEY)]
    order = brief.conversation.order
    fed_to_pet = "after.pet_sick" in brief.situation.intents and _PET.search(words) and not _PERSON_ATE.search(words)
    if DANGERS["food_poisoning"] in told and fed_to_pet:
        told = ["after.pet_sick", *(i for i in told if i not in ("after.pet_sick", DANGERS["food_poisoning"]))]
    of_skin = "allergy" in brief.situation.risks and _ON_SKIN.search(words) and not _BY_FORCE.search(words)
    if told[:1] == [DANGERS["injury"]] and of_skin:
        told = [DANGERS["allergy"], *(i for i in told if i not in (DANGERS["injury"], DANGERS["allergy"]))]
    if order is not None and order.signed_at is not None and _EMPTY.search(words):
        told = [_NOTHING_IN_IT, *(i for i in told if i not in ("in.lost", "after.damaged", "after.fake"))]
    told = _as_wanted(told, words)
    if order is not None and order.signed_at is not None and _WRONG_AGAIN.search(words) and not _FAULTY.search(words):
        told = [_WRONG, *(i for i in told if i not in _OF_WRONG)]
    spoilt = _SPOILT.search(words) is not None
    return list(dict.fromkeys("after.quality" if i == "after.expired" and not spoilt else i for i in told))


def _as_wanted(told: list[str], words: str) -> list[str]:
    """`told` without undoing an order that is wanted, and with what lacks in place of a gift that nobody spoke of."""
    if _CANCEL in told and _STILL_ORDERED.search(words) and not _UNDO.search(_STILL_ORDERED.sub("", words)):
        told = [i for i in told if i not in (_CANCEL, "after.no_reason_return")]
    if _CANCEL in told and _CHEAPER.search(words) and _OR_ELSE.search(words):
        told = [_PRICE_DROP, *(i for i in told if i not in (_CANCEL, _PRICE_DROP))]
    elif _CANCEL in told and _OR_ELSE.search(words):
        told = [i for i in told if i != _CANCEL]
    if "after.gift_missing" in told and _LACKING.search(words) and not _PRESENTED.search(words):
        told = [_NOTHING_IN_IT if i == "after.gift_missing" else i for i in told]
    return told


def without_guesses(intents: Sequence[str], told: Matter, named: Set[str], brief: Brief) -> list[str]:
    """`intents` without dangers that were not told and what no word names, beside something told that went wrong."""
    told_dangers = dangers(brief)
    words = folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    kept = [
        i
        for i in intents
        if (i not in _RISK_OF or _RISK_OF[i] in told_dangers)
        and (i not in _GUESSED or (i in named and i != INJECTION))
        and not (i == _PRIVACY and _WHO_DELIVERS.search(words) and _NUMBER.search(words))
        and not (i == _WORDLESS and told.words)
    ]
    return kept or ([told.situation] if told.situation else list(intents))


def taken_up(intents: Sequence[str], told: Matter | None, brief: Brief, phrasebook: Phrasebook) -> tuple[str, ...]:
    """The situation of what went wrong, where all that was read is how the customer speaks of it; nobody in danger waits."""
    in_danger = dangers(brief) - {"threat"}
    if told is None or in_danger or told.situation not in phrasebook.by_situation:
        return ()
    if intents and intents[0] in SIDE and brief.situation.intents[:1] == (intents[0],) and _told_before(told, brief):
        return ()  # the matter was met in an earlier turn; now only what goes with it is asked
    return (told.situation,) if all(i in AROUND or i in SIDE for i in intents) else ()


def _told_before(told: Matter, brief: Brief) -> bool:
    """Whether the matter is of an earlier turn, to which the shop has answered."""
    messages = brief.conversation.messages
    turn = folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    answered = any(m.role == "agent" for m in messages[1:])
    return answered and not any(folded(part) in turn for part in told.words.split("、"))


def with_matter(
    moves: tuple[PlannedMove, ...],
    replies: Sequence[PlannedMove],
    brief: Brief,
    slots: Mapping[Slot, str],
    fallback: Phrasebook,
) -> tuple[PlannedMove, ...]:
    """With the matter named in the customer's words before anything is said about it, unless a move does so or several things
    that they said are answered one by one.
    """
    answered = sum(m.is_substance for m in replies)
    if (
        "matter" not in slots
        or brief.situation.emotion == "sarcastic"  # what was meant the other way round is not said back
        or answered > 1
        or any("matter" in s for m in (*moves, *replies) for w in m.wordings for s in w.slots)
    ):
        return moves
    (entry, *_) = fallback.by_situation["rest.matter"]
    told = [m for m in usable(entry.moves, brief, slots, entry.situation) if m.move.move == "fact"]
    at = next((i for i, m in enumerate(moves) if m.is_substance or m.move.move in ("ask", "next_step")), len(moves))
    return (*moves[:at], *told, *moves[at:])
