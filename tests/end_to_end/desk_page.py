"""What every test of a desk in a browser does first."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def draft_reply(page: Page, chat: str) -> None:
    page.locator("#chat-log textarea").fill(chat)
    page.locator("#make-draft").click()
    expect(page.locator("#draft [data-verdict]")).to_be_visible(timeout=20_000)
    expect(page.locator("#edit textarea")).not_to_have_value("")
