"""What the chat model is shown, cut to its context by importance: what is to be answered, what may be promised and what was
reckoned stay whole; the oldest talk goes first, then examples, then the least apt passages.
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
from prompts.examples import Example, like
from prompts.reading import reading_words

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
_RESERVED_TOKENS = 1600
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
    now: str
    situation: str
    plan: str
    examples: str
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
        masked = mask(_BETWEEN.join((talk, _facts(brief, fence), _plan(brief, fence))))
        talk, facts, plan = masked.text.split(_BETWEEN)
        answer_by = AnswerBy.of(conversation, brief.now, is_urgent(brief), is_at_risk(brief))
        left = budget - len(talk) - len(facts) - len(plan)
        passages = _passages(brief, left, fence)
        shown = _examples(brief, left - len(passages))
        return cls(
            language=_LANGUAGES[brief.situation.language],
            tone=_TONES[brief.tone] + _STRATEGIES[brief.strategy],
            authorities=";".join(describe(a) for a in conversation.policy.authorities) or "没有任何额外授权",
            facts=facts,
            now=_now(brief),
            situation=_reading(brief),
            plan=plan or "(没有)",
            examples=shown or "(没有)",
            passages=passages,
            conversation=talk,
            fence=fence,
            answer_by=answer_by.en if brief.situation.language == "en" else answer_by.zh,
            originals=masked.originals,
        )


def data(text: str, fence: str) -> str:
    """Hostile text as data: it can't close the fence, and what reads like an order to the model is named as such."""
    return neutralise(text, screen(text)).replace(fence, "").replace("</", "< /").replace(_BETWEEN, " ")


def _facts(brief: Brief, fence: str) -> str:
    """What is on record, and what follows from it by counting."""
    conversation = brief.conversation
    facts = conversation.order.facts() if conversation.order else {}
    shown = [f"{name}={data(str(value), fence)}" for name, value in facts.items()]
    if conversation.policy.shop:
        shown.insert(0, f"店铺={data(conversation.policy.shop, fence)}")
    values = brief.sketch.values if brief.sketch else {}
    known = [(words, values[slot]) for slot, words in reading_words().reckoned.items() if slot in values]
    reckoned = "".join(f"\n算好的:{words.format(data(value, fence))}" for words, value in known)
    return (";".join(shown) or "没有订单信息") + reckoned


def _now(brief: Brief) -> str:
    if not brief.dated:
        return "不详(对话没写日期,不要推算过了几天)"
    return f"{brief.now:%Y-%m-%d %H:%M} 星期{'一二三四五六日'[brief.now.weekday()]}"


def _reading(brief: Brief) -> str:
    """How the program reads the turn that waits; nothing in it is the customer's own text."""
    read, words = brief.situation, reading_words()
    course = read.course
    told: dict[str, list[str]] = {
        "情境": [m.name for m in read.matches[:3]],
        "逐句说到": [p.name for p in read.points[:6]],
        "心情": [words.moods[read.emotion]] if read.emotion != "calm" else [],
        "顾客": [read.customer_type] if read.customer_type != "未定" else [],
        "风险": [words.risks[risk] for risk in read.risks],
        "要留意": [words.contradictions[c.fact] for c in course.contradictions],
        "同一件事": [f"第{course.times}次来说"] if course.times > 1 else [],
        "客服前面": [words.said[what] for what in course.said],
    }
    return ";".join(f"{name}:{'、'.join(dict.fromkeys(said))}" for name, said in told.items() if said) or "未识别"


def _plan(brief: Brief, fence: str) -> str:
    moves = brief.sketch.moves if brief.sketch else ()
    named = reading_words().moves
    return "\n".join(
        f"{at}. {named[m.kind]}{f'({m.technique})' if m.technique else ''}:{data(m.text, fence)}"
        for at, m in enumerate(moves, 1)
    )


def _examples(brief: Brief, tokens: int) -> str:
    """Those of like conversations that fit whole."""
    blocks: list[str] = []
    for example in like(brief.situation.intents, brief.situation.language):
        block = _example(example)
        if sum(map(len, blocks)) + len(block) <= tokens:
            blocks.append(block)
    return "\n\n".join(blocks)


def _example(example: Example) -> str:
    granted = ";".join(describe(Authority.parse(text)) for text in example.authorised) or "没有任何额外授权"
    return f"已授权:{granted}\n事实:{example.facts}\n{example.talk.strip()}\n回复:\n{example.reply.strip()}"


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
