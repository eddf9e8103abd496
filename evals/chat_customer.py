"""A chat model as the simulated customer: it words the lines, the persona's machine decides what they mean.

So a talk's success is judged the same with and without a model. What the model writes is bounded; when it fails or runs
on, the line is said as written.
"""

from __future__ import annotations

import hashlib
import logging

import prompts
from assistant.engines import EngineError
from assistant.engines.chat_wire import ChatWire
from assistant.engines.context import data
from assistant.guardrails.inbound import screen
from assistant.settings import Settings
from evals.simulation import Persona

MOST = 120
"""Characters of one line; more is no line of a chat."""
_LAST = 6
"""Messages that the model sees: enough to answer the draft in."""

log = logging.getLogger(__name__)


class ChatCustomer:
    """Words the lines of any persona with the chat model of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._wire = ChatWire(settings)

    def __call__(self, persona: Persona, messages: tuple[dict[str, str], ...], line: str) -> str:
        if screen(line).suspicious:
            return line  # an attack is tried as it was written
        fence = "资料" + hashlib.sha256(f"{persona.id}{len(messages)}".encode()).hexdigest()[:8]
        who = {"customer": "顾客", "agent": "客服"}
        talk = "\n".join(f"{who[m['role']]}:{data(m['text'], fence)}" for m in messages[-_LAST:])
        system, user = prompts.load("customer").render(
            manner=persona.manner, goal=persona.goal, line=line, conversation=talk, fence=fence
        )
        written = ""
        try:
            for piece in self._wire.stream(system, user):
                written += piece
                if len(written) > MOST:
                    return line
        except EngineError as error:
            log.warning("%s: %s", persona.id, error.en)
            return line
        return " ".join(written.split()).strip("「」“”\"'") or line
