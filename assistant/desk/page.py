"""The one page: a bar with the language switch, and the three desks as tabs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from assistant.application import Kefu
from assistant.desk import eval_desk, knowledge_desk, reply_desk
from assistant.desk.events import Wire, runs_as
from assistant.desk.labels import Labels
from assistant.desk.render.markup import chip, tag
from assistant.desk.text import Words, words

STATIC = Path(__file__).with_name("static")
COOKIE = "kefu_language"
FONTS = ("PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "system-ui", "sans-serif")
MONO = ("ui-monospace", "Consolas", "Noto Sans Mono CJK SC", "monospace")

REMEMBER_JS = f"""
(language) => {{
  document.cookie = `{COOKIE}=${{language}}; path=/; max-age=31536000; samesite=strict`;
  return [language];
}}
"""

SPEAKS_JS = "(language) => { document.documentElement.lang = language === 'en' ? 'en' : 'zh-CN'; }"
"""Tells screen readers what they read; set when the page is wholly in that language."""


def theme() -> gr.themes.Base:
    """Calm and dense; fonts of the system, none fetched."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.teal,
        secondary_hue=gr.themes.colors.slate,
        neutral_hue=gr.themes.colors.slate,
        text_size=gr.themes.sizes.text_sm,
        spacing_size=gr.themes.sizes.spacing_sm,
        radius_size=gr.themes.sizes.radius_md,
        font=FONTS,
        font_mono=MONO,
    )


def build(kefu: Kefu) -> gr.Blocks:
    """The page, in the language of the settings until the reader chooses another."""
    w = words(kefu.settings.language)
    labels = Labels(w)
    page = gr.Blocks(title=w("app.title"), analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600))
    with page:
        with gr.Row(elem_id="top"):
            brand = gr.HTML(_brand(kefu, w), elem_id="brand")
            language = labels.make(
                gr.Radio,
                "language",
                {"label": "app.language"},
                choices=[("中文", "zh"), ("English", "en")],
                value=w.language,
                container=False,
                show_label=False,
                elem_classes="k-chips",
            )
        with gr.Tabs(elem_id="desks"):
            with labels.make(gr.Tab, "tab-reply", {"label": "tab.reply"}, id="reply"):
                reply = reply_desk.build(kefu, labels, language, w)
            with labels.make(gr.Tab, "tab-knowledge", {"label": "tab.knowledge"}, id="knowledge"):
                knowledge = knowledge_desk.build(kefu, labels, language, w)
            with labels.make(gr.Tab, "tab-eval", {"label": "tab.eval"}, id="eval") as tab:
                evaluation = eval_desk.build(kefu, labels, language, w, tab)
        _switch(kefu, labels, language, brand, [*reply, *knowledge, *evaluation])
        _open(page, kefu, language, [*knowledge, *evaluation])
    page.queue(default_concurrency_limit=8, max_size=200, api_open=False)
    return page


def _brand(kefu: Kefu, w: Words) -> str:
    model = kefu.settings.chat_model
    engine = w("app.engine.chat_named", model=model) if kefu.settings.chat_configured else w("app.engine.offline")
    return tag("h1", w("app.brand")) + chip(engine, "k-quiet") + tag("span", w("app.local"), "k-meta")


def _switch(kefu: Kefu, labels: Labels, language: gr.Radio, brand: gr.HTML, desks: list[Wire]) -> None:
    """Put the whole page into another language, whoever changes it: the reader, or the choice that a page remembers."""
    private = runs_as("quick")

    def relabel(chosen: str) -> list[Any]:
        w = words(chosen)
        return [_brand(kefu, w), *labels.said(w)]

    language.input(None, [language], [language], js=REMEMBER_JS)
    event = language.change(relabel, [language], [brand, *labels.components], **private)
    for desk in desks:
        event = event.then(desk.run, desk.inputs, desk.outputs, **private)
    event.then(None, [language], None, js=SPEAKS_JS)


def _open(page: gr.Blocks, kefu: Kefu, language: gr.Radio, desks: list[Wire]) -> None:
    """A page that opens takes the language that was chosen before and shows what these desks hold by now.

    The reply desk is left alone: it opens empty, and an agent who pastes and drafts at once would see her draft taken
    away again by an empty desk that arrives late.
    """
    private = runs_as("quick")

    def remembered(request: gr.Request) -> str:
        return words(str(request.cookies.get(COOKIE, kefu.settings.language))).language

    event = page.load(remembered, None, [language], **private)
    for desk in desks:
        event = event.then(desk.run, desk.inputs, desk.outputs, **private)
    event.then(None, [language], None, js=SPEAKS_JS)
