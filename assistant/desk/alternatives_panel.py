"""Below the draft: other ways to meet this customer, to compare and to take."""

from __future__ import annotations

from typing import NamedTuple

import gradio as gr

from assistant.application import Kefu
from assistant.conversation import Conversation
from assistant.desk.events import ACT
from assistant.desk.labels import Labels
from assistant.desk.render import alternatives as render
from assistant.desk.sources import Drafted
from assistant.desk.text import words
from assistant.values import ReplyLanguage, Tone


class Panel(NamedTuple):
    """`offered` keeps what is shown in `cards`; `language` is the reply's, "" for the customer's own."""

    language: gr.Radio
    go: gr.Button
    cards: gr.HTML
    offered: gr.State


def build(labels: Labels) -> Panel:
    with gr.Row(elem_id="manner-row", elem_classes="k-title-row"):
        language = labels.make(
            gr.Radio,
            "reply-language",
            {"label": "reply.language"},
            options=[("language.theirs", ""), *((f"language.{name}", name) for name in ("zh-Hans", "zh-Hant", "en"))],
            value="",
            show_label=False,
            container=False,
            elem_classes="k-chips",
        )
        go = labels.make(gr.Button, "alternatives-go", {"value": "alternatives.go"}, size="sm", scale=0, min_width=96)
    return Panel(language, go, gr.HTML("", elem_id="alternatives", js_on_load=ACT), gr.State(()))


def asked_language(value: str | None) -> ReplyLanguage | None:
    """What the chips say; None for the customer's own language."""
    return "zh-Hans" if value == "zh-Hans" else "zh-Hant" if value == "zh-Hant" else "en" if value == "en" else None


class AlternativesHandlers:
    def __init__(self, kefu: Kefu) -> None:
        self._kefu = kefu

    def offer(
        self, language: str, conversation: Conversation, reply_language: str | None, tone: Tone = "normal"
    ) -> tuple[str, tuple[Drafted, ...]]:
        """The drafts as cards, and the drafts."""
        drafts = self._kefu.alternatives(conversation, tone, asked_language(reply_language))
        cards = render.alternatives(drafts, words(language))
        return cards, tuple(Drafted(draft, conversation) for draft in drafts)


def taken(offered: tuple[Drafted, ...], event: gr.EventData) -> Drafted | None:
    """The draft whose button was pressed; None when the cards are older than the page's memory."""
    number = str(getattr(event, "value", None) or "0")
    return offered[int(number)] if number.isdigit() and int(number) < len(offered) else None
