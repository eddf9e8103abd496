"""What customers write finds its situation, in words that no exemplar has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge.embedding import Embedder
from knowledge.matching import SituationMatcher
from knowledge.ngrams import NgramIndex, sounds
from knowledge.situations import SituationCatalogue

FEW = Path(__file__).parent / "data" / "situations"


@pytest.fixture(scope="module")
def embedder(offline_model: Path) -> Embedder:
    return Embedder.open(offline_model.parent)


@pytest.fixture(scope="module")
def matcher(embedder: Embedder) -> SituationMatcher:
    return SituationMatcher(SituationCatalogue.load(FEW), embedder)


@pytest.mark.parametrize(
    ("said", "situation"),
    [
        ("五十卖不卖", "pre.bargain_offer"),
        ("五十賣不賣", "pre.bargain_offer"),
        ("下单两天了物流空白,快点寄", "in.urge_ship"),
        ("你们这些骗子!!!火大!!!", "after.angry_vent"),
        ("我要退,快递费哪边承担", "after.return_freight"),
        ("這次服務很讚", "general.praise"),
        ("Who pays the postage if I return it?", "after.return_freight"),
    ],
)
def test_a_paraphrase_finds_its_situation(matcher: SituationMatcher, said: str, situation: str) -> None:
    assert matcher.match([said])[0].situation_id == situation


def test_a_match_shows_the_nearest_exemplar_and_the_bubble_that_says_so(matcher: SituationMatcher) -> None:
    best = matcher.match(["在吗", "30块卖不卖"])[0]
    assert best.situation_id == "pre.bargain_offer"
    assert best.exemplar == "30块卖不卖"
    assert best.text_index == 1
    assert 0.5 < best.score <= 1


def test_what_is_typed_by_ear_is_heard(matcher: SituationMatcher) -> None:
    assert matcher.match(["寄回去滴油费谁粗"])[0].situation_id == "after.return_freight"
    assert NgramIndex(["退款", "发货"], sounds).similarities("腿宽").tolist() == pytest.approx([1, 0])
    assert NgramIndex(["张店长"], sounds).similarities("赞店涨")[0] == pytest.approx(1)


def test_small_talk_is_less_sure_than_a_clear_message(matcher: SituationMatcher) -> None:
    assert matcher.match(["窗外下雨了"])[0].score < matcher.match(["四十卖不卖"])[0].score
    assert matcher.match([]) == ()


def test_a_situation_is_recognised_without_the_exemplar_at_hand(matcher: SituationMatcher) -> None:
    assert matcher.fit.first > 0.6
    assert matcher.fit.first_three > 0.85


class Counting(Embedder):
    """Counts what is embedded."""

    def __init__(self, real: Embedder) -> None:
        self._real, self.identity, self.embedded = real, real.identity, 0

    def queries(self, texts: object) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        assert isinstance(texts, list | tuple)
        self.embedded += len(texts)
        return self._real.queries(texts)


def test_the_second_start_embeds_no_exemplar_and_reads_the_same(embedder: Embedder, tmp_path: Path) -> None:
    catalogue = SituationCatalogue.load(FEW)
    first, second = Counting(embedder), Counting(embedder)
    learnt = SituationMatcher(catalogue, first, tmp_path)
    kept = SituationMatcher(catalogue, second, tmp_path)
    assert first.embedded > 0
    assert second.embedded == 0
    assert kept.match(["六十五卖吗"]) == learnt.match(["六十五卖吗"])


def test_a_spoilt_cache_is_learnt_anew(embedder: Embedder, tmp_path: Path) -> None:
    catalogue = SituationCatalogue.load(FEW)
    SituationMatcher(catalogue, embedder, tmp_path)
    (kept,) = tmp_path.glob("exemplars-*.npz")
    kept.write_bytes(kept.read_bytes()[:1000])
    again = Counting(embedder)
    SituationMatcher(catalogue, again, tmp_path)
    assert again.embedded > 0


def test_a_grown_catalogue_embeds_only_what_is_new(embedder: Embedder, tmp_path: Path) -> None:
    catalogue = SituationCatalogue.load(FEW)
    SituationMatcher(catalogue, embedder, tmp_path)
    first = catalogue.entries[0]
    grown = first.model_copy(update={"exemplars": (*first.exemplars, "八十八讨个吉利卖不卖")})
    counting = Counting(embedder)
    matcher = SituationMatcher(SituationCatalogue(entries=(grown, *catalogue.entries[1:])), counting, tmp_path)
    assert counting.embedded == 1
    assert matcher.match(["八十八讨个吉利卖不卖"])[0].exemplar == "八十八讨个吉利卖不卖"
    assert len(list(tmp_path.glob("exemplars-*.npz"))) == 1
