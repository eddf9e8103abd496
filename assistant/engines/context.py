"""What the chat model is shown, cut to its context by importance: what is to be answered and what may be promised
stay whole; the oldest talk goes first, then the least apt passages.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from assistant.authority import Authority
from assistant.conversation import Conversation, Message
from assistant.engines import Brief
from assistant.engines.clock import AnswerBy
from assistant.engines.slots import is_at_risk, is_urgent
from assistant.guardrails.inbound import mask, neutralise, screen
from assistant.values import Strategy, Tone

_LANGUAGES = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文(跟顧客同樣的用語)", "en": "English"}
_TONES: dict[Tone, str] = {
    "normal": "",
    "shorter": "这次要更短,60 个字以内。",
    "warmer": "这次要更暖一点,多一句体谅,但不用感叹号堆砌。",
    "formal": "这次要更正式,不用语气词和表情。",
}
_STRATEGIES: dict[Strategy, str] = {
    "balanced": "",
    "soothe": "这次先顾顾客的心情,事情只说最要紧的一件,不提问。",
    "solve": "这次直接说事:事实、能办什么或办不了什么、下一步,不铺垫。",
    "clarify": "这次先把缺的那一件问清楚,问清之前不答应也不拒绝。",
}
_AUTHORITIES = {
    "refund_7day_no_reason": "七天无理由退货",
    "exchange": "换货",
    "return_freight_by_seller": "退货运费由店铺承担",
    "compensation_up_to": "补偿合计不超过 {yuan:g} 元",
    "ship_within_48h": "付款后 48 小时内发货",
    "ship_within_24h": "付款后 24 小时内发货",
    "price_protection_30d": "下单后 30 天内降价补差",
    "free_shipping_over": "满 {yuan:g} 元包邮",
    "gift": "赠品:{name}",
    "invoice": "开发票",
    "warranty_1y": "一年质保",
    "coupon": "{yuan:g} 元优惠券",
    "expedite_courier_query": "加急催件、查件",
    "defect_confirmed_by_inspection": "检测已确认是质量问题,可以承认",
    "refund_approved": "已批准退款 {yuan:g} 元",
}
_BETWEEN = "\x1e"
"""Parts of one text while it is masked as a whole, so that the same phone number gets the same mask everywhere."""
_RESERVED_TOKENS = 1200
"""For the instructions and the reply."""


def describe(authority: Authority) -> str:
    """An authority as an agent would say it."""
    return _AUTHORITIES[authority.kind].format(yuan=authority.yuan, name=authority.name)


@dataclass(frozen=True)
class ChatContext:
    """The variables of the prompts, ready to be put in."""

    language: str
    tone: str
    authorities: str
    facts: str
    situation: str
    passages: str
    conversation: str
    fence: str
    answer_by: str
    originals: dict[str, str]
    """What stands behind each mask of personal data: it never leaves the machine, and is put back into the reply."""

    @classmethod
    def of(cls, brief: Brief, context_tokens: int) -> ChatContext:
        conversation = brief.conversation
        fence = "资料" + hashlib.sha256(conversation.fingerprint().encode()).hexdigest()[:8]
        budget = max(400, context_tokens - _RESERVED_TOKENS)
        talk = _talk(conversation, budget // 2, fence)
        masked = mask(f"{talk}{_BETWEEN}{_facts(conversation, fence)}")
        talk, facts = masked.text.split(_BETWEEN)
        answer_by = AnswerBy.of(conversation, brief.now, is_urgent(brief), is_at_risk(brief))
        passages = _passages(brief, budget - len(talk), fence)
        return cls(
            language=_LANGUAGES[brief.situation.language],
            tone=_TONES[brief.tone] + _STRATEGIES[brief.strategy],
            authorities=";".join(describe(a) for a in conversation.policy.authorities) or "没有任何额外授权",
            facts=facts,
            situation="、".join(m.name for m in brief.situation.matches[:3]) or "未识别",
            passages=passages,
            conversation=talk,
            fence=fence,
            answer_by=answer_by.en if brief.situation.language == "en" else answer_by.zh,
            originals=masked.originals,
        )


def data(text: str, fence: str) -> str:
    """Hostile text as data: it can't close the fence, and what reads like an order to the model is named as such."""
    return neutralise(text, screen(text)).replace(fence, "").replace("</", "< /").replace(_BETWEEN, " ")


def _facts(conversation: Conversation, fence: str) -> str:
    facts = conversation.order.facts() if conversation.order else {}
    shown = [f"{name}={data(str(value), fence)}" for name, value in facts.items()]
    if conversation.policy.shop:
        shown.insert(0, f"店铺={data(conversation.policy.shop, fence)}")
    return ";".join(shown) or "没有订单信息"


def _line(message: Message, fence: str) -> str:
    return ("顾客:" if message.role == "customer" else "客服:") + data(message.text, fence)


def _talk(conversation: Conversation, tokens: int, fence: str) -> str:
    """The last turn whole, then as much of what went before as fits, newest first. A Chinese character is a token."""
    lines: list[str] = []
    left = tokens
    for message in reversed(conversation.messages):
        line = _line(message, fence)
        if lines and len(line) > left:
            lines.append("(更早的对话从略)")
            break
        lines.append(line[:tokens])
        left -= len(line)
    return "\n".join(reversed(lines))


def _passages(brief: Brief, tokens: int, fence: str) -> str:
    blocks: list[str] = []
    left = tokens
    for number, passage in enumerate(brief.passages, 1):
        block = f"[P{number}] {passage.document} > {passage.section}\n{data(passage.text, fence)}"
        if len(block) > left:
            break
        blocks.append(block)
        left -= len(block)
    return "\n\n".join(blocks) or "(没有找到合适的段落)"
