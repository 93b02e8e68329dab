"""The version of the rules follows their behaviour; the published figures are of this version."""

import hashlib
from pathlib import Path

import pytest

from gateway.classifiers.entities import bundled_model
from gateway.core.text.patterns import Pattern
from gateway.evaluation import load
from gateway.governance.reports.published import detection
from gateway.privacy.detect.version import RULES_VERSION, version_of
from tests.support.detector import DETECTOR

pytestmark = pytest.mark.unit
_SAMPLE = Path(__file__).parents[4] / "evaluation/datasets/dev.jsonl"
_TEXTS = 150
# The findings of the sample by rules alone, with the RULES_VERSION that gave them.
_FROZEN = (4, "3a10d3ac8f134087")


def _digest() -> str:
    digest = hashlib.sha256()
    for example in load(_SAMPLE)[::2][:_TEXTS]:
        for finding in DETECTOR.scan(example.text):
            place = (finding.type, finding.start, finding.end, finding.score, finding.detector)
            digest.update(repr(place).encode())
    return digest.hexdigest()[:16]


def test_other_findings_need_another_rules_version() -> None:
    assert (RULES_VERSION, _digest()) == _FROZEN, (
        "Rules find other things than before: raise RULES_VERSION in "
        "gateway/privacy/detect/version.py, refresh _FROZEN here, and refresh the published "
        "figures as evaluation/run.py says."
    )


def test_the_published_figures_are_of_this_version() -> None:
    assert detection()["detectors"] == f"{DETECTOR.version} {bundled_model.version_of()}", (
        "Detection changed: refresh the published figures as evaluation/run.py says."
    )


def test_the_version_changes_with_a_pattern() -> None:
    versions = {
        version_of([]),
        version_of([Pattern("0", "a")]),
        version_of([Pattern("0", "b")]),
        version_of([Pattern("0", "a", ignore_case=True)]),
        version_of([Pattern("0", "a", once=True)]),
    }
    assert len(versions) == 5
    assert version_of([Pattern("0", "a")]) == version_of([Pattern("1", "a")])
