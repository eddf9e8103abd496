"""A document's versions, and two of them side by side."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.desk.render.markup import chip, compared, empty, esc, tag
from assistant.desk.render.passages import button
from assistant.desk.text import Words
from knowledge.history import Difference, DocumentVersion
from knowledge.store import Change, PlacedPassage


def history(document_id: str, versions: Sequence[DocumentVersion], w: Words) -> str:
    """Who did what and when, the newest first; each older version can be compared with today's, or brought back."""
    newest = versions[0].number if versions else 0
    rows = "".join(_version(document_id, v, newest, w) for v in versions)
    head = "".join(
        tag("th", esc(w(f"history.column.{c}")), scope="col") for c in ("version", "what", "who", "at", "do")
    )
    return tag("table", tag("thead", tag("tr", head)) + tag("tbody", rows), "k-table k-history")


def _version(document_id: str, version: DocumentVersion, newest: int, w: Words) -> str:
    now = chip(w("history.now"), "k-pass") if version.in_use else ""
    before = f"{document_id} {version.number - 1} {version.number}"
    links = button("difference", w("history.with_before"), before) if version.number > 1 else ""
    if not version.in_use:
        if version.number + 1 < newest:
            links += button("difference", w("history.with_now"), f"{document_id} {version.number} {newest}")
        back = f"{document_id} {version.number}"
        links += button(
            "roll_back", w("history.roll_back"), back, sure=w("history.roll_back_sure", number=version.number)
        )
    cells = [
        tag("td", esc(w("history.number", number=version.number)) + now, "k-number-cell"),
        tag("td", "".join(_change(change, w) for change in version.changes)),
        tag("td", esc(version.who or "–")),
        tag("td", esc(version.at[:16].replace("T", " ")), "k-meta"),
        tag("td", links, "k-actions"),
    ]
    return tag("tr", "".join(cells), data_version=version.number)


def _change(change: Change, w: Words) -> str:
    said = w(f"history.did.{change.action}", note=change.note)
    if change.note and change.action in ("retired", "flagged"):
        said = f"{said}:{change.note}"
    return tag("div", esc(said))


def difference(values: Sequence[Difference], older: int, newer: int, w: Words) -> str:
    """What two versions do not have alike, the older on the left."""
    if not values:
        return empty(w("history.same", older=older, newer=newer))
    titles = (w("history.number", number=older), w("history.number", number=newer))
    head = tag("div", "".join(tag("span", esc(title)) for title in titles), "k-sides-head k-diff-head")
    return head + "".join(_difference(value, w) for value in values)


def _difference(value: Difference, w: Words) -> str:
    left, right = _marked(value.left, value.right)
    sides = tag("div", _side(value.left, left, w), "k-original") + tag("div", _side(value.right, right, w), "k-outcome")
    return tag(
        "div", tag("p", chip(w(f"history.{value.what}"), f"k-{value.what}"), "k-diff-what") + sides, "k-side-row k-diff"
    )


def _side(placed: PlacedPassage | None, text: str, w: Words) -> str:
    if placed is None:
        return tag("p", esc(w("history.not_here")), "k-meta")
    passage = placed.passage
    facts = [passage.section, w(f"kind.{passage.kind}"), w(f"stage.{passage.stage}"), "、".join(passage.techniques)]
    state = chip(w("knowledge.is.retired"), "k-state k-retired") if placed.status == "retired" else ""
    return tag("p", esc(" · ".join(fact for fact in facts if fact)) + state, "k-meta") + tag("div", text, "k-fulltext")


def _marked(left: PlacedPassage | None, right: PlacedPassage | None) -> tuple[str, str]:
    """Both texts as HTML, what the other has not marked."""
    old, new = left.passage.text if left else "", right.passage.text if right else ""
    if left is None or right is None:
        return esc(old), esc(new)
    return compared(old, new)
