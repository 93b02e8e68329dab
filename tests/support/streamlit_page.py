"""How a test uses a page that Streamlit draws anew with every answer."""

import re

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as NotShownError

_TRIES = 10
_SHOWN_MS = 3_000
_PAUSE_MS = 50


def settled(page: Page) -> None:
    """Waits until the page is drawn to its end."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def wait_for(page: Page, function: str, arg: object = None, *, timeout_ms: int = 60_000) -> None:
    """Waits until a function holds in the page.

    Playwright's own waiting makes a script of a text in the page, which the console's policy of
    content refuses.

    Raises:
        AssertionError: when it does not hold in time.
    """
    for _ in range(timeout_ms // _PAUSE_MS):
        if page.evaluate(function, arg):
            return
        page.wait_for_timeout(_PAUSE_MS)
    raise AssertionError(f"not in {timeout_ms} ms: {function}")


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


def _shows(box: Locator, option: str) -> bool:
    """Whether a box has taken an option, or is gone with it: a language gives it another name."""
    around = box.locator("xpath=ancestor::*[@data-testid='stSelectbox']").last
    if not option or not around.count():
        return True
    try:
        if option in around.inner_text(timeout=_SHOWN_MS):
            return True
        return box.input_value(timeout=_SHOWN_MS).startswith(option)
    except NotShownError:
        return True


def choose(box: Locator, option: str = "", *, typed: bool = False) -> None:
    """Chooses an option, the first where none is named.

    A long list shows an option only where it is ``typed``. A list closes where the page is drawn
    anew, an option goes while it is pressed, or is drawn over: again then.
    """
    settled(box.page)
    wanted = box.page.get_by_role("option")
    if option:
        name = re.escape(option).replace("/", r"\/")
        begins = re.compile(rf"^{name}(?![\w-])")  # a note may follow the name
        wanted = box.page.get_by_role("option", name=begins)
    for _ in range(_TRIES):
        try:
            if not wanted.count():
                box.fill(option) if typed else box.click()
            wanted.first.click(timeout=_SHOWN_MS)
        except NotShownError:
            continue
        settled(box.page)
        if _shows(box, option):
            return
    raise AssertionError(f"no option {option} could be chosen in {_TRIES} tries")
