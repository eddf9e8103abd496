"""What the customer told that a reply takes up: the new address, a promise not kept, a price, a sum; as written, or ""."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import re2

from assistant.engines import Brief
from assistant.engines.record import of_record
from assistant.engines.shares import pieces, share_of_pieces, shares_asked
from assistant.guardrails.amounts import number
from assistant.situation.script import folded
from knowledge.phrasebook import Slot

_N = r"\d+(?:\.\d{1,2})?"
_HAN = "[一二两三四五六七八九十百千半几]"
_PLACE = re2.compile(
    r"(?:改成|改到|改为|换成|换到|寄到|寄去|送到|新地址|地址)(?:是|为|:|,|\s|在|这里|这个)*((?:[\p{Han}]{2,}?(?:省|市|区|县|镇|乡|街道|路|街|道|巷|弄|村|小区|花园|苑|大厦))+)"
)
_STREET = re2.compile(
    r"((?:[\p{Han}]{1,8}(?:省|市|区|县|镇|乡|街道|路|街|大道|道|巷|弄|村|小区|花园|苑|大厦))+)[\p{Han}]{0,6}(?:\d+|[一二三四五六七八九十]+[段号弄巷期栋])"
)
_ROOM = re2.compile(
    r"(?:改成|改到|改为|换成|换到|应该是|要改|是)(?:是|为|:|,|\s)*((?:[\p{Han}]{0,6})?\d{1,4}(?:栋|幢|座|号楼|号院|单元|弄|号)[\d\p{Han}]{0,3}\d{0,4}(?:室|房)?)"
)
"""A house or a flat that stands alone: 改成12栋502."""
_WHOLE = re2.compile(
    r"^((?:[\p{Han}]{1,6}(?:省|市|区|县|镇|乡|街道))[\p{Han}\d]{2,16}?(?:[\d]+(?:栋|号|室|弄|单元|座)?[\d]*|区|村|园|苑|城|小区|大厦|花园|里|府))(?:[,。\s]|$)"
)
"""An address that is all there is in a message, or in the first words of one: 朝阳区望京西园四区."""
_WRONG_ONE = re2.compile(r"(?:,|\s)?(?:而?不是|不系|唔系)[\p{Han}]{0,6}\d{1,4}[\p{Han}\d]{0,6}")
"""What they wrote by mistake, told beside what is right: 是3栋不是8栋."""
_TO = re2.compile(r"^.*(?:改成|改到|改为|换成|换到|寄到|寄去|送到|新地址|地址|应该|要|到|是|系)")
_NAME = re2.compile(
    r"(?:收件人|收货人|联系人|名字|姓名)(?:改成|换成|改为|写|是|叫|:|,|\s)*(?:我(?:妈妈?|爸爸?|老公|老婆|媳妇|儿子|女儿|闺女|姐|哥|弟|妹|婆婆|朋友|同事|对象)\s?)?([\p{Han}]{2,4})(?:[^\p{Han}]|$)"
    r"|(?:^|[\s,。;])([\p{Han}]{2,3})\s*,?\s*1[\d*]{7,12}(?:[^\d*]|$)"
)
_NO_NAME = frozenset({"电话", "手机", "号码", "联系", "手机号"})
_PHONE = re2.compile(r"(?:^|[^\d])(1[3-9]\d{6,12})(?:[^\d]|$)")
_KEPT_NOT = re2.compile(
    r"还没|到现在|没人|冇|没有?(?:人)?(?:回|理|联系|答|消息|动静|下文|结果|发|退)|过去?了|过了|等到现在|说话不算|不算数|没兑现|(?:都|已经)[^,。!?]{0,6}(?:天|小时|钟头|周|星期|个月)|又|到底|骗|糊弄|忽悠|几点了|人呢|没影|石沉大海|摆设|still|never|no (?:one|reply)|nobody"
)
_DO = r"(?:给?我?(?:个)?(?:回复?|回话|答复|处理|解决|联系|发货|发出|发|寄|退款|退|补发|到账|结果|搞定|打电话|上门|派送|送到|送|换|修|装|取))"
_PROMISED = re2.compile(
    rf"(?:说|答应|承诺|讲好|保证|许)(?:好|过|了|的)*(?:给?我|俺)?(?:是|要|会|在)?((?:(?:最晚|最多)?(?:\d+|{_HAN}+)个?(?:小时|钟头|分钟|天|工作日)(?:之?内|以内)?|(?:今|明|昨|当)天|今晚|昨晚|(?:周|礼拜|星期)[一二三四五六日天末]|\d+[点号日])[^,。!?\s]{{0,4}}{_DO}(?:新的?|货|好|换新|换货|维修|修理|安装|取件|退款|个?新的|电池|配件|补件)?我?)"
)
_PROMISED_THING = re2.compile(
    r"(?:答应|说好|讲好|承诺|(?:客服|售后)[^,。!?\s]{0,4}(?:说|话|讲)(?:过|了)?(?:会|要))(?:过|了)*(?:给?我|俺|会|要)*"
    r"((?:安排|补发|补寄|重发|重寄|换新|换货|上门|寄返?|退款|维修|送)[^,。!?\s我你]{0,8})"
)
"""What was to be done, where no time was named."""
_OF_AGENT = re2.compile(
    r"((?:最晚)?(?:今天|明天|今晚|\d{1,2}月\d{1,2}日)?(?:上午|中午|下午|晚上)?(?:\d{1,2}点(?:半)?前?|(?:\d+|一|两|二|三|半)个?(?:小时|天|个工作日)(?:之?内)?)[^,。!?;\s]{0,3}(?:给您|联系您|回您|回复您|告诉您|答复)[^,。!?;~\s]{0,6})"
)
_FIGURE = re2.compile(rf"{_N}|{_HAN}{{2,}}|[十百千]")
_MONEY = re2.compile(r"\s*(?:元|块|蚊|圆|rmb|yuan|的差价|差价)")
_NOT_MONEY = re2.compile(
    r"\s*(?:[:%月日号点年天个件条次码斤公寸升瓦折楼栋单米期周岁层套箱台份双盒瓶支把只袋罐本张位分小倍成穿毫厘平吋匹度人]|能?可?以?穿|包(?:[^邮不]|$)|kg|cm|mm|ml|g\b|m\b|l\b|w\b|v\b|-\d|/\d)"
)
_NO_SUM_BEFORE = re2.compile(r"[\da-z月年:/.第双尾-]$")
_ALL = re2.compile(r"全额|全退|全款|整单退|退全部|full refund")
_HAPPENED = re2.compile(r"(?:只|才|就|仅|实际|已经|都|刚)(?:给我?)?$")
_OF_PAGE = re2.compile(r"页面|详情|规则|承诺书|标的|预[售购]")
"""Where a time to ship is read: the shop's rule, not a promise of the agent's."""
_LESS = re2.compile(r"(?:便宜|降|平|差|少|低|多(?:付|花|收))(?:了|咗|着|出)?\s*(?:整整|足足|快|将近|近)?\s*$")
_DEMAND = re2.compile(
    rf"(?:赔|补|退|给|返|拿|要|支付|补偿|赔偿)(?:偿|钱|款)?(?:我|俺|给我|付)?(?:[\p{{Han}}]{{0,4}}(?:费|钱|损失|差价|一共|总共))?(?:至少|最少|起码|再|个|现金)?\s*({_N}|{_HAN}{{2,}})(?:[^\d.:%月日号点年天个件条次码斤小折楼倍米成]|$)"
)

_SAYS_HOW_FAR = frozenset({"compensation_up_to", "refund_approved", "price_protection_30d"})
"""What is granted of these says what can be done about a sum that is asked for."""
_HANDED_BACK = re2.compile(
    rf"({_N})(?:元|块钱?|蚊)[^,。!?\d]{{0,10}}(?:退|补|赔|还|返|报)(?:还|回)?(?:给|俾)?(?:我|俺)"
)
"""运费12块我先垫的 退给我."""
_CHEAPER = re2.compile(
    rf"(?:便宜|少收|优惠|减)(?:个|我|俺)?\s?({_N}|{_HAN}{{2,}})(?:元|块钱?)?[^,。!?\d]{{0,4}}(?:就|留|算了|吧|呗|行|得了|拉倒)"
)
"""给我便宜50我就留下: a sum asked for; what got cheaper is told without what they would do."""
_CAME_DOWN = re2.compile(
    r"差价|降|便宜|价保|保价|搞活动|(?:今早|今天|刚才?|现在|早上|起来|转头|回头|第二天)(?:再|又)?(?:一?看|一?刷|打开|成了)[^,。!?]{0,6}\d|(?:退了|退掉|退款)[^,。!?]{0,3}(?:重拍|再拍|重新拍)|差了?\s?\d|多(?:付|花)|cheaper|price drop"
)
_REFUND_ME = re2.compile(r"(?:refund|give|pay) me (?:back )?(?:just |only )?(?:¥|rmb |\$)?(\d{1,5})(?:[^\d.:%]|$)")


def said_of_order(brief: Brief) -> dict[Slot, str]:
    """Slots from what was said about this order. Chinese but for sums and the order's own words."""
    values: dict[Slot, str] = {
        **_sums(brief),
        **of_record(brief),
    }
    if brief.situation.language != "en":
        values.update(_address(brief))
        values["promised"] = _promise(brief)
    return values


def counts_no_money(after: str) -> bool:
    """Whether what stands after a number says that it counts something else."""
    return _NOT_MONEY.match(after) is not None


def sums_in(text: str) -> Iterator[float]:
    """Sums of money named in `text`, in yuan, with or without their unit."""
    return (value for value, _ in _sums_at(folded(text)))


def _sums_at(plain: str) -> Iterator[tuple[float, int]]:
    """Sums of money in normal form, each with where it begins. Chinese numerals count only with their unit."""
    for match in _FIGURE.finditer(plain):
        value = number(match.group(0))
        after = plain[match.end() : match.end() + 4]
        money = _MONEY.match(after) is not None
        bare = match.group(0)[0].isdigit() and not _NOT_MONEY.match(after)
        if value is None or value < 1 or not (money or bare) or len(match.group(0)) > 7:
            continue
        if not _NO_SUM_BEFORE.search(plain[max(0, match.start() - 1) : match.start()]):
            yield value, match.start()


def _address(brief: Brief) -> dict[Slot, str]:
    """Street, recipient and whether the phone number has eleven digits: of the last turn, or of the last message before it
    that names a street where the last turn names none.
    """
    turn = [m.text for m in brief.conversation.last_customer_turn]
    before = [m.text for m in brief.conversation.messages if m.role == "customer"][: -len(turn) or None]
    found = _delivered_to(turn)
    earlier = (_delivered_to([text]) for text in reversed(before))
    return found if found.get("new_place") else next((e for e in earlier if e.get("new_place")), found)


def _delivered_to(texts: Sequence[str]) -> dict[Slot, str]:
    place = name = odd = ""
    for text in texts:
        plain = folded(text)
        if wrong := _WRONG_ONE.search(plain):
            plain = plain[: wrong.start()] + " " * (wrong.end() - wrong.start()) + plain[wrong.end() :]
        found = _PLACE.search(plain) or _STREET.search(plain) or _ROOM.search(plain) or _WHOLE.search(plain)
        if found:
            start, end = found.span(1)
            lead = _TO.match(plain[start:end])
            place = text[start + (lead.end() if lead else 0) : end].strip()
        named = _NAME.search(plain)
        if named:
            group = 1 if named.group(1) else 2
            name = "" if named.group(group) in _NO_NAME else text[named.start(group) : named.end(group)]
        phone = _PHONE.search(plain)
        if phone:
            odd = {10: "少一位", 9: "少两位", 12: "多一位", 13: "多两位"}.get(len(phone.group(1)), "")
    return {"new_place": place, "new_name": name, "phone_odd": odd} if place or name else {"phone_odd": odd}


def _promise(brief: Brief) -> str:
    """A promise with its time that the customer says was not kept; the agent's own words before the customer's."""
    turn = " ".join(folded(m.text) for m in brief.conversation.last_customer_turn)
    if not _KEPT_NOT.search(turn):
        return ""
    everything = " ".join(folded(m.text) for m in brief.conversation.messages if m.role == "customer")
    told = _PROMISED.search(turn) or _PROMISED.search(everything) or _PROMISED_THING.search(everything)
    if told and not (_OF_PAGE.search(turn) and "发" in told.group(1)):
        return str(told.group(1)).replace("我", "您").rstrip("给俾你")
    messages = brief.conversation.messages
    last = max((i for i, m in enumerate(messages) if m.role == "customer"), default=0)
    for message in reversed(messages[:last]):
        made = _OF_AGENT.search(folded(message.text)) if message.role == "agent" else None
        if made:
            return str(message.text[made.start(1) : made.end(1)]).rstrip("哦呢啊呀的")
    return ""


def _sums(brief: Brief) -> dict[Slot, str]:
    """The gap to a lower price that the customer names, and a sum they demand beyond what is granted."""
    texts = [folded(m.text) for m in brief.conversation.last_customer_turn]
    order = brief.conversation.order
    values: dict[Slot, str] = {}
    if order is not None and order.price_yuan and _is_of_a_drop(texts, brief):
        gap = _gap(texts, order.price_yuan)
        values["price_gap"] = "" if gap is None else f"{gap:g}"
    wanted = max((*(v for t in texts for v in _demands(t)), *shares_asked(texts, brief)), default=None)
    if wanted is None and order is not None and any(_ALL.search(t) for t in texts):
        wanted = order.price_yuan
    values |= _of_pieces(brief)
    if wanted is not None:
        if order is not None and not _SAYS_HOW_FAR.intersection(a.kind for a in brief.conversation.policy.authorities):
            values["sum_asked"] = f"{wanted:g}"
        for authority in brief.conversation.policy.authorities:
            if authority.kind == "compensation_up_to" and authority.yuan is not None:
                values["sum_over_limit" if wanted > authority.yuan else "sum_within_limit"] = f"{wanted:g}"
            if authority.kind == "refund_approved" and authority.yuan is not None and wanted > authority.yuan:
                values["sum_over_refund"] = f"{wanted:g}"
    return values


def _is_of_a_drop(texts: list[str], brief: Brief) -> bool:
    """Whether they say that it became cheaper: it was read so, or the shop protects the price and a difference is named."""
    protected = any(a.kind == "price_protection_30d" for a in brief.conversation.policy.authorities)
    return "after.price_drop" in brief.situation.intents or (protected and any(_CAME_DOWN.search(t) for t in texts))


def _of_pieces(brief: Brief) -> dict[Slot, str]:
    """The pieces that they count up as bad, and their share of the price where the compensation that is granted covers it."""
    found, share = pieces(brief), share_of_pieces(brief)
    if found is None or brief.situation.language == "en":
        return {}
    limit = next((a.yuan for a in brief.conversation.policy.authorities if a.kind == "compensation_up_to"), None)
    within = limit is not None and share is not None and share <= limit
    return {"pieces": found.said, "share_within_limit": f"{share:g}" if within else ""}


def _demands(text: str) -> Iterator[float]:
    """Sums that a text asks for; what was paid or refunded already is told, not asked for."""
    for match in (m for p in (_DEMAND, _HANDED_BACK, _CHEAPER, _REFUND_ME) for m in p.finditer(text)):
        value = number(match.group(1))
        if value is not None and not _HAPPENED.search(text[: match.start()]):
            yield value


def _gap(texts: list[str], paid: float) -> float | None:
    """Yuan between `paid` and the lower price named; None when no price is, or several that differ."""
    found: set[float] = set()
    for text in texts:
        for value, start in _sums_at(text):
            if value >= paid:
                continue
            if _LESS.search(text[:start]):
                return value
            if value >= paid / 4 and not _DEMAND.search(text):
                found.add(value)
    return round(paid - found.pop(), 2) if len(found) == 1 else None
