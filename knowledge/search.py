"""Situation-aware search: the words as they stand, their meaning, and the situation that they speak of, added up.

One embedding batch serves the situations and the dense search; everything else is arithmetic over matrices that change
only when the passages do. Exact scoring in NumPy is quicker than a filtered Chroma query at any size that a shop has.
"""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.bridge import relative, standardised
from knowledge.embedding import Embedder
from knowledge.fold import fold, letters
from knowledge.imagined import Imagined, ImaginedQuestions, Questions, Rows
from knowledge.lexical import Cutter
from knowledge.matching import Reading, SituationMatcher
from knowledge.prepared import BAD_EXAMPLE, PassageSet, Preparation, Prepared
from knowledge.values import Passage, Progress, ScorePart, SearchAnswer, SearchResult, SituationMatch

Floats = NDArray[np.float32]

WORDS, WORDS_TAKEN_UP, TAKEN_UP, SITUATION_FADES = 0.2, 1.0, 0.4, 0.4
"""Beside the meaning's weight of 1, shared words weigh `WORDS`, and `WORDS_TAKEN_UP` more when a passage takes up a share of
`TAKEN_UP` or more of what was said; the situation then weighs `SITUATION_FADES` less. Who names a thing wants that thing;
who tells a story shares words with passages by chance. What is taken off is in knowledge/prepared.py."""
SITUATIONS = 5
SURE = 0.1
"""A probability from which a situation counts fully; under it the words and their meaning decide."""
MOST_BUBBLES, LONGEST = 8, 1000
"""A conversation's last bubbles, and how many characters of them, are searched with: later ones say what is wanted now."""
ALIKE = 0.8
"""Two passages whose shingles overlap this much (Jaccard) say the same."""
SHINGLE = 4
FOUND_MOST = 20
"""Passages that are named for one situation in the coverage."""

_WHAT_NOT = re.compile(
    "(?:哪些|(?<!为)什么(?![都也])|哪种|哪类|哪句|啥(?![都也])).{0,10}(?:不能|不要|不该|不可以|不许|不准|不应|(?<![区个])别|禁止|忌|避免|反感).{0,8}(?:说|讲|犯|踩|碰|做)"
    "|(?:不能|不要|不该|不许|不应该?|禁止|避免)(?:跟.{1,4})?(?:说|讲|使?用)的.{0,4}(?:话|词|句|语)"
    "|(?:说|讲|沟通|聊|回复|接待).{0,6}(?:避免|忌讳?)(?:什么|哪些|啥)|(?:说话|沟通|聊天|回复|接待|服务|客服).{0,6}(?:禁忌|忌讳|雷区|误区|禁区)"
    "|禁语|禁用语|忌语|反例|反面|错误示范|让(?:顾客|客户|买家|人)反感"
    "|(?:what|which|things|words|phrases).{0,40}(?:not to |never |avoid|shouldn.?t|must not|mustn.?t)|(?:never|not to|avoid) say",
    re.IGNORECASE,
)
"""Who asks what not to say is shown what manuals tell as wrong, marked as that."""


class PassageSource(Protocol):
    """Where the passages of this moment are to be had: knowledge/index.py."""

    @property
    def snapshot(self) -> PassageSet: ...


@dataclass(frozen=True)
class Parts:
    """What brought passages up, each [passages]; `imagined` is None where no questions were imagined."""

    meaning: Floats
    words: Floats
    situation: Floats
    imagined: Floats | None = None

    @property
    def total(self) -> Floats:
        total = self.meaning + self.words + self.situation
        return total if self.imagined is None else total + self.imagined

    def of(self, row: int, handicap: float) -> tuple[tuple[ScorePart, float], ...]:
        """One passage's score in its parts."""
        meaning, words, situation = (float(part[row]) for part in (self.meaning, self.words, self.situation))
        asked: tuple[tuple[ScorePart, float], ...] = ()
        if self.imagined is not None:
            asked = (("imagined", float(self.imagined[row])),)
        return (("meaning", meaning), ("words", words), ("situation", situation), *asked, ("handicap", -handicap))


@dataclass(frozen=True)
class _Asked:
    """Imagined questions beside the passages of one moment: `rows` [questions]."""

    questions: Questions
    ready: Prepared
    rows: Rows

    def votes(self, closeness: Floats) -> Floats:
        return self.questions.votes(closeness, self.rows, len(self.ready.passages))

    def why(self, row: int, parts: Parts, closeness: Floats) -> str:
        """The passage's question that is nearest to what was said, where that weighed most; else nothing."""
        others = max(parts.meaning[row], parts.words[row], parts.situation[row], 1e-6)
        if parts.imagined is None or parts.imagined[row] < others:
            return ""
        own = np.flatnonzero(self.rows == row)
        return f"像设想的问法「{_short(self.questions.texts[int(own[np.argmax(closeness[own])])])}」"


class Searcher:
    """Any thread may search; a change of the passages is noticed at the next search."""

    def __init__(
        self,
        source: PassageSource,
        embedder: Embedder,
        matcher: SituationMatcher,
        cache: Path | None = None,
    ) -> None:
        self._source = source
        self._embedder = embedder
        self._matcher = matcher
        self._cutter = Cutter(cache)
        self._preparation = Preparation(embedder, matcher, self._cutter, cache)
        self._prepared: Prepared | None = None
        self._preparing = threading.Lock()
        self._imagined = ImaginedQuestions(embedder, matcher, cache)
        self._asked: _Asked | None = None

    def prepare(self, progress: Progress | None = None) -> Prepared:
        """Make the passages of this moment ready, if they are not: start-up and whoever changes passages call it."""
        snapshot = self._source.snapshot
        ready = self._prepared
        if ready is not None and ready.number == snapshot.number:
            return ready
        with self._preparing:
            ready = self._prepared
            if ready is None or ready.number != snapshot.number:
                ready = self._prepared = self._preparation.ready(snapshot, progress)
        return ready

    def adopt(self, imagined: Imagined) -> None:
        """Find passages by these questions as well, until told others."""
        self._imagined.adopt(imagined)

    def _asked_of(self, ready: Prepared) -> _Asked | None:
        """What was imagined, beside the passages as they are laid out."""
        questions, asked = self._imagined.now, self._asked
        if questions is None:
            return None
        if asked is None or asked.questions is not questions or asked.ready is not ready:
            asked = self._asked = _Asked(questions, ready, questions.rows(ready.row_of))
        return asked

    def _at_hand(self) -> Prepared:
        """The passages of this moment; those of a moment ago while another thread makes these ready: no search waits."""
        ready = self._prepared
        if ready is None or not self._preparing.locked():
            return self.prepare()
        return ready

    # --- searching ---

    def search(self, texts: Sequence[str], k: int = 5) -> SearchAnswer:
        """Passages for one query, or for a customer's bubbles (oldest first); nothing for nothing."""
        return self.search_many([texts], k)[0]

    def match(self, texts: Sequence[str], k: int = SITUATIONS) -> tuple[SituationMatch, ...]:
        """The situations alone, best first."""
        said = _said(texts)
        return self._matcher.read(said, self._embedder.queries(said)).best(k)

    def search_many(self, queries: Sequence[Sequence[str]], k: int = 5) -> list[SearchAnswer]:
        """`search` for each, embedded together."""
        ready = self._at_hand()
        said = [_said(texts) for texts in queries]
        vectors = self._embedder.queries([text for texts in said for text in texts])
        answers, at = [], 0
        for texts in said:
            answers.append(self._answer(ready, texts, vectors[at : at + len(texts)], k))
            at += len(texts)
        return answers

    def situations_of(self, passage_id: str, k: int = 3) -> tuple[tuple[str, float], ...]:
        """The situations that a passage serves best, as the index sees it: (id, affinity), best first."""
        ready = self._at_hand()
        row = ready.row_of.get(passage_id)
        if row is None:
            return ()
        best = np.argsort(-ready.affinity[: len(self._matcher.catalogue.entries), row], kind="stable")[:k]
        return tuple((self._matcher.catalogue.entries[i].id, float(ready.affinity[i, row])) for i in best)

    def found_for(self, most: int = FOUND_MOST) -> dict[str, tuple[Passage, ...]]:
        """By situation, the passages that are taken to serve it by what they say, best first, at most so many; situations that
        none serves are left out.
        """
        ready = self._at_hand()
        alive = np.isfinite(ready.handicap)
        out = {}
        for row, entry in enumerate(self._matcher.catalogue.entries):
            columns = np.flatnonzero(ready.serves[row] & alive)
            best = columns[np.argsort(-ready.affinity[row, columns], kind="stable")][:most]
            if len(best):
                out[entry.id] = tuple(ready.passages[column] for column in best.tolist())
        return out

    def found_of(self, passage_id: str) -> tuple[str, ...]:
        """The situations that a passage is taken to serve by what it says, best first."""
        ready = self._at_hand()
        row = ready.row_of.get(passage_id)
        if row is None:
            return ()
        found = np.flatnonzero(ready.serves[:, row])
        best = found[np.argsort(-ready.affinity[found, row], kind="stable")]
        return tuple(self._matcher.catalogue.entries[i].id for i in best.tolist())

    def passages_for(self, situation_id: str, k: int = 5) -> tuple[Passage, ...]:
        """The passages that speak to a situation most, as the index sees it; none for an unknown situation."""
        ready = self._at_hand()
        ids = [entry.id for entry in self._matcher.catalogue.entries]
        if situation_id not in ids or not ready.passages:
            return ()
        scores = ready.affinity[ids.index(situation_id)] - ready.handicap
        return tuple(ready.passages[row] for row in itertools.islice(_best_first(scores), k))

    def _answer(self, ready: Prepared, texts: Sequence[str], vectors: Floats, k: int) -> SearchAnswer:
        if not texts:
            return SearchAnswer(situations=(), results=())
        reading = self._matcher.read(texts, vectors)
        matches = reading.best(SITUATIONS)
        if not ready.passages or k < 1:
            return SearchAnswer(situations=matches, results=())
        whole = texts[-1]  # all bubbles together, or the only one
        weights = _weights(reading)
        counting = np.flatnonzero(weights)
        terms = self._cutter.terms(whole)
        words = ready.words(terms)
        taken_up = min(1.0, ready.lexical.share(terms, int(np.argmax(words))) / TAKEN_UP)
        vector = self._matcher.centre(vectors[-1:])[0]
        asked = self._asked_of(ready)
        close = asked.questions.closeness(whole, vector) if asked else None
        parts = Parts(
            meaning=standardised(vector @ ready.vectors.T),
            words=(WORDS + WORDS_TAKEN_UP * taken_up) * relative(words),
            situation=(1 - SITUATION_FADES * taken_up) * (weights[counting] @ ready.affinity[counting]),
            imagined=None if asked is None or close is None else asked.votes(close),
        )
        handicap = ready.handicap
        if _WHAT_NOT.search(fold(whole)):
            handicap = handicap - BAD_EXAMPLE * ready.bad.astype(np.float32)
        total = parts.total - handicap
        results = []
        for row in self._distinct(ready, total, k):
            score = float(1 / (1 + np.exp(-total[row] / 3)))
            why = asked.why(row, parts, close) if asked and close is not None else ""
            why = why or self._why(ready, row, parts, reading, whole)
            made_of = parts.of(row, float(handicap[row]))
            results.append(SearchResult(passage=ready.passages[row], score=score, why=why, parts=made_of))
        return SearchAnswer(situations=matches, results=tuple(results))

    def _distinct(self, ready: Prepared, total: Floats, k: int) -> list[int]:
        """The best k rows that do not repeat a better one."""
        kept: list[int] = []
        for row in _best_first(total):
            own = _shingles(ready, row)
            if not any(_overlap(own, _shingles(ready, other)) >= ALIKE for other in kept):
                kept.append(row)
                if len(kept) == k:
                    break
        return kept

    def _why(self, ready: Prepared, row: int, parts: Parts, reading: Reading, text: str) -> str:
        """What weighed most, in the manager's language."""
        if parts.situation[row] >= max(parts.meaning[row], parts.words[row], 1e-6):
            match = reading.vote(int(np.argmax(_weights(reading) * ready.affinity[:, row])))
            return f"像「{match.name}」:{_short(match.exemplar)}"
        shared = set(self._cutter.words(text)) & set(
            self._cutter.terms(f"{ready.passages[row].section}\n{ready.passages[row].text}")
        )
        if parts.words[row] >= parts.meaning[row] and shared:
            longest = sorted(shared, key=lambda w: (-len(w), text.find(w)))[:3]
            return f"字面相近:{'、'.join(longest)}"
        return f"意思相近:{_short(ready.passages[row].section.split(' > ')[-1] or ready.passages[row].text)}"


def _said(texts: Sequence[str]) -> list[str]:
    """The last bubbles that say something and, when there are several, all of them together at the end."""
    bubbles = [t.strip()[-LONGEST:] for t in texts if t.strip()][-MOST_BUBBLES:]
    return bubbles if len(bubbles) < 2 else [*bubbles, "\n".join(bubbles)[-LONGEST:]]


def _weights(reading: Reading) -> Floats:
    """How much each situation or topic counts: the roots of the highest probabilities, adding up to 1 unless all are unlikely.

    The root keeps the second guess in play: the right situation is among the first five far more often than first.
    """
    likely = np.sqrt(reading.votes.max(axis=0))
    sure = min(1.0, float(likely.max(initial=0.0)) / np.sqrt(SURE))
    out = np.zeros_like(likely)
    best = np.argsort(-likely, kind="stable")[:SITUATIONS]
    out[best] = likely[best]
    return np.asarray(sure * out / max(float(out.sum()), 0.25), dtype=np.float32)


def _best_first(scores: Floats) -> Iterator[int]:
    """Rows by falling score, equal ones in their order; those of -inf are left out. Sorts no more than is asked for."""
    taken, some = 0, 512
    while taken < len(scores):
        if some < len(scores):
            bound = np.partition(scores, len(scores) - some)[len(scores) - some]
            rows = np.flatnonzero(scores >= bound)
        else:
            rows = np.arange(len(scores))
        order = rows[np.argsort(-scores[rows], kind="stable")][taken:]
        yield from order[np.isfinite(scores[order])].tolist()
        taken += len(order)
        some *= 16


def _shingles(ready: Prepared, row: int) -> frozenset[str]:
    known = ready.shingles.get(row)
    if known is None:
        joined = letters(ready.passages[row].text)
        known = frozenset(joined[i : i + SHINGLE] for i in range(max(1, len(joined) - SHINGLE + 1)))
        ready.shingles[row] = known
    return known


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))


def _short(text: str, length: int = 24) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"
