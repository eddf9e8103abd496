"""The eval desk: choose suites, run them, read what failed and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from assistant.application import Kefu
from assistant.desk import eval_compare, eval_review, eval_runs
from assistant.desk.background import Finished, watched
from assistant.desk.events import Held, Wire, held_value, runs_as
from assistant.desk.faults import shown, tell
from assistant.desk.labels import Labels
from assistant.desk.render import evals as render
from assistant.desk.render import overrules
from assistant.desk.render.knowledge import progress as bar
from assistant.desk.text import Words, words
from evals.values import EvalRun


class EvalHandlers:
    """The eval desk's handlers over one Kefu."""

    def __init__(self, kefu: Kefu) -> None:
        self._kefu = kefu

    def run(self, language: str, names: list[str], which: str) -> Iterator[tuple[Any, ...]]:
        """Run the chosen suites with progress; then the table."""
        w = words(language)
        if not names:
            tell(language, "eval.none_chosen")
            return
        for event in watched(lambda progress: eval_runs.run(self._kefu, names, progress)):
            if isinstance(event, Finished):
                yield "", Held(event.result), render.table(event.result, which == "failed", w)
            else:
                text = w("eval.running", what=event.what, done=event.done, total=event.total)
                yield bar(text, event.done, event.total), gr.skip(), gr.skip()

    def show(self, language: str, table: Held[EvalRun] | None, which: str) -> str:
        return render.table(held_value(table), which == "failed", words(language))

    def overruled(self, language: str) -> str:
        """What was set aside on the reply desk, as it is now."""
        return overrules.listed(self._kefu.records, words(language))

    def refresh(self, language: str, table: Held[EvalRun] | None, which: str) -> tuple[str, str]:
        return self.show(language, table, which), self.overruled(language)


def build(kefu: Kefu, labels: Labels, language: gr.Radio, w: Words, tab: gr.Tab) -> list[Wire]:
    """Lay the desk out inside its tab and wire it; the results say how to show it again in another language."""
    do = EvalHandlers(kefu)
    names = eval_runs.suite_names()
    table = gr.State(None)
    with gr.Row(elem_id="eval-columns", elem_classes="k-columns"):
        with gr.Column(elem_id="eval-choose-column", elem_classes="k-column", min_width=240):
            labels.heading("eval-choose-title", "eval.choose")
            suites = labels.make(
                gr.CheckboxGroup,
                "suites",
                {"label": "eval.suites"},
                choices=[(name, name) for name in names],
                value=list(names[:1]),
                elem_classes="k-list",
            )
            run = labels.make(gr.Button, "run-evals", {"value": "eval.run"}, variant="primary")
            progress = gr.HTML("", elem_id="eval-progress")
        with gr.Column(elem_id="eval-results-column", elem_classes="k-column", min_width=400):
            with gr.Row(elem_classes="k-title-row"):
                labels.heading("eval-results-title", "eval.results")
                which = labels.make(
                    gr.Radio,
                    "eval-show",
                    {"label": "eval.show"},
                    options=[("eval.failed_only", "failed"), ("eval.all", "all")],
                    value="failed",
                    container=False,
                    show_label=False,
                    elem_classes="k-chips",
                )
            results = gr.HTML(render.table(None, True, w), elem_id="eval-results")
            labels.heading("overrules-title", "overrule.list")
            aside = gr.HTML(overrules.listed(kefu.records, w), elem_id="overrules")
            comparing = eval_compare.build(kefu, labels, language, w, tab, table)
            reviewing = eval_review.build(kefu, labels, language, tab)
    run.click(shown(do.run), [language, suites, which], [progress, table, results], **runs_as("evals"))
    show = shown(do.show)
    which.change(show, [language, table, which], results, **runs_as("quick"))
    tab.select(shown(do.overruled), [language], [aside], **runs_as("quick"))
    return [
        Wire(shown(do.refresh), [language, table, which], [results, aside]),
        comparing,
        *reviewing,
    ]
