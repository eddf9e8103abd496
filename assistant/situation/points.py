"""Which points the customer makes, sentence by sentence, in the turn that waits for an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import exp, log

from assistant.conversation import Conversation
from assistant.situation.questions import clauses, is_question
from assistant.situation.script import folded
from assistant.values import PointMade, Situation
from knowledge.points import PointBook
from knowledge.values import PointMatch

MatchPoints = Callable[[Sequence[str]], Sequence[PointMatch]]
"""Sentences in, for each its likeliest points out."""

LIKELY, LIKELY_ELSEWHERE = 0.7, 0.85
"""Probabilities from which a sentence makes a point that belongs to a situation read, and one that does not. Of 158 points
found in conversations that taught nothing, about half were right from 0.5 to 0.7, four of five to 0.9, nine of ten above."""
_EXPECTED = 1.2
"""Log odds that a point gains where the conversation is about a situation in which it is made."""
_OUT_OF_STAGE = 1.5
"""Log odds that a point of another stage than the conversation's loses."""
MOST_SENTENCES = 14
"""The last sentences of a turn that are read: who writes more is answered on what they wrote last."""
_LONG = 9
"""Characters from which a sentence is read clause by clause as well."""
_SEVERAL = 2
"""Questions in one sentence, from which each is read by itself and the sentence not as a whole."""
_SHORTEST = 3


@dataclass(frozen=True)
class Sentence:
    """Words of message `message`, [start, end)."""

    message: int
    start: int
    end: int
    text: str


def sentences_of(conversation: Conversation) -> tuple[Sentence, ...]:
    """What the customer said since the agent's last word, cut into sentences, and long ones into clauses as well."""
    waiting = {id(m) for m in conversation.last_customer_turn}
    found: list[Sentence] = []
    for index, message in enumerate(conversation.messages):
        if id(message) not in waiting:
            continue
        text = folded(message.text)
        for start, end, parts in clauses(text):
            asked = sum(is_question(text[a:b]) for a, b in parts)
            whole = [(start, end)] if asked < _SEVERAL else []
            cut = [p for p in parts if p != (start, end)] if asked >= _SEVERAL or end - start >= _LONG else []
            found += [Sentence(index, a, b, message.text[a:b]) for a, b in (whole + cut or [(start, end)])]
    return tuple(s for s in found if sum(c.isalnum() for c in s.text) >= _SHORTEST)[-MOST_SENTENCES:]


class PointReader:
    """Adds the points to a situation that has been read."""

    def __init__(self, book: PointBook, match: MatchPoints) -> None:
        self._book = book
        self._match = match

    @staticmethod
    def sentences(conversation: Conversation) -> tuple[str, ...]:
        """What it reads of a conversation: whoever has other texts to read can read these in the same go."""
        return tuple(sentence.text for sentence in sentences_of(conversation))

    def read(self, conversation: Conversation, situation: Situation) -> Situation:
        """`situation` with its `points`, in the order in which they were made; a word belongs to one point only."""
        sentences = sentences_of(conversation)
        matches = self._match([s.text for s in sentences])
        sayable = (m for m in matches if not self._is_about_an_order(m, conversation, situation))
        weighed = (self._weighed(m, sentences[m.text_index], situation) for m in sayable)
        enough = [p for p in weighed if p.score >= self._needed(p, situation)]
        narrow = _as_asked(tuple(_narrowest(enough)), conversation)
        likely = sorted(narrow, key=lambda p: (-p.score, p.message, p.start))
        made: list[PointMade] = []
        for point in likely:
            if any(point.point == m.point or _overlap(point, m) for m in made):
                continue
            made.append(point)
        return situation.model_copy(update={"points": tuple(sorted(made, key=lambda p: (p.message, p.start)))})

    def _is_about_an_order(self, match: PointMatch, conversation: Conversation, situation: Situation) -> bool:
        """Whether only somebody who has bought makes this point, said to a shop where nothing was bought yet."""
        if situation.stage != "pre_sale" or conversation.order is not None:
            return False
        point = self._book.by_id[match.point_id]
        at_home = set(situation.intents[:1])
        return point.stage in ("in_sale", "after_sale") and not any(
            s in at_home or s.startswith("pre.") for s in point.situations
        )

    def _needed(self, made: PointMade, situation: Situation) -> float:
        expected = set(self._book.by_id[made.point].situations) & set(situation.intents)
        return LIKELY if expected else LIKELY_ELSEWHERE

    def _weighed(self, match: PointMatch, sentence: Sentence, situation: Situation) -> PointMade:
        point = self._book.by_id[match.point_id]
        odds = _log_odds(match.score)
        if set(point.situations) & set(situation.intents):
            odds += _EXPECTED
        if "general" not in (point.stage, situation.stage) and point.stage != situation.stage:
            odds -= _OUT_OF_STAGE
        return PointMade(
            point=point.id,
            name=point.name,
            score=1 / (1 + exp(-odds)),
            message=sentence.message,
            start=sentence.start,
            end=sentence.end,
        )


def _narrowest(points: Sequence[PointMade]) -> Iterator[PointMade]:
    """Of a point made by a sentence and by a clause of it only the clause's: the other clauses may make others."""
    for wide in points:
        if not any(p.point == wide.point and p != wide and _within(p, wide) for p in points):
            yield wide


def _as_asked(points: Sequence[PointMade], conversation: Conversation) -> Iterator[PointMade]:
    """Of a point both asked and told (孕妇能用吗 我怀孕14周) only the question: it is what waits for the answer."""

    def asks(made: PointMade) -> bool:
        return is_question(folded(conversation.messages[made.message].text[made.start : made.end]))

    asked = {p.point for p in points if asks(p)}
    return (p for p in points if p.point not in asked or asks(p))


def _within(one: PointMade, other: PointMade) -> bool:
    """Whether the words of `one` are some of the words of `other`, and not all."""
    inside = one.message == other.message and other.start <= one.start and one.end <= other.end
    return inside and one.end - one.start < other.end - other.start


def _overlap(one: PointMade, other: PointMade) -> bool:
    return one.message == other.message and one.start < other.end and other.start < one.end


def _log_odds(probability: float) -> float:
    p = min(max(probability, 1e-6), 1 - 1e-6)
    return log(p / (1 - p))
