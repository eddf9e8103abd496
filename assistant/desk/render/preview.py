"""A document that waits for approval: the original on the left, what becomes of it on the right."""

from __future__ import annotations

import re

from assistant.desk.render.markup import chip, empty, esc, tag
from assistant.desk.render.paging import page_of, pager
from assistant.desk.render.passages import button, card, situation_list
from assistant.desk.text import Words
from knowledge.ingest.reasons import REASONS
from knowledge.review import Piece, Preview, Row
from knowledge.situations import SituationCatalogue

_BLANK_LINES = re.compile(r"\n\s*\n")
SHOW = ("all", "left_out", "merged", "cautioned", "new")


def preview(value: Preview, show: str, page: int, catalogue: SituationCatalogue, w: Words) -> str:
    """The whole workspace: what there is to decide, the filters, then row by row."""
    waiting = value.waiting
    rows = [row for row in value.rows if _shown(row, show)]
    counts = {name: sum(_shown(row, name) for row in value.rows) for name in SHOW}
    if not waiting.replaces:
        counts["new"] = 0
    shown, pages = page_of(rows, page)
    body = "".join(_row(row, catalogue, w) for row in shown) or empty(w("preview.nothing_here"))
    return (
        situation_list(catalogue) + _head(value, w) + _lost(value, w) + filters(counts, show, w)
        + tag("div", tag("span", esc(w("preview.original"))) + tag("span", esc(w("preview.becomes"))), "k-sides-head")
        + body + pager(page, pages, w) + (_gone(value, w) if page == pages - 1 and show == "all" else "")
    )  # fmt: skip


def _head(value: Preview, w: Words) -> str:
    waiting = value.waiting
    kind = chip(
        w("preview.replaces" if waiting.replaces else "preview.is_new"), "k-caution" if waiting.replaces else ""
    )
    numbers = w(
        "preview.numbers",
        passages=waiting.passages,
        dropped=waiting.dropped,
        merged=waiting.merged,
        cautions=waiting.cautions,
        retired=waiting.retired,
    )
    by = w("preview.by", who=waiting.staged_by or "–", at=waiting.staged_at[:16].replace("T", " "))
    do = (
        button("discard", w("preview.discard"), waiting.document_id, css="k-button", sure=w("preview.discard_sure"))
        + button("approve", w("preview.approve"), waiting.document_id, css="k-button k-primary")
    )  # fmt: skip
    title = tag("div", tag("h3", esc(waiting.title)) + kind + tag("span", do, "k-right"), "k-bar-line")
    return tag(
        "header",
        title + tag("p", esc(numbers), "k-numbers") + tag("p", esc(f"{by} · {w('preview.note')}"), "k-meta"),
        "k-work-head",
    )


def _lost(value: Preview, w: Words) -> str:
    if not value.lost:
        return ""
    items = "".join(tag("li", esc(_short(p.passage.text))) for p in value.lost)
    return tag("div", esc(w("preview.lost", count=len(value.lost))) + tag("ul", items), "k-note k-warn", role="alert")


def _gone(value: Preview, w: Words) -> str:
    if not value.gone:
        return ""
    items = "".join(tag("li", esc(_short(p.passage.text))) for p in value.gone)
    return tag("details", tag("summary", esc(w("preview.gone", count=len(value.gone)))) + tag("ul", items), "k-gone")


def filters(counts: dict[str, int], chosen: str, w: Words) -> str:
    """Buttons that show a part of the rows; those with nothing behind them are left out."""
    shown = (
        button("show", f"{w(f'filter.{name}')} {count}", name, css="k-filter" + (" k-on" if name == chosen else ""))
        for name, count in counts.items()
        if count or name in ("all", chosen)
    )
    return tag("div", "".join(shown), "k-filters", role="group")


def _shown(row: Row, show: str) -> bool:
    return {
        "left_out": row.what == "dropped",
        "merged": row.what == "merged",
        "cautioned": row.what == "passage" and row.placed is not None and bool(row.placed.passage.cautions),
        "new": row.what == "passage" and row.is_new,
    }.get(show, True)


def _row(row: Row, catalogue: SituationCatalogue, w: Words) -> str:
    left = tag("div", "".join(_piece(piece, row.what == "dropped", w) for piece in row.original), "k-original")
    return tag("div", left + tag("div", _outcome(row, catalogue, w), "k-outcome"), f"k-side-row k-{row.what}-row")


def _piece(piece: Piece, whole: bool, w: Words) -> str:
    text = _BLANK_LINES.sub("\n", piece.text)
    if not piece.reason or whole:
        return esc(text)
    name = reason(piece.reason, w)
    if piece.replacement:
        return tag("mark", esc(text), "k-mended", title=w("preview.mended", reason=name, new=piece.replacement))
    said = w("preview.cut", reason=name)
    return tag("del", esc(text), "k-cut", title=said) if text.strip() else esc(text)


def _outcome(row: Row, catalogue: SituationCatalogue, w: Words) -> str:
    if row.what == "dropped":
        back = button("keep_block", w("preview.bring_back"), str(row.start))
        return tag("p", esc(w("preview.dropped", reason=reason(row.reason, w))) + back, "k-outcome-line")
    assert row.placed is not None
    if row.what == "merged":
        other = row.merged_with
        where = " › ".join(p for p in (other.passage.document, other.passage.section) if p) if other else ""
        key = "preview.merged_retired" if other and other.status == "retired" else "preview.merged"
        apart = button("keep_apart", w("preview.keep_apart"), row.placed.passage.passage_id)
        said = tag("p", esc(w(key, where=where)) + apart, "k-outcome-line")
        return said + (tag("p", esc(_short(other.passage.text)), "k-meta") if other else "")
    return card(row.placed, catalogue, w)


def reason(name: str, w: Words) -> str:
    known = REASONS.get(name)
    return known.label(w.language) if known else w.named("repair", name)


def _short(text: str, length: int = 90) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"
