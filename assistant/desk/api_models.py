"""What the REST interface takes and gives, as the interface contract has it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.values import Citation, CustomerType, Emotion, EngineName, Finding, ReplyLanguage, Risk, Strategy
from evals.values import CaseResult, Comparison, Gate
from knowledge.values import DocumentSummary, PassageKind, Stage


class _In(BaseModel):
    """Unknown keys are refused: a misspelt one would otherwise be lost in silence."""

    model_config = ConfigDict(extra="forbid")


class CheckIn(_In):
    """A reply and what it is checked against."""

    id: str | int | None = None
    reply: str
    authorised: list[str] | None = Field(default=None, examples=[["compensation_up_to:20"]])
    order: dict[str, Any] | None = None
    messages: list[dict[str, Any]] | None = None


class CheckOut(BaseModel):
    id: str | int | None
    verdict: Literal["pass", "block", "unknown"]
    findings: list[Finding]
    rewrite: str | None


class StaleOut(BaseModel):
    """`fingerprint` is the conversation's as it stands now."""

    stale: bool
    fingerprint: str


class SearchIn(_In):
    """A query, or the messages of a conversation."""

    id: str | int | None = None
    query: str | None = None
    messages: list[dict[str, Any]] | None = None
    k: int = Field(default=5, ge=1, le=50)


class CautionOut(BaseModel):
    category: str
    reason: str


class SearchHit(BaseModel):
    passage_id: str
    text: str
    document: str
    section: str
    kind: PassageKind
    stage: Stage
    score: float
    cautions: list[CautionOut]
    why: str


class SearchOut(BaseModel):
    id: str | int | None
    situation: dict[str, Any]
    results: list[SearchHit]
    notice: str | None = None


class SituationOut(BaseModel):
    stage: Stage
    intents: list[str]
    emotion: Emotion
    customer_type: CustomerType
    risks: list[Risk]
    language: ReplyLanguage


class DraftOut(BaseModel):
    id: str
    reply: str
    bubbles: list[str]
    verdict: Literal["pass", "block", "unknown"]
    findings: list[Finding]
    situation: SituationOut
    citations: list[Citation]
    next_steps: list[str]
    engine: EngineName
    notice: str | None
    timings_ms: dict[str, float]


class AlternativeOut(DraftOut):
    """`gloss` is Chinese for a reply in English; `draft_id` is what its sending and rating are told by."""

    draft_id: str
    strategy: Strategy
    gloss: str


class AlternativesOut(BaseModel):
    id: str
    drafts: list[AlternativeOut]


class DocumentsOut(BaseModel):
    documents: list[DocumentSummary]


class BlockIn(_In):
    """What was left out, by its offset in the document's text (`start` of a dropped row of the preview)."""

    start: int = Field(ge=0)


class NoteIn(_In):
    """Why; an empty note takes a flag away."""

    note: str = Field(default="", max_length=500)


class VersionIn(_In):
    version: int = Field(ge=1)


class VersionOut(BaseModel):
    """The number under which the older version is in use again."""

    version: int


class SuitesOut(BaseModel):
    suites: list[str]


class EvalIn(_In):
    """Which suites to run; none named means all."""

    suites: tuple[str, ...] = ()


class SuiteOut(BaseModel):
    cases: int
    passed: int
    failed: int
    errors: int
    metrics: dict[str, float]


class CaseOut(CaseResult):
    suite: str


class EvalOut(BaseModel):
    run_id: str
    suites: dict[str, SuiteOut]
    comparison: Comparison | None
    gate: Gate
    cases: list[CaseOut]


class HealthOut(BaseModel):
    status: Literal["ok"]
    engine: EngineName
    documents: int
    passages: int


class ErrorBody(BaseModel):
    code: str
    message: str


class ErrorOut(BaseModel):
    error: ErrorBody
