"""Marked texts: loading, and type names of other tools."""

import json
from pathlib import Path

import pytest

from gateway.evaluation import load
from gateway.evaluation.examples import canonical


def test_a_known_name_is_its_own() -> None:
    assert canonical("person") == canonical("PER") == "PERSON"


class TestLoading:
    def test_a_broken_line_is_named(self, tmp_path: Path) -> None:
        file = tmp_path / "set.jsonl"
        good = {"id": "1", "lang": "nl", "text": "a\u2028b", "spans": []}
        bad = good | {"spans": [{"start": 0, "end": 9, "type": "CITY"}]}
        rows = (json.dumps(row, ensure_ascii=False) for row in (good, bad))
        file.write_text("\n".join(rows), encoding="utf-8")
        with pytest.raises(ValueError, match="line 2"):
            load(file)
