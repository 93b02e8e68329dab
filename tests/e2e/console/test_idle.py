"""A session without activity ends by itself, and what it showed leaves the screen."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from gateway.processes.console import command
from tests.e2e.console.conftest import running, started
from tests.e2e.console.test_personal_key import go, sign_in
from tests.e2e.console.test_sign_on import sign_on
from tests.support.ports import free_port

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]
_IDLE_S = 10


@pytest.fixture
def hurried(installation: Any, tmp_path: Path) -> Iterator[str]:
    """A second console, which signs out soon."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    argv, environment = command(
        port=port,
        host="127.0.0.1",
        url=url,
        control_url=installation.settings.control_url,
        sign_on=None,
        folder=tmp_path / "console",
        idle_s=_IDLE_S,
    )
    log = tmp_path / "console.log"
    with started(argv, f"{url}/_stcore/health", log=log, environment=environment):
        yield url


def test_an_idle_session_ends_and_the_address_stays(
    page: Page, installation: Any, hurried: str
) -> None:
    sign_in(page, f"{hurried}/keys", installation.admin_key)
    expect(page.get_by_role("heading", name="Keys", exact=True)).to_be_visible()
    expect(page.get_by_text("You were signed out because")).to_be_visible()
    expect(page.get_by_role("heading", name="Keys", exact=True)).to_have_count(0)
    page.get_by_label("Personal key").fill(installation.admin_key)
    page.get_by_role("button", name="Sign in with key").click()
    expect(page.get_by_role("heading", name="Keys", exact=True)).to_be_visible()


def test_an_idle_session_of_a_sign_on_ends_and_leads_back(
    page: Page, identity_provider_folder: Path, tmp_path: Path
) -> None:
    with running(tmp_path, identity_provider_folder, idle_s=_IDLE_S) as place:
        sign_on(page, place.console, "carla")
        go(page, "Usage")
        page.get_by_role("button", name="Yes, sign me out").click()  # the provider asks
        expect(page.get_by_role("heading", name="Sign in to Sluis")).to_be_visible()
        page.get_by_role("button", name="Sign in with your organisation").click()
        page.fill("input[name=login]", "carla")
        page.fill("input[name=password]", "any password will do")
        page.click("button[type=submit]")
        page.click("button[type=submit]")  # consent
        expect(page.get_by_role("heading", name="Usage", exact=True)).to_be_visible()
