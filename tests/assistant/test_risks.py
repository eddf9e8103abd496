"""Dangers in customers' words, in many voices, told apart from figures of speech; people come first in what is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from assistant import notices
from assistant.conversation import Conversation
from assistant.situation import CueBook, SituationReader
from assistant.situation.cues import seen
from assistant.situation.script import folded
from assistant.values import Risk
from knowledge.situations import SituationCatalogue

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "risks.jsonl").read_text(encoding="utf-8").splitlines()
]
GRAVE: set[str] = set(get_args(Risk)) - {"injection", "personal_data", "extortion"}
TO_PEOPLE = ("self_harm", "injury", "allergy", "fire", "child_danger", "food_poisoning", "threat")


def named(text: str, cues: CueBook) -> set[str]:
    return {str(hit.value) for hit in seen(cues.risks, ((0, folded(text)),))} & GRAVE


@pytest.fixture(scope="module")
def cues() -> CueBook:
    return CueBook.load()


def test_danger_is_recognised_in_many_voices(cues: CueBook) -> None:
    told = [r for r in ROWS if r["risk"]]
    missed = [r["text"] for r in told if r["risk"] not in named(r["text"], cues)]
    assert len(missed) <= len(told) // 20, missed


def test_figures_of_speech_are_no_danger(cues: CueBook) -> None:
    plain = [r["text"] for r in ROWS if not r["risk"]]
    alarmed = [text for text in plain if named(text, cues)]
    assert len(alarmed) <= len(plain) // 25, alarmed


@pytest.mark.parametrize(
    ("text", "is_danger"),
    [
        ("娃对花生过敏,这个酱里有没有花生", False),
        ("海鲜过敏能吃吗", False),
        ("我对花生过敏,吃了嘴肿,你们写的里面有没有花生", True),
        ("嘴肿得厉害 他花生过敏 里面有没有花生", True),
        ("用了过敏了,还能用吗", True),
    ],
)
def test_an_allergy_told_before_buying_is_no_accident(text: str, is_danger: bool, cues: CueBook) -> None:
    assert bool(named(text, cues)) is is_danger


@pytest.mark.parametrize("risk", TO_PEOPLE)
def test_the_agent_is_told_whom_to_call_before_anything_else(risk: Risk) -> None:
    situation = SituationReader(SituationCatalogue.load()).read(talk("您好"), ())
    step = notices.steps(situation.model_copy(update={"risks": (risk,)}), ("查订单",))[0].zh
    assert any(number in step for number in ("110", "119", "120"))
    assert "主管" in step


def test_a_danger_once_told_stays_in_sight() -> None:
    reader = SituationReader(SituationCatalogue.load())
    assert "injury" in reader.read(talk("杯子炸了,手上全是血", "客服:您先处理伤口", "那退款怎么弄"), ()).risks


def talk(*lines: str) -> Conversation:
    messages = [
        {"role": "agent" if t.startswith("客服:") else "customer", "text": t.removeprefix("客服:")} for t in lines
    ]
    return Conversation.read({"messages": messages})
