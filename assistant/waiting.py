"""Which of the customer's words wait for an answer: not only those after the agent's last bubble."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import re2

from knowledge.fold import fold

_ASKS_BACK = re2.compile(
    r"\?\s*$|(?:吗|呢|么|什么|啥|哪款|哪个|哪件|哪种|多少|几号|几件|是不是|有没有)[呀啊哦哈亲~。!\s]*$|"
    r"(?:请|麻烦)(?:您|你|亲)?(?:先)?(?:说|讲|告诉|提供|描述|发|拍|给)|方便(?:说|告诉|提供|发|拍)|\b(?:could|can|would) you\b"
)
"""An agent's words that want something from the customer before they answer."""
_SENTENCE = re2.compile(r"[^。!?;~\n]+[?]?")
_COURTESY = re2.compile(
    r"亲+爱?的?|您好|你好|在的?|好的?|嗯+|哦|收到|看到了?|明白|了解|知道了?|理解|非常|十分|真的?|很|特别|给您|为您|帮您|跟您|您的?|你的?|我们?|这边|这就|马上|现在|先|再|已经?|正在|都|也|就|请|麻烦|稍等|等(?:一)?(?:下|会儿?)|耐心|别(?:着|生)?[急气]|不要(?:着|生)?[急气]|"
    r"抱歉|对不起|不好意思|添麻烦了?|心情|感受|情况|问题|反馈|登记|记录?下?|核实|核对|查(?:询|看)?(?:一)?下?|看(?:一)?下|看看|问(?:一)?下|处理|跟进|上报|转(?:达|交|接)|联系|相关|同事|部门|仓库|主管|一下|图片|照片|呢|哈|啊|呀|哟|喔|的|了|吧|~|[^\p{L}\p{N}]|"
    r"\b(?:hi|hello|ok|okay|sure|sorry|please|wait|one|moment|let|me|check|i|we|will|understand|thank|thanks|you|your|for|the|this|about|very|so|dear|noted|got|it|to|a|look|into)\b"
)
"""What is said to be polite or to gain time."""
_SUBSTANCE = 4
"""Characters besides courtesies from which an agent's words may have answered."""
_PRESSES = re2.compile(
    r"人呢|人在吗|有人吗|在(?:吗|不|么)|别亲+|亲+|叫人|喊人|(?:你|您|妳)们?|我们?|(?:先|快|赶紧|马上|倒是|给我|能不能)?(?:回答|答|回复|回|说)(?:一?句|一?下)?(?:我|话|问题|清楚|人话|准话|真话|实话)?|说(?:人|真|实)?话|(?:要|想|就)?听(?:真|实|人|准)话|真话|实话|准话|痛快(?:点|话)|"
    r"放屁|胡说(?:八道)?|瞎说|扯淡?|鬼(?:才)?信|谁信|不信|骗(?:人|我|谁|子)?|忽悠|糊弄|敷衍|打发(?:我|人)?|别|确定|真的?|假的?|是(?:吗|么|不是)|对(?:吗|不对)|行不行|"
    r"快(?:点|一点|些)?|赶紧|急(?:死)?(?:了|人)?|等(?:了)?(?:半天|好久|很久|多久|一天|老半天)|白等(?:了)?|合着|到底|怎么(?:说|办|样|回事)|咋(?:说|办|样)|然后|所以|结果|就这样?|呵+|哼|切|算了|滚|垃圾|什么(?:态度|意思|玩意)?|有病|服了|无语|气死|烦|生气|一天|半天|又|还|都|就|这|那|好|要|想|能|不|没|有|给|说|听|话|了|的|吗|么|呢|吧|啊|呀|嘛|哦|噢|诶|喂|唉|哈|[^\p{L}\p{N}]|"
    r"\b(?:hello|hi|hey|anyone|there|answer|me|reply|please|so|and|well|really|are|you|sure|seriously|come|on|still|waiting|what|now|then)\b"
)
"""What says no more than that an answer is wanted, or that the last one was not believed."""
_ENDS = re2.compile(
    r"^(?:好+的?|行|可以|嗯+|哦+|ok(?:ay)?|收到|知道了?|明白了?|谢谢?了?|多谢|辛苦了?|麻烦了?|感谢|再见|拜拜|没事了?|不用了?|等你们?|那我?等着?|thanks?(?: you)?|great|bye|唔该|[啊呀哦哈啦吧您你亲!。,~\s]|[^\p{L}\p{N}])+$"
)
"""Words that close a matter."""
_SILENCE = re2.compile(r"[.\s\x{2026}\x{3002}\x{22EF}]{2,}|。")
_FARTHEST = 3
"""Turns that are looked back over."""


class Bubble(Protocol):
    """Who said it, and what."""

    @property
    def role(self) -> str: ...

    @property
    def text(self) -> str: ...


def waiting(messages: Sequence[Bubble], more: int = 0) -> tuple[int, ...]:
    """Which messages wait for an answer, in their order: the customer's since the agent last spoke (before it, where the
    agent spoke last); and those before, where the agent only asked back or was polite, or where the customer has since
    done no more than press, doubt or scold. `more` turns before those wait as well.
    """
    turns = _turns(messages)
    if not turns:
        return ()
    open_ones = [turns[-1]]
    for earlier, later in zip(turns[-2 : -2 - _FARTHEST : -1], turns[: -_FARTHEST - 1 : -1], strict=False):
        between = [messages[i].text for i in range(earlier[-1] + 1, later[0])]
        last = [messages[i].text for i in turns[-1]]
        if closes(last) or not (_unanswered(between) or (later is turns[-1] and _presses(last))):
            break
        open_ones.append(earlier)
    first = len(turns) - len(open_ones)
    open_ones += turns[max(0, first - more) : first][::-1]
    return tuple(i for turn in reversed(open_ones) for i in turn)


def _turns(messages: Sequence[Bubble]) -> list[list[int]]:
    """The customer's messages, those in a row together."""
    turns: list[list[int]] = []
    for index, message in enumerate(messages):
        if message.role == "customer":
            if index and messages[index - 1].role == "customer":
                turns[-1].append(index)
            else:
                turns.append([index])
    return turns


def _unanswered(agent: Sequence[str]) -> bool:
    """Whether the agent's words answer nothing: they ask back, or are courtesies."""
    return all(_is_courtesy(s) or _ASKS_BACK.search(s) for text in agent for s in _sentences(text))


@lru_cache(maxsize=512)
def _sentences(text: str) -> tuple[str, ...]:
    return tuple(m.group(0) for m in _SENTENCE.finditer(fold(text)))


@lru_cache(maxsize=512)
def _is_courtesy(sentence: str) -> bool:
    return len(_COURTESY.sub("", sentence)) < _SUBSTANCE


def closes(customer: Sequence[str]) -> bool:
    """Whether the customer's words only end a matter, or are no words at all; dots alone are silence, and end nothing."""
    return all(_ENDS.search(fold(text)) for text in customer) and not all(_SILENCE.fullmatch(text) for text in customer)


def _presses(customer: Sequence[str]) -> bool:
    """Whether the words only want an answer, or doubt one."""
    return not any(_PRESSES.sub("", fold(text)) for text in customer)
