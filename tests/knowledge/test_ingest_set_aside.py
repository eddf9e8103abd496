"""What a file itself takes back, hides or only notes beside the text is not taught: it is reported, and can be brought back."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import docx
import openpyxl
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet
from pptx import Presentation
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI

from knowledge.ingest.prepare import prepare
from knowledge.ingest.read import read

KEPT = "质量问题的运费由本店承担,两日内退还。"


def prepared(folder: Path, name: str, content: bytes) -> tuple[str, set[tuple[str, str]]]:
    """All that is taught, and (reason, words) of what was left out."""
    path = folder / name
    path.write_bytes(content)
    document = prepare(read(path), name=name, shipped=False, cautioner=None)
    taught = "\n".join(placed.passage.text for placed in document.passages)
    return taught, {(c.reason, document.text[c.start : c.end].strip()) for c in document.cuts}


def tracked(kind: str, words: str) -> str:
    inside = "delText" if kind == "del" else "t"
    return f'<w:{kind} {nsdecls("w")} w:id="1" w:author="小顾"><w:r><w:{inside}>{words}</w:{inside}></w:r></w:{kind}>'


def test_what_word_tracks_as_deleted_is_reported_and_what_it_tracks_as_inserted_is_taught(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("质量问题的运费由本店承担,")._p
    paragraph.append(parse_xml(tracked("del", "一律由顾客自付,")))
    paragraph.append(parse_xml(tracked("ins", "两日内退还。")))
    document.add_paragraph()._p.append(parse_xml(tracked("del", "拆了包装就不给退。")))
    taught, cuts = prepared(tmp_path, "a.docx", saved(document))
    assert KEPT in taught and "自付" not in taught and "不给退" not in taught
    assert {("deleted", "一律由顾客自付,\n拆了包装就不给退。")} <= cuts


def test_comments_of_word_and_powerpoint_are_no_part_of_the_manual(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_comment(document.add_paragraph(KEPT).runs[0], text="这句要不要先道歉", author="小顾", initials="g")
    taught, cuts = prepared(tmp_path, "a.docx", saved(document))
    assert KEPT in taught and "道歉" not in taught and ("comment", "这句要不要先道歉") in cuts
    slides = Presentation()
    slide = slides.slides.add_slide(slides.slide_layouts[1])
    slide.shapes.title.text, slide.placeholders[1].text = "运费", KEPT
    slide.notes_slide.notes_text_frame.text = "讲的时候举一个破损的例子"
    note = '<p:cmLst xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"><p:cm><p:text>数字要核对</p:text></p:cm></p:cmLst>'
    kind = "application/vnd.openxmlformats-officedocument.presentationml.comments+xml"
    part = Part(PackURI("/ppt/comments/comment1.xml"), kind, slide.part.package, note.encode())
    slide.part.relate_to(part, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments")
    taught, cuts = prepared(tmp_path, "a.pptx", saved(slides))
    assert KEPT in taught and "数字要核对" not in taught and ("comment", "数字要核对") in cuts
    assert "备注:讲的时候举一个破损的例子" in taught, "what the speaker is to say is matter"


def partly_hidden() -> tuple[openpyxl.Workbook, Worksheet]:
    """A workbook whose third row and third column nobody sees."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ("情形", "做法", "成本"),
        ("破损", "补发或者退款", "十二"),
        ("旧规", "拆封不给退", "零"),
        ("少件", "核对后补寄", "五"),
    ):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["C"].hidden = True
    return book, sheet


def test_hidden_rows_and_columns_and_notes_of_excel_are_set_aside(tmp_path: Path) -> None:
    book, sheet = partly_hidden()
    sheet["B2"].comment = Comment("要先拍照", "小顾")
    taught, cuts = prepared(tmp_path, "a.xlsx", saved(book))
    assert "| 破损 | 补发或者退款 |" in taught and "| 少件 | 核对后补寄 |" in taught
    assert not any(word in taught for word in ("拆封不给退", "成本", "十二", "要先拍照"))
    assert ("comment", "B2:要先拍照") in cuts
    assert any(reason == "hidden" and "拆封不给退" in words and "十二" in words for reason, words in cuts)


def test_hidden_rows_of_a_large_workbook_are_set_aside_as_those_of_a_small_one(tmp_path: Path) -> None:
    book, sheet = partly_hidden()
    sheet["A2"].comment = Comment("要先拍照", "小顾")
    data = io.BytesIO(saved(book))
    with zipfile.ZipFile(data, "a") as package:
        package.writestr("xl/media/picture.png", random.Random(7).randbytes(2_500_000))
    taught, cuts = prepared(tmp_path, "a.xlsx", data.getvalue())
    assert "| 破损 | 补发或者退款 |" in taught and not any(word in taught for word in ("拆封不给退", "成本", "十二"))
    assert ("comment", "A2:要先拍照") in cuts
    assert any(reason == "hidden" and "拆封不给退" in words for reason, words in cuts)


def test_a_fold_of_a_web_page_heads_what_lies_in_it(tmp_path: Path) -> None:
    folds = "".join(
        f"<details><summary>{ask}</summary><p>{answer}</p></details>"
        for ask, answer in (("退货怎么走", "在订单页申请,审核通过之后寄回,收到后当天退款。"), ("运费谁出", KEPT))
    )
    path = tmp_path / "a.html"
    path.write_text(f"<html><body><h1>常见问题</h1>{folds}</body></html>", encoding="utf-8")
    document = prepare(read(path), name="a.html", shipped=False, cautioner=None)
    text = "\n\n".join(placed.passage.text for placed in document.passages)
    assert "#### 退货怎么走\n" in text and f"#### 运费谁出\n{KEPT}" in text.replace("\n\n", "\n")


def saved(thing: object) -> bytes:
    out = io.BytesIO()
    thing.save(out)  # type: ignore[attr-defined]
    return out.getvalue()
