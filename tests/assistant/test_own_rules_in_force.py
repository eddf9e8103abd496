"""A shop's own rules beside the shipped ones: swapped while replies are checked, and never lowered by meaning."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from assistant.guardrails import Guardrails
from assistant.guardrails.rulefile import RuleFile
from assistant.values import Finding

OWN = RuleFile.model_validate(
    {
        "category": "off_platform",
        "title": "直播间暗号",
        "forbids": "叫顾客报暗号",
        "reason_en": '"{text}" asks for a code word',
        "basis": [],
        "rewrite": {"zh": "优惠以页面为准", "en": "offers are on the page"},
        "rules": [{"id": "own.codeword", "patterns": ["报暗号"], "message": "「{text}」是店里禁止的"}],
        "block": ["来直播间报暗号"],
        "pass": ["优惠以页面为准"],
    }
)


class SureOfNoHarm:
    """A semantic layer that lowers every finding it is shown."""

    def weigh(self, folded: Any, reading: Any, context: Any, found: Sequence[Finding], *_: Any) -> list[Finding]:
        return [f.model_copy(update={"severity": "warn"}) for f in found]

    def prepare(self, replies: Any) -> None: ...


@pytest.fixture(scope="module")
def guardrails() -> Guardrails:
    return Guardrails.load()


def test_its_words_stand_in_the_finding(guardrails: Guardrails) -> None:
    guardrails.adopt([OWN])
    [finding] = guardrails.check("进来报暗号就行").findings
    assert (finding.message_en, finding.suggestion_en) == ('"报暗号" asks for a code word', "offers are on the page")
    assert guardrails.adopted == (OWN,)
    guardrails.adopt([])
    assert guardrails.check("进来报暗号就行").verdict == "pass"


def test_the_semantic_layer_does_not_lower_it() -> None:
    guardrails = Guardrails.of(())
    guardrails.adopt([OWN])
    guardrails._layer = SureOfNoHarm()  # type: ignore[assignment]
    assert guardrails.check("进来报暗号就行").verdict == "block"


def test_rules_change_while_replies_are_checked(guardrails: Guardrails) -> None:
    """Every verdict is that of the rules before or after a change; none is unknown."""
    seen: set[str] = set()
    going = threading.Event()

    def check() -> None:
        while not going.is_set():
            seen.add(guardrails.check("进来报暗号就行,保证明天到").verdict)

    checkers = [threading.Thread(target=check) for _ in range(3)]
    for checker in checkers:
        checker.start()
    for number in range(40):
        guardrails.adopt([OWN] if number % 2 else [])
    going.set()
    for checker in checkers:
        checker.join()
    assert seen == {"block"}
