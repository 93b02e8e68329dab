"""An approver sees what a proposal changes before it is decided, and an author goes back."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.console.test_personal_key import go, sign_in
from tests.support.streamlit_page import press, settled, write

pytestmark = pytest.mark.e2e
_RULE = """
@id("support.inside") @owner("support")
@reason_en("Confidential texts of support stay inside.")
@reason_nl("Vertrouwelijke teksten van support blijven binnen.")
forbid (principal, action == Sluis::Action::"send", resource)
when { principal.team == "support" && context.level >= 2 && resource.zone != "internal" };
"""
_CASES = """
- name: support keeps confidential texts inside
  who: {team: support}
  what: {level: confidential}
  where: {zone: eu}
  expect: {decision: refuse, policies: [support.inside]}
- name: support may send internal texts
  who: {team: support}
  what: {level: internal}
  where: {zone: eu}
  expect: {decision: allow, policies: [clearance.clear]}
"""


def confirm(page: Page, comment: str) -> None:
    dialog = page.get_by_role("dialog")
    write(dialog.get_by_role("textbox"), comment)
    dialog.get_by_role("button", name="Confirm").click()
    expect(dialog).to_have_count(0)


def test_a_bundle_is_approved_on_evidence_and_taken_back_from_the_history(
    page: Page, installation: Any
) -> None:
    files = {"authorisation/support.cedar": _RULE, "tests/support.yaml": _CASES}
    with installation.as_author() as author:
        before = author.get("/policies").json()["digest"]
        body = {"files": files, "comment": "Support stays inside"}
        author.post("/policies/proposals", json=body).raise_for_status()
    sign_in(page, installation.console, installation.admin_key)
    go(page, "Proposals")
    stricter = page.get_by_text(re.compile("Stricter: confidential text to the EU"))
    expect(stricter.first).to_be_visible()
    expect(page.get_by_text("Authorisation rule support.inside is added.")).to_be_visible()
    page.get_by_role("tab", name="Cases").click()
    expect(page.get_by_text("policy tests pass")).to_be_visible()
    page.get_by_role("tab", name="Impact").click()
    press(page.get_by_role("button", name="Replay"))
    changed = page.get_by_test_id("stMetric").filter(has_text="Decided differently")
    expect(changed.get_by_test_id("stMetricValue")).to_have_text(re.compile("^[1-9]"))
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(2)
    settled(page)
    page.get_by_role("button", name="Approve", exact=True).click()
    confirm(page, "Agreed")
    expect(page.get_by_text("Approved and in force.")).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    sign_in(page, installation.console, installation.author_key)
    go(page, "Policies in force")
    expect(page.get_by_text("Authorisation rule support.inside is added.")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Go back to the first bundle").click()
    confirm(page, "Too strict")
    expect(page.get_by_text("Proposed. Another person must approve it now.")).to_be_visible()
    with installation.client(installation.admin_key) as admin:
        (waiting,) = [
            one for one in admin.get("/proposals").json()["proposals"] if one["state"] == "pending"
        ]
        assert waiting["comment"] == "Too strict"
        admin.post(f"/proposals/{waiting['id']}/approve", json={}).raise_for_status()
        assert admin.get("/policies").json()["digest"] == before
