"""Of which case a conversation is: the whole turn, with the one before it, read against whole turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import log

from assistant.conversation import Conversation
from assistant.situation.before import turn_before
from assistant.situation.stages import stage_of_order
from assistant.values import CaseMade, Situation
from knowledge.cases import Case, CaseBook
from knowledge.values import Stage

MatchCase = Callable[[str, Mapping[str, float]], tuple[tuple[str, float], ...]]
"""A turn, and log odds by which cases are likelier than others; out, its likeliest cases with their probabilities."""

SURE = 0.95
"""Probability from which a turn is answered as a case though its wish and its points were read well: a reply put together of them
tells more of what this customer said (of 30 unseen conversations a strict reader found 68 musts met so, 58 by whole replies from 0.55 on).
"""
SURE_IF_VAGUE = 0.4
"""The same where the turn was not read well: there a reply put together says what fits anything."""
_READ = 0.5
"""Probability of the likeliest situation from which a turn was read well."""
_CHITCHAT, _SMALL_TALK = "general.chitchat", "gen."
"""The situation of small talk, and how the names of points begin that are made in it."""
_TELLS_A_MATTER = 0.8
"""Probability from which a sentence makes a point beside small talk (唉,书角压坏了,能换不)."""
_READ_ALONE = 0.9
"""The same where no sentence made a point."""
_NOTE = "in.note_"
"""How the names of points begin that ask the packers for something."""
_LONGEST = 400
"""Characters of what the customer wrote that are read, the last ones."""
_OUT_OF_STAGE = 2.0
"""Log odds that a case of another stage than the order's loses."""
_ELSEWHERE, _EXPECTED = 0.08, 0.8
"""A case's share where the turn is about other situations than the case's, and how much its logarithm counts."""


class CaseReader:
    """Adds the case to a situation that has been read."""

    def __init__(self, book: CaseBook, match: MatchCase) -> None:
        self._book = book
        self._match = match

    def read(self, conversation: Conversation, situation: Situation) -> Situation:
        """`situation` with its `case`, if it is one."""
        found = self.likeliest(conversation, situation)
        if not found:
            return situation
        may_be_vague = is_vague(situation) and not (self._is_chat(found[0]) and _has_a_matter(conversation, situation))
        if found[0].score < (SURE_IF_VAGUE if may_be_vague else SURE):
            return situation
        return situation.model_copy(update={"case": found[0]})

    def _is_chat(self, made: CaseMade) -> bool:
        """Whether the case's reply is small talk: it tells nothing of a matter."""
        return self._book.by_id[made.case].situations[0] == _CHITCHAT

    def likeliest(self, conversation: Conversation, situation: Situation) -> tuple[CaseMade, ...]:
        """The likeliest cases, best first, however sure."""
        turn = [m.text for m in conversation.last_customer_turn if m.text.strip()]
        said = "\n".join([*turn_before(conversation), *turn])[-_LONGEST:]
        if not said:
            return ()
        chances = {c.situation: c.probability for c in situation.chances}
        stage = stage_of_order(conversation)
        prior = {case.id: _prior(case, stage, chances) for case in self._book.cases}
        return tuple(
            CaseMade(case=name, name=self._book.by_id[name].name, score=score)
            for name, score in self._match(said, prior)
        )


def is_vague(situation: Situation) -> bool:
    """Whether the turn was not read well: no point in it and no situation all but certain, none likely, or the first wish guessed.
    Who asks for several notes to the packers was read: a case's reply is to one of them.
    """
    if sum(p.score >= SURE and p.point.startswith(_NOTE) for p in situation.points) > 1:
        return False
    likeliest = max((c.probability for c in situation.chances), default=1.0)
    unread = not situation.points and (not situation.chances or likeliest < _READ_ALONE)
    return unread or likeliest < _READ or situation.intents[:1] == situation.guesses[:1]


def _has_a_matter(conversation: Conversation, situation: Situation) -> bool:
    """Whether there is more to a turn than talk: something bought, or a sentence that makes a point of its own."""
    return conversation.order is not None or any(
        p.score >= _TELLS_A_MATTER and not p.point.startswith(_SMALL_TALK) for p in situation.points
    )


def _prior(case: Case, stage: Stage | None, chances: Mapping[str, float]) -> float:
    """Log odds of a case before the turn is read against turns: where the order stands, and what the turn is about."""
    share = min(1.0, sum(chances.get(s, 0.0) for s in case.situations))
    odds = _EXPECTED * log((_ELSEWHERE + share) / (_ELSEWHERE + 1)) if chances else 0.0
    return odds if stage is None or case.stage in (stage, "general") else odds - _OUT_OF_STAGE
