"""How a desk's parts talk: events from rendered HTML, and what to call when the language changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

T = TypeVar("T")

ACT = """
const asked = (source, fields) => trigger('act', {act: source.dataset.act, value: source.dataset.value ?? '', fields});
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-act]');
  if (!button || !element.contains(button)) return;
  if (button.dataset.sure && !button.classList.contains('k-armed')) {
    button.dataset.plain = button.textContent;
    button.textContent = button.dataset.sure;
    button.classList.add('k-armed');
    return;
  }
  asked(button, {});
});
element.addEventListener('submit', (event) => {
  const form = event.target.closest('form[data-act]');
  if (!form) return;
  event.preventDefault();
  asked(form, Object.fromEntries(new FormData(form)));
});
"""
"""A button inside rendered HTML with `data-act` and `data-value` fires `act`; with `data-sure` it asks once first. A form
with `data-act` fires it with what was filled in.
"""

_AT_ONCE = {"quick": 16, "draft": 8, "search": 4, "ingest": 1, "imagine": 1, "evals": 1, "rules": 1}
"""How many handlers of a kind run at once, over all pages. A draft may wait for a chat model, so eight of them must not
hold up typing; one ingest and one evaluation are what two cores and one owner of the store can do.
"""


def runs_as(kind: Literal["quick", "draft", "search", "ingest", "imagine", "evals", "rules"]) -> dict[str, Any]:
    """The settings of a listener: no name in Gradio's API, no overlay while it runs, its kind's share of the machine."""
    return {
        "api_visibility": "private",
        "show_progress": "hidden",
        "concurrency_id": kind,
        "concurrency_limit": _AT_ONCE[kind],
    }


COPY_JS = """
(language, draft, text, ...rest) => {
  navigator.clipboard.writeText(text ?? '');
  return [language, draft, text, ...rest];
}
"""


@dataclass(frozen=True)
class Wire:
    """A handler with what it reads and what it fills."""

    run: Callable[..., Any]
    inputs: list[Any]
    outputs: list[Any]


@dataclass(frozen=True, eq=False)
class Held(Generic[T]):
    """A value in the page's session. Gradio hashes what it keeps, and not every value can be."""

    value: T


@dataclass(eq=False)
class Seat:
    """Which customer a page's desk serves, counted; shared by all handlers of that page's session.

    `drafted_for` is the customer for whom a draft was last begun, `reply` the last one that came to its end.
    """

    customer: int = 0
    drafted_for: int | None = None
    reply: str = ""


def held_value(held: Held[T] | None) -> T | None:
    return held.value if held is not None else None
