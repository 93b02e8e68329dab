"""The threat model names tests that exist, and covers what it says that it covers."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", TEXT)))
ROW = re.compile(r"^\| ([STRIDE]) \| (.+?) \| (.+?) \| (.*?) ?\|$", re.MULTILINE)
# Measures that no test can show: what is left to others is in the last column.
_WITHOUT_TEST = {"a document or tool result steers the model"}


@pytest.mark.parametrize(("file", "name"), NAMED, ids=lambda part: part.rpartition("/")[2])
def test_a_named_test_exists(file: str, name: str) -> None:
    source = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"^ *(async )?def {name or 'test_'}", source, re.MULTILINE)


def test_every_kind_of_threat_is_there_with_a_test() -> None:
    rows = ROW.findall(TEXT)
    assert {kind for kind, *_ in rows} == set("STRIDE")
    unshown = {threat for _, threat, measure, _ in rows if "`tests/" not in measure}
    assert unshown == _WITHOUT_TEST
