"""The questions that nothing in a plan answers, named in one sentence with the time by which they are."""

from __future__ import annotations

from collections.abc import Sequence

import re2

from assistant.engines import Brief
from assistant.engines.moves import PlannedMove
from assistant.engines.questions import AT_HOME, UPSET, is_again, is_particular, open_questions, taken_up
from assistant.engines.taking_up import AROUND
from assistant.situation.questions import Asked, is_question
from assistant.situation.script import folded
from assistant.values import PointMade
from knowledge.phrasebook import Phrasebook

NAMED = "rest.questions"
"""What the move that names them is made for."""
_ESCALATED = "转由上级处理"
_MOST = 5
_LEAST_NAMED = 3
"""Characters from which a question says by itself what it asks; shorter ones hang on what was said before."""
_OF_US = re2.compile(r"我(?:[^们們]|$)")
"""Asked of whoever answers, as a person: a taunt more often than a question."""
_ASKS_ELSE = re2.compile(
    r"费|款|钱|票|赠|券|差价|保修|质保|定金|积分|配件|[吗嘛么]|怎么|什么|多少|几|哪|谁|能不能|可不可以|是不是|有没有|要不要|会不会|还是|多久"
)
_NOT_NAMED = re2.compile(
    # pleas, what somebody else said, what a person who complains can't do, whether we mean to do it at all
    r"(?:求求?|拜托|麻烦|恳请|帮帮)[^,。!?]{0,16}(?:行不行|好不好|可不可以|能不能|行吗|好吗|可以吗|成吗)$|(?:快|早)(?:点|些|一点|啲)?[^,。!?]{0,6}(?:行不行|好不好|可不可以|行吗|好吗|可以吗|成吗|得唔得|可以吧)$|"
    r"^(?:他|她|人家|快递员?|师傅|小哥|司机|网点|驿站|门卫|站点)[^,。!?]{0,4}(?:说|讲|回|问我|还问|话)|爱\p{Han}{1,2}不|懂(?:个)?(?:什么|啥)|"
    r"(?:还|到底|究竟)[^,。!?]{0,4}(?:想不想|要不要|打不打算|管不管|给不给|发不发|送不送|退不退|办不办|能不能)(?:给|帮|替|做|管|解决|处理|送|发|退|卖|了|$)|(?:您|你|我)(?:一个|这|自己|大)[^,。!?]{0,10}怎么|怎么(?:跟|向|和|对)[^,。!?]{0,8}(?:交代|说|解释|开口|交差)|怎么(?:活|过|熬|忍|见人|有脸)|"
    r"(?:一次(?:性)?|一口气|一起)(?:都|全|给我)?说(?:清|完|明白)|几个?(?:事|问题)(?:一次|说|$)|是不是(?:有病|有毛病|瞎|聋|聾|傻|蠢|疯|脑|故意|存心|人$|不想|不打算|忘|耍|逗|当我|看我|觉得|以为|说一套|合伙|串通)|"
    r"^不.{0,3}是不是|自认倒霉|吃哑巴亏|(?:有没有|找没找|找)(?:男|女)?(?:对象|朋友)|结(?:没结)?婚了?没|^.{0,3}(?:能不能|行不行|可不可以|好不好|是不是)$|问几|几(?:个问题|件事)|[㗎噶]嘛|口供|有(?:什么|啥|何)关系|关(?:您|我们)(?:什么|啥)事|敢不敢|要不要脸|几点了|几号了|谁信|[^\p{Han}]?(?:该|应)不(?:该|应)[^\p{Han}]?$|电话$|^.{0,4}是(?:啥|什么)$|^(?:还|人|客服|有人|亲)?在(?:吗|不在)?$|客服在|算准|挤牙膏|算(?:啥|什么|个)|忙不忙|累不累|(?:能不能|可不可以|能)别|^拿.{1,4}[哄赔].{0,2}[吗啊]$|冤大头|奴隶|俗不俗|吃(?:饭)?了(?:没|吗)|下班(?:了)?(?:没|吗)|换一[双件个条台].{0,3}还是退|退还是换"
)
"""Taunts, and what is no matter to look up."""
_ACCUSES = re2.compile(r"是不是|有没有|会不会|有冇|系咪|难道|到底|谁(?:干|拿|偷|管)")
"""Forms in which who is upset accuses rather than asks: 是不是快递员自己拿了, 有没有人管."""
_LOOKS_UP = re2.compile(
    r"多久|几|什么时候|啥时候|何时|哪天|多少|怎么|咋|如何|能不能|可不可以|行不行|要不要|谁.{0,2}(?:出|付|承担|掏|给)|运费|邮费|发票|保修|哪|电话|赔|退|换|补|修|[a-z]{3}"
)
"""What somebody who is upset asks for an answer to; anything else in a question's form is how they scold (五十块对你们算啥)."""
_WORDS = re2.compile(r"\S+\s+\S+\s+\S+|\p{Han}")
"""Of an English question that says by itself what it asks: "normal??" does not."""
_LONGEST = {"zh": 40, "en": 150}
"""Characters in which questions are taken up, all together: the longest give way."""


def with_open_questions(
    moves: Sequence[PlannedMove],
    asked: Sequence[Asked],
    brief: Brief,
    points: Sequence[PointMade],
    fallback: Phrasebook,
) -> list[PlannedMove]:
    """`moves`, and the questions that are left named in one sentence: answered with what is looked into anyway, or by a time of
    their own.
    """
    left = open_questions(asked, brief, points, moves)
    said = _listed(left, brief)
    if not said:
        return list(moves)
    out = list(moves)
    if brief.situation.language == "en":  # an English question names what it is about: whether this rice cooker works
        out = [m for m in out if not (m.move.move == "ask" and m.situation.startswith("fallback."))]
    alone = brief.situation.stage == "pre_sale" and not any(is_particular(m) for m in out)
    if alone:
        out = [m for m in out if m.move.move != "explain"]  # what is said of nothing in particular
    steps = [m for m in out if m.move.move == "next_step"]
    all_open = alone or len(left) == len(asked)
    if all_open and steps and not any(_is_theirs(m, asked, brief, alone) for m in steps):
        (entry, *_) = fallback.by_situation["rest.step"]
        move = next(m for m in entry.moves if m.move == "next_step")
        step = PlannedMove(entry.situation, move, move.wordings, point=NAMED, said=said)
        return [step if m is steps[0] else m for m in out if m is steps[0] or m.move.move != "next_step"]
    timed = [i for i, m in enumerate(out) if m.is_timed]
    (entry, *_) = fallback.by_situation["rest.questions" if timed else "rest.step"]
    move = next(m for m in entry.moves if m.move != "close")
    end = next((i for i, m in enumerate(out) if m.move.move == "close"), len(out))
    # said after the time by which they hear, it is answered then; before it nobody knows when
    at = min(end, timed[-1] + 1) if timed else end
    out.insert(at, PlannedMove(entry.situation, move, move.wordings, point=NAMED, said=said))
    return out


def _is_theirs(step: PlannedMove, asked: Sequence[Asked], brief: Brief, alone: bool) -> bool:
    """Whether what is done next is about something they said: a point, their questions, or, where more than the questions is
    answered (not `alone`), a wish that their words name.
    """
    named = {e.what.removeprefix("intent:") for e in brief.situation.evidence}
    escalates = step.situation in AROUND or step.move.technique == _ESCALATED
    wished = not alone and (escalates or step.situation in named)
    home = any(h == step.situation and p.search(folded(q.text)) for h, p in AT_HOME for q in asked)
    return bool(step.point) or wished or home or any(taken_up(q.text, (step,)) for q in asked)


def _listed(left: Sequence[Asked], brief: Brief) -> str:
    """The questions as one part of a sentence: the order they were asked in, the longest left out where it gets long."""
    english = brief.situation.language == "en"
    named = (
        q for q in left if (english and _WORDS.search(q.put)) or (not english and _is_named(q, brief, len(left) > 1))
    )
    put = [p for p in dict.fromkeys(q.put for q in named) if p]
    while len(put) > 1 and (len(put) > _MOST or sum(map(len, put)) > _LONGEST["en" if english else "zh"]):
        put.remove(max(put, key=len))
    if english:
        return " and ".join(p for p in (", ".join(put[:-1]), *put[-1:]) if p)
    return "、".join(put).replace("」、「", "」「")


def _is_named(question: Asked, brief: Brief, beside: bool) -> bool:
    """Whether a question, said back by itself, is one: its words ask, not only its mark, and they ask it of the shop.
    `beside` others it may be short of words.
    """
    said = folded(question.put)
    again = is_again(question, brief)
    if (
        folded(question.text).rstrip("?!~ ").endswith("呢")
        and _ASKS_ELSE.search(said) is None
        and not (again or beside)
    ):
        return False  # 耳机999呢: a reproach, unless they ask again or of several things
    whole = len(said) >= _LEAST_NAMED or again or (beside and said.startswith("多"))  # 多重, 多大
    asks = is_question(folded(question.text)) and whole
    upset = brief.situation.emotion in UPSET
    accuses = upset and (_ACCUSES.search(said) is not None or said.startswith("「") or not _LOOKS_UP.search(said))
    return asks and not accuses and _OF_US.search(said) is None and _NOT_NAMED.search(said) is None
