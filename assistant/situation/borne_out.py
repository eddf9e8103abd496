"""Wishes that were read without a word for them, though what is said to them presumes something: only words bear them out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import re2
from pydantic import field_validator

from assistant.conversation import Conversation
from assistant.situation.script import folded
from knowledge import datafile
from knowledge.phrasebook import linear_pattern
from knowledge.values import Value

BORNE_OUT = Path(__file__).parent / "borne_out.yaml"


class _BorneOut(Value):
    """Situations by id, with the words of which a conversation must have one."""

    situations: Mapping[str, str]

    @field_validator("situations")
    @classmethod
    def _patterns_compile(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        return {situation: linear_pattern(words) for situation, words in value.items()}


def without_words(intents: Iterable[str], conversation: Conversation) -> frozenset[str]:
    """Those of `intents` that no word of the customer's or of the order's record bears out."""
    order = conversation.order
    record = f"{order.tracking_status or ''} {order.model_extra or ''}" if order else ""
    words = folded(" ".join((record, *(m.text for m in conversation.messages if m.role == "customer"))))
    patterns = _patterns()
    return frozenset(i for i in intents if i in patterns and not patterns[i].search(words))


@lru_cache(maxsize=1)
def _patterns() -> Mapping[str, re2._Regexp]:
    return {s: re2.compile(words) for s, words in datafile.load(BORNE_OUT, _BorneOut).situations.items()}
