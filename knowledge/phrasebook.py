"""Phrasebooks: for a situation, what a good reply is made of, move by move, with typed slots and authority.

Data in `library/phrasebooks/*.yaml`. An entry is a list of moves; a move has conditions and wordings. The offline
engine keeps the moves whose conditions hold, takes one wording of each, and never uses one with a slot unfilled.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, get_args

import re2
from pydantic import AfterValidator, Field, field_validator, model_validator

from knowledge import datafile
from knowledge.values import AuthorityKind, Value

PHRASEBOOKS = Path(__file__).parent / "library" / "phrasebooks"

MoveKind = Literal[
    "safety",       # people first: call for help, stop using it
    "greet",
    "thank",
    "acknowledge",  # name what the customer feels or said
    "apologise",    # for the experience, never for a fault that is not established
    "fact",         # a fact from the order or the customer's own words
    "explain",      # how something works, without blame
    "decline",      # what cannot be done, softly, with the reason
    "offer",        # something authorised
    "advise",       # what the customer can do now
    "ask",          # the one missing thing
    "next_step",    # what the agent does, and by when the agent answers
    "close",
]  # fmt: skip

Slot = Literal[
    # order facts; item_in_full is the item with its colour, size and number, as the order says it
    "item", "item_in_full", "price_yuan", "order_tail", "courier", "tracking_status", "paid_at", "shipped_at", "signed_at",
    # days since payment; only when the 30 days of price protection are over; days since signing; only when over seven
    "days_since_paid", "price_protection_over", "days_since_signed", "return_window_over",
    # shop and authority
    "shop", "compensation_limit", "free_shipping_over", "gift_name", "coupon_yuan", "refund_yuan",
    # the agent's own answer-by time, e.g. 今天下午4点前
    "answer_by",
    # what the customer said, taken word for word
    "customer_amount", "customer_measure", "customer_quote",
    # what the named group (?P<said>...) of the move's own `mentions` matched
    "said",
    # whole hours past the time to ship that the shop stands by; only when nothing has left yet
    "ship_overdue",
    # count, price and colour of what they want, said together: 120条、68元那款、白色; never in English
    "customer_choice",
    # what they told of their need before the sale, clause by clause: 给您妈妈买、150斤、宽松点好; never in English
    "customer_told",
    # the item's price in yuan, only when it alone reaches the sum from which the shop ships free
    # and what it falls short of that sum by
    "free_shipping_met", "free_shipping_short",
    # what went wrong, the clause in which the customer tells it; said after 您说的
    "matter",
    # days since payment while the 30 days of price protection run; what the customer paid more than the price they name
    "price_protection_in", "price_gap",
    # days since signing while the seven days run; days since signing (or payment) while a year of warranty runs, or after
    "return_window_in", "warranty_in", "warranty_over",
    # until when the order has to leave, while that time still runs: 11月22日21:00
    "ship_due",
    # the new address as the customer wrote it, to its street; the new recipient; 少一位/多一位 when a phone number is not 11 digits
    "new_place", "new_name", "phone_odd",
    # what an agent promised by when and, says the customer, did not keep: 3小时内回您
    "promised",
    # what the order says of a refund or of its state, in its own words
    "refund_state",
    "noted",
    # the customer's sum, only when it is more than the compensation that is granted, or more than the refund that is approved
    "sum_over_limit", "sum_over_refund",
    # the last of the seven days to return, while they run: 11月24日; the tracking entry that says that the parcel is lost, or sent back to us
    "return_until", "protected_until", "loss_recorded", "on_its_way_back",
    # the sum the customer asks for, only when the compensation that is granted covers it
    "sum_within_limit",
    # the day to which price protection is counted: 今天, or the sale that the customer names, 双十一那天
    "price_day",
    # who signed, as the record tells it: 门卫; the entry that says that a part of the order has yet to go
    "signed_by", "part_waiting",
    # the entry that tells of a further parcel of the order; the pick-up point or locker where the parcel was put; what the record says of one that has not left;
    # how long after payment it left, where that was within the shop's own time to ship, or how far past it; of a presale that waits the day on which it was to go, and how many
    # days ago that was or how many are left
    "part_travelling", "left_at", "waiting_status", "presale_due", "presale_over", "presale_left",
    "shipped_in_time", "shipped_late",
    # of two or more that they name, the one that what they told speaks for, with why and its weak point; what is got beside a thing,
    # less what they have; never in English
    "pick", "pick_asks", "beside_it",
    # of what a quotation depends on, what a bulk buyer has not told: 颜色规格怎么分、寄到哪个城市; the one price that they name, less the
    # coupon that is granted
    "bulk_missing", "after_coupon",
    # how what it comes to is reckoned: 一个89元,3个267元; what lacks to the sum from which the shop ships free
    "reckoned", "free_shipping_missing",
    # the last of the 30 days of price protection, while they run; how far off a sale is that they name, within 30 days of today
    "protection_ends", "sale_ahead",
    # the bad or missing pieces of all: 24瓶里漏了3瓶; their share of the price, only when the compensation that is granted covers it; the sum
    # the customer asks for, where nothing is granted that says how far one can go
    "pieces", "share_within_limit", "sum_asked",
    # the gift that is granted, only when the customer speaks of it by its name
    "gift_asked",
]  # fmt: skip

_SLOT = re.compile(r"\{([a-z_]+)\}")


def linear_pattern(value: str) -> str:
    """`value`, when it is a pattern that RE2 can run over what customers send, in linear time; ValueError otherwise."""
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(value, options)
    except re2.error as error:
        raise ValueError(f"not an RE2 pattern (no lookaround, no back references): {value!r} ({error})") from error
    return value


LinearPattern = Annotated[str, AfterValidator(linear_pattern)]
"""A pattern in a data file, refused with file and line when RE2 does not take it."""


class Wording(Value):
    """One way to say a move. Chinese is Simplified; Traditional is made by the engine. English stands on its own."""

    zh: str = Field(min_length=2, max_length=120)
    en: str = ""

    @model_validator(mode="after")
    def _slots_are_known(self) -> Wording:
        for name in self.slots:
            if name not in get_args(Slot):
                raise ValueError(f"unknown slot {{{name}}}; known: {', '.join(get_args(Slot))}")
        return self

    @property
    def slots(self) -> frozenset[str]:
        return self.zh_slots | self.en_slots

    @cached_property
    def zh_slots(self) -> frozenset[str]:
        return frozenset(_SLOT.findall(self.zh))

    @cached_property
    def en_slots(self) -> frozenset[str]:
        return frozenset(_SLOT.findall(self.en))


class Move(Value):
    """A step of a reply.

    `authority` lists authority kinds that must all be granted (ids without their amount); `without` kinds that must
    not be (to decline what is offered elsewhere). `needs` are slots that must be known, `lacks` slots that must not be
    (to ask for what is missing). `mentions` is a pattern over the customer's words that must match,
    `unless` one that must not (over the whole conversation's agent and customer words); `goods` and `unless_goods` the
    same over the order's item and the customer's words: said only of such things, or of all but these. `technique` is the technique
    of the library that the move carries out: its passage is what the sentence cites. A named group `said` in `mentions`
    fills the slot {said} with the customer's own word.
    """

    move: MoveKind
    technique: str = ""
    authority: tuple[AuthorityKind, ...] = ()
    without: tuple[AuthorityKind, ...] = ()
    needs: tuple[Slot, ...] = ()
    lacks: tuple[Slot, ...] = ()
    mentions: str = ""
    unless: str = ""
    goods: str = ""
    unless_goods: str = ""
    wordings: tuple[Wording, ...] = Field(min_length=1)

    @field_validator("mentions", "unless", "goods", "unless_goods")
    @classmethod
    def _pattern_compiles(cls, value: str) -> str:
        return linear_pattern(value)


_SITUATION_ID = re.compile(r"\b(?:after|pre|in|general)\.[a-z_]+")


class PhrasebookEntry(Value):
    """How to answer one situation. `situation` is an id of the catalogue; `next_steps` are for the agent's eyes."""

    situation: str
    moves: tuple[Move, ...] = Field(min_length=2)
    next_steps: tuple[str, ...] = ()

    @field_validator("next_steps")
    @classmethod
    def _in_words(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for step in value:
            if shown := _SITUATION_ID.search(step):
                raise ValueError(
                    f"next step “{step}” shows agents an id: write the situation's name for {shown.group()}"
                )
        return value


class _File(Value):
    title: str
    entries: tuple[PhrasebookEntry, ...]


class Phrasebook(Value):
    entries: tuple[PhrasebookEntry, ...]

    @cached_property
    def by_situation(self) -> dict[str, tuple[PhrasebookEntry, ...]]:
        found: dict[str, list[PhrasebookEntry]] = defaultdict(list)
        for entry in self.entries:
            found[entry.situation].append(entry)
        return {k: tuple(v) for k, v in found.items()}

    @classmethod
    def load(cls, folder: Path = PHRASEBOOKS) -> Phrasebook:
        """All phrasebooks of a folder; DataFileError names file and line of the first mistake."""
        entries: list[PhrasebookEntry] = []
        for path in sorted(folder.glob("*.yaml")):
            entries.extend(datafile.load(path, _File).entries)
        return cls(entries=tuple(entries))
