"""What customers might say when a passage is needed: imagined by a chat model, searched with, and read for the situation that
they speak for, which a person decides.

The model only imagines questions; search takes them as a hint to the passage (knowledge/imagined.py). Which situation they
speak for is read by the matcher that reads real customers, so a hostile passage can at most make odd questions that lead to
itself; it serves no situation before a manager approves it, and one that is declined is no longer found by its questions.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from typing import Protocol

from knowledge.coverage import TEACHING
from knowledge.curation import Curation
from knowledge.errors import KefuError
from knowledge.fold import letters
from knowledge.situations import SituationCatalogue
from knowledge.store import Suggestion, Suggestions
from knowledge.values import DocumentSummary, Passage, Progress, SituationMatch, Value

Imagine = Callable[[Passage], str]
"""A model's answer to one passage, one question a line. Raises KefuError when there is none."""

WORKING = "设想顾客会怎么问 / Imagining questions"
FEWEST, MOST, LONGEST = 2, 8, 80
"""Questions that make an answer; of a longer answer the first; characters of one question."""
AGREE, SURE = 0.5, 0.3
"""The share of questions that must mean the same situation, and how surely at the least."""
PATIENCE = 3
"""Faults in a row after which asking on is useless."""
COPIED = 18
"""Letters in a row that a question must not share with its passage: it would be the passage, not a customer."""
_MARK = re.compile(r"^\s*(?:[-*•·]|\(?\d{1,2}[.、)\uff09:])?\s*[「“\"']?(.*?)[」”\"']?\s*$")
_NOT_A_CUSTOMER = re.compile(r"https?:|www\.|[<>{}\[\]]|\d{6,}|^(?:好的|以下|当然|顾客|客户)[^,,]{0,12}[::]$")


class Enriched(Value):
    """What a run came to. `calls` and `characters` (sent and received) are what it cost; `left` passages wait for another."""

    calls: int = 0
    characters: int = 0
    suggested: int = 0
    nothing: int = 0
    unusable: int = 0
    left: int = 0
    stopped: dict[str, str] | None = None


class Knowledge(Protocol):
    """What enrichment needs of the knowledge base."""

    catalogue: SituationCatalogue
    curation: Curation

    def documents(self) -> tuple[DocumentSummary, ...]: ...
    def passages(self) -> tuple[Passage, ...]: ...
    def follow_questions(self) -> None: ...
    def match(self, texts: Sequence[str]) -> tuple[SituationMatch, ...]: ...


class Enrichment:
    """One run at a time; what was asked once is not asked again, so that a run that was cut off goes on where it was."""

    def __init__(self, suggestions: Suggestions, knowledge: Knowledge) -> None:
        self._suggestions = suggestions
        self._knowledge = knowledge
        self._running = threading.Lock()

    def todo(self, documents: Collection[str] | None = None) -> tuple[Passage, ...]:
        """Passages of the shop's own documents, or of some of them, that teach, may ground a draft and were not asked about yet:
        those that serve no situation first, as they gain most.
        """
        known = self._suggestions.known()
        shipped = {document.id for document in self._knowledge.documents() if document.shipped}
        found = [
            passage
            for passage in self._knowledge.passages()
            if passage.document_id not in shipped
            and (documents is None or passage.document_id in documents)
            and passage.kind in TEACHING
            and not passage.cautions
            and passage.passage_id not in known
        ]
        return tuple(sorted(found, key=self._serves))

    @cached_property
    def _taught(self) -> frozenset[str]:
        """The letters of every technique that the catalogue names."""
        return frozenset(letters(t) for entry in self._knowledge.catalogue.entries for t in entry.techniques)

    def _serves(self, passage: Passage) -> bool:
        return bool(passage.serves) or any(letters(technique) in self._taught for technique in passage.techniques)

    def run(
        self,
        imagine: Imagine,
        model: str,
        limit: int,
        progress: Progress | None = None,
        documents: Collection[str] | None = None,
    ) -> Enriched:
        """Ask about up to `limit` passages (of some documents), each kept as soon as it is answered. A fault leaves its passage
        for the next run; after a few in a row the run stops and `stopped` says why. Search uses the questions from then on.

        Raises KefuError "enrich.running" while another run is under way.
        """
        if not self._running.acquire(blocking=False):
            raise KefuError(
                "enrich.running",
                "大模型正在设想顾客的问法:请等这一次做完。",
                "A chat model is imagining questions already: wait until it is done.",
            )
        try:
            return self._run(imagine, model, limit, progress, self.todo(documents))
        finally:
            self._knowledge.follow_questions()
            self._running.release()

    def _run(
        self, imagine: Imagine, model: str, limit: int, progress: Progress | None, todo: Sequence[Passage]
    ) -> Enriched:
        said = Counter[str]()
        faults, stopped = 0, None
        for done, passage in enumerate(todo[:limit]):
            if progress:
                progress(WORKING, done, min(limit, len(todo)))
            said["calls"] += 1
            said["characters"] += len(passage.text)
            try:
                answer = imagine(passage)
            except KefuError as error:
                faults, stopped = faults + 1, error.as_json()
                if faults >= PATIENCE:
                    break
                continue
            faults, stopped = 0, None
            said["characters"] += len(answer)
            questions = imagined(answer, passage.text)
            if len(questions) < FEWEST:
                said["unusable"] += 1
                continue
            suggestion = self._read(passage, questions, model)
            self._suggestions.add(suggestion)
            said["suggested" if suggestion.state == "pending" else "nothing"] += 1
        else:
            if progress:
                progress(WORKING, min(limit, len(todo)), min(limit, len(todo)))
        settled = said["suggested"] + said["nothing"]
        return Enriched(**said, left=len(todo) - settled, stopped=stopped)

    def waiting(self) -> tuple[tuple[Suggestion, Passage], ...]:
        """What a manager is to decide, surest first; passages that are not found any more, or serve by now, are left out."""
        found = {passage.passage_id: passage for passage in self._knowledge.passages()}
        return tuple(
            (suggestion, found[suggestion.passage_id])
            for suggestion in self._suggestions.pending()
            if suggestion.passage_id in found and suggestion.situation in self._knowledge.catalogue.by_id
        )

    def approve(self, passage_id: str, who: str) -> None:
        """The passage serves the suggested situation from now on. Raises KefuError "suggestion.unknown"."""
        suggestion = next((s for s in self._suggestions.pending() if s.passage_id == passage_id), None)
        if suggestion is None:
            raise _unknown()
        self._knowledge.curation.assign(passage_id, suggestion.situation, who)
        self._suggestions.settle(passage_id, "approved", who)

    def decline(self, passage_id: str, who: str) -> None:
        """It does not, is not asked about again, nor found by the questions. Raises KefuError "suggestion.unknown"."""
        if not self._suggestions.settle(passage_id, "declined", who):
            raise _unknown()
        self._knowledge.follow_questions()

    def questions_of(self, passage_id: str) -> tuple[str, ...]:
        """What was imagined for a passage and is searched with."""
        return self._suggestions.questions_of(passage_id)

    def drop(self, passage_id: str, who: str) -> None:
        """The passage is no longer found by what was imagined, and not asked about again. KefuError "suggestion.unknown"."""
        if not self._suggestions.drop(passage_id, who):
            raise _unknown()
        self._knowledge.follow_questions()

    def _read(self, passage: Passage, questions: tuple[str, ...], model: str) -> Suggestion:
        """What the questions mean, each by itself, as if customers had said them."""
        best = [matches[0] for question in questions if (matches := self._knowledge.match([question]))]
        (situation, votes), *_ = Counter(match.situation_id for match in best).most_common(1) or [("", 0)]
        score = sum(m.score for m in best if m.situation_id == situation) / max(1, votes)
        clear = votes >= max(FEWEST, AGREE * len(questions)) and score >= SURE and not self._serves(passage)
        return Suggestion(
            passage_id=passage.passage_id, situation=situation, questions=questions, score=min(1.0, score),
            model=model, state="pending" if clear else "nothing",
        )  # fmt: skip


def imagined(answer: str, passage: str) -> tuple[str, ...]:
    """The questions of a model's answer that a customer could have typed; what is none, or copies the passage, is left out."""
    told = letters(passage)
    found: dict[str, str] = {}
    for line in answer[:4000].splitlines():
        m = _MARK.match(line)
        question = " ".join(m.group(1).split()) if m else ""
        said = letters(question)
        copied = any(said[i : i + COPIED] in told for i in range(len(said) - COPIED + 1))
        if len(said) >= 2 and len(question) <= LONGEST and not copied and not _NOT_A_CUSTOMER.search(question):
            found.setdefault(said, question)
    return tuple(found.values())[:MOST]


def _unknown() -> KefuError:
    return KefuError(
        "suggestion.unknown",
        "这条建议已经处理过,或者文档已经变了:请刷新。",
        "This suggestion was settled already, or its document changed: refresh.",
    )
