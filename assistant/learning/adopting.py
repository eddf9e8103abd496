"""A phrase that agents add becomes a wording of the shop's own, once the guardrails pass it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

import re2
from pydantic import ValidationError

from assistant.conversation import Conversation
from assistant.guardrails import CheckContext
from assistant.guardrails.samples import filled, said_under
from assistant.learning.difference import dice, facts_of, pairs
from assistant.own_wordings import OwnWording, OwnWordings, WordingError, id_of
from assistant.values import Verdict
from knowledge.phrasebook import MoveKind
from knowledge.values import AuthorityKind, Value

ALIKE = 0.8
"""Share of character pairs from which a wording is one that the situation has already."""
_PERSONAL = re2.compile(r"⟦[^⟧]{1,8}⟧|\*{3}")
_SLOT_LEFT = re2.compile(r"\{([a-z_]+)\}")

Check = Callable[[str, CheckContext], Verdict]


class Adoption(Value):
    """What a manager wants said: `text` with slots in braces, in which situation, as which move. `source` says where it
    comes from, in a person's words.
    """

    text: str
    situation: str
    move: MoveKind
    source: str = ""


class Adopting:
    """`check` is the guardrails'; `situations` are those that the offline engine has wordings for."""

    def __init__(self, own: OwnWordings, check: Check, situations: frozenset[str]) -> None:
        self._own = own
        self._check = check
        self._situations = situations

    def adopt(self, asked: Adoption, who: str, said_in: Iterable[Conversation] = ()) -> OwnWording:
        """Put it in force at once. WordingError says what is in the way; `said_in` are conversations it was said in: what
        was authorised in all of them may be asked for, and it must be fit to say in each.
        """
        text = " ".join(asked.text.split())
        wording = self._read(asked, text, who)
        self._not_said_already(wording)
        talks = tuple(said_in)
        needed = self._needed(text, talks)
        for talk in talks:
            said = slots_filled(text, talk)
            if said is not None:
                self._fit(said, CheckContext.of(talk))
        adopted = wording.model_copy(update={"authority": needed})
        self._own.add(adopted)
        return adopted

    def _read(self, asked: Adoption, text: str, who: str) -> OwnWording:
        if _PERSONAL.search(text):
            raise WordingError(
                "wording.personal",
                "这句话里有个人信息(已隐去):请先改成对谁都能说的话,再采用。",
                "This phrase holds personal data (masked): put it so that it can be said to anybody, then adopt it.",
            )
        if asked.situation not in self._situations:
            raise WordingError(
                "wording.situation",
                f"情境「{asked.situation}」没有草稿话术,采用了也不会说:请选别的情境。",
                f"No drafts are made of wordings in the situation {asked.situation}: choose another.",
            )
        try:
            return OwnWording(
                id=id_of(asked.situation, text),
                situation=asked.situation,
                move=asked.move,
                zh=text,
                by=who[:64] or "?",
                at=datetime.now(UTC).replace(tzinfo=None, microsecond=0),
                source=asked.source,
            )
        except ValidationError as error:
            first = error.errors(include_url=False)[0]["msg"]
            raise WordingError(
                "wording.unreadable",
                f"这句话不能用作话术({first}):要 2 到 120 字,花括号里只能是认识的订单信息,如 {{courier}}。",
                f"This can't be a wording ({first}): 2 to 120 characters, in braces only known facts such as {{courier}}.",
            ) from error

    def _not_said_already(self, wording: OwnWording) -> None:
        mine = [w for w in self._own.listed() if w.situation == wording.situation]
        if like := next((w for w in mine if dice(pairs(w.zh), pairs(wording.zh)) >= ALIKE), None):
            raise WordingError(
                "wording.known",
                f"这个情境已经采用过差不多的一句「{like.zh}」:要换说法,请先移除它。",
                f"The situation has much the same wording already ({like.zh!r}): remove that one first.",
            )

    def _needed(self, text: str, talks: Sequence[Conversation]) -> tuple[AuthorityKind, ...]:
        """What must be authorised for it to be said to anybody: nothing, else one thing, else all that was authorised
        wherever it was said. WordingError with the guardrails' reason where even that is not enough.
        """
        granted = [{a.kind for a in talk.policy.authorities} for talk in talks]
        common: tuple[AuthorityKind, ...] = tuple(sorted(set.intersection(*granted))) if granted else ()
        sample = filled(text)
        for kinds in ((), *((kind,) for kind in common), common):
            if self._check(sample, said_under(kinds)).verdict == "pass":
                return kinds
        self._fit(sample, said_under(common))
        return common

    def _fit(self, text: str, context: CheckContext) -> None:
        verdict = self._check(text, context)
        if verdict.verdict == "pass":
            return
        if verdict.verdict == "unknown":
            raise WordingError(
                "wording.unchecked", "护栏没能检查完,先不采用:请重试。", "The check did not finish: try again."
            )
        found = next(f for f in verdict.findings if f.severity == "block")
        zh, en = (
            (f":例如改成「{verdict.rewrite}」", f": for example {verdict.rewrite!r}") if verdict.rewrite else ("", "")
        )
        raise WordingError(
            "wording.blocked",
            f"护栏没有放行「{found.text}」:{found.message}。请改一下说法再采用{zh}。",
            f"The guardrails do not pass {found.text!r}: {found.said('en')}. Put it otherwise, then adopt it{en}.",
        )


def slots_filled(text: str, talk: Conversation) -> str | None:
    """With the order's facts in its slots; None where the conversation lacks one of them."""
    known: Mapping[str, str] = {str(slot): said for slot, said in facts_of(talk.order).items()}
    said = str(_SLOT_LEFT.sub(lambda m: known.get(m.group(1), m.group(0)), text))
    return None if _SLOT_LEFT.search(said) else said
