"""Known values in other spellings, and what only looks like them."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.finding import Finding, FindingKind
from gateway.core.snapshot import TermLists
from gateway.privacy import Terms
from gateway.privacy.detect.known_values import KnownValues, known_values

pytestmark = pytest.mark.unit


def known(type_: str, value: str) -> KnownValues:
    found = known_values([(type_, value)])
    assert found is not None
    return found


def places(type_: str, value: str, text: str) -> list[str]:
    return [text[start:end] for start, end, _ in known(type_, value).with_spans(text, ())]


@pytest.mark.parametrize(
    ("type_", "value", "text", "found"),
    [
        ("BSN", "111222333", "x/111222333/y", ["111222333"]),
        ("BSN", "111222333", "111 222 333", ["111 222 333"]),
        ("BSN", "111222333", "kenmerk00111222333", ["00111222333"]),
        ("BSN", "111222333", "1112223334", ["1112223334"]),
        ("KVK", "12345678", "nr12345678x", ["12345678"]),
        ("KVK", "12345678", "123456789", []),
        ("PHONE", "06-41234567", "tel:+31641234567", ["+31641234567"]),
        ("PHONE", "+31 (0)6 41234567", "0031-6-41234567", ["0031-6-41234567"]),
        ("PHONE", "06-41234567", "(06) 41 23 45 67", ["(06) 41 23 45 67"]),
        ("EMAIL", "jan.devries@x.nl", "q=jan.devries%40x.nl&", ["jan.devries%40x.nl"]),
        ("EMAIL", "jan.devries@x.nl", "JAN.DEVRIES@X.NL", ["JAN.DEVRIES@X.NL"]),
        ("PERSON", "Jan de Vries", "jan-de-vries", ["jan-de-vries"]),
        ("PERSON", "Jan de Vries", "JanDeVries", ["JanDeVries"]),
        ("PERSON", "Jan de Vries", "jandevries", []),
        ("PERSON", "Mark Down", "markdown en MarkDowns", []),
        ("PERSON", "Zoë Müller", "zoë_müller", ["zoë_müller"]),
        ("PERSON", "Émile Janssen", "door Émile Janssen.", ["Émile Janssen"]),
        ("PERSON", "Jan", "jan", []),
        ("DATE_OF_BIRTH", "3-2-1980", "19800203", ["19800203"]),
        ("DATE_OF_BIRTH", "1980-02-03", "3 feb 1980", ["3 feb 1980"]),
        ("DATE_OF_BIRTH", "3 februari 1980", "03/02/1980", ["03/02/1980"]),
        ("DATE_OF_BIRTH", "3-2-1980", "33-2-1980", []),
        ("DATE_OF_BIRTH", "3-2-80", "3-2-80", []),
        ("STREET_ADDRESS", "Dorpsstraat 12", "dorpsstraat-12", ["dorpsstraat-12"]),
        ("STREET_ADDRESS", "Dorpsstraat", "dorpsstraat", []),
        ("CITY", "Utrecht", "utrecht", []),
        ("POSTCODE", "2511 CV", "?pc=2511cv", ["2511cv"]),
        ("LICENSE_PLATE", "12-ABC-3", "X12ABC3", []),
        ("IBAN", "NL91 ABNA 0417 1643 00", "nl91abna0417164300.pdf", ["nl91abna0417164300"]),
        ("SECRET", "Zomer2024!x", "Zomer2024!xy zomer2024!x", ["Zomer2024!x"]),
        ("SECRET", "hunter22", "hunter22 hunter2", ["hunter22"]),
    ],
)
def test_other_spellings(type_: str, value: str, text: str, found: list[str]) -> None:
    made = known_values([(type_, value)])
    spans = made.with_spans(text, ()) if made else ()
    assert [text[start:end] for start, end, _ in spans] == found


@pytest.mark.parametrize(
    "secret", ["welkom", "1234", "20240101", "geheimwoord", "auth_info[", "a1", "ClassVar[bool"]
)
def test_a_secret_that_is_a_word_or_code_is_not_searched(secret: str) -> None:
    assert known_values([("SECRET", secret)]) is None


def test_what_was_found_already_is_not_found_again() -> None:
    text = "bsn 111222333 en 111222333"
    first = (4, 13, "BSN")
    assert known("BSN", "111222333").with_spans(text, (first,)) == (first, (17, 26, "BSN"))
    finding = Finding(FindingKind.PERSONAL, "BSN", 4, 13, 0.95, "rule:bsn")
    found = known("BSN", "111222333").with_findings(text, (finding,))
    assert [(one.start, one.detector) for one in found] == [
        (4, "rule:bsn"),
        (17, "rule:value-again"),
    ]


def test_an_allowed_term_stays() -> None:
    terms = Terms(TermLists(allow=["Sanne-Haverkort"]))
    text = "Zie Sanne-Haverkort"
    assert known("PERSON", "Sanne Haverkort").with_findings(text, ()) != ()
    assert known("PERSON", "Sanne Haverkort").with_findings(text, (), terms) == ()


def test_many_values_are_all_found() -> None:
    values = [
        ("BSN", f"{number:09d}") for number in range(123456789, 123456789 + 1000 * 7919, 7919)
    ]
    found = known_values(values)
    assert found is not None
    text = " ".join(value for _, value in values)
    assert len(found.with_spans(text, ())) == len(values)


@given(st.text(max_size=60), st.integers(0, 60), st.sampled_from(["111222333", "111.222.333"]))
def test_a_value_is_found_wherever_it_is(text: str, at: int, value: str) -> None:
    whole = text[:at] + value + text[at:]
    spans = known("BSN", "111222333").with_spans(whole, ())
    left = "".join(
        whole[end:start]
        for (_, end), (start, _) in pairwise([(0, 0), *(s[:2] for s in spans), (len(whole), 0)])
    )
    assert value not in left


def test_a_long_text_full_of_values_takes_a_bounded_time() -> None:
    text = "111222333 " * 20_000
    searched = known("BSN", "111222333")
    began = time.thread_time()
    assert len(searched.with_spans(text, ())) == 20_000
    assert time.thread_time() - began < 3  # a search that grew with the square takes minutes
