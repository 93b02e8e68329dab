"""Numbers of people and companies: shape, checksum, and the nearest word that names them."""

import re
from collections.abc import Callable, Iterable
from typing import Any

import stdnum.eu.vat
import stdnum.gb.vat
import stdnum.iban
import stdnum.luhn
import stdnum.nl.bsn
import stdnum.nl.btw
import stdnum.nl.onderwijsnummer
import stdnum.no.mva
import stdnum.pl.pesel
import stdnum.za.idnr

from gateway.privacy.rules.national import NATIONAL_WORDS, begins_with_birth, is_national
from gateway.privacy.view import Hit, Strength, View

Rule = tuple[str, bool, Callable[[View, int, int], Iterable[Hit]]]

# The nearest of these words decides what a number of an ambiguous length is.
_NAMED = re.compile(
    r"(?<![a-z])(?:"
    r"(?P<BSN>bsn|burger ?service ?n|sofi-?num|citizen service)"
    r"|(?P<RSIN>rsin|fiscaal n|fiscal n)"
    r"|(?P<KVK>kvk|k\.v\.k|kamer van koophandel|handelsregister|eenmanszaak|chamber of commerce|coc\b|coc-?n"
    r"|vestigingsn|trade register|company registration|ingeschreven|registered (?:under|with|in)|handelsreg"
    r"|company n|commercial register|ondernemingsn)"
    r"|(?P<AGB_CODE>agb|praktijkcode|zorgverlenerscode)"
    r"|(?P<BIG_NUMBER>big[- ]?(?:n|r|:|\d|$|\s*$)|b[il]g\b)"
    r"|(?P<DRIVING_LICENCE>rijbewijs|driving lic|driver'?s lic|führerschein|permis de conduire)"
    r"|(?P<V_NUMBER>v[-_ ]?num|v[-_ ]?nr|(?:ind|coa)[- ]?n(?:um|r)|vreemdelingen|aliens? n)"
    r"|(?P<PASSPORT_ID>paspoort|pasp\\.|rijkspas|verblijfs(?:document|vergunning)|identiteits|id-?kaart|id-?bewijs|legitimatie|documentn|document n|n[ro]\.? document|documento|passport"
    r"|id[- ]card|identity card|reisepass|passeport|pasaporte|passaporto|personalausweis|paszport)"
    r"|(?P<LICENSE_PLATE>kenteken|voertuig|nummerplaat|licen[cs]e plate|number plate|\bplate\b|vehicle"
    r"|registration|reg\.? ?nr|kennzeichen|auto\b|busje|leaseauto|parking|parkeer|car\b|bestelbus|taxi\b|reg\b"
    r"|gekentekend|targa\b|immatriculation|matrícula|rejestrac|vrachtwagen|truck|van\b(?= \(?reg)|scooter|motor\b|bumper)"
    r"|(?P<STUDENT>onderwijsn|leerlingn)"
    r"|(?P<PHONE>tel\b|tel\.|telefoon|telnr|mobiel|mobile|phone|gsm|bel\b|bellen|bereikbaar|call\b"
    r"|nummer is|whatsapp|fax|cell\b|06-?nummer|handy|téléphone|teléfono|llámenos|llámeme|telefono|telefon|móvil|movil|cellulare|komórk)"
    rf"|(?P<NATIONAL_ID>{NATIONAL_WORDS})"
    r"|(?P<OTHER>order|factu|bestel|artikel|serie|ticket|kenmerk|invoice|tracking|zaakn|dossiern"
    r"|polis|klantn|product|batch|versie|version|referen|ref\b|pakket|zending|isbn|ean|bedrag|amount"
    r"|rekeningn|meter|customer n|contract:? ?$|part\b|sku|p/n|build|case\b|relatien|debiteur|contractn|lidn|volgn|incident|parketn|serial)"
    r")"
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
_IBAN_GAPS = (" ", "-", ".", "\n")
_IBAN_NAMED = re.compile(
    r"(?<![a-z])(?:iban|rekening|bankrek|account|rek\.|rek\b|bank\b|sepa|konto|compte)"
)
_CONFUSED = str.maketrans("OoQDlIi|SBZz", "000011115822")


_GAPS = re.compile(r"[ .\-]")
_LICENCE = re.compile(r"licen[cs]e|rijbewijs|führerschein|fahrerlaubnis|permis\b")
_PASSPORT = re.compile(r"pasp|passp|passeport|reisepass|pasaporte|paszport")
_CARD_NAMED = re.compile(
    r"(?<![a-z])(?:card|creditcard|kaart|visa|mastercard|amex|pan)(?: ?(?:n(?:o|r|ummer|umber)?\.?))?[ :=#\"']{1,4}$"
)
_NUMBER_OF_PASSPORT = re.compile(
    r"(?:paspoort|passport|identiteitskaart|id-kaart)\s{1,3}(?:nummer|number|nr\.?|no\.?) ?$"
)
_VAT_WORDS = ("btw", "vat", "tva", "ust", "iva", "umsatzsteuer", "moms", "mva", "nip", "tax")
_VAT_NAMED = re.compile(
    r"(?<![a-z])(?:btw|vat|tva|ust|iva|moms|mva|nip)(?:[ -]?(?:id(?:nr)?|n(?:o|r|ummer|umber|°)?|reg\w{0,10}|identificatie\w{0,8})\b)?"
    r"[.:]?(?: is| was|:|=)? ?[\"'|(]{0,2} ?$"
)


_NUMBER_IS = re.compile(r"(?<![a-z])(?:nr|nummer|number|no)[.:]? {0,2}$")


def nearest(view: View, start: int, end: int) -> str:
    """The type that the closest context word names, "" when there is none."""
    known = view.named.get((start, end))  # several rules may ask of one number
    if known is not None:
        return known
    found, before, after = "", view.before(start), view.after(end)
    if before != before.upper():  # it holds a letter
        for match in _NAMED.finditer(before):
            if not (found and match[0] == "nummer is"):  # whose number was said before
                found = match.lastgroup or ""
    if not found and _NUMBER_IS.search(before):  # what it is the number of stands further left
        for match in _NAMED.finditer(view.before(start, 110)):
            found = match.lastgroup or ""
    if not found and after != after.upper():
        match_after = _NAMED.search(after)
        found = (match_after.lastgroup or "") if match_after else ""
    view.named[start, end] = found
    return found


def _hit(type_: str, start: int, end: int, strength: Strength, *, score: float = 0.95) -> Hit:
    return Hit(type_, start, end, f"rule:{type_.lower()}", strength, score)


def digits_of(raw: str) -> str:
    """Only the digits of a number."""
    return "".join(filter(str.isdigit, raw))


def as_digits(raw: str) -> str:
    """Letters that a scanner confuses with digits read as digits."""
    return raw.translate(_CONFUSED)


def _digits(view: View, start: int, end: int) -> Iterable[Hit]:
    """A number of 8 to 13 digits, plain or in groups."""
    raw = view.text[start:end]
    grouped = not raw.isdigit()
    if not view.stands_alone(start, end) or (grouped and _in_longer_groups(view, start, end)):
        return ()
    return number(view, start, end, digits_of(raw))


def number(view: View, start: int, end: int, digits: str) -> Iterable[Hit]:
    """What a number of 8 to 13 digits is, by the word that names it and its checksum."""
    raw = view.text[start:end]
    named = nearest(view, start, end)
    size = len(digits)
    if named == "STUDENT" and "bsn" in view.before(start):
        named = "BSN"  # "BSN of onderwijsnummer"
    if named in ("BSN", "RSIN"):
        valid = size in (8, 9) and stdnum.nl.bsn.is_valid(digits.zfill(9))
        return (_hit(named, start, end, Strength.CHECKSUM),) if valid else ()
    lengths = {"KVK": (8, 12), "AGB_CODE": (8,), "BIG_NUMBER": (11,), "DRIVING_LICENCE": (10,),
               "V_NUMBER": (10,), "PASSPORT_ID": (8, 9)}  # fmt: skip
    if named == "PASSPORT_ID" and size == 8 and not _PASSPORT.search(view.before(start)):
        return ()  # other documents have numbers too
    if size in lengths.get(named, ()):
        return (_hit(named, start, end, Strength.CONTEXT),)
    if named == "STUDENT" and stdnum.nl.onderwijsnummer.is_valid(digits):
        return (_hit("NATIONAL_ID", start, end, Strength.CHECKSUM),)
    if size == 13 and stdnum.za.idnr.is_valid(digits) and _SOUTH_AFRICAN.search(view.before(start)):
        return (_hit("NATIONAL_ID", start, end, Strength.CHECKSUM),)
    if named == "NATIONAL_ID" and (is_national(raw) or (size == 11 and begins_with_birth(digits))):
        return (_hit("NATIONAL_ID", start, end, Strength.CHECKSUM),)
    if (
        named == ""
        and size == 11
        and raw.isdigit()
        and _is_pesel(digits)
        and not _counted(view, start)
    ):
        return (_hit("NATIONAL_ID", start, end, Strength.CHECKSUM, score=0.6),)
    if named == "" and size == 11 and _of_profession(view, start, raw):
        return (_hit("BIG_NUMBER", start, end, Strength.CONTEXT, score=0.8),)
    unnamed = size == 9 and named == "" and raw[0].isdigit() and stdnum.nl.bsn.is_valid(digits)
    if unnamed and not digits.startswith("0" * 3) and not _counted(view, start):
        return (_hit("BSN", start, end, Strength.CHECKSUM, score=0.6),)
    return ()


# The last two digits of a BIG number tell the profession; these are the common ones.
_PROFESSION_CODES = ("01", "02", "03", "04", "05", "16", "17", "25", "30", "81")
_PROFESSION = re.compile(
    r"(?:arts|chirurg|loog|internist|waarnemer|verpleegkundige|apotheker|verloskundige|psycholoog|therapeut|specialist|physician assistant|doctor|nurse)"
    r"[^\n\d]{0,32}$"
)


def _of_profession(view: View, start: int, raw: str) -> bool:
    """Whether it is the BIG number of somebody whose profession stands right before it."""
    coded = raw.isdigit() and raw.endswith(_PROFESSION_CODES)
    return coded and _PROFESSION.search(view.near(start, 60)) is not None


_SOUTH_AFRICAN = re.compile(r"\bid\b|identity")


def _is_pesel(digits: str) -> bool:
    """A Polish personal number, which begins with a date of birth and ends with a checksum."""
    return begins_with_birth(digits) and bool(stdnum.pl.pesel.is_valid(digits))


def _counted(view: View, start: int) -> bool:
    """Whether what stands further left speaks of orders, parts and the like."""
    return any(match["OTHER"] for match in _NAMED.finditer(view.near(start, 240)))


def _damaged(view: View, start: int, end: int) -> Iterable[Hit]:
    """A number in which a scanner took digits for letters: only with its name and checksum."""
    raw = view.text[start:end]
    digits = as_digits(raw)
    confused = sum(map(str.isalpha, raw))
    if not confused or confused > 5 or not digits.isdigit() or not view.stands_alone(start, end):
        return ()
    named = nearest(view, start, end)
    if named in ("BSN", "RSIN", "KVK", "BIG_NUMBER", "V_NUMBER", "DRIVING_LICENCE", "AGB_CODE"):
        return number(view, start, end, digits)
    return ()


_DATE = re.compile(r"[0-3]?\d([.\-/ ])[01]?\d\1(?:19|20)\d\d|(?:19|20)\d\d([.\-/])[01]\d\2[0-3]\d")
_GROUPED = {"KVK": (8, 12), "AGB_CODE": (8,), "BIG_NUMBER": (11,), "DRIVING_LICENCE": (10,),
            "V_NUMBER": (10,), "BSN": (9,), "RSIN": (9,)}  # fmt: skip


def _grouped(view: View, start: int, end: int) -> Iterable[Hit]:
    """A number in unusual groups: only of a type that is named."""
    if not 9 <= end - start <= 18:
        return ()
    digits = digits_of(view.text[start:end])
    if not 8 <= len(digits) <= 12 or not view.stands_alone(start, end):
        return ()
    named = nearest(view, start, end)
    if named == "NATIONAL_ID" and is_national(view.text[start:end]):
        return (_hit("NATIONAL_ID", start, end, Strength.CHECKSUM),)
    if "/" in view.text[start:end] or _DATE.fullmatch(view.text, start, end):
        return ()
    return number(view, start, end, digits) if len(digits) in _GROUPED.get(named, ()) else ()


def _in_longer_groups(view: View, start: int, end: int) -> bool:
    before = view.text[max(0, start - 2) : start]
    after = view.text[end : end + 2]
    return (before[-1:] in " ." and before[:1].isdigit() and bool(before[-1:])) or (
        after[:1] in " ." and after[1:].isdigit() and bool(after[:1])
    )


def _iban(view: View, start: int, end: int) -> Iterable[Hit]:
    size = _IBAN_SIZE.get(view.text[start : start + 2].upper(), 0)
    if sum(map(str.isdigit, view.text[start : start + 24])) < 6:
        return ()
    index, count = start, 0
    while count < size and (view.at(index).isalnum() or view.at(index) in _IBAN_GAPS):
        if not view.at(index).isalnum() and not view.at(index + 1).isalnum():
            break
        count += view.at(index).isalnum()
        index += 1
    raw = "".join(filter(str.isalnum, view.text[start:index]))
    number = raw.upper()
    if not size or count < size or not view.stands_alone(start, index):
        return ()
    land = number[:2]
    readings = [number, land + as_digits(raw[2:]).upper()]
    if land == "NL":
        readings.append(land + as_digits(raw[2:4]) + number[4:8] + as_digits(raw[8:]))
    if not any(stdnum.iban.is_valid(reading, check_country=False) for reading in readings):
        broken = "\n" in view.text[start:index]  # then only a checksum tells that it goes on
        named = not broken and _IBAN_NAMED.search(view.near(start, 40))
        if named and as_digits(number[2:4]).isdigit():
            return (_hit("IBAN", start, index, Strength.CONTEXT, score=0.8),)
        return ()
    return (_hit("IBAN", start, index, Strength.CHECKSUM, score=1.0),)


def _card(view: View, start: int, end: int) -> Iterable[Hit]:
    digits = "".join(filter(str.isdigit, view.text[start:end]))
    if not digits.startswith(_CARD) or not view.stands_alone(start, end):
        return ()
    if len(digits) == 13 and not _CARD_NAMED.search(view.near(start, 24)):  # articles have as many
        return ()
    if not stdnum.luhn.is_valid(digits) or len(set(digits)) < 2:
        return ()
    if view.text[start:end].isdigit() and nearest(view, start, end) == "OTHER":
        return ()
    return (_hit("CREDIT_CARD", start, end, Strength.CHECKSUM),)


def _vat(view: View, start: int, end: int) -> Iterable[Hit]:
    number = _GAPS.sub("", view.text[start:end]).upper()
    if not view.stands_alone(start, end):
        return ()
    named = any(word in view.before(start) for word in _VAT_WORDS)
    if number.startswith("NL"):
        valid = stdnum.nl.btw.is_valid(number)
    else:
        # A Belgian number is long enough to be known without its name.
        valid = (named or number.startswith("BE")) and _vat_of(number[:2]).is_valid(number)
    if valid:
        return (_hit("VAT_ID", start, end, Strength.CHECKSUM),)
    # Right behind its name a number with a digit mistyped is no less personal.
    if named and _VAT_NAMED.search(view.near(start, 24)):
        return (_hit("VAT_ID", start, end, Strength.CONTEXT, score=0.7),)
    return ()


def _vat_of(land: str) -> Any:
    """What checks the numbers of a country."""
    return {"GB": stdnum.gb.vat, "NO": stdnum.no.mva}.get(land, stdnum.eu.vat)


def _document(view: View, start: int, end: int) -> Iterable[Hit]:
    """Passports and identity cards: only where named."""
    raw = view.text[start:end]
    if not any(map(str.isdigit, raw)) or not view.stands_alone(start, end):
        return ()
    named = nearest(view, start, end) == "PASSPORT_ID" or _NUMBER_OF_PASSPORT.search(
        view.near(start, 40)
    )
    if not named or raw.isdigit():
        return ()
    return (_hit("PASSPORT_ID", start, end, Strength.CONTEXT),)


def _british_licence(view: View, start: int, end: int) -> Iterable[Hit]:
    """Five letters of the surname, then the date of birth among digits: its shape is its own."""
    raw = view.text[start:end].replace(" ", "")
    month, day = int(raw[6:8]) % 50, int(raw[8:10])
    if not (1 <= month <= 12 and 1 <= day <= 31 and view.stands_alone(start, end)):
        return ()
    return (_hit("DRIVING_LICENCE", start, end, Strength.CONTEXT),)


def _german_licence(view: View, start: int, end: int) -> Iterable[Hit]:
    """Only where a licence is named."""
    if not _LICENCE.search(view.before(start)) or not view.stands_alone(start, end):
        return ()
    return (_hit("DRIVING_LICENCE", start, end, Strength.CONTEXT),)


_BEHIND_NAME = re.compile(r"[A-ZÅÄÖØÆ][\w-]+ [A-ZÅÄÖØÆ][\w-]+(?:, | \()\Z")


def _foreign(view: View, start: int, end: int) -> Iterable[Hit]:
    """Personal numbers of other countries whose shape or checksum says enough."""
    raw = view.text[start:end]
    if not view.stands_alone(start, end) or not is_national(raw):
        return ()
    named = nearest(view, start, end)
    weak = sum(map(str.isdigit, raw)) == 10
    if named == "OTHER" or (
        weak
        and named != "NATIONAL_ID"
        and not _BEHIND_NAME.search(view.text, max(0, start - 32), start)
    ):
        return ()
    return (_hit("NATIONAL_ID", start, end, Strength.CHECKSUM),)


def _nino(view: View, start: int, end: int) -> Iterable[Hit]:
    """A British insurance number: its shape is its own, whatever stands before it."""
    if not view.stands_alone(start, end) or not is_national(view.text[start:end]):
        return ()
    return (_hit("NATIONAL_ID", start, end, Strength.CONTEXT),)


def _foreign_named(view: View, start: int, end: int) -> Iterable[Hit]:
    """One of a shape that much else has: only where its name stands beside it."""
    return _foreign(view, start, end) if nearest(view, start, end) == "NATIONAL_ID" else ()


def _health_index(view: View, start: int, end: int) -> Iterable[Hit]:
    """``NHI: ZKC3483``: New Zealand's number of a patient, right behind its name."""
    begin = end - (8 if view.text[end - 5] == " " else 7)
    return (_hit("NATIONAL_ID", begin, end, Strength.CONTEXT),)


def _ssn(view: View, start: int, end: int) -> Iterable[Hit]:
    near = view.before(start)
    named = any(word in near for word in ("ssn", "social security"))
    bad = view.text[start] == "9" or view.text[start : start + 3] in ("000", "666")
    if not named or bad or not view.stands_alone(start, end):
        return ()
    return (_hit("NATIONAL_ID", start, end, Strength.CONTEXT),)


_VAT_LANDS = "AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|PL|PT|RO|SE|SI|SK"
RULES: tuple[Rule, ...] = (
    (r"\b\d{8,13}\b", False, _digits),
    ((r"\b(?:\d{3}[ .\-]\d{3}[ .\-]\d{3,4}|\d{4}[ .\-]\d{2}[ .\-]\d{3}|\d{2}[ .]\d{3}[ .]\d{3}"
     r"|\d{4}[ .]\d{4}|\d{2} \d{3} \d{3} \d{3}|\d{4}\.\d{3}\.\d{3})\b"), False, _digits),
    (rf"\b(?:{'|'.join(_IBAN_SIZE)})[ .\-]?(?:[0-9][0-9OolI]|[OolI][0-9])[ .\-]?[A-Z0-9]{{2}}", True, _iban),
    (r"\b(?:\d{13,19}|\d{4}[ .\-]\d{4}[ .\-]\d{4}[ .\-]\d{4}|3\d{3}[ .\-]\d{6}[ .\-]\d{4,5})\b", False,
     _card),
    (r"\bNL[ .\-]?(?:\d{3}[. ]?\d{3}[. ]?\d{3}|\d{4}[. ]\d{2}[. ]\d{3})[ .\-]?B[ .]?\d{2}\b", True, _vat),
    (rf"\b(?:{_VAT_LANDS}) ?(?:[A-Z0-9]{{2}} ?\d{{3}}[ .]?\d{{3}}[ .]?\d{{2,3}}|0?\d{{3}}[ .]\d{{3}}[ .]\d{{3}})\b", False, _vat),
    (rf"\b(?:{_VAT_LANDS}) ?[A-Z0-9]{{1,2}}\d{{6,10}}[A-Z0-9]{{0,2}}\b", False, _vat),
    (r"\bGB ?\d{3} \d{4} \d{2}\b|\bNO ?\d{3} ?\d{3} ?\d{3}(?: ?MVA)?\b", False, _vat),
    (r"\b[0-9OolIBSZ]{8,12}\b", False, _damaged),
    # Of two groups only such as may hold eight digits: 13.00 and 2025-12 are everywhere.
    ((r"\b(?:\d{4,6}[ .\-/]\d{4,6}|\d{2,3}[ .\-/]\d{5,6}|\d{5,6}[ .\-/]\d{2,3}"
      r"|\d{1,6}(?:[ .\-/]\d{2,6}){2,5})\b"), False, _grouped),
    (r"\b[A-Z0-9]{8,9}\b", False, _document),
    (r"\b[A-Z9]{5} ?\d{6} ?[A-Z9]{2}[A-Z0-9]{3}(?: \d{2})?\b", False, _british_licence),
    (r"\b[A-Z]\d{2}[A-Z0-9]{6}\d[A-Z0-9]\b", False, _german_licence),
    (r"\b\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}\b", False, _foreign),
    (r"\b[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}\b", False, _foreign),
    (r"\b(?:\d{8}|\d{2}\.\d{3}\.\d{3}|[XYZ][\-.]?\d{7}|[XYZ][\-.]\d\.\d{3}\.\d{3})-?[A-Z]\b", False, _foreign),
    (r"\b\d{7}[A-W][A-IW]?\b", False, _foreign_named),
    (r"\b(?:[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]|[a-z]{6}\d{2}[a-z]\d{2}[a-z]\d{3}[a-z])\b", False, _foreign),
    (r"\b(?:\d{2})?\d{6}[\-+A]\d{3}[0-9A-Z]\b", False, _foreign),
    (r"\b[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", False, _nino),
    (r"\bNHI(?: (?:number|no\.?))?:? {0,3}[A-HJ-NP-Z]{3} ?(?:\d{4}|\d{2}[A-HJ-NP-Z][A-HJ-NP-Z0-9])\b", False, _health_index),
    (r"\b\d{3}-\d{2}-\d{4}\b", False, _ssn),
)  # fmt: skip
