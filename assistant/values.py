"""What flows through a draft's life after the conversation: one frozen value per stage.

Conversation -> Situation -> SearchAnswer -> Proposal (an engine's words) -> Verdict -> Draft.
"""

from __future__ import annotations

from typing import Literal

from knowledge.errors import Language
from knowledge.values import SituationMatch, Stage, Value

Category = Literal[
    "promise.compensation",
    "promise.delivery_time",
    "promise.no_recurrence",
    "promise.outcome",
    "promise.price",
    "promise.third_party",
    "admission.defect",
    "admission.fault",
    "admission.legal",
    "admission.systemic",
    "blame",
    "superlative",
    "off_platform",
    "review_manipulation",
    "rudeness",
    "privacy",
    "leak",
    "statutory.denial",
    "ungrounded",
]
Severity = Literal["block", "warn"]
Emotion = Literal["calm", "pleased", "anxious", "disappointed", "angry", "furious", "grieving", "sarcastic"]
CustomerType = Literal[
    "全面否定型", "缺乏信任型", "喋喋不休型", "立竿见影型", "推卸责任型", "发泄情绪型",  # after sales
    "直接型", "消遣型", "议价型", "新手型", "忠诚型", "心不在焉型", "深思熟虑型",  # before sales
    "未定",
]  # fmt: skip
Risk = Literal[
    "self_harm", "injury", "allergy", "fire", "child_danger", "food_poisoning", "threat", "minor", "legal", "media",
    "extortion", "injection", "personal_data",
]  # fmt: skip
ReplyLanguage = Literal["zh-Hans", "zh-Hant", "en"]
EngineName = Literal["offline", "chat"]
Tone = Literal["normal", "shorter", "warmer", "formal"]
Strategy = Literal["balanced", "soothe", "solve", "clarify"]
"""What a reply does first: everything in proportion, feelings, the matter, or a question."""


class Evidence(Value):
    """Where a reading comes from: characters [start, end) of message `message`."""

    what: str
    message: int
    start: int
    end: int


AgentSaid = Literal[
    "apologised", "named_a_time", "held_the_price", "asked_for_photos", "asked_for_order", "will_check", "will_escalate"
]
Thing = Literal[
    "photo", "order", "item", "choice", "account", "body", "girth", "usual_size", "fit", "when_needed", "when_home",
    "since_when", "quantity", "budget", "colour", "want_size", "city", "new_address", "new_phone", "model", "tried", "worn",
    "invoice_title", "who_said", "parcel_number", "reason", "buy_or_not",
    "use", "owned", "wash", "code",
]  # fmt: skip
"""What an agent asks customers for."""
Claim = Literal["received_just_now", "not_shipped", "bought_just_now", "within_seven_days", "bought_another_number"]


class Contradiction(Value):
    """A claim of the customer's, [start, end) of message `message`, that the order's `fact` speaks against."""

    claim: Claim
    fact: Literal["signed_at", "shipped_at", "paid_at", "item_in_full"]
    message: int
    start: int
    end: int


class Course(Value):
    """How the talk went so far: in how many turns the customer came to what they want now, what agents have said already,
    the mood of each of the customer's turns, oldest first, and what does not fit the order.
    """

    times: int = 1
    said: tuple[AgentSaid, ...] = ()
    moods: tuple[Emotion, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()


class PointMade(Value):
    """A point of knowledge/points.py that a sentence of the customer's makes: [start, end) of message `message`."""

    point: str
    name: str
    score: float
    message: int
    start: int
    end: int


class CaseMade(Value):
    """The case of knowledge/cases.py that a turn is of, and how sure that is."""

    case: str
    name: str
    score: float


class Chance(Value):
    """How likely it is, of all situations, this one that a turn is about; of all of them together it is 1."""

    situation: str
    probability: float


class Situation(Value):
    """How a conversation reads. `matches` are situations of the catalogue, best first; `intents` their ids; `points` the
    single things said in the turn that waits, in their order; `guesses` those of `intents` that are rather guessed: no word
    names them, and they are less likely than not; `chances` what the trained reader thinks of the likeliest; `case` the kind
    of conversation it is, where that is sure enough to be answered as a whole.
    """

    stage: Stage
    intents: tuple[str, ...]
    emotion: Emotion
    customer_type: CustomerType
    risks: tuple[Risk, ...]
    language: ReplyLanguage
    matches: tuple[SituationMatch, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    points: tuple[PointMade, ...] = ()
    course: Course = Course()
    guesses: tuple[str, ...] = ()
    chances: tuple[Chance, ...] = ()
    case: CaseMade | None = None


class Said(Value):
    """Something said to the agent, in both languages of the product."""

    zh: str
    en: str

    def in_(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


class Opinions(Value):
    """What each reader says of a finding's words; None: it was not asked, or can't judge such words.

    `rules` and `layer` (the semantic layer) say "pass" where they saw nothing. `model` is the chat model's third opinion,
    "unknown" when it gave none that can be used; `words` are those it named.
    """

    rules: Literal["block", "warn", "pass"] | None = None
    layer: Literal["block", "warn", "pass"] | None = None
    model: Literal["block", "pass", "unsure", "unknown"] | None = None
    words: str = ""

    @property
    def disagree(self) -> bool:
        """Whether rules and layer differ so that neither is sure: only the layer saw it, or only the rules block it."""
        return self.rules == "pass" or (self.rules == "block" and self.layer == "pass")


class Finding(Value):
    """Something in a reply that must not, or should not, be said.

    `span` is [start, end) in the reply as given; `text` is that part of it. `message` says why in Chinese, naming the
    clause where there is one, `message_en` in English; `suggestion` is what could stand there instead. `opinions` are
    set where more than one reader looked at these words.
    """

    category: Category
    severity: Severity
    span: tuple[int, int]
    text: str
    message: str
    rule: str
    suggestion: str = ""
    message_en: str = ""
    suggestion_en: str = ""
    opinions: Opinions | None = None

    def said(self, language: Language) -> str:
        """Why, in that language; Chinese where there is no English."""
        return (self.message_en if language == "en" else "") or self.message

    def advised(self, language: Language) -> str:
        """What could stand there instead, in that language."""
        return (self.suggestion_en if language == "en" else "") or self.suggestion


class Verdict(Value):
    """What the guardrails say of a reply. "unknown" means a check could not run; it is never a pass.

    `rewrite` is the reply with the blocked parts mended, itself passing; None when there is nothing to mend.
    """

    verdict: Literal["pass", "block", "unknown"]
    findings: tuple[Finding, ...] = ()
    rewrite: str | None = None


class Support(Value):
    """What one sentence of a proposal rests on: a passage (with the quote that stands in it), a fact, a clause, courtesy."""

    span: tuple[int, int]
    kind: Literal["passage", "order_fact", "policy", "courtesy", "unsupported"]
    passage_id: str | None = None
    quote: str | None = None
    fact: str | None = None


class Proposal(Value):
    """An engine's words before the guardrails have read them. `supports` cover the sentences of `reply`; `gloss` says in
    Chinese what a reply in another language says, for the agent's eyes.
    """

    reply: str
    bubbles: tuple[str, ...]
    supports: tuple[Support, ...] = ()
    next_steps: tuple[str, ...] = ()
    engine: EngineName
    gloss: str = ""


class Citation(Value):
    """A sentence of the reply (`span`) and the passage it rests on; `quote` stands in that passage word for word."""

    span: tuple[int, int]
    passage_id: str
    document: str
    section: str
    quote: str


class Draft(Value):
    """A reply offered to the agent, with everything that was seen, found and checked on the way.

    `notice` and `next_steps` are in the language of the settings, `notice_said` and `steps_said` in both.
    `fingerprint` is the conversation's: a draft whose fingerprint differs from the desk's conversation is stale.
    `gloss` is Chinese for what a reply in English says, where the engine knows it.
    """

    id: str
    reply: str
    bubbles: tuple[str, ...]
    verdict: Literal["pass", "block", "unknown"]
    findings: tuple[Finding, ...]
    situation: Situation
    citations: tuple[Citation, ...]
    next_steps: tuple[str, ...]
    engine: EngineName
    notice: str | None
    timings_ms: dict[str, float]
    supports: tuple[Support, ...] = ()
    fingerprint: str = ""
    notice_said: Said | None = None
    steps_said: tuple[Said, ...] = ()
    strategy: Strategy = "balanced"
    gloss: str = ""

    def notice_in(self, language: Language) -> str | None:
        """The notice in a reader's language, where it is known in both."""
        return self.notice_said.in_(language) if self.notice_said else self.notice

    def next_steps_in(self, language: Language) -> tuple[str, ...]:
        return tuple(step.in_(language) for step in self.steps_said) or self.next_steps

    def as_contract(self, language: Language | None = None) -> dict[str, object]:
        """The object that `kefu draft` prints (docs/architecture.md, interfaces); notice and next steps in `language`, or
        in that of the settings.
        """
        keep = {
            "id", "reply", "bubbles", "verdict", "findings", "situation", "citations", "next_steps", "engine",
            "notice", "timings_ms",
        }  # fmt: skip
        out = self.model_dump(mode="json", include=keep)
        if language is not None:
            out["notice"], out["next_steps"] = self.notice_in(language), list(self.next_steps_in(language))
        situation = self.situation
        out["situation"] = {
            "stage": situation.stage,
            "intents": list(situation.intents),
            "emotion": situation.emotion,
            "customer_type": situation.customer_type,
            "risks": list(situation.risks),
            "language": situation.language,
        }
        return out
