"""What is not the manual's matter goes, with its reason and place; the matter stays, character for character."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.errors import DataFileError
from knowledge.ingest.clean import STEPS, Cleaned, clean
from knowledge.ingest.clean import _rules as load_rules
from knowledge.ingest.marks import BLOCKS
from knowledge.ingest.reasons import REASONS
from knowledge.ingest.repeats import repeated_lines

BODY = "顾客来问退货,先听他说完,再核对订单,最后给他一个做得到的时间。"


def reasons(cleaned: Cleaned) -> Counter[str]:
    return Counter(cut.reason for cut in cleaned.cuts)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("首页 学堂 问答 专栏", "menu"),
        ("首页 > 学堂 > 客服", "site_header"),
        ("2020-01-02 10:30 来源:网络 作者:小王 阅读:39", "byline"),
        ("收藏 分享(赏)", "share_prompt"),
        ("展开阅读全文", "download_prompt"),
        ("- 2、\"仅部分预览\"的文档,预览不完整可以申请退款", "download_prompt"),
        ("©2019 某某网络公司 版权所有", "copyright"),
        ("粤ICP备12345678号-1", "copyright"),
        ("客服电话:0755-12345678", "contact"),
        ("第 3 页", "page_number"),
        ("3/46", "page_number"),
        ("OHP-7", "slide_marker"),
        ("感谢观看", "slide_marker"),
    ],
)  # fmt: skip
def test_lines_that_sites_and_slides_leave_behind_are_cut_with_their_reason(line: str, reason: str) -> None:
    cleaned = clean(f"{line}\n\n{BODY}\n", "plain")
    assert reasons(cleaned) == {reason: 1}
    assert cleaned.text.strip() == BODY


@pytest.mark.parametrize(
    "line",
    [
        "收藏店铺的顾客可以领券。",
        "客户留下电话后,当天要登记。",
        "感谢您的来电,祝您生活愉快。",
        "1、下载快递面单,核对地址。",
        "返回的包裹要先验货。",
        "3、先致歉",
        "2:1 的比例稀释",
    ],
)
def test_advice_that_looks_like_boilerplate_stays(line: str) -> None:
    assert clean(f"{line}\n{BODY}", "plain").cuts == ()


def test_titles_of_other_pages_go_with_the_heading_above_them() -> None:
    text = "".join(f"{BODY[i:]}{i}\n" for i in range(6)) + "相关推荐\n客服怎么说话\n淘宝开店流程\n店铺装修教程大全\n"
    assert reasons(clean(text, "plain")) == {"sidebar": 4}
    kept = f"{BODY}\n相关推荐\n先问清用途,再推荐一款主推的,最后说明理由。\n搭配要讲明为什么,顾客才会信。\n"
    assert reasons(clean(kept, "plain")) == {"sidebar": 1}


def test_lines_of_signs_say_nothing_but_the_emoji_of_a_script_stays() -> None:
    assert reasons(clean(f"{BODY}\n..\n◆◆\n…\n", "plain")) == {"ornament": 3}
    assert clean(f"{BODY}\n```\n亲,您好\n😊\n```\n", "markdown").cuts == ()


def test_footers_are_cut_at_the_end_but_not_in_the_middle_of_a_manual() -> None:
    middle = "\n".join([BODY] * 20 + ["在线客服"] + [BODY[::-1]] * 20)
    assert "footer" not in reasons(clean(middle, "markdown"))
    assert reasons(clean(f"{BODY}\n在线客服", "markdown"))["footer"] == 1


def test_pinyin_glued_behind_its_character_goes_and_other_brackets_stay() -> None:
    cleaned = clean("客服應(yīng)當熟知商品內(nèi)容,回復(ok)即可(A)。", "plain")
    assert cleaned.text == "客服應當熟知商品內容,回復(ok)即可(A)。"
    assert reasons(cleaned) == {"glued_pinyin": 2}


def test_watermarks_in_a_foreign_script_go_and_a_lone_greek_letter_stays() -> None:
    cleaned = clean(f"分析问Βιβλιοθήκη题\nቤተ መጻሕፍቲ ባይዱ\n{BODY * 3}α 系数", "plain")
    assert "分析问题" in cleaned.text and "α 系数" in cleaned.text
    assert reasons(cleaned) == {"junk_glyphs": 2}


def test_a_manual_written_in_greek_is_not_a_watermark() -> None:
    assert "junk_glyphs" not in reasons(clean("Η εξυπηρέτηση πελατών ξεκινά με την ακρόαση.", "plain"))


def test_a_substituted_character_is_repaired_where_the_text_does_it_throughout() -> None:
    assert clean("客户旳需求,我们旳服务,商品旳价格", "plain").text == "客户的需求,我们的服务,商品的价格"
    assert clean("旳字少见", "plain").text == "旳字少见"


def test_a_sentence_broken_by_the_page_is_joined_and_a_heading_after_it_is_not_swallowed() -> None:
    long = "服务补救是企业在服务失败以后为了留住顾客而做的一系列努"
    assert clean(f"{long}\n力,目的在于挽回信任。", "plain").text == f"{long}力,目的在于挽回信任。"
    assert clean(f"{long}\n倾听技巧\n多听少说。", "plain").text == f"{long}\n倾听技巧\n多听少说。"


def test_a_table_of_contents_goes_and_the_chapters_it_names_stay() -> None:
    contents = "第一章:概述 第二章:售前 第三章:售中 第四章:售后 "
    cleaned = clean(f"{contents}第一章:概述 {BODY}第二章:售前 {BODY}", "plain")
    assert reasons(cleaned) == {"table_of_contents": 1}
    assert cleaned.text.startswith("第一章:概述 顾客")


def test_ruled_lines_go() -> None:
    assert reasons(clean(f"{BODY}\n---\n{BODY[::-1]}\n* * *\n", "markdown")) == {"ornament": 2}


def test_page_numbers_need_company_a_lone_figure_is_matter() -> None:
    assert reasons(clean("1\n甲内容在此\n2\n乙内容在此\n3\n丙内容在此", "plain")) == {"page_number": 3}
    assert clean("满减门槛\n99\n元起", "plain").cuts == ()


def test_slides_exported_twice_are_kept_once() -> None:
    slide = "客户沟通的五个步骤怎么走\n迅速受理顾客的来访\n用同理心获取信息\n分析顾客真正的期望\n把方案有条理地说出来\n"
    text = f"甲一段开场白\n{slide}乙一段过场白\n{slide}丙一段收场白\n"
    found = repeated_lines(text)
    assert [text[r.start : r.end] for r in found] == slide.splitlines()
    assert all(text[r.origin :].startswith(text[r.start : r.end]) and r.origin < r.start for r in found)


def test_a_greeting_that_comes_back_is_no_repeated_slide() -> None:
    assert repeated_lines("您好\n甲方案很好\n您好\n乙方案也好\n您好\n丙方案更好\n") == ()


ALPHABET = "客服顾退货一二三123、。,;:()(){}\n\n 　\u00a0旳應(yīng)Βιβλიo ©·…-#*•✗第章页首>"


@given(st.text(alphabet=ALPHABET, max_size=400), st.sampled_from(["plain", "markdown"]))
def test_nothing_is_lost_or_moved(text: str, layout: str) -> None:
    cleaned = clean(text, "markdown" if layout == "markdown" else "plain")
    assert len(cleaned.offsets) == len(cleaned.text) + 1
    cut = {i for c in cleaned.cuts for i in range(c.start, c.end) if not c.replacement}
    kept = list(cleaned.offsets[:-1])
    assert kept == sorted(set(kept))
    assert not cut.intersection(kept)
    for i, character in enumerate(text):
        assert character.isspace() or i in cut or i in set(kept)
    repaired = {c.start: c.replacement for c in cleaned.cuts if c.replacement}
    for character, offset in zip(cleaned.text, kept, strict=True):
        assert character == text[offset] or character == repaired.get(offset) or text[offset].isspace()


def test_every_rule_proves_itself_on_its_own_examples() -> None:
    rules = [rule for rule, _ in load_rules()]
    assert len(rules) >= 10 and all(rule.drops and rule.keeps for rule in rules)


def test_every_reason_has_a_name_in_both_languages() -> None:
    given_by_rules = {rule.reason for rule, _ in load_rules()}
    unreported = {
        "boilerplate",
        "tail",
        "notes",
        "metadata",
        "variant_character",
        "mojibake",
        "torn_word",
        "space",
        "wrap",
    }
    given_by_steps = {name for name, _ in STEPS} - unreported
    assert given_by_rules | given_by_steps | set(BLOCKS.values()) == set(REASONS)


def test_a_rule_that_would_drop_its_look_alike_is_refused_with_its_line(tmp_path: object) -> None:
    from pathlib import Path

    assert isinstance(tmp_path, Path)
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        "rules:\n  - reason: menu\n    where: edges\n    pattern: '.*'\n    drops: ['首页']\n    keeps: ['好的']\n",
        encoding="utf-8",
    )
    with pytest.raises(DataFileError) as refusal:
        load_rules(bad)
    assert "好的" in refusal.value.en and refusal.value.line >= 2


# --- repairs that take a dictionary ----------------------------------------------------------------------------------


def test_characters_that_a_site_strewed_in_go_in_pairs() -> None:
    cleaned = clean("处理这种类抄似的情况时,大家的做法都有些袭笼统。", "plain")
    assert cleaned.text == "处理这种类似的情况时,大家的做法都有些笼统。"
    assert reasons(cleaned) == {"inserted_character": 2}


@pytest.mark.parametrize(
    "text",
    [
        "抄写地址前先核对,别让同行袭击了口碑。",
        "先回顾订单,再答应顾客。",
        "照抄话术不行,也不要抄袭同行的回答内容。",
        "来客先问好,自己别急。",
        "知己知彼才有办法,道理要讲清。",
    ],
)
def test_the_same_characters_stay_where_they_can_be_meant(text: str) -> None:
    assert clean(text, "plain").cuts == ()


def test_words_torn_by_a_slide_are_put_together_and_spaced_items_stay_apart() -> None:
    torn = "先听顾客说完他的要 求\n再给出可行的办 法\n最后确认他满不满意,记下投 诉的内容\n热心 细腻 专业 主动"
    whole = "先听顾客说完他的要求\n再给出可行的办法\n最后确认他满不满意,记下投诉的内容\n热心 细腻 专业 主动"
    assert clean(torn, "plain").text == whole


def test_the_last_character_of_a_word_on_a_line_of_its_own_goes_back_to_its_word() -> None:
    assert clean("给予支持和建\n议\n保持冷静", "plain").text == "给予支持和建议\n保持冷静"


def test_bytes_read_askew_are_put_right() -> None:
    cleaned = clean("先了解他的需求?;卮鹂蛻舢愖h要有耐心,別著急。", "plain")
    assert cleaned.text == "先了解他的需求。回答客戶異議要有耐心,別著急。"
    assert [(c.reason, c.replacement) for c in cleaned.cuts] == [("mojibake", "。回答客戶異議")]


def test_labels_of_a_diagram_that_come_again_as_scraps_are_kept_once() -> None:
    once = "接待五步\n先问好\n听清诉求\n查对订单\n给出方案\n做好回访\n"
    again = "听清诉求查对订单\n给出方案\n做好\n回访\n"
    cleaned = clean(f"甲:开场白写在这里。\n{once}中间还有一句别的话。\n{again}乙:收尾。", "plain")
    assert reasons(cleaned) == {"duplicate": 4}


def test_question_marks_of_ordinary_text_are_no_lost_bytes() -> None:
    assert clean("您好?在的。能便宜点吗?可以包邮ok?谢谢", "plain").cuts == ()
