"""「每周改稿」 on the knowledge desk: what agents change in drafts, week by week, and what a manager takes from it."""

from __future__ import annotations

from typing import Any

import gradio as gr

from assistant.application import Kefu
from assistant.desk.events import ACT, Held, Wire, held_value, runs_as
from assistant.desk.faults import shown, tell
from assistant.desk.knowledge_acts import Asked
from assistant.desk.render import weekly as render
from assistant.desk.text import words
from assistant.desk.weekly_acts import Place, WeeklyActs

TELLS = {"adopt_phrase", "decline_phrase", "remove_wording", "keep_case"}
"""Acts that are confirmed by a short note."""


class WeeklyHandlers:
    """The section's handlers over one Kefu. Each gives the page and the place it shows."""

    def __init__(self, kefu: Kefu) -> None:
        self._acts = WeeklyActs(kefu)

    def show(self, language: str, place: Held[Place] | None) -> tuple[str, Held[Place]]:
        """The week chosen before, or the one to look at."""
        return self._page(language, held_value(place) or self._acts.first())

    def act(self, language: str, who: str, place: Held[Place] | None, event: gr.EventData) -> tuple[str, Held[Place]]:
        """A button or form of the page."""
        asked = Asked.of(event, who)
        after = self._acts.perform(asked, held_value(place) or self._acts.first())
        if asked.act in TELLS:
            tell(language, f"weekly.did.{asked.act}")
        return self._page(language, after)

    def refresh(self, language: str, place: Held[Place] | None) -> Any:
        """The same page in another language; nothing where none was opened yet."""
        seen = held_value(place)
        return self._page(language, seen)[0] if seen else gr.skip()

    def _page(self, language: str, place: Place) -> tuple[str, Held[Place]]:
        w, seen = words(language), self._acts.look(place)
        html = render.head(seen.week, seen.is_present, w) + render.view(
            seen.view, seen.wordings, seen.problem, place.opened, seen.examples, seen.worth, seen.names, w
        )
        return html, Held(place)


def build(kefu: Kefu, language: gr.Radio, who: gr.Textbox, tab: gr.Tab) -> Wire:
    """Lay the section out inside its tab and wire it; the result says how to show it again in another language."""
    do = WeeklyHandlers(kefu)
    place = gr.State(None)
    page = gr.HTML("", elem_id="weekly", js_on_load=ACT)
    tab.select(shown(do.show), [language, place], [page, place], **runs_as("quick"))
    page.act(shown(do.act), [language, who, place], [page, place], **runs_as("search"))
    return Wire(shown(do.refresh), [language, place], [page])
