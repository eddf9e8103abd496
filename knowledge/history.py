"""The versions of a document: who made them and when, what differs between two, and the way back to an older one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import AbstractContextManager
from difflib import SequenceMatcher
from typing import Literal

from knowledge.curation import Publish
from knowledge.errors import KefuError
from knowledge.review import settle
from knowledge.store import Change, KnowledgeStore, PlacedPassage
from knowledge.values import Value


class DocumentVersion(Value):
    """A version of a document, as searches saw it from `at` (ISO 8601, UTC) on; `changes` are those that made it."""

    number: int
    at: str
    who: str
    action: str
    changes: tuple[Change, ...]
    in_use: bool


class Difference(Value):
    """A passage that two versions do not have alike. `left` or `right` is None where one has it not at all."""

    what: Literal["added", "removed", "changed"]
    left: PlacedPassage | None
    right: PlacedPassage | None


class Versions:
    """Raises KefuError "document.unknown" and "version.unknown"."""

    def __init__(self, store: KnowledgeStore, writing: AbstractContextManager[object], publish: Publish) -> None:
        """`writing` is the lock of whoever changes the store."""
        self._store = store
        self._writing = writing
        self._publish = publish

    def of_document(self, document_id: str) -> tuple[DocumentVersion, ...]:
        """Newest first."""
        made: list[DocumentVersion] = []
        so_far: dict[int, list[Change]] = defaultdict(list)  # by edition: one may wait while others come and go
        for change in self._changes(document_id):
            so_far[change.row].append(change)
            if change.number is not None:
                made.append(
                    DocumentVersion(
                        number=change.number,
                        at=change.at,
                        who=change.who,
                        action=change.action,
                        changes=tuple(so_far.pop(change.row)),
                        in_use=False,
                    )
                )
        if made:
            made[-1] = made[-1].model_copy(update={"in_use": True})
        return tuple(reversed(made))

    def at(self, document_id: str, number: int) -> tuple[PlacedPassage, ...]:
        """Every passage as that version had it, repeats left out, in the order of the text."""
        change = self._change(document_id, number)
        placed = self._store.editions.placed(change.row, change.revision)
        return tuple(sorted((p for p in placed if p.duplicate_of is None), key=lambda p: p.passage.start))

    def difference(self, document_id: str, older: int, newer: int) -> tuple[Difference, ...]:
        """What the newer version has that the older had not, the other way round, and what reads otherwise."""
        return differences(self.at(document_id, older), self.at(document_id, newer))

    def roll_back(self, document_id: str, number: int, who: str) -> int:
        """Bring back a version as the newest one; gives its number. All that came after stays in the history."""
        with self._writing:
            change = self._change(document_id, number)
            prepared = self._store.editions.prepared(change.row, change.revision)
            (version,) = self._store.add_pending([prepared], who, "rolled_back", note=str(number))
            try:
                settle(self._store, version, self._store.editions.placed(version.row))
                shown = self._store.passages_of_row(version.row)
                self._publish(shown, lambda: self._store.go_live([version]))
            except BaseException:
                self._store.forget([version.row])
                raise
            return self.of_document(document_id)[0].number

    def _changes(self, document_id: str) -> tuple[Change, ...]:
        found = self._store.history.of_document(document_id)
        if not found:
            raise KefuError(
                "document.unknown",
                f"没有编号为 {document_id} 的文档。用 kefu documents 查看现有文档。",
                f"There is no document {document_id}. List them with kefu documents.",
            )
        return found

    def _change(self, document_id: str, number: int) -> Change:
        changes = self._changes(document_id)
        found = next((c for c in changes if c.number == number), None)
        if found is None:
            there = "、".join(str(c.number) for c in changes if c.number is not None)
            raise KefuError(
                "version.unknown",
                f"这份文档没有第 {number} 版;有的是:{there}。",
                f"The document has no version {number}; there are {there}.",
            )
        return found


def differences(older: Sequence[PlacedPassage], newer: Sequence[PlacedPassage]) -> tuple[Difference, ...]:
    """Passages matched by the id they came with, then by their place; in the order of the text."""
    matcher = SequenceMatcher(None, [p.first_id for p in older], [p.first_id for p in newer], autojunk=False)
    found: list[Difference] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            pairs = zip(older[a:b], newer[c:d], strict=True)
            found.extend(Difference(what="changed", left=x, right=y) for x, y in pairs if _reads(x) != _reads(y))
        else:
            found.extend(_replaced(older[a:b], newer[c:d]))
    return tuple(found)


def _replaced(older: Sequence[PlacedPassage], newer: Sequence[PlacedPassage]) -> list[Difference]:
    """Passages that look like each other are one that changed; the others came or went."""
    left, out = list(older), list[Difference]()
    for new in newer:
        like = max(left[:NEAR], key=lambda old: _alike(old, new), default=None)
        if like is not None and _alike(like, new) >= LIKE:
            out.extend(Difference(what="removed", left=old, right=None) for old in left[: left.index(like)])
            left = left[left.index(like) + 1 :]
            if _reads(like) != _reads(new):
                out.append(Difference(what="changed", left=like, right=new))
        else:
            out.append(Difference(what="added", left=None, right=new))
    return [*out, *(Difference(what="removed", left=old, right=None) for old in left)]


LIKE, NEAR = 0.5, 12
"""How much of two texts must be the same for one to count as the other, changed; and how many passages ahead one is sought."""


def _alike(one: PlacedPassage, other: PlacedPassage) -> float:
    matcher = SequenceMatcher(None, one.passage.text, other.passage.text, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= LIKE and matcher.quick_ratio() >= LIKE else 0.0


def _reads(placed: PlacedPassage) -> tuple[object, ...]:
    p = placed.passage
    return (p.section, p.text, p.kind, p.stage, p.techniques, p.situations, p.cautions, placed.status)
