"""The suite that measures how conversations are read."""

from __future__ import annotations

from assistant.values import Risk, Situation
from evals.suite_situation import SituationCase, faults, load_cases, marks
from knowledge.situations import SituationCatalogue


def case(wants: str, *alternatives: str, risks: tuple[Risk, ...] = ()) -> SituationCase:
    return SituationCase.model_validate(
        {
            "id": "x",
            "messages": [{"role": "customer", "text": "在吗"}],
            "wants": wants,
            "or": alternatives,
            "risks": risks,
            "why": "",
        }
    )


def seen_as(*intents: str, risks: tuple[Risk, ...] = ()) -> Situation:
    return Situation(
        stage="general", intents=intents, emotion="calm", customer_type="未定", risks=risks, language="zh-Hans"
    )


def test_an_alternative_will_do_and_a_second_place_will_not() -> None:
    wanted = case("in.track", "in.stuck")
    assert faults(wanted, seen_as("in.stuck")) == ()
    assert len(faults(wanted, seen_as("in.lost", "in.track"))) == 1
    assert len(faults(wanted, seen_as())) == 1


def test_missed_and_needless_dangers_are_both_faults() -> None:
    assert len(faults(case("after.quality", risks=("fire",)), seen_as("after.quality", risks=("injury",)))) == 2


def test_marks_tell_first_found_and_dangers_apart() -> None:
    second = marks(case("in.track"), seen_as("in.lost", "in.track", risks=("legal",)))
    assert second == {"pass_rate": 0, "first_right": 0, "found": 1, "needless_risks": 1}
    told = marks(case("after.fire", risks=("fire", "injury")), seen_as("after.fire", risks=("fire",)))
    assert told == {"pass_rate": 0, "first_right": 1, "found": 1, "risks_found": 0.5}


def test_every_row_is_of_the_catalogue_and_says_why_it_is_there() -> None:
    cases, known = load_cases(), SituationCatalogue.load().by_id
    assert len({c.id for c in cases}) == len(cases) >= 150
    assert all(c.why and {c.wants, *c.alternatives} <= set(known) for c in cases)
    assert all(c.conversation().last_customer_turn for c in cases)
