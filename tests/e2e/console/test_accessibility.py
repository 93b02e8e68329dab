"""WCAG 2.2 AA on every page of the console in both languages, and no sideways scrolling at 390 px.

axe-core looks at each page with its sections opened. What is Streamlit's own is listed with its
reason in ``tests/data/console/axe_exceptions.yaml``. ``SLUIS_SCREENSHOTS`` is a folder for pictures
of the pages, which docs/console.md shows (``make screenshots``).
"""

import os
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import httpx
import pytest
import yaml
from playwright.sync_api import Page, ViewportSize, expect

from tests.e2e.console.conftest import COMPLAINED, Installation, running
from tests.e2e.console.test_personal_key import go, sign_in
from tests.support.streamlit_page import choose, settled, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]
ROOT = Path(__file__).parents[3]
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
SERIOUS = {"serious", "critical"}
EXCEPTIONS: list[dict[str, str]] = yaml.safe_load(
    (ROOT / "tests" / "data" / "console" / "axe_exceptions.yaml").read_text("utf-8")
)["exceptions"]
SCREENSHOTS = os.environ.get("SLUIS_SCREENSHOTS")
NARROW: ViewportSize = {"width": 390, "height": 844}
WIDE: ViewportSize = {"width": 1280, "height": 900}
# Who sees which pages, so that every page is looked at.
PAGES = {
    "officer": ("home", "usage", "audit", "reports", "subjects", "holds", "incidents"),
    "desk": (
        "reviews",
        "complaints",
        "requests",
        "deadlines",
        "policies",
        "proposals",
        "try",
        "terms",
    ),
    "admin": ("home", "access", "keys", "models"),
    "author": ("change",),
}
_LOOK = """
async tags => {
  const parts = element => element === null ? [] : [
    ...element.getAttributeNames().map(name => `${name}=${element.getAttribute(name)}`),
    ...parts(element.parentElement),
  ];
  const found = await axe.run(document, {runOnly: {type: 'tag', values: tags}, elementRef: true});
  return found.violations.flatMap(one => one.nodes.map(node => ({
    rule: one.id, impact: one.impact, html: node.html, why: node.failureSummary,
    within: parts(node.element),
  })));
}
"""
_STYLED = """
() => [...document.querySelectorAll('style')].some(
  one => one.textContent.includes('stCaptionContainer'))
"""
_SIDEWAYS = """
() => [document.documentElement, document.querySelector('[data-testid="stMain"]')]
  .filter(one => one && one.scrollWidth > one.clientWidth + 1)
  .map(one => `${one.tagName} ${one.scrollWidth} > ${one.clientWidth}`)
"""


@pytest.fixture(scope="module")
def installation(
    identity_provider_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """One of its own, in which something waits."""
    with running(tmp_path_factory.mktemp("accessible"), identity_provider_folder) as ready:
        yield ready


@pytest.fixture(scope="module")
def keys(installation: Installation) -> dict[str, str]:
    """The keys of three persons; a case of each kind and a proposal wait for them."""
    carla = installation.issued("carla", "compliance_officer")
    found = {
        "officer": carla,
        "desk": carla,
        "admin": installation.admin_key,
        "author": installation.author_key,
    }
    fill(installation, found["officer"])
    return found


def fill(installation: Installation, key: str) -> None:
    now = int(time.time() * 1000)
    incident = {"kind": "data_breach", "aware": now - 1_000, "description": "a test"}
    asked = {"kind": "access", "received": now - 1_000, "person": "J. Jansen", "text": "a test"}
    with installation.client(key) as api:
        api.post("/incidents", json=incident).raise_for_status()
        api.post("/person-requests", json=asked).raise_for_status()
        term = {"add": [{"kind": "deny", "text": "Kwijtelaar"}], "remove": [], "reason": "a test"}
        api.post("/terms", json=term).raise_for_status()
    complaint = {"receipt": COMPLAINED, "text": "Dit klopt niet.", "language": "nl"}
    sent = httpx.post(
        f"{installation.settings.control_url}/complaints", json=complaint, trust_env=False
    )
    assert sent.status_code == 201, sent.text


def titles(language: str) -> dict[str, str]:
    texts = yaml.safe_load((ROOT / "admin" / "texts" / f"{language}.yaml").read_text("utf-8"))
    return {name: texts[name]["title"] for names in PAGES.values() for name in names}


def in_language(page: Page, language: str) -> None:
    if language == "nl":
        choose(page.get_by_role("combobox", name="Language"), "Nederlands")


def styled(page: Page) -> None:
    """Waits for the style of the console, which Streamlit may load after the page is drawn."""
    wait_for(page, _STYLED)


def opened(page: Page) -> None:
    """Opens the sections of a page."""
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


def findings(page: Page) -> list[str]:
    """What axe finds on a page and nobody has to accept."""
    page.evaluate(AXE)
    return [
        f"{one['rule']}: {one['html'][:200]} {one['why'][:300]}"
        for one in page.evaluate(_LOOK, TAGS)
        if one["impact"] in SERIOUS and not accepted(one["rule"], one["within"])
    ]


def accepted(rule: str, within: list[str]) -> bool:
    return any(one["rule"] == rule and one["within"] in within for one in EXCEPTIONS)


def sideways(page: Page) -> list[str]:
    """What is wider than a telephone, once the page has taken its width."""
    page.set_viewport_size(NARROW)
    try:
        wait_for(page, f"() => ({_SIDEWAYS})().length === 0", timeout_ms=5_000)
    except AssertionError:
        return [f"sideways: {one}" for one in page.evaluate(_SIDEWAYS)]
    finally:
        page.set_viewport_size(WIDE)
    return []


def keep(page: Page, name: str, language: str) -> None:
    """Keeps the page as a picture, where a folder for pictures is given."""
    if SCREENSHOTS:
        path = Path(SCREENSHOTS) / f"{name}.{language}.jpg"
        expect(page.get_by_test_id("stSkeleton")).to_have_count(0)  # parts that load later
        page.screenshot(path=path, type="jpeg", quality=70)


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("who", PAGES)
def test_each_page_is_accessible_and_fits_a_telephone(
    page: Page, installation: Installation, keys: dict[str, str], who: str, language: str
) -> None:
    page.set_viewport_size(WIDE)
    sign_in(page, installation.console, keys[who])
    in_language(page, language)
    wrong: dict[str, list[str]] = {}
    for name in PAGES[who]:
        title = titles(language)[name]
        go(page, title)
        expect(page.get_by_role("heading", name=title, exact=True).first).to_be_visible()
        settled(page)
        styled(page)
        keep(page, name, language)
        opened(page)
        if found := [*findings(page), *sideways(page)]:
            wrong[name] = found
    assert not wrong, "\n".join(f"{name}: {one}" for name, all_ in wrong.items() for one in all_)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_public_form_and_the_sign_in_are_accessible(
    page: Page, installation: Installation, language: str
) -> None:
    form = f"{installation.settings.control_url}/complaints?language={language}"
    for address in (form, installation.console):
        page.goto(address)
        expect(page.get_by_role("heading").first).to_be_visible()
        if address != form:
            settled(page)
            styled(page)
            in_language(page, language)
        assert not findings(page), address
        page.set_viewport_size(NARROW)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
        page.set_viewport_size(WIDE)
