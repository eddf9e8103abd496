"""`python -m evals.lint`: what is wrong with the suites themselves, before anything is measured with them.

Copies and near copies within a suite count one thing twice; a reference that fails its own case fails good drafts; text
that rules or wordings were made from measures memory; a slice too thin or too fat bends every average. Exit status 1
when there is a fault. Nothing is written, no model is needed.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Literal

from assistant.terminal import say
from evals.golden import GoldenCase, wording_faults
from evals.golden_replies import misjudged
from evals.lint_material import Material
from evals.lint_text import NearCopies, Text
from evals.origin import Sourced
from knowledge.values import Value

FaultKind = Literal["duplicate", "near_duplicate", "contradiction", "leak", "unbalanced", "unknown_name", "origin"]

SAME_TALK = 0.5
"""Jaccard of three-grams from which two golden talks tell one story; the nearest two of today's are at 0.2."""
SAME_QUERY = 0.75
SAME_WORDS = 0.8
"""From which a suite's text is taken to be the very text that something was made from, a character or two changed."""

LEAST_GOLDEN, LEAST_TRADES, LEAST_PLATFORMS, LEAST_TYPES = 150, 20, 4, 13
"""Golden conversations, trades, platforms and customer types (all but 「未定」) that there are at least."""
LEAST_SHARE = {"pre_sale": 0.15, "in_sale": 0.15, "after_sale": 0.25, "general": 0.05}
LEAST_LANGUAGE = {"zh-Hans": 0.6, "zh-Hant": 0.05, "en": 0.02}
MOST_TRADE, MOST_PLATFORM, MOST_TYPE, MOST_SITUATION = 0.15, 0.4, 0.25, 0.06
LEAST_BLOCK, LEAST_PASS = 5, 3
"""Rows of a guardrail category to block and to pass, below which its recall is a matter of luck."""


class Fault(Value):
    """One thing wrong, where, and what to do about it."""

    kind: FaultKind
    where: tuple[str, ...]
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.kind}\t{' | '.join(self.where)}\t{self.zh}\t{self.en}"


def lint(material: Material) -> tuple[Fault, ...]:
    """Every fault of the suites, the gravest kinds first: names, copies, contradictions, leaks, balance."""
    return (
        *_unknown_names(material),
        *_unsourced(material),
        *_copies(material),
        *_contradictions(material),
        *_leaks(material),
        *(_unbalanced(material.golden) if material.golden else ()),
        *(_too_few(material.golden) if material.golden else ()),
        *_thin_categories(material),
    )


def _unknown_names(material: Material) -> Iterator[Fault]:
    for case in material.golden:
        for name in (t for t in case.techniques if t not in material.techniques):
            yield Fault(
                kind="unknown_name",
                where=(case.id,),
                zh=f"馆藏里没有技巧「{name}」:改成教材里的名字",
                en=f"no manual teaches {name!r}: use the name that the library has",
            )
        if case.situation not in material.situations:
            yield Fault(
                kind="unknown_name",
                where=(case.id,),
                zh=f"没有情境 {case.situation}:改成情境库里的编号",
                en=f"there is no situation {case.situation}: use an id of the catalogue",
            )
    known = material.categories | {"ordinary"}
    for row in (r for r in (*material.guard, *material.kept_back) if r.category not in known):
        yield Fault(
            kind="unknown_name",
            where=(row.id,),
            zh=f"没有护栏类别 {row.category}",
            en=f"there is no guardrail category {row.category}",
        )


def _unsourced(material: Material) -> Iterator[Fault]:
    """Cases that do not say where they come from, who added them, when, or why; a date to come is none."""
    for case in material.everything:
        lacks = [name for name in ("source", "by", "added", "why") if not getattr(case, name)]
        if case.added and case.added > datetime.now(UTC).date():
            lacks.append("added")
        if lacks:
            yield Fault(
                kind="origin",
                where=(name_of(case),),
                zh=f"没有写明 {'、'.join(lacks)}:写在这一行里,或在 suites/sources.yaml 里替整个文件写一次",
                en=f"does not say {', '.join(lacks)}: give it in the row, or once for the file in suites/sources.yaml",
            )


def name_of(case: Sourced) -> str:
    """What to call a case: its id, or the golden case that a reply belongs to."""
    return str(getattr(case, "id", "") or f"{getattr(case, 'case', '')} (reply)")


def _copies(material: Material) -> Iterator[Fault]:
    ids = Counter(
        [*(c.id for c in material.golden), *(r.id for r in (*material.guard, *material.kept_back))]
        + [c.id for cases in material.retrieval.values() for c in cases]
    )
    for name in (i for i, n in ids.items() if n > 1):
        yield Fault(kind="duplicate", where=(name,), zh="同一个编号用了两次", en="an id is used twice")
    said = defaultdict(list)
    for row in (*material.guard, *material.kept_back):
        said[_circumstances(row.reply, row.model_dump_json(include={"authorised", "order", "messages"}))].append(row)
    for rows in said.values():
        if len(rows) > 1 and len({r.expect for r in rows}) == 1:
            yield Fault(
                kind="duplicate",
                where=tuple(r.id for r in rows),
                zh="同一句回复、同样的授权出现两次:删去一条",
                en="the same reply under the same authorities: remove one",
            )
    talks = NearCopies(Text(source="golden", id=c.id, text=_customer_words(c)) for c in material.golden)
    yield from _near(talks, SAME_TALK)
    for name, cases in material.retrieval.items():
        yield from _near(NearCopies(Text(source=name, id=c.id, text=c.query) for c in cases), SAME_QUERY)


def _near(texts: NearCopies, least: float) -> Iterator[Fault]:
    for one, other, likeness in texts.pairs(least):
        yield Fault(
            kind="near_duplicate",
            where=(str(one), str(other)),
            zh=f"几乎一样({likeness:.0%}):留一条,或把另一条改成别的情形",
            en=f"nearly the same ({likeness:.0%}): keep one, or make the other a different story",
        )


def _contradictions(material: Material) -> Iterator[Fault]:
    for case in material.golden:
        for reason in wording_faults(case, case.reference):
            yield Fault(
                kind="contradiction",
                where=(case.id,),
                zh=f"参考回复过不了自己的检查:{reason}",
                en=f"the reference fails its own checks: {reason}",
            )
    for reply, why in misjudged({case.id: case for case in material.golden}, material.replies):
        good = "好回复" if reply.good else "差回复"
        yield Fault(
            kind="contradiction",
            where=(name_of(reply),),
            zh=f"检查把这条{good}判错了:{why}",
            en=f"the checks misjudge this {'good' if reply.good else 'bad'} reply: {why}",
        )
    verdicts = defaultdict(list)
    for row in material.guard:
        circumstances = row.model_dump_json(include={"authorised", "order", "messages"})
        verdicts[_circumstances(row.reply, circumstances)].append(row)
    for rows in verdicts.values():
        if len({r.expect for r in rows}) > 1:
            yield Fault(
                kind="contradiction",
                where=tuple(r.id for r in rows),
                zh="同一句回复、同样的授权,一处要拦一处要放",
                en="the same reply under the same authorities is to block and to pass",
            )


def _leaks(material: Material) -> Iterator[Fault]:
    made_from = NearCopies(material.made_from)
    yield from _copied(_measured(material), made_from)
    learnt = NearCopies(
        [*material.made_from, *(Text(source="guard", id=row.id, text=row.reply) for row in material.guard)]
    )
    yield from _copied((Text(source="kept back", id=r.id, text=r.reply) for r in material.kept_back), learnt)
    yield from _chosen_by(material)


def _copied(measured: Iterable[Text], made_from: NearCopies) -> Iterator[Fault]:
    for asked in measured:
        rows = dict(made_from.of(asked.text, SAME_WORDS))
        for row in sorted(rows, key=lambda r: -rows[r])[:1]:
            yield Fault(
                kind="leak",
                where=(str(asked), str(made_from.texts[row])),
                zh=f"评测里的这句和造规则、造话术用的那句几乎一样({rows[row]:.0%}):改写其中一句",
                en=f"the suite holds what something was made from ({rows[row]:.0%}): reword one of them",
            )


def _chosen_by(material: Material) -> Iterator[Fault]:
    held = [(n, c) for n, cases in material.retrieval.items() if n.endswith("_held") for c in cases]
    chosen_by = NearCopies(
        Text(source=n, id=c.id, text=c.query)
        for n, cases in material.retrieval.items()
        if not n.endswith("_held")
        for c in cases
    )
    for name, case in held:
        for row, likeness in chosen_by.of(case.query, SAME_QUERY):
            yield Fault(
                kind="leak",
                where=(f"{name} {case.id}", str(chosen_by.texts[row])),
                zh=f"留作验证的问题和用来挑选的问题几乎一样({likeness:.0%})",
                en=f"a held-back question is nearly one that was chosen by ({likeness:.0%})",
            )


def _measured(material: Material) -> Iterator[Text]:
    yield from material.said
    for row in material.guard:
        yield Text(source="guard", id=row.id, text=row.reply)
    for name, cases in material.retrieval.items():
        for case in cases:
            yield Text(source=name, id=case.id, text=case.query)
    for golden in material.golden:
        for message in golden.messages:
            if message["role"] == "customer":
                yield Text(source="golden", id=golden.id, text=message["text"])
        yield Text(source="golden", id=f"{golden.id} reference", text=golden.reference)


def _unbalanced(cases: tuple[GoldenCase, ...]) -> Iterator[Fault]:
    whole = len(cases)
    for share, least in (
        (_shares((c.stage for c in cases), whole), LEAST_SHARE),
        (_shares((c.language for c in cases), whole), LEAST_LANGUAGE),
    ):
        for name, floor in least.items():
            if share.get(name, 0.0) < floor:
                yield _out_of_balance(name, share.get(name, 0.0), f"至少 {floor:.0%}", f"at least {floor:.0%}")
    for share, most in (
        (_shares((c.trade for c in cases), whole), MOST_TRADE),
        (_shares((str(c.policy.get("platform")) for c in cases), whole), MOST_PLATFORM),
        (_shares((c.customer_type for c in cases if c.customer_type != "未定"), whole), MOST_TYPE),
        (_shares((c.situation for c in cases), whole), MOST_SITUATION),
    ):
        for name, part in share.items():
            if part > most:
                yield _out_of_balance(name, part, f"至多 {most:.0%}", f"at most {most:.0%}")


def _too_few(cases: tuple[GoldenCase, ...]) -> Iterator[Fault]:
    for zh, en, count, least in (
        ("对话", "conversations", len(cases), LEAST_GOLDEN),
        ("行业", "trades", len({c.trade for c in cases}), LEAST_TRADES),
        ("平台", "platforms", len({c.policy.get("platform") for c in cases} - {None}), LEAST_PLATFORMS),
        ("顾客类型", "customer types", len({c.customer_type for c in cases} - {"未定"}), LEAST_TYPES),
    ):
        if count < least:
            yield Fault(
                kind="unbalanced",
                where=("golden", en),
                zh=f"{zh}只有 {count} 种,至少要 {least}",
                en=f"{count} {en}, should be at least {least}",
            )


def _shares(names: Iterable[str], whole: int) -> dict[str, float]:
    return {name: count / whole for name, count in Counter(names).items()}


def _out_of_balance(name: str, share: float, zh: str, en: str) -> Fault:
    return Fault(
        kind="unbalanced",
        where=("golden", name),
        zh=f"占 {share:.0%},应{zh}:补别的或补这类",
        en=f"{share:.0%} of the cases, should be {en}",
    )


def _thin_categories(material: Material) -> Iterator[Fault]:
    if not material.guard:
        return
    counts = Counter((r.category, r.expect) for r in material.guard)
    for category in sorted(material.categories):
        block, passes = counts[category, "block"], counts[category, "pass"]
        if block < LEAST_BLOCK or passes < LEAST_PASS:
            yield Fault(
                kind="unbalanced",
                where=("guard", category),
                zh=f"该拦 {block} 条、该放 {passes} 条,至少要 {LEAST_BLOCK} 和 {LEAST_PASS} 条",
                en=f"{block} to block and {passes} to pass; at least {LEAST_BLOCK} and {LEAST_PASS}",
            )


def _circumstances(reply: str, rest: str) -> tuple[str, str]:
    return reply.strip(), rest


def _customer_words(case: GoldenCase) -> str:
    return "\n".join(m["text"] for m in case.messages if m["role"] == "customer")


def main() -> int:
    """Print every fault of the project's own suites; 1 when there is any."""
    faults = lint(Material.load())
    for fault in faults:
        say(str(fault))
    say(f"{len(faults)} 处问题 | {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
