"""Account numbers, payment cards and VAT numbers: verified by their checksums."""

import re
from collections.abc import Iterable
from typing import Any

import stdnum.eu.vat
import stdnum.gb.vat
import stdnum.iban
import stdnum.luhn
import stdnum.nl.btw
import stdnum.no.mva
import stdnum.pl.nip

from gateway.privacy.rules.dutch_identifiers import as_digits, nearest
from gateway.privacy.rules.rule import Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, Strength

_CARD = (
    "4",
    "51",
    "52",
    "53",
    "54",
    "55",
    "34",
    "37",
    "36",
    "38",
    "30",
    "6011",
    "65",
    "35",
    "62",
    "22",
    "23",
    "24",
    "25",
    "26",
    "27",
    "67",
    "50",
    "56",
    "58",
)
_IBAN_SIZE = {
    "NL": 18,
    "BE": 16,
    "DE": 22,
    "FR": 27,
    "GB": 22,
    "ES": 24,
    "IT": 27,
    "LU": 20,
    "AT": 20,
    "PL": 28,
    "SE": 24,
    "DK": 18,
    "NO": 15,
    "FI": 18,
    "PT": 25,
    "IE": 22,
    "CH": 21,
    "CZ": 24,
    "SK": 24,
    "HU": 28,
    "RO": 24,
    "BG": 22,
    "HR": 21,
    "SI": 19,
    "EE": 20,
    "LV": 21,
    "LT": 20,
    "GR": 27,
    "CY": 28,
    "MT": 31,
    "IS": 26,
    "LI": 21,
    "MC": 27,
    "SM": 27,
    "TR": 26,
    "MA": 28,
    "UA": 29,
    "RS": 22,
    "BA": 20,
    "AL": 28,
    "MK": 19,
    "ME": 22,
    "AD": 24,
    "GI": 23,
}
_INDENT = re.compile(r"\n {2,40}(?=\w)")
_IBAN_GAPS = (" ", "-", ".", "\n")
_IBAN_NAMED = re.compile(
    r"(?<![a-z])(?:iban|rekening|bankrek|account|rek\.|rek\b|bank\b|sepa|konto|compte)"
)
_GAPS = re.compile(r"[ .\-]")
_CARD_NAMED = re.compile(
    r"(?<![a-z])(?:card|creditcard|kaart|visa|mastercard|amex|pan)(?: ?(?:n(?:o|r|ummer"
    r"|umber)?\.?))?[ :=#\"']{1,4}$"
)
_VAT_WORDS = ("btw", "vat", "tva", "ust", "iva", "umsatzsteuer", "moms", "mva", "nip", "tax")
_VAT_NAMED = re.compile(
    r"(?<![a-z])(?:btw|vat|tva|ust|iva|moms|mva|nip)(?:[ -]?(?:id(?:nr)?|n(?:o|r|ummer|umber|°)?"
    r"|reg\w{0,10}|identificatie\w{0,8})\b)?[.:]?(?: is| was|:|=)? ?[\"'|(]{0,2} ?$"
)


def _hit(type_: str, start: int, end: int, strength: Strength, *, score: float = 0.95) -> RuleMatch:
    return RuleMatch(type_, start, end, f"rule:{type_.lower()}", strength, score)


def _iban(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    size = _IBAN_SIZE.get(view.text[start : start + 2].upper(), 0)
    if sum(map(str.isdigit, view.text[start : start + 24])) < 6:
        return ()
    index, count = start, 0
    while count < size and (view.at(index).isalnum() or view.at(index) in _IBAN_GAPS):
        if not view.at(index).isalnum() and not view.at(index + 1).isalnum():
            break
        count += view.at(index).isalnum()
        index += 1
        if count < size and view.at(index) == "\n" and (indent := _INDENT.match(view.text, index)):
            index = indent.end()  # the value continues below the start of its field
    raw = "".join(filter(str.isalnum, view.text[start:index]))
    number = raw.upper()
    if not size or count < size or not view.stands_alone(start, index):
        return ()
    country = number[:2]
    candidates = [number, country + as_digits(raw[2:]).upper()]
    if country == "NL":
        candidates.append(country + as_digits(raw[2:4]) + number[4:8] + as_digits(raw[8:]))
    if not any(stdnum.iban.is_valid(candidate, check_country=False) for candidate in candidates):
        broken = "\n" in view.text[start:index]  # only a checksum proves that it continues
        named = not broken and _IBAN_NAMED.search(view.near(start, 40))
        if named and as_digits(number[2:4]).isdigit():
            return (_hit("IBAN", start, index, Strength.CONTEXT, score=0.8),)
        return ()
    return (_hit("IBAN", start, index, Strength.CHECKSUM, score=1.0),)


_ACCOUNT_KEY = re.compile(
    r"(?:(?<![a-z])(?P<sure>(?:bank)?rek(?:ening)?(?:[ _-]?(?:nummer|nr))|bankrekening"
    r"|bank[ _-]?account(?:[ _-]?n(?:umber|o|r))?|account[ _-]?n(?:umber|o|r))|(?<![a-z])rekening)"
    r"\.?[\"' ]{0,2}(?: is)?[ :=]{1,3}[\"']?$"
)
_ACCOUNT_GAPS = re.compile(r"[ .]")


def _account(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a Dutch account number as it was before IBAN: by its key and the eleven test."""
    digits = _ACCOUNT_GAPS.sub("", view.text[start:end])
    if not 9 <= len(digits) <= 10 or not view.stands_alone(start, end):
        return ()
    keyed = _ACCOUNT_KEY.search(view.before(start, 32))
    if keyed is None or int(digits) == 0:
        return ()
    passes = (
        sum(int(digit) * weight for digit, weight in zip(digits[::-1], range(1, 11), strict=False))
        % 11
        == 0
    )
    if not (passes or keyed["sure"]):
        return ()  # "rekening" is also a bill
    return (_hit("IBAN", start, end, Strength.CHECKSUM if passes else Strength.CONTEXT),)


def _card(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    digits = "".join(filter(str.isdigit, view.text[start:end]))
    if not digits.startswith(_CARD) or not view.stands_alone(start, end):
        return ()
    if len(digits) == 13 and not _CARD_NAMED.search(
        view.near(start, 24)
    ):  # article numbers have 13 digits too
        return ()
    if not stdnum.luhn.is_valid(digits) or len(set(digits)) < 2:
        return ()
    if view.text[start:end].isdigit() and nearest(view, start, end) == "OTHER":
        return ()
    return (_hit("CREDIT_CARD", start, end, Strength.CHECKSUM),)


def _vat(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    number = _GAPS.sub("", view.text[start:end]).upper()
    if not view.stands_alone(start, end):
        return ()
    named = any(word in view.before(start) for word in _VAT_WORDS)
    if number.startswith("NL"):
        valid = stdnum.nl.btw.is_valid(number)
    else:
        # A Belgian number is long enough to be clear without its name.
        valid = (named or number.startswith("BE")) and _vat_module(number[:2]).is_valid(number)
    if valid:
        return (_hit("VAT_ID", start, end, Strength.CHECKSUM),)
    # Right after its name a number with a mistyped digit counts too.
    if named and _VAT_NAMED.search(view.near(start, 24)):
        return (_hit("VAT_ID", start, end, Strength.CONTEXT, score=0.7),)
    return ()


def _vat_module(country: str) -> Any:
    """Return the module that checks the numbers of a country."""
    return {"GB": stdnum.gb.vat, "NO": stdnum.no.mva}.get(country, stdnum.eu.vat)


_VAT_COUNTRIES = "AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|PL|PT|RO|SE|SI|SK"


def _nip(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a Polish number, which is seldom written with its country."""
    digits = view.text[start:end].lstrip("NIP:L ")
    if not stdnum.pl.nip.is_valid(digits):
        return ()
    return (_hit("VAT_ID", end - len(digits), end, Strength.CHECKSUM),)


RULES: tuple[Rule, ...] = (
    Rule(r"\b(?:\d{9,10}|\d{2}[ .]\d{2}[ .]\d{2}[ .]\d{3,4})\b", False, _account),
    Rule(
        rf"\b(?:{'|'.join(_IBAN_SIZE)})[ .\-]?(?:[0-9][0-9OolI]|[OolI][0-9])[ .\-]?[A-Z0-9]{{2}}",
        True,
        _iban,
    ),
    Rule(
        r"\b(?:\d{13,19}|\d{4}[ .\-]\d{4}[ .\-]\d{4}[ .\-]\d{4}|3\d{3}[ .\-]\d{6}[ .\-]\d{4,5})\b",
        False,
        _card,
    ),
    Rule(
        r"\bNL[ .\-]?(?:\d{3}[. ]?\d{3}[. ]?\d{3}|\d{4}[. ]\d{2}[. ]\d{3})[ .\-]?B[ .]?\d{2}\b",
        True,
        _vat,
    ),
    Rule(
        rf"\b(?:{_VAT_COUNTRIES}) ?(?:[A-Z0-9]{{2}} ?\d{{3}}[ .]?\d{{3}}[ .]?\d{{2,3}}"
        rf"|0?\d{{3}}[ .]\d{{3}}[ .]\d{{3}})\b",
        False,
        _vat,
    ),
    Rule(rf"\b(?:{_VAT_COUNTRIES}) ?[A-Z0-9]{{1,2}}\d{{6,10}}[A-Z0-9]{{0,2}}\b", False, _vat),
    Rule(
        r"\bNIP:? (?:PL ?)?(?:\d{10}|\d{3}-\d{3}-\d{2}-\d{2}|\d{3}-\d{2}-\d{2}-\d{3})\b",
        False,
        _nip,
    ),
    Rule(r"\bGB ?\d{3} \d{4} \d{2}\b|\bNO ?\d{3} ?\d{3} ?\d{3}(?: ?MVA)?\b", False, _vat),
)
