"""The reply desk: conversation, order and policy, reply, sources, side by side."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, cast

import gradio as gr

from assistant.application import Kefu
from assistant.chatlog import ChatLog
from assistant.desk import alternatives_panel, overrule_panel
from assistant.desk.events import COPY_JS, Seat, Wire, runs_as
from assistant.desk.faults import shown
from assistant.desk.form import KEPT_FIELDS, POLICY_FIELDS, WITH_ARGUMENT, WITHOUT_ARGUMENT, Form
from assistant.desk.labels import Labels
from assistant.desk.render import reply as render
from assistant.desk.reply_handlers import ReplyHandlers
from assistant.desk.text import Words


@dataclass(frozen=True)
class _Output:
    """The panels that a draft fills, in the order of ReplyHandlers.draft."""

    is_drafting: gr.State
    draft: gr.State
    body: gr.HTML
    seen: gr.HTML
    sources: gr.HTML
    steps: gr.HTML
    stale: gr.HTML
    edit: gr.Textbox
    again: gr.Button

    @property
    def components(self) -> list[Any]:
        return [getattr(self, f.name) for f in fields(self)]


def build(kefu: Kefu, labels: Labels, language: gr.Radio, w: Words) -> list[Wire]:
    """Lay the desk out and wire it; the result says how to show its parts again in another language."""
    do = ReplyHandlers(kefu)
    sources = gr.HTML(render.no_sources(w), elem_id="sources", render=False)
    with gr.Row(elem_id="reply-columns", elem_classes="k-columns"):
        chat = _conversation(labels, w)
        form, preset = _facts(labels, chat["log"], [(p.shop, p.id) for p in kefu.policies()])
        out, act = _reply(labels, sources, w)
        with gr.Column(elem_id="reply-sources-column", elem_classes="k-column", min_width=200):
            labels.heading("sources-title", "source.title")
            cast(Any, sources).render()
    check = _wire(do, language, chat, form, out, act)
    filled = [form[Form._fields.index(name)] for name in POLICY_FIELDS]
    preset.input(shown(do.preset), [language, preset], filled, **runs_as("quick"))
    panels = Wire(
        shown(do.refresh),
        [language, out.is_drafting, out.draft, *form],
        [chat["preview"], out.body, out.seen, out.sources, out.steps, out.stale, out.again],
    )
    return [panels, check]


def _conversation(labels: Labels, w: Words) -> dict[str, Any]:
    with gr.Column(elem_id="reply-conversation-column", elem_classes="k-column", min_width=200):
        with gr.Row(elem_classes="k-title-row"):
            labels.heading("conversation-title", "reply.conversation")
            example = labels.make(gr.Button, "example", {"value": "reply.example"}, size="sm", variant="secondary")
            clear = labels.make(gr.Button, "clear", {"value": "reply.clear"}, size="sm", variant="secondary")
        log = labels.make(
            gr.Textbox,
            "chat-log",
            {"label": "reply.chat_log", "placeholder": "reply.chat_log_hint"},
            lines=4,
            max_lines=4,
        )
        preview = gr.HTML(render.conversation(ChatLog(messages=()), w), elem_id="chat-preview", autoscroll=True)
        with gr.Row(elem_id="turn-row"):
            role = labels.make(
                gr.Radio,
                "turn-role",
                {"label": "reply.turn_role"},
                options=[("role.customer", "customer"), ("role.agent", "agent")],
                value="customer",
                container=False,
                show_label=False,
            )
            text = labels.make(
                gr.Textbox,
                "turn-text",
                {"label": "reply.turn_text", "placeholder": "reply.turn_hint"},
                lines=1,
                max_lines=1,
            )
            add = labels.make(gr.Button, "turn-add", {"value": "reply.turn_add"}, size="sm", scale=0, min_width=56)
    return {"log": log, "preview": preview, "role": role, "text": text, "add": add, "example": example, "clear": clear}


def _facts(labels: Labels, log: gr.Textbox, policies: list[tuple[str, str]]) -> tuple[list[Any], gr.Radio]:
    """The form's components in the order of Form's fields, and the choice of a policy (name, id) to fill it in from."""
    made: dict[str, Any] = {"chat_log": log}

    def line(name: str, key: str, hint: str = "") -> None:
        text = {"label": key} | ({"placeholder": hint} if hint else {})
        made[name] = labels.make(gr.Textbox, f"field-{name}", text, lines=1, max_lines=1, min_width=80)

    with gr.Column(elem_id="reply-facts-column", elem_classes="k-column", min_width=200):
        with gr.Row(elem_classes="k-title-row"):
            labels.heading("facts-title", "reply.order")
            labels.make(gr.HTML, "order-hint", {"value": "reply.order_hint"}, elem_classes="k-sub k-minor")
        with gr.Row(elem_classes="k-pair"):
            line("order_id", "order.order_id")
            line("price_yuan", "order.price_yuan")
        line("item", "order.item")
        for pair in (("paid_at", "shipped_at"), ("signed_at", "courier")):
            with gr.Row(elem_classes="k-pair"):
                for name in pair:
                    line(name, f"order.{name}", "order.time_hint" if name.endswith("_at") else "")
        line("tracking_status", "order.tracking_status")
        made["more_facts"] = labels.make(gr.Textbox, "field-more_facts", {"label": "order.more"}, lines=1, max_lines=3)
        labels.make(gr.HTML, "policy-title", {"value": "reply.policy"}, elem_classes="k-sub")
        preset = labels.make(
            gr.Radio, "policy-preset", {"label": "policy.preset"}, choices=policies, value=None, elem_classes="k-chips"
        )
        line("shop", "policy.shop")
        made["platform"] = labels.make(
            gr.Radio,
            "field-platform",
            {"label": "policy.platform"},
            options=[
                ("platform.none", ""),
                *((f"platform.{p}", p) for p in ("taobao", "tmall", "jd", "pinduoduo", "douyin")),
            ],
            value="",
            elem_classes="k-chips",
        )
        made["ticked"] = labels.make(
            gr.CheckboxGroup,
            "field-authorities",
            {"label": "policy.authorities"},
            options=[(f"authority.{kind}", kind) for kind in WITHOUT_ARGUMENT],
            elem_classes="k-chips",
        )
        labels.make(gr.HTML, "amounts-title", {"value": "policy.amounts"}, elem_classes="k-sub k-minor")
        with gr.Row(elem_classes="k-pair"):
            for kind in WITH_ARGUMENT:
                line(kind, f"authority.{kind}")
    return [made[name] for name in Form._fields], preset


def _reply(labels: Labels, sources: gr.HTML, w: Words) -> tuple[_Output, dict[str, Any]]:
    act: dict[str, Any] = {"verdict": gr.State(None)}
    is_drafting, draft = gr.State(False), gr.State(None)
    with gr.Column(elem_id="reply-draft-column", elem_classes="k-column", min_width=300):
        with gr.Row(elem_classes="k-title-row"):
            labels.heading("reply-title", "reply.reply")
            act["draft"] = labels.make(gr.Button, "make-draft", {"value": "reply.draft"}, variant="primary", size="sm")
            for tone in ("shorter", "warmer", "formal"):
                act[tone] = labels.make(gr.Button, f"tone-{tone}", {"value": f"reply.{tone}"}, size="sm")
        act["others"] = alternatives_panel.build(labels)
        stale = gr.HTML("", elem_id="stale")
        seen = gr.HTML("", elem_id="seen")
        body = gr.HTML(render.draft(None, (), w), elem_id="draft")
        edit = labels.make(
            gr.Textbox,
            "edit",
            {"label": "reply.edit", "placeholder": "reply.edit_hint"},
            lines=3,
            max_lines=7,
        )
        with gr.Row(elem_id="send-row"):
            act["copy"] = labels.make(
                gr.Button, "copy", {"value": "reply.copy"}, variant="primary", interactive=False, scale=2
            )
            act["take"] = labels.make(
                gr.Button, "take-rewrite", {"value": "reply.take_rewrite"}, variant="primary", visible=False
            )
        act["check"] = gr.HTML("", elem_id="check")
        act["overrule"] = overrule_panel.build(labels)
        steps = gr.HTML("", elem_id="next-steps")
        with gr.Row(elem_id="rate-row"):
            act["good"] = labels.make(gr.Button, "thumb-up", {"value": "reply.good"}, size="sm", scale=0, min_width=80)
            act["bad"] = labels.make(gr.Button, "thumb-down", {"value": "reply.bad"}, size="sm", scale=0, min_width=80)
            act["reason"] = labels.make(
                gr.Textbox,
                "thumb-reason",
                {"label": "reply.reason", "placeholder": "reply.reason_hint"},
                lines=1,
                max_lines=1,
                show_label=False,
                container=False,
            )
    return _Output(is_drafting, draft, body, seen, sources, steps, stale, edit, act["draft"]), act


def _wire(
    do: ReplyHandlers, language: gr.Radio, chat: dict[str, Any], form: list[Any], out: _Output, act: dict[str, Any]
) -> Wire:
    """Wire everything; the result is the check of the edited text."""
    quick, slow = runs_as("quick"), runs_as("draft")
    preview = shown(do.preview)
    for field in form:
        field.change(
            preview, [language, out.draft, *form], [chat["preview"], out.stale], trigger_mode="always_last", **quick
        )
    out.draft.change(preview, [language, out.draft, *form], [chat["preview"], out.stale], **quick)
    draft, seat = shown(do.draft), gr.State(Seat())
    others: alternatives_panel.Panel = act["others"]
    writing = []
    for name, tone in (("draft", "normal"), ("shorter", "shorter"), ("warmer", "warmer"), ("formal", "formal")):
        drawn = act[name].click(draft, [language, seat, gr.State(tone), others.language, *form], out.components, **slow)
        writing.append(drawn)
        drawn.then(lambda: False, None, out.is_drafting, **quick)  # whether or not it came to a draft
    offering = shown(do.alternatives)
    writing.append(
        others.go.click(offering, [language, seat, others.language, *form], [others.cards, others.offered], **slow)
    )
    others.cards.act(shown(do.take_alternative), [language, others.offered], [*out.components, others.cards], **quick)
    panel: overrule_panel.Panel = act["overrule"]
    checked = [act["verdict"], act["check"], act["copy"], act["take"], panel.box, panel.which]
    typed = [language, out.draft, out.edit, panel.aside]
    check = Wire(shown(do.check), [*typed, *form], checked)
    out.edit.change(check.run, check.inputs, check.outputs, trigger_mode="always_last", **quick)
    panel.go.click(
        shown(do.overrule),
        [*typed, panel.which, panel.reason, panel.passphrase, *form],
        [panel.aside, panel.reason, panel.passphrase, *checked],
        **quick,
    )
    act["take"].click(shown(do.take), [language, act["verdict"], out.edit], out.edit, **quick)
    act["copy"].click(shown(do.copied), [*typed, *form], None, js=COPY_JS, **quick)
    for name, good in (("good", True), ("bad", False)):
        act[name].click(shown(do.rate), [language, out.draft, gr.State(good), act["reason"]], act["reason"], **quick)
    add = shown(do.add_turn)
    for trigger in (chat["add"].click, chat["text"].submit):
        trigger(add, [language, chat["role"], chat["text"], chat["log"]], [chat["log"], chat["text"]], **quick)
    chat["example"].click(shown(do.example), [language], form, **quick)
    gone = [field for name, field in zip(Form._fields, form, strict=True) if name not in KEPT_FIELDS] + [out.edit]
    panels = [others.cards, *out.components]
    emptied = f"() => {[''] * len(gone)}"  # in the page and at once: what is pasted next is not lost
    chat["clear"].click(None, None, gone, js=emptied, **quick)
    cleared = chat["clear"].click(shown(do.clear), [language, seat], panels, cancels=writing, **quick)
    # A step reads its inputs when it is sent: one to the server and back lets the words of a draft arrive that were on their way.
    arrived = cleared.then(lambda: None, None, None, **quick)
    arrived.then(shown(do.cleared), [language, seat, out.edit], panels, **quick)
    return check
