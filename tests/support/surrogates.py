"""Vaults that put surrogates in the place of values."""

import re

from hypothesis import strategies as st

from gateway.core.finding import Finding, FindingKind
from gateway.privacy import Operator, Restorer, Scope, Vault
from gateway.privacy.pseudonyms.surrogates import SUPPORTED

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
PARTS = st.lists(st.tuples(_CARRIER, st.sampled_from(PAIRS)), max_size=8)


def assembled(parts: list[tuple[str, tuple[str, str]]]) -> tuple[str, list[Finding]]:
    text, findings = "", []
    for carrier, (type_, value) in parts:
        text += carrier
        findings.append(
            Finding(FindingKind.PERSONAL, type_, len(text), len(text) + len(value), 1.0, "t")
        )
        text += value
    return text, findings


def of(type_: str, value: str) -> str:
    _, redacted = replaced(f" {value} ", (type_, value))
    return redacted.strip()
