"""How a test uses a page that Streamlit draws anew with every answer."""

from playwright.sync_api import Locator, Page, expect


def settled(page: Page) -> None:
    """Waits until the page is drawn to its end."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def write(field: Locator, text: str) -> None:
    """Types into a field and leaves it; what is typed while a page is drawn may be drawn over."""
    settled(field.page)
    field.fill(text)
    field.blur()
    settled(field.page)


def press(button: Locator) -> None:
    """Presses a button by the keyboard: where a section opens, the pointer may miss it."""
    settled(button.page)
    button.press("Enter")
