"""PDF to text, page by page: pdfium reads the words, pdfplumber the ruled tables, where a page has any.

Without a text layer (scans) there is nothing to read; such a file is refused, and lone pages without text are reported.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from knowledge.ingest import marks
from knowledge.ingest.readers import limits
from knowledge.ingest.refusals import damaged, protected, refused, too_much

_RULES = 6  # ruled lines or boxes from which on a page may hold a table
_TABLE_PAGES = 200  # looking for tables costs a hundred times what reading does: bounded
_LETTERS_PER_PAGE = 8  # on average; fewer are stamps on scanned pages
_UNMAPPED = re.compile("[\ufffd\ufffe\uffff\ue000-\uf8ff]|\\(cid:\\d+\\)")


def read(data: bytes, name: str) -> str:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise (protected(name) if "password" in str(error).lower() else damaged(name, "pdf")) from error
    count = len(document)
    if count > limits.PAGES:
        raise too_much(
            name, f"有 {count} 页,上限是 {limits.PAGES} 页", f"has {count} pages; the limit is {limits.PAGES}"
        )
    pages = list(_pages(document, data))
    letters = sum(c.isalnum() for page in pages for line in page for c in line)
    if letters < _LETTERS_PER_PAGE * max(1, count):
        raise refused(
            "no_text", name, "没有文字层,多半是扫描件或图片", "has no text layer; it is probably a scan",
            "请先用 OCR 识别文字(WPS、Acrobat 都可以),另存为 PDF 或 docx 再导入", "run OCR on it first and save it anew",
        )  # fmt: skip
    text = "\n".join("\n".join((marks.page(i), *(page or _silent(i)))) for i, page in enumerate(pages, start=1))
    if len(_UNMAPPED.findall(text)) * 10 > letters:
        raise refused(
            "garbled", name, "的字体没有附带编码表,读出来是乱码", "has fonts without an encoding; its text is garbled",
            "请用原始文档(docx 等)导入,或先用 OCR 识别", "take the original document, or run OCR on it",
        )  # fmt: skip
    return text + "\n"


def _silent(number: int) -> tuple[str, ...]:
    return marks.block("无文字", [f"第 {number} 页只有图片,没有可读的文字"])


def _pages(document: Any, data: bytes) -> Iterator[list[str]]:
    plumber: Any = None
    looked = 0
    for index in range(len(document)):
        page = document[index]
        lines = _lines(page)
        if lines and looked < _TABLE_PAGES and _ruled(page) >= _RULES:
            looked += 1
            if plumber is None:
                import pdfplumber

                plumber = pdfplumber.open(io.BytesIO(data))
            lines = _with_tables(plumber.pages[index]) or lines
        page.close()
        yield lines


def _lines(page: Any) -> list[str]:
    textpage = page.get_textpage()
    text = textpage.get_text_range()
    textpage.close()
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x02", "").replace("\x00", "")
    return [line.rstrip() for line in marks.plain(text).split("\n") if line.strip()]


def _ruled(page: Any) -> int:
    """How many drawn paths the page has, up to _RULES."""
    found = 0
    for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=2):
        found += 1
        if found >= _RULES:
            break
    return found


def _with_tables(page: Any) -> list[str]:
    """The page's text with its tables as Markdown, each at its height; empty when it has none."""
    tables = [(t.bbox, t.extract()) for t in page.find_tables()]
    tables = [(box, rows) for box, rows in tables if len(rows) > 1 and max(len(row) for row in rows) > 1]
    if not tables:
        return []
    outside = page.filter(lambda o: not any(_within(o, box) for box, _ in tables))
    placed = [(line["top"], [marks.plain(line["text"])]) for line in outside.extract_text_lines()]
    for box, rows in tables:
        cells = [[cell or "" for cell in row] for row in rows]
        width = max(len(row) for row in cells)
        full = [[*row, *[""] * (width - len(row))] for row in cells if any(cell.strip() for cell in row)]
        placed.append((box[1], list(marks.table(full))))
    page.close()
    return [line for _, lines in sorted(placed, key=lambda p: p[0]) for line in lines if line.strip()]


def _within(thing: dict[str, Any], box: tuple[float, float, float, float]) -> bool:
    x, y = (thing["x0"] + thing["x1"]) / 2, (thing["top"] + thing["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])
