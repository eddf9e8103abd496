"""What the tests of learning share: drafts that were made, and a Learning over a small phrasebook and the real rules."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from assistant.engines.offline import OfflineEngine
from assistant.guardrails import Guardrails
from assistant.guardrails.inbound import mask
from assistant.learning.learning import Learning
from assistant.own_wordings import OwnWordings
from assistant.records import Records
from assistant.values import Draft, Situation
from knowledge.points import PointBook
from tests.assistant.drafts import conversation, of_technique, phrasebook

REPLY = "您要的颜色我看看。今天下午4点前回复您。"
HABIT = "定下来之前多比几家也没关系"


@cache
def guardrails() -> Guardrails:
    """The shipped rules, read once."""
    return Guardrails.load()


def small_engine(folder: Path) -> OfflineEngine:
    """Over the small phrasebook and no points: reading all that ship takes seconds."""
    return OfflineEngine(of_technique, phrasebook(folder / "book"), PointBook(points=()))


def opened_records(folder: Path) -> Records:
    return Records.open(f"sqlite:///{folder}/records.db", mask=lambda text: mask(text).text)


def learning_in(folder: Path, records: Records, engine: OfflineEngine) -> Learning:
    own = OwnWordings(folder / "phrasebook", engine.adopt)
    return Learning(records, own, guardrails().check, engine.situations, records.audit)


def drafted(
    records: Records,
    name: str,
    intents: tuple[str, ...] = ("pre.bargain",),
    asked: str = "便宜点吧",
    reply: str = REPLY,
    **facts: Any,
) -> str:
    """Keep a draft under this id; gives the id."""
    situation = Situation(
        stage="pre_sale", intents=intents, emotion="calm", customer_type="未定", risks=(), language="zh-Hans"
    )
    draft = Draft(
        id=name, reply=reply, bubbles=(reply,), verdict="pass", findings=(), situation=situation, citations=(),
        next_steps=(), engine="offline", notice=None, timings_ms={},
    )  # fmt: skip
    records.keep_draft(draft, conversation(asked, **facts))
    return name
