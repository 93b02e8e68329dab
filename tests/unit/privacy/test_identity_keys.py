"""Spellings of one identifier share a key; other persons, types and tenants have other keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.finding import PERSONAL_TYPES
from gateway.privacy import identifier

_KEY = b"k" * 32


def named(type_: str, value: str, tenant: str = "t") -> str | None:
    return identifier(_KEY, tenant, type_, value)


@pytest.mark.parametrize(
    ("type_", "spellings"),
    [
        (
            "PERSON",
            [
                "Jan de Vries",
                "JAN DE VRIES",
                "dhr. Jan  de Vries",
                "De heer Jan de Vries",
                "prof. dr. Jan de Vries",
                "Jan\nde Vries",
            ],
        ),
        ("PERSON", ["J. de Vries", "J de Vries", "Mevr. J. de Vries"]),
        ("PERSON", ["Zoë O’Brien-Smit", "ZOË O’BRIEN SMIT", "Zoe\u0308 O’Brien Smit"]),
        ("EMAIL", ["Jan@Example.nl", "jan@example.nl "]),
        (
            "PHONE",
            [
                "06-12345678",
                "+31 6 1234 5678",
                "0031612345678",
                "+31 (0)6 12345678",
                "06 12 34 56 78",
                "612345678",
            ],
        ),
        ("PHONE", ["(555) 123-4567", "+1 555 123 4567"]),
        ("IBAN", ["NL91 ABNA 0417 1643 00", "nl91abna0417164300"]),
        ("BSN", ["111.222.333", "111222333"]),
        ("POSTCODE", ["1234 ab", "1234AB"]),
        ("STREET_ADDRESS", ["Dorpsstraat 12-a", "dorpsstraat  12 A"]),
        ("DATE_OF_BIRTH", ["01-02-1980", "1/2/1980", "1980-02-01"]),
    ],
)
def test_spellings_of_one_identifier_share_a_key(type_: str, spellings: list[str]) -> None:
    names = {spelling: named(type_, spelling) for spelling in spellings}
    assert len(set(names.values())) == 1, names
    assert None not in names.values()


def test_a_number_has_one_key_for_all_its_types() -> None:
    assert (
        named("BSN", "111222333")
        == named("RSIN", "111 222 333")
        == named("NATIONAL_ID", "111222333")
    )
    assert named("PERSON", "111222333") != named("BSN", "111222333")


def test_other_identifiers_have_other_keys() -> None:
    people = ["Jan de Vries", "Jan Vries", "J. de Vries", "Janna de Vries", "heer", "Mr"]
    assert len({named("PERSON", one) for one in people}) == len(people)
    assert named("EMAIL", "a@b.nl", "t") != named("EMAIL", "a@b.nl", "u")
    assert named("EMAIL", "a@b.nl") != identifier(b"x" * 32, "t", "EMAIL", "a@b.nl")


@given(st.sampled_from(PERSONAL_TYPES), st.text(max_size=40))
def test_a_key_is_one_way_and_ignores_outer_spaces(type_: str, value: str) -> None:
    name = named(type_, value)
    assert named(type_, f" {value} ") == name
    assert name is None or (len(name) == 24 and (len(value) < 5 or value not in name))
