"""On the eval desk: what happened becomes a candidate case after a person read it; replies are labelled blind."""

from __future__ import annotations

from typing import Any

import gradio as gr

from assistant.application import Kefu
from assistant.desk.events import Wire, runs_as
from assistant.desk.faults import shown, tell
from assistant.desk.labels import Labels
from assistant.desk.render import evals as render
from assistant.desk.render.markup import esc, tag
from assistant.desk.text import words
from assistant.records import overrules, replies
from evals.candidates import conversation_row, load_candidates, promote
from evals.judging import all_agreements
from evals.labels import Judgement, keep_label, load_labels, next_case
from evals.runs import kept_runs, load_run

LONGEST = 40
"""Characters of a conversation in the list to choose from."""


class ReviewHandlers:
    """What the panels do, over one Kefu's records and kept runs."""

    def __init__(self, kefu: Kefu) -> None:
        self._kefu = kefu
        self._home = kefu.settings.home

    def opened(self, language: str) -> tuple[Any, Any]:
        """What can be promoted, the newest first, and the runs that can be labelled."""
        w = words(language)
        aside = [
            (f"{w('candidate.overrule')} · {o.finding.text[:LONGEST]}", f"overrule/{o.id}")
            for o in overrules.newest(self._kefu.records, 50)
        ]
        drafted = [
            (f"{w('candidate.draft')} · {d.last_customer_words[:LONGEST]}", f"draft/{d.id}")
            for d in self._kefu.records.recent_drafts()
        ]
        runs = list(kept_runs(self._home))
        return gr.update(choices=aside + drafted), gr.update(choices=runs, value=runs[0] if runs else None)

    def read(self, language: str, source: str | None) -> str:
        """The whole of what may be promoted, as it is kept: nobody keeps what they have not read."""
        row, w = self._row(source) or {}, words(language)
        said = "".join(
            tag("p", esc(f"{w.named('role', m['role'])}:{m['text']}"), "k-meta") for m in row.get("messages", ())
        )
        reply = tag("span", esc(w("eval.reply")), "k-label") + esc(row.get("reply", ""))
        return tag("div", said + tag("p", reply, "k-case-reply"), "k-finding-card") if row else ""

    def promote(self, language: str, source: str | None, by: str, note: str) -> str:
        """Keep it among the candidates."""
        row = self._row(source)
        if source is None or row is None:
            tell(language, "candidate.choose")
            return ""
        kept = promote(self._home, source, row, by=by or "", note=note or "", mask=self._kefu.records.masked)
        self._kefu.audit(kept.by, "promote_case", source=source)
        count = len(load_candidates(self._home))
        return tag("p", esc(words(language)("candidate.kept", count=count)), "k-note k-pass", role="status")

    def _row(self, source: str | None) -> dict[str, Any] | None:
        kind, _, name = (source or "").partition("/")
        if kind == "overrule":
            return next((o.as_row() for o in overrules.newest(self._kefu.records) if str(o.id) == name), None)
        found = replies.one(self._kefu.records, name) if kind == "draft" else None
        return conversation_row(*found) if found else None

    def next(self, language: str, run_id: str | None, by: str) -> tuple[str | None, str, str]:
        """The next case for this person, without a word of what anybody thinks of it; and how far people agree."""
        w = words(language)
        if not run_id or not (by or "").strip():
            return None, render.to_label(None, 0, w), ""
        run, labels = load_run(self._home, run_id), load_labels(self._home)
        found = next_case(run, by, labels)
        agreed = render.agreed(all_agreements(self._home, run_id), w)
        if found is None:
            return None, render.to_label(None, 0, w), agreed
        done = {label.case for label in labels if label.run_id == run_id and label.by == by.strip()}
        replied = sum(bool(r.reply) for suite in run.suites.values() for r in suite.results)
        return found[0], render.to_label(found[1], replied - len(done), w), agreed

    def label(
        self, language: str, run_id: str | None, by: str, case: str | None, judgement: Judgement
    ) -> tuple[str | None, str, str]:
        """Keep a label and go on."""
        if run_id and case:
            keep_label(self._home, run_id, case, by or "", judgement)
        return self.next(language, run_id, by)


def build(kefu: Kefu, labels: Labels, language: gr.Radio, tab: gr.Tab) -> list[Wire]:
    """Lay both panels out and wire them; the results say how to show them in another language."""
    do = ReviewHandlers(kefu)
    with labels.make(gr.Accordion, "candidates", {"label": "candidate.title"}, open=False):
        source = labels.make(gr.Dropdown, "candidate-source", {"label": "candidate.source"}, choices=[], value=None)
        text = gr.HTML("", elem_id="candidate-text")
        who = labels.make(gr.Textbox, "candidate-by", {"label": "eval.name"}, max_lines=1)
        note = labels.make(gr.Textbox, "candidate-note", {"label": "candidate.note"}, max_lines=3)
        keep = labels.make(gr.Button, "candidate-go", {"value": "candidate.go"}, size="sm")
        kept = gr.HTML("", elem_id="candidate-kept")
    with labels.make(gr.Accordion, "labels", {"label": "label.title"}, open=False):
        with gr.Row():
            run = labels.make(gr.Dropdown, "label-run", {"label": "label.run"}, choices=[])
            by = labels.make(gr.Textbox, "label-by", {"label": "eval.name"}, max_lines=1)
            following = labels.make(gr.Button, "label-next", {"value": "label.next"})
        case = gr.State(None)
        card = gr.HTML("", elem_id="label-case")
        with gr.Row():
            judged: list[tuple[Judgement, gr.Button]] = [
                ("good", labels.make(gr.Button, "label-good", {"value": "label.good"})),
                ("bad", labels.make(gr.Button, "label-bad", {"value": "label.bad"})),
                ("unsure", labels.make(gr.Button, "label-unsure", {"value": "label.unsure"})),
            ]
        agreed = gr.HTML("", elem_id="label-agreed")
    quick = runs_as("quick")
    tab.select(shown(do.opened), [language], [source, run], **quick)
    source.input(shown(do.read), [language, source], [text], **quick)
    keep.click(shown(do.promote), [language, source, who, note], [kept], **quick)
    shows = [case, card, agreed]
    following.click(shown(do.next), [language, run, by], shows, **quick)
    for judgement, button in judged:
        label = shown(lambda lang, r, name, c, j=judgement: do.label(lang, r, name, c, j))
        button.click(label, [language, run, by, case], shows, **quick)
    return [Wire(shown(do.next), [language, run, by], shows), Wire(shown(do.read), [language, source], [text])]
