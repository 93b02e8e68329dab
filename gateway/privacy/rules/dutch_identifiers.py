"""Dutch numbers of persons and companies: by form, checksum, and the nearest word."""

import re
from collections.abc import Iterable

import stdnum.nl.onderwijsnummer
import stdnum.pl.pesel
import stdnum.za.idnr

from gateway.privacy.rules import bsn
from gateway.privacy.rules.foreign_identifiers import NATIONAL_WORDS, begins_with_birth, is_national
from gateway.privacy.rules.rule import Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, Strength

# The nearest of these words decides the type of a number of ambiguous length.
_CUES_BY_TYPE = {
    "BSN": r"bsn|burger ?service ?n|sofi-?num|citizen service",
    "RSIN": r"rsin|fiscaal n|fiscal n",
    "KVK": (
        r"kvk|k\.v\.k|kamer van koophandel|handelsregister|eenmanszaak|chamber of commerce|coc\b"
        r"|coc-?n|vestigingsn|trade register|company registration|ingeschreven"
        r"|registered (?:under|with|in)|handelsreg|company n|commercial register|ondernemingsn"
    ),
    "AGB_CODE": r"agb|praktijkcode|zorgverlenerscode",
    "BIG_NUMBER": r"big[- ]?(?:n|r|:|\d|$|\s*$)|b[il]g\b",
    "DRIVING_LICENCE": r"rijbewijs|driving lic|driver'?s lic|führerschein|permis de conduire",
    "V_NUMBER": r"v[-_ ]?num|v[-_ ]?nr|(?:ind|coa)[- ]?n(?:um|r)|vreemdelingen|aliens? n",
    "PASSPORT_ID": (
        r"paspoort|pasp\\.|rijkspas|verblijfs(?:document|vergunning)|identiteits|id-?kaart"
        r"|id-?bewijs|legitimatie|documentn|document n|n[ro]\.? document|documento|passport"
        r"|id[- ]card|identity card|reisepass|passeport|pasaporte|passaporto|personalausweis"
        r"|paszport"
    ),
    "LICENSE_PLATE": (
        r"kenteken|voertuig|nummerplaat|licen[cs]e plate|number plate|\bplate\b|vehicle"
        r"|registration|reg\.? ?nr|kennzeichen|auto\b|busje|leaseauto|parking|parkeer|car\b"
        r"|bestelbus|taxi\b|reg\b|gekentekend|targa\b|immatriculation|matrícula|rejestrac"
        r"|vrachtwagen|truck|van\b(?= \(?reg)|scooter|motor\b|bumper"
    ),
    "STUDENT": r"onderwijsn|leerlingn",
    "PHONE": (
        r"tel\b|tel\.|telefoon|telnr|mobiel|mobile|phone|gsm|bel\b|bellen|bereikbaar|call\b"
        r"|nummer is|whatsapp|fax|cell\b|06-?nummer|handy|téléphone|teléfono|llámenos|llámeme"
        r"|telefono|telefon|móvil|movil|cellulare|komórk"
    ),
    "NATIONAL_ID": NATIONAL_WORDS,
    "OTHER": (
        r"order|factu|bestel|artikel|serie|ticket|kenmerk|invoice|tracking|zaakn|dossiern|polis"
        r"|klantn|product|batch|versie|version|referen|ref\b|pakket|zending|isbn|ean|bedrag"
        r"|amount|rekeningn|meter|customer n|contract:? ?$|part\b|sku|p/n|build|case\b|relatien"
        r"|debiteur|contractn|lidn|volgn|incident|parketn|serial|werkn|policy"
    ),
}
_ALL_CUES = "|".join(f"(?P<{type_}>{words})" for type_, words in _CUES_BY_TYPE.items())
# All words begin with a letter or with the 0 of "06-nummer": the look-ahead saves time elsewhere.
_CUES = re.compile(rf"(?<![a-z])(?=[^\W\d_]|06)(?:{_ALL_CUES})")
_CONFUSED = str.maketrans("OoQDlIi|SBZz", "000011115822")


_LICENCE = re.compile(r"licen[cs]e|rijbewijs|führerschein|fahrerlaubnis|permis\b")
_PASSPORT = re.compile(r"pasp|passp|passeport|reisepass|pasaporte|paszport")
_NUMBER_OF_PASSPORT = re.compile(
    r"(?:paspoort|passport|identiteitskaart|id-kaart)\s{1,3}(?:nummer|number|nr\.?|no\.?) ?$"
)
_OF_A_DOCUMENT = re.compile(r"(?<![a-z])(?:document|identiteitsdocument|id)[:,]? $")
_DUTCH_DOCUMENT = re.compile(r"[A-NP-Z]{2}[A-NP-Z0-9]{6}\d")  # since 2011, without the letter O
_NUMBER_IS = re.compile(r"(?<![a-z])(?:nr|nummer|number|no)[.:]? {0,2}$")


def nearest(view: NormalizedText, start: int, end: int) -> str:
    """Return the type that the nearest context word names; "" without one."""
    known = view.cue_types.get((start, end))  # several rules may ask for one number
    if known is not None:
        return known
    found, before, after = "", view.before(start), view.after(end)
    if before != before.upper():  # it contains a letter
        for match in _CUES.finditer(before):
            if not (found and match[0] == "nummer is"):  # an earlier word names the number
                found = match.lastgroup or ""
    if not found and _NUMBER_IS.search(before):  # the word that names it is further left
        for match in _CUES.finditer(view.before(start, 110)):
            found = match.lastgroup or ""
    if not found and after != after.upper():
        match_after = _CUES.search(after)
        found = (match_after.lastgroup or "") if match_after else ""
    view.cue_types[start, end] = found
    return found


def _hit(type_: str, start: int, end: int, strength: Strength, *, score: float = 0.95) -> RuleMatch:
    return RuleMatch(type_, start, end, f"rule:{type_.lower()}", strength, score)


def digits_of(raw: str) -> str:
    """Return only the digits of a number."""
    return "".join(filter(str.isdigit, raw))


def as_digits(raw: str) -> str:
    """Replace letters that scanners confuse with digits."""
    return raw.translate(_CONFUSED)


def _digits(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a number of 8 to 13 digits, plain or in groups."""
    raw = view.text[start:end]
    grouped = not raw.isdigit()
    if not view.stands_alone(start, end) or (grouped and _in_longer_groups(view, start, end)):
        return ()
    return number(view, start, end, digits_of(raw))


def number(view: NormalizedText, start: int, end: int, digits: str) -> Iterable[RuleMatch]:
    """Return what a number of 8 to 13 digits is, by its checksum and the word that names it."""
    raw = view.text[start:end]
    named = nearest(view, start, end)
    size = len(digits)
    if named == "STUDENT" and "bsn" in view.before(start):
        named = "BSN"  # "BSN of onderwijsnummer"
    if named in ("BSN", "RSIN"):
        return (_hit(named, start, end, Strength.CHECKSUM),) if bsn.is_valid(digits) else ()
    lengths = {
        "KVK": (8, 12),
        "AGB_CODE": (8,),
        "BIG_NUMBER": (11,),
        "DRIVING_LICENCE": (10,),
        "V_NUMBER": (10,),
        "PASSPORT_ID": (8, 9),
    }
    if named == "PASSPORT_ID" and size == 8 and not _PASSPORT.search(view.before(start)):
        return ()  # other documents have such numbers too
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
        and not _is_commercial(view, start)
    ):
        return (_hit("NATIONAL_ID", start, end, Strength.CHECKSUM, score=0.6),)
    if named == "" and size == 11 and _follows_profession(view, start, raw):
        return (_hit("BIG_NUMBER", start, end, Strength.CONTEXT, score=0.8),)
    unnamed = size == 9 and named == "" and raw[0].isdigit() and bsn.is_valid(digits)
    if unnamed and not digits.startswith("0" * 3) and not _is_commercial(view, start):
        return (_hit("BSN", start, end, Strength.CHECKSUM, score=0.6),)
    return ()


# The last two digits of a BIG number give the profession; these are the common ones.
_PROFESSION_CODES = ("01", "02", "03", "04", "05", "16", "17", "25", "30", "81")
_PROFESSION = re.compile(
    r"(?:arts|chirurg|loog|internist|waarnemer|verpleegkundige|apotheker|verloskundige|psycholoog"
    r"|therapeut|specialist|physician assistant|doctor|nurse)[^\n\d]{0,32}$"
)


def _follows_profession(view: NormalizedText, start: int, raw: str) -> bool:
    """Whether it can be a BIG number that follows a profession."""
    coded = raw.isdigit() and raw.endswith(_PROFESSION_CODES)
    return coded and _PROFESSION.search(view.near(start, 60)) is not None


_SOUTH_AFRICAN = re.compile(r"\bid\b|identity")


def _is_pesel(digits: str) -> bool:
    """Whether it is a Polish personal number: a date of birth first, a checksum last."""
    return begins_with_birth(digits) and bool(stdnum.pl.pesel.is_valid(digits))


def _is_commercial(view: NormalizedText, start: int) -> bool:
    """Whether the text further left mentions orders, parts and the like."""
    near = view.near(start, 240)
    if near == near.upper():  # it contains no letter
        return False
    return any(match["OTHER"] for match in _CUES.finditer(near))


def _damaged(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a number with letters for digits, only with its name and checksum."""
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
_GROUPED = {
    "KVK": (8, 12),
    "AGB_CODE": (8,),
    "BIG_NUMBER": (11,),
    "DRIVING_LICENCE": (10,),
    "V_NUMBER": (10,),
    "BSN": (9,),
    "RSIN": (9,),
}


def _grouped(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a number in unusual groups, only of a type that a word names."""
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


def _in_longer_groups(view: NormalizedText, start: int, end: int) -> bool:
    before = view.text[max(0, start - 2) : start]
    after = view.text[end : end + 2]
    return (before[-1:] in " ." and before[:1].isdigit() and bool(before[-1:])) or (
        after[:1] in " ." and after[1:].isdigit() and bool(after[:1])
    )


def _document(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find passports and identity cards, only beside a word that names them."""
    raw = view.text[start:end]
    if not any(map(str.isdigit, raw)) or not view.stands_alone(start, end):
        return ()
    named = nearest(view, start, end) == "PASSPORT_ID" or _NUMBER_OF_PASSPORT.search(
        view.near(start, 40)
    )
    named = named or (
        _DUTCH_DOCUMENT.fullmatch(raw) and _OF_A_DOCUMENT.search(view.before(start, 16))
    )
    if not named or raw.isdigit():
        return ()
    return (_hit("PASSPORT_ID", start, end, Strength.CONTEXT),)


def _british_licence(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find five letters of the surname, then digits with the date of birth."""
    raw = view.text[start:end].replace(" ", "")
    month, day = int(raw[6:8]) % 50, int(raw[8:10])
    if not (1 <= month <= 12 and 1 <= day <= 31 and view.stands_alone(start, end)):
        return ()
    return (_hit("DRIVING_LICENCE", start, end, Strength.CONTEXT),)


def _german_licence(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a German licence, only beside a word that names it."""
    if not _LICENCE.search(view.before(start)) or not view.stands_alone(start, end):
        return ()
    return (_hit("DRIVING_LICENCE", start, end, Strength.CONTEXT),)


_BEHIND_NAME = re.compile(r"[A-ZÅÄÖØÆ][\w-]+ [A-ZÅÄÖØÆ][\w-]+(?:, | \()\Z")


def _foreign(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find personal numbers of other countries by form and checksum."""
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


def _nino(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a British insurance number by its form alone."""
    if not view.stands_alone(start, end) or not is_national(view.text[start:end]):
        return ()
    return (_hit("NATIONAL_ID", start, end, Strength.CONTEXT),)


def _foreign_named(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a number of a common form, only beside its name."""
    return _foreign(view, start, end) if nearest(view, start, end) == "NATIONAL_ID" else ()


def _health_index(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find New Zealand's number of a patient right after its name: ``NHI: ZKC3483``."""
    begin = end - (8 if view.text[end - 5] == " " else 7)
    return (_hit("NATIONAL_ID", begin, end, Strength.CONTEXT),)


def _ssn(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    near = view.before(start)
    named = any(word in near for word in ("ssn", "social security"))
    bad = view.text[start] == "9" or view.text[start : start + 3] in ("000", "666")
    if not named or bad or not view.stands_alone(start, end):
        return ()
    return (_hit("NATIONAL_ID", start, end, Strength.CONTEXT),)


def _one_by_one(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find one digit for each box of a form: ``BSN: 6 1 3 3 3 4 5 1 6``."""
    return number(view, start, end, digits_of(view.text[start:end]))


def _split(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a citizen service number with other signs between its digits, after its word."""
    digits = digits_of(view.text[start:end])
    if not view.stands_alone(start, end) or nearest(view, start, end) != "BSN":
        return ()
    return number(view, start, end, digits)


_SPLIT_BY = r"[ .,;:*|/\-_\n]"
RULES: tuple[Rule, ...] = (
    Rule(r"\b\d{8,13}\b", False, _digits),
    Rule(
        (
            r"\b(?:\d{3}[ .\-]\d{3}[ .\-]\d{3,4}|\d{4}[ .\-]\d{2}[ .\-]\d{3}"
            r"|\d{2}[ .]\d{3}[ .]\d{3}"
            r"|\d{4}[ .]\d{4}|\d{2} \d{3} \d{3} \d{3}|\d{4}\.\d{3}\.\d{3})\b"
        ),
        False,
        _digits,
    ),
    Rule(r"\b\d(?: \d){7,10}\b", False, _one_by_one),
    Rule(rf"\b\d(?:{_SPLIT_BY}{{1,3}}\d){{8}}\b", False, _split),
    Rule(rf"\b\d{{3}}{_SPLIT_BY}{{1,3}}\d{{3}}{_SPLIT_BY}{{1,3}}\d{{3}}\b", False, _split),
    Rule(r"\b[0-9OolIBSZ]{8,12}\b", False, _damaged),
    # Two groups must have eight digits or more: 13.00 and 2025-12 are common.
    Rule(
        (
            r"\b(?:\d{4,6}[ .\-/]\d{4,6}|\d{2,3}[ .\-/]\d{5,6}|\d{5,6}[ .\-/]\d{2,3}"
            r"|\d{1,6}(?:[ .\-/]\d{2,6}){2,5})\b"
        ),
        False,
        _grouped,
    ),
    Rule(r"\b[A-Z0-9]{8,9}\b", False, _document),
    Rule(r"\b[A-Z9]{5} ?\d{6} ?[A-Z9]{2}[A-Z0-9]{3}(?: \d{2})?\b", False, _british_licence),
    Rule(r"\b[A-Z]\d{2}[A-Z0-9]{6}\d[A-Z0-9]\b", False, _german_licence),
    Rule(r"\b\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}\b", False, _foreign),
    Rule(r"\b[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}\b", False, _foreign),
    Rule(
        r"\b(?:\d{8}|\d{2}\.\d{3}\.\d{3}|[XYZ][\-.]?\d{7}|[XYZ][\-.]\d\.\d{3}\.\d{3})-?[A-Z]\b",
        False,
        _foreign,
    ),
    Rule(r"\b\d{7}[A-W][A-IW]?\b", False, _foreign_named),
    Rule(
        r"\b(?:[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]|[a-z]{6}\d{2}[a-z]\d{2}[a-z]\d{3}[a-z])\b",
        False,
        _foreign,
    ),
    Rule(r"\b(?:\d{2})?\d{6}[\-+A]\d{3}[0-9A-Z]\b", False, _foreign),
    Rule(r"\b[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", False, _nino),
    Rule(
        r"\bNHI(?: (?:number|no\.?))?:? {0,3}[A-HJ-NP-Z]{3} ?(?:\d{4}"
        r"|\d{2}[A-HJ-NP-Z][A-HJ-NP-Z0-9])\b",
        False,
        _health_index,
    ),
    Rule(r"\b\d{3}-\d{2}-\d{4}\b", False, _ssn),
)
