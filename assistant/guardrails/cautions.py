"""Cautions: which prohibited advice a manual's passage teaches."""

from __future__ import annotations

from assistant.guardrails.matching import RuleBook
from knowledge.values import Caution


class CautionReader:
    def __init__(self, book: RuleBook) -> None:
        self._book = book

    def read(self, text: str) -> tuple[Caution, ...]:
        return ()
