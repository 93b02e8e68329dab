"""The manifest of the data sets: names, counts and status agree with the files and figures."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from evaluation.baselines.presidio import RESULTS as BASELINE
from evaluation.manifest import DATASETS, MANIFEST, update
from evaluation.run import PUBLISHED, RESULTS

_ROOT = Path(__file__).parents[3]
_TEXT = MANIFEST.read_text(encoding="utf-8")
_SETS: dict[str, dict[str, Any]] = yaml.safe_load(_TEXT)["sets"]
_LOOKS = json.loads((RESULTS.parent / "first-looks.json").read_text(encoding="utf-8"))["sets"]
_RESULTS = json.loads(RESULTS.read_text(encoding="utf-8"))
_FIELDS = [
    "file",
    "former_name",
    "kind",
    "languages",
    "texts",
    "values",
    "author",
    "first_look",
    "status",
    "read",
    "used_by",
]


def test_counts_and_layout_equal_the_output_of_the_program() -> None:
    assert update(_TEXT) == _TEXT, "run python -m evaluation.manifest --write"


def test_every_data_set_has_an_entry() -> None:
    files = {file.name for file in DATASETS.iterdir() if file.suffix in {".jsonl", ".txt"}}
    assert {one["file"] for one in _SETS.values()} == files
    assert {folder.name for folder in (DATASETS / "source").iterdir()} <= set(_SETS)


@pytest.mark.parametrize("name", _SETS)
def test_an_entry_has_every_field(name: str) -> None:
    one = _SETS[name]
    assert [field for field in one if field != "note"] == _FIELDS
    assert Path(one["file"]).stem == name
    assert one["author"] in {"own", "independent", None}
    assert one["status"] in {"untouched", "totals", "read", "tuning", None}
    assert [path for path in one["used_by"] if not (_ROOT / path).is_file()] == []
    look = one["first_look"]
    assert look is None or set(look) == {"date", "version", "figures"}
    if look and look["date"] is not None:
        date.fromisoformat(look["date"])


def test_first_looks_are_those_of_the_independent_sets() -> None:
    looks = {one["set"]: one for one in _LOOKS}
    assert set(looks) == {name for name, one in _SETS.items() if one["author"] == "independent"}
    for name, look in looks.items():
        expected = {field: look[field] for field in ("former_name", "texts", "values")}
        assert {field: _SETS[name][field] for field in expected} == expected


def test_results_cover_every_set_of_marked_texts() -> None:
    marked = {name: one for name, one in _SETS.items() if one["texts"]}
    assert set(_RESULTS["sets"]) == set(marked)
    for name, one in marked.items():
        measured = _RESULTS["sets"][name]
        assert measured["texts"] == one["texts"]
        assert measured["restricted_too_low"] <= measured["restricted"]


def test_the_baseline_covers_the_same_sets() -> None:
    baseline = json.loads(BASELINE.read_text(encoding="utf-8"))["sets"]
    assert set(baseline) == set(_RESULTS["sets"])
    for name, measured in _RESULTS["sets"].items():
        for field in ("texts", "values", "without_personal_data"):
            assert baseline[name][field] == measured[field]
    for look in _LOOKS:
        for field in ("f1", "masked"):
            assert look["presidio"][field] == pytest.approx(baseline[look["set"]][field], abs=6e-4)


def test_published_figures_are_those_of_the_same_run() -> None:
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    measured = _RESULTS["sets"][published["set"]]
    for field in ("detectors", "measured"):
        assert published[field] == _RESULTS[field]
    for field in ("texts", "values", "restricted", "restricted_too_low"):
        assert published[field] == measured[field]
    share = published["masked"] / published["values"]
    assert measured["masked"] == pytest.approx(share, abs=5e-5)
