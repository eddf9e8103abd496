"""People's decisions on a document, carried over when its file is read again: edits, retirements, what was brought back."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.blocks import left_out, passage_of_block
from knowledge.fold import letters
from knowledge.store import PlacedPassage, PreparedDocument
from knowledge.values import Cautioner


def carried(
    document: PreparedDocument, before: Sequence[PlacedPassage], cautioner: Cautioner | None
) -> PreparedDocument:
    """`document`, not yet deduplicated, with what people decided on the passages of the edition `before` it."""
    decided = [placed for placed in before if placed.amended]
    if not decided:
        return document
    by_id = {placed.first_id: placed for placed in decided}
    by_text = {letters(placed.passage.text): placed for placed in decided if not placed.edited}
    passages = tuple(
        with_decision(new, by_id.get(new.first_id) or by_text.get(letters(new.passage.text)))
        for new in document.passages
    )
    return _with_blocks(document.model_copy(update={"passages": passages}), decided, cautioner)


def lost(before: Sequence[PlacedPassage], after: Sequence[PlacedPassage]) -> tuple[PlacedPassage, ...]:
    """Decisions on passages that the newer reading of the file no longer has."""
    ids = {placed.first_id for placed in after}
    said = {letters(placed.passage.text) for placed in after}
    return tuple(p for p in before if p.amended and p.first_id not in ids and letters(p.passage.text) not in said)


def with_decision(new: PlacedPassage, decided: PlacedPassage | None) -> PlacedPassage:
    """A passage as it is now read in, with what people decided on the one before it."""
    if decided is None:
        return new
    taken = {"status": decided.status, "flag": decided.flag, "kept": decided.kept}
    if decided.kept:
        taken["duplicate_of"] = None
    if not decided.edited:
        return new.model_copy(update=taken)
    own, old = new.passage, decided.passage
    fields = ("passage_id", "text", "kind", "stage", "techniques", "situations", "cautions")
    passage = own.model_copy(update={name: getattr(old, name) for name in fields})
    if passage.text == own.text:
        passage = passage.model_copy(update={"passage_id": own.passage_id})
    origin = own.passage_id if passage.passage_id != own.passage_id else ""
    edit = {"passage": passage, "marks": decided.marks or new.marks, "origin": origin, "edited": True}
    return new.model_copy(update={**taken, **edit})


def _with_blocks(
    document: PreparedDocument, decided: Sequence[PlacedPassage], cautioner: Cautioner | None
) -> PreparedDocument:
    """What was left out again, though a person had brought it back."""
    there = {placed.first_id for placed in document.passages}
    wanted = {letters(p.passage.text): p for p in decided if p.kept and p.first_id not in there}
    cuts, added = list(document.cuts), []
    for block in left_out(document.text, document.cuts):
        brought_back = wanted.pop(letters(block.text), None)
        if brought_back is None:
            continue
        above = [p.passage for p in document.passages if p.passage.start <= block.start]
        placed = passage_of_block(block, document.document_id, document.title, above[-1] if above else None, cautioner)
        added.append(placed.model_copy(update={"status": brought_back.status, "flag": brought_back.flag}))
        cuts = [cut.model_copy(update={"kept": True}) if cut.start in block.starts else cut for cut in cuts]
    return document.model_copy(update={"passages": (*document.passages, *added), "cuts": tuple(cuts)})
