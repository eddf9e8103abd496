"""Search leads from a customer's words over the situation to the manual's passage, clean passages first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from evals.retrieval import RetrievalCase, measure
from knowledge.embedding import Embedder
from knowledge.lexical import Cutter, LexicalIndex
from knowledge.matching import SituationMatcher
from knowledge.retriever import PassageRetriever
from knowledge.search import Searcher
from knowledge.situations import SituationCatalogue, TopicEntry
from knowledge.values import Caution, Passage, PassageKind

FEW = Path(__file__).parent / "data" / "situations"


def passage(
    name: str, text: str, *, section: str = "", situations: tuple[str, ...] = (), kind: PassageKind = "technique",
    cautions: tuple[Caution, ...] = (),
) -> Passage:  # fmt: skip
    return Passage(
        passage_id=name, document_id="d", document="手册", section=section, text=text, kind=kind, stage="general",
        situations=situations, cautions=cautions, start=0, end=len(text),
    )  # fmt: skip


MANUAL = (
    passage("bargain", "议价时以退为进:先说清价值,再谈店里能给的让步。", section="议价技巧"),
    passage("vent", "顾客带着怒火来,先让他把话说完,宣泄情绪之后再谈怎么解决。", section="情绪化抱怨"),
    passage("freight", "退换货运费由谁承担,要看是商品的原因还是顾客改了主意。", section="售后"),
    passage("stock", "未发货订单检查:每天下班前看一遍没有发出的订单。", section="订单"),
    passage("thanks", "客户道谢的时候,谦和地回应,欢迎他再来。", section="礼貌"),
    passage("member", "会员分为三个等级,标签按购买次数打。", section="客户信息整理"),
    passage("press", "熨烫真丝面料要垫一层湿布,温度调到低档。", section="商品知识"),
    passage("parking", "办公室的停车位每月月底重新登记。", section="行政"),
)


KNOWN: dict[str, NDArray[np.float32]] = {}  # vectors by passage, so that each is made once


@dataclass
class Passages:
    """Stands for the index: what it holds can be changed."""

    number: int
    passages: tuple[Passage, ...]
    vectors: NDArray[np.float32]

    @property
    def snapshot(self) -> Passages:
        return self

    @property
    def layout(self) -> int:
        return self.number

    @property
    def rows(self) -> tuple[Passage, ...]:
        return self.passages

    @property
    def alive(self) -> NDArray[np.bool_]:
        return np.ones(len(self.passages), dtype=np.bool_)

    def hold(self, embedder: Embedder, passages: tuple[Passage, ...]) -> None:
        new = [p for p in passages if p.passage_id not in KNOWN]
        for each, vector in zip(new, embedder.passages([f"{p.section}\n{p.text}" for p in new]), strict=True):
            KNOWN[each.passage_id] = vector
        dimension = embedder.identity.dimension
        self.vectors = np.array([KNOWN[p.passage_id] for p in passages], dtype=np.float32).reshape(-1, dimension)
        self.passages = passages
        self.number += 1


@pytest.fixture(scope="module")
def embedder(offline_model: Path) -> Embedder:
    return Embedder.open(offline_model.parent)


@pytest.fixture(scope="module")
def matcher(embedder: Embedder) -> SituationMatcher:
    return SituationMatcher(SituationCatalogue.load(FEW), embedder)


@pytest.fixture
def index(embedder: Embedder) -> Passages:
    index = Passages(0, (), np.zeros((0, embedder.identity.dimension), dtype=np.float32))
    index.hold(embedder, MANUAL)
    return index


@pytest.fixture(scope="module")
def cutter_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cutter")


@pytest.fixture
def searcher(index: Passages, embedder: Embedder, matcher: SituationMatcher, cutter_cache: Path) -> Searcher:
    return Searcher(index, embedder, matcher, cutter_cache)


def found(searcher: Searcher, *texts: str, k: int = 3) -> list[str]:
    return [r.passage.passage_id for r in searcher.search(texts, k).results]


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("四十块给我得了", "bargain"),
        ("一群骗子!气死了!", "vent"),
        ("寄回去的邮费哪边出", "freight"),
        ("付钱三天了咋还没动静", "stock"),
        ("会员怎么分层打标", "member"),
        ("真絲面料怎麼熨燙", "press"),
    ],
)
def test_words_that_share_nothing_with_the_manual_find_its_passage(searcher: Searcher, said: str, wanted: str) -> None:
    assert found(searcher, said)[0] == wanted


def test_a_customers_bubbles_are_read_together(searcher: Searcher) -> None:
    assert found(searcher, "在吗", "亲", "退的话", "邮费算谁的")[0] == "freight"


def test_the_reason_names_the_situation_or_the_shared_words(searcher: Searcher) -> None:
    assert searcher.search(["四十块卖不卖"]).results[0].why.startswith("像「报数还价」:")
    whys = [r.why for r in searcher.search(["真丝面料熨烫温度"]).results]
    assert whys[0].startswith(("字面相近:", "意思相近:"))


def test_a_cautioned_passage_ranks_below_a_clean_one_that_says_as_much(
    searcher: Searcher, index: Passages, embedder: Embedder
) -> None:
    warned = passage(
        "warned", "议价时以退为进:先讲清价值,然后谈店里可以给的让步。", section="议价技巧",
        cautions=(Caution(category="promise.price", reason="许诺最低价"),),
    )  # fmt: skip
    index.hold(embedder, (warned, *MANUAL))
    ids = found(searcher, "四十块卖不卖", k=5)
    assert ids.index("bargain") < ids.index("warned")


def test_near_duplicates_are_shown_once(searcher: Searcher, index: Passages, embedder: Embedder) -> None:
    again = passage("again", MANUAL[0].text + "!", section=MANUAL[0].section)
    index.hold(embedder, (*MANUAL, again))
    ids = found(searcher, "四十块卖不卖", k=len(MANUAL) + 1)
    assert len({"bargain", "again"} & set(ids)) == 1


def test_a_passage_that_declares_the_situation_comes_up_though_its_words_do_not(
    searcher: Searcher, index: Passages, embedder: Embedder
) -> None:
    declared = passage("declared", "听完再答,不急着给数。", situations=("pre.bargain_offer",))
    index.hold(embedder, (*MANUAL, declared))
    assert "declared" in found(searcher, "一百二卖吗", k=2)
    assert searcher.situations_of("declared")[0][0] == "pre.bargain_offer"


def test_who_names_a_thing_finds_that_thing_first(searcher: Searcher, index: Passages, embedder: Embedder) -> None:
    named = passage("glass", "琉璃香座轻拿轻放,单独包两层气泡膜再装箱。", section="发货")
    index.hold(embedder, (*MANUAL, named))
    assert found(searcher, "琉璃香座寄回去会碎吗")[0] == "glass"
    assert found(searcher, "寄回去的邮费哪边出")[0] == "freight"


TOPIC = TopicEntry(
    id="topic.parking", name="车位登记", stage="general", description="员工的车停在哪里、怎么登记",
    exemplars=("员工的车停哪", "怎么申请停车", "車要停在哪裡", "where can staff park", "我开车来上班停哪儿"),
    manual_terms=("停车位", "登记"), techniques=("车位登记",),
)  # fmt: skip


def test_a_topic_finds_its_passage_and_says_so_but_is_no_customers_wish(
    index: Passages, embedder: Embedder, cutter_cache: Path
) -> None:
    catalogue = SituationCatalogue.load(FEW).model_copy(update={"topics": (TOPIC,)})
    matcher = SituationMatcher(catalogue, embedder)
    searcher = Searcher(index, embedder, matcher, cutter_cache)
    answer = searcher.search(["同事开车来的,车搁哪儿"])
    assert answer.results[0].passage.passage_id == "parking"
    assert answer.results[0].why.startswith("像「车位登记」:")
    assert not any(match.situation_id.startswith("topic.") for match in answer.situations)
    assert all(situation in catalogue.by_id for situation, _ in searcher.situations_of("parking"))


def test_topics_leave_what_customers_want_as_it_was_read(embedder: Embedder, matcher: SituationMatcher) -> None:
    catalogue = SituationCatalogue.load(FEW).model_copy(update={"topics": (TOPIC,)})
    with_topics = SituationMatcher(catalogue, embedder)
    assert with_topics.fit.weights.shape[1] == matcher.fit.weights.shape[1]
    alone, beside = matcher.match(["五十卖不卖"])[0], with_topics.match(["五十卖不卖"])[0]
    assert alone.situation_id == beside.situation_id
    assert abs(alone.score - beside.score) < 0.05


def test_a_new_manual_is_tied_to_situations_without_declaring_any(searcher: Searcher) -> None:
    assert searcher.situations_of("vent")[0][0] == "after.angry_vent"
    assert searcher.situations_of("unknown") == ()


def test_what_a_new_manual_serves_is_told_until_a_person_denies_it(
    searcher: Searcher, index: Passages, embedder: Embedder
) -> None:
    assert [p.passage_id for p in searcher.found_for()["after.angry_vent"]] == ["vent"]
    assert searcher.found_of("vent") == ("after.angry_vent",) and searcher.found_of("unknown") == ()
    before = dict(searcher.situations_of("vent", k=99))["after.angry_vent"]
    changed = tuple(
        p.model_copy(update={"situations": ("!after.angry_vent",)}) if p.passage_id == "vent" else p for p in MANUAL
    )
    index.hold(embedder, changed)
    assert "after.angry_vent" not in searcher.found_for() and searcher.found_of("vent") == ()
    after = dict(searcher.situations_of("vent", k=99))["after.angry_vent"]
    assert after < before - 5


@pytest.mark.parametrize(
    "asked",
    [
        "议价时哪些话不能说",
        "議價的時候有什麼話不該講",
        "议价沟通有哪些误区",
        "what should we never say about the price",
    ],
)
def test_who_asks_what_not_to_say_is_shown_it(
    searcher: Searcher, index: Passages, embedder: Embedder, asked: str
) -> None:
    never = passage(
        "never", "✗「这个价你爱买不买」:议价的时候这样说,顾客转身就走。", section="议价技巧", kind="bad_example"
    )
    index.hold(embedder, (*MANUAL, never))
    assert "never" in found(searcher, asked, k=2)


@pytest.mark.parametrize(
    "said", ["这两款有什么区别", "议价怎么这么难,为什么不能少点", "你们什么都不能做主", "哪些商品不能卖"]
)
def test_who_does_not_ask_for_it_is_not_shown_what_not_to_say(
    searcher: Searcher, index: Passages, embedder: Embedder, said: str
) -> None:
    never = passage(
        "never", "✗「这个价你爱买不买」:议价的时候这样说,顾客转身就走。", section="议价技巧", kind="bad_example"
    )
    index.hold(embedder, (*MANUAL, never))
    (shown,) = (r for r in searcher.search([said], k=9).results if r.passage.passage_id == "never")
    assert dict(shown.parts)["handicap"] < -2


def test_a_change_of_the_passages_is_seen_by_the_next_search(
    searcher: Searcher, index: Passages, embedder: Embedder
) -> None:
    assert "vent" in found(searcher, "一肚子火", k=8)
    index.hold(embedder, tuple(p for p in MANUAL if p.passage_id != "vent"))
    assert "vent" not in found(searcher, "一肚子火", k=8)


def test_nothing_is_found_for_nothing_or_in_nothing(searcher: Searcher, index: Passages, embedder: Embedder) -> None:
    assert searcher.search(["  "]).results == ()
    assert searcher.search([]).situations == ()
    index.hold(embedder, ())
    answer = searcher.search(["五十卖不卖"])
    assert answer.results == ()
    assert answer.situations[0].situation_id == "pre.bargain_offer"


def test_many_queries_at_once_read_as_one_by_one(searcher: Searcher) -> None:
    queries = [["四十块卖不卖"], ["气死了", "骗子"], [""], ["邮费谁出"]]
    together = searcher.search_many(queries, 3)
    for query, answer in zip(queries, together, strict=True):
        alone = searcher.search(query, 3)
        assert [r.passage for r in answer.results] == [r.passage for r in alone.results]


def test_langchain_reads_passages_as_documents(searcher: Searcher) -> None:
    documents = PassageRetriever(searches=searcher, k=2).invoke("邮费算谁的")
    assert len(documents) == 2
    assert documents[0].id == "freight"
    assert documents[0].metadata["section"] == "售后"
    assert documents[0].metadata["why"]


def test_the_report_counts_what_is_shown_within_the_budget(searcher: Searcher) -> None:
    cases = [
        RetrievalCase(id="1", query="四十块卖不卖", kind="customer", gold=("以退为进先说清价值",)),
        RetrievalCase(id="2", query="四十块卖不卖", kind="agent", gold=("手册里没有的话",)),
    ]
    report = measure(searcher, cases)
    assert (report.hits("customer"), report.hits("agent"), report.hits()) == (1.0, 0.0, 0.5)
    assert report.cases[0].rank == 1
    assert report.mean_reciprocal_rank == 0.5


def test_word_search_finds_two_character_words_and_scores_strangers_zero(cutter_cache: Path) -> None:
    cutter = Cutter(cutter_cache)
    lexical = LexicalIndex([cutter.terms("退貨的運費"), cutter.terms("发货时间")])
    scores = lexical.scores(cutter.terms("退货"))
    assert scores[0] > 0 == scores[1]
    assert not LexicalIndex([]).scores(["退货"]).size
    assert lexical.share([], 0) == 0
    assert lexical.share(cutter.terms("退货"), 0) == 1
    assert lexical.share(cutter.terms("退货"), 1) == 0
    assert lexical.share((), 0) == 0, "a message of signs only says nothing"
    assert not lexical.scores(["完全没有"]).any()
