"""What people see in the terminal: progress and messages on standard error, results on standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from assistant.values import Draft, Verdict
from knowledge.errors import Language
from knowledge.values import IngestReport, SearchAnswer
from knowledge.values import Progress as Report

_STATUS = {"added": "新增", "replaced": "更新", "unchanged": "未变", "failed": "失败"}
_VERDICT = {"pass": "通过", "block": "拦截", "unknown": "未能检查"}
errors = Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """A line of result."""
    sys.stdout.write(text + "\n")


@contextmanager
def progress_bars() -> Iterator[Report]:
    """A Progress callback that draws a bar for each thing that is being done."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors, transient=False) as bars:
        tasks: dict[str, TaskID] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield report


def show_ingest(report: IngestReport) -> None:
    for document in report.documents:
        say(f"{_STATUS[document.status]}  {document.title}  段落 {document.passages}  提醒 {document.cautions}")
        if document.error:
            say(f"    {document.error['message']}")
        for dropped in document.dropped:
            say(f"    略去 {dropped.count} 处({dropped.reason}):{';'.join(e[:30] for e in dropped.examples[:2])}")


def show_search(answer: SearchAnswer) -> None:
    if answer.situations:
        say("看出:" + "、".join(f"{s.name}({s.score:.2f})" for s in answer.situations[:3]))
    for rank, result in enumerate(answer.results, 1):
        passage = result.passage
        say(f"\n{rank}. {passage.document} > {passage.section}  [{result.score:.3f}]  {result.why}")
        if passage.kind == "bad_example":
            say("   ✗ 反例,不是建议 | what not to say")
        for caution in passage.cautions:
            say(f"   ⚠ {caution.category}:{caution.reason}")
        say("   " + passage.text[:200].replace("\n", "\n   "))


def show_verdict(verdict: Verdict, language: Language = "zh") -> None:
    say(_VERDICT[verdict.verdict])
    for finding in verdict.findings:
        level = "拦截" if finding.severity == "block" else "提醒"
        say(f"  {level} {finding.category} 「{finding.text}」:{finding.said(language)}")
        if advice := finding.advised(language):
            say(f"    可改为:{advice}")
    if verdict.rewrite:
        say(f"  改写:{verdict.rewrite}")


def show_draft(draft: Draft) -> None:
    names = "、".join(m.name for m in draft.situation.matches[:3])
    say(f"看出:{names}  情绪 {draft.situation.emotion}  {_VERDICT[draft.verdict]}  引擎 {draft.engine}")
    if draft.notice:
        say(f"注意:{draft.notice}")
    say("")
    for bubble in draft.bubbles:
        say("  " + bubble)
    for citation in draft.citations:
        said = draft.reply[slice(*citation.span)]
        say(f"\n依据:「{said}」← {citation.document} > {citation.section}\n     「{citation.quote}」")
    for step in draft.next_steps:
        say(f"下一步:{step}")
