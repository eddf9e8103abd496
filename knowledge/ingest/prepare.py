"""read -> clean -> split -> describe: a file in, a whole document out, touching neither store nor index."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from pathlib import Path

from knowledge.fold import half
from knowledge.ingest import marks
from knowledge.ingest.clean import Cleaned, clean, readable
from knowledge.ingest.deduplicate import marks_of
from knowledge.ingest.describe import describe, heading_name, technique_blocks
from knowledge.ingest.outline import outline
from knowledge.ingest.read import Source, printable
from knowledge.ingest.repeats import Repeat, repeated_lines
from knowledge.ingest.split import Piece, shown, split
from knowledge.store import PlacedPassage, PreparedDocument
from knowledge.values import Cautioner, Passage

PIPELINE = 12
"""Raise it when the same file would come out differently: unchanged files are then read anew."""

_INDENTED_NOTE = re.compile(r"^[\s#]+")


def document_id(source: str) -> str:
    """The id that a document keeps through all its versions."""
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def prepare(source: Source, *, name: str, shipped: bool, cautioner: Cautioner | None) -> PreparedDocument:
    """Everything the store keeps of `source`. `name` identifies it: its path, or its place in the shipped library."""
    cleaned = clean(source.text, source.layout)
    title = _title(source, cleaned)
    own_id = document_id(name)
    blocks = technique_blocks(source.text) if source.layout == "markdown" else ()
    places = marks.places(source.text) if source.layout in ("pages", "document") else ()
    seen: Counter[str] = Counter()
    placed: list[PlacedPassage] = []
    for piece in _pieces(cleaned, source, places):
        segments = _segments(cleaned, piece)
        text = shown(cleaned.text, piece.shown_spans)
        trail = [part for part in (_tidy(t) for t in piece.trail) if part and half(part) != half(title)]
        section = " > ".join((*trail, *_place(places, segments[0][0], segments[-1][1])))
        description = describe(
            text, piece.trail, last=segments[-1][1] - 1, bad_example=piece.bad_example, blocks=blocks
        )
        seen[f"{section}\0{text}"] += 1
        passage = Passage(
            passage_id=_passage_id(own_id, section, text, seen[f"{section}\0{text}"]),
            document_id=own_id,
            document=title,
            section=section,
            text=text,
            kind=description.kind,
            stage=description.stage,
            techniques=tuple(t for t in description.techniques if half(t) != half(title)),
            situations=description.situations,
            cautions=cautioner(text) if cautioner and description.kind != "bad_example" else (),
            start=segments[0][0],
            end=segments[-1][1],
        )
        placed.append(PlacedPassage(passage=passage, segments=segments, marks=marks_of(text)))
    repeated = repeated_lines(readable(source.text)) if source.layout != "markdown" else ()
    placed.extend(_repeated_places(repeated, placed, source.text))
    return PreparedDocument(
        document_id=own_id,
        source=name,
        title=title,
        shipped=shipped,
        content_hash=source.content_hash,
        encoding=source.encoding,
        pipeline=PIPELINE,
        text=source.text,
        passages=tuple(placed),
        cuts=tuple(cut for cut in cleaned.cuts if cut.reason != "duplicate"),
    )


def _pieces(cleaned: Cleaned, source: Source, places: Sequence[marks.Place]) -> Iterator[Piece]:
    """The passages to be; what stands on one sheet of a workbook is never put together with what stands on another."""
    sheets = [bisect_left(cleaned.offsets, place.start) for place in places if place.name.startswith(marks.SHEET)]
    if len(sheets) < 2:
        yield from split(cleaned.text, source.layout)
        return
    for begin, end in pairwise((0, *sheets[1:], len(cleaned.text))):
        for piece in split(cleaned.text[begin:end], source.layout):
            spans = tuple((a + begin, b + begin) for a, b in piece.spans)
            header = piece.header and (piece.header[0] + begin, piece.header[1] + begin)
            yield piece._replace(spans=spans, header=header)


def _place(places: Sequence[marks.Place], start: int, end: int) -> tuple[str, ...]:
    """The page, slide or sheet that most of the source characters [start, end) are on: a heading may stand on one before."""
    first = max(0, bisect_right(places, start, key=lambda place: place.start) - 1)
    touched = places[first : bisect_right(places, end - 1, key=lambda place: place.start)]
    ends = [*(place.start for place in touched[1:]), end]
    shares = [min(e, end) - max(p.end, start) for p, e in zip(touched, ends, strict=True)] if touched else []
    return (touched[shares.index(max(shares))].name,) if shares and touched[0].start <= end else ()


def _repeated_places(repeated: Sequence[Repeat], placed: Sequence[PlacedPassage], text: str) -> Iterator[PlacedPassage]:
    """Stretches that were cut because they stand earlier in the file, as further places of the passages there."""
    stands = sorted((start, i) for i, p in enumerate(placed) for start, _ in p.segments)
    starts = [start for start, _ in stands]

    def original(repeat: Repeat) -> int:
        return stands[max(0, bisect_right(starts, repeat.origin) - 1)][1]

    for first, group in groupby(repeated, key=original):
        lines = list(group)
        passage = placed[first].passage
        start, end = lines[0].start, lines[-1].end
        repeat = f"{passage.passage_id}@{start}"
        yield PlacedPassage(
            passage=passage.model_copy(
                update={
                    "passage_id": hashlib.sha256(repeat.encode()).hexdigest()[:16],
                    "text": text[start:end],
                    "start": start,
                    "end": end,
                }
            ),
            segments=tuple((line.start, line.end) for line in lines),
            duplicate_of=passage.passage_id,
        )


def _segments(cleaned: Cleaned, piece: Piece) -> tuple[tuple[int, int], ...]:
    """The piece's spans in the source, blanks at their ends left out."""
    out = []
    for start, end in piece.spans:
        inside = [i for i in range(start, end) if not cleaned.text[i].isspace()]
        if inside:
            out.append((cleaned.offsets[inside[0]], cleaned.offsets[inside[-1]] + 1))
    return tuple(out)


def _title(source: Source, cleaned: Cleaned) -> str:
    """The document's own first heading, where it plainly is one; else the file's name."""
    if source.layout in ("markdown", "document"):
        top = [node for node in outline(cleaned.text, source.layout).children if node.rank == 1]
        # Where every chapter is a heading of the first level, the first of them names the whole only if nothing is under it.
        if top and (source.layout == "markdown" or len(top) == 1 or not top[0].children):
            return _tidy(top[0].title)[:80]
    stem = printable(Path(source.path).stem)
    if any("\u4e00" <= c <= "\u9fff" for c in stem):
        return stem
    first = next((line for line in cleaned.text.split("\n") if line.strip()), "")
    if first.lstrip().startswith("|"):
        return stem  # a table's header is no title
    name = _tidy(heading_name(first.strip()))
    return name if 4 <= len(name) <= 40 and not re.search("[。;,]", half(name)) else stem


def _tidy(title: str) -> str:
    return re.sub(r"\s+", " ", _INDENTED_NOTE.sub("", title)).strip()


def _passage_id(own_id: str, section: str, text: str, occurrence: int) -> str:
    """Hash of what is said and where: it survives changes elsewhere in the document."""
    form = "\0".join((own_id, section, text, str(occurrence)))
    return hashlib.sha256(form.encode("utf-8", "surrogatepass")).hexdigest()[:16]
