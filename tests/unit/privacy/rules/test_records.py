"""The names of columns, keys, elements and fields of messages tell what their values are."""

import csv
import io
import itertools
import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.privacy.rules.bsn import is_valid
from tests.support.detector import DETECTOR

pytestmark = pytest.mark.unit

# Names of fields, and values that nothing but the field betrays; all are invented.
FIELDS = {
    "bsn": "123456789",
    "burgerservicenummer": "123-456-789",
    "ssn": "123456789",
    "achternaam": "Brummelkamp",
    "voornaam": "Zwier",
    "surname": "Qwortley",
    "first name": "Zyx",
    "geboortedatum": "1970-03-02",
    "dob": "02/03/1970",
    "adres": "Kromme Elleboog 12",
    "street address": "12 Crooked Bend",
    "postcode": "3621 AB",
    "zip": "90210",
    "woonplaats": "Oud Zuilekom",
    "city": "Hilltown",
    "telefoon": "0346-261234",
    "e-mail": "zwier@post.nl",
    "iban": "NL00ABNA0123456789",
}
NUMBERS = ("bsn", "burgerservicenummer", "ssn", "iban")


def found_in(text: str) -> set[str]:
    return {text[one.start : one.end] for one in DETECTOR.scan(text) if one.redactable}


def styles(name: str) -> list[str]:
    """The name as databases and programs write it."""
    words = name.replace("-", " ").split()
    camel = words[0] + "".join(map(str.capitalize, words[1:]))
    return [name, name.upper(), name.title(), "_".join(words), camel]


def table(names: list[str], sign: str, *, quoted: bool) -> str:
    out = io.StringIO()
    plain = csv.writer(out, delimiter=sign, lineterminator="\n")
    whole = csv.writer(out, delimiter=sign, lineterminator="\n", quoting=csv.QUOTE_ALL)
    (whole if quoted else plain).writerows([names, [FIELDS[name] for name in names]])
    return out.getvalue()


@given(
    names=st.lists(st.sampled_from(sorted(FIELDS)), min_size=2, max_size=8, unique=True),
    sign=st.sampled_from(",;\t|"),
    quoted=st.booleans(),
)
def test_each_column_is_found_in_any_order_and_form(
    names: list[str], sign: str, *, quoted: bool
) -> None:
    text = table(names, sign, quoted=quoted)
    assert found_in(text) >= {FIELDS[name] for name in names}, text


@pytest.mark.parametrize("name", FIELDS)
def test_a_key_an_element_and_an_attribute_tell_the_same(name: str) -> None:
    value = FIELDS[name]
    for style in styles(name):
        element = style.replace(" ", "_")
        for text in (
            json.dumps({style: value}),
            json.dumps({"rows": [{"id": 1, style: [value]}]}, indent=2),
            f"<{element}>{value}</{element}>",
            f'<ns:{element} lang="nl">\n  {value}\n</ns:{element}>',
            f'<{element} value="{value}"/>',
            f'<row id="1" {element}="{value}"/>',
            json.dumps({"field": style, "value": value}),
        ):
            assert value in found_in(text), text


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_that_fails_its_checksum_counts_as_the_value_of_a_setting(name: str) -> None:
    value = FIELDS[name]
    assert not is_valid(value)
    for text in (f"{name}: {value}", f"{name} = {value}", f"a: 1\n  {name}: '{value}'\nb: 2"):
        assert value in found_in(text), text
    assert value not in found_in(f"{value} is no {name}")


@pytest.mark.parametrize("prefix", ["patient", "klant", "emergency contact"])
def test_a_word_before_the_name_of_a_field_changes_nothing(prefix: str) -> None:
    for name, value in FIELDS.items():
        for sign in ("_", " "):
            key = f"{prefix}_{name}".replace(" ", "_").replace("_", sign)
            assert value in found_in(json.dumps({key: value})), key
            assert value in found_in(f"id;{key}\n7;{value}\n"), key


def test_a_sign_in_a_quoted_cell_shifts_no_column() -> None:
    rows = ["remark,bsn,city"]
    rows += [f'"a, b, c and {n}",12345678{n},Hilltown' for n in range(10)]
    assert found_in("\n".join(rows)) >= {f"12345678{n}" for n in range(10)} | {"Hilltown"}


def test_a_time_behind_a_date_of_birth_changes_nothing() -> None:
    for time in ("", " 00:00:00", "T00:00:00Z"):
        assert "1970-03-02" in found_in(f"id;geboortedatum\n4;1970-03-02{time}\n")


@pytest.mark.parametrize("name", ["soort", "airport", "misstad", "capacity", "username", "epc"])
def test_a_word_that_ends_like_the_name_of_a_field_is_another(name: str) -> None:
    for value in ("Hilltown", "90210"):
        assert found_in(json.dumps({name: value})) == set()
        assert found_in(f"<{name}>{value}</{name}>") == set()
        assert found_in(f"id;{name}\n7;{value}\n") == set()


PRODUCTS = {
    "article": ["bolt", "nut", "washer", "hinge"],
    "article number": ["123456789", "987654321", "555123987", "400300200"],
    "price": ["1.20", "14.99", "3.00", "7.50"],
    "stock": ["12", "450", "0", "31"],
    "colour": ["grey", "black", "zinc", "brass"],
    "pin": ["A", "B", "C", "D"],
    "family": ["metric", "imperial", "other", "wood"],
    "line": ["first", "second", "third", "fourth"],
    "mac address": ["00:1a:2b:3c:4d:5e", "00:1a:2b:3c:4d:5f", "00:1a:2b:3c:4d:60", "x"],
    "file name": ["Readme.txt", "Main.py", "Setup.cfg", "Notes.md"],
}


@given(st.permutations(sorted(PRODUCTS)), st.sampled_from(",;\t|"))
def test_a_table_of_products_is_untouched(names: list[str], sign: str) -> None:
    rows = [names, *zip(*(PRODUCTS[name] for name in names), strict=True)]
    text = "\n".join(sign.join(row) for row in rows)
    assert found_in(text) == set(), text
    records = [dict(zip(names, row, strict=True)) for row in rows[1:]]
    assert found_in(json.dumps(records)) == set()


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"lastName": "Last name", "firstName": "Vorname", "achternaam": "Achternaam"}),
        json.dumps({"lastName": {"type": "string"}, "city": "string", "bsn": "number"}),
        json.dumps({"font": {"family": "Helvetica"}, "line": ["Solid"], "given": ["Default"]}),
        "<label><surname/></label><city></city><password>${DB_PASSWORD}</password>",
        '<input name="password" type="password"/><address>the address of a pointer</address>',
        json.dumps({"name": "color", "value": "Amsterdam Blue"}),
    ],
)
def test_labels_schemas_and_fonts_are_no_values(text: str) -> None:
    assert found_in(text) == set()


PATIENT = {
    "resourceType": "Patient",
    "identifier": [
        {"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": "123456789"},
        {"system": "urn:oid:1.2.36.146", "value": "MRN-40321"},
    ],
    "name": [{"use": "official", "family": "Brummelkamp", "given": ["Zwier", "Odalrik"]}],
    "telecom": [{"system": "phone", "value": "0346-261234", "use": "home"}],
    "birthDate": "1970-03-02",
    "address": [{"line": ["Kromme Elleboog 12"], "city": "Hilltown", "postalCode": "3621 AB"}],
}
VALUES = {
    *("123456789", "MRN-40321", "Brummelkamp", "Zwier", "Odalrik", "0346-261234", "1970-03-02"),
    *("Kromme Elleboog 12", "Hilltown", "3621 AB"),
}


@pytest.mark.parametrize("indent", [None, 2])
def test_a_patient_in_fhir_is_found_whole(indent: int | None) -> None:
    for fields in (list(PATIENT.items()), list(PATIENT.items())[::-1]):
        assert found_in(json.dumps(dict(fields), indent=indent)) >= VALUES


def test_a_patient_in_xml_of_fhir_and_cda_is_found_whole() -> None:
    fhir = (
        '<Patient xmlns="http://hl7.org/fhir"><identifier>'
        '<system value="http://fhir.nl/fhir/NamingSystem/bsn"/><value value="123456789"/>'
        '</identifier><name><family value="Brummelkamp"/><given value="Zwier"/></name>'
        '<birthDate value="1970-03-02"/><address><line value="Kromme Elleboog 12"/>'
        '<city value="Hilltown"/><postalCode value="3621 AB"/></address></Patient>'
    )
    assert found_in(fhir) >= VALUES - {"MRN-40321", "Odalrik", "0346-261234"}
    cda = (
        '<patientRole xmlns="urn:hl7-org:v3">'
        '<id root="2.16.840.1.113883.2.4.6.3" extension="123456789"/><name><given>Zwier</given>'
        '<family>Brummelkamp</family></name><birthTime value="19700302"/></patientRole>'
    )
    assert found_in(cda) >= {"123456789", "Zwier", "Brummelkamp", "19700302"}


MESSAGE = (
    "MSH|^~\\&|ADT1|MCM|LABADT|MCM|202612031126||ADT^A01|MSG00001|P|2.5",
    (
        "PID|1||PAT40321^5^M11^ADT1^MR~123456789^^^NLMINBIZA^NNNLD||Brummelkamp^Zwier^Odalrik^^van"
        "||19700302|M|||Kromme Elleboog 12^^Hilltown^^3621 AB^NL||0346-261234^PRN^PH^zwier@post.nl"
    ),
    "NK1|1|Qwortley^Ymkje|SPO|Schuinepad 4^^Zuilekom^^8011 AA||0612345678",
    "PV1|1|I|2000^2012^01||||01234567^Vandelune^Sybrecht",
    "OBX|1|NM|2345-7^Glucose^LN||182|mg/dl|70-105|H|||F",
)
SENSITIVE = {
    *("PAT40321", "123456789", "Brummelkamp", "Zwier", "Odalrik", "19700302", "Hilltown"),
    *("Kromme Elleboog 12", "3621 AB", "0346-261234", "zwier@post.nl", "Qwortley", "Ymkje"),
    *("Schuinepad 4", "Zuilekom", "8011 AA", "0612345678", "01234567", "Vandelune", "Sybrecht"),
}


@pytest.mark.parametrize("line_end", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize("before", ["", "\x0b", "Message received:\n"])
def test_a_message_of_hl7_is_found_whole(line_end: str, before: str) -> None:
    text = before + line_end.join(MESSAGE)
    assert found_in(text) == SENSITIVE
    in_json = json.dumps({"message": text})
    assert found_in(in_json) >= SENSITIVE


def test_segments_of_hl7_are_read_one_by_one() -> None:
    for count in range(1, len(MESSAGE)):
        for lines in itertools.combinations(MESSAGE, count):
            joined = "\r".join(lines)
            assert found_in(joined) == {one for one in SENSITIVE if one in joined}


def test_fields_of_hl7_that_hold_no_person_are_untouched() -> None:
    rng = Random(1)
    for _ in range(50):
        codes = "|".join(f"{rng.randrange(9999)}^Code {rng.randrange(99)}^LN" for _ in range(8))
        assert found_in(f"OBX|{codes}\rZZZ|{codes}\rCELL|Brummelkamp") == set()
