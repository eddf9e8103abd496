"""Cases on the report: what was said before and what is said now, why, and the whole trace behind a click."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evals.report_markup import differences, esc, folded, table
from evals.values import CaseResult, CaseTrace, CheckedReply

_OUTCOME = {"passed": "通过", "failed": "没通过", "error": "没跑成"}
_VERDICT = {"pass": "放行", "block": "拦下", "unknown": "没能检查"}
_SEVERITY = {"block": "拦截", "warn": "提醒", "note": "提示"}


def case(
    result: CaseResult,
    mark: str = "",
    before: CaseResult | None = None,
    traces: Sequence[CaseTrace] = (),
) -> str:
    """One case. `mark` says what became of it since the baseline; `before` is the baseline's result, if it has one."""
    tags = " · ".join(t for t in result.tags if t)
    note = f"<b class='mark'>{esc(mark)}</b> " if mark else ""
    reasons = "".join(f"<li>{esc(r)}</li>" for r in result.reasons)
    return (
        f"<article class='{result.outcome}'><h3>{note}{esc(result.id)} <small>{esc(tags)}</small></h3>"
        f"{_said(result.shown)}{drafts(before, result)}<ul>{reasons}</ul>"
        f"{''.join(folded(_title(t), trace(t), 'trace') for t in traces)}</article>"
    )


def _said(text: str) -> str:
    return f"<pre class='shown'>{esc(text)}</pre>" if text else ""


def drafts(before: CaseResult | None, now: CaseResult) -> str:
    """The reply, beside the baseline's where that is known, with what differs marked."""
    if before is None:
        return f"<pre>{esc(now.reply)}</pre>" if now.reply else ""
    if not before.reply:
        known = "基线文件不存回复原文,只知道当时" + _OUTCOME[before.outcome]
        return f"<div class='pair'><p class='unknown'>{esc(known)}</p><pre>{esc(now.reply)}</pre></div>"
    if before.reply == now.reply:
        return f"<p class='quiet'>回复一字未变。</p><pre>{esc(now.reply)}</pre>"
    old, new = differences(before.reply, now.reply)
    return (
        f"<div class='pair'><div><h4>基线({_OUTCOME[before.outcome]})</h4><pre class='before'>{old}</pre></div>"
        f"<div><h4>现在({_OUTCOME[now.outcome]})</h4><pre class='now'>{new}</pre></div></div>"
    )


def _title(seen: CaseTrace) -> str:
    return f"过程(第 {seen.repeat + 1} 遍)" if seen.result.repeats > 1 else "过程"


def trace(seen: CaseTrace) -> str:
    """Everything that was seen while the case ran, stage by stage; stages with nothing to tell are left out."""
    return (
        _situation(seen)
        + _block("检索到", table(("手册", "章节", "得分", "为什么"), [(h.document, h.section, h.score, h.why) for h in seen.hits]))
        + _block("计划", table(("情形", "一步", "技巧"), [(s.situation, s.move, s.technique) for s in seen.plan]))
        + _block("起草的原文", "".join(f"<pre>{esc(text)}</pre>" for text in seen.proposals))
        + _block("护栏", _checked(seen.checked))
        + _block("检查", table(("检查", "结果", "原因"), [(c.check, "✓" if c.passed else "✕", c.reason) for c in seen.result.checks]))
        + _block("用时(毫秒)", _timings(seen.timings_ms) or f"<p>{seen.result.seconds * 1000:.0f}</p>")
    )  # fmt: skip


def _block(title: str, content: str) -> str:
    return f"<h4>{esc(title)}</h4>{content}" if content else ""


def _situation(seen: CaseTrace) -> str:
    if seen.situation is None:
        return ""
    s = seen.situation
    rows = [
        ("阶段", s.stage),
        ("诉求", "、".join(s.intents)),
        ("情绪", s.emotion),
        ("顾客类型", s.customer_type),
        ("风险", "、".join(s.risks)),
        ("语言", s.language),
        ("起草", seen.engine),
        ("说明", seen.notice),
    ]
    return _block("读到的情况", table(("", ""), [row for row in rows if row[1]]))


def _checked(replies: Sequence[CheckedReply]) -> str:
    """Each reply that the guardrails read; the second and later ones are repairs."""
    out = ""
    for number, reply in enumerate(replies):
        head = ("初稿" if number == 0 else f"第 {number} 次修改") + ":" + _VERDICT.get(reply.verdict, reply.verdict)
        found = [(_SEVERITY.get(f.severity, f.severity), f.category, f.rule, f.text) for f in reply.findings]
        out += f"<p>{esc(head)}</p><pre>{esc(reply.reply)}</pre>" + table(("级别", "类别", "规则", "原文"), found)
    return out


def _timings(timings: Mapping[str, float]) -> str:
    return table(tuple(timings), [tuple(f"{v:.1f}" for v in timings.values())]) if timings else ""
