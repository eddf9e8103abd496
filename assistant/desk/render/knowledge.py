"""The knowledge desk's values as HTML."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.desk.render.markup import chip, empty, esc, readable, tag
from assistant.desk.text import Words
from knowledge.values import (
    Caution,
    DocumentDetail,
    DocumentSummary,
    IngestedDocument,
    IngestReport,
    Passage,
    SearchAnswer,
    SearchResult,
)

LIKELY = 0.05
"""Situations less likely than this are not worth a reader's look."""


def progress(text: str, done: int, total: int) -> str:
    """A bar with its words; without a total it only shows that work goes on."""
    share = 100 * done // total if total else 0
    bar = tag("div", tag("div", "", "k-bar-fill", style=f"width:{min(share, 100)}%"), "k-bar")
    return tag("div", tag("span", esc(text)) + bar, "k-progress", role="status", aria_live="polite")


def report(value: IngestReport, w: Words) -> str:
    """What was added, left out and flagged, file by file."""
    return "".join(_ingested(document, w) for document in value.documents)


def _ingested(document: IngestedDocument, w: Words) -> str:
    head = tag("b", esc(document.title or document.source))
    head += chip(w(f"knowledge.status.{document.status}"), f"k-status k-{document.status}")
    if document.error:
        return tag("div", head + tag("p", esc(document.error.get("message", ""))), "k-report k-block", role="alert")
    head += chip(w("knowledge.passages", count=document.passages), "k-quiet")
    flagged = w("knowledge.cautions", count=document.cautions) if document.cautions else w("knowledge.no_cautions")
    head += chip(flagged, "k-caution" if document.cautions else "k-quiet")
    dropped = "".join(
        tag(
            "details",
            tag("summary", esc(w("knowledge.dropped", count=d.count, reason=d.reason)))
            + tag("ul", "".join(tag("li", esc(example)) for example in d.examples)),
        )
        for d in document.dropped
    )
    return tag("div", head + (dropped or tag("p", esc(w("knowledge.dropped_nothing")), "k-meta")), "k-report")


def documents(values: Sequence[DocumentSummary], w: Words) -> str:
    """The manuals in use, the shop's own before those that come with Kefu."""
    if not values:
        return empty(w("knowledge.no_documents"))
    columns = ("title", "passages", "cautions", "added", "actions")
    head = "".join(tag("th", esc(w(f"knowledge.column.{c}")), scope="col") for c in columns)
    rows = "".join(_document(d, w) for d in sorted(values, key=lambda d: (d.shipped, d.source)))
    count = w("knowledge.count", documents=len(values), passages=sum(d.passages for d in values))
    table = tag("table", tag("thead", tag("tr", head)) + tag("tbody", rows), "k-table")
    return tag("p", esc(count), "k-meta") + table


def _document(value: DocumentSummary, w: Words) -> str:
    title = esc(value.title) + (chip(w("knowledge.shipped"), "k-quiet") if value.shipped else "")
    view = tag("button", esc(w("knowledge.view")), "k-link", type="button", data_act="view", data_value=value.id)
    remove = tag(
        "button",
        esc(w("knowledge.remove")),
        "k-link k-danger",
        type="button",
        data_act="remove",
        data_value=value.id,
        data_sure=w("knowledge.remove_sure"),
        aria_label=f"{w('knowledge.remove')} {value.title}",
    )
    cells = [
        tag("td", title, title=value.source),
        tag("td", esc(value.passages), "k-number"),
        tag("td", esc(value.cautions or "–"), "k-number" + (" k-has-caution" if value.cautions else "")),
        tag("td", esc(value.added_at[:10]), "k-meta"),
        tag("td", view + remove, "k-actions"),
    ]
    return tag("tr", "".join(cells), data_document=value.id)


def document(value: DocumentDetail | None, w: Words) -> str:
    """Every passage of a manual in its order, and what was left out."""
    if value is None:
        return empty(w("knowledge.view_none"))
    head = tag("h3", esc(value.summary.title)) + tag("p", esc(value.summary.source), "k-meta")
    dropped = "".join(
        tag("p", esc(w("knowledge.dropped", count=d.count, reason=d.reason)), "k-meta") for d in value.dropped
    )
    return head + dropped + "".join(_passage(passage, "", w) for passage in value.passages)


def answer(value: SearchAnswer, w: Words) -> str:
    """What the words were taken for, then the passages with score and reason."""
    if not value.results:
        return empty(w("knowledge.no_results"))
    situations = "".join(
        chip(f"{m.name} {m.score:.2f}", "k-situation", w("reply.saw_like", exemplar=m.exemplar))
        for m in value.situations[:4]
        if m.score >= LIKELY
    )
    seen = tag(
        "div", tag("span", esc(w("reply.saw")), "k-label") + (situations or esc(w("reply.saw_nothing"))), "k-seen"
    )
    return seen + "".join(_result(result, rank, w) for rank, result in enumerate(value.results, 1))


def _result(value: SearchResult, rank: int, w: Words) -> str:
    score = tag("span", f"{esc(w('knowledge.score'))} {value.score:.3f}", "k-meta")
    why = tag("p", esc(value.why), "k-why") if value.why else ""
    return _passage(value.passage, tag("b", esc(rank), "k-rank"), w, score, why)


def _passage(value: Passage, lead: str, w: Words, trail: str = "", why: str = "") -> str:
    where = " › ".join(esc(part) for part in [value.document, *value.section.split(" > ")] if part)
    kinds = chip(w(f"kind.{value.kind}"), "k-quiet") + chip(w(f"stage.{value.stage}"), "k-quiet")
    cautions = "".join(_caution(c, w) for c in value.cautions)
    css = "k-hit k-has-cautions" if value.cautions else "k-hit"
    head = tag("div", lead + tag("span", where, "k-where") + kinds + trail, "k-hit-head")
    return tag(
        "article",
        head + why + cautions + tag("div", readable(esc(value.text)), "k-fulltext"),
        css,
        data_passage=value.passage_id,
    )


def _caution(value: Caution, w: Words) -> str:
    text = f"{w('knowledge.caution')} · {w.named('category', value.category)}:{value.reason}"
    return tag("p", esc(text), "k-note k-warn")
