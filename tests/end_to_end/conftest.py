"""A desk that is served, and a real browser before it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from assistant.application import Kefu
from tests.chromium import chromium
from tests.desk_server import kefu_on_a_copy, serving

expect.set_options(timeout=15_000)  # a busy machine is not a broken desk


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("desk") / "home"


@pytest.fixture(scope="module")
def kefu(initialised_home: Path, home: Path) -> Iterator[Kefu]:
    with kefu_on_a_copy(initialised_home, home, passphrase="芝麻开门") as opened:
        yield opened


@pytest.fixture(scope="module")
def address(kefu: Kefu) -> Iterator[str]:
    with serving(kefu) as at:
        yield at


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip("not run: no chromium here; `python -m tests.chromium` says how to get one")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The desk at 1440x900; fails the test when the page asks anybody else for anything, or when a script breaks."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    opened = context.new_page()
    asked: list[str] = []
    broken: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("pageerror", lambda error: broken.append(str(error)))
    opened.goto(address)
    expect(opened.locator("html[lang=zh-CN]")).to_be_attached(timeout=30_000)
    yield opened
    context.close()
    foreign = [url for url in asked if not url.startswith((address, "data:", "blob:"))]
    assert foreign == []
    assert broken == []
