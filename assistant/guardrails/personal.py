"""Personal data in a text: phones, identity cards (checksum), bank cards (Luhn), e-mail, addresses, order numbers.

Works on the original text, so spans need no folding; full-width digits and spaced digits are read as digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from knowledge.values import Value

PersonalKind = Literal["phone", "id_number", "bank_card", "email", "address", "order_number", "name"]

_WIDE = {0xFF10 + i: str(i) for i in range(10)} | dict.fromkeys((0x2013, 0x2014, 0xFF0D), "-") | {0xFF38: "X"}
_PHONE = re.compile(r"(?<![\d])(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d){8}(?!\d)")
_ID_NUMBER = re.compile(
    r"(?<![\dA-Za-z])[1-9]\d{5}[- ]?(?:19|20)\d{2}[- ]?(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[- ]?\d{3}[\dXx](?![\dA-Za-z])"
)
_BANK_CARD = re.compile(r"(?<![\d.])[3-6]\d{3}(?:[- ]?\d{4}){2,3}(?:[- ]?\d{1,4})?(?![\d])")
_EMAIL = re.compile(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}")
_ADDRESS = re.compile(
    r"(?:[\u4e00-\u9fff]{2,7}(?:省|自治区|市|区|县|镇|乡|街道)){0,4}[\u4e00-\u9fffA-Za-z0-9]{1,14}"
    r"(?:路|街|巷|弄|大道|胡同|小区|花园|公寓|苑|园|村|府|城|庄|里|湾|庭|轩|新区|家园|嘉园|[一二三四五六七八九]区)"
    r"[\u4e00-\u9fffA-Za-z]{0,8}[0-9A-Za-z一二三四五六七八九十]{1,5}(?:号|栋|幢|座|号楼|单元|弄|组|楼|#)"
    r"(?:[\u4e00-\u9fff0-9A-Za-z-]{0,16}?(?:室|单元|户|楼|层|号|栋|\d{3,4}))*"
)
_ORDER_NUMBER = re.compile(
    r"(?:订单号?|单号|订单编号|運單|运单号?|order (?:number|no\.?|id))(?:是|为|:|\uff1a|\s){0,3}([A-Za-z]{0,4}\d{8,24})",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?:收件人|收货人|收貨人|姓名|名字|我叫|本人叫|联系人)(?:是|叫|为|:|\uff1a|\s){0,2}([\u4e00-\u9fff]{2,4}?)(?=[,\uff0c。;\uff1b、\s]|$|电话|手机|,|身份证|地址)"
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


class PersonalData(Value):
    """A piece of personal data: text[start:end) of the text as given."""

    kind: PersonalKind
    start: int
    end: int
    text: str


def find_personal(text: str) -> tuple[PersonalData, ...]:
    """Every piece of personal data, in order, none overlapping."""
    wide = text.translate(_WIDE)
    found: list[PersonalData] = []
    for kind, start, end in _candidates(wide):
        if not any(start < p.end and p.start < end for p in found):
            found.append(PersonalData(kind=kind, start=start, end=end, text=text[start:end]))
    return tuple(sorted(found, key=lambda p: p.start))


def _candidates(text: str) -> Iterator[tuple[PersonalKind, int, int]]:
    for m in _ID_NUMBER.finditer(text):
        if id_number_holds(m.group()):
            yield "id_number", m.start(), m.end()
    for m in _ORDER_NUMBER.finditer(text):
        yield "order_number", m.start(1), m.end(1)
    for m in _BANK_CARD.finditer(text):
        if luhn_holds(m.group()):
            yield "bank_card", m.start(), m.end()
    for m in _PHONE.finditer(text):
        yield "phone", m.start(), m.end()
    for m in _EMAIL.finditer(text):
        yield "email", m.start(), m.end()
    for m in _ADDRESS.finditer(text):
        yield "address", m.start(), m.end()
    for m in _NAME.finditer(text):
        yield "name", m.start(1), m.end(1)


def id_number_holds(text: str) -> bool:
    """Whether the check digit of an 18-character identity number is right (GB 11643-1999)."""
    digits = re.sub(r"[- ]", "", text).upper()
    if len(digits) != 18:
        return False
    total = sum(int(d) * w for d, w in zip(digits[:17], _WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == digits[17]


def luhn_holds(text: str) -> bool:
    """Whether a card number passes the Luhn check."""
    digits = [int(c) for c in text if c.isdigit()]
    doubled = [d if i % 2 == 0 else (d * 2 - 9 if d > 4 else d * 2) for i, d in enumerate(reversed(digits))]
    return 13 <= len(digits) <= 19 and sum(doubled) % 10 == 0
