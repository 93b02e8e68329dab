"""What two neighbouring texts hold together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.finding import Finding
from gateway.privacy import Detector
from gateway.privacy.detect.split_values import seams_of, with_split

pytestmark = pytest.mark.unit


def split(detector: Detector, left: str, right: str) -> tuple[list[str], list[str], list[str]]:
    """What is found in the left text, in the right one, and in both together."""
    found: tuple[list[str], list[str], list[str]] = ([], [], [])
    for seam in seams_of(left, right):
        one = seam.findings(detector.scan(seam.text), detector.scan(left))
        found[0].extend(left[f.start : f.end] for f in one.left)
        found[1].extend(right[f.start : f.end] for f in one.right)
        found[2].extend(value for _, value in one.values)
    return found


def test_a_value_in_both(detector: Detector) -> None:
    assert split(detector, "Mijn bsn is 1112", "22333, dank") == (
        ["1112"],
        ["22333"],
        ["111222333"],
    )


def test_a_value_that_the_left_text_names(detector: Detector) -> None:
    assert split(detector, "Wat is uw geboortedatum?", "03/02/1980") == ([], ["03/02/1980"], [])


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Mail jan.devries@x.nl", "en bel"),
        ("De pincode is 1234.", "Er waren 12 mensen."),
        ("", "111222333"),
        ("Hoe laat?", "Om 12:30 uur."),
        ("Groet,\nJan", "2 stuks graag"),
    ],
)
def test_texts_that_share_nothing(detector: Detector, left: str, right: str) -> None:
    assert split(detector, left, right)[2] == []


@given(st.text(max_size=200), st.text(max_size=200), st.integers(0, 9))
def test_findings_are_within_their_texts(
    detector: Detector, left: str, right: str, at: int
) -> None:
    left, right = left + "bsn 111222333"[: 4 + at], "111222333"[at:] + right
    for seam in seams_of(left, right):
        found = seam.findings(detector.scan(seam.text), detector.scan(left))
        assert all(0 <= one.start < one.end == len(left) for one in found.left)
        assert all(0 <= one.start < one.end <= len(right) for one in found.right)


def test_what_a_text_holds_already_is_not_added(detector: Detector) -> None:
    findings: tuple[Finding, ...] = detector.scan("bsn 111222333")
    assert with_split(findings, findings) == findings
