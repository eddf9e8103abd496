"""What the shop's own agent should not have said is taken back; silence after it is no end of the talk."""

from __future__ import annotations

import pytest

from assistant.engines.moves import PlannedMove
from assistant.engines.offline import FALLBACK
from assistant.engines.taken_back import with_taken_back
from assistant.waiting import closes
from knowledge.phrasebook import Phrasebook
from tests.assistant.drafts import brief, conversation

BOOK = Phrasebook.load(FALLBACK)
ORDER = {"order_id": "26110001", "item": "羽绒服", "price_yuan": 399, "paid_at": "2026-11-10 10:00"}


def _taken_back(*lines: str, emotion: str = "calm") -> list[PlannedMove]:
    talk = conversation(*lines, order=ORDER)
    told = brief(talk)
    told = type(told)(
        talk, told.situation.model_copy(update={"emotion": emotion}), told.passages, told.now, told.tone, told.strategy
    )
    return [m for m in with_taken_back((), told, {}, BOOK) if m.situation.startswith("taken_back.")]


@pytest.mark.parametrize(
    ("lines", "emotion", "kind"),
    [
        (("跑毛跑得一身", "客服:新衣服有浮毛是正常的哦", "正常?你穿给我看看"), "calm", "normal"),
        (("娃下巴全红了", "客服:您好 纯棉的不会过敏"), "anxious", "normal"),
        (("姥姥昨晚走了", "客服:下单立减5元哦~", "……"), "grieving", "sales"),
        (("孩子脖子全是红点", "客服:建议新衣服先洗再穿哦"), "anxious", "yours"),
        (("三天没动了", "客服:亲 请您耐心等待", "还等?等到什么时候"), "angry", "wait"),
    ],
)
def test_an_answer_that_brushed_somebody_off_is_taken_back(lines: tuple[str, ...], emotion: str, kind: str) -> None:
    assert [m.situation for m in _taken_back(*lines, emotion=emotion)] == [f"taken_back.{kind}"]


@pytest.mark.parametrize(
    ("lines", "emotion"),
    [
        (("跑毛吗", "客服:新衣服有浮毛是正常的哦", "好的 那怎么去毛"), "calm"),
        (("坏了", "客服:收到了,我帮您报给主管", "快点"), "angry"),
        (("坏了 别再道歉了", "客服:您是不是操作不当", "别跟我说对不起"), "angry"),
    ],
)
def test_where_nobody_was_brushed_off_nothing_is_taken_back(lines: tuple[str, ...], emotion: str) -> None:
    assert not _taken_back(*lines, emotion=emotion)


def test_dots_alone_are_silence_and_end_nothing() -> None:
    assert not closes(["……"]) and not closes(["。。。"])
    assert closes(["好的谢谢"]) and closes(["👍"])
