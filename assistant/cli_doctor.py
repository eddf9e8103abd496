"""`kefu doctor`: is what is on disk whole, and does the index say what the store says?"""

from __future__ import annotations

import json
from typing import Annotated

import typer

from assistant.settings import Settings
from assistant.terminal import progress_bars, say


def doctor(
    mend: Annotated[bool, typer.Option("--repair", help="修复能修复的 | mend what can be mended")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON | print JSON")] = False,
) -> None:
    """检查知识库与索引 | verify the store against the index. Exit status 1 when something is wrong (still)."""
    from assistant.application import cautioner_of
    from assistant.guardrails import Guardrails
    from knowledge.doctor import examine, repair
    from knowledge.embedding import Embedder

    settings = Settings.read()
    with progress_bars() as report:
        embedder = Embedder.open(settings.home, settings.embedding_model, report, settings.embedding_precision)
        before = examine(settings.home, embedder)
        after = repair(settings.home, embedder, cautioner_of(Guardrails.load()), report) if mend and before else before
    mended = [finding for finding in before if finding not in after]
    if as_json:
        rows = [f.model_dump() | {"repaired": f in mended} for f in (*mended, *after)]
        say(json.dumps({"ok": not after, "findings": rows}, ensure_ascii=False, indent=2))
    else:
        for finding in mended:
            say(f"✓ 已修复 | repaired: {finding.zh} | {finding.en}")
        for finding in after:
            remedy = "" if mend or not finding.mendable else " → kefu doctor --repair"
            say(f"✗ {finding.zh} | {finding.en}{remedy}")
        if not after:
            say(f"{settings.home} 一切正常 | all is well")
    if after:
        raise typer.Exit(1)
