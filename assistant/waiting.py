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
_COURTESY = re2.compile(
    r"亲+爱?的?|您好|你好|在的?|好的?|嗯+|哦|收到|看到了?|明白|了解|知道了?|理解|非常|十分|真的?|很|特别|给您|为您|帮您|跟您|您的?|你的?|我们?|这边|这就|马上|现在|先|再|已经?|正在|都|也|就|请|麻烦|稍等|等(?:一)?(?:下|会儿?)|耐心|别(?:着|生)?[急气]|不要(?:着|生)?[急气]|"
    r"抱歉|对不起|不好意思|添麻烦了?|心情|感受|情况|问题|反馈|登记|记录?下?|核实|核对|查(?:询|看)?(?:一)?下?|看(?:一)?下|看看|问(?:一)?下|处理|跟进|上报|转(?:达|交|接)|联系|相关|同事|部门|仓库|主管|一下|图片|照片|呢|哈|啊|呀|哟|喔|的|了|吧|~|[^\p{L}\p{N}]|"
    r"\b(?:hi|hello|ok|okay|sure|sorry|please|wait|one|moment|let|me|check|i|we|will|understand|thank|thanks|you|your|for|the|this|about|very|so|dear|noted|got|it|to|a|look|into)\b"
)
"""What is said to be polite or to gain time."""
_SUBSTANCE = 4
"""Characters besides courtesies from which an agent's words may have answered."""
_PRESSING = 14
"""Letters up to which the customer's words after an answer are no new matter: 你先回答我, 我要听真话."""
_ENDS = re2.compile(
    r"^(?:好+的?|行|可以|嗯+|哦+|ok(?:ay)?|收到|知道了?|明白了?|谢谢?了?|多谢|辛苦了?|麻烦了?|感谢|再见|拜拜|没事了?|不用了?|等你们?|那我?等着?|thanks?(?: you)?|great|bye|唔该|[啊呀哦哈啦吧您你亲!。,~\s]|[^\p{L}\p{N}])+$"
)
"""Words that close a matter."""
_OWN_QUESTION = re2.compile(
    r"[吗嘛么咩不没]\s*\??$|怎么|咋|如何|什么|啥|多少|几|哪|谁|能不能|可不可以|可以|是不是|有没有|要不要|会不会|多久|多大|还是|"
    r"\b(?:how|what|when|where|who|which|can|does|do|is|are|will|would|could)\b"
)
_ACCEPTS = re2.compile(r"^(?:好+的?|嗯+|行|可以|哦+|ok(?:ay)?|知道了?|收到|谢)(?:$|[^\p{Han}]|[了啊吧哦呀])")
_BARE_PRESSING = re2.compile(
    r"^(?:人|在|你?(?:们)?(?:说|讲)话|到底|所以|然后|结果|还)[^,]{0,4}$|先回答|回答我|回我|真话|实话|痛快|给句"
)
_FARTHEST = 3
"""Turns that are looked back over."""


class Bubble(Protocol):
    """Who said it, and what."""

    @property
    def role(self) -> str: ...

    @property
    def text(self) -> str: ...


def waiting(messages: Sequence[Bubble]) -> tuple[int, ...]:
    """Which messages wait for an answer, in their order: the customer's since the agent last spoke (before it, where the
    agent spoke last); and those before, where the agent only asked back or was polite, or where the customer has since
    done no more than press, doubt or scold.
    """
    turns = _turns(messages)
    if not turns:
        return ()
    open_ones = [turns[-1]]
    for earlier, later in zip(turns[-2 : -2 - _FARTHEST : -1], turns[: -_FARTHEST - 1 : -1], strict=False):
        between = [messages[i].text for i in range(earlier[-1] + 1, later[0])]
        last = [messages[i].text for i in turns[-1]]
        if _closes(last) or not (_unanswered(between) or (later is turns[-1] and _presses(last))):
            break
        open_ones.append(earlier)
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
    """Whether the agent's words answer nothing: the last asks back, or all are courtesies."""
    return _asks_back(agent[-1]) or all(_is_courtesy(text) for text in agent)


@lru_cache(maxsize=512)
def _asks_back(text: str) -> bool:
    return _ASKS_BACK.search(fold(text)) is not None


@lru_cache(maxsize=512)
def _is_courtesy(text: str) -> bool:
    return len(_COURTESY.sub("", fold(text))) < _SUBSTANCE


def _closes(customer: Sequence[str]) -> bool:
    return all(_ENDS.search(fold(text)) for text in customer)


def _presses(customer: Sequence[str]) -> bool:
    """Whether the words are too few for a matter of their own, and ask nothing that stands by itself."""
    plain = [fold(text) for text in customer]
    if _ACCEPTS.search(plain[0]):
        return False
    few = sum(c.isalnum() for text in plain for c in text) <= _PRESSING
    own = any(_OWN_QUESTION.search(text) and not _BARE_PRESSING.search(text) for text in plain)
    return few and not own
