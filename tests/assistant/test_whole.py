"""The whole reply of a case: said as it stands, where it fits; what is surely asked beside it is answered as well."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from assistant.engines import Brief
from assistant.engines.offline import OfflineEngine
from assistant.situation import CaseReader
from assistant.values import CaseMade, Chance, PointMade, Situation
from knowledge.cases import CaseBook
from knowledge.points import PointBook
from tests.assistant.drafts import NOON, conversation, of_technique, phrasebook

CASES = """
title: 测试
cases:
  - id: after.soaked
    name: 包裹淋湿
    situations: [after.damaged]
    turns: [a, b, c, d, e, f, g, h]
    next_steps: [查投递记录]
    reply:
      - move: acknowledge
        mentions: '送人|礼物'
        wordings: [{zh: "要送人的东西泡了水,换谁都来气,对不起。"}]
      - move: acknowledge
        wordings: [{zh: "等来一个湿包裹,确实窝火,对不起。"}]
      - move: offer
        authority: [refund_7day_no_reason]
        wordings: [{zh: "您不想要了,签收七天内可以退。"}]
      - move: ask
        wordings: [{zh: "外箱和湿了的东西各拍一张发我。"}]
      - move: next_step
        wordings: [{zh: "投递这段我找快递查,{answer_by}回您。"}]
  - id: in.how_long
    name: 多久到
    situations: [in.track]
    turns: [a, b, c, d, e, f, g, h]
    reply:
      - move: fact
        wordings: [{zh: "物流走到哪我看了。"}]
      - move: next_step
        mentions: '周末'
        wordings: [{zh: "周末送不送我也问。"}]
      - move: next_step
        wordings: [{zh: "{answer_by}回您。"}]
"""
POINTS = """
title: 测试
points:
  - id: after.invoice_please
    name: 要发票
    situations: [after.invoice]
    exemplars: [a, b, c, d, e, f]
    moves:
      - move: explain
        wordings: [{zh: "发票在订单里申请就能开。"}]
"""
MADE = CaseMade(case="after.soaked", name="包裹淋湿", score=0.9)


@pytest.fixture
def cases(tmp_path: Path) -> CaseBook:
    folder = tmp_path / "cases"
    folder.mkdir()
    (folder / "a.yaml").write_text(CASES, encoding="utf-8")
    return CaseBook.load(folder)


@pytest.fixture
def engine(cases: CaseBook, tmp_path: Path) -> OfflineEngine:
    folder = tmp_path / "points"
    folder.mkdir()
    (folder / "a.yaml").write_text(POINTS, encoding="utf-8")
    return OfflineEngine(of_technique, phrasebook(tmp_path / "book"), PointBook.load(folder), cases)


def situation(**told: object) -> Situation:
    read = Situation(
        stage="after_sale",
        intents=("after.damaged",),
        emotion="angry",
        customer_type="未定",
        risks=(),
        language="zh-Hans",
        case=MADE,
    )
    return read.model_copy(update=told)


def said(engine: OfflineEngine, text: str, read: Situation, *authorised: str) -> list[str]:
    brief = Brief(conversation(text, authorised=authorised), read, (), NOON)
    return [move.wordings[0].zh for move in engine.plan(brief).moves]


def test_the_reply_of_the_case_is_said_in_its_order_and_of_two_openings_the_one_that_asks_for_more(
    engine: OfflineEngine,
) -> None:
    assert said(engine, "箱子全湿 送人的", situation()) == [
        "要送人的东西泡了水,换谁都来气,对不起。",
        "外箱和湿了的东西各拍一张发我。",
        "投递这段我找快递查,{answer_by}回您。",
    ]
    assert said(engine, "箱子全湿", situation())[0] == "等来一个湿包裹,确实窝火,对不起。"


def test_the_case_tells_the_agent_what_to_do(engine: OfflineEngine) -> None:
    assert engine.plan(Brief(conversation("箱子全湿"), situation(), (), NOON)).next_steps == ("查投递记录",)


def test_what_is_authorised_is_offered(engine: OfflineEngine) -> None:
    assert "您不想要了,签收七天内可以退。" in said(engine, "箱子全湿", situation(), "refund_7day_no_reason")


def test_what_is_surely_asked_beside_the_case_is_answered_before_the_next_step(engine: OfflineEngine) -> None:
    text = "箱子全湿 发票能开吗"
    asks = PointMade(point="after.invoice_please", name="要发票", score=0.97, message=0, start=5, end=len(text))
    assert said(engine, text, situation(points=(asks,)))[1] == "发票在订单里申请就能开。"
    unsure = asks.model_copy(update={"score": 0.8})
    assert "发票在订单里申请就能开。" not in said(engine, text, situation(points=(unsure,)))


def test_who_is_at_risk_is_answered_by_no_case(engine: OfflineEngine) -> None:
    hurt = situation(risks=("injury",), intents=("after.injury",))
    assert "投递这段我找快递查,{answer_by}回您。" not in said(engine, "盒子湿的 玻璃碎了扎到手 流血了", hurt)


def test_a_reply_that_leaves_out_what_settles_the_matter_is_not_said(engine: OfflineEngine) -> None:
    settled = said(engine, "箱子全湿", situation(), "refund_approved:89")
    assert "投递这段我找快递查,{answer_by}回您。" not in settled


def test_a_conversation_of_no_case_is_put_together(engine: OfflineEngine) -> None:
    assert "投递这段我找快递查,{answer_by}回您。" not in said(engine, "箱子全湿", situation(case=None))


ASKS = PointMade(point="after.invoice_please", name="要发票", score=0.9, message=0, start=0, end=2)
NOTES = (
    PointMade(point="in.note_no_price", name="别放价格单", score=1.0, message=0, start=0, end=2),
    PointMade(point="in.note_card_words", name="写卡片", score=0.97, message=0, start=2, end=4),
)


@pytest.mark.parametrize(
    ("likely", "read", "made"),
    [
        (0.97, situation(case=None, points=(ASKS,)), True),
        (0.9, situation(case=None, points=(ASKS,)), False),
        (0.9, situation(case=None), True),
        (0.9, situation(case=None, chances=(Chance(situation="after.damaged", probability=0.95),)), False),
        (0.6, situation(case=None, points=(ASKS,), guesses=("after.damaged",)), True),
        (0.6, situation(case=None, points=(NOTES[0],), guesses=("after.damaged",)), True),
        (0.6, situation(case=None, points=NOTES, guesses=("after.damaged",)), False),
        (0.3, situation(case=None), False),
    ],
    ids=[
        "very sure",
        "sure, but read well",
        "no point read",
        "no point, but read beyond doubt",
        "wish guessed",
        "one note",
        "two notes",
        "unlikely",
    ],
)
def test_a_turn_that_was_not_read_well_is_sooner_answered_as_a_case(
    cases: CaseBook, likely: float, read: Situation, made: bool
) -> None:
    reader = CaseReader(cases, lambda *_: (("after.soaked", likely),))
    assert (reader.read(conversation("箱子全湿"), read).case is not None) == made


@pytest.mark.parametrize(
    ("lines", "order", "points", "made"),
    [
        (("我们村就我会网购", "都叫我帮着买"), None, (), True),
        (("家里老人一个人住", "书角压坏了 唉"), {"item": "平装四卷本"}, (), False),
        (("家里老人一个人住", "开张发票吧"), None, (ASKS,), False),
    ],
    ids=["only talk", "something was bought", "a sentence makes a point"],
)
def test_small_talk_gives_way_to_the_matter_it_holds(
    lines: tuple[str, ...], order: dict[str, object] | None, points: tuple[PointMade, ...], made: bool
) -> None:
    book = CaseBook.load()
    reader = CaseReader(book, lambda *_: (("gen.family_small_talk", 0.6),))
    read = situation(case=None, points=points, guesses=("after.damaged",))
    assert (reader.read(conversation(*lines, order=order), read).case is not None) == made


def test_a_case_is_less_likely_out_of_the_orders_stage(cases: CaseBook) -> None:
    priors: dict[str, float] = {}

    def match(_turn: str, prior: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
        priors.update(prior)
        return ()

    travels = conversation("到哪了", order={"shipped_at": "2026-11-18 10:00", "paid_at": "2026-11-17 10:00"})
    CaseReader(cases, match).read(travels, situation(case=None))
    assert priors["in.how_long"] == 0.0 > priors["after.soaked"]


def test_the_turn_before_is_read_with_the_last(cases: CaseBook) -> None:
    heard: list[str] = []

    def match(turn: str, _prior: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
        heard.append(turn)
        return ()

    CaseReader(cases, match).read(conversation("箱子全湿", "客服:您好", "怎么办"), situation())
    assert heard == ["箱子全湿\n怎么办"]


def test_a_step_of_its_own_does_not_take_the_place_of_the_one_that_says_when(engine: OfflineEngine) -> None:
    made = CaseMade(case="in.how_long", name="多久到", score=0.97)
    told = said(engine, "周末送吗", situation(case=made, intents=("in.track",), emotion="calm"))
    assert told[-2:] == ["周末送不送我也问。", "{answer_by}回您。"]


def test_what_the_shop_allows_and_they_name_is_said_beside_the_case(engine: OfflineEngine) -> None:
    assert any("发票" in line for line in said(engine, "箱子全湿 发票开公司的", situation(), "invoice"))
    assert not any("发票" in line for line in said(engine, "箱子全湿", situation(), "invoice"))
