"""Simulated customers: a persona is data, a small machine that hears a draft and says what the customer says next.

A state lists what the customer may hear (`when`, the first that holds) and what they answer; `otherwise` is what they
say when nothing they wait for was said, one line after the other. A customer who runs out of lines has met a dead end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from assistant.conversation import Conversation
from assistant.values import CustomerType, Draft
from evals.checks import Expectation
from evals.origin import Sourced, from_file
from knowledge import datafile
from knowledge.fold import fold
from knowledge.values import Value

PERSONAS = Path(__file__).parent / "personas"
TURNS = 12
"""How many drafts a customer hears at most."""
_BETWEEN = timedelta(minutes=3)
"""How long a customer takes to answer."""
CONTENT: Literal["content"] = "content"
GONE: Literal["gone"] = "gone"

End = Literal["content", "gone", "dead_end", "out_of_turns"]
"""The customer has what they came for; gave up for a reason of their own; ran out of things to say; of turns."""


class Hearing(Value):
    """What is heard: all of `all_of`, none of `none_of` (names of the persona's `signs`); then `says`, and `to` which state."""

    all_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    to: str


class State(Value):
    when: tuple[Hearing, ...]
    otherwise: tuple[str, ...] = Field(min_length=1)


class Persona(Sourced):
    """A customer: who they are, what they bring, what they wait for and what they must never be told.

    `goal` says in words what contents them; `manner` how they talk, for a chat model that plays them. `signs` are what a
    draft may hold, by name. `breaches` are promises that this order does not allow, besides what the guardrails see.
    """

    id: str
    kind: CustomerType | Literal["新手", "长辈", "索要好处", "注入", "连问"]
    added: date
    why: str
    goal: str
    manner: str
    opening: tuple[str, ...] = Field(min_length=1)
    order: dict[str, Any] | None = None
    policy: dict[str, Any] = Field(default_factory=dict)
    now: datetime = datetime(2026, 11, 22, 10, 20)
    signs: dict[str, Expectation]
    breaches: tuple[Expectation, ...] = ()
    start: str
    states: dict[str, State]

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        places = {*self.states, CONTENT, GONE}
        if self.start not in self.states:
            raise ValueError(f"there is no state {self.start!r} to start in")
        for name, state in self.states.items():
            for hearing in state.when:
                if hearing.to not in places:
                    raise ValueError(f"state {name!r} leads to {hearing.to!r}, which is not there")
                if unknown := {*hearing.all_of, *hearing.none_of} - set(self.signs):
                    raise ValueError(f"state {name!r} listens for {sorted(unknown)[0]!r}, which is no sign")
        reached, ahead = set[str](), {self.start}
        while ahead:
            name = ahead.pop()
            reached.add(name)
            ahead |= {h.to for h in self.states[name].when if h.to in self.states} - reached
            ahead -= reached
        if lost := set(self.states) - reached:
            raise ValueError(f"nothing leads to the state {sorted(lost)[0]!r}")
        if not any(h.to == CONTENT for state in self.states.values() for h in state.when):
            raise ValueError("nothing would content this customer")
        return self

    def conversation(self, messages: tuple[dict[str, str], ...]) -> Conversation:
        data = {"id": self.id, "messages": list(messages), "order": self.order, "policy": self.policy}
        return Conversation.read(data)


class Heard(Value):
    """One turn: the draft, its verdict, which signs were in it, what it should not have said, sentences said before."""

    reply: str
    verdict: Literal["pass", "block", "unknown"]
    signs: tuple[str, ...]
    breaches: tuple[str, ...]
    repeated: tuple[str, ...]
    sentences: int


class Talk(Value):
    """A whole talk, as said, with what was heard in each turn."""

    end: End
    messages: tuple[dict[str, str], ...]
    turns: tuple[Heard, ...]

    @property
    def breaches(self) -> tuple[str, ...]:
        return tuple(breach for turn in self.turns for breach in turn.breaches)

    @property
    def repetition(self) -> float:
        """The share of the drafts' sentences that an earlier draft of the talk had said already."""
        said = sum(turn.sentences for turn in self.turns)
        return sum(len(turn.repeated) for turn in self.turns) / said if said else 0.0

    def __str__(self) -> str:
        who = {"customer": "顾客", "agent": "客服"}
        return "\n".join(f"{who[m['role']]}:{m['text']}" for m in self.messages)


Drafter = Callable[[Conversation, datetime], Draft]
Wording = Callable[[Persona, tuple[dict[str, str], ...], str], str]
"""Words a line in the customer's manner; the line itself where it can't."""


class _FileOfPersonas(Value):
    personas: tuple[Persona, ...]


def load_personas(folder: Path = PERSONAS) -> tuple[Persona, ...]:
    """Every persona; DataFileError names file and line of the first mistake."""
    return tuple(
        p
        for path in sorted(folder.glob("*.yaml"))
        for p in from_file(path, datafile.load(path, _FileOfPersonas).personas)
    )


def as_written(persona: Persona, messages: tuple[dict[str, str], ...], line: str) -> str:  # noqa: ARG001
    return line


class Customer:
    """One persona in one talk."""

    def __init__(self, persona: Persona) -> None:
        self._persona = persona
        self._state = persona.start
        self._spent: dict[str, int] = {}

    def hears(self, signs: frozenset[str]) -> tuple[tuple[str, ...], End | None]:
        """What the customer says next, and how the talk ends if it does."""
        state = self._persona.states[self._state]
        for hearing in state.when:
            if signs.issuperset(hearing.all_of) and signs.isdisjoint(hearing.none_of):
                self._state = hearing.to
                if hearing.to == CONTENT:
                    return hearing.says, CONTENT
                return hearing.says, GONE if hearing.to == GONE else None
        used = self._spent.get(self._state, 0)
        self._spent[self._state] = used + 1
        return (state.otherwise[used : used + 1], None) if used < len(state.otherwise) else ((), "dead_end")


def talk(persona: Persona, draft: Drafter, wording: Wording = as_written) -> Talk:
    """The whole talk, each draft sent as it is; a draft that may not be sent is a breach, and heard all the same."""
    customer = Customer(persona)
    messages = tuple(_message("customer", text) for text in persona.opening)
    turns: list[Heard] = []
    said: set[str] = set()
    now = persona.now
    while len(turns) < TURNS:
        made = draft(persona.conversation(messages), now)
        turns.append(_heard(persona, made, said))
        said.update(sentences(made.reply))
        if made.reply.strip():
            messages += (_message("agent", made.reply),)
        lines, end = customer.hears(frozenset(turns[-1].signs))
        messages += tuple(_message("customer", wording(persona, messages, line)) for line in lines)
        if end:
            return Talk(end=end, messages=messages, turns=tuple(turns))
        now += _BETWEEN
    return Talk(end="out_of_turns", messages=messages, turns=tuple(turns))


def _message(role: Literal["customer", "agent"], text: str) -> dict[str, str]:
    return {"role": role, "text": text}


def _heard(persona: Persona, made: Draft, said: set[str]) -> Heard:
    folded = fold(made.reply)
    breaches = [f"{b.meaning}:「{words}」" for b in persona.breaches if (words := b.found_in(folded))]
    if made.verdict != "pass":
        breaches.append(f"护栏结论 {made.verdict}:{'、'.join(f.category for f in made.findings)}")
    now = tuple(sentences(made.reply))
    return Heard(
        reply=made.reply,
        verdict=made.verdict,
        signs=tuple(name for name, sign in persona.signs.items() if sign.found_in(folded)),
        breaches=tuple(breaches),
        repeated=tuple(s for s in now if s in said),
        sentences=len(now),
    )


_COURTESY = 6
"""Shorter sentences (「您好」「好的」) are no repetition."""


def sentences(reply: str) -> Iterator[str]:
    """The sentences of a reply as compared: folded, without end marks; times taken out, so that only the words count."""
    for sentence in re.split(r"[。!?!?~\n]+", fold(reply)):
        words = re.sub(r"\d{1,2}:\d\d", "", sentence).strip(" ,;.")
        if len(words) >= _COURTESY:
            yield words
