"""What flows through the knowledge side: one frozen value per stage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from knowledge.errors import Language

Stage = Literal["pre_sale", "in_sale", "after_sale", "general"]
STAGES: dict[str, Stage] = {"pre": "pre_sale", "in": "in_sale", "after": "after_sale", "gen": "general"}
"""By how the ids of points and cases begin."""
"""售前, 售中, 售后, or not tied to one."""

PassageKind = Literal["technique", "phrase", "procedure", "policy", "fact", "question", "bad_example"]


AuthorityKind = Literal[
    "refund_7day_no_reason",
    "exchange",
    "return_freight_by_seller",
    "compensation_up_to",
    "ship_within_48h",
    "ship_within_24h",
    "price_protection_30d",
    "free_shipping_over",
    "gift",
    "invoice",
    "warranty_1y",
    "coupon",
    "expedite_courier_query",
    "defect_confirmed_by_inspection",
    "refund_approved",
]
"""What a shop may let its agents promise (interface contract); an id may carry an amount or a name after a colon."""


DENIED = "!"
"""Before the id of a situation that a passage does not serve, whatever search makes of it."""


class Value(BaseModel):
    """Frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Caution(Value):
    """Why a passage must not ground a draft: a guardrail category and the reason, in Chinese and (where it is known) English.
    `quote` are the words of the passage that it is given for, as they stand there.
    """

    category: str
    reason: str
    reason_en: str = ""
    quote: str = ""

    def said(self, language: Language) -> str:
        """The reason in that language; Chinese where there is no English."""
        return (self.reason_en if language == "en" else "") or self.reason


class Passage(Value):
    """A piece of a document that can be found, shown and cited on its own.

    `text` is what the agent and the model see; `start` and `end` are character offsets of its source span in the
    decoded document. `section` is the heading trail, joined with " > ". `situations` are ids that the passage says it serves;
    one after `DENIED` is what a person said it does not serve.
    """

    passage_id: str
    document_id: str
    document: str
    section: str
    text: str
    kind: PassageKind
    stage: Stage
    techniques: tuple[str, ...] = ()
    situations: tuple[str, ...] = ()
    cautions: tuple[Caution, ...] = ()
    start: int
    end: int

    @property
    def serves(self) -> tuple[str, ...]:
        """Ids of the situations that it says it serves."""
        return tuple(s for s in self.situations if not s.startswith(DENIED))

    @property
    def denied(self) -> frozenset[str]:
        """Ids of the situations that a person said it does not serve."""
        return frozenset(s.removeprefix(DENIED) for s in self.situations if s.startswith(DENIED))


class SituationMatch(Value):
    """A situation of the catalogue that a text resembles, and the authored exemplar that says so.

    `score` is in [0, 1]; `exemplar` is the nearest authored example; `span` is where in the given texts it was seen:
    (index of the text, start, end).
    """

    situation_id: str
    name: str
    stage: Stage
    score: float
    exemplar: str
    text_index: int = 0


ScorePart = Literal["meaning", "words", "situation", "imagined", "handicap"]
"""Meaning of the words, shared words, the situation they speak of, questions that a chat model imagined for the passage; taken
off: hubs, cautions, bad examples."""


class SearchResult(Value):
    """A passage, best first in its list. `why` says in the manager's language what brought it up; `parts` what its score is
    made of, before it is squeezed into (0, 1).
    """

    passage: Passage
    score: float
    why: str
    parts: tuple[tuple[ScorePart, float], ...] = ()


class PointMatch(Value):
    """A point that a sentence makes with probability `score`: the sentence's index, and whether the point's own cue is in
    it.
    """

    point_id: str
    score: float
    text_index: int
    cued: bool = False


class SearchAnswer(Value):
    """What a search saw in the words (`situations`, best first) and the passages it found (best first)."""

    situations: tuple[SituationMatch, ...]
    results: tuple[SearchResult, ...]


class Dropped(Value):
    """Blocks that ingestion left out for one reason, with up to three of them as examples."""

    reason: str
    count: int
    examples: tuple[str, ...]


class IngestedDocument(Value):
    """What became of one file. `cautions` counts the passages shown with a caution; `error` is set when failed."""

    id: str
    source: str
    title: str
    status: Literal["added", "replaced", "unchanged", "failed"]
    passages: int
    dropped: tuple[Dropped, ...] = ()
    cautions: int = 0
    error: dict[str, str] | None = None
    error_en: str = Field(default="", exclude=True)
    """The error's message in English, for a desk that speaks it; not part of the contract's output."""


class IngestReport(Value):
    documents: tuple[IngestedDocument, ...]


class DocumentSummary(Value):
    """A document in use, or taken out of search as a whole. `shipped` marks the library that comes with Kefu. `passages` can
    be found, `cautions` of them carry one; `retired` were taken out one by one, `flagged` are to be looked at again.
    `added_at` is ISO 8601 in UTC.
    """

    id: str
    title: str
    source: str
    shipped: bool
    passages: int
    cautions: int
    added_at: str
    status: Literal["live", "retired"] = "live"
    retired: int = 0
    flagged: int = 0


class DocumentDetail(Value):
    summary: DocumentSummary
    passages: tuple[Passage, ...]
    dropped: tuple[Dropped, ...]


Cautioner = Callable[[str], tuple[Caution, ...]]
"""Reads a passage's text and says what in it must not be taught. Handed in by the assistant: knowledge imports none of it."""

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, how many are done, how many there are)."""
