"""What a customer says of how many they bought, against the order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.engines.offline import OfflineEngine
from assistant.situation.counted import counted
from assistant.values import Course
from tests.assistant.drafts import brief, conversation, match, proposal


@pytest.mark.parametrize(
    ("said", "item", "odd"),
    [
        ("买的两个充电宝 怎么就发了一个", "充电宝 20000mAh 1个", "两个"),
        ("我拍的是3箱啊", "脐橙 5斤装 2箱", "3箱"),
        ("订了四条毛巾只来两条", "毛巾 ×2", "四条"),
        # the same number, another measure, several numbers in the item, none, and what is still to be bought
        ("买的一个充电宝", "充电宝 20000mAh 1个", ""),
        ("买了两套书", "绘本 第一辑 8册", ""),
        ("买的三包", "尿不湿2包+湿巾1箱", ""),
        ("买的两个", "充电宝", ""),
        ("还想再买了两个放车上", "充电宝 1个", ""),
    ],
)
def test_the_number_is_held_against_the_items_own(said: str, item: str, odd: str) -> None:
    talk = conversation(said, order={"item": item, "paid_at": "2026-11-10 10:00"})
    found = [talk.messages[c.message].text[c.start : c.end] for c in counted(talk)]
    assert found == ([odd] if odd else [])


def test_a_draft_asks_for_the_other_order_and_admits_nothing() -> None:
    order: dict[str, object] = {
        "item": "充电宝 20000mAh 1个",
        "paid_at": "2026-11-12 15:10",
        "shipped_at": "2026-11-13 10:20",
        "tracking_status": "11-14 06:40 运输中",
    }
    talk = conversation("我上个礼拜就买了!!", "买的两个充电宝 怎么就发了一个", order=order)
    read = brief(talk, match("after.missing_item", 0.9))
    situation = read.situation.model_copy(update={"course": Course(contradictions=tuple(counted(talk)))})
    reply = proposal(OfflineEngine(lambda _: ()), replace(read, situation=situation)).reply
    assert "充电宝 20000mAh 1个" in reply
    assert "件数" in reply
