"""What each sentence of an offline reply rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import re2

from assistant.engines import Brief
from assistant.engines.grounding import best_quote, sentences
from assistant.engines.wording import SaidMove
from assistant.situation.script import folded
from assistant.values import Support
from knowledge.phrasebook import Slot
from knowledge.values import Passage

PassagesOfTechnique = Callable[[str], tuple[Passage, ...]]
_ORDER_SLOTS = {"item", "price_yuan", "order_tail", "courier", "tracking_status", "paid_at", "shipped_at", "signed_at"}
_STRANGE = 4
"""Character pairs that a passage of another technique must share: fewer are chance."""
_COURTESY = {"greet", "thank", "close", "acknowledge", "apologise"}
_NOT_ADVICE = re2.compile(r"(?m)^.*✗.*$|^\*\*(?:何时不用|不要说|依据)\*\*.*$|^\s*-\s*(?:别名|阶段|情境)[::].*$|^#.*$")
_LEAD = re2.compile(r"^(?:\*\*[^*]{1,12}\*\*|[-•·\s]|\d+[.、)]\s*|「)+")
_ENGLISH_SENTENCE = re2.compile(r"[^.!?\n]+[.!?]*")


def quote_of(sentence: str, passage: Passage, least: int = 2) -> str | None:
    """The words of the passage that teach `sentence`, sharing at least so many character pairs with it, or None.

    Lines that show what not to say, or when not to use a technique, never do.
    """
    wanted = folded(sentence)
    advice = _NOT_ADVICE.sub("", passage.text)
    found = best_quote(wanted, advice)
    if not found or len(_pairs(wanted) & _pairs(found)) < least:
        return None
    return _trimmed(found, passage.text)


def _pairs(text: str) -> set[str]:
    bare = "".join(c for c in text if c.isalnum())
    return {bare[i : i + 2] for i in range(len(bare) - 1)}


def any_quote(passage: Passage) -> str | None:
    """The passage's most telling sentence when no words are shared (an English reply, a terse manual)."""
    advice = _NOT_ADVICE.sub("", passage.text)
    quotes = [q for a, b in sentences(advice) if (q := _trimmed(advice[a:b], passage.text)) and len(q) >= 8]
    return max(quotes, key=lambda q: min(len(q), 40)) if quotes else None


def _trimmed(quote: str, text: str) -> str | None:
    bare = str(_LEAD.sub("", quote)).strip().rstrip("」").strip()
    return bare if len(bare) >= 4 and bare in text else None


def spans_of(text: str, english: bool) -> list[tuple[int, int]]:
    """Spans of the sentences of a reply."""
    if not english:
        return sentences(text)
    spans = []
    for match in _ENGLISH_SENTENCE.finditer(text):
        start, end = match.span()
        bare = text[start:end].strip()
        if any(c.isalnum() for c in bare):
            start += text[start:end].index(bare)
            spans.append((start, start + len(bare)))
    return spans


class Citer:
    """Ties sentences to passages of the technique that the move carries out, else to the best passages found."""

    def __init__(self, passages_of_technique: PassagesOfTechnique) -> None:
        self._passages_of_technique = passages_of_technique

    def supports(
        self, placed: Sequence[tuple[SaidMove, int]], brief: Brief, slots: Mapping[Slot, str]
    ) -> tuple[Support, ...]:
        """One support a sentence; `placed` are the moves with their offset in `reply`.

        When no sentence found a quote and clean passages are at hand, the most substantial sentence is given one.
        """
        english = brief.situation.language == "en"
        supports: list[Support] = []
        for said, offset in placed:
            passages, own = self._candidates(said, brief)
            for start, end in spans_of(said.text, english):
                span = (offset + start, offset + end)
                supports.append(self._support(said, said.text[start:end], span, passages, own, slots))
        if not any(s.kind == "passage" for s in supports):
            supports = self._at_least_one(placed, supports, brief)
        return tuple(supports)

    def _candidates(self, said: SaidMove, brief: Brief) -> tuple[tuple[Passage, ...], bool]:
        """Passages to quote from, and whether they are of the move's own technique."""
        technique = said.planned.move.technique
        own = tuple(p for p in self._passages_of_technique(technique) if usable(p)) if technique else ()
        return (own, True) if own else (tuple(p for p in brief.passages if usable(p)), False)

    def _support(
        self,
        said: SaidMove,
        sentence: str,
        span: tuple[int, int],
        passages: Sequence[Passage],
        own: bool,
        slots: Mapping[Slot, str],
    ) -> Support:
        kind = said.planned.move.move
        used = {name for name in said.planned.move.needs if slots.get(name)} | {
            name for name in slots if name in _ORDER_SLOTS and len(slots[name]) >= 2 and slots[name] in sentence
        }
        facts = sorted(used & _ORDER_SLOTS)
        if facts and kind in ("fact", "next_step", "ask", "explain") and slots[facts[0]] in sentence:
            return Support(span=span, kind="order_fact", fact="order." + facts[0])
        if said.planned.move.authority and kind in ("offer", "explain", "decline"):
            return Support(span=span, kind="policy", fact=said.planned.move.authority[0])
        if said.planned.move.technique or kind not in _COURTESY:
            for passage in passages:
                quote = quote_of(sentence, passage, least=2 if own else _STRANGE)
                if quote:
                    return Support(span=span, kind="passage", passage_id=passage.passage_id, quote=quote)
        if said.planned.own and kind not in _COURTESY:
            return Support(span=span, kind="policy", fact="own_wording")
        return Support(span=span, kind="courtesy" if kind in _COURTESY else "unsupported")

    def _at_least_one(
        self, placed: Sequence[tuple[SaidMove, int]], supports: list[Support], brief: Brief
    ) -> list[Support]:
        free = [i for i, s in enumerate(supports) if s.kind in ("unsupported", "courtesy")] or list(
            range(len(supports))
        )
        if not free:
            return supports
        chosen = max(free, key=lambda i: supports[i].span[1] - supports[i].span[0])
        taught = [p for said, _ in placed for p in self._candidates(said, brief)[0]]
        for passage in taught:
            quote = any_quote(passage)
            if quote:
                supports[chosen] = Support(
                    span=supports[chosen].span, kind="passage", passage_id=passage.passage_id, quote=quote
                )
                break
        return supports


def usable(passage: Passage) -> bool:
    """Clean: nothing in it is cautioned against, and it is not an example of what not to say."""
    return not passage.cautions and passage.kind != "bad_example"
