"""Who has heard enough apologies gets none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import re2

from assistant.engines import Brief
from assistant.engines.moves import PlannedMove, says_sorry
from assistant.situation.script import folded

_ENOUGH = re2.compile(
    r"(?:不要|别|少|不用|不需要|不想|唔好|光|只会|就会|除了).{0,6}(?:道歉|抱歉|对不起|不好意思|对唔住)|(?:道歉|抱歉|对不起)[^,。!?]{0,4}(?:没用|有什么用|有用吗|顶|听够|听腻)|"
    r"(?:说|讲|道|听)(?:了|过)?[^,。!?]{0,4}[遍次回句][^,。!?]{0,2}(?:道歉|抱歉|对不起|不好意思|歉)|"
    r"(?:stop|enough|no more|don't want|sick of).{0,12}(?:apolog|sorry)"
)


def heard_enough(brief: Brief) -> bool:
    """Whether another word of apology is the one thing that they asked not to hear."""
    return any(_ENOUGH.search(folded(m.text)) for m in brief.conversation.last_customer_turn)


def without_sorry(moves: Sequence[PlannedMove], brief: Brief) -> tuple[PlannedMove, ...]:
    """`moves` without apologies, where enough were heard; of an opening the wordings that hold none are left."""
    if not heard_enough(brief):
        return tuple(moves)
    kept = []
    for move in moves:
        plain = tuple(w for w in move.wordings if not says_sorry(replace(move, wordings=(w,))))
        if move.move.move != "apologise" and (plain or move.is_substance):
            kept.append(replace(move, wordings=plain or move.wordings))
    return tuple(kept) or tuple(moves)
