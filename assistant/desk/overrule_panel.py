"""Below the check: set a finding aside, with a reason; a block with the supervisor's passphrase. The handler decides."""

from __future__ import annotations

from typing import Any, NamedTuple

import gradio as gr

from assistant.application import Kefu
from assistant.desk.events import Held
from assistant.desk.faults import tell
from assistant.desk.form import Form
from assistant.desk.knowledge_acts import signed
from assistant.desk.labels import Labels
from assistant.desk.text import words
from assistant.guardrails import CheckContext
from assistant.overruling import Ask, SetAside
from assistant.values import Verdict
from knowledge.errors import KefuError


class Aside(NamedTuple):
    """What was set aside on this page, for the conversation with this fingerprint and no other."""

    fingerprint: str
    findings: tuple[SetAside, ...]


class Panel(NamedTuple):
    aside: gr.State
    box: gr.Accordion
    which: gr.Radio
    reason: gr.Textbox
    passphrase: gr.Textbox
    go: gr.Button


def build(labels: Labels) -> Panel:
    aside = gr.State(None)
    with labels.make(gr.Accordion, "overrule", {"label": "overrule.title"}, open=False, visible=False) as box:
        which = labels.make(gr.Radio, "overrule-which", {"label": "overrule.which"}, choices=[], elem_classes="k-list")
        reason = labels.make(
            gr.Textbox,
            "overrule-reason",
            {"label": "overrule.reason", "placeholder": "overrule.reason_hint"},
            max_lines=2,
        )
        passphrase = labels.make(
            gr.Textbox,
            "overrule-passphrase",
            {"label": "overrule.passphrase", "info": "overrule.passphrase_note"},
            type="password",
            max_lines=1,
        )
        go = labels.make(gr.Button, "overrule-go", {"value": "overrule.go"}, size="sm")
    return Panel(aside, box, which, reason, passphrase, go)


def fingerprint_of(form: Form) -> str:
    """The conversation's; empty while the form can't be read."""
    try:
        return form.fingerprint()
    except KefuError:
        return ""


def asides_for(aside: Held[Aside] | None, form: Form) -> tuple[SetAside, ...]:
    """What was set aside for this very conversation."""
    if aside is None or aside.value.fingerprint != fingerprint_of(form):
        return ()
    return aside.value.findings


def choices(verdict: Verdict | None, language: str) -> tuple[Any, Any]:
    """The panel's box (there only when there is something to set aside) and its choice of findings."""
    w = words(language)
    findings = verdict.findings if verdict else ()
    rows = {
        f"{f.rule}\n{f.text}": f"{w(f'severity.{f.severity}')} · {w(f'category.{f.category}')}「{f.text}」"
        for f in findings
    }
    options = [(label, value) for value, label in rows.items()]
    return gr.update(visible=bool(options)), gr.update(choices=options, value=options[0][1] if options else None)


class OverruleHandlers:
    def __init__(self, kefu: Kefu) -> None:
        self._kefu = kefu

    def overrule(
        self,
        language: str,
        aside: Held[Aside] | None,
        which: str | None,
        reason: str | None,
        passphrase: str | None,
        reply: str,
        context: CheckContext,
        form: Form,
        draft_id: str | None,
    ) -> Held[Aside]:
        """Set it aside for this conversation. KefuError: no such finding, no reason, no right to."""
        fingerprint = fingerprint_of(form)
        before = asides_for(aside, form)
        rule, _, text = (which or "").partition("\n")
        ask = Ask(rule, text, reason or "", signed(None), passphrase or "", draft_id)
        self._kefu.overruling.overrule(reply, context, ask, before)
        tell(language, "overrule.done")
        return Held(Aside(fingerprint, (*before, SetAside(rule, text))))
