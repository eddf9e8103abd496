"""What the layer is trained on: authored examples, the rule files' own, what the library says, labelled replies."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from assistant.authority import Authority
from assistant.guardrails.clauses import Reading
from assistant.guardrails.fold import fold
from assistant.guardrails.ledger import Ledger
from assistant.guardrails.matching import RuleBook
from assistant.guardrails.rewriting import LAST_RESORT
from assistant.guardrails.rulefile import load_rules
from assistant.guardrails.samples import answer_by
from assistant.guardrails.semantic.discharge import can_be_allowed, category_of
from assistant.guardrails.semantic.examples import load_examples
from assistant.values import Category
from knowledge.datafile import load_rows
from knowledge.values import AuthorityKind

LIBRARY = Path(__file__).parents[3] / "knowledge" / "library"
WORDINGS = {"phrasebooks": ("entries", "moves"), "points": ("points", "moves"), "cases": ("cases", "reply")}
"""What the library says to customers: folders, what their files hold, and what holds the wordings."""

_TOGETHER = 6
"""Neighbouring lines of a file that are kept on one side of a split: authors write twins beside one another."""
_ALIKE = 0.5
"""Share of common runs of four characters from which two texts are kept on one side of a split."""
_ITEM = {"{item}": "东西"}
_SLOT = re.compile(r"\{[a-z_]+\}")
_HAN = re.compile(r"[\u3400-\u9fff]")
_FRAGMENT = 16
"""Characters of a bubble that is only part of what an agent has to say."""
_AROUND = " ,。!?;:~…"
_DEPENDS = re.compile(
    r"不(?:是|能|敢|会|可以|可能|好)[^,。]{0,3}(?:说|应|讲|答应|保证|承诺)|如果|要是|假如|万一|的话|除非|骗|谎|假冒|冒充|有人|别人|[「『“\"]|写着|说是|\bif\b|\bsay"
)
"""Words of a line whose clauses, by themselves, may say what the line does not."""


Part = tuple[int, int, tuple[Category, ...], tuple[AuthorityKind, ...] | None]
"""Characters [start, end) of a text, what they breach, and what would allow it (None: not told)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One text to learn from: folded, and as it was `said`. `group` is the same for lines that a split must not part.

    `parts` are its pieces [start, end) with what each of them breaches, where that is known; none: the whole is one.
    `allows` are the kinds of authority that would make it fine; None where nobody has said.
    """

    text: str
    acts: tuple[Category, ...]
    voice: str
    source: str
    group: int = 0
    said: str = ""
    parts: tuple[Part, ...] = ()
    allows: tuple[AuthorityKind, ...] | None = ()


class _Labelled(BaseModel):
    """A reply with a verdict, as the labelled sets have it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    reply: str
    expect: Literal["block", "pass"]
    category: Category | Literal["ordinary", "promise"]
    authorised: tuple[str, ...] = ()
    style: str = "plain"
    order: object = None
    messages: tuple[object, ...] = ()


def gather(also: Iterable[Path] = ()) -> tuple[Line, ...]:
    """Every line once, in a fixed order. `also` are files of labelled replies (id, reply, expect, category, ...)."""
    lines: list[Line] = []
    for name, examples in load_examples().items():
        lines += [Line(e.text, e.acts, e.voice, f"examples/{name}", allows=_kinds(e.acts, e.allows)) for e in examples]
    lines += _of_rules()
    for path in also:
        lines += _of_labelled(path)
    lines += _of_library()
    kept: dict[str, Line] = {}
    for line in lines:
        folded = fold(line.text).text
        kept.setdefault(folded, replace(line, text=folded, said=line.text))
    return _grouped(list(kept.values()))


def _of_rules() -> Iterator[Line]:
    for file in load_rules():
        for example in file.block:
            if example.order is None:
                yield Line(example.reply, (file.category,), "plain", "rules", allows=_kinds((file.category,), ()))
        for rewrite in [file.rewrite, *(r.rewrite for r in file.rules if r.rewrite), LAST_RESORT]:
            yield Line(rewrite.zh, (), "plain", "rewrites")
            yield Line(rewrite.en, (), "english", "rewrites")
        for example in file.passes:
            if example.order is None and not example.authorised:
                yield Line(example.reply, (), "plain", "rules")


def _of_labelled(path: Path) -> Iterator[Line]:
    """One line for each reply; one that passes only because it is authorised is what its twin that blocks says it is."""
    rows = [r for r in load_rows(path, _Labelled) if r.order is None and not r.messages]
    acts: dict[str, set[Category]] = {}
    makes_right: dict[str, tuple[str, ...]] = {}
    for row in rows:
        if row.expect == "pass" and row.authorised:
            makes_right[row.reply] = row.authorised
    for row in rows:
        if row.expect == "block" and row.category != "ordinary":
            told = category_of(makes_right.get(row.reply, ())) if row.category == "promise" else row.category
            if told is not None:
                acts.setdefault(row.reply, set()).add(told)
    for row in rows:
        if row.reply in acts or not row.authorised:
            wrong = tuple(sorted(acts.get(row.reply, ())))
            allows = _kinds(wrong, makes_right.get(row.reply, ()))
            yield Line(row.reply, wrong, row.style, path.stem, allows=allows)


def _kinds(acts: Sequence[Category], allows: Sequence[str]) -> tuple[AuthorityKind, ...] | None:
    """What would allow a line: nothing where nothing can; None where something might but nobody has said what."""
    if not allows and any(can_be_allowed(act) for act in acts):
        return None
    kinds = {Authority.parse(text).kind for text in allows}
    return tuple(sorted({"ship_within_48h" if kind == "ship_within_24h" else kind for kind in kinds}))


def _of_library() -> Iterator[Line]:
    """Wordings that need no authority, their slots filled."""
    for folder, (kind, moves) in WORDINGS.items():
        for path in sorted((LIBRARY / folder).glob("*.yaml")):
            book = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
            for move in (m for entry in book[kind] for m in entry[moves]):
                if move.get("authority"):
                    continue
                for wording in move["wordings"]:
                    said = wording["zh"].replace("{answer_by}", answer_by(wording["zh"]))
                    said = _SLOT.sub(lambda slot: _ITEM.get(slot.group(), ""), said)
                    yield Line(said, (), "plain", folder)
                    if "en" in wording:
                        yield Line(_SLOT.sub("it", wording["en"]), (), "english", folder)


def _grouped(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines with their groups: neighbours in a file, and texts that have much wording in common."""
    parent = list(range(len(lines)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    places: dict[str, int] = {}
    first: dict[tuple[str, int], int] = {}
    holders: dict[str, list[int]] = {}
    runs: list[frozenset[str]] = []
    for i, line in enumerate(lines):
        place = places[line.source] = places.get(line.source, -1) + 1
        if line.source.startswith("examples/"):
            parent[root(i)] = root(first.setdefault((line.source, place // _TOGETHER), i))
        own = frozenset(line.text[k : k + 4] for k in range(max(1, len(line.text) - 3)))
        runs.append(own)
        shared: dict[int, int] = {}
        for run in sorted(own):
            found = holders.setdefault(run, [])
            if len(found) < 60:  # what everybody says tells nothing
                for j in found:
                    shared[j] = shared.get(j, 0) + 1
                found.append(i)
        for j, common in shared.items():
            if common >= max(2, _ALIKE * min(len(own), len(runs[j]))):
                parent[root(i)] = root(j)
    return tuple(replace(line, group=root(i)) for i, line in enumerate(lines))


def composed(lines: Sequence[Line], count: int, seed: int) -> tuple[Line, ...]:
    """Longer replies put together from lines: half of them all fine, half with one bad line among fine ones."""
    rng = random.Random(seed)
    fine = [x for x in lines if not x.acts and len(x.text) <= 60 and _HAN.search(x.text)]
    bad = [x for x in lines if x.acts and len(x.text) <= 60 and _HAN.search(x.text)]
    made = []
    for number in range(count if fine and bad else 0):
        chosen = rng.sample(fine, min(len(fine), rng.randint(2, 4)))
        if number % 2:
            chosen.insert(rng.randint(0, len(chosen)), rng.choice(bad))
        text, parts = "", []
        for line in chosen:
            mark = "" if line.text[-1] in "。!?~" else rng.choice("。。。,")
            parts.append((len(text), len(text) + len(line.text), line.acts, line.allows))
            text += line.text + mark
        acts = tuple(a for line in chosen for a in line.acts)
        known = [line.allows for line in chosen]
        allows = None if None in known else tuple(k for kinds in known for k in kinds or ())
        made.append(
            Line(
                text.rstrip(",") + ("。" if text[-1] == "," else ""),
                acts,
                "long",
                "composed",
                parts=tuple(parts),
                allows=allows,
            )
        )
    return tuple(made)


def fragments(lines: Sequence[Line], count: int, seed: int) -> tuple[Line, ...]:
    """Clauses of harmless lines as lines of their own: agents write in bubbles of a few characters (吊牌剪了没), which a layer
    that was taught whole replies takes for anything. Left out is what a rule finds by itself, and what stood under a
    condition, a negation of what was said before, or in somebody else's mouth.
    """
    book, nothing = RuleBook(load_rules()), Ledger((), None)
    found: dict[str, Line] = {}
    for line in lines:
        if line.acts or _DEPENDS.search(line.text):
            continue
        for clause in Reading(line.text).clauses:
            piece = line.text[clause.start : clause.end].strip(_AROUND)
            if 2 <= len(piece) <= _FRAGMENT and piece != line.text.strip(_AROUND):
                found.setdefault(piece, Line(piece, (), line.voice, "fragments", group=line.group, said=piece))
    rng = random.Random(seed)
    pieces = sorted(found)
    rng.shuffle(pieces)
    harmless = (p for p in pieces if not book.breaches(Reading(p), nothing))
    return tuple(found[p] for p in itertools.islice(harmless, count))
