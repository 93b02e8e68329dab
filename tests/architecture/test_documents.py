"""Documents: links and paths that resolve, an index without gaps, and the writing guide."""

import re
import runpy
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
RECORDS = sorted((DOCS / "adr").glob("0*.md"))
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
POLICIES = [ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")]
EVERY = [*PAGES, *POLICIES, DOCS / "adr" / "README.md", *RECORDS]
WRAPPED = [path for path in EVERY if path.name != "CONTRIBUTING.md"]
WIDTH = 100
BANNED = re.compile(r"\b(nobody|of\s+which|of\s+whom|stands|told)\b|\sis\s+none\b", re.IGNORECASE)
_FENCE = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"`[^`\n]+`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_PATH = re.compile(
    r"`((?:admin|docs|evaluation|gateway|helm|migrations|policies|scripts|tests|training)/"
    r"[\w./-]+)`"
)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


every = pytest.mark.parametrize("path", EVERY, ids=named)
pages = pytest.mark.parametrize("path", PAGES, ids=named)


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def prose_of(path: Path) -> str:
    """The text without code blocks; its line numbers are those of the file."""
    return _FENCE.sub(lambda match: "\n" * match[0].count("\n"), text_of(path))


def anchors_of(path: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a document."""
    titles = (
        _CODE.sub(lambda match: match[0][1:-1], title) for title in _HEADING.findall(prose_of(path))
    )
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def relative_links(path: Path) -> Iterator[tuple[str, Path, str]]:
    """Each link into the repository: as written, the file, the anchor."""
    for link in _LINK.findall(prose_of(path)):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, anchor = link.partition("#")
        yield link, (path.parent / name).resolve() if name else path, anchor


def linked_from(path: Path) -> set[Path]:
    return {target for _, target, _ in relative_links(path)}


def test_the_index_links_every_document() -> None:
    index = DOCS / "README.md"
    missing = {named(page) for page in set(DOCS.glob("*.md")) - {index} - linked_from(index)}
    assert not missing


def test_the_readme_links_every_document() -> None:
    missing = set(DOCS.glob("*.md")) - linked_from(ROOT / "README.md")
    assert not {named(page) for page in missing}


@every
def test_every_relative_link_resolves(path: Path) -> None:
    broken = [
        link
        for link, target, anchor in relative_links(path)
        if not target.exists() or (anchor and anchor not in anchors_of(target))
    ]
    assert not broken


def test_records_are_numbered_without_a_double() -> None:
    doubles = [
        number
        for number, group in groupby(RECORDS, lambda path: path.name[:4])
        if len(list(group)) > 1
    ]
    assert not doubles


@pytest.mark.parametrize("path", RECORDS, ids=named)
def test_every_decision_record_is_in_the_index_with_title_and_status(path: Path) -> None:
    number = int(path.name[:4])
    title = re.match(rf"# {number}\. (.+)\n", text_of(path))
    status = re.search(
        r"^Status: (accepted|proposed|superseded by .+)$", text_of(path), re.MULTILINE
    )
    assert title is not None
    assert status is not None
    row = f"| {path.name[:4]} | [{title[1]}]({path.name}) | {status[1]}"
    assert row in text_of(DOCS / "adr" / "README.md")


@pytest.mark.parametrize("path", WRAPPED, ids=named)
def test_lines_are_at_most_a_hundred_columns(path: Path) -> None:
    """Tables and code blocks may be wider, and so may a line that is one link."""
    wide = [
        number
        for number, line in enumerate(prose_of(path).splitlines(), start=1)
        if len(line) > WIDTH and not line.lstrip().startswith("|") and " " in line.strip()
    ]
    assert not wide


@pytest.mark.parametrize(
    "path", [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"], ids=named
)
def test_the_writing_guide_is_kept(path: Path) -> None:
    plain = _CODE.sub("", prose_of(path))
    found = [
        (plain.count("\n", 0, match.start()) + 1, match[0]) for match in BANNED.finditer(plain)
    ]
    assert not found


@pages
def test_every_path_in_backticks_exists(path: Path) -> None:
    missing = {name for name in _PATH.findall(prose_of(path)) if not (ROOT / name).exists()}
    assert not missing


@pytest.mark.parametrize("name", ["coverage", "objects", "openapi", "powers", "telemetry"])
def test_a_generated_document_is_what_its_script_writes(name: str) -> None:
    script = runpy.run_path(str(ROOT / "scripts" / f"{name}_doc.py"))
    assert text_of(script["TARGET"]) == script["document"]()
