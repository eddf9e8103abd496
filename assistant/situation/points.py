"""Which points the customer makes, sentence by sentence, in the turn that waits for an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import re2

from assistant.conversation import Conversation
from assistant.situation.questions import clauses, is_question
from assistant.situation.script import folded
from assistant.values import PointMade, Situation
from knowledge.points import Point, PointBook
from knowledge.values import PointMatch

MatchPoints = Callable[[Sequence[str], Mapping[str, float]], Sequence[PointMatch]]
"""Sentences in, and log odds by which points are likelier than others; out, for each its likeliest points."""

LIKELY = 0.8
"""Probability from which a sentence makes a point: of left-out sentences in left-out turns two of three are right from 0.5 to
0.7, four of five to 0.9, nine of ten above. In 70 fresh conversations by another author 11 of 24 from 0.6 to 0.75 were, and a line
of another case spoils a whole reply; golden conversations pass as often from 0.75, 0.8 and 0.85 (98 of 172)."""
LIKELY_ASKED = 0.55
"""The same of a short question among several: it says by itself what it asks."""
LIKELY_TOLD = 0.97
"""The same of a few characters that tell something: what they mean hangs on what stands around them (现在两点, 一周了)."""
_BRIEF, _BRIEFLY_TOLD = 12, 4
"""Characters of a short question, and of a few characters, at most."""
_ELSEWHERE = 0.12
"""Of what is said about any situation, a point's share where the conversation is about others."""
_EXPECTED = 1.9
"""How much it counts that a point belongs to what the conversation is about: 1 would be as often as training says."""
_WANTED = 0.3
"""Probability that a turn is about a situation that is answered for another reason than what the reader thinks likely."""
_OUT_OF_STAGE = 0.95
"""Log odds that a point of another stage than the conversation's loses."""
_IMPOSSIBLE = 30.0
"""The same of what nobody says who has not bought, or who has: of one question asked before and after (运费谁出) the other is meant."""
MOST_SENTENCES = 14
"""The last sentences of a turn that are read: who writes more is answered on what they wrote last."""
_LONG = 9
"""Characters from which a sentence is read clause by clause as well."""
_SEVERAL = 2
"""Questions in one sentence, from which each is read by itself and the sentence not as a whole."""
_DATA = re2.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://\S+|[A-Za-z]*\d[A-Za-z\d]{7,}")
"""An address of mail or page, a number of a phone, a parcel or a company: what is only that says nothing."""
_LABEL = re2.compile(
    r"^\s*(?:发|寄|填)?(?:到|给|去)?(?:我)?(?:的)?(?:邮箱|電郵|电邮|税号|单号|订单号|手机号|电话号码?)(?:是|:|:)?\s*$"
)
"""What comes next is: 发到邮箱, 税号是."""
_SHORTEST = 3
_BESIDE_DATA = 5
"""Characters beside such a number from which more is said than what it is: 发到邮箱."""
_HAN = re2.compile(r"\p{Han}")


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
    return tuple(s for s in found if _says_something(s.text))[-MOST_SENTENCES:]


def _says_something(text: str) -> bool:
    bare = _DATA.sub("", text)
    return sum(c.isalnum() for c in bare) >= (_SHORTEST if bare == text else _BESIDE_DATA) and not _LABEL.search(bare)


class PointReader:
    """Adds the points to a situation that has been read."""

    def __init__(self, book: PointBook, match: MatchPoints) -> None:
        self._book = book
        self._match = match
        self._stages = np.array([p.stage for p in book.points])
        self._situations = tuple(dict.fromkeys(s for p in book.points for s in p.situations))
        place = {s: i for i, s in enumerate(self._situations)}
        own = [[place[s] for s in p.situations] for p in book.points]
        none = len(self._situations)
        self._columns = np.array(list(zip_longest(*own, fillvalue=none)), dtype=np.intp)
        """[most situations of a point, points]: where each of them stands in `_situations`, behind its end for none."""

    def read(self, conversation: Conversation, situation: Situation) -> Situation:
        """`situation` with its `points`, in the order in which they were made; a word belongs to one point only."""
        sentences = sentences_of(conversation)
        matches = self._match([s.text for s in sentences], self._prior(conversation, situation))
        things = _things(conversation)
        fit = (m for m in matches if _is_of(self._book.by_id[m.point_id], things))
        read = (self._made(m, sentences[m.text_index]) for m in fit)
        listed = sum(is_question(folded(s.text)) for s in sentences) >= _SEVERAL
        enough = [p for p in read if p.score >= _least(folded(_words(p, conversation)), listed)]
        narrow = _as_asked(tuple(_narrowest(enough)), conversation)
        likely = sorted(narrow, key=lambda p: (-p.score, p.message, p.start))
        made: list[PointMade] = []
        for point in likely:
            if any(point.point == m.point or _overlap(point, m) for m in made):
                continue
            made.append(point)
        return situation.model_copy(update={"points": tuple(sorted(made, key=lambda p: (p.message, p.start)))})

    def _prior(self, conversation: Conversation, situation: Situation) -> dict[str, float]:
        """What the conversation makes of each point before its words are read."""
        nothing_bought = situation.stage == "pre_sale" and conversation.order is None
        chances = {c.situation: c.probability for c in situation.chances}
        chances |= {s: max(_WANTED, chances.get(s, 0.0)) for s in situation.intents}
        said = np.array([*(chances.get(s, 0.0) for s in self._situations), 0.0])
        share = sum((said[column] for column in self._columns), np.zeros(len(self._book.points)))
        odds = _EXPECTED * np.log((_ELSEWHERE + np.minimum(1.0, share)) / _ELSEWHERE)
        if situation.stage != "general":
            odds -= _OUT_OF_STAGE * ((self._stages != situation.stage) & (self._stages != "general"))
        prior = dict(zip(self._book.by_id, odds.tolist(), strict=True))
        bought = conversation.order is not None and situation.stage != "pre_sale"
        for point in self._book.points:
            if (nothing_bought and _is_about_an_order(point, situation)) or (bought and _is_before_buying(point)):
                prior[point.id] -= _IMPOSSIBLE
        return prior

    def _made(self, match: PointMatch, sentence: Sentence) -> PointMade:
        return PointMade(
            point=match.point_id,
            name=self._book.by_id[match.point_id].name,
            score=match.score,
            message=sentence.message,
            start=sentence.start,
            end=sentence.end,
        )


def _things(conversation: Conversation) -> str:
    """All that names what is talked about; what a point must be of is listed in Chinese, so English alone rules nothing out."""
    said = folded(" ".join(m.text for m in conversation.messages))
    order = conversation.order
    named = folded(" ".join(((order.item if order else None) or "", conversation.policy.shop)))
    return f"{said} {named}" if _HAN.search(said) else said


def _is_of(point: Point, things: str) -> bool:
    """Whether the point is made of such things at all: 套得上 of a knee brace tells no cup size."""
    if point.unless_goods and re2.search(point.unless_goods, things):
        return False
    return not (point.goods and _HAN.search(things)) or re2.search(point.goods, things) is not None


def _is_about_an_order(point: Point, situation: Situation) -> bool:
    """Whether only somebody who has bought makes this point, said to a shop where nothing was bought yet."""
    at_home = set(situation.intents[:1])
    return point.stage in ("in_sale", "after_sale") and not any(
        s in at_home or s.startswith("pre.") for s in point.situations
    )


def _is_before_buying(point: Point) -> bool:
    """Whether nobody who has bought makes this point; what goods are like and need is asked before and after."""
    return point.stage == "pre_sale" and point.situations[0] != "pre.product_question"


def _narrowest(points: Sequence[PointMade]) -> Iterator[PointMade]:
    """Of a point made by a sentence and by a clause of it only the clause's: the other clauses may make others."""
    for wide in points:
        if not any(p.point == wide.point and p != wide and _within(p, wide) for p in points):
            yield wide


def _least(words: str, listed: bool) -> float:
    """The probability from which `words` make a point; `listed` with other questions."""
    if is_question(words):
        return LIKELY_ASKED if listed and len(words) <= _BRIEF else LIKELY
    return LIKELY_TOLD if len(words) <= _BRIEFLY_TOLD and _HAN.search(words) else LIKELY


def _words(made: PointMade, conversation: Conversation) -> str:
    return conversation.messages[made.message].text[made.start : made.end]


def _as_asked(points: Sequence[PointMade], conversation: Conversation) -> Iterator[PointMade]:
    """Of a point both asked and told (孕妇能用吗 我怀孕14周) only the question: it is what waits for the answer."""

    def asks(made: PointMade) -> bool:
        return is_question(folded(_words(made, conversation)))

    asked = {p.point for p in points if asks(p)}
    return (p for p in points if p.point not in asked or asks(p))


def _within(one: PointMade, other: PointMade) -> bool:
    """Whether the words of `one` are some of the words of `other`, and not all."""
    inside = one.message == other.message and other.start <= one.start and one.end <= other.end
    return inside and one.end - one.start < other.end - other.start


def _overlap(one: PointMade, other: PointMade) -> bool:
    return one.message == other.message and one.start < other.end and other.start < one.end
