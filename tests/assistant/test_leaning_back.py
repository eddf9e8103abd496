"""A last turn without a matter of its own leaves the turn before it waiting, whatever the agent said between."""

from __future__ import annotations

import pytest

from assistant.conversation import Conversation
from assistant.engines.sorry import heard_enough
from assistant.situation.before import HOW_SPOKEN
from tests.assistant.drafts import READER, brief, conversation

ORDER: dict[str, object] = {
    "order_id": "1",
    "item": "精华",
    "price_yuan": 99,
    "paid_at": "2026-11-12 10:00",
    "shipped_at": "2026-11-13 10:00",
    "signed_at": "2026-11-18 10:00",
}


def leans(*lines: str) -> bool:
    talk = conversation(*lines, order=ORDER)
    return READER.leans_back(talk, READER.read(talk, ()))


def test_a_talk_that_reaches_back_waits_for_one_turn_more() -> None:
    talk = conversation("瓶口封膜是破的", "拍了", "客服:订单上写的是精华30ml,这款瓶口没有封膜。", "跟别家讲的一样")
    assert [m.text for m in talk.last_customer_turn] == ["跟别家讲的一样"]
    wider = talk.reaching_back()
    assert [m.text for m in wider.last_customer_turn] == ["瓶口封膜是破的", "拍了", "跟别家讲的一样"]
    assert wider.fingerprint() == talk.fingerprint()


def test_nothing_lies_before_the_first_turn() -> None:
    talk: Conversation = conversation("瓶口封膜是破的")
    assert talk.reaching_back().last_customer_turn == talk.last_customer_turn


def test_who_only_doubts_leans_on_what_was_said_before() -> None:
    assert leans("精华颜色不一样", "客服:灯光会让颜色有出入,我比过实物再说。", "上次那家也是这么讲的")


@pytest.mark.parametrize("last", ["那能给我开发票吗", "好的 谢谢", "再不退我就报警"])
def test_a_wish_a_closing_word_or_a_danger_stands_by_itself(last: str) -> None:
    assert not leans("精华颜色不一样", "客服:灯光会让颜色有出入,我比过实物再说。", last)


def test_a_first_turn_leans_on_nothing() -> None:
    assert not leans("上次那家也是这么讲的")


def test_how_somebody_speaks_is_no_matter() -> None:
    assert "after.distrust_agent" in HOW_SPOKEN
    assert "after.quality" not in HOW_SPOKEN


@pytest.mark.parametrize("line", ["我不要听对不起", "你们说了八遍抱歉了", "stop saying sorry"])
def test_who_has_heard_enough_apologies_is_known(line: str) -> None:
    assert heard_enough(brief(conversation(line, order=ORDER)))


@pytest.mark.parametrize("line", ["对不起 我刚才急了", "麻烦跟我妈道个歉"])
def test_who_speaks_of_apologies_otherwise_is_not(line: str) -> None:
    assert not heard_enough(brief(conversation(line, order=ORDER)))
