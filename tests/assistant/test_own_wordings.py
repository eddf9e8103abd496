"""A shop's own wordings: said at once where they belong, never where people are at risk, and only what the guardrails pass."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from assistant.engines.offline import OfflineEngine
from assistant.engines.own import OwnMove
from assistant.guardrails import CheckContext
from assistant.learning.adopting import Adopting, Adoption
from assistant.own_wordings import FILE, OwnWording, OwnWordings, WordingError, id_of
from assistant.values import Verdict
from knowledge.errors import DataFileError
from knowledge.phrasebook import Move
from knowledge.points import PointBook
from tests.assistant.drafts import brief, conversation, match, proposal
from tests.assistant.sent import guardrails, small_engine

SAID = "这款是手工缝的所以针脚会有一点不齐"


@pytest.fixture
def engine(tmp_path: Path) -> OfflineEngine:
    return small_engine(tmp_path)


@pytest.fixture
def own(tmp_path: Path, engine: OfflineEngine) -> OwnWordings:
    return OwnWordings(tmp_path / "phrasebook", engine.adopt)


def _wording(zh: str = SAID, situation: str = "pre.bargain", **changes: Any) -> OwnWording:
    given = {"move": "explain", "by": "小顾", "at": datetime(2026, 11, 16, 9), "source": "2026-W46,4 个对话"}
    return OwnWording.model_validate({"id": id_of(situation, zh), "situation": situation, "zh": zh, **given, **changes})


def _reply(engine: OfflineEngine, *lines: str, situation: str = "pre.bargain", **facts: Any) -> str:
    return proposal(engine, brief(conversation(*(lines or ("便宜点吧",)), **facts), match(situation))).reply


class TestInDrafts:
    def test_it_is_said_at_once_in_its_situation_and_in_no_other(self, engine: OfflineEngine, own: OwnWordings) -> None:
        before = _reply(engine)
        own.add(_wording())
        assert SAID in _reply(engine)
        assert SAID not in _reply(engine, situation="in.track", order={"tracking_status": "到达武汉"})
        own.remove(_wording().id)
        assert _reply(engine) == before

    def test_of_what_is_said_once_it_takes_the_place(self, engine: OfflineEngine, own: OwnWordings) -> None:
        own.add(_wording("您问得在理", move="acknowledge"))
        kinds = [m.move.move for m in engine.plan(brief(conversation("便宜点吧"), match("pre.bargain"))).moves]
        assert kinds.count("acknowledge") == 1
        assert "您问得在理" in _reply(engine)

    def test_a_fact_that_the_order_lacks_leaves_it_out(self, engine: OfflineEngine, own: OwnWordings) -> None:
        own.add(_wording("{courier}这两天件多", situation="in.track", move="explain"))
        with_courier = {"tracking_status": "到达武汉", "courier": "圆通"}
        assert "圆通这两天件多" in _reply(engine, "到哪了", situation="in.track", order=with_courier)
        assert "这两天件多" not in _reply(engine, "到哪了", situation="in.track", order={"tracking_status": "到达武汉"})

    def test_what_is_not_authorised_is_not_said(self, engine: OfflineEngine, own: OwnWordings) -> None:
        own.add(_wording("还能给您带个小礼物", move="offer", authority=("gift",)))
        assert "小礼物" not in _reply(engine)
        assert "小礼物" in _reply(engine, "便宜点吧", authorised=["gift:帆布袋"])

    def test_what_the_agent_said_already_is_not_said_again(self, engine: OfflineEngine, own: OwnWordings) -> None:
        own.add(_wording())
        assert SAID not in _reply(engine, "便宜点吧", f"客服:{SAID}。", "再便宜点")

    def test_where_people_are_at_risk_nothing_is_added(self) -> None:
        shipped = OfflineEngine(lambda _: (), points=PointBook(points=()))
        hurt = brief(conversation("用了你家面膜 脸肿了喘不上气"), match("after.allergy"))
        before = shipped.plan(hurt)
        assert any(m.move.move == "safety" for m in before.moves)
        move = Move.model_validate({"move": "explain", "wordings": [{"zh": SAID}]})
        shipped.adopt([OwnMove("after.allergy", move)])
        assert shipped.plan(hurt) == before

    def test_a_sentence_of_the_shops_own_says_what_it_rests_on(self, engine: OfflineEngine, own: OwnWordings) -> None:
        own.add(_wording())
        said = proposal(engine, brief(conversation("便宜点吧"), match("pre.bargain")))
        facts = {said.reply[slice(*s.span)].rstrip("。"): s.fact for s in said.supports}
        assert facts[SAID] == "own_wording"


class TestTheFile:
    def test_it_keeps_who_when_and_where_from(self, own: OwnWordings, tmp_path: Path) -> None:
        own.add(_wording())
        text = (tmp_path / "phrasebook" / FILE).read_text(encoding="utf-8")
        assert SAID in text and "小顾" in text and "2026-W46,4 个对话" in text and "2026-11-16" in text
        again = OwnWordings(tmp_path / "phrasebook", lambda moves: None)
        assert again.listed() == (_wording(),)

    def test_what_a_person_changes_in_it_is_followed(
        self, own: OwnWordings, engine: OfflineEngine, tmp_path: Path
    ) -> None:
        own.add(_wording())
        path = tmp_path / "phrasebook" / FILE
        path.write_text(path.read_text(encoding="utf-8").replace("手工缝的", "老师傅手工缝的"), encoding="utf-8")
        own.follow()
        assert "老师傅" in _reply(engine)

    def test_a_mistake_in_it_is_told_with_its_line_and_changes_nothing(
        self, own: OwnWordings, engine: OfflineEngine, tmp_path: Path
    ) -> None:
        own.add(_wording())
        path = tmp_path / "phrasebook" / FILE
        path.write_text(path.read_text(encoding="utf-8").replace("move: explain", "move: 解释"), encoding="utf-8")
        own.follow()
        assert SAID in _reply(engine)
        assert own.problem is not None and FILE in own.problem.zh
        with pytest.raises(DataFileError):
            own.add(_wording("另一句话也一样"))

    def test_twice_the_same_and_none_at_all_are_refused(self, own: OwnWordings) -> None:
        own.add(_wording())
        for act, code in ((lambda: own.add(_wording()), "wording.known"), (lambda: own.remove("0" * 8), "wording.unknown")):  # fmt: skip
            with pytest.raises(WordingError) as error:
                act()
            assert error.value.code == code

    def test_safety_is_not_a_shops_to_word(self) -> None:
        with pytest.raises(ValueError, match="safety"):
            _wording(move="safety")


class TestAdopting:
    @pytest.fixture
    def adopting(self, own: OwnWordings, engine: OfflineEngine) -> Adopting:
        return Adopting(own, guardrails().check, engine.situations)

    def _asked(self, text: str, situation: str = "pre.bargain", **changes: Any) -> Adoption:
        return Adoption.model_validate({"text": text, "situation": situation, "move": "explain", **changes})

    def test_what_the_guardrails_pass_is_said_with_its_source(self, adopting: Adopting, engine: OfflineEngine) -> None:
        adopted = adopting.adopt(self._asked(f" {SAID}\n", source="四个对话"), "小顾")
        assert (adopted.zh, adopted.by, adopted.source, adopted.authority) == (SAID, "小顾", "四个对话", ())
        assert SAID in _reply(engine)

    @pytest.mark.parametrize("text", ["保证明天一定到您手里", "加我微信给您便宜", "就是快递弄坏的,跟我们没关系"])
    def test_what_they_block_is_refused_with_the_reason_and_kept_out(
        self, adopting: Adopting, own: OwnWordings, text: str
    ) -> None:
        with pytest.raises(WordingError) as error:
            adopting.adopt(self._asked(text), "小顾")
        assert error.value.code == "wording.blocked" and "护栏没有放行" in error.value.zh
        assert own.listed() == ()

    def test_what_needs_an_authority_is_said_only_where_it_is_given(
        self, adopting: Adopting, engine: OfflineEngine
    ) -> None:
        talks = [
            conversation("坏了", authorised=["exchange", "invoice"]),
            conversation("裂了", authorised=["exchange"]),
        ]
        adopted = adopting.adopt(self._asked("给您换一件新的", move="offer"), "小顾", talks)
        assert adopted.authority == ("exchange",)
        assert "换一件新的" not in _reply(engine)

    def test_what_was_never_authorised_everywhere_is_refused(self, adopting: Adopting) -> None:
        talks = [conversation("坏了", authorised=["exchange"]), conversation("裂了")]
        with pytest.raises(WordingError, match="guardrails"):
            adopting.adopt(self._asked("给您换一件新的", move="offer"), "小顾", talks)

    def test_a_check_that_did_not_finish_is_no_pass(self, own: OwnWordings, engine: OfflineEngine) -> None:
        def unknown(text: str, context: CheckContext) -> Verdict:
            return Verdict(verdict="unknown")

        with pytest.raises(WordingError) as error:
            Adopting(own, unknown, engine.situations).adopt(self._asked(SAID), "小顾")
        assert error.value.code == "wording.unchecked"

    @pytest.mark.parametrize(
        ("text", "situation", "code"),
        [
            ("有事打⟦电话1⟧", "pre.bargain", "wording.personal"),
            (SAID, "pre.nowhere", "wording.situation"),
            ("好", "pre.bargain", "wording.unreadable"),
            ("{customer_name}您好", "pre.bargain", "wording.unreadable"),
            ("长" * 121, "pre.bargain", "wording.unreadable"),
        ],
    )
    def test_what_cannot_be_a_wording_is_refused_with_the_remedy(
        self, adopting: Adopting, text: str, situation: str, code: str
    ) -> None:
        with pytest.raises(WordingError) as error:
            adopting.adopt(self._asked(text, situation), "小顾")
        assert error.value.code == code

    def test_nearly_the_same_words_are_not_adopted_twice(self, adopting: Adopting) -> None:
        adopting.adopt(self._asked(SAID), "小顾")
        with pytest.raises(WordingError) as error:
            adopting.adopt(self._asked(SAID + "哦"), "小顾")
        assert error.value.code == "wording.known"
