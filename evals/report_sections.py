"""The report's tables and curves: verdicts, slices, what the guardrails confuse, how deep search has to look."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evals.report_charts import Line, chart
from evals.report_markup import esc, folded, table
from evals.text import Said, Words
from evals.values import CaseResult, CaseTrace, Comparison, Effect, EvalRun, MetricVerdict, SuiteResult

if TYPE_CHECKING:  # the judge's own imports are slow
    from evals.judge import Rating
    from evals.judging import JudgeReport

_ORDER: tuple[MetricVerdict, ...] = ("worse", "unclear", "better", "same")
_RATINGS: tuple[Rating, ...] = ("as_is", "edit", "unusable")
PASSING = 300
"""Traces of passing cases of a suite that the page holds at most: a browser must still open it."""
DEPTH = 20
SLICES = 30


def judged_lines(report: JudgeReport, w: Words) -> tuple[str, str]:
    """What a chat model held of a run's drafts, and how far to believe it: never the one without the other."""
    shares = [
        w("judge.share", name=w(f"rating.{rating}"), count=report.counts.get(rating, 0), share=f"{share:.0%}")
        for rating in _RATINGS
        if (share := report.share(rating)) is not None
    ]
    abstained = report.counts.get("unsure", 0)
    return (
        w("judge.line", judge=report.judge, shares=w.listed(shares) or w("judge.none"), abstained=abstained),
        w("judge.trust", caveat=Said(zh=report.caveat[0], en=report.caveat[1])),
    )


@dataclass
class Seen:
    """What the page needs of a run's traces, which are read one at a time: those that it shows, and counts of all.

    `kept` is by "suite/case"; `confused` counts (labelled, found) by suite, where "" is nothing to block.
    """

    kept: dict[str, list[CaseTrace]] = field(default_factory=lambda: defaultdict(list))
    confused: dict[str, Counter[tuple[str, str]]] = field(default_factory=lambda: defaultdict(Counter))
    left_out: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, run: EvalRun, traces: Iterable[CaseTrace], passing: int = PASSING) -> Seen:
        """Every case that failed or changed, and the first `passing` of each suite that passed."""
        seen, room = cls(), Counter[str]()
        changed = {*run.comparison.regressed, *run.comparison.improved} if run.comparison else set()
        for trace in traces:
            key = f"{trace.suite}/{trace.result.id}"
            labelled = trace.result.tags[:1] in (("block",), ("pass",))
            if labelled and trace.checked:
                seen.confused[trace.suite][_label(trace), _found(trace)] += 1
            if trace.result.passed and key not in changed and key not in seen.kept:
                if room[trace.suite] >= passing:
                    seen.left_out[trace.suite] += 1
                    continue
                room[trace.suite] += 1
            seen.kept[key].append(trace)
        return seen


def _label(trace: CaseTrace) -> str:
    return trace.result.tags[1] if trace.result.tags[0] == "block" else ""


def _found(trace: CaseTrace) -> str:
    """The category that blocked; the labelled one where it is among several."""
    found = [f.category for f in trace.checked[-1].findings if f.severity == "block"]
    return _label(trace) if _label(trace) in found else found[0] if found else ""


def verdicts(comparison: Comparison, w: Words) -> str:
    """Whole suites at a glance, slices that say something behind a click, and how far to trust it."""
    effects = sorted(comparison.effects, key=lambda e: _ORDER.index(e.verdict))
    whole = [e for e in effects if e.metric.count(".") == 1]
    slices = [e for e in effects if e.metric.count(".") > 1 and e.verdict != "same"]
    count = Counter(e.verdict for e in whole)
    counted = w.listed([w("report.counted", count=count[v], verdict=w(f"verdict.{v}")) for v in _ORDER if count[v]])
    against = w("report.against", baseline=comparison.baseline, said=counted or w("report.nothing_to_compare"))
    out = f"<p>{esc(against)}</p>"
    if (null := comparison.null) and null.rounds:
        tried = w("report.null", rounds=null.rounds, false=null.false_verdicts, rate=f"{null.rate:.1%}")
        out += f"<p class='quiet'>{esc(tried)}</p>"
    gone = (Said(zh=lost.zh, en=lost.en).told(w.language) for lost in comparison.lost)
    out += "".join(f"<p class='fail'>{esc(text)}</p>" for text in gone)
    shown = [e for e in whole if e.verdict != "same"]
    same = [e for e in whole if e.verdict == "same"]
    return (
        out
        + _effects(shown, w)
        + folded(w("report.same_metrics", count=len(same)), _effects(same, w))
        + folded(w("report.telling_slices", count=len(slices)), _effects(slices, w))
    )


def _effects(effects: Iterable[Effect], w: Words) -> str:
    columns = ("metric", "verdict", "before", "now", "difference", "flips", "", "more")
    head = [w(f"report.{column}") if column else "p" for column in columns]
    return table(head, [_effect(e, w) for e in effects], "verdicts")


def _effect(e: Effect, w: Words) -> tuple[object, ...]:
    more = w("report.more_cases", count=e.more_cases) if e.more_cases else ""
    between = f"{e.difference:+.3f} [{e.low:+.3f}, {e.high:+.3f}]"
    flips = f"{e.better} / {e.worse}"
    return (
        e.metric, w(f"verdict.{e.verdict}"), f"{e.before:.3f}", f"{e.now:.3f}", between, flips, f"{e.p_corrected:.2g}", more,
    )  # fmt: skip


def slices(suite: SuiteResult, before: SuiteResult | None, w: Words) -> str:
    """The share that passed by tag, the worst first; tags with a single case tell nothing."""
    now, then = _by_tag(suite), _by_tag(before.model_copy(update={"results": _tagged(before, suite)})) if before else {}
    rows = sorted(((sum(o) / len(o), tag, o) for tag, o in now.items() if len(o) > 1), key=lambda r: (r[0], r[1]))
    return table(
        tuple(w(f"report.{column}") for column in ("slice", "cases", "passed", "rate", "baseline")),
        [(tag, len(o), sum(o), f"{rate:.1%}", f"{_share(then[tag]):.1%}" if then.get(tag) else "—") for rate, tag, o in rows[:SLICES]],
    )  # fmt: skip


def _tagged(before: SuiteResult, suite: SuiteResult) -> tuple[CaseResult, ...]:
    """A baseline's results with today's tags: a baseline file keeps none."""
    tags = {r.id: r.tags for r in suite.results}
    return tuple(r.model_copy(update={"tags": tags[r.id]}) for r in before.results if r.id in tags)


def _by_tag(suite: SuiteResult) -> dict[str, list[bool]]:
    found: dict[str, list[bool]] = defaultdict(list)
    for result in suite.results:
        for tag in dict.fromkeys(t for t in result.tags if t):
            if result.outcome != "error":
                found[tag].append(result.passed)
    return found


def _share(outcomes: list[bool]) -> float:
    return sum(outcomes) / len(outcomes)


def confusion(counts: Counter[tuple[str, str]], w: Words) -> str:
    """Labelled categories down, what blocked across; what lies off the diagonal is a mistake or another name for it."""
    names = sorted({name for pair in counts for name in pair} - {""})
    if not names:
        return ""
    shown = {"": w("report.let_through"), **{name: name for name in names}}
    found = [name for name in ("", *names) if any(f == name for _, f in counts)]
    head = f"<tr><th>{esc(w('report.labelled'))}</th>" + "".join(f"<th>{esc(shown[f])}</th>" for f in found) + "</tr>"
    body = ""
    for label in (name for name in ("", *names) if any(given == name for given, _ in counts)):
        cells = "".join(_cell(counts[label, f], label == f, bool(label) == bool(f)) for f in found)
        body += f"<tr><th>{esc(shown[label])}</th>{cells}</tr>"
    return f"<div class='wide'><table class='confusion'><thead>{head}</thead><tbody>{body}</tbody></table></div>"


def _cell(count: int, same: bool, right: bool) -> str:
    css = "right" if same else "renamed" if right else "wrong"
    return f"<td class='{css}'>{count}</td>" if count else "<td></td>"


def retrieval(suite: SuiteResult, before: SuiteResult | None, w: Words) -> str:
    """The share of questions with a right passage among the first 1, 2, … results; the baseline dashed."""
    lines = [line for kind in (None, *_kinds(suite)) if (line := _curve(kind or w("report.everything"), suite, kind))]
    if before and (old := _curve(w("report.baseline"), before, None)):
        lines.insert(1, old.model_copy(update={"dashed": True}))
    axis = [str(k) for k in range(1, DEPTH + 1)]
    return chart(w("report.curve"), axis, lines, whole=True) if lines else ""


def _kinds(suite: SuiteResult) -> list[str]:
    return [kind for kind, _ in Counter(r.tags[0] for r in suite.results if r.tags).most_common(6)]


def _curve(name: str, suite: SuiteResult, kind: str | None) -> Line | None:
    asked = [r for r in suite.results if "mrr" in r.marks and (kind is None or r.tags[:1] == (kind,))]
    if not asked:
        return None
    ranks = [round(1 / r.marks["mrr"]) if r.marks["mrr"] else DEPTH + 1 for r in asked]
    return Line(name=name, values=tuple(sum(rank <= k for rank in ranks) / len(ranks) for k in range(1, DEPTH + 1)))
