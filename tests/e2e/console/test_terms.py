"""Detection feedback is a proposal that another person decides."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.console.test_personal_key import go, sign_in
from tests.support.streamlit_page import settled, write

pytestmark = pytest.mark.e2e
# A plan that neither tier takes for anybody.
_TEXT = "Geachte heer Sluizenaar, over Kwartelplan en BSN 111222333 spreken wij later."


def judge(page: Page) -> None:
    go(page, "Try it")
    write(page.get_by_label("Text", exact=True), _TEXT)
    page.get_by_role("button", name="Judge").click()


def test_false_and_missed_findings_are_reported_and_another_person_approves(
    page: Page, installation: Any
) -> None:
    with installation.as_author() as author:  # the detectors load when they are first asked
        author.post("/policies/try", json={"text": _TEXT}, timeout=120).raise_for_status()
    sign_in(page, installation.console, installation.author_key)
    judge(page)
    marks = page.locator("mark")
    expect(marks.filter(has_text="Sluizenaar")).to_contain_text("· rules")
    expect(page.get_by_text("rules (2)")).to_be_visible()
    expect(page.get_by_label("Words to allow", exact=True)).to_have_value("Sluizenaar")
    report = page.get_by_role("button", name="Report as wrong")
    report.click()
    expect(page.get_by_text("Give a reason of at least three characters.")).to_be_visible()
    reasons = page.get_by_label("Reason, for whoever reviews it")
    write(reasons.first, "a department")
    report.click()
    proposed = page.get_by_text("Another person must approve it now.")
    expect(proposed).to_be_visible()

    write(page.get_by_label("Missed words, as written in the text"), "Kwartelplan")
    write(reasons.last, "a customer")
    expect(proposed).to_have_count(0)
    page.get_by_role("button", name="Report as missed").click()
    expect(proposed).to_be_visible()
    go(page, "Own terms")
    expect(page.get_by_text("a customer")).to_be_visible()
    expect(page.get_by_role("button", name="Approve", exact=True)).to_have_count(0)

    page.get_by_role("button", name="Sign out").click()
    sign_in(page, installation.console, installation.admin_key)
    go(page, "Own terms")
    for left in (1, 0):
        settled(page)
        page.get_by_role("button", name="Approve", exact=True).first.click()
        dialog = page.get_by_role("dialog")
        write(dialog.get_by_label("Comment"), "Agreed")
        dialog.get_by_role("button", name="Confirm").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.get_by_role("button", name="Approve", exact=True)).to_have_count(left)
    settled(page)  # what was there before is shown until the page is drawn
    expect(page.get_by_text("1 in force")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame").locator("table")).to_contain_text("Kwartelplan")

    judge(page)
    expect(marks.filter(has_text="Kwartelplan")).to_contain_text("· own list")
    expect(marks.filter(has_text="111222333")).to_have_count(1)
    expect(marks.filter(has_text="Sluizenaar")).to_have_count(0)
