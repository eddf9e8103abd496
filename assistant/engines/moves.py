"""Moves whose conditions hold in this conversation, and the wordings of them that can be filled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2

from assistant.engines import Brief
from assistant.engines.asking import given, needless
from assistant.engines.contrary import Unsayable, unsayable
from assistant.engines.undecided import leaves_open
from assistant.situation.script import folded
from assistant.values import Thing
from knowledge.phrasebook import Move, MoveKind, Slot, Wording

_ME, _OF_KIN = "我俺咱", "爸妈爹娘爷奶姥外婆公老丈岳媳儿闺女姐哥弟妹姑姨舅叔伯孩娃宝"
_KIN: dict[str, str] = {
    "爸": "爸爸",
    "妈": "妈妈",
    "爷": "爷爷",
    "奶": "奶奶",
    "姐": "姐姐",
    "哥": "哥哥",
    "弟": "弟弟",
    "妹": "妹妹",
}
AT_MOST: dict[MoveKind, int] = {
    "safety": 2, "greet": 1, "thank": 1, "acknowledge": 1, "apologise": 1, "fact": 2, "explain": 2, "decline": 1,
    "offer": 2, "advise": 2, "ask": 1, "next_step": 1, "close": 1,
}  # fmt: skip
SUBSTANCE: tuple[MoveKind, ...] = ("fact", "explain", "decline", "offer", "advise")


_SORRY = ("抱歉", "对不起", "不好意思", "道歉", "过意不去")
_SEVEN_DAYS = "refund_7day_no_reason"
"""Nobody is offered it when the order says that the seven days are over."""


_NO_LONGER_AS_NEW = re2.compile(
    r"(?:洗|穿|吃|喝|涂|抹|种)(?:了|过)|下(?:了|过)水|(?:睡|用)(?:了|过)[^,。!?]{0,3}(?:天|次|晚|周|星期|个月)|washed|worn|eaten"
)
_ASKS_BACK = re2.compile(r"退|return|refund|不要了|不想要")
"""What was washed or used is not offered as returnable unused, unless returning it is what is asked."""
_TAG = re2.compile("吊牌|领标|水洗标")
_TAGGED = re2.compile(
    r"衣|裤|裙|衫|鞋|靴|帽|包|袜|外套|文胸|羽绒|棉服|棉袄|袄|围巾|披肩|t恤|卫衣|西装|西服|马甲|背心|睡袍|旗袍|校服|汉服|泳|手套|皮带|腰带|领带|丝巾|斗篷|连体|哈衣|爬服|肚兜|被|床单|枕|毯|四件套|窗帘|毛巾|玩偶|公仔|"
    r"coat|dress|shirt|shoe|boot|jacket|trousers|pants|jeans|skirt|sweater|hoodie|hat|cap|bag|sock|scarf|glove|belt|bra|suit|blanket|pillow"
)
"""Goods that are sold with a tag on them: of others none is asked for."""


_REFUSED = (
    (
        frozenset({"compensation_up_to", "coupon", "gift"}),
        re2.compile(
            r"(?:不|没)(?:给|退|赔|补|返).{0,8}(?:差评|追评|[一两二三]星|曝光|发(?:抖音|小红书))|(?:退|赔|补|返|给)我?.{0,4}(?:\d+|[一二三四五六七八九十百]+)"
            r".{0,14}(?:不发|不评|删|改[成为]?.{0,2}星|撤|好评|五星|不差评)|(?:退|赔|补|返|给|转)我?.{0,4}\d+.{0,8}(?:不然|否则|要不).{0,20}(?:差评|一星|曝光)|(?:差评|追评|[一两二三]星).{0,24}(?:退|赔|补|返|给)我?.{0,4}\d"
        ),
    ),
    (
        frozenset({"exchange"}),
        re2.compile(
            r"(?:不|唔|别|没)(?:想|要|用|需要|是要)(?:再)?换|not (?:a |an )?(?:replacement|exchange)|(?:算了|还是|干脆).{0,5}退|don.?t want (?:a |an )?(?:replacement|exchange)"
        ),
    ),
    (
        frozenset({_SEVEN_DAYS, "refund_approved"}),
        re2.compile(r"(?:不|唔)(?:想|要|用|是要)退|(?:算了|还是|干脆).{0,5}换|(?:not|don.?t want) (?:a )?refund"),
    ),
)
"""What is refused in so many words is not offered (不想换, 算了给我退吧), and no favour to who trades a review for it."""


@dataclass(frozen=True)
class PlannedMove:
    """One move to make, for which situation it is made, and the wordings that can be filled. `point` is the point that it
    answers, if it answers one, `case` the case whose whole reply it is of; `said` the customer's word that fills the slot of
    that name; `own`: the shop added it itself; `label`: the number of the customer's point that it answers, as they wrote it.
    """

    situation: str
    move: Move
    wordings: tuple[Wording, ...]
    primary: bool = True
    point: str = ""
    said: str = ""
    own: bool = False
    case: str = ""
    label: str = ""

    @property
    def is_substance(self) -> bool:
        return self.move.move in SUBSTANCE

    @property
    def is_timed(self) -> bool:
        """Whether the move names the answer-by time: once is enough."""
        return all("answer_by" in w.slots for w in self.wordings)


def usable(
    moves: Iterable[Move],
    brief: Brief,
    slots: Mapping[Slot, str],
    situation: str,
    *,
    primary: bool = True,
    point: str = "",
    sentence: str = "",
) -> tuple[PlannedMove, ...]:
    """The moves that hold, at most so many of a kind; where more hold, those that ask for most.

    What answers the customer's very words is never left out here: each question gets its answer. `sentence` are the words
    that made a point: what is `said` is looked for there first.
    """
    held = holding(moves, brief, slots, situation, primary=primary, point=point, sentence=sentence)
    keep: set[int] = set()
    for kind, limit in AT_MOST.items():
        of_kind = [i for i, m in enumerate(held) if m.move.move == kind]
        asked = [i for i in of_kind if held[i].move.mentions and kind in SUBSTANCE]
        others = sorted((i for i in of_kind if i not in asked), key=lambda i: (-_conditions(held[i].move), i))
        keep.update(asked)
        keep.update(others[: max(limit - len(asked), 1)] if kind in SUBSTANCE else others[:limit])
    return tuple(m for i, m in enumerate(held) if i in keep)


def one_of_each(held: Sequence[PlannedMove]) -> tuple[PlannedMove, ...]:
    """Of moves that hold, all of substance, and of each other kind the one that asks for most; where that step names no time, the
    one that does as well.
    """
    best = {
        kind: max((m for m in held if m.move.move == kind), key=lambda m: _conditions(m.move))
        for kind in {m.move.move for m in held if not m.is_substance}
    }
    step = best.get("next_step")
    timed = (
        None
        if step is None or step.is_timed
        else next((m for m in held if m.move.move == "next_step" and m.is_timed), None)
    )
    return tuple(m for m in held if m.is_substance or m is best[m.move.move] or m is timed)


def holding(
    moves: Iterable[Move],
    brief: Brief,
    slots: Mapping[Slot, str],
    situation: str,
    *,
    primary: bool = True,
    point: str = "",
    sentence: str = "",
) -> tuple[PlannedMove, ...]:
    """All of `moves` whose conditions hold, in their order, with the wordings of them that can be filled."""
    customer = [m.text for m in brief.conversation.messages if m.role == "customer"]
    everything = " ".join(folded(m.text) for m in brief.conversation.messages)
    order = brief.conversation.order
    things = folded(" ".join(((order.item if order else None) or "", *customer)))
    granted = {a.kind for a in brief.conversation.policy.authorities}
    known = given(brief)
    ruled_out = unsayable(brief)
    turn = folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    used = order is not None and bool(_NO_LONGER_AS_NEW.search(turn)) and not _ASKS_BACK.search(turn)
    refused = frozenset[str]().union(*(kinds for kinds, said in _REFUSED if said.search(turn)))
    held: list[PlannedMove] = []
    for move in moves:
        seen, said = mentioned(move, (sentence, " ".join(customer)) if sentence else (" ".join(customer),))
        wordings = _fillable(move, brief, slots, said, known, ruled_out)
        if (
            wordings
            and seen
            and granted.issuperset(move.authority)
            and not granted.intersection(move.without)
            and not refused.intersection(move.authority)
            and all(slot in slots for slot in move.needs)
            and not any(slot in slots for slot in move.lacks)
            and not (_SEVEN_DAYS in move.authority and (used or "return_window_over" in {*slots} - {*move.needs}))
            and not (move.unless and pattern(move.unless).search(everything))
            and (not move.goods or pattern(move.goods).search(things))
            and not (move.unless_goods and pattern(move.unless_goods).search(things))
        ):
            held.append(PlannedMove(situation, move, wordings, primary, point, said))
    return tuple(held)


_NEGATION = ("不", "没", "沒", "未", "冇", "唔")
"""Before a word they turn it round: who says 不进水 has not told of 进水."""


def mentioned(move: Move, texts: Sequence[str]) -> tuple[bool, str]:
    """Whether the customer's words are such as the move asks for, and the word of theirs that it takes up."""
    if not move.mentions:
        return True, ""
    wanted = pattern(move.mentions)
    group = wanted.groupindex.get("said", 0)
    for text in texts:
        for match in wanted.finditer(folded(text)):
            said = text[match.start(group) : match.end(group)].strip() if group and match.group(group) else ""
            if not (said and text[: match.start(group)].endswith(_NEGATION)):
                return True, _theirs(said)
    return False, ""


def _theirs(said: str) -> str:
    """Whom they speak of, as it is said to them: 给我爸 is 给爸爸 in our mouth."""
    return _KIN.get(said[1:], said[1:]) if said[:1] in _ME and said[1:2] in _OF_KIN else said


def says_sorry(move: PlannedMove) -> bool:
    """Whether some wording of a move is an apology."""
    return any(word in w.zh for w in move.wordings for word in _SORRY)


def _conditions(move: Move) -> int:
    return (
        len(move.authority)
        + len(move.without)
        + len(move.needs)
        + len(move.lacks)
        + 2 * bool(move.mentions)
        + bool(move.unless)
        + bool(move.goods)
    )


def _fillable(
    move: Move, brief: Brief, slots: Mapping[Slot, str], said: str, known: frozenset[Thing], ruled_out: Unsayable
) -> tuple[Wording, ...]:
    english = brief.situation.language == "en"
    item = folded((brief.conversation.order.item if brief.conversation.order else None) or "")
    untagged = bool(item) and not _TAGGED.search(item)
    mocked = brief.situation.emotion == "sarcastic" and any("matter" not in w.slots for w in move.wordings)
    return tuple(
        w
        for w in move.wordings
        if (w.en or not english)
        and not (mocked and "matter" in w.slots)  # what was meant the other way round is not said back
        and not needless(w, move.move, known)
        and not ruled_out.covers(w)
        and not leaves_open(w, move, brief, slots)
        and not (untagged and _TAG.search(w.zh))
        and all(s in slots or (s == "said" and said) for s in (w.en_slots if english else w.zh_slots))
    )


@lru_cache(maxsize=4096)
def pattern(text: str) -> Any:
    """Patterns are written in normal form or not: both sides are folded. Linear, whatever the customer wrote."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    return re2.compile(text, options)
