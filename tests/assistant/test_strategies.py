"""The same customer met in different ways: what is done differs, not the wording."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.engines.offline import OfflineEngine
from assistant.engines.planning import Plan
from assistant.values import Strategy
from tests.assistant.drafts import brief, conversation, match, of_technique, phrasebook


@pytest.fixture
def engine(tmp_path: Path) -> OfflineEngine:
    return OfflineEngine(of_technique, phrasebook(tmp_path / "book"))


def _kinds(plan: Plan) -> list[str]:
    return [m.move.move for m in plan.moves]


def _plan(engine: OfflineEngine, strategy: Strategy) -> Plan:
    asked = brief(conversation("便宜点吧 还包邮吗"), match("pre.bargain"), strategy=strategy)
    return engine.plan(asked)


def test_soothing_asks_and_explains_nothing(engine: OfflineEngine) -> None:
    kinds = _kinds(_plan(engine, "soothe"))
    assert kinds[0] == "acknowledge"
    assert not {"ask", "explain", "decline"} & set(kinds)
    assert "next_step" in kinds


def test_going_straight_to_it_has_no_preliminaries(engine: OfflineEngine) -> None:
    kinds = _kinds(_plan(engine, "solve"))
    assert {"decline", "explain", "next_step"} <= set(kinds)
    assert not {"acknowledge", "close"} & set(kinds)


def test_asking_first_neither_grants_nor_declines(engine: OfflineEngine) -> None:
    kinds = _kinds(_plan(engine, "clarify"))
    assert "ask" in kinds
    assert not {"offer", "decline", "explain"} & set(kinds)


def test_only_strategies_that_do_something_else_are_offered(engine: OfflineEngine) -> None:
    bargain = brief(conversation("便宜点吧"), match("pre.bargain"))
    assert engine.strategies(bargain) == ("balanced", "soothe", "clarify"), "going straight to it says the same"
    track = brief(conversation("到哪了"), match("in.track"), strategy="balanced")
    assert engine.strategies(track)[0] == "balanced"
    assert "clarify" not in engine.strategies(track), "there is nothing to ask"


def test_a_reply_in_english_comes_with_its_meaning_in_chinese(engine: OfflineEngine) -> None:
    *_, proposal = engine.propose(brief(conversation("any discount please"), match("pre.bargain")))
    assert "supervisor" in proposal.reply
    assert "我去问主管" in proposal.gloss
    *_, chinese = engine.propose(brief(conversation("便宜点吧"), match("pre.bargain")))
    assert chinese.gloss == ""
