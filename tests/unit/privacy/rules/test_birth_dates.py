"""Dates of birth: written, spoken, scanned and in tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.detector import redacted_values


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("geboren op 3-4-'87", [("DATE_OF_BIRTH", "3-4-'87")]),
        (
            "mijn geboortedatum is zes mei negentienachtenvijftig",
            [("DATE_OF_BIRTH", "zes mei negentienachtenvijftig")],
        ),
        (
            "born on the third of march nineteen eighty",
            [("DATE_OF_BIRTH", "the third of march nineteen eighty")],
        ),
        ("GEB. DATUM : O7 - 11 - l953", [("DATE_OF_BIRTH", "O7 - 11 - l953")]),
        (
            "wat is zijn geboortedatum\n\ndrie juli tweeënvijftig en de achternaam",
            [("DATE_OF_BIRTH", "drie juli tweeënvijftig")],
        ),
        (
            "ik ben van zeven maart negentiennegenenvijftig en ik",
            [("DATE_OF_BIRTH", "zeven maart negentiennegenenvijftig")],
        ),
        ("Geboren: 17-III-1992", [("DATE_OF_BIRTH", "17-III-1992")]),
        (
            "date of birth?\nninth of the tenth eighty eight",
            [("DATE_OF_BIRTH", "ninth of the tenth eighty eight")],
        ),
        ("Date of birth: 12 | 09 | 1985", [("DATE_OF_BIRTH", "12 | 09 | 1985")]),
        (
            "when were you born cy\nnovember the ninth nineteen thirty six in",
            [("DATE_OF_BIRTH", "november the ninth nineteen thirty six")],
        ),
        (
            "and date of birth\ntwenty sixth of the fifth forty nine\n",
            [("DATE_OF_BIRTH", "twenty sixth of the fifth forty nine")],
        ),
        ("Ik ben geboren op 10 mei 71. De", [("DATE_OF_BIRTH", "10 mei 71")]),
        ("haar juiste geboortedatum is 310183. Actie", [("DATE_OF_BIRTH", "310183")]),
        ("vrouw heet zo, verj. 4 sept. '69\n", [("DATE_OF_BIRTH", "4 sept. '69")]),
        ("Geb. datum:      23 apri1 1950", [("DATE_OF_BIRTH", "23 apri1 1950")]),
        (
            "Geboren    : l2 februari 1970 te Hengelo",
            [("DATE_OF_BIRTH", "l2 februari 1970"), ("CITY", "Hengelo")],
        ),
        ("Born           05/Apr/1994", [("DATE_OF_BIRTH", "05/Apr/1994")]),
        (
            "geboren zes december negentienvierenzeventig hij",
            [("DATE_OF_BIRTH", "zes december negentienvierenzeventig")],
        ),
        (
            "date of birth the ninth of january nineteen seventy two",
            [("DATE_OF_BIRTH", "the ninth of january nineteen seventy two")],
        ),
        ("Geb.dat.: 070390\nBSN", [("DATE_OF_BIRTH", "070390")]),
        ("Vader is van 12.5.1939.", [("DATE_OF_BIRTH", "12.5.1939")]),
    ],
)
def test_exactly_these_values_are_found(text: str, wanted: list[tuple[str, str]]) -> None:
    assert redacted_values(text) == wanted


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("Born: 6.xi.1988", "DATE_OF_BIRTH", "6.xi.1988"),
        ("BSN 218467084 / gd 02-11-1958", "DATE_OF_BIRTH", "02-11-1958"),
    ],
)
def test_the_value_is_among_those_found(text: str, type_: str, value: str) -> None:
    assert (type_, value) in redacted_values(text)


_DAYS = ["first", "third", "fourth", "fifth", "eighth", "ninth", "tenth", "twelfth"]
_UNITS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


@st.composite
def spoken_dates(draw: st.DrawFn) -> tuple[str, str]:
    """A date as somebody says it, and a sentence around it."""
    day = draw(st.sampled_from([*_DAYS, "twentieth", "twenty first", "thirty-first", "5th"]))
    month = draw(st.sampled_from(["March", "april", "May", "November", "december"]))
    tens = draw(st.sampled_from(_TENS))
    unit = draw(st.sampled_from(["", *(f"{sign}{one}" for sign in " -" for one in _UNITS)]))
    year = draw(st.sampled_from([f"nineteen {tens}{unit}", "two thousand and one"]))
    joined = draw(st.sampled_from([", ", " ", ",\n"]))
    date = draw(
        st.sampled_from([
            f"the {day} of {month}{joined}{year}",
            f"{month} the {day}{joined}{year}",
            f"{month} {day}{joined}{year}",
        ])
    )
    sentence = draw(
        st.sampled_from([
            "I was born on {}.",
            "Date of birth: {}",
            "She was born {}, in Leeds.",
            "when were you born\n{} in Leeds",
        ])
    )
    return date, sentence.format(date)


@given(spoken_dates())
def test_a_spoken_date_of_birth_is_found_with_and_without_commas(said: tuple[str, str]) -> None:
    date, sentence = said
    assert ("DATE_OF_BIRTH", date) in redacted_values(sentence), sentence


@pytest.mark.parametrize(
    "text",
    [
        "He was born on the third of May, one of two children.",
        "She was born on the third of May, twenty years ago.",
        "Born on March the fifth, two days after the storm.",
    ],
)
def test_what_follows_a_comma_is_no_year(text: str) -> None:
    assert not any("," in value for _, value in redacted_values(text))
