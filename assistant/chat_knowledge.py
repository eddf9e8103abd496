"""What a configured chat model may do for the knowledge: imagine customers' questions, and order search results."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import prompts
from assistant.engines.context import data
from assistant.guardrails.inbound import mask
from assistant.settings import Settings
from knowledge.enrichment import Imagine
from knowledge.errors import KefuError
from knowledge.values import Passage, SearchAnswer, SearchResult, Value

if TYPE_CHECKING:  # loads the client's libraries, which most starts do without
    from assistant.engines.chat_wire import ChatWire

LONGEST_PASSAGE, LONGEST_EXCERPT, LONGEST_SAID = 2000, 240, 600
"""Characters of a passage to imagine from; of one result, and of what was said, when results are ordered."""
FIRST = 40
"""So many results are ordered; those behind stay where they are."""
KEPT = 256
"""Orders that are remembered: the same search again costs nothing."""


def imagining(settings: Settings) -> Imagine:
    """Asks the configured chat model. Raises KefuError "enrich.no_model" when none is."""
    if not settings.chat_configured:
        raise KefuError(
            "enrich.no_model",
            "补充情境要用大模型:请先设置 KEFU_CHAT_MODEL 和 OPENAI_BASE_URL(或 OPENAI_API_KEY)。",
            "Enrichment needs a chat model: set KEFU_CHAT_MODEL and OPENAI_BASE_URL (or OPENAI_API_KEY) first.",
        )
    wire, prompt = _wire(settings), prompts.load("enrich")

    def imagine(passage: Passage) -> str:
        fence = _fence(passage.passage_id)
        text = data(passage.text[:LONGEST_PASSAGE], fence)
        system, user = prompt.render(section=data(passage.section, fence), passage=text, fence=fence)
        return "".join(wire.stream(system, user))

    return imagine


class Cost(Value):
    """What asking about passages will take: `characters` sent, of Chinese about a token each."""

    calls: int
    characters: int


def cost_of(passages: Sequence[Passage]) -> Cost:
    """For saying it before it is spent."""
    prompt = prompts.load("enrich")
    around = len(prompt.system) + len(prompt.user)
    sent = sum(min(len(p.text), LONGEST_PASSAGE) + len(p.section) + around for p in passages)
    return Cost(calls=len(passages), characters=sent)


class Reranker:
    """Orders the first results by a chat model's reading, within a time limit; whatever goes wrong leaves the plain order."""

    def __init__(self, settings: Settings) -> None:
        limit = min(settings.rerank_timeout_s, settings.chat_timeout_s)
        self._wire = _wire(settings.model_copy(update={"chat_timeout_s": limit}))
        self._prompt = prompts.load("rerank")
        self._known: OrderedDict[str, tuple[int, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def rerank(self, texts: Sequence[str], answer: SearchAnswer) -> tuple[SearchAnswer, KefuError | None]:
        """The answer in the model's order, or as it was with the reason."""
        first = answer.results[:FIRST]
        if len(first) < 2:
            return answer, None
        said = "\n".join(texts)[-LONGEST_SAID:]
        key = hashlib.sha256("\0".join((said, *(r.passage.passage_id for r in first))).encode()).hexdigest()
        with self._lock:
            order = self._known.get(key)
        if order is None:
            try:
                order = self._ask(said, first)
            except KefuError as error:
                zh, en = f"{error.zh},结果按原来的顺序显示", f"{error.en}; results in their plain order"
                return answer, KefuError(error.code, zh, en)
            with self._lock:
                self._known[key] = order
                while len(self._known) > KEPT:
                    self._known.popitem(last=False)
        moved = tuple(first[i] for i in order)
        return answer.model_copy(update={"results": (*moved, *answer.results[FIRST:])}), None

    def _ask(self, said: str, results: Sequence[SearchResult]) -> tuple[int, ...]:
        fence = _fence(said)
        shown = "\n".join(
            f"[{number}] {data(r.passage.section, fence)}:{data(' '.join(r.passage.text.split())[:LONGEST_EXCERPT], fence)}"
            for number, r in enumerate(results, start=1)
        )
        system, user = self._prompt.render(said=data(mask(said).text, fence), passages=shown, fence=fence)
        return order_of("".join(self._wire.stream(system, user)), len(results))


def order_of(answer: str, count: int) -> tuple[int, ...]:
    """Places from 0 in the order that a model gave, those it left out behind. Raises KefuError "rerank.unusable"."""
    named = [int(number) - 1 for number in re.findall(r"\d{1,3}", answer[:400])]
    order = list(dict.fromkeys(place for place in named if 0 <= place < count))
    if not order or len(order) < len(set(named)) or re.search(r"[A-Za-z\u4e00-\u9fff]{12,}", answer):
        raise KefuError("rerank.unusable", "大模型给出的顺序用不了", "The order that the chat model gave can't be used")
    return (*order, *(place for place in range(count) if place not in set(order)))


def _wire(settings: Settings) -> ChatWire:
    from assistant.engines.chat_wire import ChatWire

    return ChatWire(settings)


def _fence(text: str) -> str:
    """A mark that no text can have foreseen."""
    return "资料" + hashlib.sha256(f"{secrets.token_hex(8)}{text}".encode("utf-8", "surrogatepass")).hexdigest()[:8]
