"""The chat-model engine: a fenced prompt out, sentences with checked citations back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import prompts
from assistant.engines import Brief, EngineError
from assistant.engines.chat_wire import ChatWire
from assistant.engines.context import ChatContext
from assistant.engines.grounding import best_quote
from assistant.guardrails.inbound import restore
from assistant.settings import Settings
from assistant.values import EngineName, Finding, Proposal, Support
from knowledge.values import Passage

_MARK = re.compile(r"\s*[\[【]\s*(?:P\s*(\d+)|(F)|(A)|(-))\s*[\]】]")
_SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?~…]+[”」』）)😊]*(?:\s*[\[【][^\]】\n]{1,6}[\]】])*|[^\n]*\n")
_MARK_UNDER_WAY = re.compile(r"\s*(?:[\[【][^\]】\n]{0,6})?")
MAX_CHARACTERS = 600
"""A reply that grows past this is not one: the model runs on, and is stopped."""


class ChatEngine:
    """Any OpenAI-compatible chat model, through LangChain."""

    def __init__(self, settings: Settings) -> None:
        self._wire = ChatWire(settings)
        self._context_tokens = settings.chat_context_tokens

    @property
    def name(self) -> EngineName:
        return "chat"

    def propose(self, brief: Brief) -> Iterator[Proposal]:
        context = ChatContext.of(brief, self._context_tokens)
        system, user = prompts.load("reply").render(
            language=context.language,
            tone=context.tone,
            authorities=context.authorities,
            facts=context.facts,
            now=context.now,
            situation=context.situation,
            plan=context.plan,
            examples=context.examples,
            passages=context.passages,
            conversation=context.conversation,
            fence=context.fence,
            answer_by=context.answer_by,
        )
        yield from self._read(self._wire.stream(system, user), _Reply(brief.passages, context.originals))

    def repair(self, brief: Brief, rejected: Proposal, findings: Sequence[Finding]) -> Iterator[Proposal]:
        context = ChatContext.of(brief, self._context_tokens)
        listed = "\n".join(
            f"- 「{f.text}」:{f.message}" + (f" 可改为:{f.suggestion}" if f.suggestion else "") for f in findings
        )
        masks = {original: name for name, original in context.originals.items()}
        reply = rejected.reply
        for original, name in masks.items():
            reply = reply.replace(original, name)
        system, user = prompts.load("repair").render(
            reply=reply, findings=listed, authorities=context.authorities, fence=context.fence
        )
        yield from self._read(self._wire.stream(system, user), _Reply(brief.passages, context.originals))

    def _read(self, pieces: Iterable[str], reply: _Reply) -> Iterator[Proposal]:
        """Sentences as they become whole. A reply with no sentence at all is an error, not an empty draft."""
        pending = ""
        for piece in pieces:
            pending += piece
            whole, pending = _take_sentences(pending)
            for sentence in whole:
                if reply.add(sentence):
                    yield reply.proposal()
            if len(reply.text) + len(pending) > MAX_CHARACTERS:
                raise EngineError(
                    "chat.runaway", "大模型的回复太长,不像一条回复", "The chat model ran on far past one reply"
                )
        if reply.add(pending):
            yield reply.proposal()
        if not reply.text:
            raise EngineError("chat.empty", "大模型没有写出回复", "The chat model wrote nothing")


def _take_sentences(text: str) -> tuple[list[str], str]:
    """Whole sentences at the start of `text`, and the rest. The last is held back while its mark may be under way."""
    spans = [m.span() for m in _SENTENCE.finditer(text)]
    if spans and not text.endswith("\n") and _MARK_UNDER_WAY.fullmatch(text[spans[-1][1] :]):
        spans.pop()
    cut = spans[-1][1] if spans else 0
    return [text[a:b] for a, b in spans], text[cut:]


class _Reply:
    """The reply so far: marks taken out of the text and turned into supports whose quotes are verified."""

    def __init__(self, passages: tuple[Passage, ...], originals: dict[str, str]) -> None:
        self.text = ""
        self._originals = originals
        self._supports: list[Support] = []
        self._passages = passages
        self._new_bubble = False

    def add(self, raw: str) -> bool:
        """Take in one sentence; False when it holds nothing to say."""
        sentence = restore(_MARK.sub("", raw).strip(), self._originals)
        ends_bubble = raw.endswith("\n")
        if not sentence:
            self._new_bubble = self._new_bubble or (ends_bubble and bool(self.text))
            return False
        if self._new_bubble:
            self.text += "\n"
        start = len(self.text)
        self.text += sentence
        self._supports.append(self._support(sentence, start, raw))
        self._new_bubble = ends_bubble
        return True

    def _support(self, sentence: str, start: int, raw: str) -> Support:
        """What the marks claim, if it is so: a passage that was given and has words to quote, else unsupported."""
        span = (start, start + len(sentence))
        courtesy = False
        for number, fact, authority, dash in _MARK.findall(raw):
            if number and 0 < int(number) <= len(self._passages):
                passage = self._passages[int(number) - 1]
                quote = best_quote(sentence, passage.text)
                if quote:
                    return Support(span=span, kind="passage", passage_id=passage.passage_id, quote=quote)
            elif fact:
                return Support(span=span, kind="order_fact")
            elif authority:
                return Support(span=span, kind="policy")
            courtesy = courtesy or bool(dash)
        return Support(span=span, kind="courtesy" if courtesy else "unsupported")

    def proposal(self) -> Proposal:
        return Proposal(
            reply=self.text, bubbles=tuple(self.text.split("\n")), supports=tuple(self._supports), engine="chat"
        )
