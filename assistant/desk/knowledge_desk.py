"""The knowledge desk laid out: manuals on the left; on the right the document at hand, a search, the coverage, the rules."""

from __future__ import annotations

from typing import NamedTuple

import gradio as gr

from assistant.application import Kefu
from assistant.desk import rules_section, weekly_section
from assistant.desk.events import ACT, Wire, runs_as
from assistant.desk.faults import shown
from assistant.desk.knowledge_acts import signed
from assistant.desk.knowledge_handlers import COVERAGE, RULES, SEARCH, WEEKLY, WORK, KnowledgeHandlers
from assistant.desk.knowledge_view import NOTHING, workspace
from assistant.desk.labels import Labels
from assistant.desk.render.markup import empty
from assistant.desk.text import Words
from knowledge.ingest.read import suffixes


class _Lists(NamedTuple):
    who: gr.Textbox
    upload: gr.UploadButton
    report: gr.HTML
    waiting: gr.HTML
    documents: gr.HTML


class _Tester(NamedTuple):
    query: gr.Textbox
    k: gr.Radio
    go: gr.Button
    recent: gr.HTML
    found: gr.HTML


def build(kefu: Kefu, labels: Labels, language: gr.Radio, w: Words) -> list[Wire]:
    """Lay the desk out and wire it; the result says how to show its parts again in another language."""
    do = KnowledgeHandlers(kefu)
    report_state, view, answer, chosen = gr.State(None), gr.State(None), gr.State(None), gr.State(None)
    with gr.Row(elem_id="knowledge-columns", elem_classes="k-columns"):
        lists = _lists(labels)
        with (
            gr.Column(elem_id="knowledge-work-column", elem_classes="k-column", min_width=300),
            gr.Tabs(elem_id="knowledge-tabs") as tabs,
        ):
            with labels.make(gr.Tab, "tab-work", {"label": "knowledge.tab.work"}, id=WORK):
                work = gr.HTML(workspace(kefu.knowledge, NOTHING, w), elem_id="workspace", js_on_load=ACT)
            with labels.make(gr.Tab, "tab-search", {"label": "knowledge.tab.search"}, id=SEARCH):
                tester = _tester(labels, w)
            with labels.make(gr.Tab, "tab-coverage", {"label": "knowledge.tab.coverage"}, id=COVERAGE) as coverage_tab:
                coverage = gr.HTML("", elem_id="coverage", js_on_load=ACT)
            with labels.make(gr.Tab, "tab-rules", {"label": "knowledge.tab.rules"}, id=RULES) as rules_tab:
                rules = rules_section.build(kefu, labels, language, lists.who, rules_tab, w)
            with labels.make(gr.Tab, "tab-weekly", {"label": "knowledge.tab.weekly"}, id=WEEKLY) as weekly_tab:
                weekly = weekly_section.build(kefu, language, lists.who, weekly_tab)
    ingest, quick = runs_as("ingest"), runs_as("search")
    shows = [lists.waiting, lists.documents, work, view, tabs]
    lists.upload.upload(
        shown(do.upload), [language, lists.who, lists.upload], [lists.report, report_state, *shows], **ingest
    )
    lists.report.act(shown(do.imagine), [language, lists.who, view], [lists.report, work], **runs_as("imagine"))
    for place in (lists.waiting, lists.documents, work):
        place.act(shown(do.act), [language, lists.who, view], [lists.report, *shows], **ingest)
    for trigger in (tester.go.click, tester.query.submit):
        trigger(shown(do.search), [language, tester.query, tester.k], [tester.found, answer, tester.recent], **quick)
    tester.recent.act(
        shown(do.again), [language, tester.k], [tester.query, tester.found, answer, tester.recent], **quick
    )
    tester.found.act(
        shown(do.act_on_hit),
        [language, lists.who, answer],
        [tester.found, answer, lists.documents],
        **ingest,
    )
    coverage_tab.select(shown(do.coverage), [language, chosen], [coverage], **quick)
    coverage.act(shown(do.act_on_coverage), [language, lists.who, chosen], [coverage, chosen], **ingest)
    documents = Wire(
        shown(do.refresh),
        [language, report_state, view, answer, chosen],
        [lists.report, lists.waiting, lists.documents, work, tester.found, tester.recent, coverage],
    )
    return [documents, rules, weekly]


def _lists(labels: Labels) -> _Lists:
    with gr.Column(elem_id="knowledge-documents-column", elem_classes="k-column", min_width=300):
        with gr.Row(elem_classes="k-title-row"):
            labels.heading("documents-title", "knowledge.documents")
            upload = labels.make(
                gr.UploadButton,
                "upload",
                {"label": "knowledge.upload"},
                file_count="multiple",
                file_types=list(suffixes()),
                variant="primary",
                size="sm",
            )
        labels.make(gr.HTML, "upload-note", {"value": "knowledge.upload_note"}, elem_classes="k-sub k-minor")
        report = gr.HTML("", elem_id="upload-report", js_on_load=ACT)
        waiting = gr.HTML("", elem_id="waiting", js_on_load=ACT)
        documents = gr.HTML("", elem_id="documents", js_on_load=ACT)
        who = labels.make(
            gr.Textbox, "who", {"label": "knowledge.who", "info": "knowledge.who_note"}, value=signed(None), max_lines=1
        )
    return _Lists(who, upload, report, waiting, documents)


def _tester(labels: Labels, w: Words) -> _Tester:
    with gr.Row(elem_id="search-row"):
        query = labels.make(
            gr.Textbox,
            "query",
            {"label": "knowledge.query", "placeholder": "knowledge.query_hint"},
            lines=2,
            max_lines=5,
            scale=6,
        )
        k = labels.make(
            gr.Radio,
            "k",
            {"label": "knowledge.k"},
            choices=[("5", 5), ("10", 10), ("20", 20)],
            value=5,
            elem_classes="k-chips",
        )
        go = labels.make(gr.Button, "search-go", {"value": "knowledge.go"}, variant="primary", scale=0, min_width=96)
    recent = gr.HTML("", elem_id="recent", js_on_load=ACT)
    found = gr.HTML(empty(w("knowledge.search_note")), elem_id="found", js_on_load=ACT)
    return _Tester(query, k, go, recent, found)
