"""A person at the console in Dutch or English, who finds things by their texts."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, Locator, Page, expect

from admin.i18n import texts
from tests.support.streamlit_page import choose, settled, write

LANGUAGES = {"nl": "nl-NL", "en": "en-GB"}
_TIMEOUT_MS = 60_000


@dataclass
class Desk:
    """A person at a page: finds things by their texts, and counts the clicks."""

    page: Page
    language: str
    clicks: int = 0

    def text(self, key: str, **values: str) -> str:
        return texts(self.language)[key].format(**values).replace("**", "")

    def click(self, what: Locator) -> None:
        settled(self.page)
        what.click()
        self.clicks += 1
        settled(self.page)

    def press(self, key: str) -> None:
        self.click(self.page.get_by_role("button", name=self.text(key), exact=True).first)

    def choose(self, key: str, option: str) -> None:
        box = self.page.get_by_role("combobox", name=self.text(key), exact=True)
        choose(box.first, option)
        self.clicks += 2

    def write(self, key: str, text: str) -> None:
        write(self.page.get_by_label(self.text(key), exact=True).filter(visible=True).first, text)

    def enter(self, key: str, text: str) -> None:
        """Type into a field, and send its form by the return key."""
        settled(self.page)
        field = self.page.get_by_label(self.text(key), exact=True).filter(visible=True).first
        field.fill(text)
        field.press("Enter")
        settled(self.page)

    def go(self, key: str) -> None:
        """Follow the menu, which may show a number behind the name of a page."""
        name = self.text(f"{key}.title")
        menu = self.page.get_by_test_id("stSidebarNav")
        counted = re.compile(rf"^{re.escape(name)}( \(\d+\+?\))?$")
        self.click(menu.get_by_role("link", name=counted))
        expect(self.page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        settled(self.page)

    def reads(self, key: str, **values: str) -> None:
        """The page shows a text; values that are not given may be anything."""
        pattern = re.escape(texts(self.language)[key].replace("**", ""))
        for name in re.findall(r"\\\{(\w+)\\\}", pattern):
            pattern = pattern.replace(rf"\{{{name}\}}", re.escape(values.get(name, "")) or ".*")
        expect(self.page.get_by_text(re.compile(pattern)).first).to_be_visible()

    def open(self, key: str) -> None:
        """Open a section, or choose what is written like this."""
        self.click(self.page.get_by_text(self.text(key), exact=True).first)

    def confirm(self, comment: str = "") -> None:
        """Confirm in the dialog, with a reason where it wants one."""
        dialog = self.page.get_by_role("dialog")
        if comment:
            write(dialog.get_by_role("textbox"), comment)
        self.click(dialog.get_by_role("button", name=self.text("confirm.yes")))


@contextmanager
def signed_in(browser: Browser, console: str, key: str, language: str) -> Iterator[Desk]:
    """A person who has signed in with a key; the clicks are counted from there."""
    with browser.new_context(
        locale=LANGUAGES[language],
        timezone_id="Europe/Amsterdam",
        viewport={"width": 1400, "height": 1000},
    ) as context:
        context.set_default_timeout(_TIMEOUT_MS)
        expect.set_options(timeout=_TIMEOUT_MS)
        desk = Desk(context.new_page(), language)
        desk.page.goto(console)
        desk.write("sign_in.key_label", key)
        desk.press("sign_in.with_key")
        title = desk.text("home.title")
        expect(desk.page.get_by_role("heading", name=title, exact=True)).to_be_visible()
        desk.clicks = 0
        yield desk
