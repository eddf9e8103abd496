"""Documents that wait for a manager: looked at passage by passage beside the original, then approved or thrown away.

Nothing that waits is seen by a search. Approval is one transaction: killed at any moment, a document is wholly the old
version or wholly the new one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Literal

from knowledge.blocks import NO_LOSS, left_out
from knowledge.carrying import lost, with_decision
from knowledge.curation import Publish
from knowledge.errors import KefuError
from knowledge.ingest.deduplicate import deduplicate
from knowledge.store import Cut, KnowledgeStore, PlacedPassage, Version
from knowledge.values import Progress, Value


class Waiting(Value):
    """A document that waits. `replaces` says that an older version is in use; `staged_at` is ISO 8601 in UTC."""

    document_id: str
    title: str
    source: str
    replaces: bool
    staged_at: str
    staged_by: str
    passages: int
    cautions: int
    merged: int
    dropped: int
    retired: int


class Piece(Value):
    """A stretch of the original; `reason` says why it is not shown as it stands (empty: it is)."""

    text: str
    reason: str = ""
    replacement: str = ""


class Row(Value):
    """One step down the preview: a stretch of the original and what becomes of it.

    `what`: "passage" goes live; "merged" repeats `merged_with` and is not indexed; "dropped" is left out for `reason`, and
    can be brought back by its `start`. `is_new`: the version in use has no such passage.
    """

    what: Literal["passage", "merged", "dropped"]
    start: int
    original: tuple[Piece, ...]
    placed: PlacedPassage | None = None
    reason: str = ""
    merged_with: PlacedPassage | None = None
    is_new: bool = True


class Preview(Value):
    """All of a document that waits, in the order of its text. `gone` are passages in use that it no longer has, `lost` those
    of them that a person had edited, retired, flagged or brought back.
    """

    waiting: Waiting
    rows: tuple[Row, ...]
    gone: tuple[PlacedPassage, ...]
    lost: tuple[PlacedPassage, ...]


class Review:
    """Raises KefuError "review.unknown" for a document that does not wait (any more)."""

    def __init__(self, store: KnowledgeStore, writing: AbstractContextManager[object], publish: Publish) -> None:
        """`writing` is the lock of whoever changes the store."""
        self._store = store
        self._writing = writing
        self._publish = publish

    def waiting(self) -> tuple[Waiting, ...]:
        """Oldest first."""
        return tuple(self._waiting(version) for version in self._store.versions("staged"))

    def preview(self, document_id: str) -> Preview:
        version = self._staged(document_id)
        edition = self._store.editions.edition(version.row)
        cuts = self._store.editions.cuts(version.row)
        placed = self._store.editions.placed(version.row)
        before = self._in_use(document_id)
        known = {p.passage.passage_id for p in before}
        here = {p.passage.passage_id: p for p in placed}
        rows = [self._row(p, edition.text, cuts, here, known) for p in placed]
        rows += [
            Row(what="dropped", start=b.start, original=(Piece(text=b.text, reason=b.reason),), reason=b.reason)
            for b in left_out(edition.text, cuts)
            if not b.kept
        ]
        after = {p.passage.passage_id for p in placed}
        return Preview(
            waiting=self._waiting(version),
            rows=tuple(sorted(rows, key=lambda row: row.start)),
            gone=tuple(p for p in before if p.passage.passage_id not in after),
            lost=lost(before, placed),
        )

    def approve(self, document_id: str, who: str, progress: Progress | None = None) -> None:
        """Make it live, in place of its older version."""
        with self._writing:
            self._catch_up(self._staged(document_id), who)
            version = self._staged(document_id)
            self._settle(version)
            shown = self._store.passages_of_row(version.row)
            self._publish(shown, lambda: self._store.go_live([version], approved_by=who), progress)

    def discard(self, document_id: str) -> None:
        """Throw away what waits; what is in use stays as it is."""
        with self._writing:
            self._store.forget([self._staged(document_id).row])
            self._store.erase()

    # --- how ---------------------------------------------------------------------------------------------------------

    def _staged(self, document_id: str) -> Version:
        found = self._store.versions("staged", document_id)
        if not found:
            raise KefuError(
                "review.unknown",
                "这份文档不在待确认之列:可能刚被批准或放弃,请刷新。",
                "This document does not wait for approval: it may just have been approved or discarded; refresh.",
            )
        return found[0]

    def _in_use(self, document_id: str) -> tuple[PlacedPassage, ...]:
        found = self._store.editions.in_state(("live", "retired"), document_id)
        return self._store.editions.placed(found[0].row) if found else ()

    def _waiting(self, version: Version) -> Waiting:
        editions = self._store.editions
        counts = editions.counts(version.row)
        blocks = left_out(editions.edition(version.row).text, editions.cuts(version.row))
        first = self._store.history.of_row(version.row)[0]
        return Waiting(
            document_id=version.document_id,
            title=version.title,
            source=version.source,
            replaces=bool(editions.in_state(("live", "retired"), version.document_id)),
            staged_at=first.at,
            staged_by=first.who,
            passages=counts.indexed,
            cautions=counts.cautioned,
            merged=counts.merged,
            dropped=sum(not block.kept for block in blocks),
            retired=counts.retired,
        )

    def _row(
        self,
        placed: PlacedPassage,
        text: str,
        cuts: Sequence[Cut],
        here: Mapping[str, PlacedPassage],
        known: set[str],
    ) -> Row:
        other = placed.duplicate_of
        merged_with = here.get(other) if other else None
        if other and merged_with is None:
            found = self._store.editions.holding(other, ("live", "retired"))
            merged_with = found[1] if found else None
        return Row(
            what="merged" if other else "passage",
            start=placed.passage.start,
            original=tuple(piece for segment in placed.segments for piece in pieces(text, segment, cuts)),
            placed=placed,
            merged_with=merged_with,
            is_new=placed.passage.passage_id not in known,
        )

    def _catch_up(self, version: Version, who: str) -> None:
        """Take over what people decided on the version in use while this one waited."""
        in_use = self._store.editions.in_state(("live", "retired"), version.document_id)
        if not in_use:
            return
        since = self._store.history.of_row(version.row)[0].at
        touched = {c.passage_id for c in self._store.history.of_row(in_use[0].row) if c.at >= since}
        here = {p.first_id: p for p in self._store.editions.placed(version.row)}
        readings = {
            here[old.first_id].passage.passage_id: with_decision(here[old.first_id], old)
            for old in self._store.editions.placed(in_use[0].row)
            if old.passage.passage_id in touched and old.first_id in here
        }
        changed = {i: new for i, new in readings.items() if new not in here.values()}
        if changed:
            self._store.amendments.replace(version.row, changed, who, "edited")

    def _settle(self, version: Version) -> None:
        """Say anew what repeats what: since the document was staged, others may have come or gone."""
        placed = self._store.editions.placed(version.row)
        settle(self._store, version, placed)


def settle(store: KnowledgeStore, version: Version, placed: Sequence[PlacedPassage]) -> None:
    """Find repeats again among `placed`, an edition's passages, and against what is live in other documents."""
    afresh = [p.model_copy(update={"duplicate_of": None}) if p.marks else p for p in placed]
    found = deduplicate(afresh, lambda marks: store.marked(marks, without_document=version.document_id))
    new = {p.passage.passage_id: None if p.kept else p.duplicate_of for p in found}
    old = {p.passage.passage_id: p.duplicate_of for p in placed}
    store.editions.settle(version.row, {i: other for i, other in new.items() if other != old[i]})


def pieces(text: str, segment: tuple[int, int], cuts: Sequence[Cut]) -> tuple[Piece, ...]:
    """The original between two offsets, cut where cleaning left something out or put something else. `cuts` in order."""
    start, end = segment
    out: list[Piece] = []
    at = start
    for i in range(bisect_right(cuts, start, key=lambda cut: cut.end), len(cuts)):
        cut = cuts[i]
        if cut.start >= end:
            break
        if cut.kept or cut.reason in NO_LOSS:
            continue
        first, last = max(cut.start, at), min(cut.end, end)
        if first > at:
            out.append(Piece(text=text[at:first]))
        out.append(Piece(text=text[first:last], reason=cut.reason, replacement=cut.replacement))
        at = last
    if at < end:
        out.append(Piece(text=text[at:end]))
    return (*out, Piece(text="\n")) if out else ()
