"""A conversation in which every slot of a wording has something true to say: for checking single wordings by themselves."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from assistant.authority import Authority
from assistant.conversation import Message, Order
from assistant.engines.clock import AnswerBy
from assistant.guardrails.context import CheckContext
from knowledge.phrasebook import Slot
from knowledge.values import AuthorityKind

SAMPLES: dict[Slot, tuple[str, str]] = {
    "item": ("蓝牙耳机", "earphones"), "price_yuan": ("99", "99"), "order_tail": ("6789", "6789"), "courier": ("中通", "ZTO"),
    "tracking_status": ("11-19 08:30 到达武汉转运中心", "arrived at a sorting centre"), "paid_at": ("11-15 10:00", "11-15 10:00"),
    "shipped_at": ("11-16 18:00", "11-16 18:00"), "signed_at": ("11-18 12:00", "11-18 12:00"), "days_since_paid": ("5", "5"),
    "price_protection_over": ("36", "36"), "days_since_signed": ("2", "2"), "return_window_over": ("9", "9"),
    "shop": ("暖食记", "the shop"), "compensation_limit": ("20", "20"), "free_shipping_over": ("99", "99"), "free_shipping_met": ("128", "128"), "free_shipping_short": ("6.5", "6.5"), "gift_name": ("帆布袋", "tote bag"),
    "coupon_yuan": ("5", "5"), "refund_yuan": ("99", "99"), "answer_by": (AnswerBy(16, 0).zh, AnswerBy(16, 0).en),
    "customer_amount": ("80", "80"), "customer_measure": ("身高165", "165 cm"), "customer_quote": ("等了好几天", "waited for days"),
    "customer_choice": ("白色", "white"), "said": ("白色", "white"), "ship_overdue": ("5个小时", "5 hours"), "item_in_full": ("蓝牙耳机 白色", "earphones, white"),
    "customer_told": ("身高165、要白色", "165 cm, white"), "matter": ("左边没声音", "no sound on the left"), "price_protection_in": ("5", "5"), "price_gap": ("20", "20"),
    "return_window_in": ("2", "2"), "warranty_in": ("2", "2"), "warranty_over": ("400", "400"), "ship_due": ("11月17日10:00", "Nov 17, 10:00"),
    "new_place": ("杭州市文三路", "Wensan Road, Hangzhou"), "new_name": ("李敏", "Li Min"), "phone_odd": ("10", "10"), "promised": ("3小时内回您", "to reply within 3 hours"),
    "refund_state": ("审核中", "under review"), "noted": ("退货物流:已签收", "return parcel: signed for"), "sum_over_limit": ("80", "80"), "sum_over_refund": ("200", "200"), "sum_within_limit": ("20", "20"), "price_day": ("今天", "today"),
    "return_until": ("11月25日", "Nov 25"), "protected_until": ("10月28日", "Oct 28"),
    "loss_recorded": ("11-19 快递确认遗失", "reported lost by the courier"),
    "on_its_way_back": ("11-19 退回中", "on its way back"), "signed_by": ("门卫", "the gate"), "part_waiting": ("部分发出,其余待补货", "partly sent"),
    "part_travelling": ("第2件到达武汉", "the second parcel is in Wuhan"), "left_at": ("和平路便利店", "the shop nearby"), "waiting_status": ("待发货", "waiting to be sent"),
    "gift_asked": ("帆布袋", "the tote bag"), "pick": ("藏青的", "the navy one"), "pick_asks": ("4L和6L差在一回能做多少,平时几口人吃", "how many you cook for"), "beside_it": ("一把清洁刷,打理时用", "a cleaning brush, for care"), "bulk_missing": ("颜色、到货日期", "the colours and the day you need them"), "after_coupon": ("94", "94"),
    "reckoned": ("一个33元,3个99元", "3 at 33 yuan make 99 yuan"), "free_shipping_missing": ("20", "20"),
    "protection_ends": ("12月15日", "Dec 15"), "sale_ahead": ("双十二那天离现在20天", "20 days"),
    "pieces": ("24瓶里漏了3瓶", "3 of 24"), "share_within_limit": ("12", "12"), "sum_asked": ("30", "30"),
    "presale_due": ("11月18日", "Nov 18"), "presale_over": ("2", "2"), "presale_left": ("8", "8"), "shipped_in_time": ("32个小时", "32 hours"), "shipped_late": ("8个小时", "8 hours"),
}  # fmt: skip
"""What slots are filled with: facts of `ORDER`, amounts that `GRANTS` cover."""
ANSWER_BY = (AnswerBy(16, 0), AnswerBy(19, 0), AnswerBy(10, 1), AnswerBy(12, 0), AnswerBy(15, 0, at_once=True))
"""Times of the day at which a wording may be said: 「今晚7点前」 reads more like a promise than 「今天下午4点前」."""
ORDER = Order.model_validate({
    "order_id": "202611150006789", "item": "蓝牙耳机", "price_yuan": 99, "paid_at": "2026-11-15 10:00", "shipped_at": "2026-11-16 18:00",
    "courier": "中通", "tracking_status": "11-19 08:30 到达武汉转运中心", "signed_at": "2026-11-18 12:00",
})  # fmt: skip
GRANTS: dict[AuthorityKind, str] = {
    "compensation_up_to": ":20",
    "free_shipping_over": ":99",
    "gift": ":帆布袋",
    "coupon": ":5",
    "refund_approved": ":99",
}
SAID = (
    Message(role="agent", text="亲,3小时内回您"),
    Message(
        role="customer",
        text="80行不行?我身高165,要白色,等了好几天,5天前付的,36天前那单,收了2天,9天了,左边没声音,不行就赔200,现在卖79,差20",
    ),
    Message(role="customer", text="地址改成杭州市文三路,收件人李敏 1385710226,电话10位,原来那个用了400天,退款审核中"),
)


def answer_by(wording: str, *, english: bool = False) -> str:
    """A wording's own answer-by time: always the same for one wording, and all of them among many."""
    due = ANSWER_BY[zlib.crc32(wording.encode()) % len(ANSWER_BY)]
    return due.en if english else due.zh


def filled(wording: str, *, english: bool = False) -> str:
    """The wording with a sample in each slot."""
    text = wording.replace("{answer_by}", answer_by(wording, english=english))
    for slot, samples in SAMPLES.items():
        text = text.replace(f"{{{slot}}}", samples[english])
    return text


def said_under(authority: Sequence[AuthorityKind], lacks: Sequence[Slot] = ()) -> CheckContext:
    """What a wording is checked under: an order without the facts that it lacks, and all that its move asks for granted."""
    order = ORDER.model_copy(update=dict.fromkeys(set(lacks) & set(Order.model_fields)))
    granted = tuple(Authority.parse(kind + GRANTS.get(kind, "")) for kind in authority)
    return CheckContext(authorities=granted, order=order, messages=SAID)
