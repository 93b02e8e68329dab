"""The published figures of detection are generated from the committed results."""

import runpy
from pathlib import Path

import pytest

from gateway.governance.reports.common_sections import missed_percent
from gateway.governance.reports.published import detection

pytestmark = pytest.mark.unit
ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def results() -> str:
    return (ROOT / "docs" / "detection-results.md").read_text(encoding="utf-8")


def test_the_document_equals_the_output_of_its_generator(results: str) -> None:
    generator = runpy.run_path(str(ROOT / "scripts" / "detection_results.py"))
    assert results == generator["document"](), "run scripts/detection_results.py"


def test_the_published_miss_rate_is_the_one_on_every_report(results: str) -> None:
    known = detection()
    share = f"{missed_percent(known) / 100:.3f}"
    assert f"| All {known['texts']} texts | {known['values']} |" in results
    assert f" | {share} |\n" in results
    assert f"`{known['set']}`" in results
    assert known["detectors"] in results
