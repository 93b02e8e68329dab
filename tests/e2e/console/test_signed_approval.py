"""An approver signs an approval at the identity provider, from the console."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.console.conftest import Installation, config_text, running
from tests.e2e.console.test_sign_on import sign_on
from tests.support.streamlit_page import write

pytestmark = pytest.mark.e2e
_APPROVALS = "      approvals: {client_id: console, client_secret: env:TEST_SIGNING_SECRET}\n"
_NETWORKS = "internal_networks: [127.0.0.0/8, 10.0.0.0/8]\n"
_LATER = "internal_networks: [127.0.0.0/8, 10.0.0.0/8, 172.16.0.0/12]\n"


@pytest.fixture(scope="module")
def signing(
    identity_provider_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """An installation whose issuer signs approvals; a key approved that."""
    with running(tmp_path_factory.mktemp("signing"), identity_provider_folder) as ready:
        proposal = proposed(ready, "")
        with ready.client(ready.third_key) as api:
            path = f"/proposals/{proposal}/approve"
            api.post(path, json={"comment": "agreed"}).raise_for_status()
        yield ready


def proposed(sluis: Installation, more: str) -> str:
    """The proposal of a file that changes the configuration."""
    with sluis.client(sluis.admin_key) as api:
        text = config_text(sluis.issuer) + _APPROVALS + more
        return str(api.post("/apply", json={"text": text}).raise_for_status().json()["proposal"])


def test_what_is_approved_in_the_console_is_signed_in_a_new_tab(
    page: Page, signing: Installation
) -> None:
    proposal = proposed(signing, _NETWORKS)
    sign_on(page, signing.console, "bert")
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Proposals").click()
    page.get_by_role("button", name="Approve", exact=True).click()
    dialog = page.get_by_role("dialog")
    write(dialog.get_by_role("textbox"), "agreed, as discussed")
    dialog.get_by_role("button", name="Confirm").click()
    with page.context.expect_page() as opened:
        dialog.get_by_role("link", name="Sign on and approve").click()
    tab = opened.value
    tab.fill("input[name=login]", "bert")
    tab.fill("input[name=password]", "any password will do")
    tab.click("button[type=submit]")
    tab.click("button[type=submit]")  # consent to the e-mail address
    expect(tab.get_by_text("Approved, and signed by your identity provider.")).to_be_visible()
    expect(tab).to_have_url(f"{signing.console}/proposals")
    with signing.client(signing.admin_key) as api:
        assert api.get(f"/proposals/{proposal}").json()["state"] == "approved"
        rows = api.get("/audit", params={"event": "control:change:apply"}).json()["entries"]
        paths = [f"/audit/entries/{row['seq']}" for row in rows]
        found = [api.get(path).json()["fields"] for path in paths]
    (entry,) = [one for one in found if one.get("proposal") == proposal]
    assert json.loads(json.loads(entry["signed_approval"])["text"])["proposal"] == proposal


def test_the_tab_of_another_person_approves_nothing(page: Page, signing: Installation) -> None:
    proposal = proposed(signing, _LATER)
    sign_on(page, signing.console, "bert")
    page.goto(f"{signing.console}/?code=stolen&state=1.2.3.{_path(proposal)}")
    expect(page.get_by_role("heading", name="Approval")).to_be_visible()
    write(page.get_by_role("textbox", name="Comment"), "nobody began this")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("This sign-on is over.")).to_be_visible()
    with signing.client(signing.admin_key) as api:
        assert api.get(f"/proposals/{proposal}").json()["state"] == "pending"


def _path(proposal: str) -> str:
    return base64.urlsafe_b64encode(f"proposals/{proposal}".encode()).rstrip(b"=").decode()
