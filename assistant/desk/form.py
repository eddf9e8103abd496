"""What the agent has put into the reply desk, read as a Conversation."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple, get_args

from assistant import chatlog
from assistant.authority import Authority
from assistant.conversation import Conversation, Message, Role
from assistant.guardrails import CheckContext
from knowledge.errors import KefuError
from knowledge.policies import PolicyFile
from knowledge.values import AuthorityKind

WITH_ARGUMENT: tuple[AuthorityKind, ...] = (
    "compensation_up_to",
    "refund_approved",
    "coupon",
    "free_shipping_over",
    "gift",
)
"""Authorities that carry an amount or a name: filled in means authorised."""

WITHOUT_ARGUMENT: tuple[AuthorityKind, ...] = tuple(k for k in get_args(AuthorityKind) if k not in WITH_ARGUMENT)

ORDER_FIELDS = ("order_id", "item", "price_yuan", "paid_at", "shipped_at", "courier", "tracking_status", "signed_at")


class Form(NamedTuple):
    """The desk's fields in their order; every one a text but for the ticked authorities."""

    chat_log: str = ""
    order_id: str = ""
    item: str = ""
    price_yuan: str = ""
    paid_at: str = ""
    shipped_at: str = ""
    courier: str = ""
    tracking_status: str = ""
    signed_at: str = ""
    more_facts: str = ""
    shop: str = ""
    platform: str = ""
    ticked: tuple[AuthorityKind, ...] = ()
    compensation_up_to: str = ""
    refund_approved: str = ""
    coupon: str = ""
    free_shipping_over: str = ""
    gift: str = ""

    @classmethod
    def of(cls, values: tuple[object, ...]) -> Form:
        """The form from the components' values; an emptied component says None."""
        texts = {name: value for name, value in zip(cls._fields, values, strict=True) if name != "ticked"}
        ticked = dict(zip(cls._fields, values, strict=True))["ticked"]
        kinds = tuple(k for k in WITHOUT_ARGUMENT if isinstance(ticked, (list, tuple)) and k in ticked)
        return cls(ticked=kinds, **{k: "" if v is None else str(v) for k, v in texts.items()})

    def order(self) -> dict[str, str]:
        """The order's facts that were filled in, named as the interface names them."""
        known = {name: str(getattr(self, name)).strip() for name in ORDER_FIELDS}
        more = (line.replace("：", ":").partition(":") for line in self.more_facts.splitlines())
        facts = {key.strip(): value.strip() for key, _, value in more}
        return {key: value for key, value in {**facts, **known}.items() if key and value}

    def authorised(self) -> list[str]:
        amounts = ((kind, str(getattr(self, kind)).strip()) for kind in WITH_ARGUMENT)
        return [*self.ticked, *(f"{kind}:{given}" for kind, given in amounts if given)]

    def conversation(self) -> Conversation:
        """The conversation that is to be answered. Raises KefuError naming what to mend."""
        log = self.preview()
        return Conversation.read(
            {
                "messages": [message.model_dump() for message in log.messages],
                "order": self.order() or None,
                "policy": {
                    "shop": self.shop.strip(),
                    "platform": self.platform or None,
                    "authorised": self.authorised(),
                },
            }
        )

    def fingerprint(self) -> str:
        """The conversation's, or "" while the form can't be read as one."""
        try:
            return self.conversation().fingerprint()
        except KefuError:
            return ""

    def preview(self) -> chatlog.ChatLog:
        """The messages that the paste holds, with the lines that are doubtful or left out."""
        return chatlog.parse(self.chat_log, self.shop.strip())


POLICY_FIELDS = ("shop", "platform", "ticked", *WITH_ARGUMENT)
"""What a shop's policy fills in."""

KEPT_FIELDS = tuple(name for name in POLICY_FIELDS if name != "refund_approved")
"""What stays for the next customer: it belongs to the shop. A refund was approved for one order."""


def policy_values(policy: PolicyFile, day: date) -> tuple[object, ...]:
    """The values of POLICY_FIELDS under `policy` on `day`: what is not in force is empty."""
    granted = [Authority.parse(text) for text in policy.authorised(day)]
    amounts = {a.kind: f"{a.yuan:g}" if a.yuan is not None else a.name or "" for a in granted}
    ticked = [a.kind for a in granted if a.kind in WITHOUT_ARGUMENT]
    return (policy.shop, policy.platform, ticked, *(amounts.get(kind, "") for kind in WITH_ARGUMENT))


def add_turn(chat_log: str, role: Role, text: str, names: dict[Role, str]) -> str:
    """The log with one more message at its end, in a form that reads back as just that message."""
    line = " ".join(text.split())
    return f"{chat_log.rstrip()}\n{names[role]}:{line}".lstrip("\n") if line else chat_log


def check_context(conversation: Conversation, known_text: tuple[str, ...] = ()) -> CheckContext:
    """What the guardrails may take as given when they check a reply to this conversation."""
    return CheckContext(
        authorities=conversation.policy.authorities,
        order=conversation.order,
        messages=conversation.messages,
        platform=conversation.policy.platform,
        known_text=known_text,
    )


def last_words(messages: tuple[Message, ...]) -> str:
    """The customer's last message, as a query for the search tester."""
    return next((m.text for m in reversed(messages) if m.role == "customer"), "")
