"""Amounts and times as agents write them: 15元, 十五块, 1k, 八折, 20%, 48小时内, 后天下午, 三个月.

Everything here reads folded text.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Literal

from knowledge.values import Value

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "俩": 2, "〇": 0}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000}
_HAN = "零〇一二两俩三四五六七八九十百千万"
_NUMBER = rf"(?:\d{{1,7}}(?:\.\d{{1,2}})?|[{_HAN}]{{1,6}})"

_ENGLISH = {
    **{
        w: i
        for i, w in enumerate(
            ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 1
        )
    },
    **{"a": 1, "an": 1, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "hundred": 100},
}
_WORD = rf"\b(?:{'|'.join(_ENGLISH)}) "
_UNIT = r"(?:元|块钱|块|圆|rmb|大洋|人民币|yuan|cny|米的?红包)"
_YUAN = re.compile(
    rf"[¥$]\s?(\d{{1,7}}(?:\.\d{{1,2}})?)|({_NUMBER})(k|千|万)?\s?{_UNIT}(?!码)([\d一二三四五六七八九](?![\d.{_HAN}个件天折%]))?|({_NUMBER})(k)(?![a-z])"
)
"""15元, ¥15, 十五块, 1k, 八块八 (8.8)."""
_TOGETHER = re.compile(
    r"(?<=[加放凑合在搁拼装绑摆捆混叠存买拍到])一块(?:儿|给|拍|发|寄|算|退|结|送|装|来|走|付|下单|补|打包|带|说|弄|(?=[一二三四五六七八九]百|\d\d))|一块儿"
)
"""两件放一块发, 加一块给您: together, which is no yuan."""
_BARE_YUAN = re.compile(
    rf"(?:补偿|补|赔|退|返|让|减|便宜|优惠|抹|少|送|抵|加|贴|折|打|转)(?:给?您|给?你|点|个|掉|现|到|了)?({_NUMBER})(?![\d{_HAN}]|天|个|月|小时|年|件|支|条|张|份|瓶|包|盒|只|双|倍|成|折|%|次|步|款|套|分|码|号|寸|斤|克|毫|厘|米|cm|ml|g|kg)"
    rf"|([{_HAN}]{{2,6}})(?=的?(?:补偿|赔偿|红包|心意|补贴|打款))"
    rf"|(?:一共|总共|合计|共计|总计|金额)(?:是|为)?(\d{{1,6}}(?:\.\d{{1,2}})?)(?![\d.]|[个件天次双条张份只小盒])"
    rf"|({_NUMBER})整?(?=(?:全|都|如数|一分不少地?)(?:额|部|数)?退)"
    rf"|({_NUMBER})(?=的(?:满减|券|优惠券|红包|打款|补偿|赔偿|补贴|退款))"
)
_PERCENT = re.compile(
    rf"({_NUMBER})(?:%|个点| ?percent)|百分之([{_HAN}]{{1,4}})|([{_HAN}])成(?!交|功|本|分|品|人|都|熟|年|为|立)|(半价|一半|半款)"
)
_ZHE = re.compile(r"([\d.]{1,4}|[一二三四五六七八九]{1,2}五?)折(?!叠|扣|合|痕|腾|算|伞|页|的)")
_HOURS = re.compile(rf"({_NUMBER}|半|{_WORD})个?(?:小时|钟头|钟|h(?:ours?|rs?)?(?![a-z])| ?hours?)")
_DAYS = re.compile(
    rf"({_NUMBER}|半|{_WORD})(?:个?工作[日天]|个?昼夜|个?日夜|个?白天|个?整?天|日(?!常|用|就?(?:签收|收到|收的|付的|下单|下的单|买的|拍的|晚|早|上午|下午|凌晨))|business days?| ?days?)"
)
_MONTHS = re.compile(
    rf"({_NUMBER}|半|{_WORD})(?:个?(月|年|星期|礼拜|周)(?!底|初|中旬|[一二三四五六日天末]|\d{{1,2}}[日号])| ?-?(month|year|week)s?)"
)


def number(text: str) -> float | None:
    """The value of an Arabic or Chinese number; None when it is neither. "百八" and the like read as 108."""
    try:
        return float(text)
    except ValueError:
        pass
    if text == "半":
        return 0.5
    if text.strip() in _ENGLISH:
        return float(_ENGLISH[text.strip()])
    if not text or any(c not in _HAN for c in text):
        return None
    if not any(c in _UNITS for c in text):
        return float("".join(str(_DIGITS[c]) for c in text))
    if len(text) > 2 and text[-2] in "百千万" and text[-1] in _DIGITS and text[-1] not in "零〇":
        return number(text[:-1] + text[-1] + {"百": "十", "千": "百", "万": "千"}[text[-2]])  # 一百二 is 120
    total, current = 0, 0
    for c in text:
        if c in _UNITS:
            unit = _UNITS[c]
            if unit == 10000:
                total, current = (total + current) * unit, 0
            else:
                total, current = total + (current or 1) * unit, 0
        else:
            current = _DIGITS[c]
    return float(total + current)


def yuans(text: str) -> tuple[float, ...]:
    """Every amount of money in a text, in yuan, in order."""
    if "一块" in text:
        text = _TOGETHER.sub("同", text)
    found: list[tuple[int, float]] = []
    spans: list[tuple[int, int]] = []
    for m in _YUAN.finditer(text):
        value = number(m.group(1) or m.group(2) or m.group(5))
        if value is not None:
            times = {"k": 1000, "千": 1000, "万": 10000}.get(m.group(3) or m.group(6) or "", 1)
            tenths = (number(m.group(4)) or 0.0) / 10 if m.group(4) else 0.0
            found.append((m.start(), value * times + tenths))
            spans.append(m.span())
    for m in _BARE_YUAN.finditer(text):
        value, at = number(m.group(m.lastindex or 1)), m.start(m.lastindex or 1)
        if value is not None and not any(a <= at + 1 and at < b for a, b in spans):
            found.append((at, value))
    return tuple(value for _, value in sorted(found))


_BARE = re.compile(
    rf"(?:rmb|cny) ?(\d{{1,6}})|({_WORD})(?:yuan|rmb|cny)|(?<![\d.a-z])(\d{{1,6}}(?:\.\d{{1,2}})?|[{_HAN}廿拾]{{2,6}})(?![\d.{_HAN}]|[天个月年日号点时分秒件支条张份瓶包盒只双倍成折%次步款套码寸斤克毫厘米岁位台本楼]|小时|cm|ml|k?g|days?|hours?)"
)


def bare(text: str) -> tuple[float, ...]:
    """Every number of a text that is known to speak of money and counts nothing else: 给您20, 一百零八, twenty yuan."""
    found = (
        number((m.group(1) or m.group(2) or m.group(3)).replace("廿", "二十").replace("拾", "十"))
        for m in _BARE.finditer(text)
    )
    return tuple(value for value in found if value is not None)


def percents(text: str) -> tuple[float, ...]:
    """Every share of a price, in percent: 20%, 百分之二十, 两成 -> 20; 半价, 一半 -> 50."""
    found: list[float] = []
    for m in _PERCENT.finditer(text):
        if m.group(4):
            found.append(50.0)
            continue
        value = number(m.group(1) or m.group(2) or m.group(3))
        if value is not None:
            found.append(value * 10 if m.group(3) else value)
    return tuple(found)


def discounts(text: str) -> tuple[float, ...]:
    """八折 -> 0.8, 95折 -> 0.95."""
    values: list[float] = []
    for m in _ZHE.finditer(text):
        raw = m.group(1)
        value = number(raw)
        if value is not None:
            values.append(value / 100 if value > 10 else value / 10)
    return tuple(values)


class Deadline(Value):
    """When something is to be done: within `hours` of now (or of paying), or at a named time that can't be counted."""

    kind: Literal["within", "named"]
    hours: float | None = None


_NAMED = (
    ("今晚|今夜|当晚|马上|立刻|立马|即刻|tonight", 0.0),
    ("今天|今日|今儿|当天|当日|today", 24.0),
    ("明天|明日|明晚|明早|明儿|次日|隔天|隔日|第二天|tomorrow", 24.0),
    ("过一晚|不过夜|隔夜|隔一?宿|overnight", 24.0),
    ("后天|后日|后儿|the day after tomorrow", 48.0),
    ("大后天", 72.0),
)
_WHEN_PAID = re.compile(
    r"(?:今天|今日|今儿|今晚|现在|当天|当日)(?:之?内)?(?:您|你|就|一)?(?:拍|付|下单|下的?单|买|购|支付|订)|(?:pay|paid|order|ordered|buy) (?:it )?(?:today|now|tonight)"
)
"""Says when the customer pays, which is no time limit: 今天拍,后天前发."""
_NAMED_PATTERNS = tuple((re.compile(p), hours) for p, hours in _NAMED)


def deadline(text: str) -> Deadline | None:
    """The tightest time limit named in a text. 今晚 counts as 0 hours, 今天 and 明天 as 24, 后天 as 48."""
    text = _WHEN_PAID.sub("", text)
    hours: list[float] = []
    for pattern, factor in ((_HOURS, 1.0), (_DAYS, 24.0)):
        for m in pattern.finditer(text):
            value = number(m.group(1))
            if value is not None:
                hours.append(value * factor)
    hours += [h for pattern, h in _NAMED_PATTERNS if pattern.search(text)]
    if hours:
        return Deadline(kind="within", hours=min(hours))
    return None


_DAYS_ON = {"今": 0, "当": 0, "明": 1, "后": 2}
_CLOCK = re.compile(
    r"(?:([今当明后])[天日儿晚早]|(?:(\d{1,2})月)?(\d{1,2})[日号])(?:的)?(凌晨|早上|早|上午|中午|下午|傍晚|晚上|晚)?(?:(\d{1,2}):(\d{2})|(\d{1,2}|[一二两三四五六七八九十]{1,3})点(半|\d{1,2})?)"
)


def moment(text: str, now: datetime) -> datetime | None:
    """The first day with its hour that a text names, seen from `now`: 今晚22:30, 明天下午3点半, 11月23日21点."""
    m = _CLOCK.search(text)
    if m is None:
        return None
    word, month, day, part, written, minute, spoken, past = m.groups()
    hours = int(number(written or spoken) or 0)
    late = part in {"下午", "傍晚", "晚上", "晚"} or "晚" in m.group()[:2]
    hours += 12 if late and hours < 12 else 0
    minutes = 30 if past == "半" else int(minute or past or 0)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    try:
        on = (
            midnight + timedelta(_DAYS_ON[word])
            if word
            else midnight.replace(month=int(month or now.month), day=int(day))
        )
        return on + timedelta(hours=hours, minutes=minutes)
    except ValueError:  # no such day
        return None


_DATE = re.compile(
    r"(?:(\d{1,2})月(?=\d{1,2}))?(\d{1,2})(?:[日号]|(?<=月\d)(?!\d)|(?<=月\d\d))"
    r"|(?:([一二三四五六七八九十]{1,2})月)?((?:二?十|三十)?[一二三四五六七八九]|[二三]?十)[日号](?!楼|线|店|门|桌|码)"
    r"|\b(\d{1,2})(?:st|nd|rd|th)\b|(?:^|[^\d-])(?:\d{4}-)(\d{2})-(\d{2})"
)


def days(text: str) -> tuple[tuple[int | None, int], ...]:
    """Every day of a month that a text names, with its month where that is named: 11月3号, 十一号, the 12th, 2026-11-03."""
    found: list[tuple[int | None, int]] = []
    for m in _DATE.finditer(text):
        month, day = m.group(1) or m.group(3) or m.group(6), m.group(2) or m.group(4) or m.group(5) or m.group(7)
        value = number(day)
        if value is not None:
            found.append((int(number(month) or 0) or None if month else None, int(value)))
    return tuple(found)


def months(text: str) -> tuple[float, ...]:
    """Every length of time in months: 一年 -> 12, 30天 -> 1, 头一年 -> 12."""
    found: list[float] = []
    for m in _MONTHS.finditer(text):
        value = number(m.group(1))
        if value is not None:
            unit = m.group(2) or m.group(3)
            found.append(value * {"月": 1.0, "month": 1.0, "年": 12.0, "year": 12.0}.get(unit, 0.25))
    for m in _DAYS.finditer(text):
        value = number(m.group(1))
        if value is not None:
            found.append(value / 30)
    return tuple(found)
