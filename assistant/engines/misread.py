"""Wishes that a reading takes for others and that the customer's words or the order show for what they are."""

from __future__ import annotations

from collections.abc import Sequence, Set

import re2

from assistant.engines import Brief
from assistant.engines.contrary import kinds_of
from assistant.engines.offers import OFFER, offers_a_sum
from assistant.situation.questions import questions_of
from assistant.situation.script import folded

PRICE = ("pre.bargain", "pre.bulk", "pre.cheaper_elsewhere", "pre.price_expensive")
_MANY = "pre.bulk"
_BESIDE_AN_OFFER = (
    "pre.bargain",
    "pre.bargain_freeship",
    "pre.bargain_promote",
    "pre.bargain_student",
    "pre.bargain_friend",
)
"""Reasons for a lower price: beside a sum that is named, the sum is answered first."""
_GREETING = "pre.greeting"
_HAIL = re2.compile(
    r"^(?:(?:亲|您好|你好|哈[喽囉]|嗨|喂|在[吗么嘛不]?|在不在|在线|有人|客服|老板|店家|掌柜|人呢|hi|hello|hey|早上好|晚上好|下午好|zai|ma|您|你|呀|啊|吗|么|哈|呢|在)[\s,.。!?~]*)+$"
)
_MORE_THAN_A_HAIL = 6
"""Characters from which a bubble that is no greeting tells what it is about."""
_SIZE = "pre.size_advice"
_MEASURED = re2.compile(r"身高|体重|[腰胸臀]围|三围|脚长|\d{2,3}\s?(?:cm|kg|公斤|斤|码)|1[4-9]\d的?(?:穿|能穿|可以穿)")
"""Who gives their measures asks for a size, whether a word names it or not."""
_UNPAID, _ILL_PET = "in.urge_payment", "after.pet_sick"
_ILL = re2.compile(
    r"吐|拉稀|拉肚|软便|便血|血|不吃|不喝|没精神|趴|抽|病|死|医|瘫|发烧|痒|掉毛|过敏|中毒|肿|疼|痛|难受|噎|卡住|吞|"
    r"vomit|threw up|sick|vet\b|ill\b|died|letharg|diarr|poison"
)
"""What a pet's owner says when it is ill: a wheel that squeaks at night is no illness."""
_OF_FOOD = ("in.fresh_delay", "after.expired", "after.food_sick")
_CANCEL = "in.cancel_order"
_ON_CONDITION = re2.compile(
    r"(?:赶不上|来不及|到不了|发不(?:了|出)|没有?货|不行|(?:再|要是|如果)[^,。!?]{0,8}(?:不|没)[^,。!?]{0,6})[^,。!?]{0,4}(?:就|我就|那就)[^,。!?]{0,4}(?:取消|退)"
)
"""Who would cancel only if something fails has not cancelled."""
_MINOR = "after.minor_purchase"
_WITH_LEAVE = re2.compile(r"(?:妈|爸|家长|大人|父母|爷爷|奶奶)妈?爸?(?:也|都|是)?(?:知道|同意|让|陪我|在旁)")
"""Someone young whose parents know has a matter like anybody else."""
_GROWN_UP = re2.compile(
    r"我是(?:收[货件]人|买家|机主|她|他|我妈|我爸|顾客)[^,。]{0,2}的?(?:女儿|儿子|家属|孩子|孙女|孙子)|i.?m (?:her|his) (?:son|daughter)|"
    r"(?:儿子|女儿|闺女|孙子|孙女|孩子|娃|儿媳|女婿)(?:们)?(?:网上|专门|特意|上次|上周|前阵子?|托人)?(?:给|帮|替)(?:我|俺|咱|我们|老头|老太|他爸|他妈)[^,。!?]{0,4}(?:买|拍|订|网购|下)|my (?:son|daughter|kids) (?:bought|ordered|got) (?:it|this|one|them) for (?:me|us)"
)
"""A grown child who speaks for a parent, or whose present a parent asks about."""
_BROKE_IT = re2.compile(
    r"(?:孩子|小孩|娃|宝宝|儿子|女儿|孙子|孙女)[^,。!?]{0,6}(?:把)?[^,。!?]{0,8}(?:摔|弄|掰|咬|撕|玩|扯|踩|砸|拆|碰)(?:坏|断|碎|丢|烂|破|掉)|(?:kid|son|daughter|child) (?:broke|dropped|lost)"
)
"""A child that broke something has bought nothing."""
_BOUGHT_IT = re2.compile(r"下单|拍下|充值|充了|打赏|刷了|花了|付了|乱买|偷偷|买的|买了|bought|ordered|paid")
_SCAM = re2.compile(
    r"共享(?:屏幕|桌面)|(?:会议|远程)(?:软件|app)|(?:自称|假冒|冒充|假扮)[^,。!?]{0,8}客服|电话[^。!?]{0,8}(?:说|称)(?:是|系)?[^,。!?]{0,8}客服|"
    r"(?:加|用)(?:了)?我?(?:微信|qq|好友)[^。!?]{0,24}(?:验证|理赔|退我?运费|退款|赔付)|先(?:付|转|交|打)[^,。]{0,8}(?:验证|激活|解冻|保证金)|(?:卡里|余额|账户)[^,。]{0,4}(?:少了|被划|被转|没了)|"
    r"(?:要|报|给|发|念)[^,。!?]{0,6}验证码|claim\w* to be (?:from )?(?:your|customer|support)|pretend\w* to be"
)
"""Words of a caller who pretends to be the shop: whatever they promised the customer, it is the caller that is asked about."""
_PRIVACY = "after.privacy"
_OF_ANOTHER = re2.compile(
    r"(?:买家|顾客|(?:评论|差评|晒图)的?(?:那个|那位)?人?)[^,。!?]{0,6}(?:微信|电话|手机号?|地址|联系方式|号码)[^,。!?]{0,3}(?:给|发|推|告诉)(?:一下)?(?:给)?我"
)
"""Who asks for how to reach another customer."""
_OF_THE_CALLER = frozenset({"after.legal", "after.compensation", "after.extortion", "after.refund_status", "after.quality",
                            "after.fee_dispute", "after.no_reason_return", "general.unfamiliar", "after.return_freight", "after.refund_amount", "after.missing_item"})  # fmt: skip
_ANOTHER_TONGUE = "general.other_language"
_OTHER_SCRIPT = re2.compile(
    r"[\x{3040}-\x{30ff}\x{ac00}-\x{d7af}\x{0400}-\x{04ff}\x{0600}-\x{06ff}\x{0e00}-\x{0e7f}]|speak|language|translat|english\?"
)
"""Who asks in English what it is about is answered that, even where the page is all Chinese to them."""
_SARCASM, _PRAISE = "after.sarcasm", "general.praise"
_THANKS = "general.thanks"
_OWN_FAULT = re2.compile(
    r"(?:是|系)我(?:自己)?[^,。!?]{0,8}(?:装反|弄错|搞错|看错|记错|插错|装错|接反|没(?:看|插|开|装|拧)|按错|拍错|误会)|(?:错怪|误会|冤枉)(?:了|咗)?(?:你|妳|您)|my (?:own )?(?:mistake|bad|fault)"
)
"""Who owns that it was their own doing, and has calmed down."""
_STILL_WRONG = re2.compile(r"(?:还是|仍然|依旧|可是|但是?)[^,。!?]{0,8}(?:不|没|坏|漏)|退|换|能不能|怎么办|still|but")
_CROSS = (
    "after.angry_vent",
    "after.abuse",
    "after.service_attitude",
    "after.deny_all",
    "after.misunderstanding",
    "after.distrust_agent",
)
_GLAD = re2.compile(
    r"高兴|开心|喜欢|好看|漂亮|好美|太美|好吃|好香|可爱|惊艳|合身|合脚|超?爱(?:吃|用|穿|玩|睡|死)?的?|中意|流口水|满意|好用|乐|笑|激动|全家|love|happy|delighted"
)
"""Who tells that somebody is glad thanks for more than an answer."""
_KINDLY = re2.compile(
    r"谢谢|多谢|感谢|喜欢|满意|(?:五星|好评)+|合脚|合身|舒服|好看|好吃|好用|漂亮|人真好|不错|推荐|回购|好正|好靓|钟意|中意|好好用|thank|love(?:ly| it| them)?\b|great|perfect|beautiful|amazing|happy"
)
_NOT_KINDLY = re2.compile(
    r"呵呵|可真|真行|真棒棒|佩服|服了|厉害了|感动|是吧|呢$|[?]|不是|没|不(?:行|好|对|了)|坏|破|漏|碎|慢|差|臭|小了|大了|退|换|怎么|难怪|敢情|but|not\b"
)
"""What shows that thanks are meant the other way round, or that something is wrong after all."""
_TROUBLE = re2.compile(
    r"(?:\d+|[一二两三四五六七八九十半几]+)多?个?(?:天|周|星期|礼拜|月|小时|钟头)(?:了|都|还|才|没|不|过)|还(?:在|没)|才(?:到|发|收|回|来)|没(?:到|发|收|动|人|影|回|反应|声|电)|"
    r"坏|碎|破(?:了|损|洞|的|皮)|漏|裂|掉(?:色|毛|漆|了|下)|散架|断(?:了|成)|少(?:了|发|一)|(?:发|寄|弄|搞|写)错|错(?:了|的)|馊|臭|霉|睡觉|度假|旅游|蜗牛|乌龟|过年|白等|不理|退(?:货|款|钱|了)|赔|投诉|"
    r"still|\blate\b|broke|crack|missing|wrong|leak|weeks|never"
)
"""What went wrong or takes too long, told beside praise."""


def without_misreadings(intents: Sequence[str], named: Set[str], brief: Brief) -> list[str]:
    """`intents` led by the price where words name one and nothing names the first; without what the order or the customer's
    words rule out: to be urged to pay once it is paid, a sick pet of which nobody told. Emptied only of what is said of food where the thing is none.
    """
    words = folded(" ".join(m.text for m in brief.conversation.messages if m.role == "customer"))
    kept = [] if _asks_in_english(intents, words, brief) else list(intents)
    if OFFER in named and offers_a_sum(brief) and (not kept or kept[0] not in named):
        kept = [OFFER, *(i for i in kept if i != OFFER)]
    elif kept[:1] == [_MANY] and OFFER in named:
        kept = list(dict.fromkeys((_MANY, OFFER, *kept[1:])))
    elif kept and kept[0] in _BESIDE_AN_OFFER and OFFER in named:
        kept = list(dict.fromkeys((OFFER, *kept)))
    elif OFFER in named and kept and kept[0].startswith("pre.") and OFFER not in kept:
        kept.insert(1, OFFER)
    sized = kept[:1] == [_SIZE] and _MEASURED.search(words) is not None
    if kept and kept[0].startswith("pre.") and kept[0] not in named and not sized:
        priced = [i for i in kept if i in named and i.startswith(PRICE)]
        kept = [*priced, *(i for i in kept[bool(priced) :] if i not in priced)]
    if _THANKS in kept[:1] and _PRAISE in brief.situation.intents and _GLAD.search(words):
        kept = [_PRAISE, *(i for i in kept if i not in (_PRAISE, _THANKS))]
    if kept[:1] == [_SARCASM] and _SARCASM not in named and meant_kindly(brief):
        kept = [_PRAISE, *kept[1:]]
    elif mocks(brief):
        kept = [i for i in kept if i not in (_PRAISE, "general.thanks")]
    if _OWN_FAULT.search(words) and not _STILL_WRONG.search(words):
        kept = [_THANKS, *(i for i in kept if i not in (_THANKS, *_CROSS))]
    if _OF_ANOTHER.search(words):
        kept = [_PRIVACY, *(i for i in kept if i != _PRIVACY and not i.startswith("pre."))]
    if _SCAM.search(words):
        kept = [_PRIVACY, *(i for i in kept if i != _PRIVACY and i not in _OF_THE_CALLER)]
    order = brief.conversation.order
    paid = order is not None and order.paid_at is not None
    kinds = kinds_of(brief)
    foodless = bool(kinds) and "food" not in kinds
    on_condition = len(kept) > 1 and _ON_CONDITION.search(words)
    ruled_out = {
        *(_OF_FOOD if foodless else ()),
        *((_CANCEL,) if on_condition else ()),
        *((_UNPAID,) if paid else ()),
        *((_MINOR,) if _GROWN_UP.search(words) else ()),
        *((_MINOR,) if len(kept) > 1 and _WITH_LEAVE.search(words) else ()),
        *((_MINOR,) if _BROKE_IT.search(words) and not _BOUGHT_IT.search(words) else ()),
        *((_ILL_PET,) if not _ILL.search(words) else ()),
    }
    left = [i for i in kept if i not in ruled_out]
    return left or [i for i in kept if not ((foodless and i in _OF_FOOD) or (i == _MINOR and i in ruled_out))]


def _asks_in_english(intents: Sequence[str], words: str, brief: Brief) -> bool:
    """Whether all that was read is another tongue, and an English question says what it is about."""
    only = [*intents] == [_ANOTHER_TONGUE] and brief.situation.language == "en"
    return only and not _OTHER_SCRIPT.search(words) and bool(questions_of(brief.conversation))


def without_a_hail(intents: Sequence[str], brief: Brief) -> list[str]:
    """`intents` that no greeting leads where the turn goes on to a matter: 在吗, and then what it is about."""
    turn = [folded(m.text).strip() for m in brief.conversation.last_customer_turn]
    tells = any(len(text) >= _MORE_THAN_A_HAIL and not _HAIL.search(text) for text in turn)
    return list(intents[1:]) if tells and intents[:1] == [_GREETING] else list(intents)


def is_swindle(brief: Brief) -> bool:
    """Whether somebody tells of a caller who pretends to be the shop: nothing else is talked of then."""
    return (
        _SCAM.search(folded(" ".join(m.text for m in brief.conversation.messages if m.role == "customer"))) is not None
    )


def mocks(brief: Brief) -> bool:
    """Whether what was read as mockery is that, though it was also read as praise: nobody who mocks is thanked for it."""
    return _SARCASM in brief.situation.intents and not meant_kindly(brief)


def meant_kindly(brief: Brief) -> bool:
    """Whether the last turn, but for what it asks, says two kind things (one, where it sounds pleased) and nothing that turns
    them round.
    """
    turn = folded(" ".join(_told(brief)))
    enough = 1 if brief.situation.emotion == "pleased" else 2
    return len(_KINDLY.findall(turn)) >= enough and not _NOT_KINDLY.search(turn) and not turned_round(brief)


def turned_round(brief: Brief) -> bool:
    """Whether kind words stand beside trouble that was told: 真是好棒哦, 十天了还在仓库睡觉."""
    return _TROUBLE.search(folded(" ".join(m.text for m in brief.conversation.last_customer_turn))) is not None


def _told(brief: Brief) -> list[str]:
    """The bubbles of the last turn without the questions in them."""
    messages = brief.conversation.messages
    asked = questions_of(brief.conversation)
    waits = [i for i, m in enumerate(messages) if any(m is w for w in brief.conversation.last_customer_turn)]
    left = []
    for index in waits:
        text = messages[index].text
        for question in sorted((q for q in asked if q.message == index), key=lambda q: -q.start):
            text = text[: question.start] + text[question.end :].removeprefix("?")
        left.append(text)
    return left
