"""What a reply only says back to the customer: their own words and what they told of themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.conversation import Message
from assistant.guardrails.fold import fold
from assistant.values import Category

_THEIR_WORDS = re.compile(
    r"\s*(?:您(?:说|提到|讲|写)|你(?:说|提到|讲)|you (?:told|wrote|said|mentioned))", re.IGNORECASE
)
_NOTED = re.compile(r"[,\uff0c]我记(?:着呢|下了)[。.]?$")
_NOTE = 6
"""Characters of a note at the end of what is said back, with its marks: ,我记下了。"""
_SENTENCE_END = re.compile(r"[。!?;\n\uff01\uff1f\uff1b]")
_PARTS = re.compile(r"[、,:\uff0c\uff1a]")
_PERSONS = re.compile(
    r"您说的|您提到|我记好了|我都?记下了|贵公司|我们公司|我们|你们|[我你您]|you (?:told|wrote|said|mentioned)(?: me)?(?: that)?|\b(?:i|my|you|your|me|am|are)\b"
)

_TOLD = re.compile(r"[\s,。!?;:、\uff0c\uff01\uff1f\uff1b\uff1a~\u2026]+")
_WANTED = re.compile(
    r"[吗嘛么]$|^.{0,4}呢$|[?\uff1f]|能不能|可不可以|可以不|行不|好不|是不是|有没有|多[久少]|啥时|什么时候|几[点天号时]|怎么|哪|要不|必须|赶紧|快点|给我|帮我|[退赔补换减免]|便宜|保证|包邮|送(?:我|个|点)"
)
"""A customer's clause that asks or demands: saying that back may grant it."""
_DICTATED = re.compile(
    r"(?:跟着?|照着?|按)我|(?:你|您)(?:就|只|也)?(?:要|得|该)?(?:说|写|回)|重复|复述|念一遍|回复我|repeat|say after",
    re.IGNORECASE,
)
"""A message that tells the agent what to say is no telling at all."""
_OURS = re.compile(
    r"我(?!懂|明白|理解|记)|咱|店|仓|客服|主管|老板|[退赔补换减免折降发寄包保返]|便宜|优惠|给[您你]|帮[您你]|替[您你]|让[您你](?:利|价|点|些|[\d一二两三四五六七八九十])|"
    r"送[您你]|送(?:到|达|货)|到(?:货|手|账)|能|(?<![误机])会|可以|没问题|一定|肯定|绝对|放心|负责|处理|安排|解决|搞定|答应|立刻|马上|最|第一|唯一|一律|"
    r"^(?:好|行|成|中|嗯|对|ok|是的?)(?:的|吧|啊|呀|嘞|,|$)"
)
"""Words by which the clause would speak for the shop, give, assure or agree."""
_MONEY = r"[卖抹凑算按垫出掏打转划补]|红包|^(?:就|那|也|都|拿|走|行|好|成|吧|了|得|的|[元块毛价钱拍下付收到]|[\d.一二两三四五六七八九十百千])*$"
"""A word of settling on a sum, or hardly anything but the sum: 那就330."""
_OF_ITS_KIND: dict[Category, re.Pattern[str]] = {
    "promise.compensation": re.compile(_MONEY),
    "promise.price": re.compile(_MONEY),
    "blame": re.compile(r"自己|活该|谁(?:让|叫)|怪|早|本来|应该|不看|没看|不懂|乱|硬|偏|非要|还不"),
    "privacy": re.compile(r"证|卡|码|电话|手机|地址|账号|住|[栋室号]|姓名|发我|给我|报|\d{4}"),
    "leak": re.compile(r"成本|利润|进价|毛利|内部|系统|后台|话术|指标|提成|底价|考核|群|员工|公司|指示|规定"),
    "promise.delivery_time": re.compile(r"[到送出取签前内点今明]|后天|周|[号日](?!子)|就"),
    "promise.third_party": re.compile(r"快递|物流|平台|厂|小哥|网点|派|审|批|催|同意|通过|理赔|财务|领导|经理"),
    "promise.outcome": re.compile(
        r"[好效瘦白祛治消愈稳准灵净退掉除亮嫩]|不(?:再|会|用|伤|掉|起|退)|管用|见|保|久|永|(?:天|周|月|次|年)(?:就|内|左右)"
    ),
    "superlative": re.compile(r"[好绝顶神王冠优强牌级首独]|全[国网球]|无敌|比不|第"),
    "rudeness": re.compile(r"[您你]|[傻蠢笨懒贱滚骗蠹穷抠]|脑|智商|眼瞎|素质"),
}
"""What meaning may take a customer's purse, plans and trouble for, each with words of its own kind: they may have named a sum, praised
or scolded first, so that to say it back is to agree. A fault or a contact stays one, whoever spoke of it first.
"""
_ENOUGH = 1 / 3
"""Share of a clause's characters, pair by pair, that are the customer's: the rest joins them (攒两个月钱买把琴)."""


def tells_what_was_said(reply: str, start: int, words: str, messages: Sequence[Message]) -> bool:
    """Whether `words`, at `start` of a reply, are introduced as the customer's own (您说的…, You told me that …) or only noted
    (…,我记着呢), and are: each part of them stands in what they wrote, but for who is meant by it.
    """
    own = _bare("\n".join(own_words(messages)))
    lead = _SENTENCE_END.split(reply[:start])[-1] + words
    parts = [_bare(part) for part in _PARTS.split(words)]
    noted = lead == words and _NOTED.search(words + reply[start + len(words) :].split("\n")[0][:_NOTE])
    return bool(own and (_THEIR_WORDS.match(lead) or noted) and all(part in own for part in parts if part))


def recounts(category: Category, words: str, messages: Sequence[Message]) -> bool:
    """Whether `words` only put again what the customer told of themselves (学生钱紧, 一家五口没桌子吃饭), though they resemble a
    breach of `category`. What the customer asked or demanded is no telling, and words that speak for the shop are no putting again.
    """
    said, of_its_kind = fold(words).text, _OF_ITS_KIND.get(category)
    if of_its_kind is None or of_its_kind.search(said) or _OURS.search(said):
        return False
    told = {
        pair
        for message in own_words(messages)
        if not _DICTATED.search(message)
        for clause in _TOLD.split(fold(message).text)
        if not _WANTED.search(clause)
        for pair in _pairs(_bare(clause))
    }
    plain = _bare(words)
    theirs = {at for at, pair in enumerate(_pairs(plain)) if pair in told}
    return len(theirs | {at + 1 for at in theirs}) >= max(2, _ENOUGH * len(plain))


def own_words(messages: Sequence[Message]) -> list[str]:
    """What the customer wrote, message by message."""
    return [m.text for m in messages if m.role == "customer"]


def _pairs(text: str) -> list[str]:
    return [text[at : at + 2] for at in range(len(text) - 1)]


def _bare(text: str) -> str:
    """Letters and figures alone, without the words for you and me."""
    return "".join(c for c in _PERSONS.sub("", fold(text).text) if c.isalnum())
