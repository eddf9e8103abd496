"""What a chat model is shown as good replies is good: sayable, marked sentence by sentence, of situations that there are."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from assistant.authority import Authority
from assistant.conversation import Conversation
from assistant.guardrails import CheckContext, Guardrails
from knowledge.situations import SituationCatalogue
from prompts.examples import Example, examples, like
from prompts.reading import reading_words

MARK = re.compile(r"\s*\[(?:P\d|F|A|-)\]")


@pytest.fixture(scope="module")
def guardrails() -> Guardrails:
    return Guardrails.load()


@pytest.mark.parametrize("example", examples(), ids=lambda e: e.id)
def test_an_example_passes_under_its_own_authorities(example: Example, guardrails: Guardrails) -> None:
    lines = [line.strip() for line in example.talk.strip().splitlines()]
    roles = {"顾客": "customer", "顧客": "customer", "客服": "agent"}
    messages = [{"role": roles[line[:2]], "text": line[3:]} for line in lines]
    verdict = guardrails.check(
        MARK.sub("", example.reply).strip(),
        CheckContext(
            authorities=tuple(Authority.parse(text) for text in example.authorised),
            messages=Conversation.read({"messages": messages}).messages,
            known_text=(example.facts,),
            now=datetime(2026, 11, 20, 14, 10),
        ),
    )
    assert verdict.verdict == "pass", [(f.rule, f.text) for f in verdict.findings]


@pytest.mark.parametrize("example", examples(), ids=lambda e: e.id)
def test_an_example_keeps_the_form_that_is_asked_for(example: Example) -> None:
    bubbles = example.reply.strip().splitlines()
    assert 1 <= len(bubbles) <= 3
    for bubble in bubbles:
        assert MARK.search(bubble.rstrip()[-4:]), f"ends without a mark: {bubble}"
    said = MARK.sub("", example.reply)
    assert 30 <= len(said) <= (160 if example.language != "en" else 400)


def test_situations_of_examples_are_in_the_catalogue() -> None:
    known = {entry.id for entry in SituationCatalogue.load().entries}
    assert {s for e in examples() for s in e.situations} <= known


def test_the_likeliest_is_shown_first_and_always_in_the_language_of_the_reply() -> None:
    assert like(("after.extortion", "after.damaged"), "zh-Hans")[0].id == "extortion"
    assert like(("in.lost",), "en")[0].id == "lost_parcel_en"
    assert all(e.language == "zh-Hant" for e in like(("after.fake",), "zh-Hant"))


def test_every_reckoning_has_a_place_for_its_value() -> None:
    assert all(words.count("{}") == 1 for words in reading_words().reckoned.values())
