"""Uncertain names count only beside other personal data."""

import pytest

from gateway.classifiers.protocol import NO_NAME, Entity
from gateway.core.level import Level
from gateway.core.snapshot import TermLists
from gateway.privacy import Terms, level_of
from tests.support.detector import DETECTOR
from tests.support.levels import LEVELS

REST = (
    " De rest van de lijst staat in het systeem, met prijs en voorraad per artikel en de "
    "levertijd in weken."
)


def judged(
    text: str, *named: tuple[str, str, float], lists: Terms | None = None
) -> tuple[list[str], Level]:
    """What is taken out, and the level, when the classifier sees that."""
    entities = [
        Entity(text.index(value), text.index(value) + len(value), type_, score)
        for value, type_, score in named
    ] or [Entity(0, 1, NO_NAME, 1.0)]
    found = DETECTOR.scan(text, entities, lists)
    return [text[f.start : f.end] for f in found if f.redactable], level_of(found, LEVELS).level


def test_an_uncertain_name_alone_is_dropped() -> None:
    assert judged("Vulling: Retro Stanley, 12 stuks." + REST, ("Stanley", "PERSON", 0.7)) == (
        [],
        Level.PUBLIC,
    )
    assert judged("Bestel 40 m Hazel voor kas 3." + REST) == ([], Level.PUBLIC)


def test_a_city_alone_is_no_personal_data() -> None:
    assert judged("De bus naar Almelo rijdt niet." + REST, ("Almelo", "CITY", 0.99)) == (
        [],
        Level.PUBLIC,
    )


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Retro Stanley komt om tien uur.", [("Stanley", "PERSON", 0.99)]),
        ("Vraag het Stanley, 06-12345678.", [("Stanley", "PERSON", 0.7)]),
        (
            "Stanley woont op Kade 4 in Ede.",
            [("Stanley", "PERSON", 0.7), ("Kade 4", "STREET_ADDRESS", 0.9)],
        ),
        ("Stanley en Petra lunchen.", [("Stanley", "PERSON", 0.7), ("Petra", "PERSON", 0.99)]),
        ("Beste Stanley,\n\nde kast staat klaar.", []),
        ("naam: Stanley\nkast: 3", []),
        ("Stanley heeft diabetes.", [("Stanley", "PERSON", 0.7)]),
    ],
)
def test_beside_certain_data_an_uncertain_name_stays(
    text: str, named: list[tuple[str, str, float]]
) -> None:
    taken, level = judged(text + REST, *named)
    assert "Stanley" in " ".join(taken)
    assert level >= Level.CONFIDENTIAL


def test_terms_of_the_organisation_stay() -> None:
    lists = Terms(TermLists(deny={"Retro Stanley": "PERSON"}, allow=[]))
    assert judged("Vulling: Retro Stanley." + REST, ("Stanley", "PERSON", 0.7), lists=lists)[0] == [
        "Retro Stanley"
    ]


def test_a_city_of_the_organisations_terms_stays() -> None:
    lists = Terms(TermLists(deny={"Almelo": "CITY"}, allow=[]))
    text = "De bus naar Almelo rijdt niet." + REST
    assert judged(text, lists=lists)[0] == ["Almelo"]


def test_without_the_classifier_nothing_is_dropped() -> None:
    text = "Karel Bakker is er morgen." + REST
    assert [text[f.start : f.end] for f in DETECTOR.scan(text)] == ["Karel Bakker"]


def test_in_a_text_of_one_line_nothing_is_dropped() -> None:
    assert judged("Anders komt morgen langs.", ("Anders", "PERSON", 0.7))[0] == ["Anders"]


def test_an_allowed_name_that_is_certain_still_makes_others_count() -> None:
    lists = Terms(TermLists(deny={}, allow=["Karel Bakker"]))
    named = (("Stanley", "PERSON", 0.7), ("Karel Bakker", "PERSON", 0.99))
    text = "Karel Bakker vult: Retro Stanley, 12 stuks." + REST
    assert judged(text, *named[:1], lists=lists)[0] == []
    assert judged(text, *named, lists=lists)[0] == ["Stanley"]
