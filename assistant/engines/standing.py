"""What is wanted, as the order bears it out: what waits can't be delivered yet or sent back, and a guess that it confirms is heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import re2

from assistant.engines import Brief
from assistant.engines.contrary import State, states
from assistant.engines.misread import turned_round
from assistant.engines.record import loss, of_record
from assistant.engines.taking_up import AROUND
from assistant.engines.terms import hours_overdue, ship_due, terms
from assistant.engines.wishes import tells_of_buying
from assistant.situation.script import folded

_LONG_WAIT_DAYS = 3
"""Days unshipped from which a wait is called long, where the shop stands by no time of its own."""
_OF_ITS_WAY = frozenset({"in.urge_ship", "in.late_ship", "in.urge_delivery", "in.stuck", "in.track"})
_OF_A_LOSS = _OF_ITS_WAY | {
    "in.change_order", "in.delivered_not_received", "after.no_reason_return", "after.changed_mind", "after.return_how",
    "after.return_freight", "after.exchange",
}  # fmt: skip
"""What is read of a parcel that the record calls lost: it is of the loss."""
_NOT_YET: Mapping[str, str] = {
    "in.urge_delivery": "in.urge_ship",
    "in.stuck": "in.urge_ship",
    "in.track": "in.urge_ship",
    "in.fresh_delay": "in.urge_ship",
    "in.lost": "in.urge_ship",
    "in.delivered_not_received": "in.urge_ship",
    "in.sign_check": "in.note_request",
    "after.no_reason_return": "in.cancel_order",
}
"""Of an order that waits in the warehouse: what is meant in place of what was read."""
_ON_THE_WAY: Mapping[str, str] = {
    "in.delivered_not_received": "in.urge_delivery",
    "after.no_reason_return": "in.cancel_order",
    "after.changed_mind": "in.cancel_order",
    "after.return_freight": "in.delivery_refused",
}
"""The same of a parcel that no record calls delivered."""
_GOING_BACK: Mapping[str, str] = {
    "after.return_freight": "in.stuck",
    "after.no_reason_return": "in.stuck",
    "after.return_how": "in.stuck",
}
"""The same of one that goes back though nobody has held it."""
_LEFT_SOMEWHERE = re2.compile(r"签收|代收|驿站|柜|妥投|自提|门卫|物业|deliver|locker|pick")
_SHOWN = re2.compile(r"(?:显示|写着|说|已|被)[^,。]{0,4}(?:签收|送达|代收|妥投)|says.{0,12}delivered")
_WAITS_AFTER_ALL = re2.compile(
    r"(?:还是|那就|算了)[^,。]{0,3}(?:再)?等(?:吧|着|一?等|等看)|不取消了|先不取消|再等(?:几天|等|一等)吧|i.ll wait"
)
_SPEAKS_OF_IT = re2.compile(
    r"货|发|寄|到|送|快递|物流|等|动静|消息|影|收|单|ship|deliver|arriv|parcel|package|order|track"
)
_RETURNS = re2.compile(r"(?:收到|到手|签收|拆|试|穿|用)(?:了|过|的)|寄回|received|opened")
_CAME = re2.compile(r"发(?:错|成|来|给我|的是)|寄(?:错|成|来|的是)|来的|来了|到了|打开|开箱|补发|sent me|got")
_WANTS_OUT = re2.compile(r"不要了|不想要|退(?:钱|款|掉|了吧|吧)|取消|cancel|refund")
_AS_ORDERED = frozenset({"after.wrong_item", "in.cancel_order", "in.change_order"})
"""What is read of an order that was placed wrongly."""
_NEVER_GOT = re2.compile(
    r"(?:显示|写着|系统|物流|说)[^,。!?]{0,8}(?:签收|送达|妥投|代收|派咗)|(?:管理员|管理处|管理室|门卫|物业|驿站|前台|保安|邻居|家里|家人)[^,。!?]{0,6}(?:说|话|讲|都|也)[^,。!?]{0,4}(?:没|冇|不知)|says? (?:it was )?delivered"
)
"""What somebody says of a parcel that the record calls delivered, and they have not."""
_ADDRESS = re2.compile(
    r"地址|门牌|楼号|房号|室号|单元|收[件货]人|手机号|电话|号码|address|\bflat\b|apartment|\bapt\b|house number|phone|zip"
)
_SENT_AFTER_ALL = re2.compile(
    r"(?:申请|点|提|取消)[^,。!?]{0,4}(?:了)?(?:退款|取消|订单)?[^。!?]{0,14}(?:怎么|还|又|照样|居然|依然)[^,。!?]{0,6}(?:发|寄)|退(?:款|了|钱)[^。!?]{0,12}(?:怎么|又|居然|照样)[^,。!?]{0,6}(?:发|寄)"
)
"""Who asked for their money back first, and it was sent all the same."""
_ONLY_ASKS = re2.compile(r"(?:先|就是?|只是|提前|随便)(?:想)?问(?:一下|问|一问|一声)|just (?:asking|wondering|curious)")
_OF_WAITING = "waiting"
_WHERE_TO_TAP = re2.compile(
    r"点(?:哪|边度)|(?:哪里|哪儿|边度|在哪|哪个地方)[^,。!?]{0,2}(?:点|按|申请)|找不到(?:入口|按钮|那个|申请|在哪)"
)
_OF_RETURNS = re2.compile(r"怎么退|咋退|点样退|退货|退款|申请退|how (?:do|can) i return")
_HOW_TO_RETURN = "after.return_how"
_SLIGHTS = frozenset({"after.nitpick", "after.service_attitude"})
"""How somebody speaks who was told a step and could not find it."""
_FOUND = re2.compile(r"找到|找着|找回|又(?:送|派|来|到|出现)|收到了[^,。]{0,4}(?:货|件|包裹)|turned up|arrived after")
_DOUBTS_STOCK = re2.compile(
    r"是不是(?:没|缺|断|冇)(?:了)?货|(?:到底)?有没有货|有(?:现)?货(?:没|吗|不)|真(?:的)?有货|是不是卖空|out of stock\?"
)
"""Who asks whether there is any has not been told that there is none."""
_STANDS_STILL = re2.compile(
    r"(?:没|不|未|冇)(?:有)?(?:动|更新|走|郁)|停(?:在|了|住)|卡(?:在|住)|一动不动|原地|stuck|no update|not mov|hasn.t moved"
)
_INSTALLATION = "after.installation"
_FITTER_FIRST = re2.compile(
    r"货(?:呢|物?还?(?:没|未)|在哪|影)|没到货|(?:货|东西|机器|家具|柜子|空调|冰箱|电视)[^,。!?]{0,4}(?:还)?(?:没|未)(?:有)?(?:到|送|来|收)|(?:goods|it|parcel).{0,12}not (?:here|arrived)|hasn.t (?:come|arrived)"
)
"""A fitter who comes before the goods: what is missing is the parcel."""


_LATE = re2.compile(
    r"说好|答应|承诺|过了|超|延|迟|晚|还没|怎么还|一直|催|\d+天|[一二两三四五六七八九十几]天|late|still|yet"
)
"""What who only asks when it goes does not say."""
_SCOFFS_AT_WAITING = re2.compile(
    r"仓库|发货|发(?:出|走)|蜗牛|乌龟|睡觉|度假|过年|孵|造|种出来|(?:\d+|[一二两三四五六七八九十半几]+)多?个?(?:天|周|星期|礼拜|月)|速度|效率|快递|寄|ship|warehouse|weeks|days"
)
"""Mockery of an order that waits."""
_OR_REFUND = re2.compile(r"再(?:不|没|冇)[^,。!?]{0,6}(?:到|来|送|发|动)[^。!?]{0,8}(?:退|差评|投诉)")
"""What is threatened unless it comes: the parcel is what they want."""
_MEANT_AS_PRESSING = frozenset({"after.refund_status", "after.bad_review", "after.extortion", "after.no_reason_return"})


_MOCKED: dict[State, str] = {"travelling": "in.urge_delivery", "waiting": "in.late_ship"}
"""What is mocked of an order that has not come is the wait."""
_BY_A_MINOR = "after.minor_purchase"
"""Nobody's child has bought anything where nothing was bought."""


def as_it_stands(intents: Sequence[str], brief: Brief) -> list[str]:
    """What `as_meant` makes of `intents`; where nothing is sure, of the guess that the order bears out."""
    turn = folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    guess = brief.situation.intents[:1]
    if not intents and not states(brief).isdisjoint({_OF_WAITING, "travelling"}) and _OF_ITS_WAY.issuperset(guess):
        intents = [g for g in guess if _SPEAKS_OF_IT.search(turn)]
    if not intents and "signed" in states(brief) and _NEVER_GOT.search(turn):
        intents = ["in.delivered_not_received"]
    if not intents and _OF_WAITING in states(brief) and nothing_came(brief):
        intents = [i for i in brief.situation.intents if i in _AS_ORDERED]
    if not intents and brief.situation.emotion == "sarcastic":
        intents = [w for state, w in _MOCKED.items() if state in states(brief)][:1]
    intents = [i for i in intents if i != _BY_A_MINOR or i not in brief.situation.guesses or tells_of_buying(brief)]
    return as_meant(intents, brief)


def _as_spoken(intents: Sequence[str], brief: Brief, turn: str) -> Sequence[str]:
    """`intents`; who is pleased mocks nobody, who calmly asks when it goes need not have waited, who threatens unless a parcel
    comes wants the parcel.
    """
    if intents[:1] == ["after.sarcasm"] and brief.situation.emotion == "pleased" and not turned_round(brief):
        return ["general.praise", *(i for i in intents if i.startswith("general."))]
    if intents[:1] == ["after.sarcasm"] and _OF_WAITING in states(brief) and _SCOFFS_AT_WAITING.search(turn):
        return ["in.late_ship", *intents[1:]]
    if brief.situation.emotion == "calm" and not _LATE.search(turn) and _OF_WAITING in states(brief):
        return [_waited_long(brief) if i == "in.late_ship" else i for i in intents]
    if _WHERE_TO_TAP.search(turn) and _OF_RETURNS.search(_customer(brief)):
        return [_HOW_TO_RETURN, *(i for i in intents if i not in AROUND and i not in _SLIGHTS)]
    if "travelling" in states(brief) and _OR_REFUND.search(turn):
        return ["in.urge_delivery" if i in _MEANT_AS_PRESSING else i for i in intents]
    return intents


def as_meant(intents: Sequence[str], brief: Brief) -> list[str]:
    """`intents` with those in place of which an order that waits in the warehouse, or is on its way, shows another."""
    turn = folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    known = states(brief)
    intents = _as_spoken(intents, brief, turn)
    if _ONLY_ASKS.search(turn):
        intents = [i for i in intents if i not in _OF_ITS_WAY and i != "in.delivered_not_received"]
    if _WAITS_AFTER_ALL.search(turn):
        intents = ["in.track" if i == "in.cancel_order" else i for i in intents]
    if loss(brief):
        intents = _lost(intents, turn)
    if "travelling" in known and "moved" not in known and _STANDS_STILL.search(turn):
        intents = ["in.stuck" if i in _OF_ITS_WAY else i for i in intents]
    if waits_for_goods(brief):
        intents = ["in.urge_delivery" if i == _INSTALLATION else i for i in intents]
    if "travelling" in known:
        intents = _redirected(intents, brief, turn)
        if not _RETURNS.search(turn):
            return _travelling(intents, brief, turn)
    if _OF_WAITING not in known or _RETURNS.search(turn):
        return list(dict.fromkeys(intents))
    if of_record(brief).get("presale_left"):
        return list(dict.fromkeys("in.urge_ship" if i in _OF_ITS_WAY else i for i in intents))
    if _DOUBTS_STOCK.search(turn):
        intents = ["in.late_ship" if i == "in.out_of_stock" else i for i in intents]
    meant = [_NOT_YET.get(i, i) for i in intents]
    if nothing_came(brief):
        ordered = "in.cancel_order" if _WANTS_OUT.search(turn) else "in.change_order"
        meant = [ordered if i == "after.wrong_item" else i for i in meant]
    return list(dict.fromkeys(_waited_long(brief) if i == "in.urge_ship" else i for i in meant))


def _customer(brief: Brief) -> str:
    return folded(" ".join(m.text for m in brief.conversation.messages if m.role == "customer"))


def _lost(intents: Sequence[str], turn: str) -> list[str]:
    intents = list(dict.fromkeys("in.lost" if i in _OF_A_LOSS else i for i in intents))
    of_order = bool(intents) and intents[0].startswith("in.")
    return ["in.lost", *intents] if of_order and "in.lost" not in intents and not _FOUND.search(turn) else intents


def _travelling(intents: Sequence[str], brief: Brief, turn: str) -> list[str]:
    known = states(brief)
    status = (brief.conversation.order.tracking_status if brief.conversation.order else None) or ""
    instead = {} if _LEFT_SOMEWHERE.search(folded(status)) or _SHOWN.search(turn) else dict(_ON_THE_WAY)
    instead |= dict.fromkeys(("in.late_ship", "in.urge_ship"), "in.track" if "moved" in known else "in.stuck")
    instead |= _GOING_BACK if "sent_back" in known else {}
    return list(dict.fromkeys(instead.get(i, i) for i in intents))


def _redirected(intents: Sequence[str], brief: Brief, turn: str) -> list[str]:
    """`intents` of what is on its way: what spoils is more than late, a wrong address is no wrong item, and who asked for their
    money before it left wants it stopped.
    """
    spoils = brief.situation.intents[:1] == ("in.fresh_delay",) and bool(_OF_ITS_WAY.intersection(intents[:1]))
    if spoils or "in.fresh_delay" in intents:
        intents = ["in.fresh_delay", *(i for i in intents if i not in _OF_ITS_WAY and i != "in.fresh_delay")]
    if _ADDRESS.search(turn) and nothing_came(brief):
        intents = ["in.change_address" if i == "after.wrong_item" else i for i in intents]
    if _SENT_AFTER_ALL.search(turn):
        intents = ["in.cancel_order" if i in ("after.refund_status", "after.no_reason_return") else i for i in intents]
    return list(intents)


def nothing_came(brief: Brief) -> bool:
    """Whether the order waits, or a parcel with a wrong address travels, and nobody speaks of goods that came: what is wrong is
    how it was ordered.
    """
    turn = folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    known = states(brief)
    placed = _OF_WAITING in known or ("travelling" in known and _ADDRESS.search(turn) is not None)
    return placed and not (_RETURNS.search(turn) or _CAME.search(turn))


def waits_for_goods(brief: Brief) -> bool:
    """Whether a fitter is spoken of while what is to be fitted is on its way."""
    turn = folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    return "travelling" in states(brief) and _FITTER_FIRST.search(turn) is not None


def _waited_long(brief: Brief) -> str:
    """Whether asking when it ships is to be met as a delay."""
    if hours_overdue(brief) is not None:
        return "in.late_ship"
    days = terms(brief).get("days_since_paid", "0")
    return "in.late_ship" if ship_due(brief) is None and int(days) > _LONG_WAIT_DAYS else "in.urge_ship"
