"""What cleaning left out of a document, put together again into the blocks that a reader would see it as."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from knowledge.ingest.deduplicate import marks_of
from knowledge.ingest.describe import describe
from knowledge.store import Cut, PlacedPassage
from knowledge.values import Cautioner, Passage, Value

WITHIN_A_LINE = frozenset({"glued_pinyin", "junk_glyphs"})
"""Taken out of the middle of lines: mended by editing the passage, not by a block of its own."""
NO_LOSS = frozenset({"metadata"})
"""Read into a passage's description instead of being shown."""


class Block(Value):
    """Source characters [start, end) that one step left out in one go; `starts` are the cuts' own offsets."""

    start: int
    end: int
    reason: str
    text: str
    starts: tuple[int, ...]
    kept: bool = False


def left_out(text: str, cuts: Sequence[Cut]) -> tuple[Block, ...]:
    """Cuts with the same reason and nothing but blanks between them, as one block each. `cuts` in the source's order."""
    blocks: list[Block] = []
    for cut in cuts:
        if cut.replacement or cut.reason in NO_LOSS or cut.reason in WITHIN_A_LINE:
            continue
        last = blocks[-1] if blocks else None
        joins = last is not None and (last.reason, last.kept) == (cut.reason, cut.kept)
        if last is not None and joins and not text[last.end : cut.start].strip():
            merged = {"end": cut.end, "text": text[last.start : cut.end], "starts": (*last.starts, cut.start)}
            blocks[-1] = last.model_copy(update=merged)
        else:
            said = text[cut.start : cut.end]
            blocks.append(
                Block(
                    start=cut.start, end=cut.end, reason=cut.reason, text=said, starts=(cut.start,), kept=cut.kept
                )
            )  # fmt: skip
    return tuple(blocks)


def passage_of_block(
    block: Block, document_id: str, title: str, before: Passage | None, cautioner: Cautioner | None
) -> PlacedPassage:
    """A block as a passage of its own, under the heading of the passage before it."""
    text = block.text.strip()
    section = before.section if before else ""
    said = describe(
        text, tuple(section.split(" > ")) if section else (), last=block.start, bad_example=False, blocks=()
    )
    form = "\0".join((document_id, "kept", str(block.start), text))
    passage = Passage(
        passage_id=hashlib.sha256(form.encode("utf-8", "surrogatepass")).hexdigest()[:16],
        document_id=document_id,
        document=title,
        section=section,
        text=text,
        kind=said.kind,
        stage=said.stage,
        cautions=cautioner(text) if cautioner else (),
        start=block.start,
        end=block.end,
    )
    return PlacedPassage(passage=passage, segments=((block.start, block.end),), marks=marks_of(text), kept=True)
