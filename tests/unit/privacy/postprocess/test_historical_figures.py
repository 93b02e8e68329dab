"""Historical figures are ignored only in a text without other personal data."""

import pytest

from gateway.classifiers.protocol import Entity
from gateway.core.level import Level
from gateway.privacy import level_of
from tests.support.detector import DETECTOR
from tests.support.levels import LEVELS


def judged(text: str, *names: str) -> tuple[list[str], Level]:
    named = [
        Entity(text.index(name), text.index(name) + len(name), "PERSON", 0.95) for name in names
    ]
    found = DETECTOR.scan(text, sorted(named, key=lambda one: one.start))
    return [text[f.start : f.end] for f in found if f.redactable], level_of(found, LEVELS).level


def test_a_question_about_a_historical_figure_is_public() -> None:
    text = "Wie was Johan Rudolph Thorbecke ook alweer?"
    assert judged(text, "Johan Rudolph Thorbecke") == ([], Level.PUBLIC)


def test_a_part_of_the_name_is_dropped_only_beside_the_whole() -> None:
    whole = "Alexander von Humboldt crossed it, and the current is named after Humboldt."
    assert judged(whole, "Alexander von Humboldt") == ([], Level.PUBLIC)
    assert judged("The invoice of Humboldt is open.", "Humboldt") == (
        ["Humboldt"],
        Level.CONFIDENTIAL,
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Anneke Thorbecke belde over de huur.", ("Anneke Thorbecke",)),
        (
            "Johan Rudolph Thorbecke en Johan Smit bellen terug.",
            ("Johan Rudolph Thorbecke", "Johan Smit"),
        ),
        ("Johan Rudolph Thorbecke, bsn 123456782", ("Johan Rudolph Thorbecke",)),
        ("Johan Rudolph Thorbecke betaalt met 4111 1111 1111 1111", ("Johan Rudolph Thorbecke",)),
        ("naam: Abraham Kuyper\nfunctie: monteur", ("Abraham Kuyper",)),
        ("De heer Abraham Kuyper belde over de huur.", ("Abraham Kuyper",)),
        ("Beste Abraham Kuyper,\n\ndank.", ("Abraham Kuyper",)),
    ],
)
def test_beside_other_persons_the_name_is_redacted(text: str, names: tuple[str, ...]) -> None:
    taken, level = judged(text, *names)
    assert set(names) <= set(taken)
    assert level is Level.CONFIDENTIAL


def test_beside_a_special_category_the_name_is_redacted() -> None:
    taken, level = judged("Abraham Kuyper heeft diabetes.", "Abraham Kuyper")
    assert taken == ["Abraham Kuyper"]
    assert level is Level.RESTRICTED
