"""Personal data that a reply spells out: the customer's own in full, or anybody else's.

What this customer just gave for this order (a new name, street or number) may be said back to make sure of it; identity
and bank card numbers never.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.conversation import Message
from assistant.guardrails.echo import own_words
from assistant.guardrails.grounding import Ungrounded
from assistant.guardrails.personal import WIDE, PersonalData, find_personal

_SERVICE = re.compile(
    r"客服|热线|快递员|派件员|派送员|配送员|小哥|网点|站点|驿站|师傅|司机|品牌方|厂家|官方|售后电话|400|12315|快递电话|courier"
)
_RETURN = re.compile(
    r"退货|寄回|退回|(?:请|麻烦|辛苦|您|直接)[^。!?]{0,12}寄[到至往]|返回地址|退件|售后仓|仓库|收件人写|return address|仓$"
)
_ID_LIKE = re.compile(r"(?:身份证|证件)(?:号码?)?(?:是|为|:|\uff1a)?\s?[1-9]\d{13,16}[\dXx]")


_WORTH_A_LOOK = re.compile(
    r"\d{3}|\d[\s\W]{0,3}\d[\s\W]{0,3}\d|[号栋幢室户座楼]|单元|[\u2460-\u24ff]|[一二三四五六七八九零〇]{4}"
)
"""Without any of these there is no number, card or address to find."""


_MAY_BE_REPEATED = frozenset({"phone", "address", "name", "order_number", "email", "account"})
_SECRETS = re.compile(
    r"身份证|身份證|证件|證件|银行卡|銀行卡|卡号|卡號|密码|密碼|验证码|驗證碼|id card|passport|password|bank card"
)
_LED_BY = 8
_MARKS = re.compile(r"[\s\-,\uff0c。.、()\uff08\uff09]+")


def disclosures(reply: str, messages: Sequence[Message] = ()) -> Iterator[Ungrounded]:
    """Spans (in the original reply) of personal data that must not stand in a chat with the customer of these messages."""
    if not _WORTH_A_LOOK.search(reply):
        return
    for m in _ID_LIKE.finditer(reply):
        yield _said(m.start(), m.end(), "id_number")
    told = find_personal(reply)
    given = _plain("\n".join(own_words(messages))) if told else ""
    for data in told:
        if _was_given(data, given):
            continue
        lead = reply[max(0, data.start - 24) : data.start]
        around = reply[max(0, data.start - 40) : data.end + 12]
        if data.kind in {"order_number", "email", "name", "plate"}:
            continue
        if data.kind == "phone" and _SERVICE.search(lead):
            continue
        if data.kind in {"phone", "address"} and _RETURN.search(around):
            continue
        if data.kind == "address" and not _complete(data.text):
            continue
        yield _said(data.start, data.end, data.kind)


def repeats_what_was_given(words: str, messages: Sequence[Message]) -> bool:
    """Whether these words of a reply say back personal data that the customer gave in this talk, and none besides."""
    if not messages or _SECRETS.search(words):
        return False
    own = "\n".join(own_words(messages))
    given = _plain(own)
    if not all(_was_given(data, given) for data in find_personal(words)):
        return False
    said = _plain(words)
    return any(_shared(_plain(data.text), said) for data in find_personal(own) if data.kind in _MAY_BE_REPEATED)


def _shared(data: str, said: str) -> bool:
    """Whether a name stands in the words, or of something longer a stretch of four characters."""
    size = min(len(data), 4)
    return any(data[i : i + size] in said for i in range(len(data) - size + 1))


def _was_given(data: PersonalData, given: str) -> bool:
    said = _plain(data.text)
    led = _LED_BY if data.kind == "address" else 1  # 改到 and the like are read as part of a street's name
    return data.kind in _MAY_BE_REPEATED and any(said[i:] in given for i in range(min(led, max(1, len(said) - 5))))


def _plain(text: str) -> str:
    return _MARKS.sub("", text.translate(WIDE))


def _complete(address: str) -> bool:
    """Whether an address leads to a door: a house and a room."""
    return bool(re.search(r"\d{3,4}(?:室|户|号)?$|(?:室|单元|户)", address)) and bool(
        re.search(r"号|栋|幢|座|楼|单元", address)
    )


def _said(start: int, end: int, kind: str) -> Ungrounded:
    return Ungrounded(
        "privacy",
        "block",
        start,
        end,
        f"privacy.disclosed_{kind}",
        "把完整的个人信息写进聊天(个人信息保护法第五十一条;消法第二十九条),核对时请打星号,如 138****5678。",
    )
