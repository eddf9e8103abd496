"""What a check may rest on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from assistant.authority import Authority
from assistant.conversation import Conversation, Message, Order, Platform


@dataclass(frozen=True)
class CheckContext:
    """What is known and allowed when a reply is checked.

    `known_text` are passages and policy texts that a statement may rest on; `now` is the conversation's time. What a chat
    model wrote (`by_model`) is stopped on a lesser suspicion: to be wrong there costs one repair, not an agent's time.
    """

    authorities: tuple[Authority, ...] = ()
    order: Order | None = None
    messages: tuple[Message, ...] = ()
    platform: Platform | None = None
    known_text: tuple[str, ...] = ()
    now: datetime | None = None
    by_model: bool = False

    @classmethod
    def of(
        cls, conversation: Conversation, known_text: tuple[str, ...] = (), now: datetime | None = None
    ) -> CheckContext:
        """The context that a conversation gives."""
        return cls(
            authorities=conversation.policy.authorities,
            order=conversation.order,
            messages=conversation.messages,
            platform=conversation.policy.platform,
            known_text=known_text,
            now=now,
        )
