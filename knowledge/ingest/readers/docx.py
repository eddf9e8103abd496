"""Word to text: headings, Word's own numbers, tables, text boxes, footnotes; what was deleted or hidden set aside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import docx
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from lxml import etree

from knowledge.ingest import marks
from knowledge.ingest.readers import limits
from knowledge.ingest.readers.numbering import Numbering
from knowledge.ingest.readers.package import open_package
from knowledge.ingest.readers.sheets import within
from knowledge.ingest.refusals import damaged, too_much

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_HEADING = re.compile(r"(?:heading|标题|標題) ?([1-5])", re.IGNORECASE)
_CONTENTS = re.compile(r"toc ?\d|目录|目錄", re.IGNORECASE)
_TRANSPARENT = {qn(tag) for tag in ("w:sdt", "w:sdtContent", "w:ins", "w:moveTo", "w:customXml", "w:smartTag")}
_GONE = {qn(tag) for tag in ("w:del", "w:moveFrom", "w:instrText", "w:delText", "w:txbxContent", "w:pPr")}


def read(data: bytes, name: str) -> str:
    try:
        document = docx.Document(open_package(data, name, "docx"))
    except (PackageNotFoundError, KeyError, ValueError, etree.XMLSyntaxError) as error:
        raise damaged(name, "docx") from error
    return "\n".join(_Reader(document, name).lines()) + "\n"


class _Reader:
    def __init__(self, document: Document, name: str) -> None:
        self._document = document
        self._name = name
        self._numbering = Numbering(document)
        self._styles = {style.style_id: style for style in document.styles}
        self._cells = 0
        self._hidden: list[str] = []
        self._deleted: list[str] = []
        self._below_title = int(any(_is_title(self._style(p)) for p in document.element.body.iter(qn("w:p"))))

    def lines(self) -> Iterator[str]:
        yield from marks.block("页眉页脚", self._furniture())
        yield from self._blocks(self._document.element.body)
        yield from self._notes()
        yield from marks.block("隐藏", self._hidden)
        yield from marks.block("修订删去", self._deleted)
        yield from marks.block("批注", self._part_of("/comments"))

    def _furniture(self) -> list[str]:
        """What stands above and below every page, once."""
        found: dict[str, None] = {}
        for section in self._document.sections:
            for part in (section.header, section.footer, section.first_page_header, section.first_page_footer):
                if not part.is_linked_to_previous:
                    found.update((self._text(p), None) for p in part._element.iter(qn("w:p")))
        return [line for text in found for line in text.split("\n")]

    def _blocks(self, parent: Any) -> Iterator[str]:
        for child in parent:
            if child.tag == qn("w:p"):
                yield from self._paragraph(child)
            elif child.tag == qn("w:tbl"):
                yield from self._table(child)
            elif child.tag == qn("w:sdt") and _is_contents(child):
                yield from marks.block("目录", (self._text(p) for p in child.iter(qn("w:p"))))
            elif child.tag in _TRANSPARENT:
                yield from self._blocks(child)

    def _paragraph(self, p: Any) -> Iterator[str]:
        style = self._style(p)
        text = self._text(p)
        if text.strip():
            number = self._numbering.prefix(p)
            if _CONTENTS.match(style):
                yield from marks.block("目录", [text])
            else:
                level = self._level(p, style)
                first, *others = (number + text.strip()).split("\n")
                yield from ("", f"{'#' * level} {first}") if level else (first,)
                yield from (line for line in others if line.strip())
        elif not p.findall(f".//{qn('w:drawing')}"):
            yield ""
        for box in p.iter(qn("w:txbxContent")):
            if next(box.iterancestors(_FALLBACK), None) is None:
                yield from self._blocks(box)

    def _style(self, p: Any) -> str:
        found = p.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        style = self._styles.get(found.get(qn("w:val"))) if found is not None else None
        return str(style.name or "") if style is not None else ""

    def _level(self, p: Any, style: str) -> int:
        """1 to 6 for a heading, by its style or its outline level; 0 for other text."""
        named = _HEADING.match(style)
        if named:
            return int(named[1]) + self._below_title
        if _is_title(style):
            return 1
        outline = p.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
        depth = outline.get(qn("w:val")) if outline is not None else ""
        return int(depth) + 1 + self._below_title if depth in ("0", "1", "2", "3", "4") else 0

    def _text(self, p: Any) -> str:
        """The words of one paragraph as a reader of the page sees them; hidden and deleted ones are set aside."""
        out: list[str] = []
        self._deleted.append(marks.plain("".join(_gone(p))))
        for node in _seen(p):
            if node.tag == qn("w:t"):
                run = node.getparent()
                hidden = run.find(f"{qn('w:rPr')}/{qn('w:vanish')}") if run is not None else None
                if hidden is not None and hidden.get(qn("w:val")) not in ("0", "false"):
                    self._hidden.append(marks.plain(node.text or ""))
                else:
                    out.append(node.text or "")
            elif node.tag == qn("w:tab"):
                out.append("\t")
            elif node.tag in (qn("w:br"), qn("w:cr")):
                out.append("\n")
            elif node.tag == qn("w:noBreakHyphen"):
                out.append("-")
        return marks.plain("".join(out))

    def _table(self, table: Any) -> Iterator[str]:
        """A table as one, each cell merged downwards said in each of its rows; a frame of one column as its text."""
        rows: list[list[str]] = []
        for tr in table.iterchildren(qn("w:tr")):
            row: list[str] = []
            for tc in tr.iter(qn("w:tc")):
                if next(tc.iterancestors(qn("w:tbl"))) is not table:
                    continue
                merge = tc.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
                goes_on = merge is not None and merge.get(qn("w:val")) != "restart"
                above = rows[-1][len(row)] if goes_on and rows and len(row) < len(rows[-1]) else ""
                row.append(above or "\n".join(self._text(p) for p in tc.iter(qn("w:p"))))
                span = tc.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
                width = span.get(qn("w:val")) if span is not None else "1"
                row.extend([""] * (min(int(width) if width.isdigit() else 1, limits.COLUMNS) - 1))
            rows.append(within(row, self._name, spans=True))
            self._cells += len(row)
            if len(rows) > limits.ROWS or self._cells > limits.CELLS:
                raise too_much(
                    self._name, f"的表格超过 {limits.ROWS} 行", f"has more than {limits.ROWS} rows of tables"
                )
        filled = [row for row in rows if any(cell.strip() for cell in row)]
        if len(filled) == 1 or all(len(row) == 1 for row in filled):
            yield from (line for row in filled for cell in row for line in cell.split("\n"))
            return
        yield ""
        yield from marks.table(filled)
        yield ""

    def _notes(self) -> Iterator[str]:
        """Footnotes and endnotes, behind the text."""
        yield from (f"注:{text}" for text in self._part_of("/footnotes", "/endnotes"))

    def _part_of(self, *kinds: str) -> Iterator[str]:
        """The paragraphs of the parts of some kinds that lie beside the text."""
        for relation in self._document.part.rels.values():
            if relation.is_external or not relation.reltype.endswith(kinds):
                continue
            root = etree.fromstring(relation.target_part.blob, etree.XMLParser(resolve_entities=False))
            for p in root.iter(qn("w:p")):
                text = self._text(p).strip()
                if text:
                    yield text


def _seen(element: Any) -> Iterator[Any]:
    """Descendants that show on the page: no deleted text, no fields' codes, no second version of a drawing."""
    for child in element:
        if child.tag in _GONE or child.tag == _FALLBACK:
            continue
        yield child
        yield from _seen(child)


def _gone(p: Any) -> Iterator[str]:
    """The words of a paragraph that somebody deleted with changes tracked; what was moved stands where it was moved to."""
    for deleted in p.iter(qn("w:del")):
        if next(deleted.iterancestors(qn("w:p"))) is p:
            yield from (node.text or "" for node in deleted.iter(qn("w:delText"), qn("w:t")))


def _is_title(style: str) -> bool:
    return style.lower() in ("title", "标题", "標題")


def _is_contents(sdt: Any) -> bool:
    kind = sdt.find(f"{qn('w:sdtPr')}/{qn('w:docPartObj')}/{qn('w:docPartGallery')}")
    return kind is not None and "contents" in (kind.get(qn("w:val")) or "").lower()
