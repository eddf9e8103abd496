"""Manuals are cut along their own structure: no text lost, none twice, no list without its heading."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opencc import OpenCC

from knowledge.ingest.clean import clean
from knowledge.ingest.prepare import prepare
from knowledge.ingest.read import Layout, read
from knowledge.ingest.split import LEAD, LONGEST, WHOLE, Piece, shown, split
from knowledge.values import Passage
from tests.knowledge.tiny import MANUAL


def passages(text: str, layout: Layout = "plain") -> list[tuple[str, str]]:
    return [(" > ".join(p.trail), shown(text, p.spans)) for p in split(text, layout)]


def texts(text: str, layout: Layout = "plain") -> list[str]:
    return [shown(text, p.shown_spans) for p in split(text, layout)]


def sentence(word: str, times: int = 12) -> str:
    return f"{word}的时候要先听顾客说完再回答" * times + "。"


def test_the_numbering_ladder_becomes_the_heading_trail() -> None:
    text = "\n".join(
        [
            "第一章 售后",
            "一、投诉处理",
            "(一)安抚",
            "1、先致歉",
            sentence("致歉"),
            "2、再倾听",
            sentence("倾听"),
            "(二)补救",
            sentence("补救"),
            "二、退货处理",
            sentence("退货"),
        ]
    )
    trails = [trail for trail, _ in passages(text)]
    assert trails == [
        "第一章 售后 > 一、投诉处理 > (一)安抚 > 1、先致歉",
        "第一章 售后 > 一、投诉处理 > (一)安抚 > 2、再倾听",
        "第一章 售后 > 一、投诉处理 > (二)补救",
        "第一章 售后 > 二、退货处理",
    ]


def test_markdown_headings_become_the_heading_trail() -> None:
    text = f"# 手册\n\n## 接待\n\n### 问好\n{sentence('问好')}\n\n### 道别\n{sentence('道别')}\n"
    assert [trail for trail, _ in passages(text, "markdown")] == ["手册 > 接待 > 问好", "手册 > 接待 > 道别"]


def test_a_list_never_loses_its_heading() -> None:
    text = "常见的失误\n• 打断顾客说话\n• 怀疑顾客的诚实\n• 拖着不回复消息\n"
    (only,) = passages(text)
    assert only[1].startswith("常见的失误")


def test_what_not_to_say_is_a_bad_example_and_what_follows_the_list_is_not() -> None:
    text = "常见消极说法\n• 打断顾客说话\n• 怀疑顾客的诚实\n• 拖着不回复消息\n同理心就是站在顾客那一边,把他的处境当成自己的处境来想。\n"
    pieces = split(text, "plain")
    bad = [shown(text, p.spans) for p in pieces if p.bad_example]
    good = [shown(text, p.spans) for p in pieces if not p.bad_example]
    assert len(bad) == 1 and "打断顾客" in bad[0] and "同理心" not in bad[0]
    assert any("同理心" in text for text in good)


@pytest.mark.parametrize(
    ("text", "bad", "good"),
    [
        ("顾客嫌慢的时候,先报到哪一站了。\n错误示范:这个我们也没办法。\n问清楚急不急用。\n", "也没办法", "急不急用"),
        ("接话要快。\n不要说:\n- 「不归我管」\n- 「你自己看」\n问清楚再答。\n", "你自己看", "问清楚再答"),
        ("接话要快。\n【忌语】\n不归我管\n你自己看\n【推荐说法】\n我帮您看看。\n", "你自己看", "我帮您看看"),
        ("接话要快。\n错误:你自己看。\n正确:我帮您看看。\n", "你自己看", "我帮您看看"),
        ("## 哪些话别说\n不归我管\n你自己看\n## 道歉\n说清是哪件事。\n", "你自己看", "哪件事"),
        ("# 手册\n## 道歉\n说清是哪件事。\n## 哪些话别说\n不归我管\n你自己看\n", "你自己看", "哪件事"),
        ("第一章 说话\n一、哪些话别说\n不归我管\n你自己看\n二、道歉\n说清。\n", "你自己看", "说清。"),
    ],
)
def test_what_a_manual_shows_as_wrong_is_a_bad_example_however_it_is_headed(text: str, bad: str, good: str) -> None:
    layout: Layout = "markdown" if text.startswith("#") else "plain"
    shown_as = {p.bad_example: shown(text, p.spans) for p in split(text, layout)}
    assert bad in shown_as[True] and good not in shown_as[True]
    assert good in shown_as[False] and bad not in shown_as[False]


@pytest.mark.parametrize(
    "text",
    [
        "第一章 說話\n一、哪些話別說\n不歸我管\n你自己看說明書\n二、道歉\n說清是哪件事,再說怎麼補。\n",
        "常見消極真理瞬間\n• 打斷顧客\n• 你自己看說明書\n二、道歉\n說清是哪件事,再說怎麼補。\n",
        "先說清是哪件事,再說怎麼補。\n錯誤示範:你自己看說明書\n",
    ],
)
def test_a_traditional_manual_is_parted_as_a_simplified_one_is(text: str) -> None:
    pieces = split(text, "plain")
    simple = split(OpenCC("t2s").convert(text), "plain")
    assert [(p.spans, p.bad_example) for p in pieces] == [(p.spans, p.bad_example) for p in simple]
    bad = "".join(shown(text, p.spans) for p in pieces if p.bad_example)
    assert "你自己看說明書" in bad and "怎麼補" not in bad
    assert {c for p in pieces for title in p.trail for c in title} <= set(text), "headings are told as they are written"


@pytest.mark.parametrize(
    "line", ["不能说明白的,请主管来说。", "话别说满,留个余地。", "别回得太快:先看完。", "错误要当天改。"]
)
def test_advice_that_only_sounds_like_such_a_heading_stays_advice(line: str) -> None:
    assert not any(p.bad_example for p in split(f"一、接话\n{line}\n再问一句还有没有别的事。\n", "plain"))


def test_a_technique_of_our_own_format_stays_whole_but_for_what_must_not_be_said() -> None:
    pieces = [p for p in split(MANUAL, "markdown") if "先问清楚再动手" in p.trail[-1]]
    advice = [shown(MANUAL, p.spans) for p in pieces if not p.bad_example]
    bad = [shown(MANUAL, p.spans) for p in pieces if p.bad_example]
    assert len(advice) == 1 and len(bad) == 1
    assert "**何时用**" in advice[0] and "**说法示例**" in advice[0] and "**依据**" in advice[0]
    assert "✗" not in advice[0] and "不可能,我们家从来没坏过" in bad[0]


def test_a_technique_too_long_to_stay_whole_carries_its_name_in_the_trail() -> None:
    long = "".join(f"{i}. {sentence(f'第{i}步', 8)}\n" for i in range(1, 9))
    text = f"# 手册\n\n### 技巧:长技巧\n**步骤**\n{long}"
    found = passages(text, "markdown")
    assert len(found) > 2
    assert all("技巧:长技巧" in trail for trail, _ in found)


def test_question_and_answer_of_a_dialogue_stay_together() -> None:
    text = (
        "客户较多时不要慌乱。" * 14 + "有关议价 顾客:太贵了。客服:理解您的心情,一分价钱一分货。"
        "顾客:五十卖不卖?客服:价格我改不了,请您谅解。"
    )
    found = passages(text)
    assert ("有关议价", "顾客:五十卖不卖?客服:价格我改不了,请您谅解。") in found
    assert sum("顾客:" in text for _, text in found) == 2


@pytest.mark.parametrize(("asks", "answers"), [("问:", "答:"), ("Q1:", "A1:"), ("买家:", "卖家:"), ("顧客:", "賣家:")])
def test_question_and_answer_stay_together_however_they_are_marked(asks: str, answers: str) -> None:
    pairs = [f"{asks}{word}怎么办\n{answers}{sentence(word, 8)}" for word in ("退货", "换货", "补发")]
    found = [body for _, body in passages("\n".join(pairs))]
    assert found == pairs


def test_boxed_headings_head_their_phrases() -> None:
    text = f"【急躁型顾客】\n{sentence('急躁', 8)}\n【犹豫型顾客】\n{sentence('犹豫', 8)}\n"
    assert [trail for trail, _ in passages(text)] == ["【急躁型顾客】", "【犹豫型顾客】"]


def test_a_script_keeps_its_situation_and_its_variables() -> None:
    script = "### {n}. 催发货\n\n**适用场景:** 顾客催发货\n\n```\n亲,[订单号]已在打包,预计[日期]发出。\n\n有消息马上告诉您~\n```\n\n"
    text = "# 话术\n\n## 售中\n\n" + "".join(script.format(n=n) for n in (1, 2))
    found = passages(text, "markdown")
    assert len([body for _, body in found if "适用场景" in body and "[日期]" in body and "告诉您" in body]) == 2


def test_the_rungs_of_brackets_and_rings_stay_with_their_heading() -> None:
    text = "(三)处理异议\n" + "".join(
        f"{ring}{sentence(word, 14)}\n" for ring, word in zip("①②③", ("倾听", "复述", "答复"), strict=True)
    )
    assert [trail for trail, _ in passages(text)] == ["(三)处理异议"] * 3


def test_an_item_that_glosses_itself_is_no_heading() -> None:
    text = (
        "客服分三种:\n\n售前客服(回答购买前的疑问,包括商品、活动和发货,以促成下单为目的,不夸大也不贬低别家)\n\n售后客服(处理退换和投诉)\n\n投诉怎么应对\n\n"
        + sentence("投诉")
    )
    assert passages(text)[0][1].endswith("售后客服(处理退换和投诉)")


def test_a_document_in_one_line_is_cut_at_its_markers() -> None:
    text = (
        f"一、礼貌辞别 {sentence('辞别', 10)} 二、订单处理 {sentence('订单', 10)} 1、核对 {sentence('核对', 9)} "
        f"2、发货 {sentence('发货', 9)}"
    )
    found = passages(text)
    assert [trail for trail, _ in found][:2] == ["一、礼貌辞别", "二、订单处理"]
    assert all(len(body) <= LONGEST + LEAD for _, body in found)


def test_headings_before_a_label_are_found_in_running_text() -> None:
    kinds = ["全面否定型", "缺乏信任型", "喋喋不休型"]
    text = "。".join(f"售后中的客人类型{kind} 表现:{sentence(kind, 6)}处理方式(1)听完(2)记录(3)答复" for kind in kinds)
    assert [trail for trail, _ in passages(text)] == [f"售后中的客人类型{kind}" for kind in kinds]


def test_a_bracketed_figure_is_no_marker() -> None:
    text = sentence("价格", 9) + "原价(20)元" + sentence("折扣", 9)
    assert all(not body.startswith("(20)") for _, body in passages(text))


def test_decimals_are_no_markers() -> None:
    text = sentence("退款", 9) + " 1.87天是平均值。" + sentence("退款", 9)
    assert any("1.87天" in body for _, body in passages(text))


PARTS = st.sampled_from(
    [
        "# 标题\n", "## 节\n", "### 技巧:名称\n", "一、甲\n", "(二)乙\n", "3、丙", "(1)丁", "(2)戊", "①己", "第二章 章名\n",
        "**不要说**\n", "- ✗「不行」——伤人\n", "**依据** 经验\n", "- 条目\n", "• 点\n", "顾客:贵了", "客服:理解", " ", "\n", "\n\n",
        "表现:", "客人类型某某型 表现:急。", "很长的一句话" * 30, "短句。", "有关议价 ", "```\n", "PPT课件\n", "消极说法\n",
        "| 场景 | 话术 |\n| --- | --- |\n", "| 少件 | 查库存 |\n", f"| 破损 | {'拍照' * 60} |\n", "备注:乙\n",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTS, max_size=40).map("".join), st.sampled_from(["plain", "markdown", "pages", "document"]))
def test_no_text_is_lost_and_none_stands_twice(text: str, layout: Layout) -> None:
    pieces = split(text, layout)
    covered = [i for p in pieces for start, end in p.spans for i in range(start, end) if not text[i].isspace()]
    assert sorted(covered) == [i for i, character in enumerate(text) if not character.isspace()]
    for piece in pieces:
        assert letters_of(shown(text, piece.spans)) == letters_of("".join(text[a:b] for a, b in piece.spans))
        assert_bounded(text, piece)


def letters_of(text: str) -> str:
    return re.sub(r"\s", "", text)


def assert_bounded(text: str, piece: Piece) -> None:
    assert len(letters_of(shown(text, piece.spans))) <= max(WHOLE, LONGEST + 2 * LEAD + 100)


@pytest.mark.parametrize(
    "text",
    [
        "(1)" * 30_000,
        "1、" * 30_000,
        " " * 300_000 + "字",
        "顾客:贵" * 20_000,
        "第一章:概述 " * 10_000,
        "甲乙丙丁 表现:坏。" * 10_000,
        "\n".join(f"{'#' * (i % 6 + 1)} 标题{i}" for i in range(5_000)),
        "您好请稍等\n" * 20_000,
        "(" * 100_000,
        "| 甲 | 乙 |\n| --- | --- |\n" * 5_000,
        "⟦导航⟧\n" * 20_000,
        "要 求 " * 20_000,
    ],
    ids=[
        "brackets",
        "numbers",
        "blanks",
        "speakers",
        "chapters",
        "labels",
        "headings",
        "repeats",
        "open",
        "tables",
        "notes",
        "torn",
    ],
)
@pytest.mark.parametrize("layout", ["plain", "markdown", "document"])
def test_hostile_structure_takes_bounded_time_and_makes_bounded_passages(text: str, layout: Layout) -> None:
    began = time.process_time()
    cleaned = clean(text, layout)
    pieces = split(cleaned.text, layout)
    assert time.process_time() - began < 20
    for piece in pieces:
        assert_bounded(cleaned.text, piece)


@pytest.mark.parametrize("size", [20_000, 200_000])
def test_a_long_text_without_any_structure_is_cut_in_bounded_time(size: int) -> None:
    found = split("没有标点的文字" * (size // 7), "plain")
    assert max(end - start for p in found for start, end in p.spans) <= LONGEST


FULL_WIDTH = str.maketrans(",:()?!;", "\uff0c\uff1a\uff08\uff09\uff1f\uff01\uff1b")


def as_written_in_china(passages: list[Passage]) -> list[tuple[str, ...]]:
    told = [(p.kind, p.stage, p.section, p.text, *p.techniques) for p in passages]
    return [tuple(part.translate(FULL_WIDTH) for part in one) for one in told]


@pytest.mark.parametrize(
    "text",
    [
        "Q1:能开发票吗?\nA1:可以的,下单时备注抬头。\nQ2:几天到?\nA2:一般三到五天。\n",
        "顾客:太贵了,能便宜点吗?\n客服:这款已经是活动价,您领了券再下单。\n顾客:几时发?\n客服:今天下单今天发。\n",
        "催发货\n场景:付款两天还没发货\n话术:亲,查到您的订单正在打包。\n砍价\n场景:要求便宜\n话术:亲,价格由店里统一定,您先领页面上的券。\n",
        "一、接待\n(一)先问需求:用在哪里、谁来用\n(二)再推荐:最多两款\n二、收尾\n1、核对地址;\n2、说清时效!\n",
        "# 手册\n### 技巧:先听\n- 别名:倾听\n- 阶段:售后\n听他说完,再开口。\n",
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_full_width_punctuation_is_read_as_half_width(tmp_path: Path, text: str, name: str) -> None:
    found = []
    for written in (text, text.translate(FULL_WIDTH)):
        path = tmp_path / name
        path.write_text(written, encoding="utf-8")
        found.append([p.passage for p in prepare(read(path), name=name, shipped=False, cautioner=None).passages])
    assert as_written_in_china(found[0]) == as_written_in_china(found[1])
    assert "".join(p.text for p in found[1]).count("\uff1a") == sum(
        p.text.translate(FULL_WIDTH).count("\uff1a") for p in found[0]
    )  # shown as it was written


def test_each_script_stands_by_itself_with_its_occasion() -> None:
    text = "砍价\n场景:顾客要求便宜\n话术:亲,价格由店里统一定。\n催付\n场景:拍下没付款\n话术:亲,看到您还没付款。\n"
    found = texts(text)
    assert found == [
        "砍价\n场景:顾客要求便宜\n话术:亲,价格由店里统一定。",
        "催付\n场景:拍下没付款\n话术:亲,看到您还没付款。",
    ]


def test_sections_that_the_file_itself_heads_are_passages_of_their_own() -> None:
    text = "# 守则\n## 问年份\n只讲单据上写的年份,单据拍给客人看。不要把新茶讲成老茶。\n## 要试喝\n十克以内的试喝包随单寄出,单独索取的请付寄件费。\n"
    assert len(texts(text, "document")) == 2


def test_the_header_of_the_next_sheet_is_no_row_of_this_one() -> None:
    def table(first: str, *rows: str) -> str:
        return "\n".join((first, "| --- | --- |", *rows, ""))

    one = table("| 问 | 答复 |", *(f"| 第{i}个问题 | {'先核对订单再给时限' * 3} |" for i in range(4)))
    other = table("| 情形 | 谁来 |", *(f"| 第{i}种情形 | {'售后主管在四小时内回复' * 3} |" for i in range(3)))
    found = texts(one + "\n" + other, "document")
    assert all(("情形 | 谁来" in text) == ("种情形" in text) for text in found)
    assert not any("个问题" in text and "种情形" in text for text in found)
