"""No page of another place frames the console, and a copied cookie ends with the session."""

import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from admin.session import LONGEST_S
from tests.e2e.console.test_sign_on import sign_on
from tests.support.streamlit_page import settled

pytestmark = pytest.mark.e2e
_PATHS = (
    "/",
    "/proposals",
    "/no/such/page",
    "/static/nothing.js",
    "/favicon.png",
    "/_stcore/health",
    "/_stcore/host-config",
    "/media/nothing",
    "/auth/login",
    "/auth/logout",
    "/oauth2callback?error=x",
    "/component/nothing/x",
    "//example.nl/..%2f",
)


@pytest.fixture
def elsewhere(tmp_path: Path, installation: Any) -> Iterator[str]:
    """A page of another port of the same host that frames the page Proposals."""
    frame = f'<h1>Elsewhere</h1><iframe src="{installation.console}/proposals"></iframe>'
    (tmp_path / "index.html").write_text(frame, encoding="utf-8")
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_page_of_another_port_shows_nothing_of_the_console(
    page: Page, installation: Any, elsewhere: str
) -> None:
    sign_on(page, installation.console, "carla")
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(elsewhere)
    expect(page.get_by_role("heading", name="Elsewhere")).to_be_visible()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_test_id("stApp")).to_have_count(0)
    assert any("frame-ancestors" in text for text in refused)
    page.goto(f"{installation.console}/proposals")  # not framed, it is there
    expect(page.get_by_role("heading", name="Proposals", exact=True)).to_be_visible()


@pytest.mark.parametrize("path", _PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_every_path_answers_with_the_headers(installation: Any, method: str, path: str) -> None:
    answer = httpx.request(method, installation.console + path, trust_env=False)
    _has_headers(answer)


def test_a_refused_upgrade_answers_with_the_headers(installation: Any) -> None:
    upgrade = {
        "connection": "upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "origin": "https://elsewhere.example.nl",
    }
    for path in ("/_stcore/stream", "/nothing"):
        url = installation.console + path
        answer = httpx.get(url, headers=upgrade, trust_env=False)
        assert answer.status_code in {403, 404}
        _has_headers(answer)


def test_no_page_breaks_the_policy_of_its_content(page: Page, installation: Any) -> None:
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.on("pageerror", lambda error: refused.append(str(error)))
    sign_on(page, installation.console, "carla")
    links = page.get_by_test_id("stSidebarNav").get_by_role("link")
    for place in [links.nth(index).get_attribute("href") for index in range(links.count())]:
        page.goto(f"{installation.console}/{(place or '').rsplit('/', 1)[-1]}")
        settled(page)
    page.goto(f"{installation.console}/usage")
    expect(page.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first).to_be_visible()
    assert {text for text in refused if "Content Security Policy" in text} == set()


def test_a_copy_of_the_cookie_ends_at_once_with_sign_out(
    page: Page, browser: Browser, installation: Any
) -> None:
    sign_on(page, installation.console, "carla")
    copied = page.context.storage_state()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Yes, sign me out")).to_be_visible()  # not yet pressed
    with browser.new_context(locale="en-GB", storage_state=copied) as other:
        thief = other.new_page()
        thief.goto(installation.console)
        expect(thief.get_by_role("button", name="Sign in with your organisation")).to_be_visible()
        expect(thief.get_by_role("heading", name="Home")).to_have_count(0)
    until = [
        cookie["expires"] for cookie in copied["cookies"] if "_streamlit_user" in cookie["name"]
    ]
    assert until
    assert max(until) <= time.time() + LONGEST_S


def _has_headers(answer: httpx.Response) -> None:
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
