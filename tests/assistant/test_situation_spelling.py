"""What is written in pinyin is read as what it says."""

from __future__ import annotations

import pytest

from assistant.conversation import Conversation
from assistant.situation.spelling import Spelling, whole_messages
from assistant.values import Evidence, Situation
from knowledge.situations import SituationCatalogue


@pytest.fixture(scope="module")
def spelling() -> Spelling:
    return Spelling(SituationCatalogue.load())


@pytest.mark.parametrize(
    ("spelt", "said"),
    [
        ("shen me shi hou fa huo", "什么时候发货"),
        ("kuaidi zenme hai mei dao", "快递怎么还没到"),
        ("yunfei shui chu", "运费谁出"),
        ("98jin chuan L ma", "98斤穿L吗"),
    ],
)
def test_neighbours_tell_which_character_a_syllable_is(spelling: Spelling, spelt: str, said: str) -> None:
    assert spelling.written(spelt) == said


@pytest.mark.parametrize("text", ["where is my order", "size L", "这个包邮吗", "ok", "12345", "bao邮吗"])
def test_what_is_no_pinyin_stays(spelling: Spelling, text: str) -> None:
    assert spelling.written(text) == text


def test_evidence_in_a_message_written_out_is_the_whole_message(spelling: Spelling) -> None:
    given = Conversation.read(
        {"messages": [{"role": "agent", "text": "nin hao"}, {"role": "customer", "text": "xiang tuihuo"}]}
    )
    read = spelling.out(given)
    assert [m.text for m in read.messages] == ["nin hao", "想退货"]
    situation = Situation(
        stage="after_sale",
        intents=("after.no_reason_return",),
        emotion="calm",
        customer_type="未定",
        risks=(),
        language="zh-Hans",
        matches=(),
        evidence=(Evidence(what="intent:after.no_reason_return", message=1, start=1, end=3),),
    )
    found = whole_messages(situation, read, given).evidence[0]
    assert given.messages[1].text[found.start : found.end] == "xiang tuihuo"


def test_a_conversation_in_characters_is_the_same_one(spelling: Spelling) -> None:
    given = Conversation.read({"messages": [{"role": "customer", "text": "想退货"}]})
    assert spelling.out(given) is given
