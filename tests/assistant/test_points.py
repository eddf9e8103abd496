"""Points: a customer's turn is cut into sentences, each makes at most one point, and each point gets its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from assistant.engines import Brief
from assistant.engines.offline import OfflineEngine
from assistant.situation import PointReader, sentences_of
from assistant.values import PointMade, Situation
from knowledge.errors import DataFileError
from knowledge.points import PointBook
from knowledge.values import PointMatch
from tests.assistant.drafts import NOON, conversation, of_technique, phrasebook

POINTS = """
title: 测试
points:
  - id: pre.for_mother
    name: 给妈妈买
    situations: [pre.bargain]
    exemplars: [给我妈买的, 妈妈用的, 送母亲, 老妈生日, 给娘买, 媽媽用]
    moves:
      - move: acknowledge
        mentions: '(?P<said>妈妈?|母亲|娘)'
        wordings: [{zh: "给{said}挑的,多问一句是应该的。", en: "For your mother, it is right to ask."}]
  - id: pre.two_pieces
    name: 买两件能少吗
    situations: [pre.bargain]
    exemplars: [两件能少点吗, 买俩便宜不, 一次两件, 拿两个优惠, 买两件呢, 兩件平啲]
    moves:
      - move: decline
        wordings: [{zh: "两件也是按页面的价,我改不了。", en: "Two pieces cost what the page says."}]
      - move: next_step
        wordings: [{zh: "两件的价我去问主管,{answer_by}告诉您。", en: "I'll ask about two pieces and reply {answer_by}."}]
  - id: in.still_unpaid
    name: 还没付
    situations: [in.urge_payment]
    exemplars: [还没付款, 没给钱呢, 晚点付, 等下付, 没付, 還未付款]
    moves:
      - move: explain
        wordings: [{zh: "没付的单子不收您钱。", en: "Nothing is charged."}]
"""


@pytest.fixture
def book(tmp_path: Path) -> PointBook:
    folder = tmp_path / "points"
    folder.mkdir()
    (folder / "a.yaml").write_text(POINTS, encoding="utf-8")
    return PointBook.load(folder)


def _situation(*intents: str, points: tuple[PointMade, ...] = ()) -> Situation:
    return Situation(
        stage="pre_sale",
        intents=intents,
        emotion="calm",
        customer_type="未定",
        risks=(),
        language="zh-Hans",
        points=points,
    )


def _match(point: str, index: int, score: float) -> PointMatch:
    return PointMatch(point_id=point, score=score, text_index=index)


def _made(point: str, text: str, words: str, score: float = 0.9) -> PointMade:
    start = text.index(words)
    return PointMade(point=point, name=point, score=score, message=0, start=start, end=start + len(words))


def _plan(book: PointBook, tmp_path: Path, text: str, *points: PointMade, intents: tuple[str, ...]) -> list[str]:
    engine = OfflineEngine(of_technique, phrasebook(tmp_path / "book"), book)
    brief = Brief(conversation(text), _situation(*intents, points=points), (), NOON)
    return [move.wordings[0].zh for move in engine.plan(brief).moves]


@pytest.mark.parametrize(
    ("said", "sentences"),
    [
        ("1发票没收到 2少了一盒订书钉 3能换新的不", ["发票没收到", "少了一盒订书钉", "能换新的不"]),
        ("①发票抬头少了字 ②钱要退对公户", ["发票抬头少了字", "钱要退对公户"]),
        ("①能托运吗②锁坏了修不修③几天到", ["能托运吗", "锁坏了修不修", "几天到"]),
        ("1.能调速吗2.吵不吵3.几天到", ["能调速吗", "吵不吵", "几天到"]),
        ("3件一起买能便宜吗,我专门请了假", ["3件一起买能便宜吗", "我专门请了假"]),
        ("the shade is cracked. what now? I paid 12.50", ["the shade is cracked", "what now", "I paid 12.50"]),
    ],
)
def test_each_of_several_questions_is_a_sentence_of_its_own(said: str, sentences: list[str]) -> None:
    found = sentences_of(conversation(said))
    assert set(sentences) <= {s.text for s in found}
    assert all(said[s.start : s.end] == s.text for s in found)


def test_only_what_waits_for_an_answer_is_read() -> None:
    found = sentences_of(conversation("第一句话在这里", "客服:236元已经退了", "第二句话在这里", "第三句话在这里"))
    assert [s.text for s in found] == ["第二句话在这里", "第三句话在这里"]


def test_a_sentence_makes_its_likeliest_point_and_no_word_makes_two(book: PointBook) -> None:
    talk = conversation("给我妈买的,两件能少点吗")
    whole, first, second = range(3)
    assert [s.text for s in sentences_of(talk)] == ["给我妈买的,两件能少点吗", "给我妈买的", "两件能少点吗"]
    matches = (
        _match("pre.two_pieces", whole, 0.6),
        _match("pre.for_mother", first, 0.9),
        _match("pre.two_pieces", second, 0.8),
        _match("pre.for_mother", second, 0.7),
    )
    read = PointReader(book, lambda *_: matches).read(talk, _situation("pre.bargain"))
    assert [(p.point, talk.messages[0].text[p.start : p.end]) for p in read.points] == [
        ("pre.for_mother", "给我妈买的"),
        ("pre.two_pieces", "两件能少点吗"),
    ]


def test_a_short_question_in_a_list_is_heard_sooner_and_a_scrap_that_is_told_later(book: PointBook) -> None:
    def heard(text: str, score: float) -> bool:
        matches = (_match("pre.two_pieces", 0, score),)
        return bool(PointReader(book, lambda *_: matches).read(conversation(text), _situation("pre.bargain")).points)

    assert heard("两件少吗 包邮吗", 0.6) and not heard("两件少吗", 0.6)
    assert heard("两件要是能少一点我就拍", 0.9) and not heard("要两件", 0.9) and heard("要两件", 0.98)


def test_a_point_asked_and_told_again_is_answered_as_a_question(book: PointBook) -> None:
    talk = conversation("妈妈能用吗,是给我妈买的")
    said = [s.text for s in sentences_of(talk)]
    matches = (
        _match("pre.for_mother", said.index("妈妈能用吗"), 0.8),
        _match("pre.for_mother", said.index("是给我妈买的"), 0.95),
    )
    (made,) = PointReader(book, lambda *_: matches).read(talk, _situation("pre.bargain")).points
    assert talk.messages[0].text[made.start : made.end] == "妈妈能用吗"


def test_a_sentence_of_two_matters_makes_both_points(book: PointBook) -> None:
    talk = conversation("给我妈买的,两件能少点吗")
    whole, first, second = range(3)
    matches = (
        _match("pre.two_pieces", whole, 0.97),
        _match("pre.for_mother", first, 0.9),
        _match("pre.two_pieces", second, 0.93),
    )
    found = PointReader(book, lambda *_: matches).read(talk, _situation("pre.bargain")).points
    assert [p.point for p in found] == ["pre.for_mother", "pre.two_pieces"]


def test_what_fits_the_situation_is_expected_and_another_stages_is_not(book: PointBook) -> None:
    expected: dict[str, float] = {}

    def match(sentences: Sequence[str], prior: Mapping[str, float]) -> Sequence[PointMatch]:
        expected.update(prior)
        return ()

    PointReader(book, match).read(conversation("两件能少点吗", "还没付呢老板"), _situation("pre.bargain"))
    assert expected["pre.two_pieces"] == expected["pre.for_mother"] > 0 > expected["in.still_unpaid"]


def test_after_buying_what_is_asked_before_buying_is_not_meant(book: PointBook) -> None:
    expected: list[Mapping[str, float]] = []

    def match(sentences: Sequence[str], prior: Mapping[str, float]) -> Sequence[PointMatch]:
        expected.append(prior)
        return ()

    bought = _situation("after.exchange").model_copy(update={"stage": "after_sale"})
    reader = PointReader(book, match)
    reader.read(conversation("两件能少点吗", order={"order_id": "1", "item": "毛衣"}), bought)
    reader.read(conversation("两件能少点吗"), _situation("pre.bargain"))
    after, before = (e["pre.two_pieces"] for e in expected)
    assert after < -20 < before


def test_of_points_that_are_unlikely_none_is_made(book: PointBook) -> None:
    matches = (_match("pre.two_pieces", 0, 0.4),)
    read = PointReader(book, lambda *_: matches).read(conversation("两件能少点吗"), _situation("pre.bargain"))
    assert read.points == ()


def test_each_point_gets_its_answer_and_the_general_words_give_way(book: PointBook, tmp_path: Path) -> None:
    text = "给妈妈买的,两件能少点吗"
    said = _plan(
        book,
        tmp_path,
        text,
        _made("pre.for_mother", text, "给妈妈买的"),
        _made("pre.two_pieces", text, "两件能少点吗"),
        intents=("pre.bargain",),
    )
    assert said[0].startswith("给{said}挑的")
    assert "两件也是按页面的价,我改不了。" in said
    assert not any("标价是店里统一的" in s for s in said)
    assert [s for s in said if "{answer_by}" in s] == ["两件的价我去问主管,{answer_by}告诉您。"]


def test_the_customers_own_word_is_taken_up(book: PointBook, tmp_path: Path) -> None:
    text = "给母親买的"
    brief = Brief(
        conversation(text), _situation("pre.bargain", points=(_made("pre.for_mother", text, text),)), (), NOON
    )
    engine = OfflineEngine(of_technique, phrasebook(tmp_path / "book"), book)
    *_, proposal = engine.propose(brief)
    assert "给母親挑的" in proposal.reply


def test_a_sure_point_says_what_the_talk_is_about_where_no_word_does(book: PointBook, tmp_path: Path) -> None:
    text = "两件能少点吗"
    said = _plan(book, tmp_path, text, _made("pre.two_pieces", text, text), intents=("in.track",))
    assert "想省点钱,谁买东西都这样。" in said


def test_a_point_of_an_unknown_situation_is_refused_with_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "wrong"
    folder.mkdir()
    (folder / "a.yaml").write_text(POINTS.replace("in.urge_payment", "in.nowhere"), encoding="utf-8")
    with pytest.raises(DataFileError, match=r"in\.still_unpaid.*in\.nowhere"):
        PointBook.load(folder)


def test_the_shipped_points_are_whole() -> None:
    book = PointBook.load()
    exemplars = [x for p in book.points for x in p.exemplars]
    assert len(exemplars) == len(set(exemplars)), "an exemplar stands for two points"


def test_a_question_that_nothing_answers_is_named_and_not_passed_over(book: PointBook, tmp_path: Path) -> None:
    text = "两件能少点吗 送货上楼吗 甲醛多少"
    engine = OfflineEngine(of_technique, phrasebook(tmp_path / "book"), book)
    points = (_made("pre.two_pieces", text, "两件能少点吗"),)
    *_, proposal = engine.propose(Brief(conversation(text), _situation("pre.bargain", points=points), (), NOON))
    assert "送不送货上楼、甲醛多少" in proposal.reply
    assert "「两件" not in proposal.reply


def test_a_mishap_gets_a_word_of_apology_and_a_plain_question_none(book: PointBook, tmp_path: Path) -> None:
    def reply(*intents: str) -> str:
        engine = OfflineEngine(of_technique, phrasebook(tmp_path / "book"), book)
        *_, proposal = engine.propose(Brief(conversation("怎么还没到啊"), _situation(*intents), (), NOON))
        return proposal.reply

    assert any(word in reply("in.stuck") for word in ("抱歉", "对不起"))
    assert not any(word in reply("in.track") for word in ("抱歉", "对不起"))


def test_an_address_of_mail_or_a_number_makes_no_point() -> None:
    talk = conversation("发到邮箱 hh@163.com", "91310115MA1K4XXX2B", "发票开公司的")
    assert [s.text for s in sentences_of(talk)] == ["发票开公司的"]
