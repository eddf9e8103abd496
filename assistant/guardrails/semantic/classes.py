"""What the layer tells apart: a breach of each category, and what a shop may have allowed."""

from __future__ import annotations

from typing import get_args

from assistant.values import Category
from knowledge.values import AuthorityKind

CATEGORIES: tuple[Category, ...] = get_args(Category)
BREACHES = (*CATEGORIES, "any")
"""One class for each category, and one for a breach of whatever kind."""
ALLOWANCES: tuple[AuthorityKind, ...] = tuple(k for k in get_args(AuthorityKind) if k != "ship_within_24h")
"""What of a shop's authorities would make a promise right: which kind of thing it is, however it is said. How soon
something is sent is one kind, whose hours the ledger compares (`ship_within_48h`)."""
CLASSES = (*BREACHES, *ALLOWANCES)
