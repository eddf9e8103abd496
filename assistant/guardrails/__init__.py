"""Guardrails: fold -> clauses -> commitments -> authority -> rules -> Verdict; and what comes in, screened."""

from __future__ import annotations

from assistant.guardrails.context import CheckContext
from assistant.guardrails.guardrails import Guardrails
from assistant.guardrails.rulefile import RULES

__all__ = ["RULES", "CheckContext", "Guardrails"]
