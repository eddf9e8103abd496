"""What the customer said before the agent's last bubble waits too, where that answered nothing."""

from __future__ import annotations

import pytest

from tests.assistant.drafts import conversation


def waiting(*lines: str) -> list[str]:
    return [m.text for m in conversation(*lines).last_customer_turn]


@pytest.mark.parametrize(
    "lines",
    [
        ("椅子腿断了 我摔了一跤", "客服:亲亲非常理解您的心情呢", "别亲亲 叫人"),
        ("双12降不降 降了退差吗", "客服:喜欢可以先拍哦", "你先回答我"),
        ("想给爸买血压计 胳膊粗", "客服:好的,我记下了。请问您看中的是哪一款呀?", "就是169那个 能箍上不"),
        ("师傅上门要我另付80", "客服:您好,请问是哪位客服说包安装的呢", "你们自己页面写的!截图在这"),
        ("退款三天了还没到", "客服:亲 请稍等,帮您查一下哈", "人呢"),
        ("有110V的吗", "客服:可以的亲", "你确定?别骗我"),
        ("The lamp arrived broken", "客服:Sorry about this, one moment please", "hello??"),
    ],
)
def test_what_was_not_answered_still_waits(lines: tuple[str, ...]) -> None:
    assert waiting(*lines) == [line for line in lines if not line.startswith("客服")]


@pytest.mark.parametrize(
    "lines",
    [
        ("有M码吗", "客服:有的亲,今天拍明天发", "好的谢谢"),
        ("有M码吗", "客服:有的亲,M码现货", "那运费谁出"),
        ("床垫大了10公分 肯定是你们发错", "客服:订单上写的是1.8米,我去核对", "那运费呢"),
        ("快递到哪了", "客服:11月20日到了上海转运中心", "我想顺便问下昨天买的那条裙子掉色能退吗"),
        ("在吗", "客服:请稍等", "好的"),
        ("标价299 250卖吗", "客服:给您申请了10元券,289已经是最低了", "260 最后一口价"),
        ("换货收到了吗", "客服:仓库已经签收啦,新的今天发出", "👌"),
        ("充电器冒烟了", "客服:先断电,人离远一点", "好的 断了"),
    ],
)
def test_what_was_answered_or_closed_waits_no_more(lines: tuple[str, ...]) -> None:
    assert waiting(*lines) == [lines[-1]]


def test_where_the_agent_spoke_last_the_words_before_it_are_the_turn() -> None:
    assert waiting("有M码吗", "要红的", "客服:有的") == ["有M码吗", "要红的"]


def test_several_turns_that_got_courtesies_wait_together() -> None:
    talk = ("灯不亮了", "客服:亲 抱歉哦", "都三天了", "客服:理解您的心情", "到底怎么办")
    assert waiting(*talk) == ["灯不亮了", "都三天了", "到底怎么办"]
