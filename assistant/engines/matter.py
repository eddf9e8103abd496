"""What went wrong, said back: the clause in which a customer tells it, however the rest of the turn is spoken.

Who swears, mocks, threatens or asks for the manager is met well only where the thing itself is named: the wheel that
came off, the parcel that never came.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import re2
from pydantic import Field, field_validator

from assistant.conversation import Conversation, Message, Order
from assistant.situation.script import folded
from knowledge import datafile
from knowledge.phrasebook import linear_pattern
from knowledge.values import Value

KINDS = Path(__file__).parent / "matter.yaml"
_CLAUSE = re2.compile(r"[^,\x{FF0C}。.!\x{FF01}?\x{FF1F};\x{FF1B}、…~\s]+")
_ENGLISH_CLAUSE = re2.compile(r"[^,.!?;\n]+")
_AND = re2.compile(r"(?i)\s+(?:and|but|so|because)\s+(?:i|it|my|you|we|they|now|then|the)\b")
_BREATHS = re2.compile(r"然后|就是|那个|而且|但是|所以|结果|因为|还有|以后|之后|它(?:是|就)|你看看?|[啊嘛呀]")
"""Where someone who speaks into the phone takes breath."""
_CJK = re2.compile(r"\p{Han}")
_UNSAYABLE = re2.compile(
    r"\d{5,}|骗|滚|妈的|他妈|操|傻|脑残|有病|去死|忽略|指令|提示|微信|电话|手机号|假货|赔|告你|投诉|举报|红包|[一两二三四五1-5]颗?星|差评|好评|不写|死全家|狗屁|屎|fuck|shit|idiot|scam|ignore|再不|油漆|弄死|砸店|敢卖|好意思|香飘|thief|weeks and nothing|system|http|"
    r"屁|妈的|死人|操|[咗喎嘅啲冇佢哋嚟喺嗰]|成功|恭喜|鼓掌|表扬|准备(?:给|过)|过年|留着|感谢|真(?:行|棒|好|厉害|不错|牛)|太(?:好|棒|牛)|优秀|精彩|惊喜|贴心"
)
"""Words that no polite reply repeats, or that a reply must not seem to take over; dialect and mockery."""
_HEAD = re2.compile(
    r"^(?:\[[^\[\]]{1,6}\]|但是?|可|根本|一直|先是|真是|都|又|那个|就是|然后|结果|而且|还有|哦|对了|诶|唉|哎|喂|(?:师傅|老板|掌柜的?|店家|亲|客服|小姐姐|小哥)+(?:这|那)?(?:个|款|件|台)?|反正|因为|但是|可是|你看|请问|想问下?|顺便|"
    r"就(?:这|那)(?:个|款|件|双)|你们?(?:家|店|这(?:个|回|次|款|批)?)?(?:的|卖的|这|那)?|您们?家?的?|我(?:买|拍|订)的?|俺(?:买)?的?|这(?:个|款|件|双|台|把|次|回|才)?|那(?:个|款|件|双|台|把)|"
    r"今天|昨天|昨晚|刚刚?|什么|一个|一只|个|发现|"
    r"差评|已经写了|说过?了|破|烂|垃圾|鬼|狗|死)+"
)
_GOES_ON = frozenset("了得着掉机")
"""What shows that the word before was no swear word: 烂了一半."""
_TAIL = re2.compile(
    r"(?:(?:你|妳)?(?:们)?管不管|得?(?:齁|苦|咸|臭)?死个?人|怎么(?:弄|办|回事|说|搞|处理|退|换|解决)?.{0,4}|咋(?:办|整|弄|回事).{0,2}|是不是.{0,8}|能不能.{0,10}|能.{0,6}吗|你知道吧|知道不|"
    r"(?:这|那)?(?:件|个)?事?我?(?:都|已经)?(?:说|讲|反映|问|提)(?:过)?了?(?:第?[两三四五六七八九几\d]+(?:遍|次|回))了?|(?:了)?(?:啊|呀|吗|嘛|呢|吧|哦|哈|啦|的说|喂|诶|哎|么)+)$"
)
_PERSONS = (
    ("我爸", "您父亲"), ("我妈", "您母亲"), ("我老公", "您先生"), ("我老婆", "您太太"), ("我娃", "孩子"), ("我儿子", "孩子"), ("我女儿", "孩子"),
    ("我们", "您"), ("我", "您"), ("俺", "您"), ("它", ""), ("你们家", ""), ("你们", ""), ("咋个", ""), ("怎么就", ""), ("怎么", ""), ("为什么", ""), ("为啥", ""),
)  # fmt: skip
"""Whom the customer means, as an agent says it; questions become what is told in them."""
_BY_HAND = re2.compile(r"我(拧|打|按|穿|用|开|拉|点|看|弄|装|一|都)")
"""Who does it goes without saying."""
_SAID_TWICE = re.compile(r"(.{2,4}?)\1+")
_EMOJI = re2.compile(r"[\x{1f300}-\x{1faff}\x{2600}-\x{27bf}\x{fe0f}\x{200d}]+")
_CLAIMED = re2.compile(r"说[^好了过定]")
_NOT_TOLD = re2.compile(
    r"(?:我自己|自己|孩子|小孩|娃|宝宝|猫|狗|我不小心|老公|老婆)[^,。!?]{0,8}(?:摔|弄|打|掰|踩|碰|坐|压)(?:坏|碎|断|丢|烂|裂)|(?:会不会|有没有|是不是|容易|怕|担心|万一|要是|如果|能不能|可以|别)"
)
"""What is feared or asked has not happened."""
_ASKED = re2.compile(
    r"能不能|可不可以|有没有|是不是|会不会|要不要|好不好|行不行|(?:敢|能|可以|行|要|得|该)[^,。]{0,4}不$"
)
LOOSELY = frozenset(
    {"after.angry_vent", "after.abuse", "after.sarcasm", "after.deny_all", "after.immediate", "after.repeat_trouble",
     "after.follow_up", "after.not_understood", "after.distrust_agent"}
)  # fmt: skip
"""Wishes that say how somebody speaks or how often: what happened is said back though no known mishap is told."""
_STATES = re2.compile(r"了|着|过|不|没|就|成|得|全|还是|是.{1,6}的")
_SCOLDS = re2.compile(
    r"[??吗嘛么呢吧]|谁|什么|啥|怎么|咋|哪|为啥|凭|你|您|咱|客服|老板|店|废物|东西|玩意|算数|说话|说法|道歉|抱歉|对不起|不好意思|处理|解决|等|忍|气|烦|受不了|退|换|赔|告|投诉|差评|曝光|"
    r"佩服|厉害|呵|哈|不愧|天(?:了|又)|第.次|次了|不想|要求|赶紧|马上|立刻|必须|喊|别(?:再|跟|给|光|说|来|拿)|再也|去死|妈|"
    r"[一两三四五六七八九十几\d]遍|[几\d]点|视频|照片|截图|录音|聊天记录"
)
"""What asks, demands, scolds or mocks, what tells only how long it took or how often it was said, and proof."""
_SHORTEST_LOOSE = 5
_OF_GOODS = frozenset({"after.missing_item", "after.wrong_item", "after.damaged", "after.quality"})
_SHORTEST, _LONGEST, _LONGEST_OF_TWO, _LONGEST_ENGLISH = 3, 18, 22, 60


class _Kind(Value):
    """Words that tell one kind of mishap; `signed` and `shipped` are what the order must say, where that matters."""

    situation: str
    patterns: tuple[str, ...] = Field(min_length=1)
    signed: bool | None = None
    shipped: bool | None = None

    @field_validator("patterns")
    @classmethod
    def _patterns_compile(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(linear_pattern(p) for p in value)

    def fits(self, order: Order | None) -> bool:
        """Whether the order says nothing against it."""
        if self.signed is None and self.shipped is None:
            return True
        if order is None:
            return False
        return (self.signed is None or self.signed == (order.signed_at is not None)) and (
            self.shipped is None or self.shipped == (order.shipped_at is not None)
        )


class _Kinds(Value):
    kinds: tuple[_Kind, ...]
    demands: tuple[_Kind, ...]


@dataclass(frozen=True)
class Matter:
    """`words` are the customer's, fit to be said back after 您说, "" where only a demand is heard; `situation` is where
    it belongs.
    """

    words: str
    situation: str


_Compiled = tuple[tuple[_Kind, tuple[re2._Regexp, ...]], ...]


@lru_cache(maxsize=1)
def _read() -> tuple[_Compiled, _Compiled]:
    """Mishaps and demands, compiled."""
    read = datafile.load(KINDS, _Kinds)
    mishaps, demands = (
        tuple((kind, tuple(re2.compile(p) for p in kind.patterns)) for kind in kinds)
        for kinds in (read.kinds, read.demands)
    )
    return mishaps, demands


def matter_of(conversation: Conversation) -> Matter | None:
    """What went wrong as the customer told it last, or what they want done; None where neither is told, and before a
    purchase.
    """
    order = conversation.order
    if order is None:
        return None
    turn = {id(m) for m in conversation.last_customer_turn}
    spoken = [m.text for m in conversation.messages if m.role == "customer" and id(m) not in turn]
    waiting = [m.text for m in conversation.messages if id(m) in turn]
    for texts in (waiting, spoken[::-1]):
        found = [m for text in texts for m in _told(text, order)]
        if found:
            return _together(found, order)
    wanted = folded(" ".join(waiting))
    heard = [(m.end(), k.situation) for k, ps in _read()[1] if k.fits(order) for p in ps for m in p.finditer(wanted)]
    return Matter("", max(heard, key=lambda h: (h[1] in _OF_GOODS, h))[1]) if heard else None


def loosely_told(conversation: Conversation) -> Matter | None:
    """The clause that most likely tells what happened, where no word of a known mishap does: one that states something, to
    nobody, about the thing bought if any does, in the last turn, or in those before where the last tells nothing. None
    where every clause asks, demands or scolds.
    """
    turn = {id(m) for m in conversation.last_customer_turn}
    before = [m for m in conversation.messages if m.role == "customer" and id(m) not in turn]
    return _loosely(conversation, conversation.last_customer_turn) or _loosely(conversation, before)


def _loosely(conversation: Conversation, messages: Sequence[Message]) -> Matter | None:
    if conversation.order is None:
        return None
    found: list[Matter] = []
    for message in messages:
        for clause in _clauses(message.text):
            plain = folded(clause)
            words = _sayable(clause)
            if (
                len(words) >= _SHORTEST_LOOSE
                and _STATES.search(plain)
                and not (_SCOLDS.search(plain) or _ASKED.search(plain))
            ):
                found.append(Matter(words, ""))
    item = conversation.order
    return max(found, key=lambda m: (_of_item(m.words, item), min(len(m.words), 12)), default=None)


def _together(found: Sequence[Matter], order: Order) -> Matter:
    """What tells most of the thing bought; with one thing more that went wrong otherwise, where both are short."""
    goods = [m for m in found if m.situation in _OF_GOODS]
    found = goods or found  # who tells of the thing has received it, whatever was said before
    best = max(found, key=lambda m: (_of_item(m.words, order), min(len(m.words), 12)))
    for other in found:
        short = _CJK.search(best.words) and len(best.words) + len(other.words) <= _LONGEST_OF_TWO
        if (
            other.words
            and other.situation != best.situation
            and short
            and {other.situation, best.situation} <= _OF_GOODS
        ):
            first, second = sorted((best, other), key=list(found).index)
            return Matter(f"{first.words}、{second.words}", best.situation)
    return best


def _of_item(words: str, order: Order) -> bool:
    """Whether the words name the thing bought: any two characters of its name in a row, or a word of it."""
    name, plain = folded(order.item or ""), folded(words)
    pairs = (name[i : i + 2] for i in range(len(name) - 1) if _CJK.search(name[i]) and _CJK.search(name[i + 1]))
    return any(pair in plain for pair in pairs)


def _told(text: str, order: Order) -> Iterator[Matter]:
    for clause in _clauses(text):
        plain = folded(clause)
        if _NOT_TOLD.search(plain):
            continue
        kind = next((k for k, ps in _read()[0] if k.fits(order) and any(p.search(plain) for p in ps)), None)
        words = _sayable(clause)
        claimed = _CLAIMED.match(plain) is not None  # what was said of the thing is not what happened to it
        if kind is not None and (words or claimed or kind.situation.startswith("in.")):
            yield Matter(words, kind.situation)


def _clauses(text: str) -> Iterator[str]:
    if _CJK.search(text):
        for match in _CLAUSE.finditer(text):
            clause = match.group(0)
            yield from _BREATHS.split(clause) if len(clause) > _LONGEST else (clause,)
        return
    for match in _ENGLISH_CLAUSE.finditer(text):
        yield from _AND.split(match.group(0).strip())


def _sayable(clause: str) -> str:
    """The clause without how it began and ended, with 您 for 我; "" where it can't be said back."""
    words = _EMOJI.sub("", clause).strip(" ~-—:\"'“”「」()")
    chinese = bool(_CJK.search(words))
    if chinese:
        head = _HEAD.match(folded(words))
        rest = words[head.end() :] if head else words
        words = words if rest[:1] in _GOES_ON else rest
        words = _SAID_TWICE.sub(r"\1", str(_BY_HAND.sub(r"\1", words)))
        while True:
            tail = _TAIL.search(folded(words))
            if tail is None or tail.start() < _SHORTEST:
                break
            words = words[: tail.start()]
        for theirs, ours in _PERSONS:
            words = words.replace(theirs, ours)
    else:
        words = re2.sub(r"^(?i:(?:and|but|so|because|also|the|my|your|it says)\s+)+", "", words.strip())
    if chinese and words.startswith("您") and words[1:2] not in "父母先太家孩":
        words = words[1:]
    if "你" in words or _CLAIMED.match(words) or _UNSAYABLE.search(folded(words)):  # what speaks to us is not told
        return ""
    return words if _SHORTEST <= len(words) <= (_LONGEST if chinese else _LONGEST_ENGLISH) else ""
