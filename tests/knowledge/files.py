"""Office files, pages and PDFs made by program, good ones and hostile ones, small all of them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence


def pdf(pages: Sequence[Sequence[str]], *, rules: str = "", encrypt: bool = False, unmapped: bool = False) -> bytes:
    """A PDF whose pages say the given lines from top to bottom; `rules` is drawn on every page (PDF operators)."""
    characters = sorted({c for page in pages for line in page for c in line.replace("\t", "")})
    pairs = "".join(f"<{ord(c):04X}> <{ord(c):04X}>\n" for c in characters)
    mapping = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def /CMapType 2 def "
        f"1 begincodespacerange <0000> <FFFF> endcodespacerange {len(characters)} beginbfchar\n{pairs}endbfchar endcmap end end"
    )
    objects: list[bytes] = [
        b"",  # catalog and page tree come when the pages are known
        b"",
        b"<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /DescendantFonts [4 0 R]"
        + (b" >>" if unmapped else b" /ToUnicode 5 0 R >>"),
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity)"
        b" /Supplement 0 >> /DW 1000 /FontDescriptor << /Type /FontDescriptor /FontName /A /Flags 4"
        b" /FontBBox [0 0 1000 1000] /ItalicAngle 0 /Ascent 800 /Descent 0 /CapHeight 700 /StemV 80 >> >>",
        _stream(mapping.encode()),
    ]
    kids = []
    for page in pages:
        content = "".join(_line(line, 800 - 20 * i) for i, line in enumerate(page)) + rules
        objects.append(_stream(content.encode()))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 840] /Contents %d 0 R /Resources << /Font << /F 3 0 R >> >> >>"
            % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    return _assembled(objects, encrypt=encrypt)


def _line(line: str, height: int) -> str:
    """Its parts between tabs stand 150 points apart."""
    parts = (
        f"BT /F 12 Tf {50 + 150 * i} {height} Td <{part.encode('utf-16-be').hex()}> Tj ET\n"
        for i, part in enumerate(line.split("\t"))
    )
    return "".join(parts)


def _stream(content: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)


def _assembled(objects: Sequence[bytes], *, encrypt: bool) -> bytes:
    out = bytearray(b"%PDF-1.5\n")
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    lock = b" /ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>" % (
        b"ab" * 32,
        b"cd" * 32,
    )
    out += b"trailer << /Size %d /Root 1 0 R%s >>\n" % (len(objects) + 1, lock if encrypt else b"")
    return bytes(out + b"startxref\n%d\n%%%%EOF" % start)


def docx(*paragraphs: str, style: str = "Normal", table: Sequence[Sequence[str]] = ()) -> bytes:
    import docx as python_docx

    document = python_docx.Document()
    for paragraph in paragraphs:
        hashes = len(paragraph) - len(paragraph.lstrip("#"))
        if hashes:
            document.add_heading(paragraph[hashes:].strip(), hashes)
        else:
            document.add_paragraph(paragraph, style=style)
    if table:
        made = document.add_table(rows=len(table), cols=len(table[0]))
        for row, cells in zip(made.rows, table, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    return _saved(document)


def renumbered(content: bytes, kind: str, pattern: str) -> bytes:
    """A Word file all of whose numbered lists count as `kind` in `pattern`."""
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        numbering = source.read("word/numbering.xml").decode("utf-8")
    numbering = numbering.replace('w:val="decimal"', f'w:val="{kind}"').replace('w:val="%1."', f'w:val="{pattern}"')
    return package({"word/numbering.xml": numbering}, onto=content)


def docx_with_hidden(paragraph: str, *, hidden: str, header: str) -> bytes:
    import docx as python_docx

    document = python_docx.Document()
    made = document.add_paragraph(paragraph)
    made.add_run(hidden).font.hidden = True
    document.sections[0].header.paragraphs[0].text = header
    return _saved(document)


def pptx(slides: Iterable[tuple[str, str]]) -> bytes:
    from pptx import Presentation

    presentation = Presentation()
    for title, body in slides:
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = body
    return _saved(presentation)


def xlsx(sheets: Mapping[str, Sequence[Sequence[object]]], *, merged: str = "", hidden: str = "") -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        if merged:
            sheet.merge_cells(merged)
        if name == hidden:
            sheet.sheet_state = "hidden"
    return _saved(book)


def _saved(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def package(parts: Mapping[str, bytes | str], *, onto: bytes = b"") -> bytes:
    """An Office package of `parts`, those of `onto` kept where not given anew."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        if onto:
            with zipfile.ZipFile(io.BytesIO(onto)) as source:
                for entry in source.infolist():
                    if entry.filename not in parts:
                        target.writestr(entry, source.read(entry))
        for name, content in parts.items():
            target.writestr(name, content)
    return out.getvalue()


def with_symlink(onto: bytes) -> bytes:
    out = io.BytesIO(onto)
    with zipfile.ZipFile(out, "a") as target:
        link = zipfile.ZipInfo("word/media/image1.png")
        link.external_attr = 0o120777 << 16
        target.writestr(link, "/etc/passwd")
    return out.getvalue()
