"""Which of two sizes of one thing (4L和6L, 20寸还是28寸) fits what the customer told, or the one thing that decides it."""

from __future__ import annotations

from collections.abc import Sequence

import re2

from assistant.guardrails.amounts import number
from knowledge.phrasebook import LinearPattern
from knowledge.values import Value

_SIZE = re2.compile(
    r"(\d+(?:\.\d+)?)\s?(升|l|ml|毫升|寸|吋|英寸|gb|g|tb|t|cm|厘米|公分|斤|kg|公斤|匹|w|瓦)?(?:的|那[款个种])?\s?(?:和|跟|与|还是|或者?|、|,|/|\s|vs|定系|定)+\s?(?:[买选要]|那[款个种])?(\d+(?:\.\d+)?)\s?(升|l|ml|毫升|寸|吋|英寸|gb|g|tb|t|cm|厘米|公分|斤|kg|公斤|匹|w|瓦)(?:[^a-z\d]|$)"
)
_PEOPLE = re2.compile(
    r"([一二两三四五六七八九十\d]|俩|仨)\s?(?:大[一二两三四\d]小|口|个?(?:大)?人(?:用|吃|住|喝|$|[^\p{Han}]))"
)
_FEW = 2
_TIMES = {"l": 1000, "升": 1000, "ml": 1, "毫升": 1, "t": 1000, "tb": 1000, "g": 1, "gb": 1}
"""Units that stand beside another in one question: 500ml还是1L."""
_PAIR = {"俩": 2, "仨": 3}


class Side(Value):
    """One of the two: what speaks for it when so much was told (`when`), and its weak point."""

    when: LinearPattern
    because: str
    but: str


class SizesOf(Value):
    """A kind of thing and of size in which people choose between a smaller and a larger one. `people`: it goes by how many they are."""

    thing: LinearPattern
    unit: LinearPattern
    smaller: Side
    larger: Side
    ask: str
    people: bool = False


def of_two_sizes(said: str, known: Sequence[SizesOf]) -> tuple[str, str]:
    """The pick with its reason and weak point, and "" ; or "" and what is asked to choose. Both "" where no two sizes are named."""
    found = _SIZE.search(said)
    kind = next((k for k in known if found and re2.search(k.unit, found.group(4)) and re2.search(k.thing, said)), None)
    if found is None or kind is None:
        return "", ""
    first, unit = found.group(2) or found.group(4), found.group(4)
    sizes = sorted(((found.group(1), first), (found.group(3), unit)), key=_amount)
    if _amount(sizes[0]) == _amount(sizes[1]) or (first != unit and not {first, unit} <= {*_TIMES}):
        return "", ""
    for_small, for_large = (bool(re2.search(side.when, said)) for side in (kind.smaller, kind.larger))
    people = _people(said) if kind.people else 0
    if people:
        for_small, for_large = people <= _FEW, people > _FEW
    small, large = (f"{n}{u.upper() if len(u) == 1 and u.isascii() else u}" for n, u in sizes)
    if for_small == for_large:
        return "", f"{small}和{large}{kind.ask}"
    side, size = (kind.smaller, small) if for_small else (kind.larger, large)
    return f"{size}的:{side.because};就是{side.but}", ""


def _amount(size: tuple[str, str]) -> float:
    return float(size[0]) * _TIMES.get(size[1], 1)


def _people(said: str) -> int:
    """How many they say they are; 0 where they don't."""
    found = _PEOPLE.search(said)
    if not found:
        return 0
    told = _PAIR.get(found.group(1)) or int(number(found.group(1)) or 0)
    more = re2.search(r"大([一二两三四\d])小", found.group(0))
    return told + (int(number(more.group(1)) or 0) if more else 0)
