"""A passage as a card: what it says, what it is, and what a manager can do with it on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from assistant.desk.render.markup import chip, esc, readable, tag
from assistant.desk.text import Words
from knowledge.situations import SituationCatalogue
from knowledge.store import PlacedPassage
from knowledge.values import Caution, Passage, PassageKind, Stage

SITUATIONS = "k-situations"
"""The id of the list that situation fields complete from."""


def situation_list(catalogue: SituationCatalogue) -> str:
    """Every situation by name, once for all fields of the page."""
    return tag("datalist", "".join(tag("option", "", value=e.name) for e in catalogue.entries), id=SITUATIONS)


def card(
    placed: PlacedPassage,
    catalogue: SituationCatalogue,
    w: Words,
    *,
    lead: str = "",
    trail: str = "",
    why: str = "",
    found: Sequence[str] = (),
    imagined: Sequence[str] = (),
) -> str:
    """A passage with its actions. `lead` and `trail` stand in its head line, `why` below it; all three are HTML. `found` are the
    situations that search takes it to serve, `imagined` the questions that it is searched by.
    """
    passage = placed.passage
    css = (
        "k-hit" + (" k-has-cautions" if passage.cautions else "") + (" k-retired" if placed.status == "retired" else "")
    )
    body = tag("div", _marked(readable(esc(passage.text)), passage.cautions), "k-fulltext")
    flag = tag("p", esc(w("knowledge.flagged", note=placed.flag)), "k-note k-flag") if placed.flag else ""
    return tag(
        "article",
        head(placed, w, lead, trail) + why + cautions(passage.cautions, w, passage.passage_id) + flag + body
        + questions(imagined, passage.passage_id, w)
        + tag("div", serves(passage, catalogue, w, found) + actions(placed, w), "k-foot"),
        css,
        data_passage=passage.passage_id,
        tabindex="0",
    )  # fmt: skip


def questions(values: Sequence[str], passage_id: str, w: Words) -> str:
    """What a chat model imagined customers to say when the passage is needed, to do without with one press."""
    if not values:
        return ""
    drop = button("drop_questions", w("imagine.drop"), passage_id, label=w("imagine.drop_note"))
    return tag("p", esc(w("imagine.said", said="」「".join(values))) + " " + drop, "k-meta")


def head(placed: PlacedPassage, w: Words, lead: str = "", trail: str = "") -> str:
    passage = placed.passage
    where = " › ".join(esc(part) for part in [passage.document, *passage.section.split(" > ")] if part)
    states = "".join(chip(w(f"knowledge.is.{state}"), f"k-state k-{state}") for state in _states(placed))
    kinds = chip(w(f"kind.{passage.kind}"), "k-quiet") + chip(w(f"stage.{passage.stage}"), "k-quiet")
    return tag("div", lead + tag("span", where, "k-where") + states + kinds + trail, "k-hit-head")


def _states(placed: PlacedPassage) -> list[str]:
    told = {"retired": placed.status == "retired", "edited": placed.edited, "kept": placed.kept}
    return [name for name, holds in told.items() if holds]


def cautions(values: Sequence[Caution], w: Words, passage_id: str = "") -> str:
    """The reasons; with the passage's id, each with a button that leaves its sentence out."""
    return "".join(_caution(c, number, passage_id, w) for number, c in enumerate(values))


def _caution(value: Caution, number: int, passage_id: str, w: Words) -> str:
    said = esc(f"{w('knowledge.caution')} · {w.named('category', value.category)}:{value.said(w.language)}")
    cut = button("cut_quote", w("caution.cut"), f"{passage_id} {number}") if passage_id and value.quote else ""
    return tag("p", said + (" " + cut if cut else ""), "k-note k-warn")


def _marked(html: str, values: Sequence[Caution]) -> str:
    """The text with the words marked that cautions were given for."""
    for quote in {esc(line) for c in values for line in (c.quote,) if line}:
        html = html.replace(quote, f'<mark class="k-finding k-warn">{quote}</mark>', 1)
    return html


def serves(passage: Passage, catalogue: SituationCatalogue, w: Words, found: Sequence[str] = ()) -> str:
    """The situations that the passage says it serves, each to take away; those that search takes it to serve, to confirm or
    deny; those denied; and a field to add one.
    """
    chips = "".join(_served(passage, situation, catalogue, w) for situation in passage.serves)
    chips += "".join(_found(passage, situation, catalogue, w) for situation in found if situation not in passage.serves)
    chips += "".join(_denied(passage, situation, catalogue, w) for situation in sorted(passage.denied))
    field = tag(
        "input",
        "",
        name_="situation",
        list=SITUATIONS,
        placeholder=w("knowledge.add_situation"),
        aria_label=w("knowledge.add_situation"),
        autocomplete="off",
    )
    form = tag("form", field, "k-add", data_act="assign", data_value=passage.passage_id)
    return tag("div", tag("span", esc(w("knowledge.serves")), "k-label") + chips + form, "k-serves")


def _name(situation: str, catalogue: SituationCatalogue) -> str:
    entry = catalogue.by_id.get(situation)
    return entry.name if entry else situation


def _found(passage: Passage, situation: str, catalogue: SituationCatalogue, w: Words) -> str:
    name, which = _name(situation, catalogue), f"{passage.passage_id} {situation}"
    yes = button("assign_to", "✓", which, label=w("knowledge.confirm", name=name))
    no = button("deny", "×", which, label=w("knowledge.deny", name=name))
    said = tag("span", esc(w("knowledge.found", name=name)), title=w("knowledge.found_note"))
    return tag("span", said + yes + no, "k-chip k-quiet")


def _denied(passage: Passage, situation: str, catalogue: SituationCatalogue, w: Words) -> str:
    name = _name(situation, catalogue)
    off = button("unassign", "×", f"{passage.passage_id} {situation}", label=w("knowledge.undeny", name=name))
    return tag("span", esc(w("knowledge.denied", name=name)) + off, "k-chip k-quiet")


def _served(passage: Passage, situation: str, catalogue: SituationCatalogue, w: Words) -> str:
    name = _name(situation, catalogue)
    off = button("unassign", "×", f"{passage.passage_id} {situation}", label=w("knowledge.unassign", name=name))
    return tag("span", esc(name) + off, "k-chip k-situation")


def actions(placed: PlacedPassage, w: Words) -> str:
    own = placed.passage.passage_id
    if placed.status == "retired":
        return tag("div", button("restore", w("knowledge.restore"), own), "k-do")
    look = button("unflag", w("knowledge.unflag"), own) if placed.flag else _flag_form(placed, w)
    parts = [
        _edit_form(placed.passage, w),
        look,
        _caution_form(placed, w),
        button("retire", w("knowledge.retire"), own),
    ]
    return tag("div", "".join(parts), "k-do")


def button(act: str, text: str, value: str, *, css: str = "k-link", sure: str = "", label: str | None = None) -> str:
    return tag(
        "button",
        esc(text),
        css,
        type="button",
        data_act=act,
        data_value=value,
        data_sure=sure or None,
        aria_label=label,
        title=label,
    )


def _caution_form(placed: PlacedPassage, w: Words) -> str:
    """Overrule a passage's cautions with a reason; or have a passage that was changed by hand checked again."""
    own = placed.passage.passage_id
    if not placed.passage.cautions:
        return button("recheck", w("caution.recheck"), own) if placed.edited else ""
    reason = tag("input", "", name_="reason", required="", maxlength="500", placeholder=w("caution.hint"))
    form = tag(
        "form",
        tag("label", esc(w("caution.why")) + reason)
        + tag("button", esc(w("knowledge.save")), "k-button", type="submit"),
        "k-form",
        data_act="lift_caution",
        data_value=own,
    )
    return tag("details", tag("summary", esc(w("caution.lift")), "k-link") + form, "k-open-form")


def _flag_form(placed: PlacedPassage, w: Words) -> str:
    note = tag("input", "", name_="note", required="", maxlength="500", placeholder=w("knowledge.flag_hint"))
    form = tag(
        "form",
        tag("label", esc(w("knowledge.note")) + note)
        + tag("button", esc(w("knowledge.save")), "k-button", type="submit"),
        "k-form",
        data_act="flag",
        data_value=placed.passage.passage_id,
    )
    return tag("details", tag("summary", esc(w("knowledge.flag")), "k-link") + form, "k-open-form")


def _edit_form(passage: Passage, w: Words) -> str:
    rows = min(16, max(3, passage.text.count("\n") + 1 + len(passage.text) // 60))
    text = tag("textarea", "\n" + esc(passage.text), name_="text", rows=rows, required="")
    techniques = tag("input", "", name_="techniques", value="、".join(passage.techniques))
    fields = (
        tag("label", esc(w("knowledge.text")) + text, "k-wide")
        + tag("label", esc(w("knowledge.kind")) + _choice("kind", get_args(PassageKind), passage.kind, w))
        + tag("label", esc(w("knowledge.stage")) + _choice("stage", get_args(Stage), passage.stage, w))
        + tag("label", esc(w("knowledge.techniques")) + techniques, "k-grow")
        + tag("button", esc(w("knowledge.save_keys")), "k-button", type="submit")
    )
    form = tag("form", fields, "k-form", data_act="edit", data_value=passage.passage_id)
    return tag("details", tag("summary", esc(w("knowledge.edit")), "k-link") + form, "k-open-form k-edit")


def _choice(name: str, options: Sequence[str], chosen: str, w: Words) -> str:
    shown = (
        tag("option", esc(w(f"{name}.{option}")), value=option, selected="" if option == chosen else None)
        for option in options
    )
    return tag("select", "".join(shown), name_=name)
