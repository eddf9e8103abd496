"""A kept run before the judge: judgements kept as they come, counted, with how far people agree beside every number."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from pydantic import Field

from assistant.engines import EngineError
from evals.golden import GoldenCase, load_golden
from evals.judge import Opinion, Rating
from evals.labels import Agreement, Judgement, Label, agreements, load_labels
from evals.statistics import sign_flip_p
from evals.values import CaseResult, EvalRun
from knowledge.datafile import load_rows
from knowledge.values import Progress, Value

SUITE = "golden"
AT_ONCE = 4
"""Cases that are before the model at the same time."""
PATIENCE = 5
"""Errors in a row after which the rest is not tried: the server is gone, and each try costs its time limit."""
_AS_LABEL: dict[Rating, Judgement] = {"as_is": "good", "edit": "bad", "unusable": "bad", "unsure": "unsure"}
"""People are asked whether a reply can be sent: what needs an edit can't be, as it is."""


class Judged(Value):
    """What the judge `judge` held of the reply to `case` ("golden/id") in a run; `reply` is a hash of its words."""

    run_id: str
    case: str
    judge: str
    reply: str
    opinion: Opinion
    at: datetime


class JudgeReport(Value):
    """How a run stands before one judge. Counts of cases; `errors` says why each of those has no judgement.

    `left` were not tried. `agreement` is with each person who labelled cases of the run blind; without one nobody knows how
    far the figures can be trusted, and `caveat` says so.
    """

    run_id: str
    judge: str
    counts: dict[Rating, int]
    errors: dict[str, str] = Field(default_factory=dict)
    left: int = 0
    agreement: tuple[Agreement, ...] = ()

    @property
    def decided(self) -> int:
        return sum(n for rating, n in self.counts.items() if rating != "unsure")

    def share(self, rating: Rating) -> float | None:
        """Of the cases decided; None where there is none."""
        return self.counts.get(rating, 0) / self.decided if self.decided else None

    @property
    def caveat(self) -> tuple[str, str]:
        """How far to believe it, in Chinese and English: stands beside every number of this judge."""
        if not self.agreement:
            return (
                "没有人工盲标可比,准不准还不知道",
                "no blind labels by people to compare with: how right it is, is unknown",
            )
        told = [(a.first if a.second == self.judge else a.second, a) for a in self.agreement]
        kappa = [(who, a, "-" if a.kappa is None else f"{a.kappa:.2f}") for who, a in told]
        return (
            ";".join(f"与{who}共 {a.cases} 条,一致 {a.agreed} 条,κ={k}" for who, a, k in kappa),
            "; ".join(f"with {who}: {a.agreed} of {a.cases} agreed, kappa {k}" for who, a, k in kappa),
        )


def judgements_path(home: Path) -> Path:
    return home / "evals" / "judgements.jsonl"


def load_judgements(home: Path, run_id: str) -> tuple[Judged, ...]:
    """Those of one run, oldest first; DataFileError names the line of a mistake."""
    path = judgements_path(home)
    return tuple(j for j in load_rows(path, Judged) if j.run_id == run_id) if path.is_file() else ()


def judge_run(
    home: Path,
    run: EvalRun,
    judge: Callable[[GoldenCase, str], Opinion],
    name: str,
    limit: int | None = None,
    progress: Progress = lambda *_: None,
) -> JudgeReport:
    """Judge the run's golden drafts, at most `limit` of them; those that this judge has judged are not asked again.

    Each judgement is written as it comes, so that a killed run goes on where it was.
    """
    done = {(j.case, j.reply) for j in load_judgements(home, run.run_id) if j.judge == name}
    todo = [(case, result) for case, result in _pairs(run) if (_key(result), _hash(result.reply)) not in done]
    wanted = todo[:limit]
    errors: dict[str, str] = {}
    tried = 0
    path = judgements_path(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        for result, answer in _answers(judge, wanted):
            tried += 1
            progress("评审 / judging", tried, len(wanted))
            if isinstance(answer, EngineError):
                errors[_key(result)] = answer.zh
                continue
            at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
            words = _hash(result.reply)
            judged = Judged(run_id=run.run_id, case=_key(result), judge=name, reply=words, opinion=answer, at=at)
            file.write(judged.model_dump_json() + "\n")
            file.flush()
    kept = next((r for r in reports(home, run.run_id) if r.judge == name), None)
    report = kept or JudgeReport(run_id=run.run_id, judge=name, counts={})
    return report.model_copy(update={"errors": errors, "left": len(todo) - tried})


def _answers(
    judge: Callable[[GoldenCase, str], Opinion], wanted: Iterable[tuple[GoldenCase, CaseResult]]
) -> Iterator[tuple[CaseResult, Opinion | EngineError]]:
    """Some at a time, in order, until there are none or nothing but errors came for a while."""

    def ask(pair: tuple[GoldenCase, CaseResult]) -> Opinion | EngineError:
        try:
            return judge(pair[0], pair[1].reply)
        except EngineError as error:
            return error

    waiting, in_a_row = iter(wanted), 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while in_a_row < PATIENCE and (batch := list(islice(waiting, AT_ONCE))):
            for (_, result), answer in zip(batch, pool.map(ask, batch), strict=True):
                in_a_row = in_a_row + 1 if isinstance(answer, EngineError) else 0
                yield result, answer


def reports(home: Path, run_id: str) -> tuple[JudgeReport, ...]:
    """What is kept of a run's judgements, a report for each judge."""
    by_judge: dict[str, dict[str, Judged]] = {}
    for judged in load_judgements(home, run_id):
        by_judge.setdefault(judged.judge, {})[judged.case] = judged
    labels = load_labels(home)
    return tuple(
        JudgeReport(
            run_id=run_id,
            judge=name,
            counts=dict(Counter(j.opinion.rating for j in cases.values())),
            agreement=_agreement(run_id, name, cases.values(), labels),
        )
        for name, cases in by_judge.items()
    )


class JudgedPair(Value):
    """Two runs before the same judge, over the drafts that it decided in both: how many can be sent as they are.

    `p` is the exact McNemar test of `better` against `worse`.
    """

    judge: str
    cases: int
    before: float
    now: float
    better: int
    worse: int
    p: float


def compared(home: Path, before: str, now: str) -> tuple[JudgedPair, ...]:
    """The run `now` beside `before`, for each judge that saw both; none where none did."""
    old, new = _as_is(home, before), _as_is(home, now)
    found = []
    for judge in sorted(old.keys() & new.keys()):
        both = sorted(old[judge].keys() & new[judge].keys())
        if not both:
            continue
        steps = [float(new[judge][c]) - float(old[judge][c]) for c in both]
        found.append(
            JudgedPair(
                judge=judge,
                cases=len(both),
                before=sum(old[judge][c] for c in both) / len(both),
                now=sum(new[judge][c] for c in both) / len(both),
                better=sum(s > 0 for s in steps),
                worse=sum(s < 0 for s in steps),
                p=sign_flip_p(steps),
            )
        )
    return tuple(found)


def _as_is(home: Path, run_id: str) -> dict[str, dict[str, bool]]:
    """By judge and case, whether the draft can be sent as it is; not those it abstained on."""
    found: dict[str, dict[str, bool]] = {}
    for judged in load_judgements(home, run_id):
        if judged.opinion.rating != "unsure":
            found.setdefault(judged.judge, {})[judged.case] = judged.opinion.rating == "as_is"
    return found


def all_agreements(home: Path, run_id: str) -> tuple[Agreement, ...]:
    """Every two people who labelled cases of the run in common, then each judge with each of them."""
    between_people = agreements(run_id, load_labels(home))
    return (*between_people, *(a for report in reports(home, run_id) for a in report.agreement))


def _agreement(run_id: str, judge: str, cases: Iterable[Judged], labels: Sequence[Label]) -> tuple[Agreement, ...]:
    own = [Label(run_id=run_id, case=j.case, by=judge, label=_AS_LABEL[j.opinion.rating], at=j.at) for j in cases]
    return tuple(a for a in agreements(run_id, (*labels, *own)) if judge in (a.first, a.second))


def _pairs(run: EvalRun) -> Iterator[tuple[GoldenCase, CaseResult]]:
    """The drafts that can be judged: those whose golden conversation is still the one they were written for."""
    cases = {case.id: case for case in load_golden()}
    suite = run.suites.get(SUITE)
    for result in suite.results if suite else ():
        case = cases.get(result.id)
        if case and result.reply and result.shown == case.shown:
            yield case, result


def _key(result: CaseResult) -> str:
    return f"{SUITE}/{result.id}"


def _hash(reply: str) -> str:
    return hashlib.sha256(reply.encode("utf-8", "surrogatepass")).hexdigest()[:16]
