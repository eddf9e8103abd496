"""On the eval desk: the trend over the kept runs, any two of them compared, failures by slice, a red accepted."""

from __future__ import annotations

from typing import Any, Literal

import gradio as gr

from assistant.application import Kefu
from assistant.desk import eval_runs
from assistant.desk.events import Held, Wire, held_value, runs_as
from assistant.desk.faults import shown, tell
from assistant.desk.labels import Labels
from assistant.desk.render import evals as render
from assistant.desk.render.markup import empty, esc, tag
from assistant.desk.text import Words, words
from evals.runs import kept_runs
from evals.values import EvalRun


class CompareHandlers:
    """What the panel does, over one Kefu's kept runs."""

    def __init__(self, kefu: Kefu) -> None:
        self._kefu = kefu
        self._home = kefu.settings.home

    def again(self, language: str, compared: Held[EvalRun] | None, name: str | None) -> tuple[str, str, str]:
        """The trend, the report and the slice that are shown, in another language."""
        run = held_value(compared)
        if run is None or run.comparison is None:
            return self.trend(language), "", ""
        page = eval_runs.report(self._home, run.comparison.baseline, run, language)
        return self.trend(language), render.framed(page, words(language)), self.slice(language, compared, name)

    def opened(self, language: str) -> tuple[Any, Any, str]:
        """The runs to choose from, the newest first, and the trend."""
        names = list(kept_runs(self._home))
        before = names[1] if len(names) > 1 else None
        return (
            gr.update(choices=names, value=before),
            gr.update(choices=names, value=names[0] if names else None),
            self.trend(language),
        )

    def trend(self, language: str) -> str:
        w = words(language)
        return eval_runs.trend(self._home, w("eval.trend")) or empty(w("eval.no_trend"))

    def compare(self, language: str, before: str | None, now: str | None) -> tuple[Any, ...]:
        """The comparison's report, its slices, and whether there is a red to accept."""
        if not before or not now:
            tell(language, "eval.choose_two")
            return gr.skip(), gr.skip(), gr.skip(), gr.skip()
        run = eval_runs.compared(self._home, before, now)
        slices = [(f"{name} ({count})", name) for name, count in eval_runs.slices_of(run)]
        page = eval_runs.report(self._home, before, run, language)
        box = gr.update(visible=bool(run.gate.reds))
        return Held(run), render.framed(page, words(language)), gr.update(choices=slices, value=None), box

    def slice(self, language: str, compared: Held[EvalRun] | None, name: str | None) -> str:
        """What failed in a slice."""
        run = held_value(compared)
        return render.listed(eval_runs.failing_in(run, name), words(language)) if run and name else ""

    def accept(self, language: str, compared: Held[EvalRun] | None, by: str, why: str) -> str:
        """Keep who answers for the reds, and why."""
        return self._decide(language, compared, by, why, "accepted")

    def reject(self, language: str, compared: Held[EvalRun] | None, by: str, why: str) -> str:
        """Keep who turns the reds down, and why: they stay red."""
        return self._decide(language, compared, by, why, "rejected")

    def _decide(
        self, language: str, compared: Held[EvalRun] | None, by: str, why: str, how: Literal["accepted", "rejected"]
    ) -> str:
        run = held_value(compared)
        if run is None:
            tell(language, "eval.choose_two")
            return ""
        count = eval_runs.accept(run, why or "", by or "", how)
        self._kefu.audit(by.strip(), f"{how.removesuffix('ed')}_reds", run=run.run_id, reds=count)
        said = words(language)(f"eval.{how}", by=by.strip(), count=count)
        return tag("p", esc(said), f"k-note {'k-pass' if how == 'accepted' else 'k-block'}", role="status")


def build(kefu: Kefu, labels: Labels, language: gr.Radio, w: Words, tab: gr.Tab, ran: gr.State) -> Wire:
    """Lay the panel out and wire it; `ran` holds the run that was last made here. The result says how to show the trend in another language."""
    do = CompareHandlers(kefu)
    compared = gr.State(None)
    trend = gr.HTML(empty(w("eval.no_trend")), elem_id="eval-trend")
    labels.heading("eval-compare-title", "eval.compare")
    with gr.Row():
        before = labels.make(gr.Dropdown, "eval-baseline", {"label": "eval.baseline"}, choices=[])
        now = labels.make(gr.Dropdown, "eval-now", {"label": "eval.now"}, choices=[])
        go = labels.make(gr.Button, "eval-compare", {"value": "eval.compare_go"})
    report = gr.HTML("", elem_id="eval-report")
    with labels.make(gr.Accordion, "eval-accept", {"label": "eval.decide"}, open=False, visible=False) as box:
        by = labels.make(gr.Textbox, "eval-accept-by", {"label": "eval.name"}, max_lines=1)
        why = labels.make(gr.Textbox, "eval-accept-why", {"label": "eval.accept_reason"}, max_lines=2)
        with gr.Row():
            accept = labels.make(gr.Button, "eval-accept-go", {"value": "eval.accept"}, size="sm")
            reject = labels.make(gr.Button, "eval-reject-go", {"value": "eval.reject"}, size="sm")
        said = gr.HTML("", elem_id="eval-accepted")
    which = labels.make(gr.Dropdown, "eval-slice", {"label": "eval.slice"}, choices=[])
    failing = gr.HTML("", elem_id="eval-slice-cases")
    gr.on([tab.select, ran.change], shown(do.opened), [language], [before, now, trend], **runs_as("quick"))
    go.click(shown(do.compare), [language, before, now], [compared, report, which, box], **runs_as("evals"))
    which.input(shown(do.slice), [language, compared, which], [failing], **runs_as("quick"))
    accept.click(shown(do.accept), [language, compared, by, why], [said], **runs_as("quick"))
    reject.click(shown(do.reject), [language, compared, by, why], [said], **runs_as("quick"))
    return Wire(shown(do.again), [language, compared, which], [trend, report, failing])
