"""What an evaluation yields: one frozen value per stage.

CheckResult -> CaseResult (what is counted) and CaseTrace (all that was seen on the way) -> SuiteResult -> EvalRun,
with a Comparison to a baseline and the Gate's answer.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from assistant.values import Situation
from knowledge.errors import Language
from knowledge.values import Value

Outcome = Literal["passed", "failed", "error"]
"""An error is a case that could not be judged. It is never counted as passed, nor as failed."""

MetricVerdict = Literal["better", "worse", "same", "unclear"]


class Origin(Value):
    """Where a case comes from, who wrote it, when it was added, and why."""

    source: str
    by: str
    added: date
    why: str


class CheckResult(Value):
    """One check on one case. `reason` says why it failed, or what satisfied it, in Chinese and English."""

    check: str
    passed: bool
    reason: str = ""
    reason_en: str = ""

    def told(self, language: Language) -> str:
        return (self.reason_en or self.reason) if language == "en" else self.reason


class CaseResult(Value):
    """One case: what came of it, why, and what was said. `reasons` is empty only when passed; `reasons_en` are the same.

    `marks` are what the case adds to each metric of its suite, 0 to 1 unless the metric's name ends in a unit; a metric
    is their mean over the cases that have one. `cluster` is shared by cases that stand or fall together (a minimal pair,
    questions about one technique); "" means the case stands alone. `repeats` is how often it was run where the engine is
    not the same every time. `seconds` is the time it took. `origin` tells of a case that did not pass where it comes from.
    """

    id: str
    outcome: Outcome
    reasons: tuple[str, ...] = ()
    reasons_en: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    shown: str = ""
    reply: str = ""
    cluster: str = ""
    marks: dict[str, float] = Field(default_factory=dict)
    checks: tuple[CheckResult, ...] = ()
    repeats: int = 1
    seconds: float = 0.0
    origin: Origin | None = None

    @property
    def passed(self) -> bool:
        return self.outcome == "passed"

    def told(self, language: Language) -> tuple[str, ...]:
        """The reasons in a language; as they were kept by runs that knew but one."""
        return self.reasons_en if language == "en" and self.reasons_en else self.reasons


class Hit(Value):
    """A passage that search brought, best first in its list."""

    passage_id: str
    document: str
    section: str
    score: float
    why: str


class PlannedStep(Value):
    """A move of the offline engine's plan, before any wording."""

    situation: str
    move: str
    technique: str


class Found(Value):
    """A finding of the guardrails in a reply."""

    category: str
    severity: str
    rule: str
    text: str


class CheckedReply(Value):
    """A reply that the guardrails read. Of several in a trace the second and later ones are repairs."""

    reply: str
    verdict: str
    findings: tuple[Found, ...] = ()


class CaseTrace(Value):
    """Everything that was seen while a case ran; one line of a trace file.

    `proposals` are the engines' whole replies as written, before any repair. `calls` and `written_chars` are what a chat
    model was asked and wrote; both 0 offline. `timings_ms` is by stage.
    """

    suite: str
    result: CaseResult
    repeat: int = 0
    situation: Situation | None = None
    hits: tuple[Hit, ...] = ()
    plan: tuple[PlannedStep, ...] = ()
    proposals: tuple[str, ...] = ()
    checked: tuple[CheckedReply, ...] = ()
    engine: str = ""
    notice: str = ""
    calls: int = 0
    written_chars: int = 0
    timings_ms: dict[str, float] = Field(default_factory=dict)


class SuiteResult(Value):
    """All cases of one suite. `metrics` are shares in [0, 1] unless their name ends in a unit (_ms, _chars)."""

    name: str
    results: tuple[CaseResult, ...]
    metrics: dict[str, float]

    def count(self, outcome: Outcome) -> int:
        return sum(r.outcome == outcome for r in self.results)


class Effect(Value):
    """How one metric differs from the baseline's, over the cases that both judged.

    `low` and `high` bound the difference (now - before) with 95% confidence; `p` is the exact or resampled two-sided
    probability of so large a change by chance, `p_corrected` after Holm's correction for the metrics of its family.
    `better` and `worse` count cases. `more_cases` is how many more cases would tell, where the verdict is "unclear".
    """

    metric: str
    cases: int
    clusters: int
    before: float
    now: float
    low: float
    high: float
    p: float
    p_corrected: float
    better: int
    worse: int
    smallest: float
    verdict: MetricVerdict
    more_cases: int | None = None

    @property
    def difference(self) -> float:
        return self.now - self.before


class NullTrial(Value):
    """How often two samples of the same would have been told apart: the comparison tried on itself.

    `rounds` comparisons in which which side is which was left to chance; `false_verdicts` said better or worse.
    """

    rounds: int
    false_verdicts: int

    @property
    def rate(self) -> float:
        return self.false_verdicts / self.rounds if self.rounds else 0.0


class Lost(Value):
    """Something the baseline had and this build has not: a rule category, a manual, a prompt's variable, cases.

    `zh` and `en` say it in words; `red` when a release must not go out like that.
    """

    key: str
    zh: str
    en: str
    red: bool = True


class Comparison(Value):
    """A run beside a baseline, case by case. Effects in the order of the verdicts; `null` tells how far to trust them."""

    baseline: str
    regressed: tuple[str, ...]
    improved: tuple[str, ...]
    verdicts: dict[str, MetricVerdict]
    effects: tuple[Effect, ...] = ()
    null: NullTrial | None = None
    lost: tuple[Lost, ...] = ()

    def as_contract(self) -> dict[str, object]:
        """The object under "comparison" that scripts rely on."""
        return self.model_dump(mode="json", include={"baseline", "regressed", "improved", "verdicts"})


class Red(Value):
    """One reason against a release. `key` says of what kind and about what; `value` how bad, where that can be said."""

    key: str
    text: str
    text_en: str = ""
    value: float | None = None


class Gate(Value):
    """Whether a release may go out, and every reason why not. What was accepted stays among the reasons, marked so.

    `reds` are the reasons that nobody has accepted; `accepted` counts the others.
    """

    passed: bool
    reasons: tuple[str, ...] = ()
    reasons_en: tuple[str, ...] = ()
    reds: tuple[Red, ...] = ()
    accepted: int = 0

    def told(self, language: Language) -> tuple[str, ...]:
        """The reasons in a language; as they were kept by runs that knew but one."""
        return self.reasons_en if language == "en" and self.reasons_en else self.reasons


class Inventory(Value):
    """What a build consists of, by name, so that what vanishes is named.

    `rules` rule ids by category; `manuals` live passages by title; `library` the files of the shipped manuals;
    `phrasebook` moves by situation and point; `prompts` the variables by name; `situations` of the catalogue; `prints` a hash of the content of each part.
    """

    rules: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    manuals: dict[str, int] = Field(default_factory=dict)
    library: tuple[str, ...] = ()
    phrasebook: dict[str, int] = Field(default_factory=dict)
    prompts: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    situations: int = 0
    prints: dict[str, str] = Field(default_factory=dict)


class Cost(Value):
    """What a run took. `computed` and `cached` count cases; `seconds` is wall time; the rest is the chat model's."""

    seconds: float = 0.0
    computed: int = 0
    cached: int = 0
    calls: int = 0
    written_chars: int = 0


class EvalRun(Value):
    """One evaluation of one build. `run_id` sorts by time; `at` is UTC."""

    run_id: str
    at: datetime
    suites: dict[str, SuiteResult]
    comparison: Comparison | None = None
    gate: Gate
    inventory: Inventory = Inventory()
    cost: Cost = Cost()
    engine: str = "offline"

    def as_contract(self) -> dict[str, object]:
        """The object that `kefu eval run --json` prints."""
        return {
            "run_id": self.run_id,
            "suites": {
                name: {
                    "cases": len(suite.results),
                    "passed": suite.count("passed"),
                    "failed": suite.count("failed"),
                    "errors": suite.count("error"),
                    "metrics": suite.metrics,
                }
                for name, suite in self.suites.items()
            },
            "comparison": self.comparison.as_contract() if self.comparison else None,
            "gate": {"passed": self.gate.passed, "reasons": list(self.gate.reasons)},
        }
