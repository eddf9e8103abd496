"""From a conversation to how it reads: stage, wishes, feeling, kind of customer, risks, language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import re2

from assistant.conversation import Conversation
from assistant.situation.before import EARLIER, HOW_SPOKEN, aged, log_odds, says_its_own, turn_before
from assistant.situation.borne_out import without_words
from assistant.situation.bubbles import leading, matter_first, unanswered
from assistant.situation.cues import CueBook, Seen, seen
from assistant.situation.customers import customer_type
from assistant.situation.facts import stated
from assistant.situation.ordered import TELLING, language_served, only_orders, orders, without_orders
from assistant.situation.questions import questions_of
from assistant.situation.ranking import Heard, Ranking
from assistant.situation.script import folded, language_of
from assistant.situation.spelling import Spelling
from assistant.situation.stages import go_together, not_received, stage_fits, stage_of_order
from assistant.situation.things import shipped_things
from assistant.values import CustomerType, Emotion, Evidence, Risk, Situation
from knowledge.meaning.reading import MeaningReader
from knowledge.situations import SituationCatalogue
from knowledge.values import SituationMatch, Stage

MAX_INTENTS = 5
"""More questions than this in one turn are not answered in one reply."""
_SURE = 0.0
"""Log odds (a probability of 0.5) below which a wish that no word names is rather guessed: of such first wishes 12 of 45 were
right in the suites' 325 conversations, of likelier ones 164 of 191."""
_COME_BACK_TO = -1.1
"""The same (a probability of 0.25) where somebody comes back to it without a word of anything else: two of the wishes of one turn
share the probability, and to neither would it be answered.
"""
_UNSEEN = 0.015
"""Probability of a situation that the search did not name: about that of the last it names."""
_CUE = 4.0
"""What a sure cue adds to the log odds; leave-one-out over the catalogue's exemplars: first right 47% -> 53%, flat from 4."""
_LIKELY = -1.1
"""Log odds (a probability of 0.25) from which a second wish is taken for one."""
_FAR = 2.2
"""A wish this much less likely (in log odds) than the first, in the same words and with no cue of its own, is no wish."""
_CERTAIN = 5.0
"""Log odds above which wishes are equally sure, and resemblance decides."""
_KNOWN = -2.9
"""Log odds (a probability of 0.05) below which a conversation is one that nobody has described."""
_ALONE = 0.4
"""Log odds (a probability of 0.6) that a further wish needs where no word of the customer's names it."""
_GRAVE = 0.75
"""Probability from which a resemblance alone is taken for danger; a missed danger is worse than a needless question."""
_PRESSING = 0.97
"""Probability from which such a danger is answered before anything else, though no word names it."""
_LASTING: frozenset[Risk] = frozenset(
    {"self_harm", "injury", "allergy", "fire", "child_danger", "food_poisoning", "threat"}
)
"""Dangers to people: once told they stay in sight for the whole conversation, whatever the last turn is about."""
_LIFE: Risk = "self_harm"
_ORDERS: Risk = "injection"
"""One word of this is enough, however unlikely the rest makes it: a needless kind question does no harm."""
_NAMED_ONLY = frozenset({"personal_data", "extortion", "legal", "media"})
"""Risks that only words tell: who resembles them (a name to change, a complaint) must not be answered as one."""
_WORDLESS = re2.compile(r"(?:\[[^\[\]]{1,6}\]|[^\p{L}\p{N}])*")
"""A bubble of placeholders and signs only ([图片], ???): it says something only where nothing else is said."""
_UNBOUGHT = 2.0
"""Log odds that an after-sale situation no word names loses where the customer asks as one who has not bought."""
_SUMMARY = "after.many_questions"
_MOURNING = "after.bereavement"
_MOCKING = "after.sarcasm"
_TONE = 0.8
"""How sure a mocking tone is to be the matter itself."""
_IMPLIED = -0.4
"""Log odds (a probability of 0.4) from which a wish that is about a danger tells of that danger."""
_LONGEST = 600
"""Characters of a turn that are read as one whole, the last ones."""
_FELT = 0.6
"""Probability from which the trained reader's word on a feeling counts more than cue words."""


class SituationReader:
    """Reads conversations. Deterministic. The matches come from the search; `meaning` is the trained reader, without which
    cue words and resemblance alone decide.
    """

    def __init__(
        self, catalogue: SituationCatalogue, cues: CueBook | None = None, meaning: MeaningReader | None = None
    ) -> None:
        self._catalogue = catalogue
        self._cues = cues or CueBook.load()
        self._meaning = meaning
        self._ranking = Ranking.load()
        self._spelling = Spelling(catalogue)

    @property
    def cues(self) -> CueBook:
        """The words that it reads by."""
        return self._cues

    def spoken(self, conversation: Conversation) -> Conversation:
        """The conversation as it is read, what the customer wrote in pinyin in characters; give this to `texts` and `read`."""
        return self._spelling.out(conversation)

    def texts(self, conversation: Conversation) -> tuple[str, ...]:
        """What to search for, oldest first: the customer's turn before (as one), then the last turn bubble by bubble.

        `text_index` of a match is an index into this, or its length for all of it together (the search adds that).
        A conversation without a customer is searched by its last words.
        """
        conversation = without_orders(conversation)
        turn = [line for m in conversation.last_customer_turn for line in m.text.split("\n") if line.strip()]
        if not turn:
            turn = [m.text for m in conversation.messages if m.text.strip()][-1:]
        bubbles = [t[:400] for t in turn[-6:]]
        telling = [t for t in bubbles if len(t.strip()) >= TELLING and not _WORDLESS.fullmatch(t)] or bubbles[-1:]
        before = turn_before(conversation)
        return (" ".join(before), *telling) if before else tuple(telling)

    def read(self, conversation: Conversation, matches: Sequence[SituationMatch]) -> Situation:
        """How `conversation` reads; `matches` are those of `texts`, best first."""
        served = without_orders(conversation)
        if served is conversation:
            return self._reading(conversation, matches)
        found = self._reading(served, matches)
        risks = tuple(dict.fromkeys((*found.risks, _ORDERS)))
        found = found.model_copy(update={"risks": risks, "language": language_served(conversation)})
        if only_orders(conversation):
            grave = (self._cues.risk_intents[r] for r in found.risks if r in _LASTING and r in self._cues.risk_intents)
            wanted = tuple(dict.fromkeys((*grave, self._cues.risk_intents[_ORDERS])))
            found = found.model_copy(update={"intents": wanted})
        return found

    def leans_back(self, conversation: Conversation, situation: Situation) -> bool:
        """Whether the last turn, read as `situation` with its points, names no matter of its own: who only doubts, presses or
        scolds still speaks of what they told before, and that waits for an answer as well.
        """
        texts = tuple((i, folded(m.text)) for i, m in enumerate(conversation.messages) if m.role == "customer")
        turn = texts[len(texts) - len(conversation.last_customer_turn) :]
        if len(turn) == len(texts) or any(seen(self._cues.risks, turn)) or says_its_own(conversation, situation):
            return False
        named = {h.value for h in seen(self._cues.intents, turn)}
        before = {h.value for h in self._earlier(conversation, texts, turn)}
        return not set(situation.intents) - HOW_SPOKEN - set(situation.guesses) - (before - named)

    def _reading(self, conversation: Conversation, matches: Sequence[SituationMatch]) -> Situation:
        all_texts = tuple((i, folded(m.text)) for i, m in enumerate(conversation.messages) if m.role == "customer")
        turn = all_texts[-len(conversation.last_customer_turn) :] if all_texts else ()
        hits = tuple(seen(self._cues.intents, turn)) + self._earlier(conversation, all_texts, turn)
        risks = (*seen(self._cues.risks, turn), *orders(conversation.messages, [i for i, _ in turn]))
        heard = self._heard(conversation)
        emotion, felt = self._emotion(turn, all_texts, heard)
        if emotion == "sarcastic" and conversation.order is not None:
            hits += tuple(Seen(_MOCKING, _TONE, e.message, e.start, e.end) for e in felt)
        stage_before = stage_of_order(conversation)
        likely = aged(matches) if turn_before(conversation) else matches
        leads = leading(self.texts(conversation), likely, turn)
        bought = any(h.value == "after_sale" for h in seen(self._cues.stages, all_texts))
        named = tuple(h.value for h in risks)
        if heard is None:
            found_risks, pressing = self._resembled(matches, named)
            first = frozenset(self._cues.risk_intents[r] for r in pressing if r in self._cues.risk_intents)
            asks = stage_before is None and not bought and any(h.value.startswith("pre.") for h in hits)
            odds = self._odds(likely, hits, first, stage_before, unbought=asks)
        else:
            odds = self._learnt(heard, likely, hits, stage_before, bought)
            found_risks, pressing = self._told(heard, named, odds)
            if _ORDERS not in found_risks:
                odds.pop(self._cues.risk_intents[_ORDERS], None)  # who is angry at rules gives no orders
        earlier = all_texts if heard is None else all_texts[: len(all_texts) - len(turn)]
        told = (hit.value for hit in seen(self._cues.risks, earlier) if hit.value in _LASTING)
        implied = () if heard is None else self._implied(odds)
        found_risks = tuple(dict.fromkeys((*found_risks, *told, *implied)))
        intents = self._intents(odds, likely, hits, pressing, stage_before, leads)
        cued = {h.value for h in hits}
        bare = without_words(intents, conversation)
        bar = _COME_BACK_TO if conversation.reaches_back else _SURE
        unsure = tuple(i for i in intents if heard and i not in cued and (odds.get(i, 0.0) < bar or i in bare))
        stage = self._stage(intents, all_texts, stage_before)
        customer, shown = customer_type(self._cues, turn, intents, stage)
        facts = tuple(e for i, t in all_texts for e in (*stated(i, t), *shipped_things().told(i, t)))
        evidence = (
            *(_evidence(f"intent:{h.value}", h) for h in hits if h.value in intents),
            *(_evidence(f"risk:{r.value}", r) for r in risks),
            *felt,
            *(_evidence(f"customer_type:{customer}", hit) for hit in shown),
            *facts,
            *(Evidence(what="asked", message=q.message, start=q.start, end=q.end) for q in questions_of(conversation)),
        )
        return Situation(
            stage=stage,
            intents=intents,
            emotion=emotion,
            customer_type=customer,
            risks=found_risks,
            language=language_of(tuple(m.text for m in conversation.messages if m.role == "customer")),
            matches=tuple(matches),
            evidence=evidence,
            guesses=unsure,
            chances=() if heard is None else self._ranking.wishes.chances(odds),
        )

    def _implied(self, odds: Mapping[str, float]) -> Iterator[Risk]:
        """Dangers whose situation is likely wanted: told, though no token of them was heard."""
        for risk, situation in self._cues.risk_intents.items():
            if risk not in ("personal_data", _ORDERS) and odds.get(situation, _IMPLIED - 1) >= _IMPLIED:
                yield risk

    def _bars(self, first: float) -> tuple[float, float]:
        """Log odds that a further wish needs: where the customer's words name it, and where none does."""
        if self._meaning is None:
            return _LIKELY, max(_ALONE, first - _FAR)
        return self._ranking.wishes.second_named, self._ranking.wishes.second

    def _heard(self, conversation: Conversation) -> Heard | None:
        """What the trained reader makes of the turn, in one batch."""
        if self._meaning is None:
            return None
        before = " ".join(turn_before(conversation))
        turn = "\n".join(m.text for m in conversation.last_customer_turn if m.text.strip())[-_LONGEST:]
        own = [*([before] if before else []), turn or self.texts(conversation)[-1]]
        read = self._meaning.read(own)
        return Heard(before=read[:-1], whole=read[-1:])

    def _learnt(
        self,
        heard: Heard,
        matches: Sequence[SituationMatch],
        hits: Sequence[Seen[str]],
        order_stage: Stage | None,
        bought: bool,
    ) -> dict[str, float]:
        """Log odds of every situation, from all that speaks for it."""
        cued = {h.value: 0.0 for h in hits}
        for hit in hits:
            cued[hit.value] = max(cued[hit.value], hit.weight)
        stage = {e.id: stage_fits(e.id, order_stage, bought) for e in self._catalogue.entries}
        likeness = {m.situation_id: log_odds(m.score) for m in reversed(matches)}
        odds = heard.wishes(self._ranking.wishes, likeness, cued, stage)
        return {s: o for s, o in odds.items() if s in self._catalogue.by_id}

    def _intents(
        self,
        odds: Mapping[str, float],
        matches: Sequence[SituationMatch],
        hits: Sequence[Seen[str]],
        risks: Sequence[Risk],
        order_stage: Stage | None,
        leads: Mapping[int, frozenset[str]],
    ) -> tuple[str, ...]:
        """Ids, the one to answer first at the front: risks, then what words and resemblance agree on."""
        first = [self._cues.risk_intents[r] for r in risks if r in self._cues.risk_intents]
        cued = {h.value for h in hits}
        likeness = {m.situation_id: m.score for m in matches}
        ranked = sorted(
            odds, key=lambda s: (-min(odds[s], _CERTAIN), -stage_fits(s, order_stage), -likeness.get(s, 0.0), s)
        )
        if order_stage is None and next((s for s in ranked if s != _SUMMARY), "").startswith("pre."):
            ranked = [s for s in ranked if s != _SUMMARY]  # many questions before buying: the first of them leads
        if self._meaning is not None:
            ranked = matter_first(ranked, odds)
        known = _KNOWN if self._meaning is None else self._ranking.wishes.known
        wanted = [s for s in ranked[:1] if odds[s] >= (_KNOWN if s in cued else known)]
        named, unnamed = self._bars(odds[ranked[0]]) if ranked else (0.0, 0.0)
        for other in ranked[1:] if wanted else ():
            if odds[other] >= (named if other in cued else unnamed):
                wanted.append(other)
        fitting = {s: o for s, o in odds.items() if order_stage is None or not s.startswith("pre.")}
        wanted.extend(unanswered(wanted, hits, fitting, leads))
        wanted = [w for w in dict.fromkeys(wanted) if go_together(wanted[0], w)]
        if _MOURNING in wanted:
            wanted = [_MOURNING, *(w for w in wanted if w != _MOURNING)]
        if ranked[:1] == ["general.praise"]:
            wanted = [w for w in wanted if w in cued or w == "general.praise"]
        if wanted[:1] != [_SUMMARY] and _SUMMARY in ranked and odds[_SUMMARY] >= _ALONE:
            wanted.insert(0, _SUMMARY)
        intents = list(dict.fromkeys((*first, *wanted)))
        return tuple(intents[: 1 if intents[:1] == ["general.spam"] else MAX_INTENTS])

    def _odds(
        self,
        matches: Sequence[SituationMatch],
        hits: Sequence[Seen[str]],
        first: frozenset[str],
        order_stage: Stage | None,
        unbought: bool,
    ) -> dict[str, float]:
        """Log odds of every situation that resemblance or words suggest; danger needs words or a close resemblance."""
        odds: dict[str, float] = {}
        grave = set(self._cues.risk_intents.values())
        for match in matches:
            if match.situation_id not in grave or match.situation_id in first or match.score >= _GRAVE:
                odds[match.situation_id] = log_odds(match.score)
        for hit in hits:
            if hit.value in self._catalogue.by_id:
                odds.setdefault(hit.value, log_odds(_UNSEEN))
        for cue in {(h.value, h.weight) for h in hits if h.value in odds}:
            odds[cue[0]] += _CUE * cue[1]
        cued = {h.value for h in hits}
        for situation_id in odds:
            odds[situation_id] += stage_fits(situation_id, order_stage)
            if unbought and situation_id.startswith("after.") and situation_id not in cued:
                odds[situation_id] -= _UNBOUGHT
        return odds

    def _earlier(
        self,
        conversation: Conversation,
        all_texts: tuple[tuple[int, str], ...],
        turn: tuple[tuple[int, str], ...],
    ) -> tuple[Seen[str], ...]:
        """Wishes that words of the customer's turn before name: a last turn is often only its continuation."""
        count = len(turn_before(conversation))
        before = all_texts[: len(all_texts) - len(turn)][-count:] if count else ()
        return tuple(
            replace(h, weight=h.weight * EARLIER)
            for h in seen(self._cues.intents, before)
            if not h.value.startswith("general.") and h.value not in ("pre.greeting", "pre.waiting")
        )

    def _told(
        self, heard: Heard, named: Sequence[Risk], odds: Mapping[str, float]
    ) -> tuple[tuple[Risk, ...], tuple[Risk, ...]]:
        """Dangers that are told, and those of them that must be answered first."""
        weights, wishes = self._ranking.risks, self._ranking.wishes
        own = {
            risk: (odds[situation] - wishes.offset) / wishes.slope
            for risk, situation in self._cues.risk_intents.items()
            if situation in odds
        }
        likely = heard.risks(weights, named, own)
        ranked = sorted(likely, key=lambda r: (-likely[r], r))
        life, signed = {_LIFE} & set(named), {_LIFE, _ORDERS} & set(named)
        bars = {
            r: weights.seen_named if r in named else weights.ordered if r == _ORDERS else weights.seen for r in ranked
        }
        return (
            tuple(r for r in ranked if r in signed or likely[r] >= bars[r]),
            tuple(r for r in ranked if r in life or likely[r] >= weights.pressing),
        )

    def _resembled(
        self, matches: Sequence[SituationMatch], named: Sequence[Risk]
    ) -> tuple[tuple[Risk, ...], tuple[Risk, ...]]:
        """The same from words and resemblance alone."""
        by_intent = {intent: risk for risk, intent in self._cues.risk_intents.items()}
        leading = {m.text_index: m for m in reversed(matches)}.values()
        resembled = [
            (by_intent[m.situation_id], m.score)
            for m in leading
            if m.situation_id in by_intent and by_intent[m.situation_id] not in _NAMED_ONLY
        ]
        every = dict.fromkeys((*named, *(risk for risk, score in resembled if score >= _GRAVE)))
        pressing = dict.fromkeys((*named, *(risk for risk, score in resembled if score >= _PRESSING)))
        return tuple(every), tuple(pressing)

    def _emotion(
        self, turn: tuple[tuple[int, str], ...], all_texts: tuple[tuple[int, str], ...], heard: Heard | None
    ) -> tuple[Emotion, tuple[Evidence, ...]]:
        """What the last turn shows; grief once told holds for the whole talk."""
        if heard is not None:
            emotion, likely = heard.emotion()
            mocked = [h for h in seen(self._cues.emotions, turn) if h.value == "sarcastic" and h.weight == 1][:1]
            if mocked and emotion == "calm":  # words that praise what went wrong tell it better than likeness
                return "sarcastic", (_evidence("emotion:sarcastic", mocked[0]),)
            if likely >= _FELT:
                spoken = [h for h in seen(self._cues.emotions, turn) if h.value == emotion][:1]
                if emotion != "calm" or not any(h.value == "grieving" for h in seen(self._cues.emotions, all_texts)):
                    return emotion, tuple(_evidence(f"emotion:{emotion}", h) for h in spoken)
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
        matters = [i for i in intents if i != _SUMMARY] or intents
        stages = [self._catalogue.by_id[i].stage for i in matters if i in self._catalogue.by_id]
        told = next((s for s in stages if s != "general"), None)
        if of_order == "after_sale" and told == "in_sale":
            return "in_sale" if not_received(intents) else "after_sale"
        if told is not None and not (of_order and told == "pre_sale"):
            return told
        if of_order is not None:
            return of_order
        return next((h.value for h in seen(self._cues.stages, texts)), "general" if stages else "pre_sale")


def _evidence(what: str, hit: Seen[str] | Seen[Risk] | Seen[Emotion] | Seen[CustomerType]) -> Evidence:
    return Evidence(what=what, message=hit.message, start=hit.start, end=hit.end)
