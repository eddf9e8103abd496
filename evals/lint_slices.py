"""Slices of the suites that are too few, too thin or too fat: each bends every average."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from evals.golden import GoldenCase
from evals.lint_faults import Fault
from evals.lint_material import Material

LEAST_GOLDEN, LEAST_TRADES, LEAST_PLATFORMS, LEAST_TYPES = 150, 20, 4, 13
"""Golden conversations, trades, platforms and customer types (all but 「未定」) that there are at least."""
LEAST_SHARE = {"pre_sale": 0.15, "in_sale": 0.15, "after_sale": 0.25, "general": 0.05}
LEAST_LANGUAGE = {"zh-Hans": 0.6, "zh-Hant": 0.05, "en": 0.02}
MOST_TRADE, MOST_PLATFORM, MOST_TYPE, MOST_SITUATION = 0.15, 0.4, 0.25, 0.06
LEAST_BLOCK, LEAST_PASS = 5, 3
"""Rows of a guardrail category to block and to pass, below which its recall is a matter of luck."""


def unbalanced(cases: tuple[GoldenCase, ...]) -> Iterator[Fault]:
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


def too_few(cases: tuple[GoldenCase, ...]) -> Iterator[Fault]:
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


def thin_categories(material: Material) -> Iterator[Fault]:
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
