"""Languages that the phrasebooks have no words for: a short reply in the customer's own, whose every sentence may be sent."""

from __future__ import annotations

from datetime import datetime

import pytest

from assistant.authority import Authority
from assistant.engines.foreign import REPLIES
from assistant.engines.offline import OfflineEngine
from assistant.guardrails import CheckContext, Guardrails
from knowledge import datafile
from knowledge.values import Value
from tests.assistant.drafts import brief, conversation, match, proposal

SLOTS = {
    "{answer_by}": "",
    "{refund_yuan}": "88",
    "{m}": "11",
    "{d}": "18",
    "{shipped_at}": "11月18日",
    "{hour}": "16",
}
GRANTED = tuple(map(Authority.parse, ("exchange", "return_freight_by_seller", "refund_approved:88")))


class _Raw(Value):
    tongues: tuple[dict[str, object], ...]


def sentences() -> list[str]:
    """Every sentence of the file, filled, the closings with the time of the answer."""
    found: list[str] = []
    for tongue in datafile.load(REPLIES, _Raw).tongues:
        closing, opening, topics = tongue["closing"], tongue["opening"], tongue["topics"]
        assert isinstance(closing, dict) and isinstance(opening, dict) and isinstance(topics, list)
        for day in ("today", "tomorrow"):
            found.append(str(closing["text"]).replace("{answer_by}", str(tongue[day])))
        found += [str(opening["text"]), *(str(s["text"]) for topic in topics for s in topic["sentences"])]
    return [_filled(text) for text in found]


def _filled(text: str) -> str:
    for slot, value in SLOTS.items():
        text = text.replace(slot, value)
    return text


@pytest.fixture(scope="module")
def guardrails() -> Guardrails:
    return Guardrails.load()


@pytest.mark.parametrize("sentence", sentences())
def test_every_sentence_may_be_sent(guardrails: Guardrails, sentence: str) -> None:
    talk = conversation(
        "?", order={"item": "茶", "paid_at": "2026-11-17 10:00", "shipped_at": "2026-11-18 10:00", "price_yuan": 88}
    )
    context = CheckContext(authorities=GRANTED, order=talk.order, now=datetime(2026, 11, 21, 12, 5))
    assert guardrails.check(sentence, context).verdict == "pass"


@pytest.mark.parametrize(
    ("asked", "theirs", "meant"),
    [
        ("すみません、烏龍茶を大阪へ発送できますか", "送料", "能不能寄"),
        ("우롱차를 서울로 배송 가능한가요", "운임", "能不能寄"),
        ("Здравствуйте, вы отправляете чай в Казань?", "сколько", "能不能寄"),
        ("荷物はいつ届きますか", "配送状況", "配送"),
        ("배송 언제 도착하나요", "배송 상황", "配送"),
        ("Где моя посылка, когда придёт?", "доставке", "配送"),
    ],
)
def test_whether_it_can_be_sent_abroad_is_not_where_the_parcel_is(asked: str, theirs: str, meant: str) -> None:
    made = proposal(OfflineEngine(lambda _: ()), brief(conversation(asked), match("general.other_language", 0.9)))
    assert theirs in made.reply
    assert meant in (made.gloss or "")
    assert "回您" in (made.gloss or "")
