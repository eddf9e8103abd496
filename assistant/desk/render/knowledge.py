"""The knowledge desk's values as HTML."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.chat_knowledge import Cost
from assistant.desk.background import Step
from assistant.desk.render.markup import chip, empty, esc, tag
from assistant.desk.render.passages import button, card, situation_list
from assistant.desk.render.preview import reason
from assistant.desk.text import Words
from knowledge.enrichment import Enriched
from knowledge.review import Waiting
from knowledge.situations import SituationCatalogue
from knowledge.store import PlacedPassage
from knowledge.values import DocumentSummary, IngestedDocument, IngestReport, SearchAnswer, SearchResult

LIKELY = 0.05
"""Situations less likely than this are not worth a reader's look."""


def progress(text: str, done: int, total: int) -> str:
    """A bar with its words; without a total it only shows that work goes on."""
    share = 100 * done // total if total else 0
    bar = tag("div", tag("div", "", "k-bar-fill", style=f"width:{min(share, 100)}%"), "k-bar")
    return tag("div", tag("span", esc(text)) + bar, "k-progress", role="status", aria_live="polite")


def reading(names: Sequence[str], step: Step, text: str, w: Words) -> str:
    """The files of an upload, each with how far it is."""

    def line(i: int, name: str) -> str:
        at = "done" if i < step.done else "now" if i == step.done else "later"
        return tag("li", esc(name) + tag("span", esc(w(f"upload.{at}")), "k-meta"), f"k-file k-{at}")

    files = "".join(line(i, name) for i, name in enumerate(names)) if step.total == len(names) else ""
    return progress(text, step.done, step.total) + tag("ul", files, "k-files")


def report(value: IngestReport, w: Words) -> str:
    """What was added, left out and flagged, file by file."""
    return "".join(_ingested(document, w) for document in value.documents)


def _ingested(document: IngestedDocument, w: Words) -> str:
    head = tag("b", esc(document.title or document.source))
    head += chip(w(f"knowledge.status.{document.status}"), f"k-status k-{document.status}")
    if document.error:
        english = document.error_en if w.language == "en" else ""
        said = tag("p", esc(english or document.error.get("message", "")))
        return tag("div", head + said, "k-report k-block", role="alert")
    if document.status in ("added", "replaced"):
        return ""  # it stands in the list of what waits, with its preview
    head += chip(w("knowledge.passages", count=document.passages), "k-quiet")
    flagged = w("knowledge.cautions", count=document.cautions) if document.cautions else w("knowledge.no_cautions")
    head += chip(flagged, "k-caution" if document.cautions else "k-quiet")
    dropped = "".join(
        tag(
            "details",
            tag("summary", esc(w("knowledge.dropped", count=d.count, reason=reason(d.reason, w))))
            + tag("ul", "".join(tag("li", esc(example)) for example in d.examples)),
        )
        for d in document.dropped
    )
    return tag("div", head + (dropped or tag("p", esc(w("knowledge.dropped_nothing")), "k-meta")), "k-report")


def offer(document_id: str, title: str, cost: Cost, w: Words) -> str:
    """What it would cost to have a chat model imagine customers' questions for a document; nothing where there is none to ask."""
    if not cost.calls:
        return ""
    said = tag("b", esc(w("imagine.title", title=title))) + tag("p", esc(w("imagine.what")), "k-meta")
    said += tag("p", esc(w("imagine.cost", calls=cost.calls, characters=cost.characters)))
    do = button("imagine", w("imagine.yes"), document_id, css="k-button k-primary") + button(
        "no_questions", w("imagine.no"), document_id
    )
    return tag("div", said + tag("div", do, "k-do"), "k-report")


def imagined(done: Enriched, w: Words) -> str:
    """What came of it."""
    found = done.suggested + done.nothing
    said = tag("p", esc(w("imagine.done", found=found, calls=done.calls, suggested=done.suggested, left=done.left)))
    if done.stopped:
        said += tag("p", esc(w("imagine.stopped", why=done.stopped["message"])), "k-note k-warn")
    return tag("div", said, "k-report", role="status")


def waiting(values: Sequence[Waiting], w: Words) -> str:
    """What waits for approval, each with the way to its preview; nothing when nothing waits."""
    if not values:
        return ""
    title = tag("p", esc(w("waiting.title", count=len(values))), "k-sub")
    return title + "".join(_waiting(value, w) for value in values)


def _waiting(value: Waiting, w: Words) -> str:
    numbers = w("waiting.numbers", passages=value.passages, dropped=value.dropped, merged=value.merged)
    chips = chip(w("preview.replaces"), "k-caution") if value.replaces else chip(w("preview.is_new"))
    if value.cautions:
        chips += chip(w("knowledge.cautions", count=value.cautions), "k-caution")
    look = button("preview", w("waiting.look"), value.document_id, css="k-button k-primary")
    line = tag("div", tag("b", esc(value.title)) + tag("span", look, "k-right"), "k-bar-line")
    return tag(
        "div", line + tag("p", chips + esc(numbers), "k-meta"), "k-report k-waiting", data_waiting=value.document_id
    )


def documents(values: Sequence[DocumentSummary], w: Words) -> str:
    """The manuals in use, the shop's own before those that come with Kefu."""
    if not values:
        return empty(w("knowledge.no_documents"))
    columns = ("title", "passages", "cautions", "added", "actions")
    head = "".join(tag("th", esc(w(f"knowledge.column.{c}")), scope="col") for c in columns)
    rows = "".join(_document(d, w) for d in sorted(values, key=lambda d: (d.shipped, d.source)))
    count = w("knowledge.count", documents=len(values), passages=sum(d.passages for d in values if d.status == "live"))
    table = tag("table", tag("thead", tag("tr", head)) + tag("tbody", rows), "k-table")
    export = tag(
        "a", esc(w("knowledge.export")), "k-link", href="/api/v1/export", download="", title=w("knowledge.export_note")
    )
    return tag("div", tag("span", esc(count), "k-meta") + tag("span", export, "k-right"), "k-bar-line") + table


def _document(value: DocumentSummary, w: Words) -> str:
    title = button("view", value.title, value.id, css="k-title-link")
    marks = [(value.status == "retired", "knowledge.is.out"), (value.shipped, "knowledge.shipped")]
    title += "".join(chip(w(key), "k-quiet") for holds, key in marks if holds)
    title += chip(w("knowledge.flags", count=value.flagged), "k-flagged") if value.flagged else ""
    remove = button(
        "remove",
        w("knowledge.remove"),
        value.id,
        css="k-link k-danger",
        sure=w("knowledge.remove_sure"),
        label=f"{w('knowledge.remove')} {value.title}",
    )
    cells = [
        tag("td", title, title=value.source),
        tag("td", esc(value.passages), "k-number"),
        tag("td", esc(value.cautions or "–"), "k-number" + (" k-has-caution" if value.cautions else "")),
        tag("td", esc(value.added_at[5:10]), "k-meta", title=value.added_at[:16].replace("T", " ")),
        tag("td", remove, "k-actions"),
    ]
    return tag("tr", "".join(cells), "k-out" if value.status == "retired" else "", data_document=value.id)


def recent(queries: Sequence[str], w: Words) -> str:
    """Earlier searches, each to be made again."""
    if not queries:
        return ""
    again = "".join(button("again", _one_line(q), q, css="k-filter") for q in queries)
    return tag("div", tag("span", esc(w("knowledge.recent")), "k-label") + again, "k-filters")


def answer(value: SearchAnswer, placed: Sequence[PlacedPassage], catalogue: SituationCatalogue, w: Words) -> str:
    """What the words were taken for, then the passages with score and reason; `placed` are the results' passages."""
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
    results = zip(value.results, placed, strict=True)
    cards = "".join(_result(result, own, rank, catalogue, w) for rank, (result, own) in enumerate(results, 1))
    return situation_list(catalogue) + seen + cards


def _result(value: SearchResult, placed: PlacedPassage, rank: int, catalogue: SituationCatalogue, w: Words) -> str:
    score = tag("span", f"{esc(w('knowledge.score'))} {value.score:.3f}", "k-meta")
    why = tag("p", esc(value.why), "k-why") if value.why else ""
    return card(placed, catalogue, w, lead=tag("b", esc(rank), "k-rank"), trail=score, why=why + _parts(value, w))


def _parts(value: SearchResult, w: Words) -> str:
    """The score in its parts: a bar for each that counts, longer for more."""
    most = max((abs(amount) for _, amount in value.parts), default=0) or 1
    shown = [(name, amount) for name, amount in value.parts if abs(amount) >= 0.05]
    return tag("div", "".join(_part(w(f"part.{name}"), amount, most) for name, amount in shown), "k-parts")


def _part(name: str, amount: float, most: float) -> str:
    fill = tag("i", "", "k-minus" if amount < 0 else "", style=f"width:{100 * abs(amount) / most:.0f}%")
    bar = tag("span", fill, "k-part-bar")
    return tag("span", tag("span", esc(name), "k-meta") + bar + tag("span", f"{amount:+.1f}", "k-meta"), "k-part")


def _one_line(text: str) -> str:
    line = " / ".join(text.split("\n"))
    return line if len(line) <= 18 else line[:17] + "…"
