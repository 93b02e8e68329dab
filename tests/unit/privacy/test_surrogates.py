"""Surrogates: made the same way everywhere, nobody's, and put back where a placeholder would be."""

import json
import re

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban

from gateway.core.finding import PERSONAL_TYPES, Finding, FindingKind
from gateway.decisions import ContentRules
from gateway.privacy import AnswerMask, Operator, RedactionPolicy, Restorer, Scope, Vault, spans_of
from gateway.privacy.lexicons.names import AMBIGUOUS_NAMES, STOP_WORDS
from gateway.privacy.lexicons.places import CITIES_AND_COUNTRIES
from gateway.privacy.redact.surrogates import SUPPORTED, lists
from gateway.request.output_filter import Inspector
from tests.support.detector import DETECTOR
from tests.support.exfiltration import attempts
from tests.support.streams import streamed

KEY = b"0123456789abcdef0123456789abcdef"
SCOPE = Scope("t", "k", "u", "c")
NAMES = ("Jan de Vries", "Sanne")
MODES = dict.fromkeys(SUPPORTED, Operator.SURROGATE)
LONGEST_HELD = 64


def vault_of(*texts: str, scope: Scope = SCOPE) -> Vault:
    return Vault(KEY, scope, MODES, standing=texts)


def replaced(text: str, *values: tuple[str, str]) -> tuple[Vault, str]:
    """A vault, and the text without these values (type, value) wherever they stand."""
    types = {value: type_ for type_, value in values}
    longest_first = "|".join(map(re.escape, sorted(types, key=len, reverse=True)))
    found = re.finditer(rf"(?<!\w)(?:{longest_first})(?!\w)", text)
    vault = vault_of(text)
    return vault, vault.redact(text, [(one.start(), one.end(), types[one[0]]) for one in found])


def in_pieces(restorer: Restorer, text: str, sizes: list[int]) -> str:
    out, at = [], 0
    for size in [*sizes, len(text)]:
        out.append(restorer.feed(text[at : at + size]))
        assert restorer.held < LONGEST_HELD
        at += size
    return "".join(out) + restorer.finish()


VALUES = {
    "PERSON": [
        "Jan",
        "Jan de Vries",
        "jan de vries",
        "JAN DE VRIES",
        "De Vries",
        "Sanne",
        "Jansen-de Vries",
        "J. de Vries",
        "J.P. van den Berg",
        "O'Brien",
        "Sarah Connor",
        "Connor",
        "José",
        "mw. Bakker",
        "Chr. van 't Hof",
        "McDonald",
        "Mcdonald",
        "Ben",
        "Ali el Amrani",
        "王小明",
        "Jan\nde Vries",
        "X",
        "dr.",
    ],
    "EMAIL": ["jan@vries.nl", "Jan@Vries.NL", "j.de.vries+x@mail.example.com"],
    "PHONE": [
        "06-21345678",
        "0621345678",
        "+31 6 2134 5678",
        "(020) 123 4567",
        "07911 123456",
        "+1 212 555 0100",
    ],
    "STREET_ADDRESS": [
        "Kerkstraat 12",
        "Kerkstraat 14",
        "Kerkstraat 12a",
        "Kerkstraat",
        "12 Baker Street",
        "Lange Voorhout 5-II",
    ],
    "POSTCODE": ["1234 AB", "1234AB", "1234ab", "SW1A 1AA", "90210"],
    "CITY": ["Utrecht", "UTRECHT", "Den Haag", "'s-Hertogenbosch", "London"],
    "DATE_OF_BIRTH": [
        "03-03-1980",
        "3 maart 1980",
        "March 3, 1980",
        "1980-03-03",
        "3/3/80",
        "lente 1980",
    ],
    "IBAN": [
        "NL91 ABNA 0417 1643 00",
        "NL91ABNA0417164300",
        "GB29NWBK60161331926819",
        "DE89370400440532013000",
    ],
    "LICENSE_PLATE": ["12-AB-CD", "AB-123-C", "ab-123-c"],
}
PAIRS = [(type_, value) for type_, values in VALUES.items() for value in values]
_CARRIER = st.text("abz ,.;:!?()\"'\n\té😀s0", max_size=12)
_SAID = st.lists(st.tuples(_CARRIER, st.sampled_from(PAIRS)), max_size=8)


def assembled(said: list[tuple[str, tuple[str, str]]]) -> tuple[str, list[Finding]]:
    text, findings = "", []
    for carrier, (type_, value) in said:
        text += carrier
        findings.append(
            Finding(FindingKind.PERSONAL, type_, len(text), len(text) + len(value), 1.0, "t")
        )
        text += value
    return text, findings


@settings(max_examples=400, deadline=None)
@given(_SAID, st.lists(st.integers(1, 9), max_size=60), st.booleans())
def test_what_was_replaced_comes_back_however_it_is_cut(
    said: list[tuple[str, tuple[str, str]]], sizes: list[int], as_json: bool
) -> None:
    text, findings = assembled(said)
    vault = vault_of(text)
    redacted = vault.redact(text, spans_of(text, findings))
    source = json.dumps(redacted) if as_json else redacted
    restorer, other = vault.restorer(json=as_json), vault.restorer(json=as_json)
    back = in_pieces(restorer, source, sizes)
    assert back == other.feed(source) + other.finish()
    if not restorer.kept:
        assert (json.loads(back) if as_json else back) == text


@settings(max_examples=200, deadline=None)
@given(_SAID)
def test_no_two_values_share_a_surrogate_and_none_stands_in_the_request(
    said: list[tuple[str, tuple[str, str]]],
) -> None:
    text, findings = assembled(said)
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


def test_a_surrogate_that_stands_in_the_request_is_not_used() -> None:
    _, redacted = replaced("Jan belt.", ("PERSON", "Jan"))
    taken = redacted.split()[0]
    text = f"Jan belt {taken.upper()}."
    vault, other = replaced(text, ("PERSON", "Jan"))
    assert taken not in other.split()[0]
    assert vault.restore(f"{other} {taken}") == f"{text} {taken}"


def test_no_name_can_be_read_in_the_surrogate_of_another() -> None:
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
    shape = r"(\w+) de (\w+) en mevrouw De (\w+); (\w+), (\w+) DE (\w+)\. Mw\. [A-Z]\.[A-Z]\. de (\w+)\."
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
def test_gender_is_kept_where_name_or_title_tells_it(text: str, value: str, gender: str) -> None:
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


def of(type_: str, value: str) -> str:
    _, redacted = replaced(f" {value} ", (type_, value))
    return redacted.strip()


def test_what_has_a_form_is_nobodys() -> None:
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


def test_parts_and_inflected_forms_come_back() -> None:
    vault, redacted = replaced("Jan de Vries", ("PERSON", "Jan de Vries"))
    first, _, last = redacted.split()
    said = f"{first}s brief, {first}'s brief, {last.upper()}, mevrouw {last}, de {last}-zaak, **{first}**, _{first}_"
    back = "Jans brief, Jan's brief, VRIES, mevrouw Vries, de Vries-zaak, **Jan**, _Jan_"
    assert vault.restore(said) == back
    for size in (1, 2, 3):
        assert in_pieces(vault.restorer(), said, [size] * len(said)) == back


def test_only_whole_words_come_back() -> None:
    vault, redacted = replaced("Jan de Vries", ("PERSON", "Jan de Vries"))
    first, _, last = redacted.split()
    for text in (
        f"x{first}",
        f"{first}x",
        f"{last}sen",
        f"9{last}",
        f"{first}ss",
        f"é{first}",
        f"{first}9",
    ):
        assert vault.restore(text) == text
        assert in_pieces(vault.restorer(), text, [1] * len(text)) == text


def test_escapes_of_json_end_a_word() -> None:
    vault, redacted = replaced("Jan", ("PERSON", "Jan"))
    source = json.dumps({"a": f'x\n{redacted}\tb "{redacted}" \u00e9{redacted}'})
    for sizes in ([], [1] * len(source), [3] * len(source)):
        back = json.loads(in_pieces(vault.restorer(json=True), source, sizes))
        assert back == {"a": f'x\nJan\tb "Jan" \u00e9{redacted}'}


def test_nothing_is_put_back_where_it_could_be_carried_off() -> None:
    text = "Kwijt kwijt@vries.nl 06-21345678"
    vault, redacted = replaced(
        text, ("PERSON", "Kwijt"), ("EMAIL", "kwijt@vries.nl"), ("PHONE", "06-21345678")
    )
    restorers = 0
    for surrogate, value in zip(redacted.split(), text.split(), strict=True):
        assert surrogate != value
        for attempt in attempts():
            said = attempt.replace("{}", surrogate)
            assert value not in vault.restore(said), said
            restorers += 1
            if restorers % 20 == 0:
                assert value not in in_pieces(vault.restorer(), said, [1] * len(said))
                source = json.dumps({"a": said})
                assert value not in in_pieces(vault.restorer(json=True), source, [2] * len(source))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_fewer_than_64_characters_are_held_and_cuts_do_not_count(data: st.DataObject) -> None:
    text = "J.P. van den Berg Kerkstraat 12 jan@vries.nl +31 6 2134 5678 NL91 ABNA 0417 1643 00"
    vault, redacted = replaced(
        text,
        ("PERSON", "J.P. van den Berg"),
        ("STREET_ADDRESS", "Kerkstraat 12"),
        ("EMAIL", "jan@vries.nl"),
        ("PHONE", "+31 6 2134 5678"),
        ("IBAN", "NL91 ABNA 0417 1643 00"),
    )
    pieces = [
        redacted,
        *(redacted[a : a + 30] for a in range(0, len(redacted), 13)),
        "[PERSON_",
        "[ **STREET_ADDRESS : bcd234",
        "[STREET_ADDRESS_bcd234bcd234 ",
        "`",
        "`naam ",
        " ",
        "@",
        ".",
        "a" * 30,
        "x-" * 20,
        "\\",
        "[",
        "\n",
    ]
    said = "".join(data.draw(st.lists(st.sampled_from(pieces), max_size=8)))
    sizes = data.draw(st.lists(st.integers(1, 40), max_size=30))
    for as_json in (False, True):
        one = in_pieces(vault.restorer(json=as_json), said, [1] * len(said))
        assert in_pieces(vault.restorer(json=as_json), said, sizes) == one
        assert in_pieces(vault.restorer(json=as_json), said, []) == one


def test_an_answer_is_kept_with_its_surrogates() -> None:
    detector = DETECTOR
    vault, redacted = replaced("Jan de Vries", ("PERSON", "Jan de Vries"))
    said = f"Beste {redacted}, mail klaas@bakker.nl. Ook Jan de Vries."
    kept = vault.redact_answer(said, detector.scan(said), shaped=False)
    assert re.fullmatch(rf"Beste {redacted}, mail \[EMAIL_\w+\]\. Ook {redacted}\.", kept)


def test_masking_leaves_surrogates_for_the_restorer() -> None:
    detector = DETECTOR
    text = "Ik ben Jan de Vries, bel 06-21345678 of mail jan@vries.nl."
    vault = vault_of(text)
    redacted = vault.redact(text, spans_of(text, detector.scan(text)))
    said = f"{redacted} Of mail klaas@bakker.nl."
    rules = ContentRules("version: 1\nrules: []\n")
    for size in (1, 7, 500):
        inspector = Inspector(
            rules, vault, lambda: AnswerMask(detector.scan, lambda _: False, vault.surrogates_in)
        )
        cut = [said[at : at + size] for at in range(0, len(said), size)]
        assert streamed(inspector, [{"content": cut}]) == [{"content": f"{text} Of mail [EMAIL]."}]


def test_a_whole_answer_without_placeholders_is_restored() -> None:
    vault, redacted = replaced("Jan de Vries", ("PERSON", "Jan de Vries"))
    inspector = Inspector(ContentRules("version: 1\nrules: []\n"), vault, None)
    answer = {"choices": [{"index": 0, "message": {"role": "assistant", "content": redacted}}]}
    assert inspector.whole(answer)["choices"][0]["message"]["content"] == "Jan de Vries"


@pytest.mark.parametrize("type_", sorted(set(PERSONAL_TYPES) - SUPPORTED))
def test_a_type_that_could_be_somebodys_is_refused(type_: str) -> None:
    document = {"version": 1, "types": {type_: "surrogate"}, "answers": "keep"}
    with pytest.raises(ValueError, match=f"^{type_} cannot have the mode surrogate"):
        RedactionPolicy.of(document)


def test_all_others_are_taken() -> None:
    document = {"version": 1, "types": dict.fromkeys(SUPPORTED, "surrogate"), "answers": "keep"}
    assert RedactionPolicy.of(document).types == MODES


def test_the_lists_are_sound() -> None:
    given_ = [name for names in lists.GIVEN.values() for name in names]
    groups = [set(map(str.lower, given_))]
    for of_language in (lists.SURNAMES, lists.STREETS, lists.TOWNS):
        groups.append({name.lower() for names in of_language.values() for name in names})
    everything = set().union(*groups)
    assert sum(map(len, groups)) == len(everything)
    ordinary = {word.lower() for word in (*AMBIGUOUS_NAMES, *CITIES_AND_COUNTRIES, *STOP_WORDS)}
    assert not everything & ordinary
    for name in everything:
        assert name[-1] not in "sxz"
        assert name.isascii()
        assert 3 <= len(name) <= 24
