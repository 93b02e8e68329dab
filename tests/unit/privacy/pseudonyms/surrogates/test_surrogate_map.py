"""Surrogates are deterministic, unique, and belong to no person."""

import json
import re

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban

from gateway.core.finding import PERSONAL_TYPES, Finding, FindingKind
from gateway.privacy import RedactionPolicy, Scope, spans_of
from gateway.privacy.lexicons.names import AMBIGUOUS_NAMES, STOP_WORDS
from gateway.privacy.lexicons.places import CITIES_AND_COUNTRIES
from gateway.privacy.pseudonyms.surrogates import SUPPORTED, lists
from tests.support.effort import examples
from tests.support.surrogates import (
    MODES,
    NAMES,
    PARTS,
    assembled,
    in_pieces,
    of,
    replaced,
    vault_of,
)


@settings(max_examples=examples(400), deadline=None)
@given(PARTS, st.lists(st.integers(1, 9), max_size=60), st.booleans())
def test_replaced_values_are_restored_for_any_chunks(
    parts: list[tuple[str, tuple[str, str]]], sizes: list[int], as_json: bool
) -> None:
    text, findings = assembled(parts)
    vault = vault_of(text)
    redacted = vault.redact(text, spans_of(text, findings))
    source = json.dumps(redacted) if as_json else redacted
    restorer, other = vault.restorer(json=as_json), vault.restorer(json=as_json)
    back = in_pieces(restorer, source, sizes)
    assert back == other.feed(source) + other.finish()
    if not restorer.kept:
        assert (json.loads(back) if as_json else back) == text


@settings(max_examples=examples(200), deadline=None)
@given(PARTS)
def test_surrogates_are_unique_and_not_in_the_request(
    parts: list[tuple[str, tuple[str, str]]],
) -> None:
    text, findings = assembled(parts)
    vault = vault_of(text)
    vault.redact(text, spans_of(text, findings))
    behind: dict[str, str] = {}
    for finding in findings:
        value = text[finding.start : finding.end]
        alone = f" {value} "
        whole = Finding(FindingKind.PERSONAL, finding.type, 1, 1 + len(value), 1.0, "t")
        surrogate = vault.redact(alone, spans_of(alone, [whole])).strip()
        assert behind.setdefault(surrogate, value) == value
        for start, end in vault.surrogates_in(surrogate):
            assert surrogate[start:end].casefold() not in text.casefold()


def test_the_same_in_every_turn_and_every_replica() -> None:
    first, redacted = replaced("Jan de Vries belt.", ("PERSON", "Jan de Vries"))
    again, _ = replaced("Jan de Vries belt.", ("PERSON", "Jan de Vries"))
    assert again.restore(redacted) == first.restore(redacted) == "Jan de Vries belt."
    _, longer = replaced(
        "Jan de Vries belt. Sanne ook.", ("PERSON", "Jan de Vries"), ("PERSON", "Sanne")
    )
    assert longer.startswith(redacted)
    others = set()
    for scope in (
        Scope("x", "k", "u", "c"),
        Scope("t", "x", "u", "c"),
        Scope("t", "k", "x", "c"),
        Scope("t", "k", "u", "x"),
    ):
        span = (0, 12, "PERSON")
        others.add(vault_of(scope=scope).redact("Jan de Vries belt.", [span]))
    assert redacted not in others
    assert len(others) == 4


def test_a_surrogate_in_the_request_is_not_used() -> None:
    _, redacted = replaced("Jan belt.", ("PERSON", "Jan"))
    taken = redacted.split()[0]
    text = f"Jan belt {taken.upper()}."
    vault, other = replaced(text, ("PERSON", "Jan"))
    assert taken not in other.split()[0]
    assert vault.restore(f"{other} {taken}") == f"{text} {taken}"


def test_no_name_is_part_of_a_surrogate() -> None:
    text = "Mijn naam is Jan de Vries. Schrijf een brief aan mevrouw Sanne."
    for conversation in range(100):
        vault = vault_of(text, scope=Scope("t", "k", "u", str(conversation)))
        spans = [(text.index(name), text.index(name) + len(name), "PERSON") for name in NAMES]
        sent = vault.redact(text, spans)
        assert "[PERSON" not in sent
        for name in ("Jan", "Vries", "Sanne"):
            assert name.lower() not in sent.lower()


def test_one_family_stays_one_and_forms_are_kept() -> None:
    text = "Jan de Vries en mevrouw De Vries; Jan, JAN DE VRIES. Mw. J.P. de Vries."
    _, redacted = replaced(
        text,
        *(
            ("PERSON", v)
            for v in ("Jan de Vries", "De Vries", "JAN DE VRIES", "J.P. de Vries", "Jan")
        ),
    )
    shape = (
        r"(\w+) de (\w+) en mevrouw De (\w+); (\w+), (\w+) DE (\w+)\. Mw\. [A-Z]\.[A-Z]\. de "
        r"(\w+)\."
    )
    found = re.fullmatch(shape, redacted)
    assert found is not None, redacted
    first, last = found[1], found[2]
    assert found.groups() == (
        first,
        last,
        last,
        first,
        first.upper(),
        last.upper(),
        last,
    )
    assert {first, last}.isdisjoint({"Jan", "Vries"})


@pytest.mark.parametrize(
    ("text", "value", "gender"),
    [
        ("Sanne belt.", "Sanne", "she"),
        ("Bas belt.", "Bas", "he"),
        ("Beste mevrouw Xanthi de Vries,", "Xanthi de Vries", "she"),
        ("Dear Mr. Okko Bond, thank you for the report that you have sent.", "Okko Bond", "he"),
        ("Xanthi belt.", "Xanthi", ""),
    ],
)
def test_gender_of_name_or_title_is_kept(text: str, value: str, gender: str) -> None:
    _, redacted = replaced(text, ("PERSON", value))
    at = text.index(value)
    first = redacted[at:].split()[0].strip(",")
    assert first in lists.GIVEN["nl", gender] + lists.GIVEN["en", gender]


def test_language_follows_the_text_or_the_name() -> None:
    english = "Please write to Zoltana Quorn for the report that you have made with this."
    _, redacted = replaced(english, ("PERSON", "Zoltana Quorn"))
    first, last = redacted.split()[3:5]
    assert first in lists.GIVEN["en", ""]
    assert last in lists.SURNAMES["en"]
    _, redacted = replaced(english.replace("Quorn", "van Dam"), ("PERSON", "Zoltana van Dam"))
    assert redacted.split()[5] in lists.SURNAMES["nl"]


def test_surrogates_with_a_form_belong_to_no_person() -> None:
    for number, region in (
        ("06-21345678", "NL"),
        ("+31 20 123 4567", "NL"),
        ("07911 123456", "GB"),
    ):
        other = of("PHONE", number)
        assert re.sub(r"\d", "9", other) == re.sub(r"\d", "9", number)
        assert not phonenumbers.is_valid_number(phonenumbers.parse(other, region))
    assert re.fullmatch(r"\d{4} S[ADS]", of("POSTCODE", "1234 AB"))
    assert of("POSTCODE", "SW1A 1AA").startswith("ZZ")
    for account in ("NL91 ABNA 0417 1643 00", "GB29NWBK60161331926819"):
        assert iban.is_valid(of("IBAN", account))
        assert "TEST" in of("IBAN", account)
    assert re.fullmatch(r"\d\d-Q[CQ]-[CQ]{2}", of("LICENSE_PLATE", "12-AB-CD"))
    assert re.fullmatch(r"[a-z]\.[a-z]+\d\d@example\.(com|net|org)", of("EMAIL", "jan@vries.nl"))
    assert re.fullmatch(r"\d\d?/\d/\d\d", of("DATE_OF_BIRTH", "12/3/80"))
    assert re.fullmatch(r"\d+ [a-z]+ 19\d\d", of("DATE_OF_BIRTH", "3 maart 1980"))


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("PHONE", "+49 30 1234567"),
        ("IBAN", "DE89370400440532013000"),
        ("POSTCODE", "90210"),
        ("PERSON", "王小明"),
        ("DATE_OF_BIRTH", "lente 1980"),
        ("PERSON", "J."),
        ("PERSON", "jan123"),
    ],
)
def test_a_form_that_is_not_known_becomes_a_placeholder(type_: str, value: str) -> None:
    assert re.fullmatch(rf"\[{type_}_\w+\]", of(type_, value))


def test_when_names_run_out_placeholders_go_on() -> None:
    names = [f"Xa{first}{second}" for first in "bcdfghjk" for second in "bcdfghjk"]
    text = "; ".join(names)
    vault, redacted = replaced(text, *(("PERSON", name) for name in names))
    assert "[PERSON_" in redacted
    assert len(set(redacted.split("; "))) == len(names)
    assert vault.restore(redacted) == text


@pytest.mark.parametrize("type_", sorted(set(PERSONAL_TYPES) - SUPPORTED))
def test_a_type_without_safe_surrogates_is_refused(type_: str) -> None:
    document = {"version": 1, "types": {type_: "surrogate"}, "answers": "keep"}
    with pytest.raises(ValueError, match=f"^{type_} cannot have the mode surrogate"):
        RedactionPolicy.of(document)


def test_all_other_types_are_accepted() -> None:
    document = {"version": 1, "types": dict.fromkeys(SUPPORTED, "surrogate"), "answers": "keep"}
    assert RedactionPolicy.of(document).types == MODES


def test_the_lists_are_sound() -> None:
    given_ = [name for names in lists.GIVEN.values() for name in names]
    groups = [set(map(str.lower, given_))]
    for of_language in (lists.SURNAMES, lists.STREETS, lists.CITIES):
        groups.append({name.lower() for names in of_language.values() for name in names})
    everything = set().union(*groups)
    assert sum(map(len, groups)) == len(everything)
    ordinary = {word.lower() for word in (*AMBIGUOUS_NAMES, *CITIES_AND_COUNTRIES, *STOP_WORDS)}
    assert not everything & ordinary
    for name in everything:
        assert name[-1] not in "sxz"
        assert name.isascii()
        assert 3 <= len(name) <= 24
