"""「规则」 on the knowledge desk: the shop's own rules, and a form to add one that needs no regular expressions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import gradio as gr

from assistant.application import Kefu
from assistant.desk.background import Finished, watched
from assistant.desk.events import ACT, Held, Wire, held_value, runs_as
from assistant.desk.faults import shown, tell
from assistant.desk.knowledge_acts import Asked, signed
from assistant.desk.labels import Labels
from assistant.desk.render import rules as render
from assistant.desk.render.knowledge import progress as bar
from assistant.desk.text import Words, words
from assistant.rule_form import RuleForm
from assistant.rule_trial import Trial
from assistant.values import Category
from knowledge.values import AuthorityKind, Value

FIELDS = (
    "title", "category", "severity", "forbids", "phrases", "unless", "reason", "instead", "block", "passes", "authorities",
    "always", "patterns",
)  # fmt: skip
"""The form's fields, as they are laid out."""


class Tried(Value):
    """A dry run as it is shown, with the severity it was made for."""

    trial: Trial
    severity: str


class RulesHandlers:
    """The section's handlers over one Kefu."""

    def __init__(self, kefu: Kefu) -> None:
        self._kefu = kefu
        self._making = kefu.rule_making

    def show(self, language: str) -> str:
        return render.listed(self._making.rules(), words(language))

    def dry_run(self, language: str, who: str, name: str, *fields: object) -> Iterator[tuple[Any, ...]]:
        """Try the rule as it stands in the form; afterwards this very rule may go live."""
        w, form = words(language), read(name, fields)
        self._making.vetted(form)  # a mistake is told before anything on the page changes
        yield bar(w("rules.trying"), 0, 0), gr.skip(), gr.update(interactive=False)
        for event in watched(lambda progress: self._making.dry_run(form, signed(who), progress)):
            if isinstance(event, Finished):
                tried = Tried(trial=event.result, severity=form.severity)
                yield self._found(tried, w), Held(tried), gr.update(interactive=True)
            else:
                yield bar(w("rules.trying"), event.done, event.total), gr.skip(), gr.skip()

    def go_live(self, language: str, who: str, name: str, *fields: object) -> tuple[Any, ...]:
        """In force at once; the form is empty again."""
        self._making.go_live(read(name, fields), signed(who))
        tell(language, "rules.did.live")
        return self._cleared(language)

    def act(self, language: str, who: str, event: gr.EventData) -> tuple[Any, ...]:
        """A button in the list: on, off, or into the form."""
        asked = Asked.of(event, who)
        same = gr.skip()
        if asked.act == "rule_edit":
            form = self._making.form(asked.value)
            return (
                self.show(language),
                form.name,
                *values_of(form),
                "",
                None,
                gr.update(interactive=False),
                gr.update(open=True),
            )
        self._making.switch(asked.value, asked.who, on=asked.act == "rule_on")
        tell(language, f"rules.did.{asked.act.removeprefix('rule_')}")
        return self.show(language), *(same for _ in range(len(FIELDS) + 5))

    def changed(self) -> Any:
        """What was tried is no longer what stands in the form."""
        return gr.update(interactive=False)

    def refresh(self, language: str, tried: Held[Tried] | None) -> tuple[str, str]:
        value = held_value(tried)
        return self.show(language), self._found(value, words(language)) if value else ""

    def clear(self, language: str) -> tuple[Any, ...]:
        return self._cleared(language)

    def _cleared(self, language: str) -> tuple[Any, ...]:
        return self.show(language), "", *values_of(RuleForm()), "", None, gr.update(interactive=False), gr.skip()

    @staticmethod
    def _found(tried: Tried, w: Words) -> str:
        return render.trial(tried.trial, tried.severity, w)


def read(name: str, fields: tuple[object, ...]) -> RuleForm:
    """The form from the components' values; an emptied component says None."""
    given = dict(zip(FIELDS, fields, strict=True))
    texts = {k: "" if v is None else str(v) for k, v in given.items() if k not in ("authorities", "always")}
    ticked = given["authorities"]
    chosen = tuple(str(t) for t in ticked) if isinstance(ticked, (list, tuple)) else ()
    return RuleForm(name=name or "", authorities=chosen, always=bool(given["always"]), **texts)


def values_of(form: RuleForm) -> list[Any]:
    """The components' values that show this form."""
    shown_as = {"authorities": list(form.authorities), "category": form.category or None}
    return [shown_as.get(name, getattr(form, name)) for name in FIELDS]


def build(kefu: Kefu, labels: Labels, language: gr.Radio, who: gr.Textbox, tab: gr.Tab, w: Words) -> Wire:
    """Lay the section out inside its tab and wire it; the result says how to show it again in another language."""
    do = RulesHandlers(kefu)
    name, tried = gr.State(""), gr.State(None)
    labels.make(gr.HTML, "rules-note", {"value": "rules.note"}, elem_classes="k-sub k-minor")
    rules = gr.HTML(render.listed((), w), elem_id="own-rules", js_on_load=ACT)
    with labels.make(gr.Accordion, "rule-form", {"label": "rules.form"}, open=True) as box:
        fields = _fields(labels)
        with gr.Row(elem_id="rule-buttons"):
            go = labels.make(gr.Button, "rule-try", {"value": "rules.try"}, variant="primary", size="sm")
            live = labels.make(
                gr.Button, "rule-live", {"value": "rules.live"}, variant="primary", size="sm", interactive=False
            )
            clear = labels.make(gr.Button, "rule-clear", {"value": "rules.clear"}, size="sm")
    found = gr.HTML("", elem_id="rule-found")
    given = [language, who, name, *fields]
    everything = [rules, name, *fields, found, tried, live, box]
    go.click(shown(do.dry_run), given, [found, tried, live], **runs_as("rules"))
    live.click(shown(do.go_live), given, everything, **runs_as("rules"))
    clear.click(shown(do.clear), [language], everything, **runs_as("quick"))
    rules.act(shown(do.act), [language, who], everything, **runs_as("rules"))
    for field in fields:
        field.change(do.changed, [], [live], **runs_as("quick"))
    tab.select(shown(do.show), [language], [rules], **runs_as("quick"))
    return Wire(shown(do.refresh), [language, tried], [rules, found])


def _fields(labels: Labels) -> list[Any]:
    made: dict[str, Any] = {}

    def text(field: str, lines: int = 1) -> None:
        said = {"label": f"rules.{field}", "placeholder": f"rules.{field}_hint"}
        made[field] = labels.make(
            gr.Textbox, f"rule-{field}", said, lines=lines, max_lines=1 if lines == 1 else 8, min_width=200
        )

    with gr.Row():
        text("title")
        made["severity"] = labels.make(
            gr.Radio,
            "rule-severity",
            {"label": "rules.severity"},
            options=[("rules.severity.block", "block"), ("rules.severity.warn", "warn")],
            value="block",
            elem_classes="k-chips",
            min_width=200,
        )
    made["category"] = labels.make(
        gr.Radio,
        "rule-category",
        {"label": "rules.category"},
        options=[(f"category.{c}", c) for c in get_args(Category)],
        value=None,
        elem_classes="k-chips",
    )
    text("forbids")
    with gr.Row():
        text("phrases", 3)
        text("unless", 3)
    with gr.Row():
        text("reason")
        text("instead")
    with gr.Row():
        text("block", 3)
        text("passes", 3)
    with labels.make(gr.Accordion, "rule-advanced", {"label": "rules.advanced"}, open=False):
        made["authorities"] = labels.make(
            gr.CheckboxGroup,
            "rule-authorities",
            {"label": "rules.authorities"},
            options=[(f"authority.{kind}", kind) for kind in get_args(AuthorityKind)],
            elem_classes="k-chips",
        )
        made["always"] = labels.make(gr.Checkbox, "rule-always", {"label": "rules.always"}, value=False)
        text("patterns", 2)
    return [made[field] for field in FIELDS]
