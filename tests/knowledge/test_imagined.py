"""Questions that a chat model imagined lead to their passage, and only as long as they should."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from knowledge.base import KnowledgeBase
from knowledge.embedding.embedder import Vectors
from knowledge.errors import KefuError
from knowledge.values import Passage, SearchResult
from tests.knowledge.tiny import MANUAL, OTHER, TinyEmbedder, opened, write

ASKED = "我家猫不肯喝水怎么弄"
"""Shares no word with any passage."""
MANY = "".join(
    f"## 第{n}课\n\n第{n}课讲{what}的摆放和清点办法,每天收工前做一次。\n\n"
    for n, what in enumerate("杯壶碗盘刀叉锅铲", 1)
)


@pytest.fixture
def base(kefu_home: Path, tmp_path: Path) -> Iterator[KnowledgeBase]:
    base = opened(kefu_home)
    base.ingest([write(tmp_path, name, text) for name, text in (("a.md", MANUAL), ("b.txt", OTHER), ("c.md", MANY))])
    yield base
    base.close()


def bargaining(base: KnowledgeBase) -> Passage:
    return next(p for p in base.passages() if "守价不伤人" in p.text)


def imagine_for(base: KnowledgeBase, wanted: Passage, *questions: str) -> None:
    base.enrichment.run(lambda p: "\n".join(questions) if p == wanted else "无", "staged", limit=100)


def searched(base: KnowledgeBase, text: str = ASKED) -> tuple[SearchResult, ...]:
    return base.search([text], k=20).results


def place(results: Sequence[SearchResult], wanted: Passage) -> int:
    return [r.passage.passage_id for r in results].index(wanted.passage_id)


def test_a_passage_is_found_by_what_was_imagined_for_it_and_says_so(base: KnowledgeBase) -> None:
    wanted = bargaining(base)
    before = searched(base)
    assert all("imagined" not in dict(r.parts) for r in before)
    imagine_for(base, wanted, "猫不肯喝水怎么弄", "我家的猫不喝水")
    after = searched(base)
    assert place(after, wanted) < place(before, wanted)
    found = after[place(after, wanted)]
    assert dict(found.parts)["imagined"] > 1 and found.why == "像设想的问法「猫不肯喝水怎么弄」"


def test_who_asks_something_else_finds_what_was_found_before(base: KnowledgeBase) -> None:
    before = [r.passage.passage_id for r in searched(base, "第3课碗的摆放")]
    imagine_for(base, bargaining(base), "猫不肯喝水怎么弄", "我家的猫不喝水")
    assert [r.passage.passage_id for r in searched(base, "第3课碗的摆放")][:3] == before[:3]


def test_a_question_that_resembles_everything_customers_say_draws_nothing(base: KnowledgeBase) -> None:
    """A hub among the questions: its closeness to what customers say on the whole is taken off."""
    imagine_for(base, bargaining(base), "坏了块卖不卖", "坏了卖不卖块")
    amounts = [dict(r.parts)["imagined"] for r in searched(base, "壶坏了")]
    assert max(amounts) < 5


def test_questions_outlive_a_restart_and_are_embedded_once(base: KnowledgeBase, kefu_home: Path) -> None:
    imagine_for(base, bargaining(base), "猫不肯喝水怎么弄", "我家的猫不喝水")
    found = searched(base)
    base.close()
    embedder = _Counting()
    again = opened(kefu_home, embedder)
    assert [(r.passage.passage_id, r.why) for r in searched(again)] == [(r.passage.passage_id, r.why) for r in found]
    assert "我家的猫不喝水" not in embedder.asked
    again.close()


def test_a_passage_that_is_edited_or_declined_is_no_longer_found_by_its_questions(base: KnowledgeBase) -> None:
    wanted = bargaining(base)
    plain = [r.passage.passage_id for r in searched(base)]
    imagine_for(base, wanted, "猫不肯喝水怎么弄", "我家的猫不喝水")
    assert base.enrichment.questions_of(wanted.passage_id) == ("猫不肯喝水怎么弄", "我家的猫不喝水")
    base.enrichment.drop(wanted.passage_id, "小顾")
    assert [r.passage.passage_id for r in searched(base)] == plain
    assert base.enrichment.questions_of(wanted.passage_id) == ()
    assert wanted not in base.enrichment.todo(), "what a person turned down is not asked about again"
    with pytest.raises(KefuError, match="settled already"):
        base.enrichment.drop(wanted.passage_id, "小顾")


def test_an_erased_document_leaves_no_questions_behind(base: KnowledgeBase, kefu_home: Path) -> None:
    wanted = bargaining(base)
    imagine_for(base, wanted, "猫不肯喝水怎么弄", "我家的猫不喝水")
    assert list((kefu_home / "cache").glob("imagined-*"))
    base.remove(wanted.document_id)
    assert not list((kefu_home / "cache").glob("imagined-*"))
    assert all("imagined" not in dict(r.parts) for r in searched(base))


def test_only_the_shops_own_documents_are_asked_about_those_that_serve_nothing_first(
    base: KnowledgeBase, tmp_path: Path
) -> None:
    base.ingest(
        [write(tmp_path, "shipped.txt", OTHER.replace("守价", "谢价").replace("先谢谢", "先感谢"))], shipped=True
    )
    todo = base.enrichment.todo()
    assert not any("谢价" in p.text for p in todo)
    serving = [bool(p.serves) for p in todo]
    assert True in serving and serving == sorted(serving)
    own = bargaining(base).document_id
    assert {p.document_id for p in base.enrichment.todo({own})} == {own}


def test_a_second_run_beside_the_first_is_refused(base: KnowledgeBase) -> None:
    codes: list[str] = []

    def imagine(_passage: Passage) -> str:
        with pytest.raises(KefuError) as raised:
            base.enrichment.run(lambda _p: "", "staged", limit=1)
        codes.append(raised.value.code)
        return "猫不肯喝水怎么弄\n我家的猫不喝水"

    base.enrichment.run(imagine, "staged", limit=1)
    assert codes == ["enrich.running"]


class _Counting(TinyEmbedder):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def queries(self, texts: Sequence[str]) -> Vectors:
        self.asked.extend(texts)
        return super().queries(texts)
