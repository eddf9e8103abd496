"""What a build consists of, and what it has lost: a guardrail category without rules, a manual, a prompt's variable."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import prompts
from assistant.guardrails.rulefile import RULES, load_rules
from assistant.settings import Settings
from assistant.values import Category
from evals.fingerprint import live_manuals
from evals.values import EvalRun, Inventory, Lost
from knowledge import datafile
from knowledge.cases import CaseBook
from knowledge.phrasebook import PHRASEBOOKS, Phrasebook
from knowledge.points import PointBook
from knowledge.situations import SITUATIONS, SituationCatalogue

LIBRARY = Path(__file__).parents[1] / "knowledge" / "library" / "manuals"
"""As in assistant/application.py, which takes seconds to import."""
THINNER = 0.9
"""A manual with less than this share of its passages has lost some."""


def take(settings: Settings, found: Mapping[str, str]) -> Inventory:
    """What there is now; `found` are its hashes. DataFileError names the first file that can't be read.

    Kept beside the runs: reading all the data again takes longer than a run with nothing to do.
    """
    key = hashlib.sha256(repr(sorted(found.items())).encode()).hexdigest()[:16]
    kept = settings.home / "evals" / "cache" / f"inventory-{key}.json"
    try:
        return Inventory.model_validate_json(kept.read_bytes())
    except (OSError, ValueError):
        inventory = _read(settings, found)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(inventory.model_dump_json(), encoding="utf-8")
    return inventory


def rules_in(folder: Path) -> dict[str, tuple[str, ...]]:
    """The ids of the rules in a folder of rule files, by category."""
    rules: dict[str, list[str]] = defaultdict(list)
    for file in load_rules(folder):
        rules[file.category] += [rule.id for rule in file.rules]
    return {name: tuple(ids) for name, ids in sorted(rules.items())}


def prompts_in(folder: Path) -> dict[str, tuple[str, ...]]:
    """The variables of the prompts in a folder, by name."""
    return {path.stem: datafile.load(path, prompts.Prompt).variables for path in sorted(folder.glob("*.yaml"))}


def _read(settings: Settings, found: Mapping[str, str]) -> Inventory:
    moves: Counter[str] = Counter()
    for entry in Phrasebook.load(PHRASEBOOKS).entries:
        moves[entry.situation] += len(entry.moves)
    for point in PointBook.load().points:
        moves[point.id] += len(point.moves)
    for case in CaseBook.load().cases:
        moves[f"case {case.id}"] += len(case.reply)
    return Inventory(
        rules=rules_in(RULES),
        library=tuple(sorted(path.stem for path in LIBRARY.glob("*.md"))),
        manuals=dict(sorted(live_manuals(settings.home).items())),
        phrasebook=dict(sorted(moves.items())),
        prompts=prompts_in(prompts.PROMPTS),
        situations=len(SituationCatalogue.load(SITUATIONS).everything),
        prints=dict(found),
    )


def missing(inventory: Inventory) -> tuple[Lost, ...]:
    """What every build must have, whatever it is compared with: rules for each category that there is."""
    return tuple(
        Lost(
            key=f"rules.{category}",
            zh=f"护栏类别 {category} 没有规则文件",
            en=f"the guardrail category {category} has no rule file",
        )
        for category in get_args(Category)
        if not inventory.rules.get(category)
    )


def lost(now: Inventory, before: Inventory) -> tuple[Lost, ...]:
    """What the earlier build had and this one has not. Single rules that went are told, and are not red by themselves."""
    found: list[Lost] = []
    for category, ids in before.rules.items():
        gone = sorted(set(ids) - set(now.rules.get(category, ())))
        if category not in now.rules:
            found.append(
                _lost(
                    f"rules.{category}",
                    f"护栏类别 {category} 的规则没有了({len(ids)} 条)",
                    f"the rules of {category} are gone ({len(ids)})",
                )
            )
        elif gone:
            found.append(
                _lost(f"rule.{category}", f"护栏类别 {category} 少了规则:{'、'.join(gone)}", f"{category} lost the rules {', '.join(gone)}", red=False)
            )  # fmt: skip
    for title, count in before.manuals.items():
        left = now.manuals.get(title, 0)
        if not left:
            found.append(
                _lost(
                    f"manual.{title}",
                    f"手册《{title}》没有了(原有 {count} 段)",
                    f"the manual {title} is gone (it had {count} passages)",
                )
            )
        elif left < count * THINNER:
            found.append(
                _lost(
                    f"manual.{title}",
                    f"手册《{title}》从 {count} 段减到 {left} 段",
                    f"the manual {title} went from {count} passages to {left}",
                )
            )
    for name in sorted(set(before.library) - set(now.library)):
        found.append(_lost(f"library.{name}", f"随附手册 {name} 没有了", f"the shipped manual {name} is gone"))
    for situation in sorted(before.phrasebook.keys() - now.phrasebook.keys()):
        found.append(
            _lost(
                f"phrasebook.{situation}",
                f"情境 {situation} 没有话术了",
                f"the situation {situation} has no wordings any more",
            )
        )
    for name, variables in before.prompts.items():
        if name not in now.prompts:
            found.append(_lost(f"prompt.{name}", f"提示词 {name} 没有了", f"the prompt {name} is gone"))
            continue
        for variable in sorted(set(variables) - set(now.prompts[name])):
            found.append(
                _lost(
                    f"prompt.{name}.{variable}",
                    f"提示词 {name} 不再用 ${variable}",
                    f"the prompt {name} no longer uses ${variable}",
                )
            )
    return tuple(found)


def vanished(run: EvalRun, before: EvalRun, authored: frozenset[str]) -> tuple[Lost, ...]:
    """Cases of authored suites that the baseline judged and this run has not: the oldest way to a green."""
    found = []
    for name in sorted(run.suites.keys() & before.suites.keys() & authored):
        gone = sorted({r.id for r in before.suites[name].results} - {r.id for r in run.suites[name].results})
        if gone:
            some = "、".join(gone[:5]) + ("…" if len(gone) > 5 else "")
            found.append(
                _lost(
                    f"cases.{name}",
                    f"评测集 {name} 少了 {len(gone)} 个用例:{some}",
                    f"{name} lost {len(gone)} cases: {some}",
                )
            )
    return tuple(found)


def _lost(key: str, zh: str, en: str, *, red: bool = True) -> Lost:
    return Lost(key=key, zh=zh, en=en, red=red)
