"""What the reply desk does: each handler reads the form, calls one function and renders what it gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from assistant.application import Kefu
from assistant.conversation import Role
from assistant.desk.alternatives_panel import AlternativesHandlers, asked_language, taken
from assistant.desk.events import Held, Seat, held_value
from assistant.desk.faults import tell
from assistant.desk.form import POLICY_FIELDS, Form, add_turn, check_context, policy_values
from assistant.desk.knowledge_acts import signed
from assistant.desk.overrule_panel import Aside, OverruleHandlers, asides_for, choices
from assistant.desk.render import reply as render
from assistant.desk.sources import Drafted, sources_of
from assistant.desk.text import Words, words
from assistant.engines.clock import shop_now
from assistant.guardrails import CheckContext
from assistant.values import Tone, Verdict
from knowledge.errors import KefuError

EXAMPLE = Form(
    chat_log="小雨的伞 2026-11-20 10:21:05\n这款保温杯看中好几天了\n小雨的伞 2026-11-20 10:21:32\n79有点贵呀,69卖不卖?\n"
    "暖屿家居旗舰店:小乔 2026-11-20 10:22:10\n亲,这款已经是活动价了哦\n小雨的伞 2026-11-20 10:22:41\n别家都能便宜的,就69吧,我马上拍",
    item="云感保温杯 480ml 米白",
    price_yuan="79",
    shop="暖屿家居旗舰店",
    platform="tmall",
    ticked=("refund_7day_no_reason", "ship_within_48h", "invoice"),
    coupon="5",
)
"""A conversation of our own, to see the desk at work."""


class ReplyHandlers:
    """The reply desk's handlers over one Kefu."""

    def __init__(self, kefu: Kefu) -> None:
        self._kefu = kefu
        self._overrules = OverruleHandlers(kefu)
        self._others = AlternativesHandlers(kefu)

    def preview(self, language: str, held: Drafted | None, *fields: object) -> tuple[str, str]:
        """The conversation as bubbles, and whether the draft is older than it."""
        w, form = words(language), Form.of(fields)
        is_stale = held is not None and form.fingerprint() != held.draft.fingerprint
        return render.conversation(form.preview(), w), render.stale(is_stale, w)

    def draft(
        self, language: str, seat: Seat, tone: Tone, reply_language: str | None, *fields: object
    ) -> Iterator[tuple[Any, ...]]:
        """The draft as it grows; when it is whole, its sources, the next steps and the text to edit. It ends where the
        next customer is served.
        """
        w, same, customer = words(language), gr.skip(), seat.customer
        conversation = Form.of(fields).conversation()
        seat.drafted_for = customer
        yield True, same, render.drafting(w), "", "", "", "", same, same
        held: Drafted | None = None
        for draft in self._kefu.stream(conversation, tone, asked_language(reply_language)):
            held = Drafted(draft, conversation)
            sources = sources_of(draft, self._kefu.knowledge.passage)
            body = render.draft(draft, sources, w, whole=False)
            if seat.customer != customer:
                return
            yield same, same, body, self._seen(held, w), same, same, same, same, same
        if held is not None and seat.customer == customer:
            seat.reply = held.draft.reply
            yield False, held, *self._panels(held, w), held.draft.reply, gr.update(value=w("reply.again"))

    def alternatives(
        self, language: str, seat: Seat, reply_language: str | None, *fields: object
    ) -> tuple[str, tuple[Drafted, ...]]:
        """Drafts that differ in strategy, side by side; none once the next customer is served."""
        customer = seat.customer
        offered = self._others.offer(language, Form.of(fields).conversation(), reply_language)
        return offered if seat.customer == customer else ("", ())

    def take_alternative(self, language: str, offered: tuple[Drafted, ...], event: gr.EventData) -> tuple[Any, ...]:
        """The chosen one in the draft's place; the cards go."""
        held = taken(offered, event)
        if held is None:
            tell(language, "alternatives.gone")
            return (*(gr.skip() for _ in range(9)), "")
        w = words(language)
        return False, held, *self._panels(held, w), held.draft.reply, gr.update(value=w("reply.again")), ""

    def _seen(self, held: Drafted, w: Words) -> str:
        names = {entry.id: entry.name for entry in self._kefu.knowledge.catalogue.entries}
        return render.seen(held.draft.situation, held.conversation.messages, names, w)

    def _panels(self, held: Drafted | None, w: Words) -> tuple[str, str, str, str, str]:
        """Draft, what was seen, sources, next steps, and the mark of a draft gone stale (none)."""
        if held is None:
            return render.draft(None, (), w), "", render.no_sources(w), "", ""
        sources = sources_of(held.draft, self._kefu.knowledge.passage)
        body, steps = render.draft(held.draft, sources, w), render.next_steps(held.draft, w)
        return body, self._seen(held, w), render.sources(sources, held, w), steps, ""

    def refresh(self, language: str, is_drafting: bool, held: Drafted | None, *fields: object) -> tuple[Any, ...]:
        """Everything that is shown, once more, in the language now chosen; a draft that is being written fills its own
        panels and is left alone.
        """
        chat, stale = self.preview(language, held, *fields)
        if is_drafting:
            return chat, *(gr.skip() for _ in range(6))
        panels = self._panels(held, words(language))
        again = words(language)("reply.draft" if held is None else "reply.again")
        return chat, *panels[:4], stale, gr.update(value=again)

    def check(
        self, language: str, held: Drafted | None, edit: str, aside: Held[Aside] | None, *fields: object
    ) -> tuple[Any, ...]:
        """The edited text against the guardrails, with what may be done with it now and what may be overruled."""
        w = words(language)
        if not edit.strip():
            return (
                None,
                "",
                gr.update(value=w("reply.copy"), interactive=False, variant="primary"),
                gr.update(visible=False),
                *choices(None, language),
            )
        form = Form.of(fields)
        verdict = self._kefu.check(edit, self._context(held, form), asides_for(aside, form))
        key = {"pass": "reply.copy", "block": "reply.copy_anyway", "unknown": "reply.copy_unknown"}[verdict.verdict]
        copy = gr.update(
            value=w(key),
            interactive=verdict.verdict == "pass",
            variant="primary" if verdict.verdict == "pass" else "secondary",
        )
        mended = bool(verdict.rewrite) and verdict.rewrite != edit
        shown = render.checked(edit, verdict, w)
        return Held(verdict), shown, copy, gr.update(visible=mended), *choices(verdict, language)

    def overrule(
        self,
        language: str,
        held: Drafted | None,
        edit: str,
        aside: Held[Aside] | None,
        which: str | None,
        reason: str | None,
        passphrase: str | None,
        *fields: object,
    ) -> tuple[Any, ...]:
        """Set a finding aside, then check again; reason and passphrase are emptied."""
        form = Form.of(fields)
        draft_id = held.draft.id if held else None
        context = self._context(held, form)
        now = self._overrules.overrule(language, aside, which, reason, passphrase, edit, context, form, draft_id)
        return now, "", "", *self.check(language, held, edit, now, *fields)

    def _context(self, held: Drafted | None, form: Form) -> CheckContext:
        """What the reply may rest on; nothing while the form can't be read, so that typing is checked all the same."""
        try:
            conversation = form.conversation()
        except KefuError:
            return CheckContext()
        passages = [self._kefu.knowledge.passage(c.passage_id) for c in held.draft.citations] if held else []
        return check_context(conversation, tuple(p.text for p in passages if p))

    def take(self, _language: str, held: Held[Verdict] | None, edit: str) -> str:
        """The rewrite in place of the text."""
        verdict = held_value(held)
        if verdict is None or not verdict.rewrite:
            return edit
        self._kefu.audit(signed(None), "rewrite.taken", rules=[f.rule for f in verdict.findings])
        return verdict.rewrite

    def copied(
        self, language: str, held: Drafted | None, edit: str, aside: Held[Aside] | None, *fields: object
    ) -> None:
        """Keep what the agent took against what was drafted, with the verdict under which it was taken."""
        form = Form.of(fields)
        verdict = self._kefu.check(edit, self._context(held, form), asides_for(aside, form))
        rules = [f.rule for f in verdict.findings]
        draft = held.draft.id if held else None
        self._kefu.audit(signed(None), "copied", draft=draft, verdict=verdict.verdict, rules=rules)
        if held is not None:
            self._kefu.learning.sent(held.draft.id, edit)
        tell(language, "reply.copied")

    def rate(self, language: str, held: Drafted | None, good: bool, reason: str) -> str:
        """Keep a thumb with its reason; the reason field is empty again afterwards."""
        if held is None:
            tell(language, "reply.nothing_to_rate")
            return reason
        self._kefu.learning.rate(held.draft.id, good, reason or "")
        tell(language, "reply.thanks")
        return ""

    def add_turn(self, _language: str, role: Role, text: str, chat_log: str | None) -> tuple[str, str]:
        w = words("zh")
        names: dict[Role, str] = {"customer": w("role.customer"), "agent": w("role.agent")}
        return add_turn(chat_log or "", role, text, names), ""

    def preset(self, _language: str, policy_id: str) -> list[object]:
        """The policy's part of the form, as that shop has it today."""
        chosen = next((p for p in self._kefu.policies() if p.id == policy_id), None)
        return [gr.skip() for _ in POLICY_FIELDS] if chosen is None else list(policy_values(chosen, shop_now().date()))

    def example(self, _language: str) -> tuple[object, ...]:
        return tuple(list(value) if isinstance(value, tuple) else value for value in EXAMPLE)

    def clear(self, language: str, seat: Seat) -> tuple[object, ...]:
        """A desk without a draft; the fields are emptied in the page, where nothing typed meanwhile can be lost."""
        seat.customer += 1
        return self._no_draft(language, edit=gr.skip())

    def cleared(self, language: str, seat: Seat, edit: str | None) -> tuple[object, ...]:
        """Once more, for the words of a draft that were on their way when the desk was cleared.

        A text that is empty already is not emptied: what is pasted before this answer arrives would be lost.
        """
        if seat.drafted_for == seat.customer:
            return tuple(gr.skip() for _ in self._no_draft(language, edit))
        return self._no_draft(language, edit="" if edit and edit == seat.reply else gr.skip())

    def _no_draft(self, language: str, edit: object) -> tuple[object, ...]:
        """No cards, not drafting, no draft, panels without one, the text to edit, and a button for the first draft."""
        w = words(language)
        return "", False, None, *self._panels(None, w), edit, gr.update(value=w("reply.draft"))
