"""Office files, web pages and PDFs become text with their headings, numbers, tables and places; hostile ones are refused."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest

from knowledge.errors import KefuError
from knowledge.ingest.prepare import prepare
from knowledge.ingest.read import read
from knowledge.ingest.readers import apart, limits
from knowledge.values import Passage
from tests.knowledge import files

ADVICE = "顾客要退货时,先核对订单,再给出一个做得到的时限。"
TABLE = [["场景", "话术"], ["少件", "我先查一下库存"], ["破损", "麻烦您拍张照片"]]


def saved(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def text_of(folder: Path, name: str, content: bytes) -> str:
    return read(saved(folder, name, content)).text


def passages(path: Path) -> list[Passage]:
    document = prepare(read(path), name=str(path), shipped=False, cautioner=None)
    return [placed.passage for placed in document.passages]


def cuts(path: Path) -> list[tuple[str, str]]:
    """(reason, what was left out) of what is reported."""
    document = prepare(read(path), name=str(path), shipped=False, cautioner=None)
    return [(c.reason, document.text[c.start : c.end].strip()) for c in document.cuts if c.reason != "metadata"]


# --- Word ------------------------------------------------------------------------------------------------------------


def test_word_keeps_headings_and_tables(tmp_path: Path) -> None:
    path = saved(tmp_path, "手册.docx", files.docx("# 售后", "## 退货", ADVICE, table=TABLE))
    (only,) = passages(path)
    assert only.document == "售后" and only.text.startswith("# 售后\n## 退货\n")
    assert ADVICE in only.text and "| 少件 | 我先查一下库存 |" in only.text


def test_word_shows_the_numbers_that_it_counts_itself(tmp_path: Path) -> None:
    text = text_of(tmp_path, "a.docx", files.docx("先致歉", "再核实", style="List Number"))
    assert text.split("\n")[:2] == ["1. 先致歉", "2. 再核实"]


def test_word_counts_in_chinese_where_the_manual_does(tmp_path: Path) -> None:
    numbered = files.renumbered(files.docx("接待", "安抚", "补救", style="List Number"), "chineseCounting", "%1、")
    assert text_of(tmp_path, "a.docx", numbered).split("\n")[:3] == ["一、 接待", "二、 安抚", "三、 补救"]


def test_hidden_words_and_page_heads_of_word_are_set_aside_with_their_reason(tmp_path: Path) -> None:
    path = saved(tmp_path, "a.docx", files.docx_with_hidden(ADVICE, hidden="采集无效", header="某店内部资料"))
    assert ("hidden", "采集无效") in cuts(path) and ("running_head", "某店内部资料") in cuts(path)
    assert all("采集无效" not in p.text and "内部资料" not in p.text for p in passages(path))


# --- slides, sheets --------------------------------------------------------------------------------------------------


def test_slides_keep_their_titles_and_numbers(tmp_path: Path) -> None:
    path = saved(tmp_path, "课件.pptx", files.pptx([("听", ADVICE), ("说", "先认同顾客的感受\n再说能做什么")]))
    assert [(p.section, p.text.split("\n")[0]) for p in passages(path)] == [
        ("听 > 幻灯片 1", "## 听"),
        ("说 > 幻灯片 2", "## 说"),
    ]


def test_every_part_of_a_long_table_carries_its_header_and_no_row_stands_twice(tmp_path: Path) -> None:
    rows = [[f"场景{i}", f"第{i}种情况先听顾客说完,再告诉他我们怎么处理"] for i in range(30)]
    found = passages(saved(tmp_path, "话术.xlsx", files.xlsx({"售后": [TABLE[0], *rows]})))
    assert len(found) > 3
    assert all(p.text.startswith("| 场景 | 话术 |\n| --- | --- |\n| 场景") for p in found)
    assert all(p.section == "工作表 售后" for p in found)
    shown = [line for p in found for line in p.text.split("\n")[2:]]
    assert len(shown) == len(set(shown)) == 30


def test_cells_merged_downwards_are_said_in_each_row_and_hidden_sheets_are_set_aside(tmp_path: Path) -> None:
    rows: list[list[object]] = [["场景", "话术"], ["退货", "可以退的"], [None, "请保持完好"]]
    path = saved(tmp_path, "a.xlsx", files.xlsx({"甲": rows, "乙": [["密语"]]}, merged="A2:A3", hidden="乙"))
    assert "| 退货 | 请保持完好 |" in passages(path)[0].text
    assert ("hidden", "密语") in cuts(path)


def test_what_stands_on_one_sheet_is_not_put_together_with_another(tmp_path: Path) -> None:
    rows: list[list[object]] = [["场景", "话术"], ["退货", "可以退的,请保持完好"]]
    path = saved(tmp_path, "a.xlsx", files.xlsx({"话术": rows, "备注": [["此表每月更新"], ["有疑问找店长"]]}))
    first, second = passages(path)
    assert "每月更新" not in first.text and first.section == "工作表 话术"
    assert second.text == "此表每月更新\n有疑问找店长" and second.section == "工作表 备注"
    assert read(path).text[second.start : second.end] == second.text


ARTICLE = """<html><body><h1>回话的学问</h1><p>原创 小巷客服 2021-05-06</p>
<section><p><span>戳上面的“蓝字”关注咱们</span></p></section><h2>先应一声</h2><p>看到消息先应一声,再去查,查到哪说到哪。</p>
<p>—— END ——</p><p>长按识别二维码,进群领资料</p><p>觉得有用就点个“在看”吧</p><p>阅读原文 阅读 2.3万+ 在看</p></body></html>"""


def test_what_frames_an_article_of_a_messenger_is_cut_and_reported(tmp_path: Path) -> None:
    path = saved(tmp_path, "文章.html", ARTICLE.encode())
    assert (
        "\n".join(p.text for p in passages(path)) == "# 回话的学问\n## 先应一声\n看到消息先应一声,再去查,查到哪说到哪。"
    )
    assert [reason for reason, _ in cuts(path)] == ["byline", "share_prompt", "ornament", *["share_prompt"] * 3]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_is_a_table_in_any_encoding_and_with_any_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    content = "\n".join(delimiter.join(row) for row in TABLE).encode(encoding)
    assert "| 破损 | 麻烦您拍张照片 |" in text_of(tmp_path, "a.csv", content)


# --- web pages -------------------------------------------------------------------------------------------------------

PAGE = """<html><head><title>退货怎么回_某站</title><script>steal("cookie")</script></head><body>
<nav>首页 资讯 问答</nav><div class="side sidebar">猜你喜欢</div><h1>退货怎么回</h1>
<p>先安抚<br>再核对,<span style="display:none">采集无效</span>最后给出
时限。<ruby>應<rt>yīng</rt></ruby>该这样。</p><ul><li><p>第一条</p></li><li>第二条</li></ul><p>顾客 & 客服 &lt;script&gt;</p>
<table><tr><th>情况</th><th>话术</th></tr><tr><td rowspan="2">破损</td><td>拍照</td></tr><tr><td>补发</td></tr></table>
<footer>某公司 版权所有</footer><script>track()</script></body></html>"""


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-16"])
def test_a_web_page_is_its_matter_and_the_rest_is_reported(tmp_path: Path, encoding: str) -> None:
    path = saved(tmp_path, "页.html", PAGE.encode(encoding))
    (only,) = passages(path)
    assert only.document == "退货怎么回"
    assert "再核对,最后给出 时限。應该这样。" in only.text
    assert "- 第一条\n- 第二条" in only.text and "| 破损 | 补发 |" in only.text
    left_out = {said: reason for reason, said in cuts(path)}
    assert left_out["首页 资讯 问答"] == "menu" and left_out["猜你喜欢"] == "sidebar"
    assert left_out["采集无效"] == "hidden" and left_out["某公司 版权所有"] == "footer"
    assert left_out["track()"] == "script"
    assert "steal" not in only.text and "<script>" in only.text  # what was written as text stays text


def test_a_page_whose_whole_matter_is_called_a_menu_is_still_read(tmp_path: Path) -> None:
    page = f'<body><div class="menu-wrap">{"".join(f"<p>{i}、{ADVICE}</p>" for i in range(5))}</div></body>'
    assert ADVICE in passages(saved(tmp_path, "a.html", page.encode()))[0].text


# --- PDF -------------------------------------------------------------------------------------------------------------

LONG = "客服应当先听顾客把话说完,再核对订单和照片,最后给出处理的办法,这样才能"


def test_pages_keep_their_numbers_and_a_sentence_across_the_break_is_joined(tmp_path: Path) -> None:
    pages = [
        ["某店服务手册", LONG],
        ["某店服务手册", "让人放心,不会反复追问同一件事,也不会觉得被敷衍。"],
        ["某店服务手册", "第二章 退货", ADVICE],
    ]
    path = saved(tmp_path, "手册.pdf", files.pdf(pages))
    found = passages(path)
    assert any(f"{LONG}让人放心" in p.text and p.section.endswith("第 1 页") for p in found)
    assert any(ADVICE in p.text and p.section.endswith("第 3 页") for p in found)
    assert [reason for reason, _ in cuts(path)] == ["running_head"] * 3


def test_a_ruled_table_of_a_pdf_stays_a_table(tmp_path: Path) -> None:
    rules = "".join(f"50 {y} 300 0.5 re f\n" for y in (815, 795, 775, 755))
    rules += "".join(f"{x} 755 0.5 60 re f\n" for x in (48, 190, 350))
    text = text_of(
        tmp_path,
        "a.pdf",
        files.pdf([["场景\t话术", "破损\t拍照片", "少件\t查库存", "", "表后还有一句话"]], rules=rules),
    )
    assert "| 场景 | 话术 |\n| --- | --- |\n| 破损 | 拍照片 |\n| 少件 | 查库存 |\n表后还有一句话" in text


def test_a_lone_page_without_text_is_reported(tmp_path: Path) -> None:
    path = saved(tmp_path, "a.pdf", files.pdf([[ADVICE], [], [ADVICE[::-1]]]))
    assert [reason for reason, _ in cuts(path)] == ["no_text"]


# --- what is refused -------------------------------------------------------------------------------------------------


def entities() -> bytes:
    levels = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 9))
    bomb = f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY e0 "哈哈">{levels}]><w>&e8;</w>'
    return files.package({"word/document.xml": bomb}, onto=files.docx(ADVICE))


HOSTILE = {
    "scan.pdf": (files.pdf([[]] * 3), "no_text"),
    "locked.pdf": (files.pdf([[ADVICE]], encrypt=True), "password"),
    "thick.pdf": (files.pdf([["页"]] * (limits.PAGES + 1)), "too_large"),
    "private.pdf": (files.pdf([["\ue000\ue001\ue002字字" * 4]]), "garbled"),
    "half.pdf": (files.pdf([[ADVICE]])[:200], "damaged"),
    "text.docx": (b"just text", "damaged"),
    "half.docx": (files.docx(ADVICE)[:-300], "damaged"),
    "bomb.docx": (files.package({"word/document.xml": b"<w>" + b" " * 30_000_000}, onto=files.docx(ADVICE)), "too_large"),
    "entities.docx": (entities(), "archive"),
    "escape.docx": (files.package({"../../etc/cron.d/x": "x"}, onto=files.docx(ADVICE)), "archive"),
    "link.docx": (files.with_symlink(files.docx(ADVICE)), "archive"),
    "macro.docx": (files.package({"word/vbaProject.bin": b"x"}, onto=files.docx(ADVICE)), "macros"),
    "macro.docm": (files.docx(ADVICE), "macros"),
    "locked.docx": (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le"), "password"),
    "old.doc": (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 512, "unsupported"),
    "old.xlsx": (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 512, "damaged"),
    "empty.docx": (files.docx(), "empty"),
    "rows.csv": (b"a,b\n" * (limits.ROWS + 1), "too_large"),
    "rows.html": (b"<table>" + b"<tr><td>a<td>b" * (limits.ROWS + 2) + b"</table>", "too_large"),
    "deep.html": (("<div><span>" * 5000 + ADVICE).encode(), "too_large"),
    "word.pdf": (files.docx(ADVICE), "misnamed"),
    "word.txt": (files.docx(ADVICE), "misnamed"),
    "pages.docx": (files.pdf([[ADVICE]]), "misnamed"),
    "page.txt": (b"<!DOCTYPE html><html><body><p>a</p></body></html>", "misnamed"),
    "wide.csv": (b"a,b\n" + b"," * limits.COLUMNS + b"far\n", "too_large"),
    "far.xlsx": (files.xlsx({"a": [["x"], [None] * limits.COLUMNS + ["far"]]}), "too_large"),
    "nothing.xlsx": (files.xlsx({"a": [[]]}), "empty"),
    "image.html": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "encoding"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_or_must_not_be_read_is_refused_with_reason_and_remedy(tmp_path: Path, name: str) -> None:
    content, code = HOSTILE[name]
    with pytest.raises(KefuError) as refusal:
        read(saved(tmp_path, name, content))
    assert refusal.value.code == f"document.{code}"
    assert name in refusal.value.zh and refusal.value.zh.count("。") >= 1 and name in refusal.value.en


def test_a_sheet_with_a_million_rows_is_refused_in_bounded_time(tmp_path: Path) -> None:
    row = '<row><c t="inlineStr"><is><t>a</t></is></c><c t="inlineStr"><is><t>b</t></is></c></row>'
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    sheet = head + row * (limits.ROWS * 12) + "</sheetData></worksheet>"
    content = files.package({"xl/worksheets/sheet1.xml": sheet}, onto=files.xlsx({"a": [["x"]]}))
    with pytest.raises(KefuError) as refusal:
        read(saved(tmp_path, "a.xlsx", content))
    assert refusal.value.code == "document.too_large"


def test_a_sheet_is_read_whole_whatever_size_it_claims(tmp_path: Path) -> None:
    rows = [["场景", "话术"], *([f"第{i}种情况", ADVICE] for i in range(3)), *([[]] * 30_000), ["最后", ADVICE[::-1]]]
    content = files.xlsx({"a": rows})
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode("utf-8")
    claimed = re.sub('<dimension ref="[^"]+"', '<dimension ref="A1"', sheet)
    assert claimed != sheet
    text = text_of(tmp_path, "a.xlsx", files.package({"xl/worksheets/sheet1.xml": claimed}, onto=content))
    assert ADVICE in text and ADVICE[::-1] in text


def test_a_row_whose_cells_span_columns_keeps_what_it_says(tmp_path: Path) -> None:
    cells = "".join(f"<td colspan=50>{n}</td>" for n in ("甲", "乙", "丙"))
    text = text_of(tmp_path, "a.htm", f"<html><table><tr>{cells}</tr><tr><td>a<td>b</tr></table></html>".encode())
    assert all(n in text for n in ("甲", "乙", "丙"))


def test_a_reader_that_does_not_end_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(KefuError) as refusal:
        apart.convert("pdf", files.pdf([[ADVICE]]), "慢.pdf", wall_seconds=0.001)
    assert refusal.value.code == "document.too_costly"


def test_a_control_character_in_a_name_is_shown_as_such(tmp_path: Path) -> None:
    with pytest.raises(KefuError) as refusal:
        read(saved(tmp_path, "手册\x1b[31m\n.docx", b"x"))
    assert "\x1b" not in refusal.value.zh and "\n" not in refusal.value.zh


def test_brackets_of_our_own_notes_in_a_file_mean_nothing(tmp_path: Path) -> None:
    path = saved(tmp_path, "a.docx", files.docx("⟦隐藏⟧", ADVICE, "⟦隐藏 完⟧"))
    assert cuts(path) == [] and ADVICE in passages(path)[0].text


def test_nothing_of_a_package_is_written_to_disk(tmp_path: Path) -> None:
    path = saved(tmp_path, "a.docx", files.docx(ADVICE))
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as package:
        assert package.namelist()
    read(path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.docx"]


def test_a_cover_contents_and_thanks_are_no_advice(tmp_path: Path) -> None:
    slides = [("情绪接待", "培训部 第2期"), ("目录", "一、听\n二、办"), ("听完再开口", ADVICE), ("情绪接待", "培训部 第2期"),
              ("当面办", ADVICE[::-1]), ("谢谢观看", "")]  # fmt: skip
    path = saved(tmp_path, "a.pptx", files.pptx(slides))
    assert [reason for reason, _ in cuts(path)] == ["cover", "table_of_contents", "cover", "slide_marker"]
    first, second = passages(path)
    assert first.text == f"## 情绪接待\n## 听完再开口\n{ADVICE}" and first.section.endswith("幻灯片 3")
    assert second.text == f"## 当面办\n{ADVICE[::-1]}"


def test_a_first_slide_that_says_something_is_kept(tmp_path: Path) -> None:
    path = saved(tmp_path, "a.pptx", files.pptx([("情绪接待", ADVICE), ("目录", ADVICE * 2)]))
    assert cuts(path) == [] and len(passages(path)) == 2
