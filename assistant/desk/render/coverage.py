"""Situations with what serves them, the gaps first, and techniques that nobody was ever shown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.desk.render.markup import chip, empty, esc, tag
from assistant.desk.render.passages import button
from assistant.desk.text import Words
from knowledge.coverage import GAPS, Serving, SituationCoverage
from knowledge.situations import SituationCatalogue
from knowledge.store import Suggestion
from knowledge.values import Passage

MOST, FIRST = 60, 8
"""Never-used techniques are shown up to this many; of a situation's passages this many at once."""
_MARKUP = re.compile(r"(?m)^#+ .*$|^- 别名[::].*$|\*\*")


def coverage(
    values: Sequence[SituationCoverage], chosen: str, guesses: Sequence[Passage], unused: Sequence[Passage], w: Words
) -> str:
    """`chosen` is the situation that is unfolded, `guesses` what search would bring for it."""
    order = {"none": 0, "cautioned": 1, "found": 2, "served": 3}
    rows = sorted(values, key=lambda v: order[v.state])
    gaps, unsure = sum(v.state in GAPS for v in values), sum(v.state == "found" for v in values)
    said = w("coverage.all_served", count=len(values)) if not gaps else w("coverage.gaps", gaps=gaps, count=len(values))
    said += " " + w("coverage.to_confirm", count=unsure) if unsure else ""
    note = tag("p", esc(said), "k-note k-pass" if not gaps else "k-note k-warn")
    body = "".join(_situation(v, v.situation.id == chosen, guesses, w) for v in rows)
    head = "".join(
        tag("th", esc(w(f"coverage.column.{c}")), scope="col") for c in ("situation", "stage", "state", "served_by")
    )
    table = tag("table", tag("thead", tag("tr", head)) + tag("tbody", body), "k-table k-coverage")
    return note + table + _unused(unused, w)


def suggestions(values: Sequence[tuple[Suggestion, Passage]], catalogue: SituationCatalogue, w: Words) -> str:
    """What a chat model's imagined questions speak for, each to approve or to decline; nothing when there are none."""
    if not values:
        return ""
    title = tag("h3", esc(w("suggestions.title", count=len(values)))) + tag("p", esc(w("suggestions.note")), "k-meta")
    more = tag("p", esc(w("coverage.more", count=len(values) - FIRST)), "k-meta") if len(values) > FIRST else ""
    return tag(
        "section", title + "".join(_suggestion(*v, catalogue, w) for v in values[:FIRST]) + more, "k-suggestions"
    )


def _suggestion(value: Suggestion, passage: Passage, catalogue: SituationCatalogue, w: Words) -> str:
    name = catalogue.by_id[value.situation].name
    do = button("take_suggestion", w("suggestions.take"), value.passage_id, css="k-button") + button(
        "drop_suggestion", w("suggestions.drop"), value.passage_id
    )
    asked = tag("p", esc(w("suggestions.because", name=name, said="」「".join(value.questions[:5]))), "k-note")
    return _line(passage, chip(name, "k-situation"), do) + asked


def _situation(value: SituationCoverage, is_open: bool, guesses: Sequence[Passage], w: Words) -> str:
    entry = value.situation
    state = chip(
        w(f"coverage.{value.state}"),
        {"none": "k-block", "cautioned": "k-caution", "found": "k-quiet", "served": "k-pass"}[value.state],
    )
    open_it = button("unfold", ("▾ " if is_open else "▸ ") + entry.name, "" if is_open else entry.id, label=None)
    cells = [
        tag("td", open_it, title=entry.description),
        tag("td", esc(w(f"stage.{entry.stage}")), "k-meta"),
        tag("td", state),
        tag("td", _served_by(value, w)),
    ]
    row = tag("tr", "".join(cells), "k-open-row" if is_open else "", data_situation=entry.id)
    return row + (tag("tr", tag("td", _unfolded(value, guesses, w), colspan="4"), "k-unfolded") if is_open else "")


def _served_by(value: SituationCoverage, w: Words) -> str:
    if not value.serving:
        return esc(w("coverage.nobody"))
    names = "、".join(dict.fromkeys(_name(s.passage) for s in value.serving[:3]))
    return esc(w("coverage.passages", count=len(value.serving))) + tag("span", f" · {esc(names)}", "k-meta")


def _unfolded(value: SituationCoverage, guesses: Sequence[Passage], w: Words) -> str:
    entry = value.situation
    says = tag("p", esc(w("coverage.exemplars", said="」「".join(entry.exemplars[:3]))), "k-meta")
    own = {s.passage.passage_id for s in value.serving}
    serving = "".join(_serving(s, entry.id, w) for s in value.serving[:FIRST])
    if rest := value.serving[FIRST:]:
        lines = "".join(_serving(s, entry.id, w) for s in rest)
        serving += tag("details", tag("summary", esc(w("coverage.rest", count=len(rest))), "k-meta") + lines)
    more = "".join(_guess(p, entry.id, w) for p in guesses if p.passage_id not in own and entry.id not in p.denied)
    out = says + (serving or tag("p", esc(w("coverage.nobody")), "k-meta"))
    return out + (tag("p", esc(w("coverage.guesses")), "k-label") + more if more else "")


def _serving(value: Serving, situation: str, w: Words) -> str:
    which = f"{value.passage.passage_id} {situation}"
    off = {
        "declared": button("unassign", w("coverage.unassign"), which),
        "technique": "",
        "found": button("assign_to", w("coverage.confirm"), which) + button("deny", w("coverage.deny"), which),
    }[value.how]
    how = chip(w(f"coverage.how.{value.how}"), "k-quiet")
    return _line(
        value.passage, how + (chip(w("coverage.cautioned"), "k-caution") if value.passage.cautions else ""), off
    )


def _guess(passage: Passage, situation: str, w: Words) -> str:
    return _line(passage, "", button("assign_to", w("coverage.assign"), f"{passage.passage_id} {situation}"))


def _line(passage: Passage, chips: str, do: str) -> str:
    where = " › ".join(part for part in (passage.document, _name(passage)) if part)
    body = _MARKUP.sub("", passage.text)
    text = " ".join(body.split())
    said = tag("span", esc(where), "k-where") + chips + tag("span", do, "k-right")
    excerpt = text[:150] + ("…" if len(text) > 150 else "")
    return tag("div", tag("div", said, "k-bar-line") + tag("p", esc(excerpt), "k-meta"), "k-line")


def _name(passage: Passage) -> str:
    """What a person would call the passage: its technique, or its innermost heading."""
    return passage.techniques[0] if passage.techniques else passage.section.split(" > ")[-1]


def _unused(values: Sequence[Passage], w: Words) -> str:
    title = tag("h3", esc(w("coverage.unused", count=len(values))))
    if not values:
        return title + empty(w("coverage.all_used"))
    note = tag("p", esc(w("coverage.unused_note")), "k-meta")
    rest = tag("p", esc(w("coverage.more", count=len(values) - MOST)), "k-meta") if len(values) > MOST else ""
    return title + note + "".join(_line(p, chip(w(f"kind.{p.kind}"), "k-quiet"), "") for p in values[:MOST]) + rest
