"""How many the customer says they bought, against how many the order tells of."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from assistant.conversation import Conversation
from assistant.guardrails.amounts import number
from assistant.situation.script import folded
from assistant.values import Contradiction

_NUMBER = r"\d{1,3}|[一二两俩三四五六七八九十]{1,3}"
_MEASURE = r"个|件|条|双|盒|箱|瓶|台|包|袋|套|本|支|只|份|罐|把|张|顶|床|块|桶|斤|串|盆|副|提"
_BOUGHT = re2.compile(
    rf"(?P<ahead>.{{0,3}})(?:买|拍|订|下单|下的单|付)(?:的|了|过)(?:明明|可)?(?:就)?(?:是)?(?:一共|总共)?(?P<n>{_NUMBER})(?P<unit>{_MEASURE})(?P<after>.{{0,2}})"
)
_TO_BUY = re2.compile(r"[想要再又多另还准备没未]\s*(?:也|都)?$")
"""What is still to be bought, or was bought besides: 再买了两个."""
_KINDS = re2.compile(r"^(?:不同|一样|颜色|[款种颜])")
_OF_ITEM = re2.compile(
    rf"(?P<n>{_NUMBER})\s?(?P<unit>{_MEASURE})(?:\s|[,、()/]|$)|[x×*]\s?(?P<times>\d{{1,3}})(?:\s|[,、()]|$)"
)


def counted(conversation: Conversation) -> Iterator[Contradiction]:
    """Where the turn that waits tells of another number than the order's item, in the item's own measure (两个充电宝: 1个).
    Nothing where the item names several numbers, or none.
    """
    order = conversation.order
    found = list(_OF_ITEM.finditer(folded(order.item or ""))) if order is not None else []
    if len(found) != 1:
        return
    ordered = number(found[0].group("n") or found[0].group("times"))
    waiting = {id(m) for m in conversation.last_customer_turn}
    for index, message in enumerate(conversation.messages):
        if id(message) not in waiting:
            continue
        for told in _BOUGHT.finditer(folded(message.text)):
            of_more = _TO_BUY.search(told.group("ahead")) or _KINDS.search(told.group("after"))
            alike = found[0].group("unit") in (None, told.group("unit"))
            if alike and not of_more and number(told.group("n")) != ordered:
                yield Contradiction(
                    claim="bought_another_number",
                    fact="item_in_full",
                    message=index,
                    start=told.start(2),
                    end=told.end(3),
                )
