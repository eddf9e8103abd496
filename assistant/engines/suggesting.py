"""Which of the things they name a shop assistant would choose, and what to get beside one: out of common knowledge of the trade
and what the customer told, never out of what one product can do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from functools import cache
from pathlib import Path

import re2
from pydantic import Field

from assistant.engines import Brief
from assistant.engines.moves import PlannedMove, usable
from assistant.engines.sizing import SizesOf, of_two_sizes
from assistant.situation.script import folded
from assistant.values import PointMade
from knowledge import datafile
from knowledge.phrasebook import LinearPattern, Phrasebook, Slot
from knowledge.values import Value

ASKS_FIRST = "suggest.ask"
"""What is asked that decides between two: the answer is theirs, and nobody is told when they hear."""
SUGGESTIONS = Path(__file__).parent / "suggestions.yaml"
CHOOSING = frozenset({"pre.compare", "pre.recommend"})
_MAY_CHOOSE = CHOOSING | {
    "pre.size_advice", "pre.product_question", "pre.hesitate", "pre.gift_request", "after.not_understood",
}  # fmt: skip
CHOICE: frozenset[Slot] = frozenset({"pick", "pick_asks"})
_OF_CHOOSING = frozenset({"pre.rec_you_choose", "pre.cmp_color", "pre.cmp_amount"})
"""Points that are made by asking which: what is said to them in general gives way to an answer."""
_BESIDE = "pre.accessory"
_WHAT_ELSE = frozenset({"pre.what_else_needed", "pre.acc_have_already"})
_WHICH = re2.compile(
    r"还是|[选挑买拿要配穿送用][哪边]|哪(?:[个款种样件双条色套只]|一)|纠结|[你您](?:说|定|帮|替|给推|给挑|给选|给出|觉得|推荐)|推一个|推荐|拿主意|边[个只款]|更(?:好|合适|适合)|选择困难"
)
_FOR_SOMEBODY = re2.compile(
    r"送|礼|[给帮替]我?(?:爸|妈|爷|奶|公|婆|岳|丈|老|姥|外|朋友|领导|老师|同事)|我(?:爸|妈|爷|奶|公公|婆婆|岳|老公|老婆|男|女)"
)
_NOT_WHICH = re2.compile(
    r"哪[个款种样件双条色套只]?(?:还|先|今天)?(?:有货|有现货|能发|先发|先到|便宜|在)|还是没|还是不"
)
_DIFFER = re2.compile(r"区别|差别|不同|差在|差多少|怎么选")
_AGAINST = re2.compile(r"显[老黑胖土]|老气|难看|不好看|太土|俗")
"""What somebody says against one of the things they name."""
_CLAUSES = re2.compile(r"[\s,。!?;、]+")
_MEETS = ("greet", "thank", "acknowledge", "apologise")
_LEAST_NAMED, _MOST_REASONS, _MOST_BESIDE = 2, 2, 2


class _Reason(Value):
    when: LinearPattern
    because: str
    worth: float = 1


class _Option(Value):
    said: LinearPattern
    name: str = ""
    plain: str
    but: str
    reasons: tuple[_Reason, ...] = ()


class _Family(Value):
    family: str
    options: tuple[_Option, ...] = Field(min_length=2)


class _Gift(Value):
    likes: LinearPattern
    name: str
    because: str
    but: str


class _Extra(Value):
    name: str
    use: str
    has: LinearPattern


class _Thing(Value):
    thing: LinearPattern
    items: tuple[_Extra, ...] = Field(min_length=1)


class _File(Value):
    picks: tuple[_Family, ...]
    sizes: tuple[SizesOf, ...]
    gifts: tuple[_Gift, ...]
    beside: tuple[_Thing, ...]


def suggested(brief: Brief) -> dict[Slot, str]:
    """The slots `pick`, `pick_asks` and `beside_it`; "" where nothing is asked to be chosen, or nothing is known of it."""
    unbought = brief.conversation.order is None and brief.situation.stage == "general"
    if brief.situation.language == "en" or not (brief.situation.stage == "pre_sale" or unbought):
        return {}
    said = folded(" ".join(m.text for m in brief.conversation.messages if m.role == "customer"))
    asks = _WHICH.search(said) and not _NOT_WHICH.search(said)
    size, decides = of_two_sizes(said, _read().sizes) if asks or _DIFFER.search(said) else ("", "")
    return {
        "pick": size or ((_picked(said) or _given(said)) if asks and not decides else ""),
        "pick_asks": decides,
        "beside_it": _beside(said),
    }


def with_suggestion(
    moves: Sequence[PlannedMove],
    brief: Brief,
    intents: Sequence[str],
    points: Sequence[PointMade],
    slots: Mapping[Slot, str],
    fallback: Phrasebook,
) -> tuple[PlannedMove, ...]:
    """`moves` with the choice, or with what to get beside it, in the place of criteria and of questions about taste."""
    leads, made = set(intents[:1]), {p.point for p in points}
    chooses = "pick" in slots and bool(leads & _MAY_CHOOSE)
    adds = "beside_it" in slots and (_BESIDE in leads or (leads & CHOOSING and made & _WHAT_ELSE))
    decides = "pick_asks" in slots and bool(leads & _MAY_CHOOSE)
    name = "suggest.pick" if chooses else ASKS_FIRST if decides else "suggest.beside" if adds else ""
    if not name or any(m.move.move == "safety" for m in moves):
        return tuple(moves)
    (entry, *_) = fallback.by_situation[name]
    told = usable(entry.moves, brief, slots, entry.situation)
    kept = [m for m in moves if not _gives_way(m, leads)]
    at = next((i for i, m in enumerate(kept) if m.move.move not in _MEETS), len(kept))
    first = [m for m in told if m.is_substance]
    return (*kept[:at], *first, *kept[at:], *(m for m in told if m not in first))


def _gives_way(planned: PlannedMove, leads: Set[str]) -> bool:
    """Whether a move only says how one would choose, asks what they like, or defers the choice."""
    of_choice = planned.point in _OF_CHOOSING or planned.situation in (*CHOOSING, _BESIDE, *leads)
    granted = planned.move.authority or planned.move.without
    return of_choice and not granted and planned.move.move in ("fact", "explain", "advise", "ask", "next_step")


def _picked(said: str) -> str:
    """The option of which most that was told speaks, of the family of which most are named; where all that are named have
    something against them, another of the family for which something speaks. "" of fewer than two.
    """
    # 红茶和绿茶 are teas before they are colours
    found = ((_named(f, said), f) for f in _read().picks)
    named, family = max(found, key=lambda f: (len(f[0]), sum(len(word) for _, word in f[0])))
    if len(named) < _LEAST_NAMED:
        return ""
    option, word = max(named, key=lambda o: _worth(o[0], said))
    if _worth(option, said) < 0:
        option = max(family.options, key=lambda o: _worth(o, said))
        if not option.name or _worth(option, said) <= 0:
            return ""
        word = f"另一样,{option.name}"
    why = [r.because for r in option.reasons if r.worth > 0 and re2.search(r.when, said)][:_MOST_REASONS]
    return f"{word if word.endswith(option.name) else option.name}:{','.join(why) or option.plain};就是{option.but}"


def _given(said: str) -> str:
    """What is given to who likes what the customer tells; "" where they tell nothing, or choose for themselves."""
    if not _FOR_SOMEBODY.search(said):
        return ""
    gift = next((g for g in _read().gifts if re2.search(g.likes, said)), None)
    return f"{gift.name}:{gift.because};就是{gift.but}" if gift else ""


def _named(family: _Family, said: str) -> list[tuple[_Option, str]]:
    """The options of a family that are named in so many words, each by its own: 半入耳 is no 入耳, 酒红 no 红."""
    found: list[tuple[_Option, str]] = []
    taken: list[tuple[int, int]] = []
    for option in sorted(family.options, key=lambda o: -max(map(len, o.said.split("|")))):
        for match in re2.finditer(option.said, said):
            if not any(a < match.end() and match.start() < b for a, b in taken):
                taken.append((match.start(), match.end()))
                found.append((option, match.group(0)))
                break
    return sorted(found, key=lambda o: said.find(o[1]))


def _worth(option: _Option, said: str) -> float:
    against = sum(bool(_AGAINST.search(c)) for c in _CLAUSES.split(said) if re2.search(option.said, c))
    return sum(r.worth for r in option.reasons if re2.search(r.when, said)) - 2 * against


def _beside(said: str) -> str:
    """What goes with the first thing that is known, less what they speak of; "" where nothing is known or left."""
    for known in _read().beside:
        if re2.search(known.thing, said):
            left = [e for e in known.items if not re2.search(e.has, said)][:_MOST_BESIDE]
            return ";".join(f"{e.name},{e.use}" for e in left)
    return ""


@cache
def _read() -> _File:
    return datafile.load(SUGGESTIONS, _File)
