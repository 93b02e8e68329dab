"""Numbers of people and companies: shape, checksum, and the nearest word that names them."""

import re
from collections.abc import Callable, Iterable
from ipaddress import AddressValueError, IPv4Address, IPv6Address

import phonenumbers
import stdnum.eu.vat
import stdnum.iban
import stdnum.luhn
import stdnum.nl.bsn
import stdnum.nl.btw
import stdnum.nl.onderwijsnummer

from gateway.privacy.national import NATIONAL_WORDS, is_national
from gateway.privacy.view import Hit, Strength, View

Rule = tuple[str, bool, Callable[[View, int, int], Iterable[Hit]]]

# The nearest of these words decides what a number of an ambiguous length is.
_NAMED = re.compile(
    r"(?<![a-z])(?:"
    r"(?P<BSN>bsn|burger ?service ?n|sofi-?num|citizen service)"
    r"|(?P<RSIN>rsin|fiscaal n|fiscal n)"
    r"|(?P<KVK>kvk|k\.v\.k|kamer van koophandel|handelsregister|chamber of commerce|coc[ -]?n"
    r"|vestigingsn|trade register|company registration)"
    r"|(?P<AGB_CODE>agb)"
    r"|(?P<BIG_NUMBER>big[- ]?(?:n|r|:|\d|$|\s*$)|big\b)"
    r"|(?P<DRIVING_LICENCE>rijbewijs|driving lic|driver'?s lic|führerschein|permis de conduire)"
    r"|(?P<V_NUMBER>v-?num|v-?nr|vreemdelingen|aliens? n)"
    r"|(?P<PASSPORT_ID>paspoort|identiteits|id-?kaart|legitimatie|documentn|document n|passport"
    r"|id[- ]card|identity card|reisepass|passeport|pasaporte|passaporto|personalausweis|paszport)"
    r"|(?P<LICENSE_PLATE>kenteken|voertuig|nummerplaat|licen[cs]e plate|number plate|vehicle"
    r"|registration plate|kennzeichen|auto\b|busje|leaseauto)"
    r"|(?P<STUDENT>onderwijsn|leerlingn)"
    r"|(?P<PHONE>tel\b|tel\.|telefoon|telnr|mobiel|mobile|phone|gsm|bel\b|bellen|bereikbaar|call\b"
    r"|nummer is|whatsapp|fax|cell\b|06-?nummer|handy|téléphone|teléfono|telefono|telefon)"
    rf"|(?P<NATIONAL_ID>{NATIONAL_WORDS})"
    r"|(?P<OTHER>order|factu|bestel|artikel|serie|ticket|kenmerk|invoice|tracking|zaakn|dossiern"
    r"|polis|klantn|product|batch|versie|version|referen|ref\b|pakket|zending|isbn|ean|bedrag|amount"
    r"|rekening|meter|part\b|sku|p/n|build|case\b|relatien|debiteur|contractn|lidn|volgn|incident)"
    r")"
)
_BORN = re.compile(
    r"(?<![a-z])(?:(?P<yes>geb\b|geboren|geboorte|born|dob\b|d\.o\.b|date of birth|birth ?d|birthday"
    r"|jarig|verjaart|né[e]?\b|geburt|nacid|fecha de nac|nato\b|nata\b|nascita|urodz|född|birth_date)"
    r"|(?P<no>overleden|getrouwd|gehuwd|in dienst|datum|vanaf|op \d|afspraak|died|married|hired"
    r"|joined|since|due|verval|geldig|valid|expir|issued|afgegeven|opgenomen|admitted|start))"
    r"|°|\*(?=\s?$)"
)
_CARD = ("4", "51", "52", "53", "54", "55", "34", "37", "36", "38", "30", "6011", "65", "35", "62",
         "22", "23", "24", "25", "26", "27", "67", "50", "56", "58")  # fmt: skip
_IBAN_SIZE = {
    "NL": 18, "BE": 16, "DE": 22, "FR": 27, "GB": 22, "ES": 24, "IT": 27, "LU": 20, "AT": 20,
    "PL": 28, "SE": 24, "DK": 18, "NO": 15, "FI": 18, "PT": 25, "IE": 22, "CH": 21, "CZ": 24,
    "SK": 24, "HU": 28, "RO": 24, "BG": 22, "HR": 21, "SI": 19, "EE": 20, "LV": 21, "LT": 20,
    "GR": 27, "CY": 28, "MT": 31, "IS": 26, "LI": 21, "MC": 27, "SM": 27, "TR": 26, "MA": 28,
    "UA": 29, "RS": 22, "BA": 20, "AL": 28, "MK": 19, "ME": 22, "AD": 24, "GI": 23,
}  # fmt: skip
_VERSION = re.compile(r"(?:versie|version|release|firmware|build|\bv|patch|update)[ .:\"'=]{0,5}$")


def nearest(view: View, start: int, end: int) -> str:
    """The type that the closest context word names, "" when there is none."""
    found = ""
    for match in _NAMED.finditer(view.before(start)):
        found = match.lastgroup or ""
    if not found:
        match_after = _NAMED.search(view.after(end))
        found = (match_after.lastgroup or "") if match_after else ""
    return found


def _hit(type_: str, start: int, end: int, strength: Strength, *, score: float = 0.95) -> Hit:
    return Hit(type_, start, end, f"rule:{type_.lower()}", strength, score)


def _digits(view: View, start: int, end: int) -> Iterable[Hit]:
    """A number of 8 to 13 digits, plain or in groups."""
    raw = view.text[start:end]
    grouped = not raw.isdigit()
    if not view.stands_alone(start, end) or (grouped and _in_longer_groups(view, start, end)):
        return ()
    digits = "".join(filter(str.isdigit, raw))
    named = nearest(view, start, end)
    size = len(digits)
    if named in ("BSN", "RSIN"):
        valid = size in (8, 9) and stdnum.nl.bsn.is_valid(digits.zfill(9))
        return (_hit(named, start, end, Strength.CHECKSUM),) if valid else ()
    lengths = {"KVK": (8, 12), "AGB_CODE": (8,), "BIG_NUMBER": (11,), "DRIVING_LICENCE": (10,),
               "V_NUMBER": (10,), "PASSPORT_ID": (9,)}  # fmt: skip
    if size in lengths.get(named, ()):
        return (_hit(named, start, end, Strength.CONTEXT),)
    if named == "STUDENT" and stdnum.nl.onderwijsnummer.is_valid(digits):
        return (_hit("NATIONAL_ID", start, end, Strength.CHECKSUM),)
    if named == "NATIONAL_ID" and is_national(raw):
        return (_hit("NATIONAL_ID", start, end, Strength.CHECKSUM),)
    unnamed = size == 9 and named == "" and stdnum.nl.bsn.is_valid(digits)
    if unnamed and not digits.startswith("0" * 3):
        return (_hit("BSN", start, end, Strength.CHECKSUM, score=0.6),)
    return ()


def _in_longer_groups(view: View, start: int, end: int) -> bool:
    before = view.text[max(0, start - 2) : start]
    after = view.text[end : end + 2]
    return (before[-1:] in " ." and before[:1].isdigit() and bool(before[-1:])) or (
        after[:1] in " ." and after[1:].isdigit() and bool(after[:1])
    )


def _iban(view: View, start: int, end: int) -> Iterable[Hit]:
    size = _IBAN_SIZE.get(view.text[start : start + 2].upper(), 0)
    index, count = start, 0
    while index < end and count < size:
        count += view.text[index] != " "
        index += 1
    number = view.text[start:index].replace(" ", "").upper()
    if not size or count < size or not view.stands_alone(start, index):
        return ()
    if not stdnum.iban.is_valid(number, check_country=False):
        return ()
    return (_hit("IBAN", start, index, Strength.CHECKSUM, score=1.0),)


def _card(view: View, start: int, end: int) -> Iterable[Hit]:
    digits = "".join(filter(str.isdigit, view.text[start:end]))
    if not digits.startswith(_CARD) or not view.stands_alone(start, end):
        return ()
    if not stdnum.luhn.is_valid(digits) or len(set(digits)) < 2:
        return ()
    if view.text[start:end].isdigit() and nearest(view, start, end) == "OTHER":
        return ()
    return (_hit("CREDIT_CARD", start, end, Strength.CHECKSUM),)


def _vat(view: View, start: int, end: int) -> Iterable[Hit]:
    number = re.sub(r"[ .\-]", "", view.text[start:end]).upper()
    if not view.stands_alone(start, end):
        return ()
    if number.startswith("NL"):
        valid = stdnum.nl.btw.is_valid(number)
    else:
        context = view.before(start)
        named = ("btw", "vat", "tva", "ust", "iva", "umsatzsteuer", "moms", "nip", "tax")
        valid = any(word in context for word in named) and stdnum.eu.vat.is_valid(number)
    return (_hit("VAT_ID", start, end, Strength.CHECKSUM),) if valid else ()


def _plate(view: View, start: int, end: int) -> Iterable[Hit]:
    raw = view.text[start:end]
    if not view.stands_alone(start, end):
        return ()
    dashed = "-" in raw and raw == raw.upper()
    if nearest(view, start, end) == "LICENSE_PLATE":
        return (_hit("LICENSE_PLATE", start, end, Strength.CONTEXT),)
    return (_hit("LICENSE_PLATE", start, end, Strength.PLAIN, score=0.7),) if dashed else ()


def _document(view: View, start: int, end: int) -> Iterable[Hit]:
    """Passports, identity cards and foreign driving licences: only where named."""
    raw = view.text[start:end]
    if not any(map(str.isdigit, raw)) or not view.stands_alone(start, end):
        return ()
    named = nearest(view, start, end)
    fits = (named == "PASSPORT_ID" and len(raw) <= 9) or (
        named == "DRIVING_LICENCE" and len(raw) >= 10
    )
    if not fits or raw.isdigit():
        return ()
    return (_hit(named, start, end, Strength.CONTEXT),)


def _foreign(view: View, start: int, end: int) -> Iterable[Hit]:
    """Personal numbers of other countries whose shape or checksum says enough."""
    raw = view.text[start:end]
    if not view.stands_alone(start, end) or not is_national(raw):
        return ()
    named = nearest(view, start, end)
    weak = sum(map(str.isdigit, raw)) == 10
    if named == "OTHER" or (weak and named != "NATIONAL_ID"):
        return ()
    return (_hit("NATIONAL_ID", start, end, Strength.CHECKSUM),)


def _ssn(view: View, start: int, end: int) -> Iterable[Hit]:
    near = view.before(start)
    named = any(word in near for word in ("ssn", "social security"))
    bad = view.text[start] == "9" or view.text[start : start + 3] in ("000", "666")
    if not named or bad or not view.stands_alone(start, end):
        return ()
    return (_hit("NATIONAL_ID", start, end, Strength.CONTEXT),)


def _phone(view: View, start: int, end: int) -> Iterable[Hit]:
    raw = view.text[start:end]
    if raw.startswith("(") and ")" not in raw:
        start, raw = start + 1, raw[1:]
    if not raw.startswith(("+", "(")) and not view.stands_alone(start, end):
        return ()
    if view.at(end).isalnum() or view.at(start - 1).isalnum() or raw.count("\n"):
        return ()
    if _in_longer_groups(view, start, end):
        return ()
    named = nearest(view, start, end)
    if named == "OTHER" and "+" not in raw and " " not in raw and "-" not in raw:
        return ()
    regions = ["NL"] if named != "PHONE" else ["NL", "GB", "BE", "DE", "FR", "US", "IT", "ES", "PL"]
    for region in regions:
        try:
            number = phonenumbers.parse(raw, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return (_hit("PHONE", start, end, Strength.CONTEXT, score=0.9),)
    return ()


def _date(view: View, start: int, end: int) -> Iterable[Hit]:
    found = None
    for match in _BORN.finditer(view.before(start, 40)):
        found = match
    if found is None or found.group("no"):
        following = _BORN.search(view.after(end, 20))
        if following is None or following.group("no"):
            return ()
    years = re.findall(r"\d{4}|\d+", view.text[start:end])
    year = next((int(part) for part in years if len(part) == 4), 1980)
    if not 1890 <= year <= 2030:
        return ()
    return (_hit("DATE_OF_BIRTH", start, end, Strength.CONTEXT),)


def _ip(view: View, start: int, end: int) -> Iterable[Hit]:
    raw = view.text[start:end]
    if not view.stands_alone(start, end) and view.at(end) != "/":
        return ()
    if ":" in raw and (view.at(start - 1) == ":" or view.at(end) == ":"):
        return ()
    if _VERSION.search(view.before(start, 20)):
        return ()
    try:
        address = IPv6Address(raw) if ":" in raw else IPv4Address(raw)
    except AddressValueError:
        return ()
    if address.is_loopback or address.is_unspecified or address.is_multicast:
        return ()
    return (_hit("IP_ADDRESS", start, end, Strength.CONTEXT),)


def _email(view: View, start: int, end: int) -> Iterable[Hit]:
    left, right = start + 1, end - 1
    while left > 0 and start - left < 64 and (is_local(view.text[left - 1])):
        left -= 1
    size = len(view.text)
    while right < size and right - end < 200 and (is_local(view.text[right])):
        right += 1
    while right > end and not view.text[right - 1].isalnum():
        right -= 1
    while left < start and not view.text[left].isalnum():
        left += 1
    domain = view.text[start + 2 : right]
    top = domain.rpartition(".")[2]
    if "." not in domain or ".." in domain or len(top) < 2 or top.isdigit() or "%" in domain:
        return ()
    return (_hit("EMAIL", left, right, Strength.CHECKSUM, score=1.0),)


def is_local(character: str) -> bool:
    """Whether it may stand in an e-mail address (both sides, loosely)."""
    return character.isalnum() or character in "._%+-'"


_MONTH = (
    "jan|feb|mrt|mar|apr|mei|may|jun|jul|aug|sep|sept|okt|oct|nov|dec|januari|january|janvier|"
    "januar|februari|february|février|februar|maart|march|mars|märz|april|avril|abril|juni|june|juin|"
    "juli|july|juillet|augustus|august|août|agosto|september|septembre|oktober|october|octobre|"
    "november|novembre|december|décembre|dezember|mai|maj|mayo|maja|enero|marzo|junio|julio|"
    "octubre|gennaio|maggio|giugno|luglio|ottobre|dicembre|diciembre|stycznia|lutego|marca|kwietnia|"
    "czerwca|lipca|sierpnia|września|października|listopada|grudnia"
)
_VAT_LANDS = "AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|PL|PT|RO|SE|SI|SK"
_L, _D = "[A-Z]", "[0-9]"
_SIDECODES = ("LL-DD-DD", "DD-DD-LL", "DD-LL-DD", "LL-DD-LL", "LL-LL-DD", "DD-LL-LL", "DD-LLL-D",
              "D-LLL-DD", "LL-DDD-L", "L-DDD-LL", "LLL-DD-L", "D-LL-DDD", "L-DD-LLL")  # fmt: skip
_PLATES = "|".join(
    "".join({"L": _L, "D": _D, "-": "-?"}[sign] for sign in code) for code in _SIDECODES
)

RULES: tuple[Rule, ...] = (
    (r"\b\d{8,13}\b", False, _digits),
    ((r"\b(?:\d{3}[ .\-]\d{3}[ .\-]\d{3,4}|\d{4}[ .\-]\d{2}[ .\-]\d{3}|\d{2}[ .]\d{3}[ .]\d{3}"
     r"|\d{4}[ .]\d{4}|\d{2} \d{3} \d{3} \d{3}|\d{4}\.\d{3}\.\d{3})\b"), False, _digits),
    (r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b", True, _iban),
    (r"\b(?:\d{13,19}|\d{4}[ \-]\d{4}[ \-]\d{4}[ \-]\d{4}|3\d{3}[ \-]\d{6}[ \-]\d{5})\b", False,
     _card),
    (r"\bNL[ \-]?(?:\d{3}\.?\d{3}\.?\d{3}|\d{4}\.\d{2}\.\d{3})[ .]?B[ .]?\d{2}\b", True, _vat),
    (rf"\b(?:{_VAT_LANDS}) ?[A-Z0-9]{{1,2}}\d{{6,10}}[A-Z0-9]{{0,2}}\b", False, _vat),
    (rf"\b(?:{_PLATES})\b", True, _plate),
    (r"\b[A-Z0-9]{8,9}\b", False, _document),
    (r"\b[A-Z9]{5}\d{6}[A-Z9]{2}[A-Z0-9]{3}\b", False, _document),
    (r"\b\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}\b", False, _foreign),
    (r"\b[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}\b", False, _foreign),
    (r"\b(?:\d{8}|[XYZ]-?\d{7})-?[A-Z]\b", False, _foreign),
    (r"\b[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]\b", True, _foreign),
    (r"\b(?:\d{2})?\d{6}[\-+A]\d{3}[0-9A-Z]\b", False, _foreign),
    (r"\b[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", False, _foreign),
    (r"\b\d{3}-\d{2}-\d{4}\b", False, _ssn),
    (r"(?:\+\d|\b00[1-9])(?:[ ./()\-]{0,3}\d){7,13}\b", False, _phone),
    (r"(?:\b0\d|\(0\d)(?:[ ./)\-]{0,3}\d){7,10}\b", False, _phone),
    (r"\(?\b[2-9]\d{2}\)?[ .\-]{1,2}\d{3}[ .\-]\d{4}\b", False, _phone),
    (r"\b6[ \-]?\d{8}\b", False, _phone),
    (r"\b\d{1,2}[\-/.]\d{1,2}[\-/.](?:\d{4}|\d{2})\b", False, _date),
    (r"\b\d{4}[\-/]\d{1,2}[\-/]\d{1,2}\b", False, _date),
    ((rf"\b\d{{1,2}}(?:e|de|ste|th|st|nd|rd|er|\.)?(?: of| de)? (?:{_MONTH})\.?,?(?: de)? (?:\d{{4}}"
     r"|'\d{2})\b"), True, _date),
    (rf"\b(?:{_MONTH})\.? \d{{1,2}}(?:th|st|nd|rd)?,? \d{{4}}\b", True, _date),
    (r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b", False, _ip),
    (r"\b[0-9a-f]{1,4}:(?:[0-9a-f]{0,4}:){1,6}[0-9a-f]{1,4}\b", True, _ip),
    (r"[^\s@]@[^\s@]", False, _email),
)  # fmt: skip
