"""What cleaning left out of a document, put together again into the blocks that a reader would see it as."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from knowledge.ingest.deduplicate import marks_of
from knowledge.ingest.describe import describe
from knowledge.store import Cut, PlacedPassage
from knowledge.values import Cautioner, Passage, Value

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
    """Cuts with the same reason and nothing but blanks between them, as one block each. `cuts` in the source's order.

    What was taken out of the middle of a line is no block: that is mended by editing the passage.
    """
    gone = [cut for cut in cuts if not cut.replacement and cut.reason not in NO_LOSS]
    blocks: list[Block] = []
    for i, cut in enumerate(gone):
        if not _fills_its_lines(text, gone, i):
            continue
        last = blocks[-1] if blocks else None
        joins = last is not None and (last.reason, last.kept) == (cut.reason, cut.kept)
        if last is not None and joins and not text[last.end : cut.start].strip():
            merged = {"end": cut.end, "text": text[last.start : cut.end], "starts": (*last.starts, cut.start)}
            blocks[-1] = last.model_copy(update=merged)
        else:
            said = {"start": cut.start, "end": cut.end, "text": text[cut.start : cut.end]}
            blocks.append(Block(**said, reason=cut.reason, starts=(cut.start,), kept=cut.kept))
    return tuple(blocks)


def _fills_its_lines(text: str, gone: Sequence[Cut], i: int) -> bool:
    """Whether nothing is left of the lines that a cut stands in, what its neighbours take among it."""
    start, end = gone[i].start, gone[i].end
    for before in range(i - 1, -1, -1):
        if text[gone[before].end : start].strip() or "\n" in text[gone[before].end : start]:
            break
        start = gone[before].start
    for after in range(i + 1, len(gone)):
        if text[end : gone[after].start].strip() or "\n" in text[end : gone[after].start]:
            break
        end = gone[after].end
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    return not text[line_start:start].strip() and not text[end : line_end if line_end >= 0 else len(text)].strip()


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
