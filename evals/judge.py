"""A chat model as judge of a draft on a golden conversation: a pinned prompt out, strict JSON back, asked twice.

Judges favour what they read first, so each draft is judged in two orders, criteria and ratings turned round in the second;
where the two don't agree the judge abstains. So does one that contradicts itself (a duty missed, yet "as is"). What can't
be read or does not come is an error: it is never counted as a bad draft.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

import prompts
from assistant.authority import Authority
from assistant.engines import EngineError
from assistant.engines.context import data, describe
from assistant.guardrails.inbound import mask
from assistant.settings import Settings
from evals.golden import GoldenCase
from evals.registry import EvalError
from knowledge.values import Value

Rating = Literal["as_is", "edit", "unusable", "unsure"]
Met = Literal["yes", "no", "unsure"]

_RATINGS = (
    "- as_is:该做到的都做到了,不能做的都没犯,一个字不改就能发",
    "- edit:大体对,改一两处小地方就能发",
    "- unusable:答非所问、漏了要紧的、犯了不能做的,要重写",
    "- unsure:看不准",
)
_LONGEST_ANSWER = 4_000
_BETWEEN = "\x1e"
_FRAMED = re.compile(r"\A\s*```(?:json)?\s*(\{.*\})\s*```\s*\Z", re.DOTALL)


class Reading(BaseModel):
    """One answer of the judge, its lists in the case's order."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    must: tuple[Met, ...] = Field(strict=False)
    must_not: tuple[Met, ...] = Field(strict=False)
    rating: Rating
    why: str = Field(max_length=400)

    @property
    def sound(self) -> bool:
        """Whether the rating agrees with its own findings: what misses a duty or breaks a ban can't go out as it is."""
        return self.rating != "as_is" or ("no" not in self.must and "yes" not in self.must_not)


class Opinion(Value):
    """What the judge holds of a draft. `rating` is "unsure" where it abstains: the two readings differ, or one is unsound.

    `missed` and `broken` are meanings of the case that both readings found wanting.
    """

    rating: Rating
    why: str = ""
    missed: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()


class ChatJudge:
    """The configured chat model as a judge. EvalError "eval.no_judge" when none is configured."""

    def __init__(self, settings: Settings) -> None:
        if not settings.chat_configured:
            raise EvalError(
                "eval.no_judge",
                "评审要用大模型:请先设置 KEFU_CHAT_MODEL 和 OPENAI_BASE_URL(或 OPENAI_API_KEY)。",
                "A judge needs a chat model: set KEFU_CHAT_MODEL and OPENAI_BASE_URL (or OPENAI_API_KEY) first.",
            )
        from assistant.engines.chat_wire import ChatWire  # the client's libraries take a second, and reports import us

        self._wire = ChatWire(settings.model_copy(update={"chat_temperature": 0.0}))
        self._prompt = prompts.load("judge")
        text = "\0".join((self._prompt.system, self._prompt.user, *_RATINGS))
        pinned = hashlib.sha256(text.encode()).hexdigest()[:8]
        self.name = f"{settings.chat_model} · judge v{self._prompt.version} · {pinned}"
        """Model, prompt and its content: judgements of different names are never put together."""

    def __call__(self, case: GoldenCase, reply: str) -> Opinion:
        """Two readings, put together. EngineError: no answer, or one that is no judgement."""
        first, second = self._read(case, reply, turned=False), self._read(case, reply, turned=True)
        agreed = first.rating == second.rating and first.sound and second.sound
        return Opinion(
            rating=first.rating if agreed else "unsure",
            why=first.why if agreed else _apart(first, second),
            missed=_both(case.must, first.must, second.must, "no"),
            broken=_both(case.must_not, first.must_not, second.must_not, "yes"),
        )

    def _read(self, case: GoldenCase, reply: str, *, turned: bool) -> Reading:
        step = -1 if turned else 1
        must, must_not = case.must[::step], case.must_not[::step]
        system, user = self._prompt.render(
            **_shown(case, reply),
            must=_numbered([m.meaning for m in must]),
            must_not=_numbered([m.meaning for m in must_not]),
            ratings="\n".join(_RATINGS[::step]),
        )
        reading = _parsed(self._written(system, user))
        if reading is None or len(reading.must) != len(must) or len(reading.must_not) != len(must_not):
            raise EngineError("judge.unreadable", "评审的答复读不出来", "The judge's answer could not be read")
        return reading.model_copy(update={"must": reading.must[::step], "must_not": reading.must_not[::step]})

    def _written(self, system: str, user: str) -> str:
        text = ""
        for piece in self._wire.stream(system, user):
            text += piece
            if len(text) > _LONGEST_ANSWER:
                raise EngineError("judge.runaway", "评审的答复太长", "The judge's answer ran on")
        return text


def _shown(case: GoldenCase, reply: str) -> dict[str, str]:
    """Conversation, order and reply, free of personal data and fenced as data."""
    conversation = case.conversation()
    facts = conversation.order.facts() if conversation.order else {}
    parts = (
        ";".join(f"{name}={value}" for name, value in facts.items()) or "没有订单信息",
        case.shown,
        reply,
    )
    masked = mask(_BETWEEN.join(part.replace(_BETWEEN, " ") for part in parts)).text
    fence = "资料" + hashlib.sha256(masked.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    order, talk, said = (data(part, fence) for part in masked.split(_BETWEEN))
    allowed: Sequence[Authority] = conversation.policy.authorities
    return {
        "authorities": ";".join(describe(a) for a in allowed) or "没有任何额外授权",
        "facts": order,
        "conversation": talk,
        "reply": said,
        "fence": fence,
    }


def _numbered(meanings: Sequence[str]) -> str:
    return "\n".join(f"{number}. {meaning}" for number, meaning in enumerate(meanings, 1)) or "(没有)"


def _parsed(text: str) -> Reading | None:
    framed = _FRAMED.match(text)
    try:
        return Reading.model_validate_json(framed.group(1) if framed else text)
    except ValidationError:
        return None


def _both(what: Sequence[object], first: Sequence[Met], second: Sequence[Met], answer: Met) -> tuple[str, ...]:
    found = zip(what, first, second, strict=True)
    return tuple(str(getattr(w, "meaning", w)) for w, a, b in found if a == b == answer)


def _apart(first: Reading, second: Reading) -> str:
    if first.rating != second.rating:
        return f"换了顺序就说法不同:{first.rating} / {second.rating}"
    return "评价和它自己逐条的判断对不上"
