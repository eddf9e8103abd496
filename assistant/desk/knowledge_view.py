"""What the knowledge desk's workspace shows: which document, which side of it, which page."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from assistant.desk.render import preview as render_preview
from assistant.desk.render import versions as render_versions
from assistant.desk.render.markup import chip, empty, esc, tag
from assistant.desk.render.paging import page_of, pager
from assistant.desk.render.passages import button, card, situation_list
from assistant.desk.render.preview import filters, reason
from assistant.desk.text import Words
from knowledge.base import KnowledgeBase
from knowledge.coverage import GAPS
from knowledge.errors import KefuError
from knowledge.store import PlacedPassage
from knowledge.values import DocumentSummary, Value

SHOW = ("all", "cautioned", "flagged", "retired", "changed")


class View(Value):
    """`page` counts from 0; `show` chooses a part of the rows; `older` and `newer` are versions to compare."""

    kind: Literal["nothing", "preview", "document", "history", "difference"] = "nothing"
    document_id: str = ""
    page: int = 0
    show: str = "all"
    older: int = 0
    newer: int = 0

    @property
    def staged(self) -> bool:
        return self.kind == "preview"


NOTHING = View()


def workspace(knowledge: KnowledgeBase, view: View, w: Words, *, imagines: bool = False) -> str:
    """The workspace as HTML; a document that went away meanwhile leaves it empty. `imagines`: a chat model is configured, so
    that a document's passages can have questions imagined for them.
    """
    try:
        if view.kind == "preview":
            seen = knowledge.review.preview(view.document_id)
            return render_preview.preview(seen, view.show, view.page, knowledge.catalogue, w)
        if view.kind == "nothing":
            return _todo(knowledge, w) + empty(w("knowledge.view_none"))
        detail = knowledge.document(view.document_id)
        head = _head(detail.summary, view, w)
        if view.kind == "history":
            return head + render_versions.history(view.document_id, knowledge.versions.of_document(view.document_id), w)
        if view.kind == "difference":
            found = knowledge.versions.difference(view.document_id, view.older, view.newer)
            return head + render_versions.difference(found, view.older, view.newer, w)
    except KefuError as error:
        if error.code not in ("document.unknown", "review.unknown"):
            raise
        return _todo(knowledge, w) + empty(w("knowledge.view_none"))
    if imagines and (unasked := len(knowledge.enrichment.todo({view.document_id}))):
        do = button("offer_questions", w("imagine.offer", count=unasked), view.document_id)
        head += tag("p", do, "k-meta")
    dropped = "、".join(f"{reason(d.reason, w)} {d.count}" for d in detail.dropped)
    left_out = tag("p", esc(w("knowledge.left_out", what=dropped)), "k-meta") if dropped else ""
    return head + left_out + _passages(knowledge, view, w)


def _todo(knowledge: KnowledgeBase, w: Words) -> str:
    """What a manager would want to see to first."""
    waiting = len(knowledge.review.waiting())
    there = knowledge.documents()
    flagged = [d for d in there if d.flagged]
    states = [c.state for c in knowledge.coverage()] if there else []
    gaps = sum(state in GAPS for state in states)
    lines = [w("todo.waiting", count=waiting)] if waiting else []
    if flagged:
        titles = "、".join(d.title for d in flagged)
        lines.append(w("todo.flagged", count=sum(d.flagged for d in flagged), titles=titles))
    if not there and not waiting:
        lines.append(w("todo.start"))
    if gaps:
        lines.append(w("todo.gaps", count=gaps))
    if unsure := states.count("found"):
        lines.append(w("todo.found", count=unsure))
    items = "".join(tag("div", esc(line)) for line in lines) or tag("div", esc(w("todo.nothing")))
    return tag("div", tag("b", esc(w("todo.title"))) + items, "k-todo")


def _head(summary: DocumentSummary, view: View, w: Words) -> str:
    tabs = "".join(
        button(act, w(f"knowledge.side.{kind}"), summary.id, css="k-filter" + (" k-on" if view.kind in shown else ""))
        for act, kind, shown in (("view", "document", ("document",)), ("history", "history", ("history", "difference")))
    )
    out = summary.status == "retired"
    switch = button(
        "put_in" if out else "take_out",
        w("knowledge.put_in" if out else "knowledge.take_out"),
        summary.id,
        css="k-button",
    )
    chips = (chip(w("knowledge.shipped"), "k-quiet") if summary.shipped else "") + (
        chip(w("knowledge.is.out"), "k-caution") if out else ""
    )
    title = tag("div", tag("h3", esc(summary.title)) + chips + tag("span", switch, "k-right"), "k-bar-line")
    return tag(
        "header",
        title
        + tag("p", esc(Path(summary.source).name), "k-meta", title=summary.source)
        + tag("div", tabs, "k-filters"),
        "k-work-head",
    )


def _passages(knowledge: KnowledgeBase, view: View, w: Words) -> str:
    newest = knowledge.versions.of_document(view.document_id)[0].number
    placed = knowledge.versions.at(view.document_id, newest)
    counts = {name: sum(_shown(p, name) for p in placed) for name in SHOW}
    shown, pages = page_of([p for p in placed if _shown(p, view.show)], view.page)
    cards = "".join(
        card(
            p,
            knowledge.catalogue,
            w,
            found=knowledge.found_of(p.passage.passage_id),
            imagined=knowledge.enrichment.questions_of(p.passage.passage_id),
        )
        for p in shown
    ) or empty(w("preview.nothing_here"))
    several = filters(counts, view.show, w)
    return situation_list(knowledge.catalogue) + several + cards + pager(view.page, pages, w)


def _shown(placed: PlacedPassage, show: str) -> bool:
    return {
        "cautioned": bool(placed.passage.cautions) and placed.status == "live",
        "flagged": bool(placed.flag),
        "retired": placed.status == "retired",
        "changed": placed.edited or placed.kept,
    }.get(show, True)
