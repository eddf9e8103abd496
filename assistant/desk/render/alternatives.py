"""Drafts side by side that meet the customer in different ways."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.desk.render.markup import esc, tag
from assistant.desk.render.reply import verdict_badge
from assistant.desk.text import Words
from assistant.values import Draft


def alternatives(drafts: Sequence[Draft], w: Words) -> str:
    """A card for each: its strategy, its verdict, the reply, and a button that takes it. Says so when there is but one."""
    cards = "".join(_card(number, draft, w) for number, draft in enumerate(drafts))
    alone = tag("p", esc(w("alternatives.only_one")), "k-meta") if len(drafts) < 2 else ""
    return tag("div", cards + alone, "k-alternatives")


def _card(number: int, draft: Draft, w: Words) -> str:
    head = tag("b", esc(w(f"strategy.{draft.strategy}"))) + verdict_badge(draft.verdict, draft.findings, w)
    take = tag("button", esc(w("alternatives.take")), "k-link", type="button", data_act="take", data_value=number)
    said = "".join(tag("p", esc(bubble)) for bubble in draft.bubbles)
    return tag("section", tag("div", head + take, "k-alternative-head") + said, "k-alternative")
