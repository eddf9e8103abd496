"""收到货以后:哪句是真的在要退、哪句只是要差价;东西缺了坏了,该拍的要拍,已经批了的不再说请示。"""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.engines import Brief
from assistant.engines.matter import loosely_told, matter_of
from assistant.engines.offline import OfflineEngine
from assistant.values import PointMade
from tests.assistant.drafts import brief, conversation, match, proposal

ORDER = {
    "order_id": "2611150087",
    "item": "台灯",
    "price_yuan": 129,
    "paid_at": "2026-11-15 10:00",
    "shipped_at": "2026-11-15 20:00",
    "signed_at": "2026-11-18 12:00",
    "tracking_status": "已签收",
}
LONG_AGO = {**ORDER, "paid_at": "2026-09-15 10:00", "shipped_at": "2026-09-16 20:00", "signed_at": "2026-09-18 12:00"}
ENGINE = OfflineEngine(lambda _: ())


def told(
    *lines: str,
    intent: str,
    authorised: tuple[str, ...] = (),
    points: tuple[tuple[str, int], ...] = (),
    order: dict[str, object] | None = None,
    dated: bool = True,
) -> Brief:
    """A brief of `lines`; `points` are a point and the bubble that makes it."""
    talk = conversation(*lines, order=order or ORDER, authorised=authorised)
    made = tuple(PointMade(point=p, name=p, message=i, start=0, end=len(lines[i]), score=0.95) for p, i in points)
    read = brief(talk, match(intent, 0.95))
    return replace(read, dated=dated, situation=read.situation.model_copy(update={"points": made}))


def reply(*lines: str, **told_by: object) -> str:
    return proposal(ENGINE, told(*lines, **told_by)).reply  # type: ignore[arg-type]


@pytest.mark.parametrize("line", ["80退我", "差价退我", "退我200差价", "退我运费"])
def test_a_sum_that_is_wanted_back_sends_no_goods_back(line: str) -> None:
    assert matter_of(conversation(line, order=ORDER)) is None


@pytest.mark.parametrize("line", ["退给我", "我要退货", "给我退了吧"])
def test_goods_that_are_given_back_are(line: str) -> None:
    found = matter_of(conversation(line, order=ORDER))
    assert found is not None and found.situation == "after.no_reason_return"


def test_what_came_wrong_comes_before_the_return() -> None:
    found = matter_of(conversation("我拍的奶白 来个粉的", "你们退货我自己出钱寄", order=ORDER))
    assert found is not None and found.situation == "after.wrong_item"


def test_a_question_is_not_said_back_as_what_happened() -> None:
    assert loosely_told(conversation("现在还敢用不", order=ORDER)) is None


def test_what_does_not_happen_is_not_said_to_happen() -> None:
    said = reply("洗碗机不进水了", intent="after.warranty")
    assert "进水" not in said.replace("不进水", "")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("退货你们前天就签收了", "别跟我说3到7个工作日"), "别跟您说"),
        (("礼盒写着12月3号到期", "你们清库存呢"), "到期、"),
    ],
)
def test_a_reproach_is_nothing_tried_and_a_date_on_the_pack_no_day_to_keep(lines: tuple[str, ...], words: str) -> None:
    said = reply(*lines, intent="after.refund_status")
    assert words not in said and "这个日子" not in said and "日子我记着" not in said


def test_who_has_not_been_spoken_to_was_not_misunderstood() -> None:
    said = reply("灯老是自己灭", "说简单点 我妈在用", intent="after.quality", points=(("gen.explain_simply", 1),))
    assert "绕" not in said and "语言" not in said and "哪个词" not in said


def test_an_amount_that_is_granted_is_not_asked_for_again() -> None:
    said = reply(
        "灯罩有道划痕",
        "不影响用但膈应",
        intent="after.damaged",
        authorised=("refund_approved:10",),
        points=(("after.still_usable", 1),),
    )
    assert "10元" in said and "请示" not in said


def test_the_difference_under_price_protection_needs_no_approval() -> None:
    said = reply(
        "今天你们直播间89",
        "40退我",
        intent="after.price_drop",
        authorised=("price_protection_30d",),
        points=(("after.names_amount", 1),),
    )
    assert "价保" in said and "没权限" not in said and "主管批" not in said


def test_under_price_protection_it_is_not_in_doubt_whether_the_price_is_matched() -> None:
    said = [
        reply(
            f"今天你们直播间{price}",
            intent="after.price_drop",
            authorised=("price_protection_30d",),
            points=(("after.cheaper_in_livestream", 0),),
        )
        for price in (79, 85, 89, 95)
    ]
    assert not any("按那个价补" in s or "算不算保价" in s for s in said)


def test_once_price_protection_is_over_no_page_is_asked_for() -> None:
    said = reply(
        "价保申请失败",
        intent="after.price_drop",
        authorised=("price_protection_30d", "coupon:20"),
        points=(("after.protection_claim_failed", 0),),
        order=LONG_AGO,
    )
    assert "20元" in said and "截" not in said and "系统" not in said


def test_what_waits_for_the_customers_word_promises_no_further_news() -> None:
    said = reply(
        "刚买就便宜了300", intent="after.price_drop", authorised=("coupon:20", "price_protection_30d"), order=LONG_AGO
    )
    assert "20元" in said and "我接着跟" not in said and "我跟着办" not in said


def test_a_warranty_that_is_over_is_not_offered() -> None:
    order = {
        **LONG_AGO,
        "paid_at": "2025-05-15 10:00",
        "shipped_at": "2025-05-16 20:00",
        "signed_at": "2025-05-18 12:00",
    }
    said = reply("灯不亮了", intent="after.quality", authorised=("warranty_1y",), order=order)
    assert "免费修" not in said and "不收修理费" not in said


def test_a_date_that_is_close_is_photographed() -> None:
    said = reply(
        "礼盒写着12月3号到期",
        "我是要过年送人的啊",
        "你们清库存呢",
        intent="after.expired",
        points=(("after.near_expiry", 2),),
    )
    assert "拍" in said


def test_where_no_day_is_known_the_last_day_of_protection_is_told_and_the_coupon_offered() -> None:
    said = reply(
        "9月15日拍的 现在便宜50",
        intent="after.price_drop",
        authorised=("price_protection_30d", "coupon:15"),
        order=LONG_AGO,
        dated=False,
    )
    assert "10月15日" in said and "15元" in said and "截" not in said


def test_a_confirmed_fault_is_told_to_who_wants_another() -> None:
    said = reply(
        "给我换个新的",
        "旧的要我自己寄吗",
        intent="after.exchange",
        authorised=("defect_confirmed_by_inspection", "exchange"),
        points=(("after.must_send_back", 1),),
    )
    assert "确认" in said and "看过照片" not in said and "照片能判断" not in said


def test_a_tree_for_cats_is_not_asked_for_its_effect() -> None:
    said = reply("猫爬架用了三周", "绳全散了", intent="after.quality", points=(("after.no_effect", 0),))
    assert "效果" not in said and "一次用多少" not in said


def test_what_a_son_bought_for_his_father_was_bought_by_no_minor() -> None:
    said = reply("儿子给我买的电视盒子", "插上去没画面 我67了", intent="after.minor_purchase")
    assert "孩子自己下的单" not in said


def test_a_refund_that_fell_short_is_answered_with_a_time() -> None:
    said = reply("少那26呢", intent="after.refund_amount", points=(("after.refund_short", 0),))
    assert "明细" in said and "前" in said


def test_a_refund_for_one_broken_piece_is_not_turned_into_the_whole_set() -> None:
    said = reply(
        "碗碎了一个", intent="after.damaged", authorised=("refund_approved:14",), points=(("after.some_broken", 0),)
    )
    assert "14元" in said and "整单" not in said and "整套" not in said


def test_what_was_ordered_is_said_back_without_the_dialect_around_it() -> None:
    assert "嘅" not in reply("我訂嘅係灰色M", "寄咗件黑色L嚟", intent="after.wrong_item")
