"""Before buying: a choice is made where one is asked for, a quotation asks for what it lacks, and points keep to their goods."""

from __future__ import annotations

import pytest

from assistant.conversation import Conversation
from assistant.engines import Brief
from assistant.engines.offline import OfflineEngine
from assistant.engines.quoting import quoted
from assistant.engines.suggesting import suggested
from assistant.situation import PointReader
from knowledge.points import PointBook
from knowledge.values import PointMatch
from tests.assistant.drafts import brief, conversation, match, proposal


@pytest.fixture(scope="module")
def shipped() -> OfflineEngine:
    return OfflineEngine(lambda _: ())


def asked(*bubbles: str, authorised: tuple[str, ...] = (), shop: str = "小店") -> Brief:
    row = {
        "id": "pre",
        "messages": [{"role": "customer", "text": text} for text in bubbles],
        "policy": {"shop": shop, "authorised": list(authorised)},
    }
    return brief(Conversation.read(row))


@pytest.mark.parametrize(
    ("bubbles", "picked"),
    [
        (("灰的还是藏青的好", "我爸72了", "平时穿黑裤子"), "藏青"),
        (("油汀和暖风机买哪个", "卧室睡觉开"), "油汀"),
        (("酒红跟粉色选哪个", "送我妈"), "酒红"),
        (("布沙发跟皮沙发哪种好 家里两只猫",), "另一样,科技布的"),
    ],
)
def test_what_was_told_decides_between_the_things_named(bubbles: tuple[str, ...], picked: str) -> None:
    assert suggested(asked(*bubbles)).get("pick", "").split(":")[0] == picked


@pytest.mark.parametrize("line", ["白的和黑的 哪个有货", "藏青的好看", "灰的还是藏青的 什么时候能到货 还是没到"])
def test_nothing_is_chosen_for_who_does_not_ask_it(line: str) -> None:
    assert not suggested(asked(line)).get("pick")


def test_the_reply_names_one_with_its_weak_point(shipped: OfflineEngine) -> None:
    lines = conversation("灰的还是藏青的好 我爸72了 平时穿黑裤子 你就说一个")
    reply = proposal(shipped, brief(lines, match("pre.compare", 0.95))).reply
    assert "藏青" in reply and "就是" in reply
    assert "中性色" not in reply


def test_what_is_owned_is_not_suggested(shipped: OfflineEngine) -> None:
    lines = conversation("帐篷买了 还差啥", "灯和垫子都有了")
    reply = proposal(shipped, brief(lines, match("pre.accessory", 0.95))).reply
    assert "睡袋" in reply
    assert "营灯" not in reply and "防潮垫" not in reply


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("你们批发不 什么价", "要多少、颜色规格怎么分、最晚哪天要到、寄到哪个城市"),
        ("120条 藏青色 发苏州 9月20号前", ""),
        ("要60套园服 9月1号开学穿", "颜色规格怎么分、寄到哪个城市"),
    ],
)
def test_a_quotation_asks_for_just_what_was_not_told(line: str, missing: str) -> None:
    assert quoted(asked(line))["bulk_missing"] == missing


def test_a_price_named_for_a_lot_is_put_to_the_supervisor(shipped: OfflineEngine) -> None:
    lines = conversation("30把折叠椅 45一把的 能38吗", "村里办酒用")
    reply = proposal(shipped, brief(lines, match("pre.bulk", 0.95))).reply
    assert "38这个价要主管点头" in reply
    assert "哪个城市" in reply and "最晚哪天" in reply


@pytest.mark.parametrize(
    ("bubbles", "left"),
    [
        (("这次这个电炖锅209", "抹个零 200我马上付"), "204"),
        (("两件 一件88", "150行不行"), "171"),
        (("保温杯89一个", "要3个 用完券多少钱"), "262"),
        (("两双鞋 一双159 一双189", "一起带走算300成不"), "343"),
        (("三件T恤 59 69 79", "一起买打个包180呗"), "202"),
        (("购物车107", "抹个零100行不行"), "102"),
        (("这个满200减30", "两件 一件88 一共多少"), ""),
        (("60套 89一套", "多少钱"), ""),
        (("89一套的 能不能70一套", "要三套"), "262"),
        (("人家59 你家79",), ""),
    ],
)
def test_what_is_left_to_pay_is_worked_out_where_one_price_is_plain(bubbles: tuple[str, ...], left: str) -> None:
    assert quoted(asked(*bubbles, authorised=("coupon:5",)))["after_coupon"] == left


@pytest.mark.parametrize(("line", "made"), [("XL能套44的不 膝盖那圈", False), ("文胸XL能套44的不", True)])
def test_a_point_is_made_of_its_own_goods_only(line: str, made: bool) -> None:
    book = PointBook.load()
    said = asked(line)

    def found(sentences: object, prior: object) -> tuple[PointMatch, ...]:
        return (PointMatch(point_id="pre.size_bra", score=0.95, text_index=0, cued=False),)

    situation = PointReader(book, found).read(said.conversation, said.situation)
    assert [p.point for p in situation.points] == (["pre.size_bra"] if made else [])


def test_a_cuff_is_no_garment(shipped: OfflineEngine) -> None:
    lines = conversation("38公分 血压计袖带能箍上不")
    reply = proposal(shipped, brief(lines, match("pre.size_advice", 0.95))).reply
    assert "适用围度" in reply and "先别付" in reply
    assert "宽松" not in reply


@pytest.mark.parametrize(
    ("line", "of", "told", "not_told"),
    [
        ("成色几新啊 快门多少次了 换过屏没", "pre.product_question", "检测记录", "全新未拆"),
        ("加微信吧 直接转你 走平台还要抽成 便宜20就行", "pre.off_platform", "私下少收我办不了", "需要核实的"),
        ("奶粉扫了说查询次数超了 宝宝等着喝", "pre.authenticity", "对不上", "买前先问"),
        ("要80份伴手礼 29.9一份 25行不", "pre.bulk", "25这个价要主管点头", "29.9这个价"),
    ],
)
def test_what_a_turn_is_about_is_answered(shipped: OfflineEngine, line: str, of: str, told: str, not_told: str) -> None:
    reply = proposal(shipped, brief(conversation(line), match(of, 0.95))).reply
    assert told in reply, reply
    assert not_told not in reply, reply


def test_a_gift_is_made_out_of_what_they_like(shipped: OfflineEngine) -> None:
    lines = conversation("我爸喜欢钓鱼 想送点实用的 你给推一个")
    reply = proposal(shipped, brief(lines, match("pre.recommend", 0.95))).reply
    assert "钓鱼椅" in reply
    assert "给我爸" not in reply


@pytest.mark.parametrize(
    ("bubbles", "picked"),
    [
        (("空气炸锅4L和6L的有什么区别", "我们两口人 偶尔来客", "你推荐哪个"), "4L的"),
        (("电饭煲3升还是5升好", "一家五口"), "5升的"),
        (("20寸和28寸行李箱选哪个", "出国留学用"), "28寸的"),
        (("保温杯500ml还是1L好", "每天上班带着"), "500ml的"),
        (("红茶和绿茶送老丈人哪个好", "他胃不好"), "红茶"),
        (("米色好看还是咖色好看", "我妈说咖色显老"), "米色"),
    ],
)
def test_of_two_sizes_what_was_told_decides(bubbles: tuple[str, ...], picked: str) -> None:
    assert suggested(asked(*bubbles)).get("pick", "").split(":")[0] == picked


def test_what_decides_between_two_sizes_is_asked_where_nothing_was_told(shipped: OfflineEngine) -> None:
    lines = conversation("电饭煲3L还是5L好呀", "纠结")
    reply = proposal(shipped, brief(lines, match("pre.compare", 0.95))).reply
    assert "几口人" in reply and "3L和5L" in reply
    assert "点前" not in reply, "who is asked first is not told when they hear"


@pytest.mark.parametrize("line", ["3L的5L的哪个有货", "我要2个3升的和1个5升的", "两个3L的锅选哪个颜色"])
def test_two_sizes_that_are_not_weighed_are_left_alone(line: str) -> None:
    assert not any(suggested(asked(line)).get(slot) for slot in ("pick", "pick_asks"))


def test_who_asks_with_a_cat_at_home_is_warned_of_lilies(shipped: OfflineEngine) -> None:
    cats = conversation("买束百合放客厅 家里两只布偶 会啃叶子 没事吧")
    said = proposal(shipped, brief(cats, match("pre.product_question", 0.95))).reply
    assert "别买" in said and "毒" in said, said
    none = conversation("买束百合放客厅 送我妈 香不香")
    assert "毒" not in proposal(shipped, brief(none, match("pre.product_question", 0.95))).reply
