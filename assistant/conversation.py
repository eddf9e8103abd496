"""What is known when a reply is due: the messages, the order, the shop's policy. Nothing else is accepted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator, model_validator

from assistant.authority import Authority
from assistant.waiting import waiting
from knowledge.errors import KefuError
from knowledge.values import Value

Role = Literal["customer", "agent"]
MAX_CHARACTERS = 100_000
"""A whole conversation longer than this is refused: no agent's chat is, and a paste of a log file is."""

Platform = Literal["taobao", "tmall", "jd", "pinduoduo", "douyin"]


class ConversationError(KefuError):
    """A conversation, order or policy that can't be read; names the field and the remedy."""


class Message(Value):
    """One bubble. `at` is the time as the workbench shows it, when it does."""

    role: Role
    text: str
    at: datetime | None = None
    name: str | None = None


class Order(BaseModel):
    """Order facts; any may be missing, unknown keys are kept as facts (see `facts`). Money in yuan, times local."""

    model_config = ConfigDict(frozen=True, extra="allow")

    order_id: str | None = None
    item: str | None = None
    price_yuan: float | None = Field(default=None, ge=0, le=10_000_000)
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    courier: str | None = None
    tracking_status: str | None = None
    signed_at: datetime | None = None

    @field_validator("order_id", mode="before")
    @classmethod
    def _numbers_are_ids_too(cls, value: object) -> object:
        return str(value) if isinstance(value, int) else value

    @field_validator("paid_at", "shipped_at", "signed_at", mode="before")
    @classmethod
    def _empty_is_missing(cls, value: object) -> object:
        return None if value == "" else value

    @model_validator(mode="after")
    def _times_in_order(self) -> Order:
        steps = [
            (name, at.replace(tzinfo=None))
            for name, at in (
                ("paid_at", self.paid_at),
                ("shipped_at", self.shipped_at),
                ("signed_at", self.signed_at),
            )
            if at is not None
        ]
        for (earlier, a), (later, b) in pairwise(steps):
            if b < a:
                raise ValueError(f"{later} ({b:%Y-%m-%d %H:%M}) is before {earlier} ({a:%Y-%m-%d %H:%M})")
        return self

    def facts(self) -> dict[str, object]:
        """Every fact that is known, unknown keys included."""
        known = {name: getattr(self, name) for name in type(self).model_fields}
        return {k: v for k, v in {**known, **(self.model_extra or {})}.items() if v is not None}


class ShopPolicy(Value):
    """The shop and what its agents may promise for this order."""

    shop: str = ""
    platform: Platform | None = None
    authorised: tuple[str, ...] = ()

    @field_validator("authorised")
    @classmethod
    def _known_ids(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(Authority.parse(text)) for text in value)

    @property
    def authorities(self) -> tuple[Authority, ...]:
        return tuple(Authority.parse(text) for text in self.authorised)


class Conversation(Value):
    """A chat that ends with what is to be answered.

    Raises ConversationError through `read`: empty, over MAX_CHARACTERS, an unknown role, impossible dates.
    """

    id: str = ""
    messages: tuple[Message, ...]
    order: Order | None = None
    policy: ShopPolicy = ShopPolicy()
    _back: int = PrivateAttr(default=0)

    @classmethod
    def read(cls, data: object) -> Conversation:
        """The conversation that a JSON object describes (the contract's draft input)."""
        if not isinstance(data, Mapping):
            raise ConversationError(
                "conversation.not_an_object",
                "对话必须是一个 JSON 对象,至少有 messages 一项。",
                'A conversation must be a JSON object with at least "messages".',
            )
        try:
            conversation = cls.model_validate(_without_nulls(data))
        except ValidationError as error:
            raise _explain(error) from error
        conversation._refuse_unusable()
        return conversation

    def _refuse_unusable(self) -> None:
        if not any(m.text.strip() for m in self.messages):
            raise ConversationError(
                "conversation.empty",
                "对话是空的:请粘贴聊天记录,或至少输入一句顾客的话。",
                "The conversation is empty: paste the chat or type at least one customer message.",
            )
        length = sum(len(m.text) for m in self.messages)
        if length >= MAX_CHARACTERS:
            raise ConversationError(
                "conversation.too_long",
                f"对话有 {length} 个字,超过上限 {MAX_CHARACTERS}:请只粘贴与本次问题有关的部分。",
                f"The conversation has {length} characters, over the limit of {MAX_CHARACTERS}: paste the relevant part.",
            )

    @property
    def last_customer_turn(self) -> tuple[Message, ...]:
        """The customer's bubbles that wait for an answer, in their order: see `waiting`. Of a talk that is `reaching_back`
        those of the turns before as well.
        """
        return tuple(self.messages[i] for i in waiting(self.messages, self._back))

    def reaching_back(self) -> Conversation:
        """The same talk, of which one more turn of the customer's waits for an answer: what was said there stands."""
        wider = self.model_copy()
        wider._back = self._back + 1
        return wider

    @property
    def reaches_back(self) -> bool:
        """Whether a turn before the last waits for an answer as well."""
        return self._back > 0

    @property
    def awaits_reply(self) -> bool:
        return bool(self.messages) and self.messages[-1].role == "customer"

    def fingerprint(self) -> str:
        """Stable over runs; changes with any message, order fact or authority. Seeds wording, marks stale drafts."""
        content = self.model_dump_json(exclude={"id"})
        return hashlib.sha256(content.encode("utf-8")).hexdigest()[:16]


def _without_nulls(data: Mapping[object, object]) -> dict[object, object]:
    return {k: v for k, v in data.items() if v is not None}


def _explain(error: ValidationError) -> KefuError:
    """The first problem of a validation, as a person would say it."""
    first = error.errors(include_url=False)[0]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, KefuError):
        return cause
    where = ".".join(str(part) for part in first["loc"]) or "conversation"
    given = first.get("input")
    shown = repr(given)[:60]
    if first["loc"] and first["loc"][-1] == "role":
        return ConversationError(
            "conversation.unknown_role",
            f"{where} 的角色 {shown} 不认识:只能是 customer(顾客)或 agent(客服)。",
            f"{where}: unknown role {shown}; it is customer or agent.",
        )
    if first["type"] == "extra_forbidden":
        return ConversationError(
            "conversation.unknown_key",
            f"{where} 不是对话的字段:请删去,或把它放进 order 里作为订单事实。",
            f"{where} is not a field of a conversation: remove it, or keep it as a fact inside order.",
        )
    if where.startswith("order"):
        return ConversationError(
            "order.invalid",
            f"订单信息 {where} 有误({first['msg']}):请核对后重填,不确定的字段可以留空。",
            f"Order fact {where} is wrong ({first['msg']}): correct it, or leave it out if unsure.",
        )
    return ConversationError(
        "conversation.invalid",
        f"{where} 有误({first['msg']}),收到的是 {shown}。",
        f"{where} is wrong ({first['msg']}); got {shown}.",
    )
