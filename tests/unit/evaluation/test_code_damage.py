"""Damage to source code, and the split of a report into prose and code."""

import pytest

from gateway.evaluation import DetectionReport, MarkedText, Prediction, Span

_TEXT = "elif len(x): # Jan"


def _report(*found: Span, kind: str = "python", level: str = "public") -> DetectionReport:
    report = DetectionReport()
    marked = (Span(15, 18, "PERSON"),)
    report.add(
        MarkedText("1", "en", _TEXT, marked, kind=kind, level="public"), Prediction(found, level, 0)
    )
    return report


@pytest.mark.parametrize(
    ("found", "damaged"),
    [
        ((), 0),
        ((Span(15, 18, "PERSON"),), 0),
        ((Span(0, 4, "PERSON"),), 1),
        ((Span(0, 4, "SECRET"), Span(5, 8, "CITY")), 1),
        ((Span(0, 4, "POSTCODE"),), 0),
    ],
)
def test_a_text_with_a_false_name_place_or_secret_is_damaged(
    found: tuple[Span, ...], damaged: int
) -> None:
    damage = _report(*found).document()["code_damage"]
    assert damage == {
        "texts": 1,
        "damaged": damaged,
        "damaged_share": damaged,
        "wrongly_restricted": 0,
    }


def test_wrongly_restricted_code_is_counted() -> None:
    assert _report(level="restricted").damage.restricted == 1


def test_prose_is_counted_apart() -> None:
    report = _report(Span(0, 4, "PERSON"), kind="email")
    assert report.damage.texts == 0
    assert report.damage.damaged_share == 0
    assert set(report.document()["shapes"]) == {"prose"}
    assert "Source code" not in report.markdown()


def test_the_tables_name_prose_and_code() -> None:
    lines = _report(Span(0, 4, "PERSON")).markdown().splitlines()
    assert any(line.startswith("| code | 1 |") for line in lines)
    assert "Source code damaged in 1 of 1 texts (1.000), wrongly restricted in 0." in lines
