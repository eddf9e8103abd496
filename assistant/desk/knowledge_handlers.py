"""What the knowledge desk does: each handler calls one function and renders what there is now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.application import Kefu
from assistant.chat_knowledge import cost_of
from assistant.desk.background import Finished, watched
from assistant.desk.events import Held, held_value
from assistant.desk.faults import tell
from assistant.desk.knowledge_acts import Acts, Asked, signed
from assistant.desk.knowledge_view import NOTHING, View, workspace
from assistant.desk.render import coverage as render_coverage
from assistant.desk.render import knowledge as render
from assistant.desk.render.markup import empty, esc, tag
from assistant.desk.text import Words, words
from assistant.desk.uploads import held
from knowledge.coverage import never_used
from knowledge.values import SearchAnswer, Value

WORK, SEARCH, COVERAGE, RULES, WEEKLY = "work", "search", "coverage", "rules", "weekly"
TELLS = {
    "retire", "restore", "edit", "flag", "unflag", "keep_apart", "keep_block", "assign", "assign_to", "unassign", "deny",
    "discard", "remove", "take_out", "put_in", "roll_back", "take_suggestion", "drop_suggestion", "lift_caution", "recheck", "cut_quote",
    "drop_questions",
}  # fmt: skip
"""Acts that are confirmed by a short note."""

HeldView = Held[View] | None


class Tried(Value):
    """A search that was tried: the bubbles, how many results were asked for, and what came."""

    texts: tuple[str, ...]
    k: int
    answer: SearchAnswer
    notice: str = ""


class KnowledgeHandlers:
    """The knowledge desk's handlers over one Kefu. Most give: waiting, documents, workspace, view, tabs."""

    def __init__(self, kefu: Kefu) -> None:
        self._kefu = kefu
        self._acts = Acts(kefu)

    # --- upload and approval ---

    def upload(self, language: str, who: str, files: list[str] | None) -> Iterator[tuple[Any, ...]]:
        """Read the files in for approval, file by file; then the first preview."""
        w = words(language)
        if not files:
            return
        given = [(Path(file).name, Path(file)) for file in files]
        names = [name for name, _ in given]
        with held(self._kefu.settings.home, given) as paths:
            stage = self._kefu.knowledge.stage
            for event in watched(lambda progress: stage(paths, who=signed(who), progress=progress)):
                if isinstance(event, Finished):
                    report = event.result
                    waits = [d.id for d in report.documents if d.status in ("added", "replaced")]
                    view = View(kind="preview", document_id=waits[0]) if waits else NOTHING
                    same = gr.skip()
                    shown = self._show(w, view) if waits else (*self._lists(w), same, same, same)
                    yield render.report(report, w), Held(report), *shown
                else:
                    text = w("knowledge.working", what=event.what, done=event.done, total=event.total)
                    yield render.reading(names, event, text, w), *(gr.skip() for _ in range(6))

    def act(self, language: str, who: str, view: HeldView, event: gr.EventData) -> Iterator[tuple[Any, ...]]:
        """A button in the lists or in the workspace; approval shows its progress first."""
        w, asked = words(language), Asked.of(event, who, held_value(view) or NOTHING)
        if asked.act == "offer_questions":
            yield self._offer(asked.value, w), *(gr.skip() for _ in range(5))
            return
        if asked.act != "approve":
            yield "", *self._show(w, self._done(language, asked))
            return
        for step in watched(lambda progress: self._acts.approve(asked, progress)):
            if isinstance(step, Finished):
                tell(language, "preview.approved")
                yield self._offer(asked.value, w), *self._show(w, View(kind="document", document_id=asked.value))
            else:
                text = w("knowledge.working", what=step.what, done=step.done, total=step.total)
                yield render.progress(text, step.done, step.total), *(gr.skip() for _ in range(5))

    def _offer(self, document_id: str, w: Words) -> str:
        """Where a chat model is configured: what having it imagine customers' questions for a document would cost."""
        if not self._kefu.settings.chat_configured:
            return ""
        knowledge = self._kefu.knowledge
        title = next((d.title for d in knowledge.documents() if d.id == document_id), "")
        return render.offer(document_id, title, cost_of(knowledge.enrichment.todo({document_id})), w)

    def imagine(self, language: str, who: str, view: HeldView, event: gr.EventData) -> Iterator[tuple[Any, Any]]:
        """The offer taken or turned down; passages are asked about one by one, and the desk goes on meanwhile."""
        w, asked = words(language), Asked.of(event, who)
        if asked.act != "imagine":
            yield "", gr.skip()
            return
        for step in watched(lambda progress: self._acts.imagine(asked, progress)):
            if isinstance(step, Finished):
                yield render.imagined(step.result, w), self._workspace(held_value(view) or NOTHING, w)
            else:
                text = w("knowledge.working", what=step.what, done=step.done, total=step.total)
                yield render.progress(text, step.done, step.total), gr.skip()

    def _workspace(self, view: View, w: Words) -> str:
        return workspace(self._kefu.knowledge, view, w, imagines=self._kefu.settings.chat_configured)

    def _done(self, language: str, asked: Asked) -> View:
        after = self._acts.perform(asked)
        if asked.act in TELLS:
            tell(language, f"knowledge.did.{asked.act}")
        return after

    def _lists(self, w: Words) -> tuple[str, str]:
        knowledge = self._kefu.knowledge
        return render.waiting(knowledge.review.waiting(), w), render.documents(knowledge.documents(), w)

    def _show(self, w: Words, view: View) -> tuple[Any, ...]:
        tabs = gr.update(selected=WORK)
        return (
            *self._lists(w),
            self._workspace(view, w),
            Held(view),
            tabs,
        )

    # --- trying a search ---

    def search(self, language: str, query: str, k: float) -> tuple[str, Held[Tried] | None, str]:
        """What the manuals have for these words, one bubble a line; the search is kept for coverage and history."""
        w = words(language)
        texts = tuple(line.strip() for line in (query or "").splitlines() if line.strip())
        if not texts:
            return empty(w("knowledge.empty_query")), None, self._recent(w)
        answer, notice = self._kefu.search(texts, k=int(k))
        tried = Tried(texts=texts, k=int(k), answer=answer, notice=notice)
        self._kefu.keep_search("\n".join(texts), tried.answer)
        return self._found(tried, w), Held(tried), self._recent(w)

    def act_on_hit(self, language: str, who: str, tried: Held[Tried] | None, event: gr.EventData) -> tuple[Any, ...]:
        """A button on a result: done, and the same search once more."""
        w, before = words(language), held_value(tried)
        self._done(language, Asked.of(event, who))
        documents = render.documents(self._kefu.knowledge.documents(), w)
        if before is None:
            return gr.skip(), None, documents
        answer, notice = self._kefu.search(before.texts, k=before.k)
        after = before.model_copy(update={"answer": answer, "notice": notice})
        return self._found(after, w), Held(after), documents

    def again(self, language: str, k: float, event: gr.EventData) -> tuple[Any, ...]:
        """An earlier search, once more."""
        query = Asked.of(event).value
        return query, *self.search(language, query, k)

    def _found(self, tried: Tried, w: Words) -> str:
        """The results as their passages read now; what went away meanwhile is left out."""
        knowledge = self._kefu.knowledge
        there = [r for r in tried.answer.results if knowledge.passage(r.passage.passage_id)]
        placed = [knowledge.curation.passage(r.passage.passage_id) for r in there]
        answer = tried.answer.model_copy(update={"results": tuple(there)})
        told = tag("p", esc(tried.notice), "k-note k-warn") if tried.notice else ""
        return told + render.answer(answer, placed, knowledge.catalogue, w)

    def _recent(self, w: Words) -> str:
        return render.recent(self._kefu.records.recent_searches(), w)

    # --- coverage ---

    def coverage(self, language: str, chosen: str | None) -> str:
        w, knowledge = words(language), self._kefu.knowledge
        guesses = knowledge.passages_for(chosen) if chosen else ()
        unused = never_used(knowledge.passages(), self._kefu.records.used_passages())
        suggested = render_coverage.suggestions(knowledge.enrichment.waiting(), knowledge.catalogue, w)
        return suggested + render_coverage.coverage(knowledge.coverage(), chosen or "", guesses, unused, w)

    def act_on_coverage(
        self, language: str, who: str, chosen: str | None, event: gr.EventData
    ) -> tuple[str, str | None]:
        """Unfold a situation, or change what serves it."""
        asked = Asked.of(event, who)
        if asked.act == "unfold":
            chosen = asked.value or None
        else:
            self._done(language, asked)
        return self.coverage(language, chosen), chosen

    # --- the language ---

    def refresh(
        self, language: str, report: Any, view: HeldView, answer: Held[Tried] | None, chosen: str | None
    ) -> tuple[str, ...]:
        """Everything that is shown, once more, in the language now chosen."""
        w = words(language)
        return (
            render.report(report.value, w) if report else "",
            *self._lists(w),
            self._workspace(held_value(view) or NOTHING, w),
            self._found(answer.value, w) if answer else empty(w("knowledge.search_note")),
            self._recent(w),
            self.coverage(language, chosen),
        )
