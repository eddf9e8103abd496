"""The chat model as a third reader of a reply: a pinned prompt out, strict JSON back, within a few seconds."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

import prompts
from assistant.engines import EngineError
from assistant.engines.chat_wire import ChatWire
from assistant.engines.context import data, describe
from assistant.guardrails.context import CheckContext
from assistant.guardrails.inbound import mask, restore
from assistant.guardrails.opinion import UNKNOWN, Answer, Question
from assistant.settings import Settings

_LONGEST_ANSWER = 8_000
_BETWEEN = "\x1e"
_TURN = 400
"""Characters of what the customer said that are shown."""
_FRAMED = re.compile(r"\A\s*```(?:json)?\s*(\{.*\})\s*```\s*\Z", re.DOTALL)


class _One(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: int
    opinion: Literal["block", "pass", "unsure"]
    words: str = Field(max_length=300)


class _Answers(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    answers: list[_One]


class ChatOpinion:
    """Asks the configured chat model. What leaves the machine is free of personal data and fenced as data."""

    def __init__(self, settings: Settings) -> None:
        hurried = {"chat_timeout_s": settings.guard_opinion_timeout_s, "chat_temperature": 0.0}
        self._wire = ChatWire(settings.model_copy(update=hurried))

    def __call__(self, questions: Sequence[Question], context: CheckContext) -> tuple[Answer, ...]:
        """An answer to each. EngineError: no answer in time, or none at all. What can't be read is "unknown"."""
        fence = "资料" + hashlib.sha256(repr(questions).encode("utf-8")).hexdigest()[:8]
        facts = context.order.facts() if context.order else {}
        said = "\n".join(m.text for m in context.messages if m.role == "customer")[-_TURN:]
        parts = [
            ";".join(f"{name}={value}" for name, value in facts.items()) or "没有订单信息",
            said or "(无)",
            *(part for q in questions for part in (q.sentence, q.words)),
        ]
        masked = mask(_BETWEEN.join(part.replace(_BETWEEN, " ") for part in parts))
        order, asked, *clauses = (data(part, fence) for part in masked.text.split(_BETWEEN))
        system, user = prompts.load("opinion").render(
            authorities=";".join(describe(a) for a in context.authorities) or "没有任何额外授权",
            facts=order,
            asked=asked,
            clauses="\n".join(
                f"第 {number} 题\n怀疑:{question.meaning}\n可疑的词:{clauses[2 * number - 1]}\n整句:{clauses[2 * number - 2]}"
                for number, question in enumerate(questions, 1)
            ),
            fence=fence,
        )
        sentences = [clauses[2 * i] for i in range(len(questions))]
        return tuple(
            answer.model_copy(update={"words": restore(answer.words, masked.originals)})
            for answer in _read(self._written(system, user), sentences)
        )

    def _written(self, system: str, user: str) -> str:
        text = ""
        for piece in self._wire.stream(system, user):
            text += piece
            if len(text) > _LONGEST_ANSWER:
                raise EngineError("chat.runaway", "大模型的答复太长", "The chat model's answer ran on")
        return text


def _read(text: str, sentences: Sequence[str]) -> list[Answer]:
    """The answers, in the questions' order. Anything but one whole answer to each is no answer; so is a block whose words
    do not stand in the sentence.
    """
    framed = _FRAMED.match(text)
    try:
        answers = _Answers.model_validate_json(framed.group(1) if framed else text).answers
    except ValidationError:
        return [UNKNOWN for _ in sentences]
    by_id = {one.id: one for one in answers}
    if len(answers) != len(by_id) or by_id.keys() != set(range(1, len(sentences) + 1)):
        return [UNKNOWN for _ in sentences]
    return [
        UNKNOWN
        if (one.words and one.words not in sentence) or (one.opinion == "block" and not one.words)
        else Answer(opinion=one.opinion, words=one.words)
        for one, sentence in ((by_id[number], sentence) for number, sentence in enumerate(sentences, 1))
    ]
