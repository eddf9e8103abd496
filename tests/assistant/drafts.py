"""What the tests of drafts share: conversations, a small phrasebook, passages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from assistant.conversation import Conversation
from assistant.engines import Brief
from assistant.engines.offline import OfflineEngine
from assistant.situation import CaseReader, PointReader, SituationReader
from assistant.values import Proposal, Strategy, Tone
from knowledge.cases import CaseBook
from knowledge.phrasebook import Phrasebook
from knowledge.points import PointBook
from knowledge.situations import SituationCatalogue
from knowledge.values import Caution, Passage, SituationMatch

NOON = datetime(2026, 11, 21, 12, 5)
CATALOGUE = SituationCatalogue.load()
READER = SituationReader(CATALOGUE)
NO_POINTS = PointReader(PointBook(points=()), lambda sentences, prior: ())
NO_CASES = CaseReader(CaseBook(cases=()), lambda turn, prior: ())

SMALL = """
title: 测试
entries:
  - situation: pre.bargain
    moves:
      - move: acknowledge
        technique: 同理心
        wordings:
          - {zh: "想省点钱,谁买东西都这样。", en: "Everyone likes to save a little."}
          - {zh: "您会过日子,我懂。", en: "I understand."}
          - {zh: "价格上多问一句是应该的。", en: "It is right to ask about the price."}
      - move: decline
        technique: 议价
        without: [coupon]
        wordings:
          - {zh: "标价是店里统一的,我改不了,不想哄您说能便宜。", en: "The price is set by the shop and I cannot change it."}
      - move: offer
        technique: 议价
        authority: [coupon]
        wordings:
          - {zh: "能给您的是一张{coupon_yuan}元券,下单就能用。", en: "I can offer a coupon of {coupon_yuan} yuan."}
      - move: explain
        technique: 包邮
        mentions: "包邮|邮费"
        wordings:
          - {zh: "邮费按下单页面显示的算。", en: "Freight is as the order page shows."}
      - move: ask
        unless: "颜色"
        wordings:
          - {zh: "您想要哪个颜色?", en: "Which colour would you like?"}
      - move: next_step
        technique: 一定要讲明时限
        wordings:
          - {zh: "我去问主管有没有活动,{answer_by}在这里回您哦~", en: "I'll ask my supervisor and reply {answer_by}."}
      - move: close
        wordings:
          - {zh: "慢慢挑,不着急。", en: "Take your time."}
    next_steps: [查后台有没有可用的活动]
  - situation: in.track
    moves:
      - move: fact
        needs: [tracking_status]
        wordings:
          - {zh: "最新记录是{tracking_status}。", en: "The latest record is {tracking_status}."}
      - move: next_step
        technique: 一定要讲明时限
        wordings:
          - {zh: "我去催快递,{answer_by}告诉您进展。", en: "I'll chase the courier and reply {answer_by}."}
  - situation: pre.freight_question
    moves:
      - move: acknowledge
        wordings:
          - {zh: "问邮费是吧,我来看。"}
      - move: explain
        technique: 快递
        wordings:
          - {zh: "发哪家快递以下单页面为准。"}
      - move: next_step
        wordings:
          - {zh: "我查好{answer_by}回您。"}
"""


def phrasebook(folder: Path, text: str = SMALL) -> Phrasebook:
    folder.mkdir(exist_ok=True)
    (folder / "small.yaml").write_text(text, encoding="utf-8")
    return Phrasebook.load(folder)


def passage(technique: str, text: str, cautions: tuple[Caution, ...] = ()) -> Passage:
    return Passage(
        passage_id=f"p-{technique}-{len(text)}",
        document_id="d1",
        document="手册",
        section=technique,
        text=text,
        kind="technique",
        stage="general",
        techniques=(technique,),
        cautions=cautions,
        start=0,
        end=len(text),
    )


TIMED = passage(
    "一定要讲明时限",
    "### 技巧:一定要讲明时限\n- 别名:讲明时限\n\n**步骤**\n1. 答不上来就去问,说清几点前在这里回他。\n"
    "2. 到点没结果也要告诉进展。\n\n**不要说**\n- ✗「我去问主管有没有活动,随缘回您」——没有时限。",
)
BARGAIN = passage("议价", "标价统一时直说改不了,别哄顾客说能便宜;有券就主动给。")
PASSAGES = {"一定要讲明时限": (TIMED,), "议价": (BARGAIN,)}


def of_technique(technique: str) -> tuple[Passage, ...]:
    return PASSAGES.get(technique, ())


def conversation(
    *lines: str, order: dict[str, object] | None = None, authorised: Sequence[str] = (), shop: str = "织语"
) -> Conversation:
    """Lines of a customer; those that begin with "客服:" are the agent's."""
    messages = [
        {"role": "agent", "text": t.removeprefix("客服:")} if t.startswith("客服:") else {"role": "customer", "text": t}
        for t in lines
    ]
    data = {"messages": messages, "policy": {"shop": shop, "authorised": list(authorised)}}
    return Conversation.read({**data, **({"order": order} if order else {})})


def match(situation_id: str, score: float = 0.9, text_index: int = 0) -> SituationMatch:
    entry = CATALOGUE.by_id[situation_id]
    return SituationMatch(
        situation_id=situation_id,
        name=entry.name,
        stage=entry.stage,
        score=score,
        exemplar=entry.exemplars[0],
        text_index=text_index,
    )


def brief(
    talk: Conversation,
    *matches: SituationMatch,
    tone: Tone = "normal",
    passages: tuple[Passage, ...] = (),
    now: datetime = NOON,
    strategy: Strategy = "balanced",
) -> Brief:
    return Brief(talk, READER.read(talk, matches), passages, now, tone, strategy)


def proposal(engine: OfflineEngine, of: Brief) -> Proposal:
    *_, last = engine.propose(of)
    return last
