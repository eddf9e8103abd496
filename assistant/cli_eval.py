"""`kefu eval`: run suites, compare runs, say whether the gate holds, and keep what people decide about it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from assistant.terminal import errors, progress_bars, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import ExitStack

    from assistant.settings import Settings
    from evals.judge import Rating
    from evals.judging import JudgedPair, JudgeReport
    from evals.values import Comparison, EvalRun
    from evals.workers import Workers
    from knowledge.errors import Language

eval_app = typer.Typer(help="评测 | evaluation", no_args_is_help=True)
ReportLanguage = Annotated[
    Literal["zh", "en"] | None, typer.Option("--language", help="报告的语言,缺省按设置 | language of reports")
]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON | print JSON")]
FEW = 400
"""Cases that one process has done before a second has loaded its model."""
_VERDICTS = {
    "better": "变好 | better",
    "worse": "变差 | worse",
    "same": "没有差别 | same",
    "unclear": "说不准 | unclear",
}

_RATINGS: dict[Rating, str] = {
    "as_is": "可以直接发 | as is",
    "edit": "小改后可发 | small edit",
    "unusable": "不能用 | not usable",
    "unsure": "弃权 | abstained",
}


@eval_app.command("run")
def eval_run(
    suites: Annotated[list[str] | None, typer.Argument(help="评测集,缺省为全部 | suites, all by default")] = None,
    baseline: Annotated[
        str, typer.Option(help="基线:运行编号、run.json 或基线名 | a run, its run.json or a baseline's name")
    ] = "",
    out: Annotated[Path | None, typer.Option(help="报告文件夹 | where reports go")] = None,
    jobs: Annotated[int, typer.Option(min=0, max=64, help="进程数,0 为自动 | processes, 0: as fits")] = 0,
    repeats: Annotated[
        int, typer.Option(min=0, max=20, help="大模型每例跑几遍,0 为自动 | runs of each case with a chat model")
    ] = 0,
    fresh: Annotated[bool, typer.Option("--fresh", help="不用已有结果 | run what is cached, too")] = False,
    language: ReportLanguage = None,
    as_json: Json = False,
) -> None:
    """运行评测集;门槛不过则以 1 退出 | run suites; exit status 1 when the gate does not hold."""
    from contextlib import ExitStack

    from assistant.settings import Settings
    from evals.report import write_report
    from evals.runner import as_json as run_json
    from evals.runner import run_suites
    from evals.runs import traces, with_replies

    settings = Settings.read()
    with ExitStack() as stack:
        report = stack.enter_context(progress_bars())
        workers = _workers(settings, jobs, stack)
        run = run_suites(
            settings, workers, suites or (), baseline=baseline, repeats=repeats or None, fresh=fresh, progress=report
        )
    if out:
        before = with_replies(settings.home, baseline) if baseline else None
        told = language or settings.language
        write_report(run, out, before, traces(settings.home, run.run_id), language=told)
    if as_json:
        say(run_json(run))
    else:
        _show(run, language or settings.language)
    if not run.gate.passed:
        raise typer.Exit(1)


def _workers(settings: Settings, jobs: int, stack: ExitStack) -> Callable[[int], Workers]:
    """Called once it is known how much there is to do: with nothing to do, no model is loaded."""

    def ready(cases: int) -> Workers:
        from assistant.application import Kefu
        from assistant.cli import open_kefu
        from evals.workers import Here, Processes

        wanted = jobs or (min(2, os.cpu_count() or 1) if cases > FEW else 1)
        if wanted == 1:
            return Here(stack.enter_context(open_kefu()))
        if not Kefu.is_ready(settings):
            with open_kefu():
                pass  # makes the home ready, and says so
        return Processes(settings, wanted)

    return ready


@eval_app.command("compare")
def eval_compare(run_a: str, run_b: str, as_json: Json = False) -> None:
    """两次运行比一比:B 相对 A | how run B differs from run A."""
    from assistant.settings import Settings
    from evals.compare import compare
    from evals.gate import GateRules
    from evals.runs import load_run

    home = Settings.read().home
    comparison = compare(load_run(home, run_b), load_run(home, run_a), GateRules.load().smallest_effect)
    if as_json:
        say(json.dumps(comparison.model_dump(mode="json"), ensure_ascii=False, indent=2))
    else:
        _show_comparison(comparison)


@eval_app.command("baseline")
def eval_baseline(
    run: str, name: Annotated[str, typer.Option(help="基线的名字 | the baseline's name")] = "release"
) -> None:
    """把一次运行写成要提交的基线 | write a run as a baseline to commit."""
    from assistant.settings import Settings
    from evals.baseline import Baseline, baseline_path
    from evals.runs import load_run

    path = baseline_path(name)
    Baseline.of(load_run(Settings.read().home, run)).write(path)
    say(f"已写入基线,请提交 | baseline written, commit it: {path}")


@eval_app.command("accept")
def eval_accept(
    run: str,
    reason: Annotated[str, typer.Option(help="为什么可以接受 | why it may stay")],
    by: Annotated[str, typer.Option(help="谁来负责 | who answers for it")],
    only: Annotated[str, typer.Option(help="只接受编号以此开头的 | only reds whose key begins so")] = "",
) -> None:
    """写明原因,接受一次运行的红灯;记录要提交 | accept a run's reds with a written reason; commit the record."""
    _decide(run, reason, by, only, "accepted")


@eval_app.command("reject")
def eval_reject(
    run: str,
    reason: Annotated[str, typer.Option(help="为什么不能接受 | why it may not stay")],
    by: Annotated[str, typer.Option(help="谁驳回的 | who turns it down")],
    only: Annotated[str, typer.Option(help="只驳回编号以此开头的 | only reds whose key begins so")] = "",
) -> None:
    """写明原因,驳回一次运行的红灯,或收回先前的接受;记录要提交 | turn a run's reds down, or take an acceptance back."""
    _decide(run, reason, by, only, "rejected")


def _decide(run: str, reason: str, by: str, only: str, decision: Literal["accepted", "rejected"]) -> None:
    from assistant.settings import Settings
    from evals.accepting import ACCEPTED, accept
    from evals.runs import load_run

    kept = load_run(Settings.read().home, run)
    reds = tuple(red for red in kept.gate.reds if red.key.startswith(only))
    if decision == "rejected":
        from evals.gate import GateRules

        # What was accepted before is no red of the run any more, and can still be taken back.
        reds = tuple(red for red in GateRules.load().reds(kept) if red.key.startswith(only)) or reds
    for decided in accept(kept.run_id, reds, reason, by, decision=decision):
        say(
            f"{'已接受 | accepted' if decision == 'accepted' else '已驳回 | rejected'} {decided.red.key}: {decided.red.text}"
        )
    say(f"记录在 | recorded in {ACCEPTED}")


@eval_app.command("report")
def eval_report(
    run: str,
    out: Annotated[Path, typer.Option(help="报告文件夹 | where reports go")],
    language: ReportLanguage = None,
) -> None:
    """为留存的一次运行重写报告,连同已有的评审 | write a kept run's reports again, judgements with them."""
    from assistant.settings import Settings
    from evals.judging import reports
    from evals.report import write_report
    from evals.runs import kept_runs, load_run, traces

    settings = Settings.read()
    home = settings.home
    kept = load_run(home, run)
    baseline = kept.comparison.baseline if kept.comparison else ""
    # A committed baseline keeps no words: side by side needs the run itself.
    before = load_run(home, baseline) if baseline in kept_runs(home) else None
    told = language or settings.language
    write_report(kept, out, before, traces(home, kept.run_id), reports(home, kept.run_id), told)
    say(f"已写入 | written: {out / 'report.html'}")


@eval_app.command("judge")
def eval_judge(
    run: str,
    limit: Annotated[int | None, typer.Option(min=1, help="最多评几条 | drafts to judge at most")] = None,
    against: Annotated[str, typer.Option(help="再和这次运行比 | a run judged before, to compare with")] = "",
    as_json: Json = False,
) -> None:
    """请大模型评审一次运行的草稿,并列出它与人工盲标的一致程度 | let the chat model judge a run's golden drafts.

    Exit status 1 when some could not be judged; run it again to go on.
    """
    from assistant.settings import Settings
    from evals.judge import ChatJudge
    from evals.judging import compared, judge_run
    from evals.runs import load_run

    settings = Settings.read()
    kept = load_run(settings.home, run)
    before = load_run(settings.home, against).run_id if against else ""
    judge = ChatJudge(settings)
    with progress_bars() as report:
        judged = judge_run(settings.home, kept, judge, judge.name, limit, report)
    pairs = compared(settings.home, before, kept.run_id) if before else ()
    if as_json:
        printed = judged.model_dump(mode="json") | {"caveat": judged.caveat[1]}
        printed["compared"] = [pair.model_dump(mode="json") for pair in pairs]
        say(json.dumps(printed, ensure_ascii=False, indent=2))
    else:
        _show_judged(judged, pairs)
    if judged.errors:
        raise typer.Exit(1)


def _show_judged(report: JudgeReport, pairs: Sequence[JudgedPair]) -> None:
    zh, en = report.caveat
    say(f"评审 | judge: {report.judge}\n可信程度 | trust: {zh} | {en}")
    for rating, name in _RATINGS.items():
        share = report.share(rating)
        said = f"  {name}: {report.counts.get(rating, 0)}"
        say(said + (f" ({share:.0%})" if share is not None and rating != "unsure" else ""))
    for case, why in report.errors.items():
        errors.print(f"  没评成 | not judged {case}: {why}", markup=False)
    if report.left:
        errors.print(f"  还有 {report.left} 条没评,再运行一次会接着评 | {report.left} left: run it again", markup=False)
    for pair in pairs:
        say(
            f"  与基线比 | against: 可直接发 | as is {pair.before:.0%} → {pair.now:.0%}"
            f" ({pair.cases} 条 | cases, 变好 | better {pair.better}, 变差 | worse {pair.worse}, p={pair.p:.2g}; {zh} | {en})"
        )


def _show(run: EvalRun, language: Language) -> None:
    say(f"运行 | run {run.run_id}")
    for suite in run.suites.values():
        say(
            f"\n{suite.name}:用例 {len(suite.results)}  通过 {suite.count('passed')}  未通过 {suite.count('failed')}  出错 {suite.count('error')}"
        )
        say("  " + "  ".join(f"{k}={v:g}" for k, v in suite.metrics.items() if "." not in k))
        for result in [r for r in suite.results if not r.passed][:10]:
            say(f"  {result.id}: {';'.join(result.told(language))}")
    if run.comparison:
        say("")
        _show_comparison(run.comparison)
    say("\n门槛 | gate: " + ("通过 | holds" if run.gate.passed else "未通过 | does not hold"))
    for reason in run.gate.told(language):
        say(f"  {reason}")
    cost = run.cost
    said = f"{cost.seconds:.1f} s: 新跑 | run {cost.computed}, 沿用 | cached {cost.cached}"
    if cost.calls:
        said += f", 大模型 | chat model: {cost.calls} 次 | calls, {cost.written_chars} 字 | characters written"
    errors.print(said, markup=False)


def _show_comparison(comparison: Comparison) -> None:
    say(f"与基线比 | against {comparison.baseline}")
    for lost in comparison.lost:
        say(f"  {lost.zh} | {lost.en}")
    plain = {e.metric: e for e in comparison.effects}
    for metric, verdict in comparison.verdicts.items():
        effect = plain.get(metric)
        if verdict == "same" and metric.count(".") > 1:
            continue
        text = f"  {metric}: {_VERDICTS[verdict]}"
        if effect:
            text += f"  {effect.before:.3f} → {effect.now:.3f} [{effect.low:+.3f}, {effect.high:+.3f}] p={effect.p_corrected:.2g}"
        if effect and effect.more_cases:
            text += f"  再多 {effect.more_cases} 例可定 | {effect.more_cases} more cases would tell"
        say(text)
    if comparison.null:
        null = comparison.null
        say(f"  自比 | against itself: {null.false_verdicts}/{null.rounds} 误判 | false verdicts")
    for case in comparison.regressed:
        say(f"  变差 | regressed: {case}")
    for case in comparison.improved:
        say(f"  变好 | improved: {case}")
