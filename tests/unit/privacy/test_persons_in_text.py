"""Persons are found in a text by keyed identifiers, in all spellings that identify them."""

import pytest

from gateway.privacy import identifier, persons_in

_KEY, _TENANT = b"k" * 32, "default"


def keyed(type_: str, value: str) -> str:
    found = identifier(_KEY, _TENANT, type_, value)
    assert found is not None
    return found


def found(text: str, *names: str) -> set[str]:
    return persons_in(text, names, key=_KEY, tenant=_TENANT)


@pytest.mark.parametrize(
    ("type_", "value", "text"),
    [
        ("PERSON", "mevrouw A. de Vries", "Geachte mw. A. de Vries,"),
        ("PERSON", "Zoë O'Neill", "ZOË O’NEILL belde"),
        ("EMAIL", "jan@voorbeeld.nl", "(mailto:Jan@Voorbeeld.nl)."),
        ("EMAIL", "jan@voorbeeld.nl", "e-mail:jan@voorbeeld.nl"),
        ("PHONE", "0612345678", "tel.: +31 (0)6-1234 5678 of 0201234567"),
        ("PHONE", "020 123 45 67", "06-11111111 020-1234567, 12 mei"),
        ("CREDIT_CARD", "4111111111111111", "4111-1111-1111-1111"),
        ("LICENSE_PLATE", "AB-123-C", "auto ab-123-c."),
        ("IP_ADDRESS", "2001:db8::17", "van 2001:DB8::17, gisteren"),
        ("IP_ADDRESS", "::1", "van ::1."),
        ("IP_ADDRESS", "192.0.2.17", "ip:192.0.2.17"),
        ("IP_ADDRESS", "192.0.2.17", "http://192.0.2.17:8080/"),
    ],
    ids=[
        "titles",
        "accents",
        "link",
        "label",
        "phone",
        "phones",
        "card",
        "plate",
        "ipv6",
        "short",
        "labelled",
        "port",
    ],
)
def test_an_identifier_is_found_as_it_is_written(type_: str, value: str, text: str) -> None:
    assert found(text, keyed(type_, value)) == {keyed(type_, value)}


def test_only_who_is_wanted_and_named_is_found() -> None:
    jan, petra = keyed("PERSON", "Jan Jansen"), keyed("PERSON", "Petra Pieters")
    assert found("Jan Jansen en Els", jan, petra) == {jan}
    assert found("Jan en Jansen", jan, petra) == set()
    assert found("Jan Jansen") == set()


@pytest.mark.parametrize(
    ("type_", "value"),
    [("CITY", "Utrecht"), ("POSTCODE", "3511 AB"), ("STREET_ADDRESS", "Lange Viestraat 1")],
)
def test_what_many_people_share_is_not_searched(type_: str, value: str) -> None:
    assert found("Lange Viestraat 1, 3511 AB Utrecht", keyed(type_, value)) == set()


@pytest.mark.parametrize("piece", ["1", "a.", "a@", "(", "+1 ", "@", "a:b.", "1234ab "])
def test_a_hostile_text_takes_work_in_proportion_to_its_length(piece: str) -> None:
    jan = keyed("PERSON", "Jan Jansen")
    assert found(f"{piece * 5_000} Jan Jansen", jan) == {jan}
