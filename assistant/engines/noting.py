"""What customers tell that changes what we do (a day, what they refuse, were promised, tried or sent) and no move of the plan
takes up, said back: each kind in words of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import re2

from assistant.engines import Brief
from assistant.engines.misread import mocks
from assistant.engines.moves import PlannedMove
from assistant.engines.taking_up import AROUND, FIRM, INJECTION, dangers
from assistant.engines.telling import CONSULTED, turned
from assistant.engines.wishes import tells_of_buying
from assistant.situation.material import MaterialKind, Told, told_of
from assistant.situation.script import folded
from assistant.values import PointMade
from knowledge.phrasebook import Phrasebook, Slot

NOTED = "rest.noted."
"""What the situations of its wordings begin with; the kind follows."""
_SILENT = frozenset(
    {
        "general.self_harm", "after.bereavement", "after.extortion", "after.privacy", "after.review_request",
        "general.praise", "general.thanks", "general.spam", "general.chitchat", "general.emoji_only", INJECTION,
    }
)  # fmt: skip
"""Wishes to which what was told is nothing to be recorded."""
_WORTH_SAYING: tuple[MaterialKind, ...] = ("deadline", "refusal", "promised", "tried", "proof")
"""Kinds that are said back, the one that a reply must not miss first: they change what we do. Whatever else is told, a reply
answers or leaves; read out to them it sounds like a form (您提到收到了,我记着)."""
_AMISS: tuple[MaterialKind, ...] = ("extent", "state")
"""What is wrong: said back to who wants the manager, scolds or threatens, where the reply would speak of that alone."""
_MOST = 2
_ROOM = {"zh": 26, "en": 110}
_LONGEST = {"zh": 17, "en": 70}
_SHARED = 0.4
"""Share of its telling pairs of characters from which a wording takes a clause up."""
_FILLING = frozenset("的了是我你您他她它这那个们就都也和在到不没有要给还一说来去把跟被让")
_OPENING = re2.compile(
    r"^(?:要不|备注一?下|麻烦|帮我|帮忙|给我|请|还有|另外|所以|反正|就是|结果|而且|但是?|可是|花是|东西是)+"
)
_CALLED = re2.compile(r"^(?:姐姐?|哥哥?|小姐姐|小哥哥|老板娘?|客服|掌柜的?|大哥|亲亲?)[,\s]*(?P<rest>[我俺].*)$")
"""Who is spoken to, before what is told: 姐姐我后天考试."""
_SHOP = re2.compile(r"你们(?:家|店)?(?:的)?|你哋(?:嘅)?|[你您][家店](?:的)?|恁家")
_ENGLISH_OPENING = re2.compile(r"^(?:(?:hi|hello|hey|and|so|but|also|because|please|plus)\b[\s,]*)+")
_ENGLISH_PERSONS: tuple[tuple[re2._Regexp, str], ...] = (
    (re2.compile(r"(?i)\bi(?:'|’)?m\b|\bi am\b"), "you are"),
    (re2.compile(r"(?i)\bi(?:'|’)ve\b"), "you have"),
    (re2.compile(r"(?i)\bi(?:'|’)d\b"), "you would"),
    (re2.compile(r"(?i)\bi was\b"), "you were"),
    (re2.compile(r"(?i)\byour\b"), "our"),
    (re2.compile(r"\b[Ii]\b|\bme\b|\b[Ww]e\b|\bus\b"), "you"),
    (re2.compile(r"(?i)\bmy\b"), "your"),
    (re2.compile(r"(?i)\bmine\b"), "yours"),
)
_NO_SUBJECT = re2.compile(
    r"^(?:already )?(?:sent|tried|called|asked|emailed|checked|contacted|ordered|opened|used|need|want)\b"
)
_GOING_ON = re2.compile(r"^(?:flying|leaving|moving|travell?ing|going|getting|having|coming|using)\b")
_SUBJECT = re2.compile(r"^(?:you|your|it|the|our|there|he|she|they|this|that|these|those)\b")
_VERB = re2.compile(r"\b(?:is|are|was|were|has|have|had|broke|came|arrived|needs?|got|works?|promised|said|told)\b")
_DAY = re2.compile(r"\d{1,2}月\d{1,2}|\d{1,2}[号日]|(?:周|星期|礼拜)[一二三四五六日天末]|[明后]天|今[天晚]")
_WHEN = re2.compile(
    r"\d{1,2}月|\d{1,2}[号日]|\d{1,2}[/.]\d{1,2}|\d点|[一二三四五六七八九十]点|(?:周|星期|礼拜)[一二三四五六日天末]|(?:今|明|后)[天晚早]|大后天|下周|下个?月|月[初中底]|[中上下]旬|[\d一二两三四五六七八九十]+天|国庆|元旦|春节|过年|年[前底]|圣诞|中秋|端午|晚上|上午|下午|白天|寿|生日|婚|考|手术|开学|开业|演出|比赛|面试|航班|飞机|高铁"
)
"""A time that can be noted: 急着用 by itself is none."""
_NO_DEADLINE = re2.compile(
    r"市监|工商|消协|12315|投诉|曝光|报警|起诉|法院|监控|(?:要|等着|准备)(?:吃|喝|用上|断奶)|到期|过期|保质|生产|什么意思|怎么|凭什么|凭啥|为什么|还给我|(?:买|拍|付|降到?|涨到?)了?\d|\d+[号#](?:袋|色|箱|包|线|楼|店|仓|码|机|门|床|件)"
)
"""What was bought for how much on a day, a bag with a number, a reproach."""
_HAN = re2.compile(r"\p{Han}")
_OURSELVES = re2.compile(r"^您(?:[^爹娘妈爸爱家先母父太姥外姐哥弟妹们]|$)")
"""Who does it goes without saying."""
_BY_THE_SHOP = re2.compile(
    r"客服|售前|售后|店(?:长|员|主|里)|主播|直播|小\p{Han}(?:说|讲|答应|承诺|保证)|答应|承诺|保证|说好|讲好"
)
_NO_PROMISE = re2.compile(
    r"怎么|快递|[中圆申]通|韵达|极兔|顺丰|邮政|京东|德邦|驿站|页面|详情|广告|今天.{0,6}说.{0,8}(?:明天|今天)|昨天.{0,10}今天|让(?:我|您)|叫(?:我|您)|咬不坏|屁|操|妈的"
)
"""What a courier or a page says, two sayings that contradict each other, and what was asked of the customer."""
_TOPICS: tuple[tuple[re2._Regexp, frozenset[str]], ...] = (
    (re2.compile(r"送|赠"), frozenset({"gift"})),
    (re2.compile(r"换|退"), frozenset({"exchange", "refund_approved", "refund_7day_no_reason"})),
    (re2.compile(r"退|赔|补|差价|运费"), frozenset({"refund_approved", "compensation_up_to", "refund_7day_no_reason", "price_protection_30d", "return_freight_by_seller"})),
    (re2.compile(r"发|寄"), frozenset({"ship_within_24h", "ship_within_48h", "expedite_courier_query"})),
    (re2.compile(r"券|优惠|便宜|减"), frozenset({"coupon"})),
    (re2.compile(r"保修|质保|修"), frozenset({"warranty_1y"})),
)  # fmt: skip
"""What is granted settles a promise of it: then nothing about it is to be checked."""
_REPROACH = re2.compile(
    r"别(?:再)?(?:想|让|跟|怪|赖|指望|以为|光|净|老|总|来这|装|说|讲|拿)|(?:唔|不)(?:想|要)(?:再)?(?:听|看)"
)
"""Told not to do by way of reproach: 别想赖我."""
_OF_HANDLING = re2.compile(
    r"放|送|寄|发|打电话|电话|敲门|按铃|驿站|快递柜|丰巢|代收|签收|拒收|拆|写|印|贴|短信|包装|袋|盒|发票|告诉|让.{0,3}知道|券|赔|补偿"
)
"""What a warehouse or a courier can note: that they won't go out of doors it can't."""
_SHOWN = re2.compile(r"图|照片|相片|视频|录像|拍|凭证|存档")
_NOT_OURS = re2.compile(r"(?:让|叫|要|催|喊|劝)(?:我|您|咱)|骚扰")
_TRIED = re2.compile(
    r"[两三四五六七八九十几\d](?:次|遍|回|个|台|家|趟)|(?:都|全|也)(?:试|换|重启|重装|重置|擦|问|找|查|打|催|洗|清|拔|充|调)(?:过|了|咗)"
)
"""Tried more than once, or all of it: once is no trouble taken."""
_PROOF = re2.compile(
    r"(?:开箱)?(?:视频|录像)|聊天记录|监控|照片|相片|截图|录音|转账记录|收据|小票|票据|病历|检测报告|报告|凭证|批号|面单|短信"
)
_NO_PROOF = re2.compile(r"没|无|不(?:发|给|让|肯|会|想)|哪(?:有|来)|[能敢好]截图|截图的话")
_CLOSING = re2.compile(
    r"[呢哈啊呀嘛吧哦啦喔喵㗎喇嘞囉咯噃喎啩添先!~\x{1f300}-\x{1faff}\x{2600}-\x{27bf}\x{fe0f}\x{200d}]+$"
)


_OF_PACKING = frozenset({"in.note_request", "in.change_order"})


@dataclass(frozen=True)
class _Clause:
    """A clause fit to be said back, of which kind, and where it stands in the talk."""

    words: str
    kind: MaterialKind
    place: tuple[int, int, int]


def with_noted(
    moves: Sequence[PlannedMove],
    brief: Brief,
    intents: Sequence[str],
    points: Sequence[PointMade],
    slots: Mapping[Slot, str],
    fallback: Phrasebook,
) -> tuple[PlannedMove, ...]:
    """`moves` with what was told and nothing takes up; a general opening gives way to it."""
    leads = set(intents[:1])
    before_buying = brief.situation.stage == "pre_sale" and (not leads or bool(leads & CONSULTED))
    order = brief.conversation.order
    packed = (
        bool(leads & _OF_PACKING) and order is not None and order.shipped_at is not None
    )  # nothing is written on it now
    if leads & _SILENT or packed or before_buying or dangers(brief) or "injection" in brief.situation.risks:
        return tuple(moves)  # who is in danger is not told what they said
    unbought = brief.situation.stage == "pre_sale"
    left = [c for c in _clauses(brief, around=bool(leads & AROUND)) if not _covered(c, moves, points, slots)]
    english = brief.situation.language == "en"
    noted = [_noted(kind, said, fallback) for kind, said in _said(left, english)]
    if not noted:
        return tuple(moves)
    out = [m for m in moves if not (len(left) >= 2 and _is_general(m, english) and not unbought)]
    at = next(
        (i for i, m in enumerate(out) if m.move.move not in ("safety", "greet", "thank", "acknowledge")), len(out)
    )
    return (*out[:at], *noted, *out[at:])


def _noted(kind: MaterialKind, said: str, fallback: Phrasebook) -> PlannedMove:
    """The sentence in which what was told of a kind is said back."""
    (entry, *_) = fallback.by_situation[NOTED + kind]
    move = next(m for m in entry.moves if m.move == "acknowledge")
    return PlannedMove(entry.situation, move, move.wordings, primary=True, point=entry.situation, said=said)


def _clauses(brief: Brief, around: bool) -> Iterator[_Clause]:
    """What was told, in its order, as an agent says it; what went wrong only where the reply is `around` it."""
    english = brief.situation.language == "en"
    mocked = (
        mocks(brief) or brief.situation.emotion == "sarcastic"
    )  # what was meant the other way round is not said back
    amiss = around and not mocked and tells_of_buying(brief)  # who tells of their life tells of nothing amiss
    kinds = (*_WORTH_SAYING, *(_AMISS if amiss else ()))
    for told in told_of(brief.conversation):
        if told.kind not in kinds or not (english or _is_worth(told, brief)):
            continue
        words = _in_english(told.text) if english else _proof(told) if told.kind == "proof" else _in_chinese(told)
        if 1 < len(words) <= _LONGEST["en" if english else "zh"]:
            yield _Clause(words, told.kind, (told.message, told.start, told.end))


def _in_chinese(told: Told) -> str:
    if not _HAN.search(told.text):
        return ""
    called = _CALLED.match(told.text)
    text = called["rest"] if called else told.text
    bare = text[_end(_OPENING, text) :]
    words = turned(_without(_SHOP, bare.removeprefix("我") if bare.startswith("我要么") else bare))
    words = words[1:] if _OURSELVES.match(words) else words
    words = words[: _start(_CLOSING, words)]
    return words.removesuffix("的") if told.kind in ("deadline", "person") else words


def _is_worth(told: Told, brief: Brief) -> bool:
    """Whether a promise is the shop's own, and of nothing that is granted; whether an attempt was more than one, and theirs."""
    plain = folded(told.text)
    if told.kind == "promised":
        granted = {a.kind for a in brief.conversation.policy.authorities}
        settled = any(topic.search(plain) and kinds & granted for topic, kinds in _TOPICS)
        return _BY_THE_SHOP.search(plain) is not None and not _NO_PROMISE.search(plain) and not settled
    if told.kind == "deadline":
        return _WHEN.search(plain) is not None and not _NO_DEADLINE.search(plain)
    if told.kind == "refusal":
        return _OF_HANDLING.search(plain) is not None and not _REPROACH.search(plain)
    if told.kind == "tried":
        return _TRIED.search(plain) is not None and not (_NOT_OURS.search(plain) or _REPROACH.search(plain))
    return True


def _proof(told: Told) -> str:
    """What they have to show: 照片, 开箱视频; "" where no word names it, or they are asked for it."""
    found = None if _NO_PROOF.search(folded(told.text)) else _PROOF.search(folded(told.text))
    return told.text[found.start() : found.end()] if found else ""


def _in_english(text: str) -> str:
    if _HAN.search(text):
        return ""
    bare = text.strip()
    bare = bare[_end(_ENGLISH_OPENING, bare.lower()) :]
    out = bare
    for pattern, instead in _ENGLISH_PERSONS:
        out = _without(pattern, out, instead)
    out = out[:1].lower() + out[1:]
    if _NO_SUBJECT.match(out):
        return f"you {out}"
    if _GOING_ON.match(out):
        return f"you are {out}"
    return out if _SUBJECT.match(out) or _VERB.search(out) else ""


def _end(pattern: re2._Regexp, text: str) -> int:
    match = pattern.match(folded(text))
    return match.end() if match else 0


def _start(pattern: re2._Regexp, text: str) -> int:
    match = pattern.search(folded(text))
    return match.start() if match else len(text)


def _without(pattern: re2._Regexp, text: str, instead: str = "") -> str:
    out, at = "", 0
    for match in pattern.finditer(text):
        out += text[at : match.start()] + instead
        at = match.end()
    return out + text[at:]


def _covered(
    clause: _Clause, moves: Sequence[PlannedMove], points: Sequence[PointMade], slots: Mapping[Slot, str]
) -> bool:
    """Whether a move answers a point made in the very words, or every wording of one speaks of what they tell."""
    message, start, end = clause.place
    if clause.kind == "proof" and any(_SHOWN.search(text) for m in moves for text in _texts(m, slots)):
        return True  # whoever says that the picture came needs not hear of it again
    answered = {m.point for m in moves if m.point}
    if any(p.message == message and p.start < end and start < p.end for p in points if p.point in answered):
        return True
    plain = folded(clause.words)
    day = _DAY.search(plain) if clause.kind == "deadline" else None
    if day and any(all(day.group(0) in text for text in _texts(m, slots)) for m in moves):
        return True
    pairs = {plain[i : i + 2] for i in range(len(plain) - 1) if not _FILLING.issuperset(plain[i : i + 2])}
    wanted = max(1.0, _SHARED * len(pairs))
    return any(all(sum(p in text for p in pairs) >= wanted for text in _texts(m, slots)) for m in moves)


def _texts(move: PlannedMove, slots: Mapping[Slot, str]) -> Iterator[str]:
    """The wordings of a move with what is known in them."""
    known = {**{str(name): value for name, value in slots.items()}, "said": move.said}
    for wording in move.wordings:
        text = wording.zh
        for slot in wording.zh_slots:
            text = text.replace("{" + slot + "}", known.get(slot, ""))
        yield folded(text)


def _said(left: Sequence[_Clause], english: bool) -> Iterator[tuple[MaterialKind, str]]:
    """What matters most first, at most `_MOST` kinds: of each its clauses as one part of a sentence, in their order."""
    language = "en" if english else "zh"
    for kind in [k for k in (*_WORTH_SAYING, *_AMISS) if any(c.kind == k for c in left)][:_MOST]:
        kept: list[str] = []
        for clause in (c for c in left if c.kind == kind):
            room = sum(len(words) + 1 for words in kept) + len(clause.words) <= _ROOM[language]
            if len(kept) < _MOST and room and not any(clause.words in words for words in kept):
                kept.append(clause.words)
        yield kind, (", and that " if english else "、").join(kept)


def _is_general(move: PlannedMove, english: bool) -> bool:
    """Whether an opening says nothing of what this customer told."""
    named = any("matter" in (w.en_slots if english else w.zh_slots) for w in move.wordings)
    personal = move.situation in AROUND or move.situation in FIRM
    return move.move.move == "acknowledge" and not personal and not (move.point or move.move.mentions or named)
