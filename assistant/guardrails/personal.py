"""Personal data in a text: phones, identity cards (checksum), passports, bank cards (Luhn, or named as one), e-mail, addresses,
plates, accounts, order and parcel numbers, names where something marks them as names.

Works on the original text, so spans need no folding; full-width and spaced digits and Traditional forms are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal

from knowledge.values import Value

PersonalKind = Literal[
    "phone", "id_number", "bank_card", "email", "address", "order_number", "name", "plate", "account"
]

WIDE: dict[int, int | str] = {
    **{0xFF10 + i: str(i) for i in range(10)},
    **dict.fromkeys((0x2013, 0x2014, 0xFF0D), "-"),
    0xFF38: "X",
    **str.maketrans(
        "號樓區縣鄉鎮單棟層園莊灣圍門東戶華廣場國銀護聯繫", "号楼区县乡镇单栋层园庄湾围门东户华广场国银护联系"
    ),
}
"""Wide digits and Traditional forms as what they stand for, character by character."""
_PHONE = re.compile(r"(?<![\d])(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d){8}(?!\d)")
_SPOKEN_PHONE = re.compile(
    r"[一幺1][三四五六七八九3-9][零〇一幺二三四五六七八九0-9]{9}(?![零〇一幺二三四五六七八九十百0-9])"
)
_LANDLINE = re.compile(
    r"(?<![\d-])(?:\(0\d{2,3}\)|\uff080\d{2,3}\uff09|0\d{2,3}[- ])\s?[2-9]\d{3}[- ]?\d{3,4}(?!\d)|(?<!\d)0(?:10|2\d|[3-9]\d{2})[2-8]\d{7}(?!\d)"
)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼滬雲遼贛貴][A-HJ-NP-Za-hj-np-z][·・ ]?[A-HJ-NP-Za-hj-np-z0-9]{5,6}(?![A-Za-z0-9])"
)
_PASSPORT = re.compile(
    r"(?:护照|護照|passport)(?:号码?|號碼?| ?(?:number|no\.?))?(?:是|为|:|\uff1a|\s){0,3}([A-Za-z]{1,2}\d{7,8})",
    re.IGNORECASE,
)
_ENGLISH_NAME = re.compile(
    r"(?i:my name is|name(?: is)?:|recipient(?: is|:)|contact:|addressed to)\s*([A-Z][a-z]{1,15}(?: [A-Z][a-z]{1,15}){1,2})"
)
_ID_NUMBER = re.compile(
    r"(?<![\dA-Za-z])[1-9]\d{5}[- ]?(?:19|20)\d{2}[- ]?(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[- ]?\d{3}[\dXx](?![\dA-Za-z])"
)
_BANK_CARD = re.compile(r"(?<![\d.])[3-6]\d{3}(?:[- ]?\d{4}){2,3}(?:[- ]?\d{1,4})?(?![\d])")
_NAMED_CARD = re.compile(
    r"(?:卡号|银行卡|储蓄卡|信用卡|[工农中建交招]行卡?|card (?:number|no\.?))(?:是|为|:|\uff1a|\s){0,3}(\d(?:[- ]?\d){11,18})(?!\d)",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(
    r"(?:微信号?|支付宝(?:账号|帐号)?|[qQ]{2}号?|抖音号|wechat(?: id)?)(?:是|为|:|\uff1a|\s){0,3}([A-Za-z][A-Za-z0-9_-]{5,19}|[1-9]\d{5,10})(?![A-Za-z0-9_])"
)
_EMAIL = re.compile(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}")
_ADDRESS = re.compile(
    r"(?:[\u4e00-\u9fff]{2,7}(?:省|自治区|市|区|县|镇|乡|街道)){0,4}[\u4e00-\u9fffA-Za-z0-9]{1,14}"
    r"(?:路|街|巷|弄|大道|胡同|小区|花园|公寓|苑|园|村|府|城|庄|里|湾|庭|轩|新区|家园|嘉园|[一二三四五六七八九]区)"
    r"[\u4e00-\u9fffA-Za-z]{0,8}[0-9A-Za-z一二三四五六七八九十]{1,5}(?:号|栋|幢|座|号楼|单元|弄|组|楼|#)"
    r"(?:[\u4e00-\u9fff0-9A-Za-z-]{0,16}?(?:室|单元|户|楼|层|号|栋|\d{3,4}))*"
)
_STREET = re.compile(
    r"[路街巷弄道同区园寓苑村府城庄里湾庭轩][\u4e00-\u9fffA-Za-z]{0,8}[0-9A-Za-z一二三四五六七八九十]{1,5}(?:号|栋|幢|座|单元|弄|组|楼|#)"
)
"""What every `_ADDRESS` contains: the end of a street's or an estate's name, and a number in it."""
_NUMBER = re.compile(r"\d{3}")
"""What every number of a card, phone, parcel or paper contains."""
_PLACE = re.compile(
    r"[\u4e00-\u9fff]{2,7}(?:省|自治区|特别行政区|市)[\u4e00-\u9fff]{1,7}(?:区|县|市|镇|乡)[\u4e00-\u9fffA-Za-z0-9-]{1,24}?[0-9A-Za-z一二三四五六七八九十]{1,5}(?:号|楼|层|室|栋|幢|座|组|弄|巷)"
    r"(?:[\u4e00-\u9fff0-9A-Za-z-]{0,12}?(?:室|单元|户|楼|层|号|栋|\d{3,4}))*"
)
"""A province or city with a district and a number: what no street names is an address all the same."""
_WAYBILL = re.compile(
    r"(?<![A-Za-z0-9])(?:SF|YT|ZTO|STO|YD|JT|JDV?[A-Z]{0,2}|EMS|DPK|HT|TT)\d{10,16}(?![A-Za-z0-9])", re.IGNORECASE
)
_ORDER_NUMBER = re.compile(
    r"(?:订单号?|单号|订单编号|運單|运单号?|order(?: number| no\.?| id)?)(?:是|为|:|#|\uff1a|\s){0,3}([A-Za-z]{0,4}\d(?:-?\d){7,23})",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?:收件人|收货人|收貨人|签收人|姓名|名字|我叫|本人叫|联系人)(?:名字?)?(?:(?:要|给我|帮我)?(?:改|换|写|填)(?:成|为|的是|的)?)?(?:是|叫|为|:|\uff1a|\s){0,2}"
    r"(?:我(?:妈妈?|爸爸?|老公|老婆|儿子|女儿|姐姐?|妹妹?|哥哥?|弟弟?|婆婆|岳父|岳母|朋友|同事)(?:的名字)?)?"
    r"((?![你您我他她它谁哪什么啥])[\u4e00-\u9fff]{2,4}?)(?<![谁哪啥么了吗呢的啊])(?=[,\uff0c。;\uff1b、\s]|$|电话|手机|,|身份证|地址)"
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
    wide = text.translate(WIDE)
    found: list[PersonalData] = []
    for kind, start, end in _candidates(wide):
        if not any(start < p.end and p.start < end for p in found):
            found.append(PersonalData(kind=kind, start=start, end=end, text=text[start:end]))
    return tuple(sorted(found, key=lambda p: p.start))


def _candidates(text: str) -> Iterator[tuple[PersonalKind, int, int]]:
    """In order of certainty: what overlaps something surer is left out."""
    there = {needs for needs in (_NUMBER, _STREET) if needs.search(text)}
    for kind, pattern, group, holds, needs in _SIGNS:
        if needs is None or needs in there:
            for m in pattern.finditer(text):
                if holds is None or holds(m.group()):
                    yield kind, m.start(group), m.end(group)


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


_SIGNS: tuple[tuple[PersonalKind, re.Pattern[str], int, Callable[[str], bool] | None, re.Pattern[str] | None], ...] = (
    ("id_number", _ID_NUMBER, 0, id_number_holds, _NUMBER),
    ("order_number", _ORDER_NUMBER, 1, None, None),
    ("order_number", _WAYBILL, 0, None, _NUMBER),
    ("bank_card", _BANK_CARD, 0, luhn_holds, _NUMBER),
    ("bank_card", _NAMED_CARD, 1, None, None),
    ("phone", _PHONE, 0, None, _NUMBER),
    ("phone", _SPOKEN_PHONE, 0, None, None),
    ("phone", _LANDLINE, 0, None, _NUMBER),
    ("plate", _PLATE, 0, None, None),
    ("id_number", _PASSPORT, 1, None, _NUMBER),
    ("email", _EMAIL, 0, None, None),
    ("address", _ADDRESS, 0, None, _STREET),
    ("address", _PLACE, 0, None, None),
    ("account", _ACCOUNT, 1, None, None),
    ("name", _NAME, 1, None, None),
    ("name", _ENGLISH_NAME, 1, None, None),
)
"""What is looked for: kind, pattern, the group that is the datum, the check of its digits, and what is quicker to find missing."""
