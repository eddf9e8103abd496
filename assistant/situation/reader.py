"""From a conversation to how it reads: stage, wishes, feeling, kind of customer, risks, language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from assistant.conversation import Conversation
from assistant.situation.cues import CueBook, Seen, seen
from assistant.situation.facts import stated
from assistant.situation.script import folded, language_of
from assistant.values import CustomerType, Emotion, Evidence, Risk, Situation
from knowledge.situations import SituationCatalogue
from knowledge.values import SituationMatch, Stage

MAX_INTENTS = 5
"""More questions than this in one turn are not answered in one reply."""
_SURE = 0.88
"""A match as near as this speaks for itself; e5 scores of unrelated short texts reach 0.85 (measured)."""
_TIE = 0.012
"""Matches of one bubble within this of the best are as good as it; words then decide."""
_CUE = 0.08
"""How much a sure cue adds to a match's score."""
_LONG_TALK = 180
"""Characters of one turn from which a customer is taken for a great talker."""


class SituationReader:
    """Reads conversations. Deterministic; needs no model of its own: the matches come from the search."""

    def __init__(self, catalogue: SituationCatalogue, cues: CueBook | None = None) -> None:
        self._catalogue = catalogue
        self._cues = cues or CueBook.load()

    def texts(self, conversation: Conversation) -> tuple[str, ...]:
        """What to search for: the customer's last turn, bubble by bubble, and together when there are several.

        `text_index` of a match is an index into this. A conversation without a customer is searched by its last words.
        """
        turn = [m.text for m in conversation.last_customer_turn if m.text.strip()]
        if not turn:
            turn = [m.text for m in conversation.messages if m.text.strip()][-1:]
        bubbles = [t[:400] for t in turn[-6:]]
        return (*bubbles, " ".join(bubbles)[:600]) if len(bubbles) > 1 else tuple(bubbles)

    def read(self, conversation: Conversation, matches: Sequence[SituationMatch]) -> Situation:
        """How `conversation` reads; `matches` are those of `texts`, best first."""
        all_texts = tuple((i, folded(m.text)) for i, m in enumerate(conversation.messages) if m.role == "customer")
        turn = all_texts[-len(conversation.last_customer_turn) :] if all_texts else ()
        hits = tuple(seen(self._cues.intents, turn))
        risks = tuple(seen(self._cues.risks, turn))
        stage_before = _stage_of_order(conversation)
        intents = self._intents(matches, hits, risks, stage_before)
        emotion, felt = self._emotion(turn, all_texts)
        stage = self._stage(intents, all_texts, stage_before)
        customer_type, shown = self._customer_type(turn, intents, stage)
        facts = tuple(e for i, t in all_texts for e in stated(i, t))
        evidence = (
            *(_evidence(f"intent:{h.value}", h) for h in hits if h.value in intents),
            *(_evidence(f"risk:{r.value}", r) for r in risks),
            *felt,
            *shown,
            *facts,
        )
        return Situation(
            stage=stage,
            intents=intents,
            emotion=emotion,
            customer_type=customer_type,
            risks=tuple(dict.fromkeys(r.value for r in risks)),
            language=language_of(tuple(m.text for m in conversation.messages if m.role == "customer")),
            matches=tuple(matches),
            evidence=evidence,
        )

    def _intents(
        self,
        matches: Sequence[SituationMatch],
        hits: Sequence[Seen[str]],
        risks: Sequence[Seen[Risk]],
        order_stage: Stage | None,
    ) -> tuple[str, ...]:
        """Ids, the one to answer first at the front: risks, then what words and resemblance agree on."""
        scores: dict[str, float] = defaultdict(float)
        best_of_text: dict[int, float] = {}
        for match in matches:
            best_of_text.setdefault(match.text_index, match.score)
        for match in matches:
            if match.score >= best_of_text[match.text_index] - _TIE or match.score >= _SURE:
                scores[match.situation_id] = max(scores[match.situation_id], match.score)
        floor = max(best_of_text.values(), default=0.8)
        for hit in hits:
            if hit.value in self._catalogue.by_id or not self._catalogue.entries:
                known = scores.get(hit.value, floor - 0.06)
                scores[hit.value] = max(scores[hit.value], known + _CUE * hit.weight)
        cued = {h.value for h in hits}
        for situation_id in list(scores):
            scores[situation_id] += _stage_fits(situation_id, order_stage)
            if cued and situation_id not in cued:
                scores[situation_id] -= 0.03
        first = [self._cues.risk_intents[r.value] for r in risks if r.value in self._cues.risk_intents]
        ranked = sorted(scores, key=lambda s: (-scores[s], s))
        top = scores[ranked[0]] if ranked else 0.0
        near = [s for s in ranked if scores[s] >= top - 0.05 and (s in cued or scores[s] >= top - _TIE / 2)]
        return tuple(dict.fromkeys((*first, *near)))[:MAX_INTENTS]

    def _emotion(
        self, turn: tuple[tuple[int, str], ...], all_texts: tuple[tuple[int, str], ...]
    ) -> tuple[Emotion, tuple[Evidence, ...]]:
        """What the last turn shows; grief once told holds for the whole talk."""
        for hit in seen(self._cues.emotions, turn):
            return hit.value, (_evidence(f"emotion:{hit.value}", hit),)
        for hit in seen(self._cues.emotions, all_texts):
            if hit.value == "grieving":
                return hit.value, (_evidence("emotion:grieving", hit),)
        return "calm", ()

    def _stage(
        self,
        intents: tuple[str, ...],
        texts: tuple[tuple[int, str], ...],
        of_order: Stage | None,
    ) -> Stage:
        """The first intent that is tied to a stage says it, unless the order knows better; then words; then the order."""
        stages = [self._catalogue.by_id[i].stage for i in intents if i in self._catalogue.by_id]
        told = next((s for s in stages if s != "general"), None)
        if of_order == "after_sale" and told == "in_sale":
            return "in_sale" if _not_received(intents) else "after_sale"
        if told is not None and not (of_order and told == "pre_sale"):
            return told
        if of_order is not None:
            return of_order
        return next((h.value for h in seen(self._cues.stages, texts)), "general" if stages else "pre_sale")

    def _customer_type(
        self, turn: tuple[tuple[int, str], ...], intents: tuple[str, ...], stage: Stage
    ) -> tuple[CustomerType, tuple[Evidence, ...]]:
        if sum(len(t) for _, t in turn) >= _LONG_TALK:
            return "喋喋不休型", ()
        hits = tuple(seen(self._cues.customer_types, turn))
        fitting = next((h for h in hits if _type_fits(h.value, stage)), None)
        if fitting is not None:
            return fitting.value, (_evidence(f"customer_type:{fitting.value}", fitting),)
        for intent in intents:
            if intent in self._cues.intent_types:
                return self._cues.intent_types[intent], ()
        return "未定", ()


_AFTER_SALES_TYPES = {"全面否定型", "喋喋不休型", "立竿见影型", "推卸责任型", "发泄情绪型"}


def _type_fits(customer_type: CustomerType, stage: Stage) -> bool:
    return stage != "pre_sale" or customer_type not in _AFTER_SALES_TYPES - {"立竿见影型"}


def _not_received(intents: tuple[str, ...]) -> bool:
    return any(i in ("in.delivered_not_received", "in.lost", "in.stuck") for i in intents)


def _stage_of_order(conversation: Conversation) -> Stage | None:
    """Where the order stands; None without an order or facts that tell."""
    order = conversation.order
    if order is None:
        return None
    if order.signed_at is not None or "签收" in (order.tracking_status or ""):
        return "after_sale"
    if order.shipped_at is not None or order.paid_at is not None or order.tracking_status:
        return "in_sale"
    return None


def _stage_fits(situation_id: str, stage: Stage | None) -> float:
    """A question asked before buying is unlikely once the order is there, and the other way round."""
    family = situation_id.split(".", 1)[0]
    if stage is None or family == "general":
        return 0.0
    if stage == "after_sale":
        return {"after": 0.02, "in": -0.015, "pre": -0.05}.get(family, 0.0)
    return {"in": 0.02, "pre": -0.03, "after": -0.005}.get(family, 0.0)


def _evidence(what: str, hit: Seen[str] | Seen[Risk] | Seen[Emotion] | Seen[CustomerType]) -> Evidence:
    return Evidence(what=what, message=hit.message, start=hit.start, end=hit.end)
