"""An agent at the reply desk, in a real browser."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from assistant.application import Kefu
from assistant.values import Draft
from tests.end_to_end.desk_page import draft_reply

pytestmark = pytest.mark.browser

CHAT = (
    "小雨的伞 2026-11-20 10:21:05\n这款保温杯看中好几天了\n"
    "小雨的伞 2026-11-20 10:21:32\n79有点贵呀,69卖不卖?\n"
    "暖屿家居旗舰店:小乔 2026-11-20 10:22:10\n亲,这款已经是活动价了哦\n"
    "小雨的伞 2026-11-20 10:22:41\n就69吧,我马上拍"
)
HOSTILE = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script> **粗** {{7*7}} ${7*7} 在吗'


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


def clear(page: Page) -> None:
    """The next customer's desk; who pastes looks first whether it is empty."""
    page.locator("#clear").click()
    for field in ("#chat-log", "#edit"):
        expect(page.locator(f"{field} textarea")).to_have_value("")


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

    clear(page)
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


def test_what_is_pasted_before_the_server_has_heard_of_the_clearing_stays(page: Page) -> None:
    draft_reply(page, "顾客:这件多久发货")
    held: list[Route] = []
    page.route("**/queue/join*", lambda route: held.append(route))
    clear(page)
    page.locator("#chat-log textarea").fill("顾客:你们能开发票吗")
    page.locator("#edit textarea").fill("您好,可以的。")
    page.wait_for_timeout(200)
    assert held
    for route in held:
        route.continue_()
    page.unroute("**/queue/join*")
    expect(page.locator("#make-draft")).to_have_text("拟一条回复")
    expect(page.locator("#chat-preview")).to_contain_text("发票")
    page.wait_for_timeout(500)  # more than the server's answer to the click takes
    expect(page.locator("#chat-log textarea")).to_have_value("顾客:你们能开发票吗")
    expect(page.locator("#edit textarea")).to_have_value("您好,可以的。")


def test_what_is_pasted_before_the_server_has_looked_once_more_stays(page: Page, address: str) -> None:
    """The last step of a clearing reads an empty text; its answer must not empty what was pasted meanwhile."""
    told = page.request.get(f"{address}/config").json()
    names = {part["id"]: part["props"].get("elem_id") for part in told["components"]}
    emptying = [
        step["id"]
        for step in told["dependencies"]
        if step["trigger_after"] is not None
        and "edit" in {names[part] for part in step["inputs"]} & {names[part] for part in step["outputs"]}
    ]
    assert len(emptying) == 1
    held: list[Route] = []

    def hold(route: Route) -> None:
        asked = route.request.post_data_json
        if isinstance(asked, dict) and asked["fn_index"] in emptying:
            held.append(route)
        else:
            route.continue_()

    page.route("**/queue/join*", hold)
    page.locator("#edit textarea").fill("您好,在的。")
    clear(page)
    for _ in range(100):
        if held:
            break
        page.wait_for_timeout(50)
    page.locator("#edit textarea").fill("您好,保证明天一定送到您手里。")
    expect(page.locator("#check [data-verdict]")).to_have_attribute("data-verdict", "block")
    for route in held:
        route.continue_()
    page.unroute("**/queue/join*")
    page.wait_for_timeout(500)  # more than the server's answer takes
    assert held
    expect(page.locator("#edit textarea")).to_have_value("您好,保证明天一定送到您手里。")


@pytest.mark.parametrize("meanwhile_s", [0.0, 0.08, 0.11, 1.0])
def test_a_draft_still_being_written_is_not_put_on_the_desk_of_the_next_customer(
    page: Page, kefu: Kefu, monkeypatch: pytest.MonkeyPatch, meanwhile_s: float
) -> None:
    """Whether its words come before the desk is cleared, on the way, or after."""
    written, stream = threading.Event(), kefu.stream

    def slowly(*asked: Any) -> Iterator[Draft]:
        assert written.wait(20)
        yield from stream(*asked)

    monkeypatch.setattr(kefu, "stream", slowly)
    page.locator("#chat-log textarea").fill("顾客:这件多久发货")
    page.locator("#make-draft").click()
    expect(page.locator("#draft")).to_contain_text("正在")
    threading.Timer(meanwhile_s, written.set).start()
    page.locator("#clear").click()
    expect(page.locator("#chat-log textarea")).to_have_value("")
    page.wait_for_timeout(int(meanwhile_s * 1000) + 1_500)  # more than a draft takes
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


def test_every_field_has_a_name_that_a_screen_reader_can_say(page: Page) -> None:
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll('textarea, input:not([type=file]), button')]
            .filter((e) => e.offsetParent !== null)
            .filter((e) => !(e.labels?.length || e.textContent.trim() || e.getAttribute('aria-label') || e.title))
            .map((e) => e.outerHTML.slice(0, 120))"""
    )
    assert unnamed == []
