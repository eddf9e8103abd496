"""The knowledge desk: add manuals, see what became of them, list, read, remove, try a search."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import gradio as gr

from assistant.application import Kefu
from assistant.desk.background import Finished, watched
from assistant.desk.events import ACT, Held, Wire, runs_as
from assistant.desk.faults import shown, tell
from assistant.desk.labels import Labels
from assistant.desk.render import knowledge as render
from assistant.desk.render.markup import empty
from assistant.desk.text import Words, words
from assistant.desk.uploads import held
from knowledge.values import DocumentDetail, IngestReport, SearchAnswer


class KnowledgeHandlers:
    """The knowledge desk's handlers over one Kefu."""

    def __init__(self, kefu: Kefu) -> None:
        self._kefu = kefu

    def upload(self, language: str, files: list[str] | None) -> Iterator[tuple[Any, ...]]:
        """Bring the files in, with progress; then the report and the list as it is now."""
        w = words(language)
        if not files:
            return
        given = [(Path(file).name, Path(file)) for file in files]
        with held(self._kefu.settings.home, given) as paths:
            for event in watched(lambda progress: self._kefu.knowledge.ingest(paths, progress=progress)):
                if isinstance(event, Finished):
                    report = event.result
                    yield render.report(report, w), Held(report), self._documents(w)
                else:
                    text = w("knowledge.working", what=event.what, done=event.done, total=event.total)
                    yield render.progress(text, event.done, event.total), gr.skip(), gr.skip()

    def _documents(self, w: Words) -> str:
        return render.documents(self._kefu.knowledge.documents(), w)

    def act(self, language: str, event: gr.EventData) -> tuple[Any, ...]:
        """A row's button: show the manual, or remove it."""
        w, asked = words(language), cast(Any, event)
        detail = self._kefu.knowledge.document(str(asked.value))
        if asked.act != "remove":
            return gr.skip(), Held(detail), render.document(detail, w)
        self._kefu.knowledge.remove(detail.summary.id)
        tell(language, "knowledge.removed", title=detail.summary.title)
        return self._documents(w), None, render.document(None, w)

    def search(self, language: str, query: str, k: float) -> tuple[str, Held[SearchAnswer] | None]:
        """What the manuals have for these words."""
        w = words(language)
        texts = [line.strip() for line in (query or "").splitlines() if line.strip()]
        if not texts:
            return empty(w("knowledge.empty_query")), None
        answer = self._kefu.knowledge.search(texts, k=int(k))
        return render.answer(answer, w), Held(answer)

    def refresh(
        self,
        language: str,
        report: Held[IngestReport] | None,
        detail: Held[DocumentDetail] | None,
        answer: Held[SearchAnswer] | None,
    ) -> tuple[str, str, str, str]:
        """Everything that is shown, once more, in the language now chosen."""
        w = words(language)
        return (
            render.report(report.value, w) if report else "",
            self._documents(w),
            render.document(detail.value if detail else None, w),
            render.answer(answer.value, w) if answer else empty(w("knowledge.search_note")),
        )


def build(kefu: Kefu, labels: Labels, language: gr.Radio, w: Words) -> Wire:
    """Lay the desk out and wire it; the result says how to show it again in another language."""
    do = KnowledgeHandlers(kefu)
    report_state, detail_state, answer_state = gr.State(None), gr.State(None), gr.State(None)
    with gr.Row(elem_id="knowledge-columns", elem_classes="k-columns"):
        with gr.Column(elem_id="knowledge-documents-column", elem_classes="k-column", min_width=300):
            with gr.Row(elem_classes="k-title-row"):
                labels.heading("documents-title", "knowledge.documents")
                upload = labels.make(
                    gr.UploadButton,
                    "upload",
                    {"label": "knowledge.upload"},
                    file_count="multiple",
                    variant="primary",
                    size="sm",
                )
            labels.make(gr.HTML, "upload-note", {"value": "knowledge.upload_note"}, elem_classes="k-sub k-minor")
            report = gr.HTML("", elem_id="upload-report")
            documents = gr.HTML("", elem_id="documents", js_on_load=ACT)
        with gr.Column(elem_id="knowledge-search-column", elem_classes="k-column", min_width=300):
            labels.heading("search-title", "knowledge.search")
            query = labels.make(
                gr.Textbox,
                "query",
                {"label": "knowledge.query", "placeholder": "knowledge.query_hint"},
                lines=2,
                max_lines=4,
            )
            with gr.Row(elem_id="search-row"):
                k = labels.make(gr.Slider, "k", {"label": "knowledge.k"}, minimum=1, maximum=20, step=1, value=5)
                go = labels.make(
                    gr.Button, "search-go", {"value": "knowledge.go"}, variant="primary", scale=0, min_width=96
                )
            found = gr.HTML(empty(w("knowledge.search_note")), elem_id="found")
        with gr.Column(elem_id="knowledge-view-column", elem_classes="k-column", min_width=300):
            labels.heading("view-title", "knowledge.view_title")
            viewed = gr.HTML(render.document(None, w), elem_id="viewed")
    ingest, quick = runs_as("ingest"), runs_as("search")
    upload.upload(shown(do.upload), [language, upload], [report, report_state, documents], **ingest)
    documents.act(shown(do.act), [language], [documents, detail_state, viewed], **ingest)
    for trigger in (go.click, query.submit):
        trigger(shown(do.search), [language, query, k], [found, answer_state], **quick)
    return Wire(
        shown(do.refresh),
        [language, report_state, detail_state, answer_state],
        [report, documents, viewed, found],
    )
