"""Word lists are sorted files without duplicates, and each of them is used."""

from pathlib import Path

import pytest

from gateway.privacy.lexicons import loader

pytestmark = pytest.mark.unit
_PRIVACY = Path(loader.__file__).parents[1]
_FILES = sorted(path.name for path in Path(loader.__file__).parent.glob("*.txt"))
_CODE = "\n".join(path.read_text(encoding="utf-8") for path in _PRIVACY.rglob("*.py"))


@pytest.mark.parametrize("name", _FILES)
def test_a_list_is_sorted_without_duplicates_and_used(name: str) -> None:
    text = (_PRIVACY / "lexicons" / name).read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    groups = loader.groups(name)
    for group in (*groups, groups):
        assert list(group) == sorted(group)
    assert len(set(loader.entries(name))) == len(loader.entries(name))
    if not name.endswith(".patterns.txt"):
        assert len(groups) == 1
        assert all(entry == entry.strip() for entry in groups[0])
    assert f'"{name}"' in _CODE


def test_an_alternation_has_longer_entries_first() -> None:
    assert loader.alternation("street_endings.txt").startswith("boulevard|plantsoen|")
    assert loader.alternation("street_endings.txt").endswith("|wal")
