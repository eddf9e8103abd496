"""What the trained reader says is weighed with cue words, resemblance and the order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from assistant.conversation import Conversation
from assistant.situation import SituationReader
from assistant.situation.ranking import Heard, Ranking
from knowledge.errors import DataFileError
from knowledge.meaning.labels import Labels
from knowledge.meaning.reading import Meanings
from knowledge.situations import SituationCatalogue

CATALOGUE = SituationCatalogue.load()
LABELS = Labels(tuple(e.id for e in CATALOGUE.entries), ("injury", "fire", "legal"), ("calm", "angry", "sarcastic"))
SIGNED = {"paid_at": "2026-11-17 08:00", "signed_at": "2026-11-19 18:20"}


def meant(wants: str, sure: float = 0.9, signs: Mapping[str, float] | None = None, mood: str = "calm") -> Meanings:
    """One text's reading, as the network gives it; `signs` are log odds."""
    situations = np.full((1, len(LABELS.situations)), np.log((1 - sure) / (len(LABELS.situations) - 1)), np.float32)
    situations[0, LABELS.situations.index(wants)] = np.log(sure)
    dangers = np.array([[(signs or {}).get(s, -6.0) for s in LABELS.signs]], dtype=np.float32)
    moods = np.array([[0.9 if m == mood else 0.05 for m in LABELS.moods]], dtype=np.float32)
    return Meanings(LABELS, np.full((1, 4), 0.5, np.float32), situations, dangers, np.log(moods))


class Staged:
    """A trained reader that hears what the test says: by words that a text contains."""

    labels = LABELS

    def __init__(self, heard: Mapping[str, Meanings], otherwise: Meanings) -> None:
        self._heard = heard
        self._otherwise = otherwise

    def read(self, texts: Sequence[str]) -> Meanings:
        rows = [next((m for words, m in self._heard.items() if words in t), self._otherwise) for t in texts]
        return Meanings(
            LABELS,
            *(np.concatenate([getattr(r, part) for r in rows]) for part in ("vectors", "situations", "signs", "moods")),
        )


def read(*lines: str, order: Mapping[str, object] | None = None, heard: Staged) -> tuple[tuple[str, ...], object]:
    talk = Conversation.read({"messages": [{"role": "customer", "text": t} for t in lines], "order": order})
    situation = SituationReader(CATALOGUE, meaning=heard).read(talk, ())  # type: ignore[arg-type]
    return situation.intents, situation


def test_what_is_heard_decides_where_no_word_names_a_wish() -> None:
    intents, _ = read("那个啥", order=SIGNED, heard=Staged({}, meant("after.size_wrong")))
    assert intents[0] == "after.size_wrong"


def test_the_orders_stage_speaks_against_a_question_from_before_buying() -> None:
    heard = Staged({}, meant("pre.return_policy", 0.5))
    before, _ = read("能退不", heard=heard)
    assert before[0] == "pre.return_policy"
    after, _ = read("能退不", order=SIGNED, heard=heard)
    assert after[:1] != ("pre.return_policy",)


def test_trouble_with_an_order_is_doubted_where_there_is_none() -> None:
    heard = meant("after.quality", 0.5)
    heard.situations[0, LABELS.situations.index("pre.product_question")] = np.log(0.3)
    without, _ = read("会不会一碰就散", heard=Staged({}, heard))
    assert without[0] == "pre.product_question"
    with_it, _ = read("会不会一碰就散", order=SIGNED, heard=Staged({}, heard))
    assert with_it[0] == "after.quality"


def test_many_questions_before_buying_are_no_complaint_after_it() -> None:
    heard = meant("after.many_questions", 0.6)
    heard.situations[0, LABELS.situations.index("pre.product_question")] = np.log(0.3)
    intents, situation = read("1 多重 2 几时发 3 有票不", heard=Staged({}, heard))
    assert intents[0] == "pre.product_question"
    assert situation.stage == "pre_sale"  # type: ignore[attr-defined]


def test_the_matter_leads_and_the_manner_colours_it() -> None:
    heard = meant("after.hardship", 0.5)
    heard.situations[0, LABELS.situations.index("after.installation")] = np.log(0.3)
    intents, _ = read("我一个人 一堆板子", order=SIGNED, heard=Staged({}, heard))
    assert intents[:2] == ("after.installation", "after.hardship")


def test_what_nothing_fits_is_not_guessed() -> None:
    intents, _ = read("那个啥来着", order=SIGNED, heard=Staged({}, meant("after.size_wrong", 0.03)))
    assert intents == ()


def test_a_danger_is_the_likelier_the_more_the_turn_is_about_it() -> None:
    weights = Ranking.load().risks
    heard = Heard(meant("after.quality")[:0], meant("after.quality", signs={"fire": 0.0}))
    about, beside = (heard.risks(weights, (), {"fire": float(np.log(p))})["fire"] for p in (0.6, 0.001))
    assert about > weights.pressing > beside


def test_a_danger_that_only_the_network_hears_is_answered_first() -> None:
    turn = meant("after.quality", 0.7, signs={"injury": 5.0})
    turn.situations[0, LABELS.situations.index("after.injury")] = np.log(0.1)
    intents, situation = read("它自己倒下来了", order=SIGNED, heard=Staged({}, turn))
    assert intents[0] == "after.injury"
    assert situation.risks == ("injury",)  # type: ignore[attr-defined]


def test_a_word_of_danger_that_the_network_hears_as_harmless_is_none() -> None:
    heard = Staged({}, meant("after.quality", signs={"injury": -8.0}))
    _, situation = read("刀口有点卷 手被硌了一下", order=SIGNED, heard=heard)
    assert situation.risks == ()  # type: ignore[attr-defined]


def test_mood_is_heard() -> None:
    _, situation = read("东西真结实", heard=Staged({}, meant("after.sarcasm", mood="sarcastic")))
    assert situation.emotion == "sarcastic"  # type: ignore[attr-defined]


def test_what_the_turn_before_said_counts_a_little() -> None:
    ranking = Ranking.load()
    unsure = meant("general.thanks", 0.05)
    without = Heard(unsure[:0], unsure).wishes(ranking.wishes, {}, {}, {})
    with_it = Heard(meant("in.lost"), unsure).wishes(ranking.wishes, {}, {}, {})
    assert with_it["in.lost"] > without["in.lost"]


def test_a_wrong_file_of_weights_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "ranking.yaml"
    path.write_text("wishes:\n  whole: heavy\n", encoding="utf-8")
    with pytest.raises(DataFileError, match=r"ranking\.yaml"):
        Ranking.load(path)


def test_a_further_wish_is_answered_beside_the_first() -> None:
    both = meant("after.invoice", 0.5)
    both.situations[0, LABELS.situations.index("after.exchange")] = np.log(0.45)
    intents, _ = read("那个票还有那个能换不", order=SIGNED, heard=Staged({}, both))
    assert set(intents) == {"after.invoice", "after.exchange"}


def test_a_danger_told_earlier_stays_in_sight() -> None:
    talk = Conversation.read(
        {
            "messages": [
                {"role": "customer", "text": "充电器冒烟了 着火了"},
                {"role": "agent", "text": "先断电,人离远一点"},
                {"role": "customer", "text": "好的 断了"},
            ],
            "order": SIGNED,
        }
    )
    heard = Staged({}, meant("general.thanks"))
    assert SituationReader(CATALOGUE, meaning=heard).read(talk, ()).risks == ("fire",)  # type: ignore[arg-type]
