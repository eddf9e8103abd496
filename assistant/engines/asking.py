"""What a reply need not ask for: what the customer gave in the talk, what the order says, what was asked already."""

from __future__ import annotations

from functools import lru_cache

import re2

from assistant.engines import Brief
from assistant.situation.material import told_of
from assistant.situation.script import folded
from assistant.situation.things import GIVEN, shipped_things
from assistant.values import Thing
from knowledge.phrasebook import MoveKind, Wording

_TOLD = 0.8
"""Probability from which a point says what happened."""
_HOW_NOT_WHAT = frozenset(
    {
        "after.manager", "after.angry_vent", "after.abuse", "after.deny_all", "after.endless_talk", "after.immediate",
        "after.distrust_agent", "after.service_attitude", "after.sarcasm", "after.threat_platform", "after.media",
        "after.bad_review", "after.legal", "after.extortion", "after.unreasonable", "after.not_understood",
        "after.follow_up", "after.compensation", "after.hardship", "after.many_questions", "after.nitpick",
        "after.promise_no_repeat", "after.misunderstanding",
    }
)  # fmt: skip
"""Wishes that say how somebody feels or what they want, not what happened."""
_NO_ACCOUNT = frozenset(
    {"after.extra_demands",
        "after.feels_cheated", "after.never_again", "after.loyal_hurt", "after.answer_now", "after.want_written",
        "after.recorded_you", "after.came_many_times", "after.wants_apology", "after.punish_agent", "after.bribe_review",
        "after.sarcasm_service", "after.sarcasm_quality", "after.dont_call_dear", "after.company_identity",
    }
)  # fmt: skip
"""Points that say how somebody feels, what they threaten or want to hear: what happened is still to be asked."""
_OF_MATTER = frozenset({"extent", "tried", "wish", "refusal", "promised"})
"""Facts told that say what it is about."""
_TIRED = re2.compile(
    r"(?:说|讲|问|发|解释|描述)(?:了|过)?(?:好几|几|多少|无数|[三四五六七八九十百\d]+)(?:遍|次|回)|又(?:要|让|叫)我(?:重新|再)?(?:说|讲|发|描述|解释)|"
    r"(?:要|得)我(?:重新|再|从头)(?:说|讲|解释)|还要我(?:说|讲|问)|(?:told|said|explained)[^.!?]{0,24}(?:times|already|again)|repeat(?:ing)? myself"
)
_SENT = re2.compile(
    r"(?:拍|照片|视频|图|相).{0,8}(?:发|传|给|交|send)(?:了|过|咗|给|你|客服|售后|她|他)|(?:photo|picture|video)s?\b.{0,12}\bsent\b|\bsent\b.{0,16}(?:photo|picture|video)"
)
"""Proof that was handed over already, to whomever of us."""
_ONCE: frozenset[Thing] = frozenset(
    {"choice", "account", "fit", "usual_size", "when_needed", "when_home", "since_when", "use", "owned", "reason",
     "who_said", "budget", "tried", "worn", "buy_or_not"}
)  # fmt: skip
"""What is not asked a second time, whatever the customer answered."""
_REQUEST = re2.compile(
    r"麻烦|您?说(?:下|一下)|请(?:您|把|拍|发|告诉)|发我|发来|给我|告诉我|说一声|说一句|拍(?:一|几|两)?[张段]|拍清楚|[?\x{FF1F}]"
)
_WITH_US = re2.compile("仓库签收|仓库已收|退货已签收|已入库|质检")
_MODEL = re2.compile(r"(?:^|[^A-Za-z])[A-Za-z]{1,6}-?\d{2,}")
"""A model in the name of what was bought: RC-50."""
_TRY = re2.compile(r"(?:换|重启|重装|重置|擦|拔|插|充|清|洗|按)[^,。;]{0,12}(?:试|看看|看灯|看亮)|(?:再|先)试")
"""What tells somebody to try who has tried."""
_SHOWN = re2.compile(
    r"(?:照片|图)(?:我(?:收|看|点|留)|都|已|看到|收到)|照(?:着)?(?:您(?:的|发的))?图|(?:您|图)发?的(?:照片|图)|对着图|照图|got your photo|your (?:photo|picture)"
)
_NOT_YET = re2.compile(
    r"(?:发|拍|传|有)[^,。;]{0,8}(?:照片|图|张)|(?:照片|图)(?:发|拍|给)(?:我|来)|有照片|send|with (?:a )?photo"
)
"""What asks for a photo, or speaks of one still to come, does not presume it."""


def is_tired_of_telling(brief: Brief) -> bool:
    """Whether the customer has told an agent often enough, and says so: then nothing more is asked."""
    turn = folded(" ".join(m.text for m in brief.conversation.last_customer_turn))
    return any(m.role == "agent" for m in brief.conversation.messages) and _TIRED.search(turn) is not None


def given(brief: Brief) -> frozenset[Thing]:
    """The things that need not be asked for in this conversation."""
    book = shipped_things()
    said = {e.what.removeprefix(GIVEN) for e in brief.situation.evidence if e.what.startswith(GIVEN)}
    known: set[Thing] = {t.thing for t in book.things if t.thing in said}
    known |= book.of_order(brief.conversation.order)
    order = brief.conversation.order
    if order is not None and re2.search("退货|寄回|退回", order.tracking_status or ""):
        known.add("parcel_number")
    if order is not None and _WITH_US.search(f"{order.tracking_status or ''} {order.model_extra or {}}"):
        known.add("photo")  # the thing lies here
    if order is not None and _MODEL.search(order.item or ""):
        known.add("model")
    if any(a.kind == "defect_confirmed_by_inspection" for a in brief.conversation.policy.authorities):
        known.update(("photo", "model", "worn", "tried"))  # it has been looked at: nothing is left to prove
    if any(
        told.kind in ("proof", "tried", "said") and _SENT.search(folded(told.text))
        for told in told_of(brief.conversation)
    ):
        known.add("photo")
    if _says_what_happened(brief):
        known.add("account")
    return frozenset(known | (_asked_before(brief) & _ONCE))


def needless(wording: Wording, kind: MoveKind, known: frozenset[Thing]) -> bool:
    """Whether the wording asks for a thing that is known, or takes up a photo that nobody sent."""
    if kind not in ("safety", "close") and "photo" not in known and presumes_photo(wording):
        return True
    if kind == "advise" and "tried" in known and _TRY.search(wording.zh):
        return True
    return bool(asks(wording, kind) & known)


def asks(wording: Wording, kind: MoveKind) -> frozenset[Thing]:
    """The things that a wording asks the customer for; what only speaks of a thing asks for nothing."""
    if kind in ("safety", "close") or (kind != "ask" and not _requests(wording.zh)):
        return frozenset()
    return shipped_things().asked(wording.zh)


@lru_cache(maxsize=8192)
def _requests(text: str) -> bool:
    return _REQUEST.search(text) is not None


def presumes_photo(wording: Wording) -> bool:
    """Whether the wording speaks of a photo as seen or received."""
    return _speaks_of_photo(wording.zh)


@lru_cache(maxsize=8192)
def _speaks_of_photo(text: str) -> bool:
    plain = folded(text)
    return bool(_SHOWN.search(plain)) and not _NOT_YET.search(plain)


def _says_what_happened(brief: Brief) -> bool:
    """Whether a wish or a sure point tells the matter."""
    situation = brief.situation
    if any(i not in _HOW_NOT_WHAT and not i.startswith("general.") for i in situation.intents):
        return True
    if any(told.kind in _OF_MATTER for told in told_of(brief.conversation)):
        return True
    return any(
        p.score >= _TOLD and not p.point.startswith("gen.") and p.point not in _NO_ACCOUNT for p in situation.points
    )


def _asked_before(brief: Brief) -> frozenset[Thing]:
    """What agents asked for and the customer has had the chance to answer."""
    messages = brief.conversation.messages
    last = max((i for i, m in enumerate(messages) if m.role == "customer"), default=-1)
    book = shipped_things()
    return frozenset(
        thing
        for m in messages[: last + 1]
        if m.role == "agent" and _REQUEST.search(m.text)
        for thing in book.asked(m.text)
    )
