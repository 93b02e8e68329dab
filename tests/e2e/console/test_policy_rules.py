"""A reader sees what the rules say, beside their source, in two languages."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.console.test_personal_key import go, sign_in
from tests.support.streamlit_page import choose, settled

pytestmark = pytest.mark.e2e


def test_rules_are_sentences_beside_the_lines_of_their_source(
    page: Page, installation: Any
) -> None:
    sign_in(page, installation.console, installation.author_key)
    go(page, "Policies in force")
    expect(page.get_by_text("what the classifier takes for hate is found in")).to_be_visible()
    source = page.get_by_role("region", name="Source of content.yaml")
    expect(source.locator(".chosen").first).to_contain_text("id: prompt-injection")
    page.get_by_role("radio", name="canary-in-answer").press("Space")
    settled(page)
    expect(source.locator(".chosen").first).to_contain_text("id: canary-in-answer")
    expect(source.locator(".chosen").first).to_be_in_viewport()
    expect(page.get_by_text("would have repeated the instructions")).to_have_count(2)

    choose(page.get_by_role("combobox", name="Language"), "Nederlands")
    page.get_by_text("Autorisatieregels", exact=True).click()
    settled(page)
    expect(page.get_by_text("wanneer de deployment buiten de EU is")).to_be_visible()
    page.get_by_text("Niveaus", exact=True).click()
    expect(page.get_by_text("minstens strikt vertrouwelijk, want die bevat")).to_have_count(4)
    page.get_by_text("Storingen", exact=True).click()
    expect(page.get_by_text("Wanneer de classifier van namen een tekst niet kan")).to_be_visible()
