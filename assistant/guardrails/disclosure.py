"""Personal data that a reply spells out: the customer's own in full, or anybody else's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.guardrails.grounding import Ungrounded
from assistant.guardrails.personal import find_personal

_SERVICE = re.compile(
    r"客服|热线|快递员|派件员|派送员|配送员|小哥|网点|站点|驿站|师傅|司机|品牌方|厂家|官方|售后电话|400|12315|快递电话|courier"
)
_RETURN = re.compile(r"退货|寄回|退回|寄到|寄至|返回地址|退件|售后仓|仓库|收件人写|return address|仓$")
_ID_LIKE = re.compile(r"(?:身份证|证件)(?:号码?)?(?:是|为|:|\uff1a)?\s?[1-9]\d{13,16}[\dXx]")


_WORTH_A_LOOK = re.compile(
    r"\d{3}|\d[\s\W]{0,3}\d[\s\W]{0,3}\d|[号栋幢室户座楼]|单元|[\u2460-\u24ff]|[一二三四五六七八九零〇]{4}"
)
"""Without any of these there is no number, card or address to find."""


def disclosures(reply: str) -> Iterator[Ungrounded]:
    """Spans (in the original reply) of personal data that must not stand in a chat."""
    if not _WORTH_A_LOOK.search(reply):
        return
    for m in _ID_LIKE.finditer(reply):
        yield _said(m.start(), m.end(), "id_number")
    for data in find_personal(reply):
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
