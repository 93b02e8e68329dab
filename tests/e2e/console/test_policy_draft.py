"""An author changes several files in one draft, checked as it is typed, and proposes it."""

import re
from typing import Any

import pytest
import yaml
from playwright.sync_api import Page, expect

from tests.e2e.console.test_personal_key import go, sign_in
from tests.support.streamlit_page import choose, press, settled, write

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]
_PASSING = """- name: a heron passes
  what: {level: internal, texts: [a heron flew over]}
  where: {zone: internal}
  expect: {decision: allow, rules: [], without: [project-heron]}
"""


def reject_what_waits(installation: Any) -> None:
    """Leave nothing for other tests."""
    with installation.client(installation.admin_key) as admin:
        for one in admin.get("/proposals").json()["proposals"]:
            if one["state"] == "pending":
                path = f"/proposals/{one['id']}/reject"
                admin.post(path, json={"comment": ""}).raise_for_status()


def open_file(page: Page, name: str) -> Any:
    page.get_by_text("Files", exact=True).click()
    settled(page)
    choose(page.get_by_role("combobox", name="File"), name)
    return page.get_by_role("textbox", name=f"Source of {name}")


def test_a_file_is_checked_as_it_is_typed_and_the_draft_is_proposed(
    page: Page, installation: Any
) -> None:
    sign_in(page, installation.console, installation.author_key)
    expect(page.get_by_test_id("stSidebarNav").get_by_role("link", name="Keys")).to_have_count(0)
    go(page, "Propose a change")
    field = open_file(page, "levels.yaml")
    text = field.input_value()
    field.fill(text.replace("BIG_NUMBER: {level", "BIG_NUMBER: {levle"))
    expect(page.get_by_text("This policy cannot be used:")).to_be_visible()
    restricted = "BIG_NUMBER: {level: restricted, reason: personal_data} #"
    field.fill(text.replace("BIG_NUMBER: {level: conf", restricted))
    expect(page.get_by_text("policy tests pass")).to_be_visible()
    expect(page.get_by_text("confidential → restricted")).to_be_visible()
    settled(page)
    write(page.get_by_label("Comment for whoever reviews it"), "Care professionals")
    press(page.get_by_role("button", name="Propose", exact=True))
    expect(page.get_by_text("Another person must approve it now.")).to_be_visible()
    go(page, "Proposals")
    expect(page.get_by_text("Care professionals")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    reject_what_waits(installation)


def test_a_rule_with_its_cases_is_written_by_a_form_and_joined_by_a_file(
    page: Page, installation: Any
) -> None:
    sign_in(page, installation.console, installation.author_key)
    go(page, "Propose a change")
    write(page.get_by_label("Id", exact=True), "project-heron")
    write(page.get_by_label("Owner", exact=True), "strategy")
    write(page.get_by_label("Patterns, one a line"), "project heron")
    write(page.get_by_label("Reason in English, for the caller"), "The project is secret.")
    write(page.get_by_label("Reason in Dutch, for the caller"), "Het project is geheim.")
    write(page.get_by_label("A text that the rule is about"), "Mail me about Project Heron")
    press(page.get_by_role("button", name="Write into the draft"))
    expect(page.get_by_text("is in the draft, with 1 new cases")).to_be_visible()
    fault = re.compile(r"content\.yaml:\d+: rule 'project-heron': no case with a text like it")
    expect(page.get_by_text(fault)).to_be_visible()
    expect(page.get_by_role("button", name="Propose", exact=True)).to_have_count(0)

    cases = open_file(page, "tests/content.yaml")
    cases.fill(f"{cases.input_value()}{_PASSING}")
    expect(page.get_by_text("policy tests pass")).to_be_visible()
    settled(page)
    write(page.get_by_label("Name of a new file"), "authorisation/own.cedar")
    press(page.get_by_role("button", name="Add the file"))
    expect(page.get_by_text("Draft, files changed: 3")).to_be_visible()
    go(page, "Overview")
    go(page, "Propose a change")
    expect(page.get_by_text("Draft, files changed: 3")).to_be_visible()  # kept in the session
    expect(page.get_by_text("Content rule project-heron is added.")).to_be_visible()
    press(page.get_by_role("button", name="Propose", exact=True))
    expect(page.get_by_text("Another person must approve it now.")).to_be_visible()
    with installation.as_author() as author:
        (proposal,) = [
            one for one in author.get("/proposals").json()["proposals"] if one["state"] == "pending"
        ]
        shown = author.get(f"/proposals/{proposal['id']}").json()
    assert sorted(shown["changes"]) == [
        "authorisation/own.cedar",
        "content.yaml",
        "tests/content.yaml",
    ]
    assert "action: monitor" in shown["changes"]["content.yaml"]["after"]
    reject_what_waits(installation)


def test_a_rule_about_links_and_tools_is_written_by_the_form(page: Page, installation: Any) -> None:
    sign_in(page, installation.console, installation.author_key)
    go(page, "Propose a change")
    write(page.get_by_label("Id", exact=True), "links-of-the-desk")
    choose(page.get_by_role("combobox", name="Looks at"), "answers")
    page.keyboard.press("Escape")
    page.get_by_text("Links, secrets and tools", exact=True).click()
    settled(page)
    for label in ("Look for links that carry data", "Look at tools, and at what is given"):
        page.get_by_text(label).click()
    write(page.get_by_label("Hosts that may get anything, one a line"), "*.acme.nl")
    write(page.get_by_label("Most characters of the query"), "32")
    write(page.get_by_label("Tools that may not be used, one a line"), "send_*")
    choose(page.get_by_role("combobox", name="Zones to which it goes"), "EU")
    page.keyboard.press("Escape")
    press(page.get_by_role("button", name="Write into the draft"))
    expect(page.get_by_text("is in the draft, with 0 new cases")).to_be_visible()
    text = open_file(page, "content.yaml").input_value()
    (rule,) = [one for one in yaml.safe_load(text)["rules"] if one["id"] == "links-of-the-desk"]
    assert rule["links"] == {"hosts": ["*.acme.nl"], "length": 512, "query": 32, "encoded": 48}
    assert rule["tools"] == {"deny": ["send_*"]}
    assert rule["scope"] == {"zones": ["eu"]}
    assert "secrets" not in rule


def test_a_draft_is_tried_as_a_key_would_send_a_text(page: Page, installation: Any) -> None:
    with installation.as_author() as author:  # the detectors load when they are first asked
        author.post("/policies/try", json={"text": "x"}, timeout=120).raise_for_status()
    sign_in(page, installation.console, installation.author_key)
    go(page, "Propose a change")
    choose(page.get_by_role("combobox", name="Rule"), "weapons")
    expect(page.get_by_role("button", name="Remove this rule")).to_be_visible()
    write(page.get_by_label("Patterns, one a line"), "reigerplan")
    press(page.get_by_role("button", name="Write into the draft"))
    expect(page.get_by_text("Draft, files changed: 1")).to_be_visible()
    go(page, "Try it")
    write(page.get_by_label("Text", exact=True), "de stand van het reigerplan")
    for name, option in (("Key", "support-bot"), ("Model", "assistant")):
        choose(page.get_by_role("combobox", name=name, exact=True), option)
    press(page.get_by_role("button", name="Judge"))
    expect(page.get_by_text("Judged by the draft")).to_be_visible()
    expect(page.get_by_text("content rule weapons")).to_be_visible()
    table = page.get_by_test_id("stDataFrame").locator("table").first
    expect(table).to_contain_text("gpt-eu")
    expect(table).to_contain_text("refused")
    settled(page)
    page.get_by_text("Try the draft of this session").click()
    press(page.get_by_role("button", name="Judge"))
    expect(page.get_by_text("content rule weapons")).to_have_count(0)
    expect(table).to_contain_text("may go as it is")
