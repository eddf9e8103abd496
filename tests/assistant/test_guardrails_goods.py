"""What a reply says of the goods and the order against what the order says, and what more than one promise comes to."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.authority import Authority
from assistant.conversation import Order
from assistant.guardrails import CheckContext, Guardrails
from assistant.guardrails.ledger import Ledger
from knowledge.values import AuthorityKind


@pytest.fixture(scope="module")
def guardrails() -> Guardrails:
    return Guardrails.load()


SHIRT = {"item": "针织衫 米白 L码"}
COT = {"item": "婴儿床", "material": "橡胶木框架,床板为胶合板"}
PAID = {"price_yuan": 268, "paid_at": "2026-11-12T21:40:00"}
WAITS = {"paid_at": "2026-11-20T10:00:00", "tracking_status": "待发货"}


@pytest.mark.parametrize(
    ("order", "reply", "right"),
    [
        (SHIRT, "您拍的是黑色的", False),
        (SHIRT, "您拍的是米色的", True),
        (SHIRT, "这款还有黑色的,您要换吗", True),
        (SHIRT, "You ordered the navy one", False),
        (SHIRT, "您订的是M码", False),
        ({"item": "手机壳 iPhone 16 Pro"}, "您买的是iPhone 15的", False),
        ({"item": "奶锅", "材质": "304不锈钢"}, "这款是316不锈钢的", False),
        ({"item": "奶锅", "材质": "304不锈钢"}, "这款是304不锈钢的", True),
        ({"item": "奶锅"}, "这款是316不锈钢的", True),
        (COT, "这张床通身都是松木", False),
        (COT, "床板是胶合板,这张床的框架是橡胶木", True),
        ({"item": "枕头 聚酯纤维"}, "这款里面填的是白鹅绒", False),
        ({"item": "手环", "waterproof": "仅防泼水"}, "这只手环五十米防水", False),
        ({"item": "奶粉", "production_date": "2025-01"}, "您这罐是六月生产的", False),
        ({"item": "奶粉", "production_date": "2025-01"}, "您这罐是一月生产的", True),
        ({"item": "键盘", "no_reason_return": "支持"}, "这件不适用无理由", False),
        (PAID, "您实付是三百六十八元", False),
        (PAID, "您实付是二百六十八元", True),
        (PAID, "您是十八号付的款", False),
        (PAID, "您是十二号付的款", True),
        (WAITS, "二十号就寄出来了", False),
        ({"tracking_status": "已揽收"}, "您的件正在派送路上", False),
        ({"tracking_status": "派送中"}, "您的件正在派送路上", True),
    ],
)
def test_what_the_order_says_of_goods_sums_and_steps(
    guardrails: Guardrails, order: dict[str, Any], reply: str, right: bool
) -> None:
    found = guardrails.check(reply, CheckContext(order=Order.model_validate(order))).findings
    wrong = [f for f in found if f.category == "ungrounded" and f.severity == "block"]
    assert not wrong if right else wrong
    assert all(reply[f.span[0] : f.span[1]] == f.text for f in found)


@pytest.mark.parametrize(
    ("kind", "authority", "clause", "allowed"),
    [
        ("coupon", "coupon:5", "两张五块的券放您账户了", False),
        ("coupon", "coupon:10", "两张五块的券放您账户了", True),
        ("coupon", "coupon:20", "给您一张满一百减二十的券", True),
        ("warranty_1y", "warranty_1y", "这机器用到孙子上大学也坏不了", False),
        ("expedite_courier_query", "expedite_courier_query", "天黑前准把件给您找着", False),
        ("ship_within_48h", "ship_within_48h", "48小时后就能敲您家门", False),
        ("ship_within_48h", "ship_within_48h", "两整天之内打包走人", True),
        ("compensation_up_to", "compensation_up_to:20", "那份牛排的费用也由店里出", False),
    ],
)
def test_a_promise_is_kept_to_what_is_allowed(kind: AuthorityKind, authority: str, clause: str, allowed: bool) -> None:
    assert Ledger([Authority.parse(authority)], None).fits(kind, clause, clause) is allowed


def test_a_vow_about_what_is_allowed_and_what_the_customer_proposed(guardrails: Guardrails) -> None:
    assert guardrails.check("您提了三样,退锅钱、赔灶台、补一千块,我都记下了").verdict == "pass"
    assert guardrails.check("“一看就是残次品”,您这么说我不往心里去").verdict == "pass"
