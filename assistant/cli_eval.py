"""`kefu eval`: run suites, compare runs, say whether the gate holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from assistant.terminal import progress_bars, say

eval_app = typer.Typer(help="评测 | evaluation", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="输出 JSON | print JSON")]


@eval_app.command("run")
def eval_run(
    suites: Annotated[list[str] | None, typer.Argument(help="评测集,缺省为全部 | suites, all by default")] = None,
    baseline: Annotated[str, typer.Option(help="基线:运行编号或 run.json | a run to compare with")] = "",
    out: Annotated[Path | None, typer.Option(help="报告文件夹 | where reports go")] = None,
    as_json: Json = False,
) -> None:
    """运行评测集;门槛不过则以 1 退出 | run suites; exit status 1 when the gate does not hold."""
    from assistant.cli import open_kefu
    from evals.report import write_report
    from evals.runner import as_json as run_json
    from evals.runner import run_suites

    with open_kefu() as kefu, progress_bars() as report:
        run = run_suites(kefu, suites or (), baseline=baseline, progress=report)
    if out:
        write_report(run, out)
    if as_json:
        say(run_json(run))
    else:
        _show(run)
    if not run.gate.passed:
        raise typer.Exit(1)


@eval_app.command("compare")
def eval_compare(run_a: str, run_b: str, as_json: Json = False) -> None:
    """两次运行比一比:B 相对 A | how run B differs from run A."""
    from assistant.settings import Settings
    from evals.compare import compare
    from evals.runner import load_run

    home = Settings.read().home
    comparison = compare(load_run(home, run_b), load_run(home, run_a))
    if as_json:
        say(json.dumps(comparison.model_dump(mode="json"), ensure_ascii=False, indent=2))
        return
    for metric, verdict in comparison.verdicts.items():
        say(f"{metric}: {verdict}")
    for case in comparison.regressed:
        say(f"变差 | regressed: {case}")
    for case in comparison.improved:
        say(f"变好 | improved: {case}")


def _show(run: object) -> None:
    from evals.values import EvalRun

    assert isinstance(run, EvalRun)
    say(f"运行 | run {run.run_id}")
    for suite in run.suites.values():
        say(
            f"\n{suite.name}:用例 {len(suite.results)}  通过 {suite.count('passed')}  未通过 {suite.count('failed')}  出错 {suite.count('error')}"
        )
        say("  " + "  ".join(f"{k}={v:g}" for k, v in suite.metrics.items() if not k.startswith("recall.")))
        for result in [r for r in suite.results if not r.passed][:10]:
            say(f"  {result.id}: {';'.join(result.reasons)}")
    say("\n门槛 | gate: " + ("通过 | holds" if run.gate.passed else "未通过 | does not hold"))
    for reason in run.gate.reasons:
        say(f"  {reason}")
