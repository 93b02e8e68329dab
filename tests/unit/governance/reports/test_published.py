"""The figures of detection on a report are those that the documentation publishes."""

import re
from pathlib import Path

import pytest

from gateway.governance.reports.common_sections import missed_percent
from gateway.governance.reports.published import detection

pytestmark = pytest.mark.unit
DOCS = (Path(__file__).parents[4] / "docs" / "privacy.md").read_text(encoding="utf-8")
FORMER_NAMES = {"eval": "scored"}  # as that document calls the data set


def test_the_published_miss_rate_is_the_one_on_every_report() -> None:
    known = detection()
    name = FORMER_NAMES[known["set"]]
    published = re.search(rf"\| {name} \| (\d+) / (\d+) \|", DOCS)
    assert published is not None
    assert (known["texts"], known["values"]) == (int(published[1]), int(published[2]))
    own = re.search(rf"\| {name} \| +\| \*\*Sluis\*\* \|.*?\| \*\*(\.\d+)\*\* \| \.\d+ \|", DOCS)
    assert own is not None
    assert round(1 - missed_percent(known) / 100, 3) == float(own[1])
    low = re.search(r"came out lower in (\d+) of (\d+) \(scored", DOCS)
    assert low is not None
    assert (known["restricted_too_low"], known["restricted"]) == (int(low[1]), int(low[2]))


def test_the_figures_by_type_are_those_of_the_table() -> None:
    for name, one in detection()["types"].items():
        row = re.search(
            rf"^\| {name} \| (\d+) \|(?: [\d.]+ \|){{4}} ([\d.]+) \|", DOCS, re.MULTILINE
        )
        assert row is not None, name
        assert one["values"] == int(row[1])
        assert one["masked"] / one["values"] == pytest.approx(float(row[2]), abs=0.0006)
