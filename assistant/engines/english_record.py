"""What an order's record says, in English: where a parcel is, how a return or refund stands, who signed."""

from __future__ import annotations

from functools import lru_cache

import re2

_CJK = re2.compile(r"\p{Han}")
_AT = re2.compile(
    r"(?:(\d{4})[-/年.])?(\d{1,2})[-/月.](\d{1,2})日?(?:\s*(\d{1,2}:\d{2}))?|(?:^|[^\d])(\d{1,2})[日号](?:\s*(\d{1,2}:\d{2}))?"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_COURIERS = (
    ("顺丰", "SF Express"), ("順豐", "SF Express"), ("中通", "ZTO Express"), ("圆通", "YTO Express"), ("申通", "STO Express"),
    ("韵达", "Yunda Express"), ("极兔", "J&T Express"), ("京东", "JD Logistics"), ("德邦", "Deppon"), ("邮政", "China Post"),
    ("EMS", "EMS"), ("菜鸟", "Cainiao"), ("跨越", "KYE"), ("安能", "ANE"),
)  # fmt: skip
_STATES = (
    (re2.compile(r"(?:退款|退货)[^,。]{0,6}(?:成功|完成|已到账)|已退款|已原路退"), "refund completed"),
    (re2.compile(r"(?:退货|退件|寄回|退回)[^,。]{0,14}(?:入库|到仓|签收|收到|送达仓)"), "return received at our warehouse"),
    (re2.compile(r"待(?:验|质检|检测)|(?:验收|质检|检测)中"), "your return is being checked"),
    (re2.compile(r"(?:退货|寄回)[^,。]{0,10}(?:在途|途中|运输|寄出|已寄|路上)"), "your return is on its way to us"),
    (re2.compile(r"(?:拒绝|驳回|未通过|不通过)"), "the request was turned down"),
    (re2.compile(r"(?:同意|通过|批准)"), "the request has been approved"),
    (re2.compile(r"换货[^,。]{0,10}(?:寄出|发出|在途|已发)|新(?:件|货)[^,。]{0,6}(?:寄出|发出|已发)"), "the replacement has been sent"),
    (re2.compile(r"换货"), "the exchange is being processed"),
    (re2.compile(r"维修|寄修|返修"), "the repair is under way"),
    (re2.compile(r"(?:退款|退货|售后|退)[^,。]{0,10}(?:审核|处理|待|中|申请)|待退款|退款中"), "the refund request is being processed"),
    (re2.compile(r"关闭|取消|撤销"), "the request was closed"),
)  # fmt: skip
_STOPS = (
    (re2.compile("疑似(?:遗失|丢失)"), "possibly lost, under investigation"),
    (re2.compile("遗失|丢失|丢件|灭失"), "reported lost by the courier"),
    (re2.compile("退回|退件|返回|拒收"), "on its way back to us"),
    (re2.compile("部分|其余|余下|待补"), "part of the order has yet to be sent"),
    (re2.compile("第[二三四2-9两][件个箱包]|另[一外1]"), "another parcel of the order is on its way"),
    (re2.compile("海关|清关"), "in customs"),
    (re2.compile("派送失败|未妥投|投递失败|派件失败|联系不上|无人接听"), "delivery was tried without success"),
    (re2.compile("签收"), "signed for"),
    (re2.compile("驿站|快递柜|代收|待取|自提"), "waiting at a pick-up point"),
    (re2.compile("待派|本市网点"), "at the local depot, waiting to be delivered"),
    (re2.compile("派送|派件"), "out for delivery"),
    (re2.compile("离开|发往|已发出"), "left {place}"),
    (re2.compile("到达|抵达|到了|送达|到\\p{Han}{2}"), "arrived at {place}"),
    (re2.compile("滞留|停留|延误|积压"), "held up at {place}"),
    (re2.compile("揽收|揽件|收件"), "picked up by the courier"),
)  # fmt: skip
_PLACE = re2.compile(
    r"(?:到达|抵达|离开|滞留|停留|到了|到)(?:了)?【?(?:\p{Han}{2,3}省)?(\p{Han}{2,4}?)(?:市|转运|集散|分拨|分拣|网点|中心|中转|枢纽|营业|仓|站|】|$)"
)
_NO_PLACE = re2.compile("本市|当地|本地|目的地|上级|下一")
_SIGNERS = (
    ("门卫", "the gatehouse"), ("保安", "the security guard"), ("物业", "the property office"), ("前台", "the front desk"),
    ("邻居", "a neighbour"), ("家人", "a family member"), ("收发室", "the mail room"), ("传达室", "the mail room"),
    ("驿站", "a pick-up point"), ("超市", "a shop nearby"), ("便利店", "a shop nearby"), ("代收点", "a pick-up point"),
)  # fmt: skip


def courier(name: str) -> str:
    """A courier as customers abroad know it; "the courier" for one without such a name."""
    known = next((english for chinese, english in _COURIERS if chinese in name), "")
    return known or ("the courier" if _CJK.search(name) else name)


def stop(status: str) -> str:
    """A tracking entry: its day and hour and what kind of stop it is; "" where that can't be told."""
    if not _CJK.search(status):
        return status
    return _dated(status, next((words for pattern, words in _STOPS if pattern.search(status)), ""))


def state(status: str) -> str:
    """How a return, refund or exchange stands; "" where the words are not known."""
    if not _CJK.search(status):
        return status
    said = next((words for pattern, words in _STATES if pattern.search(status)), "")
    return _dated(status, said)


def signer(name: str) -> str:
    """Who signed for a parcel; "" for one that has no English name."""
    if not _CJK.search(name):
        return name
    return next((english for chinese, english in _SIGNERS if chinese in name), "")


def _dated(status: str, said: str) -> str:
    if not said:
        return ""
    words = said.replace("{place}", _place(status))
    at = _AT.search(status)
    if at is None:
        return words
    if at.group(5):
        day = f"the {int(at.group(5))}{_ordinal(int(at.group(5)))}"
    elif 1 <= int(at.group(2)) <= len(_MONTHS):
        day = f"{_MONTHS[int(at.group(2)) - 1]} {int(at.group(3))}"
    else:
        return words
    hour = at.group(4) or at.group(6)
    return f"{words} ({day}, {hour})" if hour else f"{words} ({day})"


def _ordinal(day: int) -> str:
    return "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


@lru_cache(maxsize=256)
def _place(status: str) -> str:
    """The sorting centre by the name of its city, as that is spelled in Latin letters."""
    found = _PLACE.search(status)
    if found is None or _NO_PLACE.search(found.group(1)):
        return "a sorting centre"
    from pypinyin import Style, lazy_pinyin

    return f"the {''.join(lazy_pinyin(found.group(1), style=Style.NORMAL)).capitalize()} sorting centre"
