"""The grey zone: findings where rules and semantic layer disagree, put to a third reader (a chat model) in one question.

It can raise a warning to a block and lower what only the layer saw to a warning; it never clears a rule's block. No
usable answer is "unknown", which is never a pass.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from assistant.guardrails.context import CheckContext
from assistant.guardrails.inbound import screen
from assistant.values import Category, Finding, Severity
from knowledge.errors import KefuError
from knowledge.values import Value

RESTS_S = 30.0
"""After a failure nobody is asked for this long, and a question without a usable answer is not asked again: a reply is
checked many times while it is written, and must not wait for the same fault each time.
"""
_KEPT = 512
_LONGEST = 200
_END = re.compile(r"[。！？!?\n]")

log = logging.getLogger(__name__)


class Question(Value):
    """Whether `words`, in their `sentence`, breach `category`, which forbids `meaning`."""

    category: Category
    meaning: str
    sentence: str
    words: str


class Answer(Value):
    """`words` are those of the sentence that the opinion rests on."""

    opinion: Literal["block", "pass", "unsure", "unknown"]
    words: str = ""


UNKNOWN = Answer(opinion="unknown")

Asker = Callable[[Sequence[Question], CheckContext], Sequence[Answer]]
"""Answers all questions at once, in their order; "unknown" where an answer can't be used. Raises KefuError when none came."""


class GreyZone:
    """Puts grey findings to `ask` and weighs the answers in. `meanings`: what each category forbids. Safe between threads."""

    def __init__(self, ask: Asker, meanings: Mapping[str, str], now: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._meanings = meanings
        self._now = now
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[Question, str], tuple[Answer, float]] = OrderedDict()
        self._rests_until = 0.0

    def weigh(self, reply: str, findings: Sequence[Finding], context: CheckContext) -> tuple[list[Finding], bool]:
        """The findings with the third opinion in them; False when a warning's opinion stayed unknown."""
        grey = [at for at, f in enumerate(findings) if f.opinions is not None and f.opinions.disagree]
        out = list(findings)
        if not grey:
            return out, True
        if screen(reply).injections:  # a reply that gives orders to a model is not put to one
            answers: Sequence[Answer] = [UNKNOWN for _ in grey]
        else:
            answers = self._answers([self._question(reply, findings[at]) for at in grey], context)
        for at, answer in zip(grey, answers, strict=True):
            out[at] = weighed(findings[at], answer)
        unknown = any(
            a.opinion == "unknown" and out[at].severity == "warn" for at, a in zip(grey, answers, strict=True)
        )
        return out, not unknown

    def _question(self, reply: str, finding: Finding) -> Question:
        start, end = finding.span
        before = [m.end() for m in _END.finditer(reply, max(0, start - _LONGEST), start)]
        after = _END.search(reply, max(start, end - 1), end + _LONGEST)
        sentence = reply[before[-1] if before else max(0, start - _LONGEST) : after.end() if after else end + _LONGEST]
        meaning = self._meanings.get(finding.category, finding.category)
        return Question(category=finding.category, meaning=meaning, sentence=sentence.strip(), words=finding.text)

    def _answers(self, questions: Sequence[Question], context: CheckContext) -> list[Answer]:
        """Every question's answer: remembered ones, and the rest asked for at once."""
        facts = context.order.model_dump_json() if context.order else ""
        said = "\n".join(m.text for m in context.messages[-3:])
        given = "\n".join((",".join(str(a) for a in context.authorities), facts, said))
        now = self._now()
        with self._lock:
            kept = {q: self._known[q, given][0] for q in questions if self._known.get((q, given), (None, 0.0))[1] > now}
            resting = now < self._rests_until
        new = list(dict.fromkeys(q for q in questions if q not in kept))
        if new and not resting:
            kept.update(zip(new, self._asked(new, context, given), strict=True))
        return [kept.get(q, UNKNOWN) for q in questions]

    def _asked(self, questions: Sequence[Question], context: CheckContext, given: str) -> Sequence[Answer]:
        try:
            answers = self._ask(questions, context)
        except KefuError as error:
            log.warning("no third opinion: %s", error)
            with self._lock:
                self._rests_until = self._now() + RESTS_S
            return [UNKNOWN for _ in questions]
        now = self._now()
        with self._lock:
            for question, answer in zip(questions, answers, strict=True):
                until = now + RESTS_S if answer.opinion == "unknown" else float("inf")
                self._known[question, given] = (answer, until)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return answers


def weighed(finding: Finding, answer: Answer) -> Finding:
    """The finding with the third opinion: its severity as far as that opinion may change it."""
    assert finding.opinions is not None
    severity: Severity = finding.severity
    if answer.opinion == "block":
        severity = "block"
    elif answer.opinion == "pass" and finding.opinions.rules == "pass":
        severity = "warn"
    opinions = finding.opinions.model_copy(update={"model": answer.opinion, "words": answer.words})
    return finding.model_copy(update={"severity": severity, "opinions": opinions})
