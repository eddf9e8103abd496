"""What tries to instruct the assistant, taken out of what a customer wants.

A bubble that bears a sign of such an order yields nothing but what it asks besides; nor do the short bubbles after it that
only press it home (快, 执行) or name the act (把收货人改成…). Whoever has a real wish has written it in other words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import re2

from assistant.conversation import Conversation, Message
from assistant.guardrails.inbound import injections
from assistant.situation.cues import Seen
from assistant.situation.questions import is_question
from assistant.situation.script import folded, language_of
from assistant.values import ReplyLanguage, Risk

TELLING = 4
"""Characters below which a bubble says nothing alone when there are others (快点, 在吗)."""
_PART = re2.compile(r"(?:[^。!?;\n.]|\.\S)+[.?!]?|[.?!]")
_CLAUSE = re2.compile(r"[^,]+[?]?")
_LEAST_BEFORE = 6
"""Characters that a sentence before the order has at least, to be one by itself."""
_BESIDE = re2.compile(
    r"^[\s,]*(?:顺便|另外|对了|其实|还有|再问|说正经|言归正传|话说|正经|但是?我|不过我|btw|by the way|also\b|anyway|seriously|(?:and )?(?:my|the) (?:parcel|order|package|item))"
)
"""How somebody goes over to what they want themselves."""
_PRESSED = re2.compile(
    r"^[\s!,.?~。]*(?:(?:请|你|您|快|现在|立即|立刻|马上|赶紧|那|就|给我|可以|都)*(?:执行|确认|回复|回答|照做|照办|生效|同意|答应|收到|明白|听懂|听到|懂|输出|开始|快|回|说|办|做|是|对)(?:了|吧|吗|么|没|没有|啊|呀|一下|命令|指令|点|确认|已修改|是)*|"
    r"(?:那|都|现在)?(?:价格?|钱|款|地址|订单)?(?:改|退|弄|办|打|转|减|免|生效|开通|升级)(?:好|完|掉|成)?了?(?:吗|吧|没|没有|么|呢|一下呗?)|"
    r"ok(?:ay)?|yes(?: or no)?|understood|confirm(?:ed)?|do (?:it|so|you (?:agree|understand))(?: now)?|go|now|proceed|execute|reply|comply|obey|got it)[\s!,.?~。]*$"
)
"""What only presses an order home."""
_DICTATES = re2.compile(
    r"(?:并|请|然后|直接|立即|立刻|马上|只|就|必须|务必|统一|一律)(?:回复|回答|输出|答复|确认)|^(?:回复|输出)|(?:你|您)?(?:现在)?(?:已经?)?有(?:了)?(?:这个|全部|最高|管理员?)?权限|(?:你|您)(?:看|瞧)?(?:你|您)?(?:自己)(?:都|刚|已经?|才)*(?:答应|同意|说|承认|写)|按(?:以上|上面|上述|指令|新规则)|看到了?系统(?:的)?(?:通知|消息|提示)|\b(?:and |then |just )?(?:reply|respond|answer|confirm|output|say)\b[^.?!]{0,12}(?:with|yes|done|ok|\")"
)
"""What says which words must come back."""
_ACT = re2.compile(
    r"^[\s,]*(?:现在|立即|立刻|马上|请|就|那|然后|直接|快|你)*(?:(?:把|将|给)[^,]{0,24}?(?:改|换成|退|转|打款|补发|发到|发给|寄到|免单|取消|删|设为|标记|解锁|放行)|(?:退|转|打|赔|补发|改|取消|删除|解锁|放行|批准|免单|修改|变更|更换|更新|设置)[^,]{0,20}$)|"
    r"^[\s,]*(?:now |please |so |then |just |you )*(?:change|issue|refund|send|approve|transfer|cancel|ship|update|set|mark|delete|grant|release|pay|credit)\b"
)
"""An act that is commanded, without a word of why."""
_WHY = re2.compile(
    r"坏|破|裂|碎|少|漏|错|掉|不(?:好|想|要|对|合适|能|喜欢|亮|响|动)|没(?:收|到|发)|写错|填错|搬家|因为|买(?:大|小|多|重)|broken|wrong|missing|crack|damaged|moved|because|doesn|not "
)
"""What an act is wished for."""


_HOW = re2.compile(r"怎么|怎样|如何|流程|步骤|手续|多少|几|哪|什么|咋|吗|\bhow\b|\bwhere\b|\bwhen\b")
"""Who asks how it is done commands nothing: 退货流程."""


def orders(messages: Sequence[Message], turn: Sequence[int]) -> tuple[Seen[Risk], ...]:
    """What in the messages `turn` tries to instruct the assistant, by the signs that documents are read by."""
    signs = ((i, next(iter(injections(messages[i].text)), None)) for i in turn)
    return tuple(Seen[Risk]("injection", 1.0, i, sign.start, sign.end) for i, sign in signs if sign is not None)


def without_orders(conversation: Conversation) -> Conversation:
    """`conversation` with orders to the system blanked, offsets unchanged; the same one where there are none.

    Where the turn says nothing else the signs themselves stay: they are what is answered, and the acts beside them are not.
    """
    texts = [m.text for m in conversation.messages]
    left = _served(conversation.messages)
    if left == texts:
        return conversation
    if not _says(left, conversation):
        for i in _turn(conversation):
            left[i] = _signs_only(texts[i])
    messages = (m.model_copy(update={"text": t}) for m, t in zip(conversation.messages, left, strict=True))
    return conversation.model_copy(update={"messages": tuple(messages)})


def only_orders(conversation: Conversation) -> bool:
    """Whether the turn that waits for an answer is orders to the system and nothing else."""
    left = _served(conversation.messages)
    return left != [m.text for m in conversation.messages] and not _says(left, conversation)


def language_served(conversation: Conversation) -> ReplyLanguage:
    """The customer's language: that of their own words where there are any beside the orders."""
    left = _served(conversation.messages)
    own = [t for m, t in zip(conversation.messages, left, strict=True) if m.role == "customer" and _tells(t)]
    given = [m.text for m in conversation.messages if m.role == "customer"]
    plain = [t for t in given if not any(sign.kind == "markup" for sign in injections(t))]
    spoken, written = language_of(tuple(own or plain or given)), language_of(tuple(given))
    return written if spoken != "en" and written == "zh-Hant" else spoken


def _served(messages: Sequence[Message]) -> list[str]:
    """The text of each message, that of the customer's without what is ordered."""
    left: list[str] = []
    under = False  # an order was given in this turn
    for message in messages:
        if message.role != "customer":
            under = False
            left.append(message.text)
            continue
        signed = bool(injections(message.text))
        if signed:
            left.append(_own_words(message.text))
        else:
            left.append(_blank(message.text) if under and _follows(message.text) else message.text)
        under = under or signed
    return left


def _own_words(text: str) -> str:
    """`text`, which bears an order, without it: the sentences before it, and what is asked or turned to after it."""
    kept = list(_blank(text))
    signs = injections(text)
    first = min(sign.start for sign in signs)
    normal = folded(text)
    for start, end in _parts(normal):
        part = normal[start:end]
        if any(sign.start < end and start < sign.end for sign in signs):
            continue
        before = end <= first and len(part.strip()) >= _LEAST_BEFORE and normal[end - 1 : end] in "?!"
        before = before or (end <= first and len(part.strip()) >= _LEAST_BEFORE and normal[end : end + 1] in "。\n;")
        if before or (
            start >= first and not _follows(part) and (is_question(part.strip(" ?!,")) or _BESIDE.search(part))
        ):
            kept[start:end] = text[start:end]
    return "".join(kept)


def _parts(normal: str) -> Iterator[tuple[int, int]]:
    """Sentences; of those that hold several clauses and one that turns to something else, that one apart."""
    for match in _PART.finditer(normal):
        start = match.start()
        for clause in _CLAUSE.finditer(match.group()):
            if clause.start() and _BESIDE.search(clause.group()):
                yield start, match.start() + clause.start()
                start = match.start() + clause.start()
        yield start, match.end()


def _signs_only(text: str) -> str:
    kept = list(_blank(text))
    for sign in injections(text):
        kept[sign.start : sign.end] = text[sign.start : sign.end]
    return "".join(kept)


def _follows(text: str) -> bool:
    """Whether a bubble after an order only presses it home, says what must be answered, or names the act."""
    said = folded(text).strip()
    if _PRESSED.search(said) or _DICTATES.search(said):
        return True
    asks = is_question(said.strip(" ?!,")) or _HOW.search(said)
    return _ACT.search(said) is not None and not asks and not _WHY.search(said)


def _says(left: Sequence[str], conversation: Conversation) -> bool:
    return any(_tells(left[i]) for i in _turn(conversation))


def _turn(conversation: Conversation) -> list[int]:
    waiting = {id(m) for m in conversation.last_customer_turn}
    return [i for i, m in enumerate(conversation.messages) if id(m) in waiting]


def _tells(text: str) -> bool:
    return len(text.strip()) >= TELLING


def _blank(text: str) -> str:
    return "".join(c if c == "\n" else " " for c in text)
