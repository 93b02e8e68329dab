"""Telephone numbers of many countries: written, scanned, or broken over lines."""

import re
from collections.abc import Iterable

import phonenumbers

from gateway.privacy.level import IMPERSONAL_SUFFIX
from gateway.privacy.rules.dutch_identifiers import as_digits, digits_of, nearest
from gateway.privacy.rules.rule import Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, Strength

_REGIONS = ("NL", "GB", "BE", "DE", "FR", "IT", "ES", "PL", "US")
_LIKE_A_DATE = re.compile(
    r"\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)?\d{2}\b|(?:19|20)\d{2}[-/.]\d{2}[-/.]\d{2}|\d{2}:\d{2}"
)
_SLASHED = re.compile(r"0\d{1,3}/\d{2,3}(?:[. ]?\d\d){2}")
_BRITISH = re.compile(
    r"\(?0\d{4}\)? (?:\d{3} ?\d{3,4}|\d{6})|07\d{3} ?\d{6}|07\d{3}[ .\-]\d{3}[ .\-]\d{3}"
)
_TRUNK = re.compile(r"^(\+\d\d)\) ?0")  # "(+44) 07911": the 0 is for calls within the country
_IN_PAIRS = re.compile(r"0\d(?:[.\-]\d\d){4}")
_CALL = re.compile(
    r"(?<![a-z])(?:tel|telefoon|telnr|mobiel|mobile|phone|gsm|bel|bellen|terugbellen|bereikbaar"
    r"|bereiken|call|ring|reach|whatsapp"
    r"|app|fax|cell|06|nummer|number|handy|téléphone|teléfono|telefono|nr|sms|text|contact|dial"
    r"|landline|thuis|móvil|movil|cellulare|chiamerà|trova al|numero|portable|chiami|chiamare"
    r"|chiamami|anrufen|appeler|appelez|llámenos|llámeme|llame|llamar)\b"
)
# Numbers of services and companies: found like any other, but impersonal.
_SERVICE_NUMBER = re.compile(
    r"(?:\+31|0031|0)(?:88|800|900|909)\d*|(?:\+44|0044|0)(?:300|303|330|333|345|800|808|84[345]"
    r"|87[0123])\d*"
)


def _hit(
    type_: str, start: int, end: int, strength: Strength, score: float
) -> tuple[RuleMatch, ...]:
    return (RuleMatch(type_, start, end, f"rule:{type_.lower()}", strength, score),)


_MOBILE = re.compile(r"(?:\+31|0031|0)6|(?:\+44|0044|0)7")
# Words before the number of an office or a desk.
_OFFICE_BEFORE = re.compile(
    r"(?:\b(?:the|our|main|head|box|het|ons) office|\boffice|kantoor|balie|receptie|reception"
    r"|redactie|secretariaat|directie|hotline|switchboard|klantenservice|customer service"
    r"|recruitment|loket|centrale)(?: line| number| nummer)?(?: is| on| op)?[ ,:(]{0,3}$"
)


def _phone_match(
    view: NormalizedText, start: int, end: int, strength: Strength, score: float
) -> tuple[RuleMatch, ...]:
    raw = view.text[start:end]
    digits = ("+" if raw[0] == "+" else "") + digits_of(raw)
    impersonal = _SERVICE_NUMBER.fullmatch(digits) or (
        not _MOBILE.match(digits) and _OFFICE_BEFORE.search(view.near(start, 40))
    )
    rule = "rule:phone" + (IMPERSONAL_SUFFIX if impersonal else "")
    return (RuleMatch("PHONE", start, end, rule, strength, score),)


def _phone(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    raw = view.text[start:end]
    if raw.startswith("(") and ")" not in raw:
        start, raw = start + 1, raw[1:]
    if not raw.startswith(("+", "(")) and not view.stands_alone(start, end):
        return ()
    if view.at(end).isalnum() or view.at(start - 1).isalnum() or raw.count("\n"):
        return ()
    if _in_longer_groups(view, start, end) or (
        _LIKE_A_DATE.search(raw) and not (_IN_PAIRS.fullmatch(raw) or _SLASHED.fullmatch(raw))
    ):
        return ()
    named = nearest(view, start, end)
    grouped = any(sign in raw for sign in "+ -(.")
    if named == "OTHER" and (raw.isdigit() or not grouped or "/" in raw):
        return ()
    if named == "OTHER" and (
        "parket" in view.before(start, 16) or _LABELLED.search(view.before(start, 24))
    ):
        return ()
    phone_named = named == "PHONE" or (named in ("", "OTHER") and _CALL.search(view.near(start)))
    if raw.isdigit() and raw[0] == "6" and not phone_named:
        return ()
    trunk = raw[0] in "0(" and (" " in raw or _SLASHED.fullmatch(raw)) and named != "OTHER"
    everywhere = raw[0] != "+" and not digits_of(raw).startswith("00") and (phone_named or trunk)
    for region in _REGIONS if everywhere else _REGIONS[:1]:
        if _is_valid(raw, region):
            return _phone_match(view, start, end, Strength.CONTEXT, 0.9)
    if _BRITISH.fullmatch(raw) and named != "OTHER":  # with those that are kept for fiction
        return _phone_match(view, start, end, Strength.PLAIN, 0.7)
    abroad = f"+{raw[2:]}" if raw.startswith("00") and named != "OTHER" else _TRUNK.sub(r"\1", raw)
    if abroad[0] == "+" and grouped and _is_possible(abroad):  # such as numbers kept for fiction
        return _phone_match(
            view, start, end, Strength.CONTEXT if phone_named else Strength.PLAIN, 0.7
        )
    if phone_named and named == "PHONE" and 9 <= len(digits_of(raw)) <= 13 and raw[0] in "0+(":
        return _phone_match(view, start, end, Strength.CONTEXT, 0.7)
    return ()


def _named_phone(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a number without a 0, as in Spain and Poland, only beside a word for telephone."""
    return _phone(view, start, end) if nearest(view, start, end) == "PHONE" else ()


def _is_valid(raw: str, region: str) -> bool:
    raw = ("+" if raw[0] == "+" else "") + digits_of(raw)  # parsing takes much less time
    national = _dutch(raw) if region == "NL" else ""
    if national:  # the result of parsing, in a seventh of the time
        number = phonenumbers.PhoneNumber(country_code=31, national_number=int(national))
        return bool(phonenumbers.is_valid_number(number))
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(raw, region)))
    except phonenumbers.NumberParseException:
        return False


def _is_possible(raw: str) -> bool:
    """Whether the country has numbers of this length."""
    try:
        return bool(phonenumbers.is_possible_number(phonenumbers.parse(raw, None)))
    except phonenumbers.NumberParseException:
        return False


def _dutch(raw: str) -> str:
    """Return the digits after 0, +31 or 0031, or from 6; "" for a number that begins otherwise."""
    digits = digits_of(raw)
    if raw[0] == "+":
        national = digits[2:].removeprefix("0") if digits.startswith("31") else ""
    elif digits.startswith("0031"):
        national = digits[4:].removeprefix("0")
    else:
        national = digits[1:] if digits.startswith("0") else digits if digits[0] == "6" else ""
    return "" if national.startswith("0") else national


# Words and JSON keys right before the number of a thing.
_LABELLED = re.compile(
    r"(?:policy|polis|order|artikel|bestel|factuur|invoice|serie|batch|lot|charge|partij"
    r"|referen\w{1,4}|_ref|kenmerk|ticket|part|item|sku)"
    r"(?:[ _-]?(?:n(?:umm?er|um|r|o)|code|id|ref))?[\"']?[:=]? ?[\"']?$"
)
_IN_FOURS = re.compile(r"^\d{4} \d{4} \d{4} \d{4}$")


def _in_longer_groups(view: NormalizedText, start: int, end: int) -> bool:
    before = view.text[max(0, start - 2) : start]
    after = view.text[end : end + 2]
    return (
        (
            before[-1:] in (" ", ".")
            and before[:1].isdigit()
            and not view.text[start:end].startswith(("0", "+"))
        )
        or (after[:1] in (" ", ".") and after[1:].isdigit())
        or (_IN_FOURS.search(view.text[max(0, start - 5) : end]) is not None)
    )


def _damaged_phone(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find digits one by one or with letters for digits: a whole number, or beside its word."""
    raw = view.text[start:end]
    digits = digits_of(as_digits(raw))
    if (
        not 9 <= len(digits) <= 12
        or sum(map(str.isalpha, raw)) > 5
        or _LIKE_A_DATE.match(raw)
        or not view.stands_alone(start, end)
    ):
        return ()
    named = nearest(view, start, end)
    british = len(digits) == 11 and digits.startswith("07") and not raw.isdigit() and raw[1] != "."
    whole = british or (len(digits) == 10 and not raw.isdigit() and _is_valid(digits, "NL"))
    if not digits.startswith("0") or (named != "PHONE" and (named or not whole)):
        return ()
    return _hit("PHONE", start, end, Strength.CONTEXT, 0.8)


def _broken_phone(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a number that continues on the next line, or after a word."""
    digits = digits_of(view.text[start:end])
    if len(digits) != 10 or not view.stands_alone(start, end) or not _is_valid(digits, "NL"):
        return ()
    named = nearest(view, start, end)
    phone_named = digits.startswith("06") or named == "PHONE" or _CALL.search(view.near(start))
    return (
        _hit("PHONE", start, end, Strength.CONTEXT, 0.8) if phone_named and named != "OTHER" else ()
    )


RULES: tuple[Rule, ...] = (
    Rule(r"(?:\+\d|\b00[1-9])(?:[ ./()\-]{0,3}\d){7,13}\b", False, _phone),
    Rule(r"(?:\b0\d|\(0\d?)(?:[ ./)\-]{0,4}\d){7,10}\b", False, _phone),
    Rule(r"\(?\b[2-9]\d{2}\)?[ .\-]{1,2}\d{3}[ .\-]\d{4}\b", False, _phone),
    Rule(
        r"\b(?:[35-9]\d{2}[ \-]\d{2,3}[ \-]\d{2,4}(?:[ \-]\d{2})?|\d{2} \d{3} \d{2} \d{2})\b",
        False,
        _named_phone,
    ),
    Rule(r"\b6[ \-]?\d{8}\b", False, _phone),
    Rule(r"\b6[ \-]{1,3}(?:\d{2}[ \-]?){4}\b", False, _phone),
    Rule(r"\b[0Oo](?:[ .\-]{0,3}[0-9OolIBSZ]){8,10}\b", False, _damaged_phone),
    Rule(r"\b0[1-9] ?\(\d{2}\) ?\d{2}(?: ?\d\d){2}\b", False, _broken_phone),
    Rule(
        r"\b0(?:[ .\-]?\d){1,8}(?:-?\n|,? en dan | dan )(?:[ .\-]?\d){1,8}(?:(?:,? en dan "
        r"| dan )(?:[ .\-]?\d){1,8})?\b",
        False,
        _broken_phone,
    ),
)
