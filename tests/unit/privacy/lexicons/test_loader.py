"""Word lists are sorted files without duplicates, and each of them is used."""

from pathlib import Path

import pytest

from gateway.privacy.lexicons import loader

pytestmark = pytest.mark.unit
_PRIVACY = Path(loader.__file__).parents[1]
_FOLDER = _PRIVACY / "lexicons"
_FILES = sorted(str(path.relative_to(_FOLDER)) for path in _FOLDER.rglob("*.txt"))
# Their order decides which surrogate a value gets: sorting them would change answers.
_KEEP_THEIR_ORDER = {
    "surrogates/given_names.en.male.txt",
    "surrogates/given_names.en.neutral.txt",
    "surrogates/given_names.nl.neutral.txt",
}
_CODE = "\n".join(path.read_text(encoding="utf-8") for path in _PRIVACY.rglob("*.py"))


@pytest.mark.parametrize("name", _FILES)
def test_a_list_has_a_head_and_ends_with_one_line_break(name: str) -> None:
    text = (_FOLDER / name).read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize("name", _FILES)
def test_a_list_is_sorted_and_has_no_duplicates(name: str) -> None:
    groups = loader.groups(name)
    assert len(set(loader.entries(name))) == len(loader.entries(name))
    if name in _KEEP_THEIR_ORDER:
        return
    for group in groups:
        assert list(group) == sorted(group)
    assert list(groups) == sorted(groups)


@pytest.mark.parametrize("name", _FILES)
def test_a_list_is_used(name: str) -> None:
    assert f'"{name}"' in _CODE


@pytest.mark.parametrize("name", [name for name in _FILES if not name.endswith(".patterns.txt")])
def test_a_word_list_is_one_group_of_words(name: str) -> None:
    (group,) = loader.groups(name)
    assert all(entry == entry.strip() for entry in group)


def test_an_alternation_has_longer_entries_first() -> None:
    assert loader.alternation("street_endings.txt").startswith("boulevard|plantsoen|")
    assert loader.alternation("street_endings.txt").endswith("|weg")
