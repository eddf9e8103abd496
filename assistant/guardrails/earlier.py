"""What the shop's agents offered earlier in the talk: a later offer on top of it is spent from the same authority."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from assistant.conversation import Message
from assistant.guardrails.clauses import Reading
from assistant.guardrails.context import CheckContext
from assistant.guardrails.fold import fold
from assistant.guardrails.ledger import ON_TOP, Ledger
from assistant.guardrails.statements import statements

_COMPENSATES = re.compile(r"补偿|补(?!发|寄|拍|差|运|邮|货|一)|赔|压惊|红包|compensat|make up|goodwill")
_OTHER_MONEY = re.compile(r"差价|运费|邮费|券|卡包|coupon|voucher|postage")
_MOST = 50
"""The latest so many of the agents' messages are read."""


def ledger_of(context: CheckContext) -> Ledger:
    """A new ledger of what this context allows, with what of it was offered before."""
    may_compensate = any(a.kind == "compensation_up_to" for a in context.authorities)
    offered = compensation_offered(context.messages) if may_compensate else 0.0
    return Ledger(context.authorities, context.order, context.now, offered)


def compensation_offered(messages: Sequence[Message]) -> float:
    """Yuan that agents offered as compensation in these messages: the highest sum, and what was offered on top of it."""
    return _offered(tuple(m.text for m in messages if m.role == "agent")[-_MOST:])


@lru_cache(maxsize=256)
def _offered(texts: tuple[str, ...]) -> float:
    offered = 0.0
    for text in texts:
        for statement in statements(Reading(fold(text).text)):
            told = _COMPENSATES.search(statement.text) and not _OTHER_MONEY.search(statement.text)
            if told and statement.yuan and statement.asserted:
                amount = max(statement.yuan)
                offered = offered + amount if ON_TOP.search(statement.text) else max(offered, amount)
    return offered
