"""Names that overlap: the weaker one goes, and no part of it leaves in clear."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.privacy.detect.overlaps import settle
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, Strength
from tests.support.detector import DETECTOR

_WORDS = ("Sanne de Vries", "Jan", "Beste", "Fatima Bouzid", "met", "mevrouw", "en", "Groet,")


def _settled(text: str, *names: str, strong: str = "") -> list[str]:
    hits = [
        RuleMatch(
            "PERSON",
            text.index(name),
            text.index(name) + len(name),
            "r",
            Strength.CONTEXT if name == strong else Strength.PLAIN,
        )
        for name in names
    ]
    return [text[hit.start : hit.end] for hit in settle(NormalizedText(text), hits)]


@given(st.lists(st.sampled_from(_WORDS), max_size=20))
@example(["Sanne de Vries", "Jan", "Sanne de Vries", "Sanne de Vries", "Beste"])
@example(["Sanne de Vries", "Beste", "Beste", "Fatima Bouzid", "Sanne de Vries"])
def test_names_in_a_row_are_redacted_whole(parts: list[str]) -> None:
    text = " ".join(parts)
    taken = {at for f in DETECTOR.scan(text) if f.redactable for at in range(f.start, f.end)}
    names = re.finditer("Sanne|Vries|Fatima|Bouzid", text)
    assert {at for match in names for at in range(*match.span())} <= taken


def test_the_rest_of_an_overlapped_name_stays_a_name() -> None:
    text = "Sanne de Vries Jan Sanne Bakker Beste"
    left = _settled(text, "Sanne de Vries Jan Sanne", "Jan Sanne Bakker Beste")
    assert left == ["Sanne de Vries Jan Sanne", "Bakker Beste"]


@pytest.mark.parametrize(
    ("names", "strong", "left"),
    [
        (("Groet Jan Bakker", "Jan Bakker"), "Jan Bakker", ["Jan Bakker"]),
        (("Jan Bakker de", "Bakker"), "", ["Jan Bakker de"]),
        (("Groet Jan", "Jan Bakker de"), "Jan Bakker de", ["Groet", "Jan Bakker de"]),
        (("Jan Bakker", "Bakker de Vries"), "Jan Bakker", ["Jan Bakker", "de Vries"]),
        (("Jan Bakker", "Bakker de"), "Jan Bakker", ["Jan Bakker"]),
    ],
)
def test_a_stronger_name_decides_its_own_part_only(
    names: tuple[str, ...], strong: str, left: list[str]
) -> None:
    assert _settled("Groet Jan Bakker de Vries", *names, strong=strong) == left


def test_the_type_of_a_stronger_finding_decides_over_a_name() -> None:
    text = "Utrecht Jansen"
    city = RuleMatch("CITY", 0, 7, "r", Strength.CHECKSUM)
    person = RuleMatch("PERSON", 0, 14, "r")
    assert settle(NormalizedText(text), [person, city]) == [city]
