"""The app as people meet it: started by its command, in a real browser, on a desk and on a phone."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from certloan.bootstrap import House
from certloan.i18n import Lang
from certloan.ui.words import word

pytestmark = pytest.mark.browser
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
_PATIENCE = 120  # seconds until the app answers, on a busy machine


@pytest.fixture(scope="module")
def address(workspace: House) -> Iterator[str]:
    """Start ``certloan app`` on a free port and wait until it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = Path(sys.executable).with_name("certloan")
    environment = os.environ | {"CERTLOAN_HOME": str(workspace.settings.home)}
    running = subprocess.Popen(
        [command, "app", "--no-browser", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health", running)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(running.pid, 15)
        running.wait(timeout=30)


def _wait(health: str, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        assert running.poll() is None, "the app ended before it answered"
        try:
            with urllib.request.urlopen(health, timeout=5):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise AssertionError("the app never answered")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Give a real browser; skip where there is none."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("needs a browser (Debian: apt-get install chromium fonts-noto-cjk)")
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Give a page that never asks anybody but the app itself, and that fails on an error in the console."""
    size, scheme = getattr(request, "param", (DESK, "light"))
    context = browser.new_context(viewport=size, color_scheme=scheme)
    shown = context.new_page()
    shown.set_default_timeout(30_000)
    elsewhere: list[str] = []
    faults: list[str] = []
    shown.on("request", lambda asked: elsewhere.append(asked.url) if _outside(asked.url) else None)
    shown.on("pageerror", lambda fault: faults.append(str(fault)))
    yield shown
    context.close()
    assert elsewhere == []
    assert faults == []


def _outside(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:"))


def ready(page: Any, words: str) -> None:
    page.get_by_text(words, exact=True).first.wait_for()
    page.locator(".cl-foot").wait_for()


def open_first_case(page: Any, address: str) -> None:
    """Click the first row of the list, as an officer does; the list is drawn on a canvas."""
    page.goto(address)
    ready(page, word("queue.title", Lang.ZH))
    page.locator("[data-testid=data-grid-canvas]").first.wait_for()
    page.locator("[data-testid=stDataFrame] .dvn-scroller").first.click(position={"x": 120, "y": 52})
    ready(page, word("case.points", Lang.ZH))
    page.locator("[data-testid=stVegaLiteChart] svg, [data-testid=stVegaLiteChart] canvas").first.wait_for()


def test_an_officer_opens_a_case_and_reads_it_in_english_without_losing_it(page: Any, address: str) -> None:
    open_first_case(page, address)
    assert "/case?application=" in page.url
    firm = page.locator("h1").first.inner_text()
    page.get_by_text("English", exact=True).click()
    ready(page, word("case.points", Lang.EN))
    assert page.locator("h1").first.inner_text() == firm
    assert "/case?application=" in page.url
    page.get_by_text(word("case.back", Lang.EN)).click()
    ready(page, word("queue.title", Lang.EN))


def test_a_case_survives_a_reload_by_its_address(page: Any, address: str) -> None:
    open_first_case(page, address)
    firm = page.locator("h1").first.inner_text()
    page.goto(page.url)
    ready(page, word("case.points", Lang.ZH))
    assert page.locator("h1").first.inner_text() == firm


@pytest.mark.parametrize("page", [(PHONE, "dark"), (PHONE, "light")], indirect=True)
def test_no_page_is_wider_than_a_phone(page: Any, address: str) -> None:
    open_first_case(page, address)
    assert _overflow(page) == 0
    for lang, other in ((Lang.ZH, "English"), (Lang.EN, "中文")):
        for role, title in (
            ("enterprise", "preview.title"),
            ("regulator", "fairness.title"),
            ("officer", "queue.title"),
        ):
            page.get_by_text(word(f"role.{role}", lang), exact=True).first.click()
            ready(page, word(title, lang))
            assert _overflow(page) == 0, f"{title} in {lang}"
        page.get_by_text(other, exact=True).click()
        ready(page, word("queue.title", Lang.EN if lang is Lang.ZH else Lang.ZH))


def _overflow(page: Any) -> int:
    """Give by how many pixels the page is wider than the window."""
    return int(
        page.evaluate(
            "Math.max(document.documentElement.scrollWidth, document.querySelector('[data-testid=stMain]').scrollWidth)"
            " - window.innerWidth"
        )
    )
