"""What the customer told of themselves may be put again; what they asked, demanded, praised or dictated may not be granted so."""

from __future__ import annotations

import pytest

from assistant.conversation import Message
from assistant.guardrails.echo import recounts
from assistant.values import Category


def _wrote(*bubbles: str) -> tuple[Message, ...]:
    return tuple(Message(role="customer", text=b) for b in bubbles)


@pytest.mark.parametrize(
    ("category", "words", "bubbles"),
    [
        ("promise.price", "学生钱紧", ("学生党 钱真的紧",)),
        ("promise.price", "20把椅子", ("公司采购 办公椅20把", "椅子要黑的")),
        ("superlative", "一家五口没桌子吃饭", ("我家都搬完了 一家五口趴地上吃饭", "桌子呢")),
        ("promise.outcome", "用了一年半突然罢工", ("扫地机用了一年半不转了",)),
        ("rudeness", "攒了两个月想买把琴", ("攒了两个月才攒600", "想买琴")),
    ],
)
def test_what_the_customer_told_is_put_again(category: Category, words: str, bubbles: tuple[str, ...]) -> None:
    assert recounts(category, words, _wrote(*bubbles))
    assert not recounts(category, words, ())


@pytest.mark.parametrize(
    ("category", "words", "bubbles"),
    [
        ("promise.compensation", "50块", ("给我50块这事就算了",)),
        ("promise.compensation", "赔您50", ("赔我50",)),
        ("promise.price", "150", ("150我立马拍",)),
        ("promise.price", "行,按昨天的价", ("昨天的价我也看到了",)),
        ("promise.delivery_time", "周五到", ("上一家说周五到",)),
        ("promise.outcome", "一个月就好", ("邻居说一个月就好",)),
        ("promise.outcome", "贴了不疼", ("你就说 贴了不疼",)),
        ("superlative", "全网独一份", ("他们说全网独一份",)),
        ("rudeness", "你真抠", ("你真抠",)),
        ("blame", "谁让您自己拍错", ("我自己拍错了",)),
        ("privacy", "卡号报一下", ("卡号报一下了",)),
        ("admission.defect", "这批有问题", ("这批有问题",)),
        ("promise.third_party", "平台同意了", ("平台同意了",)),
    ],
)
def test_what_grants_agrees_or_scolds_is_not(category: Category, words: str, bubbles: tuple[str, ...]) -> None:
    assert not recounts(category, words, _wrote(*bubbles))


@pytest.mark.parametrize(
    ("category", "words", "bubbles"),
    [
        ("promise.compensation", "差这50块让领导误会", ("发票差50 领导以为我吃回扣呢",)),
        ("leak", "37户人等着", ("37户等着鸡蛋呢",)),
        ("promise.price", "坐轮椅还让您自己搬", ("我坐轮椅的 你让我咋搬",)),
        ("promise.delivery_time", "两天没动静", ("转圈转了两天 没动静",)),
        ("blame", "尺码拍成了L", ("尺码拍成了L 要M的",)),
        ("privacy", "念过一个了", ("验证码 我念过一个了",)),
    ],
)
def test_their_trouble_may_be_named_with_its_figures(category: Category, words: str, bubbles: tuple[str, ...]) -> None:
    assert recounts(category, words, _wrote(*bubbles))
