"""What each sentence of a draft rests on, numbered in the order in which the reply first uses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from assistant.conversation import Conversation
from assistant.values import Draft
from knowledge.values import Passage, Value

Span = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Drafted:
    """A draft with the conversation it was made for. Compared by identity: Gradio hashes what a session keeps."""

    draft: Draft
    conversation: Conversation


class Source(Value):
    """One thing that sentences rest on. `number` counts from 1; `spans` are the sentences' places in the reply.

    For a passage, `title` and `section` say where it stands, `text` is the whole of it and `quotes` are in it word
    for word; `text` is None when the passage has been removed since. For a fact or a clause, `text` is that.
    """

    number: int
    kind: Literal["passage", "order_fact", "policy"]
    title: str = ""
    section: str = ""
    text: str | None = None
    quotes: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()


class Sentence(Value):
    """A sentence of the reply: its place, what kind of thing supports it, and the sources' numbers."""

    span: Span
    kind: Literal["passage", "order_fact", "policy", "courtesy", "unsupported"]
    sources: tuple[int, ...] = ()


def sources_of(draft: Draft, passage_of: Callable[[str], Passage | None]) -> tuple[Source, ...]:
    """The draft's sources, passages and facts alike."""
    found: dict[tuple[str, str], Source] = {}

    def note(key: tuple[str, str], new: Source, span: Span, quote: str | None) -> None:
        old = found.get(key) or new.model_copy(update={"number": len(found) + 1})
        quotes = (*old.quotes, quote) if quote and quote not in old.quotes else old.quotes
        spans = old.spans if span in old.spans else (*old.spans, span)
        found[key] = old.model_copy(update={"quotes": quotes, "spans": spans})

    uses = sorted(
        [(c.span, "passage", c.passage_id, c.quote) for c in draft.citations]
        + [(s.span, s.kind, s.fact or "", None) for s in draft.supports if s.kind in {"order_fact", "policy"}]
    )
    cited = {c.passage_id: c for c in draft.citations}
    for span, kind, key, quote in uses:
        if kind == "passage":
            passage, citation = passage_of(key), cited[key]
            new = Source(
                number=0,
                kind="passage",
                title=citation.document,
                section=citation.section,
                text=passage.text if passage else None,
            )
            note(("passage", key), new, span, quote)
        elif kind == "policy":
            note(("policy", key), Source(number=0, kind="policy", text=key), span, None)
        else:
            note(("order_fact", key), Source(number=0, kind="order_fact", text=key), span, None)
    return tuple(found.values())


def sentences_of(draft: Draft, sources: tuple[Source, ...]) -> tuple[Sentence, ...]:
    """The reply's sentences in order, without overlaps; what no support covers is left between them."""
    spans = sorted({*(s.span for s in draft.supports), *(c.span for c in draft.citations)})
    kinds = {s.span: s.kind for s in draft.supports}
    out: list[Sentence] = []
    for span in spans:
        if out and span[0] < out[-1].span[1]:
            continue
        numbers = tuple(s.number for s in sources if span in s.spans)
        out.append(Sentence(span=span, kind=kinds.get(span, "passage"), sources=numbers))
    return tuple(out)


def bubble_spans(reply: str, bubbles: tuple[str, ...]) -> tuple[Span, ...]:
    """Where each bubble stands in the reply; the whole reply as one when they do not line up."""
    spans: list[Span] = []
    cursor = 0
    for bubble in bubbles:
        at = reply.find(bubble, cursor)
        if at < 0:
            return ((0, len(reply)),)
        spans.append((at, at + len(bubble)))
        cursor = at + len(bubble)
    return tuple(spans) or ((0, len(reply)),)
