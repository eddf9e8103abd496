"""A knowledge manager at the knowledge desk, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from assistant.application import Kefu
from assistant.conversation import Conversation

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script> **粗** {{7*7}} ${7*7} 在吗'
MANUAL = (
    "# 琉璃冰箱贴手册\n\n## 磁力\n\n### 技巧:琉璃冰箱贴磁力说明\n\n**何时用** 顾客问琉璃冰箱贴吸不吸得牢。\n\n"
    "**说法示例**\n- 「琉璃冰箱贴能吸住两张明信片。」\n- 「吸力有限,太重的东西不建议挂。」\n"
)
PRESSED = (
    "# 陶铃手册\n\n## 陶铃议价\n\n顾客议价、还价、砍价、嫌贵要求便宜的时候,先感谢他喜欢,讲清陶铃的价格由什么组成,再介绍页面上公开的优惠。\n\n"
    "## 陶铃丢件\n\n先安抚顾客,记下地址。就说是快递弄丢的。之后补发一只。\n"
)


def test_the_manager_writes_a_rule_tries_it_and_agents_meet_it_at_once(page: Page) -> None:
    page.get_by_role("tab", name="知识台").click()
    page.get_by_role("tab", name="规则").click()
    expect(page.locator("#rule-live")).to_be_disabled()
    filled = {
        "title": "直播间暗号", "forbids": "叫顾客报暗号领私下的优惠", "phrases": "报暗号", "reason": "优惠只能走页面",
        "block": "您好呀", "passes": "优惠以页面为准",
    }  # fmt: skip
    for name, text in filled.items():
        page.locator(f"#rule-{name} textarea, #rule-{name} input").first.fill(text)
    page.locator("#rule-category").get_by_text("站外引流").click()
    page.locator("#rule-try").click()
    expect(page.get_by_test_id("toast-text")).to_contain_text("「必须拦下的例句」第 1 行「您好呀」")
    expect(page.locator("#rule-live")).to_be_disabled()

    page.locator("#rule-block textarea").fill("来直播间报暗号领券")
    page.locator("#rule-try").click()
    expect(page.locator("#rule-found .k-trial")).to_have_attribute("data-wrong", "0", timeout=60_000)
    expect(page.locator("#rule-live")).to_be_enabled()
    page.locator("#rule-reason textarea, #rule-reason input").first.fill("店规第三条")
    expect(page.locator("#rule-live")).to_be_disabled()
    page.locator("#rule-try").click()
    expect(page.locator("#rule-live")).to_be_enabled(timeout=60_000)
    page.locator("#rule-live").click()
    rule = page.locator("#own-rules .k-rule", has_text="直播间暗号")
    expect(rule).to_contain_text("在用")
    expect(page.locator("#rule-title input, #rule-title textarea").first).to_have_value("")

    page.get_by_role("tab", name="回复台").click()
    page.locator("#edit textarea").fill("进来报暗号就行")
    expect(page.locator("#check .k-finding-card", has_text="店规第三条")).to_be_visible()
    page.get_by_role("tab", name="知识台").click()
    rule.get_by_role("button", name="修改").click()
    expect(page.locator("#rule-title input, #rule-title textarea").first).to_have_value("直播间暗号")
    rule.get_by_role("button", name="停用").click()
    expect(rule).to_contain_text("已停用")


def test_the_manager_reviews_a_manual_approves_it_finds_it_retires_a_passage_and_removes_it(
    page: Page, tmp_path: Path
) -> None:
    manual = tmp_path / "琉璃冰箱贴.md"
    manual.write_text(f"{MANUAL}\n© 2024 琉璃冰箱贴公司 版权所有\n", encoding="utf-8")
    page.get_by_role("tab", name="知识台").click()
    expect(page.locator("#documents tbody tr").first).to_be_visible()
    before = page.locator("#documents tbody tr").count()
    page.locator("#who input, #who textarea").first.fill("小顾")
    page.locator("#knowledge-documents-column input[type=file]").set_input_files(manual)
    expect(page.locator(".k-waiting")).to_be_visible(timeout=30_000)
    expect(page.locator("#documents tbody tr")).to_have_count(before)

    dropped = page.locator("#workspace .k-dropped-row", has_text="版权所有")
    dropped.locator("[data-act=keep_block]").click()
    expect(page.locator("#workspace .k-passage-row", has_text="版权所有")).to_contain_text("人工找回")
    page.locator("#workspace [data-act=approve]").click()
    expect(page.locator("#documents tbody tr")).to_have_count(before + 1)
    expect(page.locator(".k-waiting")).to_have_count(0)

    page.get_by_role("tab", name="试搜").click()
    page.locator("#query textarea").fill("琉璃冰箱贴吸不吸得牢")
    page.locator("#search-go").click()
    hit = page.locator("#found .k-hit", has_text="琉璃冰箱贴能吸住两张明信片")
    expect(hit).to_contain_text("得分")
    hit.locator("[data-act=retire]").click()
    expect(hit).to_have_count(0)

    row = page.locator("#documents tr", has_text="琉璃冰箱贴")
    row.locator("[data-act=view]").click()
    page.locator("#workspace [data-act=history]").click()
    expect(page.locator("#workspace .k-history tbody tr").first).to_contain_text("停用一段")
    expect(page.locator("#workspace .k-history tbody tr").first).to_contain_text("小顾")
    row.locator("[data-act=remove]").click()
    expect(row.locator("[data-act=remove]")).to_have_text("连同历史一起删除?")
    row.locator("[data-act=remove]").click()
    expect(page.locator("#documents tbody tr")).to_have_count(before)


def test_the_manager_settles_a_caution_and_what_search_found_and_takes_it_all_back(page: Page, tmp_path: Path) -> None:
    manual = tmp_path / "陶铃手册.md"
    manual.write_text(PRESSED, encoding="utf-8")
    page.get_by_role("tab", name="知识台").click()
    page.locator("#who input, #who textarea").first.fill("小顾")
    page.locator("#knowledge-documents-column input[type=file]").set_input_files(manual)
    page.locator("#workspace [data-act=approve]").click(timeout=30_000)
    expect(page.locator("#workspace [data-act=history]")).to_be_visible()
    cautioned = page.locator("#workspace .k-hit", has_text="陶铃丢件")
    expect(cautioned.locator("mark")).to_contain_text("快递弄丢的")
    cautioned.locator("[data-act=cut_quote]").first.click()
    expect(cautioned).to_contain_text("人工改过")
    expect(cautioned.locator("mark")).to_have_count(0)

    bargain = page.locator("#workspace .k-hit", has_text="陶铃议价")
    found = bargain.locator(".k-chip", has=page.locator("[data-act=deny]"))
    expect(found.first).to_be_visible()
    before = found.count()
    name = str(found.first.get_by_role("button").first.get_attribute("aria-label"))
    found.first.locator("[data-act=assign_to]").click()
    expect(found).to_have_count(before - 1)
    expect(bargain.locator(".k-chip.k-situation")).to_have_count(1)
    assert str(bargain.locator(".k-chip.k-situation").inner_text()).split("×")[0].strip() in name
    bargain.locator(".k-chip.k-situation [data-act=unassign]").click()
    expect(bargain.locator(".k-chip.k-situation")).to_have_count(0)
    found.first.locator("[data-act=deny]").click()
    expect(bargain.locator(".k-chip", has_text="不用于")).to_have_count(1)

    page.locator("#workspace [data-act=history]").click()
    page.locator("#workspace [data-act=difference]").last.click()
    expect(page.locator("#workspace del").first).to_be_visible()
    page.locator("#workspace [data-act=history]").click()
    back = page.locator("#workspace [data-act=roll_back]").last
    back.click()
    expect(back).to_have_text("退回第 1 版?")
    back.click()
    expect(page.locator("#workspace .k-history tbody tr").first).to_contain_text("退回第 1 版")
    page.locator("#workspace [data-act=view]").click()
    expect(cautioned.locator("mark")).to_contain_text("快递弄丢的")

    page.get_by_role("tab", name="试搜").click()
    page.locator("#query textarea").fill("陶铃能不能便宜点")
    page.locator("#search-go").click()
    hit = page.locator("#found .k-hit", has_text="陶铃议价")
    hit.get_by_text("标记", exact=True).click()
    hit.get_by_placeholder("例如").first.fill("底价要核对")
    hit.locator("form[data-act=flag] button").click()
    expect(hit).to_contain_text("底价要核对")
    row = page.locator("#documents tr", has_text="陶铃手册")
    expect(row).to_contain_text("1 处待看")
    row.locator("[data-act=remove]").click()
    row.locator("[data-act=remove]").click()
    expect(row).to_have_count(0)


def test_a_file_that_cannot_be_read_is_reported_with_the_reason(page: Page, tmp_path: Path) -> None:
    empty = tmp_path / "空.txt"
    empty.write_bytes(b"\0\1\2\3" * 400)
    page.get_by_role("tab", name="知识台").click()
    expect(page.locator("#documents tbody tr").first).to_be_visible()
    failed = page.locator("#upload-report .k-failed")
    for _ in range(4):  # a button drawn a moment ago may not listen yet: choose again, as a person would
        page.locator("#knowledge-documents-column input[type=file]").set_input_files(empty)
        page.wait_for_timeout(5_000)
        if failed.count():
            break
    expect(failed).to_be_visible(timeout=15_000)
    expect(page.locator("#upload-report [role=alert] p")).not_to_be_empty()


def test_the_manager_reads_the_week_adopts_what_agents_add_and_the_next_draft_says_it(page: Page, kefu: Kefu) -> None:
    habit = "券在店铺首页就能领到"
    for n in range(3):
        talk = {
            "messages": [{"role": "customer", "text": f"便宜点吧{'呀' * n}"}],
            "policy": {"authorised": ["coupon:5"]},
        }
        draft = kefu.draft(Conversation.read(talk))
        kefu.learning.sent(draft.id, f"{draft.reply}{habit}。")
    kefu.learning.rate(draft.id, False, f"没答到点上{HOSTILE}")
    page.get_by_role("tab", name="知识台").click()
    page.get_by_role("tab", name="每周改稿").click()
    week = page.locator("#weekly")
    phrase = week.locator(".k-phrase", has_text="3 个对话")
    expect(phrase).to_be_visible()
    expect(week.locator(".k-numbers")).to_contain_text("发出")
    expect(week.locator("[data-part=reasons]")).to_contain_text("<script>")
    assert page.evaluate("window.pwned") is None

    row = week.locator("[data-part=situations] tr[data-situation='pre.bargain']")
    expect(row).to_contain_text("太少,看不出")
    row.locator("[data-act=unfold_situation]").click()
    expect(week.locator(".k-week-pair ins").first).to_contain_text(habit)

    phrase.locator("textarea").fill("保证明天一定到您手里")
    phrase.get_by_role("button", name="采用").click()
    expect(page.get_by_text("护栏没有放行")).to_be_visible()
    expect(phrase.locator("textarea")).to_have_value("保证明天一定到您手里")
    phrase.locator("textarea").fill(habit)
    phrase.get_by_role("button", name="采用").click()
    own = week.locator("[data-part=own] [data-wording]")
    expect(own).to_contain_text(habit)
    expect(phrase).to_have_count(0)
    asked = Conversation.read({"messages": [{"role": "customer", "text": "便宜点吧"}], "policy": {"authorised": ["coupon:5"]}})  # fmt: skip
    assert habit in kefu.draft(asked).reply

    page.locator("#language").get_by_text("English").click()
    expect(week).to_contain_text("What agents add again and again", timeout=60_000)  # the desks follow one by one
    own.locator("[data-act=remove_wording]").click()
    own.get_by_role("button", name="Stop saying it?").click()
    expect(own).to_have_count(0)
    assert habit not in kefu.draft(asked).reply
