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

from assistant.terminal import say
from evals.golden import GoldenCase, wording_faults
from evals.golden_replies import misjudged
from evals.lint_faults import Fault
from evals.lint_material import Material
from evals.lint_slices import thin_categories, too_few, unbalanced
from evals.lint_text import NearCopies, Text
from evals.origin import Sourced

SAME_TALK = 0.5
"""Jaccard of three-grams from which two golden talks tell one story; the nearest two of today's are at 0.2."""
SAME_QUERY = 0.75
SAME_WORDS = 0.8
"""From which a suite's text is taken to be the very text that something was made from, a character or two changed."""


def lint(material: Material) -> tuple[Fault, ...]:
    """Every fault of the suites, the gravest kinds first: names, copies, contradictions, leaks, balance."""
    return (
        *_unknown_names(material),
        *_unsourced(material),
        *_copies(material),
        *_contradictions(material),
        *_leaks(material),
        *(unbalanced(material.golden) if material.golden else ()),
        *(too_few(material.golden) if material.golden else ()),
        *thin_categories(material),
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
