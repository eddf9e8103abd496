"""Values for the slots of wordings: order facts, authority and the customer's own words; nothing is made up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import re2

from assistant.conversation import Order
from assistant.engines import Brief, english_record
from assistant.engines.clock import AnswerBy
from assistant.engines.matter import LOOSELY, loosely_told, matter_of
from assistant.engines.offers import is_taken_off, offered_sum, offers_a_sum
from assistant.engines.quoting import quoted
from assistant.engines.reckoning import bill
from assistant.engines.said import said_of_order, sums_in
from assistant.engines.suggesting import suggested
from assistant.engines.telling import said_back
from assistant.engines.terms import has_left, terms
from assistant.guardrails.amounts import number
from assistant.situation.script import folded
from assistant.values import Evidence
from knowledge.phrasebook import Slot

_URGENT_RISKS = {"self_harm", "injury", "allergy", "fire", "child_danger", "food_poisoning", "threat"}
_AT_ONCE = {"after.pet_sick", "in.urgent_need"}
_URGENT_INTENTS = {"after.manager", "after.immediate"}
_SPECIFICATION = re2.compile(r"[((\[【]")
_CJK = re2.compile(r"[\x{4e00}-\x{9fff}]")
_CLAUSE = re2.compile(r"[^,\x{FF0C}。.!\x{FF01}?\x{FF1F};\x{FF1B}、\s]+")
_UNQUOTABLE = re2.compile(
    r"\d{5,}|骗|垃圾|滚|妈的|他妈|操|傻|脑残|有病|去死|忽略|指令|提示|微信|电话|手机|地址|假|死|赔|告|投诉|举报|红包|fuck|ignore|system|http"
)
_PRICED = re2.compile(
    r"(\d{2,5}(?:\.\d+)?)\s*(?:元|块钱?)?的?(?:那|这)(?:款|个|种|件|双)"
    r"|(\d{2,5})(?:元|块钱?)?的(?:[,。\s]|$)"
    r"|那(?:款|双|件|个|种)\S{0,8}\s(\d{2,5})(?:元|块钱?)?$"
)
_COLOUR = re2.compile(
    r"(?:[米奶深浅藏酒天墨雾灰]?[黑白红蓝绿黄灰粉紫棕咖橙]|卡其|杏|香槟|驼)色|(?:^|\s|要|码)((?:[黑白红蓝绿黄灰]{2}|纯[黑白])(?:熊猫)?)(?:\s|$|的|款|配色)"
)
_SIZE = re2.compile(
    r"(?:^|[^\d.a-z])((?:[2-4]\d(?:\.5)?|1[0-8]\d|[2-6]?x{0,4}[sml]|均)(?:码|号)|(?:3[4-9]|4[0-7])(?:\.5)?(?:$|\s)|(?:size\s?)[2-6]?x{0,4}[sml])"
)
"""What is wanted of several: a shoe's or a dress's size."""
_LOT = re2.compile(
    r"(\d{1,4})\s?(?:个|名|位)?(?:工人|员工|学生|孩子|小朋友|同事|客人|老师|家长|宾客|嘉宾|队员|人)[\s\S]{0,24}?(?:每|一)(?:个)?人\s?(?:发|送|要|给|拿)?(\d|[一二两三四五六])([件条个套份双盒瓶把袋包本顶])"
)
"""How many people get how many each: 30个工人, 一人两双."""
_COUNT = re2.compile(
    r"(?:^|[^\d.])(\d{1,4}(?:件|条|个|套|箱|台|份|双|盒|瓶|把|袋|包|本))(?:[^\d装月邮人工员学孩小同客老]|$)"
)
_BODY = re2.compile(
    r"(?:身高|体重|腰围|胸围|臀围|头围|脚长|肩宽)(?:是|有)?\s*(?:\d+(?:\.\d+)?|[一二两三四五六七八九十百]+)\s*(?:米[\d一二三四五六七八九]{0,2}|斤|公斤|kg|cm|公分|厘米|尺\d?)?|\d{3}\s*[,/、]\s*\d{2,3}\s*(?:斤|公斤|kg)"
)
_PIECE = "[个件盒袋包瓶条双套箱斤罐支本只把份提桶张]"
_FAR = re2.compile(r"香港|台湾|澳门|新疆|西藏|内蒙|青海|宁夏|甘肃|海南|海外|国外|境外|偏远|离岛|澎湖|金门")
_EACH = re2.compile(
    rf"(\d+(?:\.\d+)?)(?:元|块钱?|块)?\s?(?:一|每|/|1){_PIECE}|(?:单价|每{_PIECE}|一{_PIECE})\s?(\d+(?:\.\d+)?)"
)
_AFTER_COUPON = re2.compile(
    r"(?:券|减|折|优惠)(?:完|后|了|掉|以后|之后)*(?:就|只|才|还)?(?:剩|是|要|付|到)?\s?(\d{2,5}(?:\.\d{1,2})?)"
)
"""What is left to pay with what they take off: 用了券剩295, 券后95."""
_WANTED = re2.compile(rf"(?:^|[^\d.第满])(\d{{1,3}}|[一二两三四五六七八九十]+){_PIECE}")
"""What each costs and how many are wanted: 89一盒 我要两盒."""
_CHINESE_NUMBER = re2.compile(
    r"(\d{2,6}|[一二三四五六七八九十百千两]+)(?:块钱?|元)?\s?(?:能?卖不卖|卖吗|卖我|行不行|行吗|行我|行的话|给不给|给我|成交|拿下|拿走|得了|包邮)"
)


def slot_values(brief: Brief) -> Mapping[Slot, str]:
    """Every slot that can be filled truly, in the language of the reply."""
    english = brief.situation.language == "en"
    values: dict[Slot, str] = {
        **_of_order(brief, english),
        **terms(brief),
        **_of_policy(brief),
        **_of_customer(brief),
        **said_of_order(brief),
        **suggested(brief),
        **quoted(brief),
    }
    if english:
        values |= _in_english(values)
    due = AnswerBy.of(brief.conversation, brief.now, is_urgent(brief), is_at_risk(brief))
    values["answer_by"] = due.en if english else due.zh
    return {name: value for name, value in values.items() if value}


def is_at_risk(brief: Brief) -> bool:
    """Whether life or limb is in danger, or someone ill waits for what was ordered."""
    return bool(_URGENT_RISKS & set(brief.situation.risks) or _AT_ONCE & set(brief.situation.intents[:2]))


def is_urgent(brief: Brief) -> bool:
    """Whether someone is at risk or waits in distress."""
    return is_at_risk(brief) or bool(_URGENT_INTENTS & set(brief.situation.intents))


def _in_english(values: Mapping[Slot, str]) -> dict[Slot, str]:
    """What the record says in Chinese, in English; "" for what can't be told so."""
    told: dict[Slot, str] = {"refund_state": english_record.state(values.get("refund_state", ""))}
    stops: tuple[Slot, ...] = ("loss_recorded", "on_its_way_back", "part_waiting", "part_travelling")
    told |= {name: english_record.stop(values.get(name, "")) for name in stops}
    if values.get("signed_at"):
        told["tracking_status"] = f"signed for on {values['signed_at']}"
    told["signed_by"] = english_record.signer(values.get("signed_by", ""))
    told["noted"] = "" if _CJK.search(values.get("noted", "")) else values.get("noted", "")
    return told


def _of_order(brief: Brief, english: bool) -> dict[Slot, str]:
    order = brief.conversation.order
    if order is None:
        return {}
    return {
        "item": _item(order.item or "", english),
        "item_in_full": (order.item or "").strip(),
        "price_yuan": "" if order.price_yuan is None else f"{order.price_yuan:g}",
        "order_tail": (order.order_id or "")[-4:],
        "courier": english_record.courier(order.courier or "") if english else order.courier or "",
        "tracking_status": _tracking(order, english),
        "waiting_status": _waiting(order, english),
        "paid_at": _day(order.paid_at, english, brief.now),
        "shipped_at": _day(order.shipped_at, english, brief.now),
        "signed_at": _day(order.signed_at, english, brief.now),
    }


def _item(item: str, english: bool) -> str:
    """An item as people call it; where its name is Chinese, "item" to who writes English."""
    short = _short(item)
    return "item" if english and _CJK.search(short) else short


def _tracking(order: Order, english: bool) -> str:
    """The latest entry; in English what kind of stop it is, "" where that can't be told."""
    status = (order.tracking_status or "") if has_left(order) else ""
    return english_record.stop(status) if english else status


def _waiting(order: Order, english: bool) -> str:
    """What the record says of a parcel that has not left; "" where it says nothing."""
    status = (order.tracking_status or "").strip()
    return "" if not status or has_left(order) else "waiting to be sent" if english and _CJK.search(status) else status


def _short(item: str) -> str:
    """An item as people call it: without the specification behind a bracket or a space."""
    head: str = _SPECIFICATION.split(item, maxsplit=1)[0].strip()
    words: list[str] = head.split()
    return words[0] if words and len(_CJK.findall(words[0])) >= 2 else head


def _day(at: datetime | None, english: bool, now: datetime) -> str:
    """The day; with its year when that is not the current one."""
    if at is None:
        return ""
    day = f"{at:%b} {at.day}" if english else f"{at.month}月{at.day}日"
    return day if at.year == now.year else f"{day}, {at.year}" if english else f"{at.year}年{day}"


def _of_policy(brief: Brief) -> dict[Slot, str]:
    values: dict[Slot, str] = {"shop": brief.conversation.policy.shop}
    slots: dict[str, Slot] = {
        "compensation_up_to": "compensation_limit",
        "free_shipping_over": "free_shipping_over",
        "coupon": "coupon_yuan",
        "refund_approved": "refund_yuan",
    }
    for authority in brief.conversation.policy.authorities:
        if authority.kind in slots and authority.yuan is not None:
            values[slots[authority.kind]] = f"{authority.yuan:g}"
        if authority.kind == "gift" and authority.name:
            values["gift_name"] = authority.name
            said = folded(" ".join(m.text for m in brief.conversation.messages if m.role == "customer"))
            values["gift_asked"] = authority.name if folded(authority.name)[-2:] in said else ""
        price = _spent(brief)
        if authority.kind == "free_shipping_over" and authority.yuan is not None and price is not None:
            met = price - _still_off(brief) >= authority.yuan and not _to_a_far_region(brief)
            values["free_shipping_met"] = f"{price:g}" if met else ""
            values["free_shipping_short"] = f"{authority.yuan - price:g}" if price < authority.yuan else ""
    return values


def _to_a_far_region(brief: Brief) -> bool:
    """Whether somebody who has not bought names a region that free shipping often leaves out: nobody says yes unasked."""
    said = " ".join(folded(m.text) for m in brief.conversation.messages if m.role == "customer")
    return brief.conversation.order is None and _FAR.search(said) is not None


def _still_off(brief: Brief) -> float:
    """What the shop's coupon will take off a sum that is still to be paid, in yuan: it may fall below 满99 again."""
    turn = " ".join(folded(m.text) for m in brief.conversation.last_customer_turn)
    if brief.conversation.order is not None or _AFTER_COUPON.search(turn):
        return 0
    return next((a.yuan or 0 for a in brief.conversation.policy.authorities if a.kind == "coupon"), 0)


def _spent(brief: Brief) -> float | None:
    """What the order costs, or what the customer says it comes to where there is none yet."""
    order = brief.conversation.order
    if order is not None:
        return order.price_yuan
    turn = " ".join(folded(m.text) for m in brief.conversation.last_customer_turn)
    if left := _AFTER_COUPON.search(turn):
        return float(left.group(1))
    due = bill(brief)
    if due is not None:
        return due.total
    each = _EACH.search(turn)
    counts = [n for m in _WANTED.finditer(turn) if (n := number(m.group(1)) or 1) > 1]
    if each and counts:
        return round(float(each.group(1) or each.group(2)) * counts[0], 2)
    sums = [s for m in brief.conversation.last_customer_turn for s in sums_in(m.text)]
    return max((s for s in sums if f"满{s:g}" not in turn), default=None)  # 满199包邮 is the shop's own sum


def _of_customer(brief: Brief) -> dict[Slot, str]:
    """The latest amount and measure the customer stated, and a short clause of the last turn that may be said back."""
    return {
        "customer_amount": _amount(brief),
        "customer_measure": _measures(brief),
        "customer_quote": quote(brief),
        "customer_choice": _choice(brief),
        "customer_told": said_back(brief) if brief.situation.stage == "pre_sale" else "",
        "matter": _matter(brief),
    }


def _matter(brief: Brief) -> str:
    """What went wrong in the customer's words, in the script that wordings are written in; "" in the other language."""
    told = matter_of(brief.conversation)
    known = [i for i in brief.situation.intents if i not in brief.situation.guesses]
    if (told is None or not told.words) and (not known or known[0] in LOOSELY):
        told = loosely_told(brief.conversation)
    return told.words if told and told.words and bool(_CJK.search(told.words)) != english(brief) else ""


def _amount(brief: Brief) -> str:
    turn = " ".join(folded(m.text) for m in brief.conversation.last_customer_turn)
    if brief.situation.stage == "pre_sale":
        if offered := offered_sum(brief):
            return offered
        spelled = _CHINESE_NUMBER.search(turn)
        if spelled and not is_taken_off(str(spelled.group(1)), turn):
            return str(spelled.group(1))
    latest = _latest(brief, "fact.amount")
    return "" if brief.situation.stage == "pre_sale" and offers_a_sum(brief) and is_taken_off(latest, turn) else latest


def _measures(brief: Brief) -> str:
    """The measures of the last message that has any, at most two: 160公分、52公斤. Temperatures measure nobody."""
    found = [e for e in brief.situation.evidence if e.what == "fact.measure" and text_of(brief, e)[-1:] not in "度°"]
    last = max((e.message for e in found), default=-1)
    said = dict.fromkeys(text_of(brief, e) for e in found if e.message == last)
    bodies = [
        m for message in brief.conversation.messages if message.role == "customer" for m in _found(_BODY, message.text)
    ]
    if bodies and not english(brief):
        return "、".join(dict.fromkeys(bodies[-3:]))
    return (", " if english(brief) else "、").join(list(said)[:2])


def english(brief: Brief) -> bool:
    """Whether the reply will be in English."""
    return brief.situation.language == "en"


def _found(pattern: re2._Regexp, text: str) -> list[str]:
    """What the pattern finds in the normal form of `text`, in the customer's own characters."""
    return [text[m.start(_group(m)) : m.end(_group(m))].strip() for m in pattern.finditer(folded(text))]


def _group(match: re2._Match) -> int:
    """The group that took part, or the whole."""
    return next((i for i in range(1, match.re.groups + 1) if match.group(i) is not None), 0)


def _choice(brief: Brief) -> str:
    """What the customer said of the thing they want, together: 120条、68元那款、白色. "" when nothing was said."""
    if english(brief):
        return ""
    said: list[str] = []
    lot = _LOT.search(" ".join(folded(m.text) for m in brief.conversation.messages if m.role == "customer"))
    if lot:
        said.append(f"{int(lot.group(1)) * int(number(lot.group(2)) or 1)}{lot.group(3)}")
    stocked = (_SIZE,) if "pre.stock" in brief.situation.intents else ()
    for pattern in (_PRICED, _COLOUR) if lot else (_COUNT, *stocked, _PRICED, _COLOUR):
        found = [f for m in brief.conversation.messages if m.role == "customer" for f in _found(pattern, m.text)]
        said.extend(f"{f}元那款" if pattern is _PRICED else f for f in found[-1:])
    return "、".join(dict.fromkeys(said))


def _latest(brief: Brief, what: str) -> str:
    found = [e for e in brief.situation.evidence if e.what == what]
    return text_of(brief, max(found, key=lambda e: (e.message, e.start))) if found else ""


def text_of(brief: Brief, evidence: Evidence) -> str:
    """The customer's words that `evidence` points at."""
    return brief.conversation.messages[evidence.message].text[evidence.start : evidence.end].strip()


_BITING = frozenset({"after.sarcasm", "after.abuse", "after.angry_vent", "after.service_attitude", "after.deny_all"})
"""Wishes seen in words that no polite reply repeats."""


def quote(brief: Brief) -> str:
    """A clause of 3 to 14 characters of the last turn that can be said back politely; "" when there is none.

    A clause in which an intent was seen comes first; then the longest. Mockery and abuse are never said back.
    """
    marks = [e for e in brief.situation.evidence if e.what.startswith("intent:")]
    biting = [e for e in marks if e.what.removeprefix("intent:") in _BITING]
    turn = {id(m) for m in brief.conversation.last_customer_turn}
    best: tuple[int, int, str] = (0, 0, "")
    for index, message in enumerate(brief.conversation.messages):
        if id(message) not in turn:
            continue
        for match in _CLAUSE.finditer(message.text):
            clause = match.group(0)
            if not 3 <= len(clause) <= 14 or _UNQUOTABLE.search(folded(clause)):
                continue
            if any(e.message == index and match.start() <= e.start < match.end() for e in biting):
                continue
            seen = sum(e.message == index and match.start() <= e.start < match.end() for e in marks)
            best = max(best, (int(seen > 0), len(clause), clause), key=lambda b: b[:2])
    return best[2]
