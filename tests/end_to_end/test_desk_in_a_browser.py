"""An agent, a knowledge manager and an evaluator at their desks, in a real browser."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from assistant.application import Kefu
from assistant.conversation import Conversation
from assistant.values import Draft
from evals.candidates import load_candidates
from evals.labels import load_labels
from evals.runs import keep
from evals.values import CaseResult, SuiteResult
from tests.evals.making import run_of

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)  # a busy machine is not a broken desk

CHAT = (
    "小雨的伞 2026-11-20 10:21:05\n这款保温杯看中好几天了\n"
    "小雨的伞 2026-11-20 10:21:32\n79有点贵呀,69卖不卖?\n"
    "暖屿家居旗舰店:小乔 2026-11-20 10:22:10\n亲,这款已经是活动价了哦\n"
    "小雨的伞 2026-11-20 10:22:41\n就69吧,我马上拍"
)
HOSTILE = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script> **粗** {{7*7}} ${7*7} 在吗'
MANUAL = (
    "# 琉璃冰箱贴手册\n\n## 磁力\n\n### 技巧:琉璃冰箱贴磁力说明\n\n**何时用** 顾客问琉璃冰箱贴吸不吸得牢。\n\n"
    "**说法示例**\n- 「琉璃冰箱贴能吸住两张明信片。」\n- 「吸力有限,太重的东西不建议挂。」\n"
)
PRESSED = (
    "# 陶铃手册\n\n## 陶铃议价\n\n顾客议价、还价、砍价、嫌贵要求便宜的时候,先感谢他喜欢,讲清陶铃的价格由什么组成,再介绍页面上公开的优惠。\n\n"
    "## 陶铃丢件\n\n先安抚顾客,记下地址。就说是快递弄丢的。之后补发一只。\n"
)


def draft_reply(page: Page, chat: str) -> None:
    page.locator("#chat-log textarea").fill(chat)
    page.locator("#make-draft").click()
    expect(page.locator("#draft [data-verdict]")).to_be_visible(timeout=20_000)
    expect(page.locator("#edit textarea")).not_to_have_value("")


def test_the_agent_drafts_reads_the_source_mends_a_promise_and_copies(page: Page) -> None:
    page.locator("#chat-log textarea").fill(CHAT)
    bubbles = page.locator("#chat-preview .k-message")
    expect(bubbles).to_have_count(4)
    expect(bubbles.nth(2)).to_have_class(re.compile("k-agent"))
    page.locator("#field-authorities").get_by_text("可开发票").click()
    page.locator("#field-price_yuan input").fill("79")
    draft_reply(page, CHAT)

    expect(page.locator("#draft [data-verdict]")).to_have_attribute("data-verdict", "pass")
    expect(page.locator("#seen .k-situation").first).to_be_visible()
    sentence = page.locator("#draft .k-sentence[data-source]:has-text('')").first
    sentence.click()
    expect(page.locator(".k-source.k-open")).to_have_count(1)

    cited = page.locator("#sources .k-source.k-passage").first
    cited.locator(".k-source-head").click()
    expect(cited.locator(".k-fulltext mark.k-quote").first).to_be_visible()

    edit = page.locator("#edit textarea")
    edit.fill(edit.input_value() + "保证明天一定送到您手里。")
    expect(page.locator("#check [data-verdict]")).to_have_attribute("data-verdict", "block")
    expect(page.locator("#check mark.k-block").first).to_be_visible()
    expect(page.locator("#check .k-finding-card p").first).not_to_be_empty()
    page.locator("#take-rewrite").click()
    expect(page.locator("#check [data-verdict]")).to_have_attribute("data-verdict", "pass")
    expect(edit).not_to_have_value(re.compile("保证明天"))

    edit.press("Control+Enter")
    expect(page.get_by_text("已复制")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == edit.input_value()


def test_a_block_is_overruled_by_the_supervisor_with_a_reason_and_the_evaluator_reads_it(page: Page) -> None:
    page.locator("#chat-log textarea").fill("顾客:啥时候到")
    edit = page.locator("#edit textarea")
    edit.fill("您好,保证明天一定送到您手里。")
    verdict = page.locator("#check [data-verdict]")
    expect(verdict).to_have_attribute("data-verdict", "block")
    expect(page.locator("#copy")).to_be_disabled()
    page.locator("#overrule").get_by_text("我认为这条提示不对").click()
    expect(page.locator("#overrule-which input").first).to_be_checked()
    reason = page.locator("#overrule-reason input, #overrule-reason textarea").first
    reason.fill("站点来电确认明早派送")
    page.locator("#overrule-passphrase input").fill("芝麻")
    page.locator("#overrule-go").click()
    expect(page.get_by_text("主管口令不对")).to_be_visible()
    expect(verdict).to_have_attribute("data-verdict", "block")

    for _ in range(4):  # one finding after the other
        page.locator("#overrule-passphrase input").fill("芝麻开门")
        reason.fill("站点来电确认明早派送")
        left = page.locator("#check .k-finding-card").count()
        page.locator("#overrule-go").click()
        expect(page.locator("#check .k-finding-card")).to_have_count(left - 1)
        if left == 1:
            break
    expect(verdict).to_have_attribute("data-verdict", "pass")
    expect(page.locator("#copy")).to_be_enabled()
    expect(page.locator("#overrule-passphrase")).to_have_count(0)

    page.locator("#clear").click()
    page.locator("#chat-log textarea").fill("顾客:我的呢")
    edit.fill("您好,保证明天一定送到您手里。")
    expect(verdict).to_have_attribute("data-verdict", "block")
    page.get_by_role("tab", name="评测台").click()
    expect(page.locator("#overrules .k-finding-card").first).to_contain_text("站点来电确认明早派送")
    expect(page.locator("#overrules .k-finding-card").first).to_contain_text("主管")


def test_findings_are_told_in_the_language_that_is_chosen(page: Page) -> None:
    page.locator("#edit textarea").fill("保证明天一定送到您手里。")
    card = page.locator("#check .k-finding-card").first
    expect(card).to_contain_text("建议")
    page.locator("#language").get_by_text("English").click()
    expect(page.locator("#make-draft")).to_have_text("Draft a reply")
    expect(card.locator("p").first).to_have_text(re.compile("^[^一-鿿]*(“[^”]*”)?[^一-鿿]*$"))
    expect(card).to_contain_text("Instead")


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


def test_a_draft_for_a_conversation_that_moved_on_is_marked_and_can_be_made_again(page: Page) -> None:
    draft_reply(page, "顾客:在吗\n顾客:这件多久发货")
    expect(page.locator("#stale .k-note")).to_have_count(0)
    page.locator("#turn-text input").fill("算了,我要退款")
    page.locator("#turn-text input").press("Enter")
    expect(page.locator("#chat-preview .k-message")).to_have_count(3)
    expect(page.locator("#stale .k-note")).to_be_visible()
    page.locator("#make-draft").click()
    expect(page.locator("#draft [data-verdict]")).to_be_visible(timeout=20_000)
    expect(page.locator("#stale .k-note")).to_have_count(0)
    page.locator("#thumb-reason input, #thumb-reason textarea").first.fill("没答到点上")
    page.locator("#thumb-down").click()
    expect(page.get_by_text("已记下")).to_be_visible()
    page.locator("#clear").click()
    expect(page.locator("#chat-preview .k-message")).to_have_count(0)
    expect(page.locator("#edit textarea")).to_have_value("")


def test_a_draft_still_being_written_is_not_put_on_the_desk_of_the_next_customer(
    page: Page, kefu: Kefu, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, stream = threading.Event(), kefu.stream

    def slowly(*asked: Any) -> Iterator[Draft]:
        assert written.wait(20)
        yield from stream(*asked)

    monkeypatch.setattr(kefu, "stream", slowly)
    page.locator("#chat-log textarea").fill("顾客:这件多久发货")
    page.locator("#make-draft").click()
    expect(page.locator("#draft")).to_contain_text("正在")
    page.locator("#clear").click()
    expect(page.locator("#chat-log textarea")).to_have_value("")
    written.set()
    page.wait_for_timeout(2_000)  # more than a draft takes
    expect(page.locator("#draft")).not_to_contain_text("您")
    expect(page.locator("#edit textarea")).to_have_value("")
    draft_reply(page, "顾客:你们能开发票吗")
    expect(page.locator("#edit textarea")).to_have_value(re.compile("发票"))


def test_a_hostile_customer_s_words_are_shown_and_never_run(page: Page) -> None:
    draft_reply(page, f"顾客:{HOSTILE}")
    expect(page.locator("#chat-preview .k-bubble").first).to_contain_text('<img src=x onerror="window.pwned=1">')
    expect(page.locator("#chat-preview .k-bubble").first).to_contain_text("{{7*7}} ${7*7}")
    page.locator("#edit textarea").fill(f"{HOSTILE} 保证给您全额退款")
    expect(page.locator("#check .k-checked")).to_contain_text("<script>")
    assert page.locator("#reply-columns img").count() == 0
    assert page.evaluate("window.pwned") is None


def test_a_message_that_can_be_mended_is_shown_in_the_language_chosen(page: Page) -> None:
    page.locator("#make-draft").click()
    expect(page.get_by_test_id("toast-text")).to_contain_text("对话是空的")
    page.locator("#language").get_by_text("English").click()
    expect(page.locator("#make-draft")).to_have_text("Draft a reply")
    page.locator("#field-coupon input").fill("five")
    page.locator("#chat-log textarea").fill("顾客:在吗")
    page.locator("#make-draft").click()
    expect(page.get_by_test_id("toast-text").last).to_contain_text("Unknown authority")


def test_a_page_that_opens_takes_no_draft_away_that_was_made_meanwhile(page: Page, address: str) -> None:
    told = page.request.get(f"{address}/config").json()
    names = {part["id"]: part["props"].get("elem_id") for part in told["components"]}
    opening: set[int] = set()
    filled: set[str] = set()
    for step in told["dependencies"]:  # in the order they were wired, so a step comes after what it follows
        if step["trigger_after"] in opening or any(event == "load" for _, event in step["targets"]):
            opening.add(step["id"])
            filled |= {names[part] for part in step["outputs"]}
    assert "language" in filled and "documents" in filled
    assert not filled & {"draft", "seen", "sources", "edit", "next-steps", "make-draft"}


def test_the_language_stays_chosen_and_nothing_typed_is_lost(page: Page) -> None:
    draft_reply(page, "顾客:你们能开发票吗")
    said = page.locator("#edit textarea").input_value()
    page.locator("#language").get_by_text("English").click()
    expect(page.get_by_role("tab", name="Knowledge")).to_be_visible()
    expect(page.locator("#sources-title")).to_have_text("Sources")
    expect(page.locator("#make-draft")).to_have_text("Draft again")
    expect(page.locator("#edit textarea")).to_have_value(said)
    expect(page.locator("#chat-preview .k-message")).to_have_count(1)
    page.reload()
    expect(page.get_by_role("tab", name="Evaluation")).to_be_visible(timeout=20_000)


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


def test_the_evaluator_runs_a_suite_and_reads_what_failed(page: Page) -> None:
    page.get_by_role("tab", name="评测台").click()
    page.locator("#suites").get_by_text("guard_fresh").set_checked(True)
    page.locator("#run-evals").click()
    expect(page.locator("#eval-results [data-suite=guard_fresh]")).to_be_visible(timeout=120_000)
    page.locator("#eval-show").get_by_text("全部").click()
    rows = page.locator("#eval-results [data-outcome]")
    expect(rows.first).to_be_visible()
    for failed in page.locator("#eval-results [data-outcome=failed]").all()[:3]:
        expect(failed.locator("li").first).not_to_be_empty()


def test_every_field_has_a_name_that_a_screen_reader_can_say(page: Page) -> None:
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll('textarea, input:not([type=file]), button')]
            .filter((e) => e.offsetParent !== null)
            .filter((e) => !(e.labels?.length || e.textContent.trim() || e.getAttribute('aria-label') || e.title))
            .map((e) => e.outerHTML.slice(0, 120))"""
    )
    assert unnamed == []


def test_the_evaluator_compares_two_runs_keeps_a_candidate_and_two_people_label_blind(page: Page, home: Path) -> None:
    for name, outcome, reply in (
        ("29991231-1", "passed", "抱歉,我来核实。"),
        ("29991231-2", "failed", f"等着。{HOSTILE}"),
    ):
        case = CaseResult.model_validate(
            {"id": "c1", "outcome": outcome, "reply": reply, "tags": ["家居"], "shown": "顾客:在吗"}
        )
        keep(run_of(SuiteResult(name="golden", results=(case,), metrics={"pass_rate": 0.5}), run_id=name), home)
    page.get_by_role("tab", name="评测台").click()
    expect(page.locator("#eval-trend svg circle").first).to_be_visible()
    page.locator("#eval-compare").click()
    report = page.frame_locator("#eval-report iframe")
    expect(report.locator(".before del").first).to_be_visible()
    expect(report.locator(".now")).to_contain_text("<script>")
    page.locator("#eval-slice input").click()
    page.get_by_role("option", name="golden/家居 (1)").click()
    expect(page.locator("#eval-slice-cases tr[data-outcome=failed]")).to_have_count(1)

    page.locator("#candidates").get_by_text("存为候选用例").click()
    page.locator("#candidate-source input").click()
    page.get_by_role("option").first.click()
    expect(page.locator("#candidate-text .k-finding-card")).to_be_visible()
    page.locator("#candidate-go").click()
    expect(page.get_by_text("存为候选前请写上您的姓名")).to_be_visible()
    assert load_candidates(home) == ()
    page.locator("#candidate-by input, #candidate-by textarea").first.fill("小乔")
    page.locator("#candidate-note input, #candidate-note textarea").first.fill("先问清是哪一单")
    page.locator("#candidate-go").click()
    expect(page.locator("#candidate-kept")).to_contain_text("共 1 条")
    assert [c.by for c in load_candidates(home)] == ["小乔"]

    page.locator("#labels").get_by_text("盲标").click()
    for person, judgement in (("小乔", "bad"), ("阿宁", "good")):
        page.locator("#label-by input, #label-by textarea").first.fill(person)
        page.locator("#label-next").click()
        card = page.locator("#label-case .k-finding-card")
        expect(card).to_contain_text("等着")
        expect(card).not_to_contain_text("没通过")
        page.locator(f"#label-{judgement}").click()
        expect(card).to_have_count(0)
    expect(page.locator("#label-agreed")).to_contain_text("共同标了 1 条,一致 0 条,Cohen κ = 0.00")
    assert [(one.by, one.label) for one in load_labels(home)] == [("小乔", "bad"), ("阿宁", "good")]


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
