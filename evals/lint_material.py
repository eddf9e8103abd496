"""What the linter reads: every suite, every text that the product was made from, every name there is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from pydantic import Field

from assistant.guardrails import rulefile
from assistant.values import Category
from evals.golden import GoldenCase, load_golden
from evals.golden_replies import TriedReply, load_replies
from evals.guard import GuardRow
from evals.guard import load_cases as load_guard
from evals.lint_text import Text
from evals.origin import Sourced
from evals.retrieval import RetrievalCase
from evals.retrieval import load_cases as load_retrieval
from evals.simulation import load_personas
from evals.suite_guard import BLIND, FRESH, GUARD, ORDINARY, SEALED
from evals.suite_injection import load_cases as load_attacks
from evals.suite_shipped import prompt_cases
from evals.suite_situation import load_cases as load_situations
from knowledge.cases import CaseBook
from knowledge.ingest.describe import technique_blocks
from knowledge.meaning.turns import load_turns
from knowledge.phrasebook import Phrasebook
from knowledge.points import PointBook
from knowledge.situations import SituationCatalogue
from knowledge.values import Value

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "assistant" / "guardrails" / "semantic" / "examples"
DEVELOPMENT = ROOT / "tests" / "assistant" / "data"
MANUALS = ROOT / "knowledge" / "library" / "manuals"
SUITES = ROOT / "evals" / "suites"


class Material(Value):
    """`made_from` are texts that rules, situations and wordings were written or trained on: no suite may hold them too.

    `said` are customers' turns of the suites that have no other checks here: situations, attacks and personas.

    `kept_back` are labelled replies that nothing may learn from, so that `guard`, which is learnt from, may not hold them.

    `retrieval` is by file name. `others` are the cases of the suites that are not named here, for where they come from.
    """

    golden: tuple[GoldenCase, ...] = ()
    replies: tuple[TriedReply, ...] = ()
    guard: tuple[GuardRow, ...] = ()
    kept_back: tuple[GuardRow, ...] = ()
    retrieval: dict[str, tuple[RetrievalCase, ...]] = Field(default_factory=dict)
    said: tuple[Text, ...] = ()
    others: tuple[Sourced, ...] = ()
    made_from: tuple[Text, ...] = ()
    techniques: frozenset[str] = frozenset()
    situations: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset(get_args(Category))

    @property
    def everything(self) -> Iterator[Sourced]:
        """Every authored case of every suite."""
        yield from (*self.golden, *self.replies, *self.guard, *self.kept_back, *self.others)
        for cases in self.retrieval.values():
            yield from cases

    @classmethod
    def load(cls) -> Material:
        """All of the project's own data. DataFileError names file and line of what can't be read."""
        catalogue = SituationCatalogue.load()
        return cls(
            golden=load_golden(),
            replies=load_replies(),
            others=(*load_situations(), *load_attacks(), *load_personas(), *prompt_cases()),
            guard=load_guard(GUARD),
            kept_back=tuple(row for path in (FRESH, BLIND, ORDINARY, SEALED) for row in load_guard(path)),
            retrieval={p.stem: load_retrieval(p) for p in sorted(SUITES.glob("retrieval*.jsonl"))},
            said=tuple(_said()),
            made_from=tuple(_made_from(catalogue)),
            techniques=frozenset(
                name
                for manual in MANUALS.glob("*.md")
                for block in technique_blocks(manual.read_text(encoding="utf-8"))
                for name in block.names
            ),
            situations=frozenset(catalogue.by_id),
        )


def _said() -> Iterator[Text]:
    for case in load_situations():
        for message in case.messages:
            if message["role"] == "customer":
                yield Text(source="situation", id=case.id, text=message["text"])
    for attack in load_attacks():
        for text in attack.messages:
            yield Text(source="injection", id=attack.id, text=text)
    for persona in load_personas():
        for line in persona.opening:
            yield Text(source="personas", id=persona.id, text=line)


def _made_from(catalogue: SituationCatalogue) -> Iterator[Text]:
    yield from _library(catalogue)
    for rules in rulefile.load_rules():
        for number, example in enumerate((*rules.block, *rules.passes), 1):
            yield Text(source="rules", id=f"{rules.category}#{number}", text=example.reply)
    # The development sets of the guardrails stand with their tests; an installed copy has none.
    for path in (*sorted(EXAMPLES.glob("*.jsonl")), *sorted(DEVELOPMENT.glob("guard_*.jsonl"))):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            row = json.loads(line)
            yield Text(source=path.stem, id=f"{number}", text=row.get("text") or row.get("reply", ""))


def _library(catalogue: SituationCatalogue) -> Iterator[Text]:
    """What customers are understood by, and what they are told."""
    points = PointBook.load(catalogue=catalogue).points
    cases = CaseBook.load(catalogue=catalogue).cases
    for source, entries in (("situations", catalogue.everything), ("points", points), ("cases", cases)):
        for entry in entries:
            for number, exemplar in enumerate(entry.exemplars, 1):
                yield Text(source=source, id=f"{entry.id}#{number}", text=exemplar)
    for number, turn in enumerate(load_turns(), 1):
        yield Text(source="turns", id=f"{turn.wants}#{number}", text=turn.text)
    moves = [(book.situation, "phrasebooks", move) for book in Phrasebook.load().entries for move in book.moves]
    moves += [(point.id, "points", move) for point in points for move in point.moves]
    moves += [(case.id, "cases", move) for case in cases for move in case.reply]
    for name, source, move in moves:
        for wording in move.wordings:
            yield Text(source=source, id=name, text=wording.zh)
