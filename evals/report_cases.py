"""Cases on the report: what was said before and what is said now, why, and the whole trace behind a click."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evals.report_markup import differences, esc, folded, table
from evals.text import Words
from evals.values import CaseResult, CaseTrace, CheckedReply

ZH = Words()


def case(
    result: CaseResult,
    mark: str = "",
    before: CaseResult | None = None,
    traces: Sequence[CaseTrace] = (),
    w: Words = ZH,
) -> str:
    """One case. `mark` says what became of it since the baseline; `before` is the baseline's result, if it has one."""
    tags = " · ".join(t for t in result.tags if t)
    note = f"<b class='mark'>{esc(mark)}</b> " if mark else ""
    reasons = "".join(f"<li>{esc(r)}</li>" for r in result.told(w.language))
    return (
        f"<article class='{result.outcome}'><h3>{note}{esc(result.id)} <small>{esc(tags)}</small></h3>"
        f"{_said(result.shown)}{drafts(before, result, w)}<ul>{reasons}</ul>{_origin(result, w)}"
        f"{''.join(folded(_title(t, w), trace(t, w), 'trace') for t in traces)}</article>"
    )


def _said(text: str) -> str:
    return f"<pre class='shown'>{esc(text)}</pre>" if text else ""


def _origin(result: CaseResult, w: Words) -> str:
    """Where the case comes from, for who looks at its failure."""
    if result.origin is None:
        return ""
    return f"<p class='quiet origin'>{esc(w('report.origin', **result.origin.model_dump(mode='json')))}</p>"


def drafts(before: CaseResult | None, now: CaseResult, w: Words = ZH) -> str:
    """The reply, beside the baseline's where that is known, with what differs marked."""
    if before is None:
        return f"<pre>{esc(now.reply)}</pre>" if now.reply else ""
    if not before.reply:
        known = w("report.said_by_baseline", outcome=w(f"outcome.{before.outcome}"))
        return f"<div class='pair'><p class='unknown'>{esc(known)}</p><pre>{esc(now.reply)}</pre></div>"
    if before.reply == now.reply:
        return f"<p class='quiet'>{esc(w('report.unchanged'))}</p><pre>{esc(now.reply)}</pre>"
    old, new = differences(before.reply, now.reply)
    then = w("report.then", outcome=w(f"outcome.{before.outcome}"))
    today = w("report.today", outcome=w(f"outcome.{now.outcome}"))
    return (
        f"<div class='pair'><div><h4>{esc(then)}</h4><pre class='before'>{old}</pre></div>"
        f"<div><h4>{esc(today)}</h4><pre class='now'>{new}</pre></div></div>"
    )


def _title(seen: CaseTrace, w: Words) -> str:
    return w("trace.repeat", count=seen.repeat + 1) if seen.result.repeats > 1 else w("trace.title")


def trace(seen: CaseTrace, w: Words = ZH) -> str:
    """Everything that was seen while the case ran, stage by stage; stages with nothing to tell are left out."""
    return (
        _situation(seen, w)
        + _block(w("trace.hits"), table(_head(w, "manual", "section", "score", "why"), [(h.document, h.section, h.score, h.why) for h in seen.hits]))
        + _block(w("trace.plan"), table(_head(w, "intent", "move", "technique"), [(s.situation, s.move, s.technique) for s in seen.plan]))
        + _block(w("trace.proposals"), "".join(f"<pre>{esc(text)}</pre>" for text in seen.proposals))
        + _block(w("trace.guardrails"), _checked(seen.checked, w))
        + _block(w("trace.checks"), table(_head(w, "check", "result", "reason"), [(c.check, "✓" if c.passed else "✕", c.told(w.language)) for c in seen.result.checks]))
        + _block(w("trace.timings"), _timings(seen.timings_ms) or f"<p>{seen.result.seconds * 1000:.0f}</p>")
    )  # fmt: skip


def _block(title: str, content: str) -> str:
    return f"<h4>{esc(title)}</h4>{content}" if content else ""


def _head(w: Words, *columns: str) -> tuple[str, ...]:
    return tuple(w(f"trace.{column}") for column in columns)


def _situation(seen: CaseTrace, w: Words) -> str:
    if seen.situation is None:
        return ""
    s = seen.situation
    rows = [
        ("stage", s.stage),
        ("intents", "、".join(s.intents)),
        ("emotion", s.emotion),
        ("customer_type", s.customer_type),
        ("risks", "、".join(s.risks)),
        ("language", s.language),
        ("engine", seen.engine),
        ("notice", seen.notice),
    ]
    return _block(w("trace.situation"), table(("", ""), [(w(f"trace.{name}"), value) for name, value in rows if value]))


def _checked(replies: Sequence[CheckedReply], w: Words) -> str:
    """Each reply that the guardrails read; the second and later ones are repairs."""
    out = ""
    for number, reply in enumerate(replies):
        verdict = w.named("guarded", reply.verdict)
        head = w("trace.repaired" if number else "trace.first_draft", count=number, verdict=verdict)
        found = [(w.named("severity", f.severity), f.category, f.rule, f.text) for f in reply.findings]
        out += f"<p>{esc(head)}</p><pre>{esc(reply.reply)}</pre>" + table(
            _head(w, "level", "category", "rule", "words"), found
        )
    return out


def _timings(timings: Mapping[str, float]) -> str:
    return table(tuple(timings), [tuple(f"{v:.1f}" for v in timings.values())]) if timings else ""
