"""A week of drafts as a manager reads it: which situations are rewritten, what agents add, which kinds of edits, what to keep."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from assistant.learning.difference import dice, pairs
from assistant.learning.phrases import Phrase, repeated
from assistant.learning.shares import FEW, Share
from assistant.learning.values import Extent, Kind, Rating, SentReply
from assistant.learning.weeks import Week, week_of
from knowledge.values import Value

BACK = 4
"""Weeks, the chosen one included, over which phrases and situations are counted: one week of one shop is too little."""
TREND = 6
"""Weeks of the trend."""
KINDS: tuple[Kind, ...] = ("fact", "policy", "tone", "length", "wording")
_EXAMPLES = 3
_CONVERSATIONS = 12
_SAME = 0.7
"""Share of character pairs from which a phrase was adopted or declined before, and two examples show the same."""


class WeekNumbers(Value):
    """A week in numbers: how many drafts were sent, in which extent they were changed, of which kinds the edits were, and
    how drafts were rated.
    """

    week: str
    sent: int
    extents: dict[Extent, int]
    kinds: dict[Kind, int]
    good: int
    bad: int

    @property
    def changed(self) -> Share:
        return Share(count=self.sent - self.extents.get("as_is", 0), of=self.sent)


class Rewritten(Value):
    """A situation by how its drafts are sent. `stands_out` says whether they are changed more often than the others':
    "few" where too few were sent to tell. `examples` are ids of drafts, the most changed first.
    """

    situation: str
    changed: Share
    rewritten: int
    kinds: dict[Kind, int]
    stands_out: Literal["more", "like", "few"]
    examples: tuple[str, ...]


class WorthKeeping(Value):
    """A conversation that says what a good reply is: its draft was rewritten, or rated bad. `why` in the order of weight."""

    draft_id: str
    situation: str
    reply: str
    sent: str
    why: tuple[Literal["rated_bad", "rewritten", "fact", "policy"], ...]
    reason: str = ""


class WeekView(Value):
    """What a manager sees of a week. `trend` is oldest first and ends with the week itself; situations and phrases are of
    the last `BACK` weeks, the others of the week.
    """

    week: str
    numbers: WeekNumbers
    trend: tuple[WeekNumbers, ...]
    situations: tuple[Rewritten, ...]
    phrases: tuple[Phrase, ...]
    conversations: tuple[WorthKeeping, ...]
    ratings: tuple[Rating, ...]


def view_of(
    week: Week,
    sent: Sequence[SentReply],
    ratings: Sequence[Rating],
    *,
    adopted: Iterable[str] = (),
    kept: Iterable[str] = (),
) -> WeekView:
    """The view of `week` from what was sent and rated in its last `TREND` weeks.

    `adopted` are phrases that need not be offered any more, `kept` ids of drafts that are candidates already.
    """
    weeks = [week.before(n) for n in reversed(range(TREND))]
    lately = [s for s in sent if week.before(BACK - 1) <= week_of(s.at) <= week]
    now = [s for s in sent if week_of(s.at) == week]
    rated = tuple(r for r in ratings if week_of(r.at) == week)
    known = [pairs(text) for text in adopted]
    offered = (p for p in repeated(lately) if not any(dice(pairs(p.text), k) >= _SAME for k in known))
    trend = tuple(_numbers(w, sent, ratings) for w in weeks)
    return WeekView(
        week=week.name,
        numbers=trend[-1],
        trend=trend,
        situations=_situations(lately),
        phrases=tuple(offered),
        conversations=_worth_keeping(now, rated, frozenset(kept)),
        ratings=rated,
    )


def _numbers(week: Week, sent: Sequence[SentReply], ratings: Sequence[Rating]) -> WeekNumbers:
    of_week = [s for s in sent if week_of(s.at) == week]
    rated = [r.good for r in ratings if week_of(r.at) == week]
    return WeekNumbers(
        week=week.name,
        sent=len(of_week),
        extents=dict(Counter(s.difference.extent for s in of_week)),
        kinds=_kinds(of_week),
        good=sum(rated),
        bad=len(rated) - sum(rated),
    )


def _kinds(sent: Iterable[SentReply]) -> dict[Kind, int]:
    found = Counter(kind for s in sent for kind in s.difference.kinds)
    return {kind: found[kind] for kind in KINDS if found[kind]}


def _situations(sent: Sequence[SentReply]) -> tuple[Rewritten, ...]:
    """Those that stand out first, by the lower end of the interval, so that three of three is not worse than 40 of 50."""
    groups: Mapping[str, list[SentReply]] = defaultdict(list)
    for one in sent:
        groups[one.situation].append(one)
    changed_of = {name: sum(_changed(s) for s in of) for name, of in groups.items()}
    everywhere = sum(changed_of.values())
    rows = []
    for name, of in groups.items():
        changed = Share(count=changed_of[name], of=len(of))
        others = Share(count=everywhere - changed_of[name], of=len(sent) - len(of))
        worst = _unlike(sorted((s for s in of if _changed(s)), key=lambda s: (s.difference.kept, s.draft_id)))
        rows.append(
            Rewritten(
                situation=name,
                changed=changed,
                rewritten=sum(s.difference.extent == "rewritten" for s in of),
                kinds=_kinds(of),
                stands_out=_stands_out(changed, others),
                examples=tuple(s.draft_id for s in worst),
            )
        )
    rank = {"more": 0, "like": 1, "few": 2}
    return tuple(sorted(rows, key=lambda r: (rank[r.stands_out], -r.changed.low, -r.changed.of, r.situation)))


def _unlike(sent: Iterable[SentReply]) -> list[SentReply]:
    """The first `_EXAMPLES` that do not show the same thing twice."""
    found: list[SentReply] = []
    for one in sent:
        grams = pairs(one.sent)
        if not any(dice(grams, pairs(other.sent)) >= _SAME for other in found):
            found.append(one)
        if len(found) == _EXAMPLES:
            break
    return found


def _changed(sent: SentReply) -> bool:
    return sent.difference.extent != "as_is"


def _stands_out(changed: Share, others: Share) -> Literal["more", "like", "few"]:
    """More than the others when even the lower end of its interval is above their share."""
    if changed.of < FEW:
        return "few"
    return "more" if changed.count and changed.low > others.share else "like"


def _worth_keeping(
    sent: Sequence[SentReply], ratings: Sequence[Rating], kept: frozenset[str]
) -> tuple[WorthKeeping, ...]:
    """Those rated bad first, then those rewritten, the most changed first; candidates already are left out."""
    bad = {r.draft_id: r for r in ratings if not r.good}
    found = []
    for one in sent:
        difference = one.difference
        why: list[Literal["rated_bad", "rewritten", "fact", "policy"]] = []
        if one.draft_id in bad:
            why.append("rated_bad")
        if difference.extent == "rewritten":
            why.append("rewritten")
        why += [kind for kind in ("fact", "policy") if kind in difference.kinds]
        if why and difference.extent != "as_is" and one.draft_id not in kept:
            reason = bad[one.draft_id].reason if one.draft_id in bad else ""
            row = WorthKeeping(
                draft_id=one.draft_id,
                situation=one.situation,
                reply=one.reply,
                sent=one.sent,
                why=tuple(why),
                reason=reason,
            )
            found.append((one.draft_id not in bad, difference.kept, one.draft_id, row))
    return tuple(row for *_, row in sorted(found, key=lambda f: f[:3])[:_CONVERSATIONS])
