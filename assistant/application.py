"""Everything wired: the one object that the command, the desk and the REST interface stand on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.chat_knowledge import FIRST, Reranker
from assistant.conversation import Conversation
from assistant.drafting import Drafting
from assistant.engines import Engine
from assistant.engines.offline import OfflineEngine
from assistant.guardrails import CheckContext, Guardrails
from assistant.guardrails.cautions import told_of_customers
from assistant.guardrails.inbound import mask, screen
from assistant.overruling import Overruling
from assistant.own_rules import OwnRules
from assistant.own_wordings import OwnWordings
from assistant.records import Records, RecordsError
from assistant.rule_making import RuleMaking
from assistant.settings import Settings
from assistant.situation import CaseReader, PointReader, SituationReader
from assistant.turns import Turns
from assistant.values import Draft, ReplyLanguage, Tone, Verdict
from knowledge.base import KnowledgeBase
from knowledge.case_matching import CaseMatcher
from knowledge.cases import CaseBook
from knowledge.embedding import OFFLINE, Embedder
from knowledge.point_matching import PointMatcher
from knowledge.points import PointBook
from knowledge.policies import PolicyFile, load_policies
from knowledge.values import Caution, Cautioner, IngestReport, Progress, SearchAnswer

if TYPE_CHECKING:
    from assistant.engines.chat import ChatEngine
    from assistant.guardrails.guardrails import ThirdOpinion
    from assistant.guardrails.semantic.layer import SemanticLayer
    from assistant.learning.learning import Learning
    from knowledge.meaning.reading import MeaningReader

LIBRARY = Path(__file__).parents[1] / "knowledge" / "library" / "manuals"
"""The manuals that ship, in our own words."""

READY = "initialised"
"""The file in KEFU_HOME that says so."""

log = logging.getLogger(__name__)


class Kefu:
    """Owns one KEFU_HOME for as long as it is open; close it, or use it as a context manager."""

    def __init__(
        self,
        settings: Settings,
        knowledge: KnowledgeBase,
        guardrails: Guardrails,
        records: Records,
        chat: Engine | None = None,
    ) -> None:
        """`chat` writes first, in place of the chat model of the settings."""
        self.settings = settings
        self._turns = Turns()
        self.knowledge = knowledge
        self.guardrails = guardrails
        self.records = records
        guardrails.consult(third_opinion(settings, guardrails))
        self.own_rules = OwnRules(settings.home / "rules", guardrails)
        self.own_rules.load()
        self.rule_making = RuleMaking(self.own_rules, guardrails, records, self.audit)
        self._reranker = Reranker(settings) if settings.rerank_with_chat and settings.chat_configured else None
        self.overruling = Overruling(self.check, records, settings.supervisor_passphrase)
        self._chat = chat

    @cached_property
    def _point_book(self) -> PointBook:
        return PointBook.load(catalogue=self.knowledge.catalogue)

    @cached_property
    def points(self) -> PointMatcher:
        """What single sentences say."""
        home = self.settings.home
        return PointMatcher(self._point_book, sentence_reader(home, lambda: self.knowledge.embedder), home / "cache")

    @cached_property
    def _case_book(self) -> CaseBook:
        return CaseBook.load(catalogue=self.knowledge.catalogue)

    @cached_property
    def _offline(self) -> OfflineEngine:
        techniques = self.knowledge.passages_of_technique
        return OfflineEngine(passages_of_technique=techniques, points=self._point_book, cases=self._case_book)

    @cached_property
    def own_wordings(self) -> OwnWordings:
        """What the shop itself added to the phrasebook, in use from now on."""
        wordings = OwnWordings(self.settings.home / "phrasebook", self._offline.adopt)
        wordings.follow()
        return wordings

    @cached_property
    def drafting(self) -> Drafting:
        """The whole life of a draft. Put together at the first one: a command that drafts nothing does not wait for it."""
        home, knowledge = self.settings.home, self.knowledge
        cases = CaseMatcher(self._case_book, case_reader(home, lambda: knowledge.embedder))
        self.own_wordings.follow()
        return Drafting(
            knowledge,
            self.guardrails,
            SituationReader(knowledge.catalogue, meaning=meaning_reader(home, lambda: knowledge.embedder)),
            PointReader(self._point_book, self.points.match),
            CaseReader(self._case_book, cases.match),
            self._offline,
            chat=self._chat or _chat_engine(self.settings),
            language=self.settings.language,
            turns=self._turns,
            rank=self._reranker.rerank if self._reranker else None,
            ranked=FIRST,
        )

    def warm(self) -> None:
        """Load all that the first draft would wait for; nothing is recorded, and no chat model is asked."""
        self.guardrails.warm()
        self.points.prepare()
        self.drafting.warm(Conversation.read({"messages": [{"role": "customer", "text": "在吗,这款有货吗"}]}))

    @classmethod
    def open(cls, settings: Settings, *, progress: Progress | None = None) -> Kefu:
        """Open KEFU_HOME. Raises KefuError: in use by another process, not writable, a model that can't be loaded."""
        # One reading of the rules serves passages and replies; the layer asks for the embedder when the first reply comes.
        guardrails = Guardrails.load(layer=semantic_layer(settings.home, lambda: knowledge.embedder))
        knowledge = KnowledgeBase.open(
            settings.home,
            embedding_model=settings.embedding_model,
            embedding_precision=settings.embedding_precision,
            cautioner=cautioner_of(guardrails),
            progress=progress,
        )
        try:
            records = Records.open(settings.records_url, mask=lambda text: mask(text).text)
        except RecordsError:
            knowledge.close()
            raise
        return cls(settings, knowledge, guardrails, records)

    @staticmethod
    def is_ready(settings: Settings) -> bool:
        """Whether an `initialise` has come to its end here; one that was cut off is done again."""
        return (settings.home / READY).exists()

    def initialise(self, progress: Progress | None = None, *, library: bool = True) -> IngestReport:
        """Bring in the shipped manuals (what is there already stays as it is) and learn what the first search needs."""
        report = IngestReport(documents=())
        if library:
            report = self.knowledge.ingest([LIBRARY], shipped=True, progress=progress)
        self.knowledge.prepare(progress)
        self.points.prepare(progress)
        (self.settings.home / READY).touch()
        return report

    def policies(self) -> tuple[PolicyFile, ...]:
        """Shops' policies: your own in KEFU_HOME/policies, then the invented ones that ship."""
        return (*load_policies(self.settings.home / "policies"), *load_policies())

    def search(self, texts: Sequence[str], k: int = 5) -> tuple[SearchAnswer, str]:
        """What the manuals have for these words, and what is to be told beside it: where the setting asks for it, a chat
        model orders the first results.
        """
        if self._reranker is None:
            with self._turns.one():
                return self.knowledge.search(texts, k=k), ""
        found, fault = self._reranker.rerank(texts, self.knowledge.search(texts, k=max(k, FIRST)))
        notice = fault.message(self.settings.language) if fault else ""
        return found.model_copy(update={"results": found.results[:k]}), notice

    def draft(self, conversation: Conversation, tone: Tone = "normal", language: ReplyLanguage | None = None) -> Draft:
        self._follow()
        return self._kept(self.drafting.draft(conversation, tone, language=language), conversation)

    def alternatives(
        self, conversation: Conversation, tone: Tone = "normal", language: ReplyLanguage | None = None
    ) -> tuple[Draft, ...]:
        """Up to three drafts that differ in strategy, each recorded."""
        self._follow()
        drafts = self.drafting.alternatives(conversation, tone, language=language)
        return tuple(self._kept(draft, conversation) for draft in drafts)

    def stream(
        self, conversation: Conversation, tone: Tone = "normal", language: ReplyLanguage | None = None
    ) -> Iterator[Draft]:
        """Growing drafts, each guarded; the last one is whole and is recorded."""
        self._follow()
        last: Draft | None = None
        for last in self.drafting.stream(conversation, tone, language=language):
            yield last
        if last is not None:
            self._kept(last, conversation)

    def _follow(self) -> None:
        """Bring in the shop's own rules and wordings as they are at this moment."""
        self.own_rules.follow()
        self.own_wordings.follow()

    @cached_property
    def learning(self) -> Learning:
        """What agents change in drafts, and what a manager makes of it."""
        from assistant.learning.learning import Learning

        return Learning(self.records, self.own_wordings, self.check, self._offline.situations, self.audit)

    def check(self, reply: str, context: CheckContext, aside: Collection[tuple[str, str]] = ()) -> Verdict:
        """The verdict by the rules of this moment: a rule that a command added a moment ago counts. `aside`: findings that a
        person overruled, as in Guardrails.check.
        """
        self.own_rules.follow()
        with nullcontext() if self.settings.chat_configured else self._turns.one():  # a chat model may be asked
            return self.guardrails.check(reply, context, aside)

    def audited_check(self, reply: str, context: CheckContext, who: str) -> Verdict:
        """`check`, with the verdict in the audit trail: for replies about to be sent, not for each key typed."""
        verdict = self.check(reply, context)
        self.audit(who, "verdict", verdict=verdict.verdict, rules=[f.rule for f in verdict.findings])
        return verdict

    def audit(self, who: str, action: str, **detail: object) -> None:
        """Who did what. A trail that can't be written is said in the log; the work goes on."""
        try:
            self.records.audit(who, action, **detail)
        except RecordsError as error:
            log.warning("%s", error.message(self.settings.language))

    def keep_search(self, query: str, answer: SearchAnswer) -> None:
        """Keep what a search found: coverage asks later which passages were ever shown."""
        try:
            self.records.keep_search(query, [result.passage.passage_id for result in answer.results])
        except RecordsError as error:
            log.warning("%s", error.message(self.settings.language))

    def _kept(self, draft: Draft, conversation: Conversation) -> Draft:
        """A draft is worth having even when it could not be recorded; the log says so."""
        rules = [f.rule for f in draft.findings]
        self.audit(draft.engine, "verdict", draft=draft.id, verdict=draft.verdict, rules=rules)
        try:
            self.records.keep_draft(draft, conversation)
        except RecordsError as error:
            log.warning("%s", error.message(self.settings.language))
        return draft

    def close(self) -> None:
        self.records.close()
        self.knowledge.close()

    def __enter__(self) -> Kefu:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def semantic_layer(home: Path, shared: Callable[[], Embedder] | None = None) -> SemanticLayer:
    """The guardrails' semantic layer. It reads with the offline model: `shared` where that is it, else the one in `home`;
    either is asked for at the first reading.
    """
    from assistant.guardrails.semantic.layer import SemanticLayer

    return SemanticLayer(_offline_model(home, shared))


def meaning_reader(home: Path, shared: Callable[[], Embedder] | None = None) -> MeaningReader:
    """The trained reader of conversations, on the same model in the same way."""
    from knowledge.meaning.reading import MeaningReader

    return MeaningReader(_offline_model(home, shared))


def sentence_reader(home: Path, shared: Callable[[], Embedder] | None = None) -> MeaningReader:
    """The trained reader of single sentences, on the same model in the same way."""
    from knowledge.meaning.reading import POINT_WEIGHTS, MeaningReader

    return MeaningReader(_offline_model(home, shared), POINT_WEIGHTS)


def case_reader(home: Path, shared: Callable[[], Embedder] | None = None) -> MeaningReader:
    """The trained reader of whole turns as cases, on the same model in the same way."""
    from knowledge.meaning.reading import CASE_WEIGHTS, MeaningReader

    return MeaningReader(_offline_model(home, shared), CASE_WEIGHTS)


def _offline_model(home: Path, shared: Callable[[], Embedder] | None) -> Callable[[], Any]:
    def model() -> Any:
        embedder = shared() if shared is not None else None
        return (embedder if embedder and embedder.identity.model == OFFLINE else Embedder.open(home)).model

    return model


def third_opinion(settings: Settings, guardrails: Guardrails) -> ThirdOpinion | None:
    """Who is asked where rules and semantic layer disagree: the chat model, where one is configured and KEFU_GUARD_OPINION
    asks for it; else nobody.
    """
    if not (settings.guard_opinion and settings.chat_configured):
        return None
    from assistant.engines.opinion import ChatOpinion
    from assistant.guardrails.opinion import GreyZone

    return GreyZone(ChatOpinion(settings), {f.category: f.forbids for f in guardrails.shipped})


def cautioner_of(guardrails: Guardrails) -> Cautioner:
    """What a passage must not be used for: prohibited advice, and words that try to instruct the model."""

    def cautions(text: str) -> tuple[Caution, ...]:
        orders = [
            Caution(
                category="injection",
                reason=f"这段文字像是在给模型下命令:「{found.text[:40]}」",
                reason_en=f"These words look like orders to the model: “{found.text[:40]}”",
                quote=found.text,
            )
            for found in screen(text).injections
            if not told_of_customers(text, found.start)
        ][:1]
        return (*guardrails.cautions(text), *orders)

    return cautions


def _chat_engine(settings: Settings) -> ChatEngine | None:
    if not settings.chat_configured:
        return None
    from assistant.engines.chat import ChatEngine

    return ChatEngine(settings)
