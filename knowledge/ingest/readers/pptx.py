"""PowerPoint to text: slide by slide, title first, then from top to bottom; tables, SmartArt and speakers' notes too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.exc import PackageNotFoundError
from pptx.oxml.ns import qn

from knowledge.fold import half
from knowledge.ingest import marks
from knowledge.ingest.readers import limits
from knowledge.ingest.readers.package import open_package
from knowledge.ingest.refusals import damaged, too_much

_FURNITURE = (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.HEADER, PP_PLACEHOLDER.SLIDE_NUMBER)
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
_DIAGRAM_DATA = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}dm"
_FARTHEST = 1 << 40
_CONTENTS = re.compile(
    r"(?:目\s*[录錄]|contents?|agenda|table of contents)[\s/|·]*(?:contents?|agenda|目\s*[录錄])?", re.IGNORECASE
)
_LONGEST_ENTRY = 30  # characters of a line of a table of contents
_SAYS = re.compile("[。!?;:,、]")


def read(data: bytes, name: str) -> str:
    try:
        slides = list(Presentation(open_package(data, name, "pptx")).slides)
    except (PackageNotFoundError, KeyError, ValueError, etree.XMLSyntaxError) as error:
        raise damaged(name, "pptx") from error
    if len(slides) > limits.PAGES:
        raise too_much(name, f"有 {len(slides)} 张幻灯片,上限是 {limits.PAGES}", f"has {len(slides)} slides")
    lines: list[str] = []
    cover: list[str] = []
    for number, slide in enumerate(slides, start=1):
        shown = list(_slide(slide))
        if number == 1 and len(slides) > 1 and _is_cover(shown):
            cover = shown
            shown = [shown[0], *marks.block("封面", shown[1:])]
        elif cover and shown == cover:
            shown = list(marks.block("封面", shown))
        lines.append(marks.slide(number))
        lines.extend(marks.block("隐藏", shown) if slide._element.get("show") == "0" else shown)
        lines.append("")
    return "\n".join(lines) + "\n"


def _is_cover(shown: Sequence[str]) -> bool:
    """Whether a first slide has only a title and who gives the talk where: a line or three that say nothing."""
    below = [half(line) for line in shown[1:]]
    return (
        shown[:1] != []
        and shown[0].startswith("## ")
        and 0 < len(below) <= 3
        and not any(len(line) > _LONGEST_ENTRY or _SAYS.search(line) for line in below)
    )


def _slide(slide: Any) -> Iterator[str]:
    title = slide.shapes.title
    words = " ".join(_clean(title.text_frame.text).split()) if title is not None else ""
    if words and _CONTENTS.fullmatch(words):
        yield from _contents(slide, words)
        return
    if words:
        yield f"## {words}"
    yield from _matter(slide, title)


def _contents(slide: Any, words: str) -> Iterator[str]:
    """A slide that lists the others is set aside, unless it says something itself."""
    inside = list(_matter(slide, slide.shapes.title))
    if all(len(line) <= _LONGEST_ENTRY for line in inside):
        yield from marks.block("目录", [words, *inside])
    else:
        yield from (f"## {words}", *inside)


def _matter(slide: Any, title: Any) -> Iterator[str]:
    """What a slide says below its title."""
    furniture: list[str] = []
    for shape in _in_order(slide.shapes):
        if title is not None and shape.shape_id == title.shape_id:
            continue
        if shape.is_placeholder and shape.placeholder_format.type in _FURNITURE:
            furniture.extend(_paragraphs(shape.text_frame) if shape.has_text_frame else ())
        else:
            yield from _shape(shape)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        notes = [line for line in _paragraphs(slide.notes_slide.notes_text_frame) if line.strip()]
        if notes:
            yield from ("", f"备注:{notes[0]}", *notes[1:])
    yield from marks.block("页眉页脚", furniture)
    yield from marks.block("批注", _comments(slide))


def _comments(slide: Any) -> Iterator[str]:
    """What reviewers noted on a slide, in the older and the newer way of keeping it."""
    for relation in slide.part.rels.values():
        if not relation.is_external and relation.reltype.endswith(("/comments", "/comment")):
            root = etree.fromstring(relation.target_part.blob, etree.XMLParser(resolve_entities=False))
            for note in root.iter("{*}text", "{*}txBody"):
                text = " ".join(_clean("".join(map(str, note.itertext()))).split())
                if text:
                    yield text


def _in_order(shapes: Iterable[Any]) -> list[Any]:
    """As they are read: from top to bottom, then from left to right; placeholders without a place of their own first."""

    def place(shape: Any) -> tuple[int, int]:
        top, left = shape.top, shape.left
        return (-1 if top is None else min(int(top), _FARTHEST) // 200_000, -1 if left is None else int(left))

    return sorted(shapes, key=place)


def _shape(shape: Any) -> Iterator[str]:
    if hasattr(shape, "shapes"):  # a group
        for inner in _in_order(shape.shapes):
            yield from _shape(inner)
    elif getattr(shape, "has_table", False):
        rows = [[_clean(cell.text) for cell in row.cells] for row in shape.table.rows]
        yield from ("", *marks.table([row for row in rows if any(row)]), "")
    elif shape.has_text_frame:
        yield from _paragraphs(shape.text_frame)
    else:
        yield from _diagram(shape)


def _paragraphs(frame: Any) -> Iterator[str]:
    for paragraph in frame.paragraphs:
        for line in _clean(paragraph.text).split("\n"):
            if line.strip():
                yield f"- {line.strip()}" if paragraph.level else line.strip()


def _diagram(shape: Any) -> Iterator[str]:
    """The words of SmartArt, which lie in a part of their own."""
    for relation in shape._element.iter(_DIAGRAM):
        part = shape.part.related_part(relation.get(_DIAGRAM_DATA))
        root = etree.fromstring(part.blob, etree.XMLParser(resolve_entities=False))
        for paragraph in root.iter(qn("a:p")):
            text = "".join(t.text or "" for t in paragraph.iter(qn("a:t")))
            if text.strip():
                yield f"- {_clean(text).strip()}"


def _clean(text: str) -> str:
    return marks.plain(text).replace("\v", "\n")
