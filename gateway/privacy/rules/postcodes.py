"""Postcodes of many countries, and the street or town that stands beside one."""

import re
from collections.abc import Iterable

from gateway.privacy.rules.identifiers import Rule, as_digits
from gateway.privacy.rules.towns import placed, town
from gateway.privacy.rules.words import MONTHS, STOP
from gateway.privacy.view import Hit, View

# Two letters behind a number that measure or count more often than they make a postcode.
_UNITS = frozenset((
    "KG", "EU", "KM", "CM", "MM", "ML", "GB", "MB", "TB", "KB", "HZ", "PK", "KW", "EN", "OF",
    "IN", "OP", "SA", "SD", "SS", "BV", "NV", "VA", "UE", "AD", "BC", "ST", "GR", "LB", "PC",
    "DM", "MG", "TN", "PR", "DZ", "DS", "VP", "RO", "BX", "CT", "EA", "HR", "MW", "GW", "AH",
    "KN", "PS", "SF", "FT", "OZ", "LT", "CL", "DL", "HL", "CC", "PX", "PT", "MS", "NM", "MP",
    "KV", "KN", "TL", "EX", "BP", "RP", "RD", "AM", "PM", "US", "UK", "NL", "BE", "IS", "AS",
    "TO", "ON", "OR", "IF", "AT", "WK", "JR", "MD", "ND", "TH", "VS", "BY", "DE", "HA", "MT",
    "QT", "PP", "UU", "MA", "IE",
))  # fmt: skip
_MONTH_BEFORE = re.compile(rf"(?<![^\W\d_])(?:{'|'.join(MONTHS)})\.? $")
_COUNTED = re.compile(
    r"(?:bevat|weegt|gewicht|aantal|totaal|qty|quantity|weighs?|weight|contains|max|min|artikel|art\.|voorraad"
    r"|stock|levert|leveren|bestel\w*|order|capaciteit|van|circa|ca\.|ongeveer|about|over|x) ?[:=]? ?$"
)
_GAP = re.compile(r"[ \t]{0,2}[,|;]?[ \n\t]{0,2}(?:te |in |\")?")
_SPOKEN_STREET = re.compile(r"[a-z]{4,} \d{1,4}[ ,]{1,2}$")
_ANY_STREET = re.compile(
    r"(?P<street>(?:[A-ZÀ-Þ'][\w'.-]*|\d+e) (?:(?:[A-ZÀ-Þ][\w'.-]*|van|de|den|der|het|'t|ten|ter|\d+e) )"
    r"{0,5}\d{1,5}(?:[- ]?[A-Za-z]{1,3})?(?:-\d{1,3})?)[ ]?[,;|\n]?[ \n\">]{0,2}$"
)
_CAPITALS = re.compile(r"(?:[A-Z][a-z]+ ?){1,3}$")
_FOREIGN_CODE = re.compile(r"[\"' ]{0,3}([A-Z]{0,2}-?\d{2,5}[- ]?\d{0,3}[A-Z]{0,2})\b")


def _damaged_postcode(view: View, start: int, end: int) -> Iterable[Hit]:
    """``35ll AP``: letters for digits, behind the word for a postcode or before a town in capitals."""
    raw = view.text[start:end]
    digits = as_digits(raw[:4])
    if raw[:4] == digits or not digits.isdigit() or not view.stands_alone(start, end):
        return ()
    if sum(map(str.isdigit, raw[:4])) < 2:
        return ()
    keyed = "postcode" in view.before(start, 24) or "pc" in view.before(start, 6)
    left = view.text[max(0, start - 40) : start].rpartition("\n")[2]
    line = not left.strip() and view.text[end : end + 3].strip()[:1].isupper()
    return (placed("POSTCODE", start, end),) if keyed or line or _street_before(view, start) else ()


_HOUSE_NUMBER = re.compile(r"\d ?[a-z]?, $")
_LETTERS_BEFORE = re.compile(r"\b(?!NL)[A-Z]{2} $")  # of a number plate

_AT_A_PLACE = re.compile(
    r"\b(?:wonende?|woonachtig|gevestigd) (?:te|in) $|(?:verdieping|etage|hoog|huis|boven|beneden), $"
)


def _postcode(view: View, start: int, end: int) -> Iterable[Hit]:
    raw = view.text[start:end]
    letters, digits = raw[-2:].upper(), int(raw[:4])
    if not view.stands_alone(start, end) or raw[-2].isupper() != raw[-1].isupper():
        return ()
    counted = (
        raw[-2:].islower() and letters in _UNITS and not _HOUSE_NUMBER.search(view.near(start, 12))
    )
    if counted and "postcode" not in view.near(start, 24):
        return ()
    if _LETTERS_BEFORE.search(view.text, max(0, start - 4), start):
        return ()
    if (
        raw[-2:].islower()
        and 1900 <= digits <= 2099
        and _MONTH_BEFORE.search(view.before(start, 16))
    ):
        return ()  # "Op 13 mei 2024 om 08:52"
    street = _street_before(view, start)
    gap = _GAP.match(view.text[end : end + 8])
    towns = tuple(town(view, end + (gap.end() if gap else 0)))
    spoken = _SPOKEN_STREET.search(view.text[max(0, start - 32) : start])
    keyed = spoken or any(
        w in view.near(start, 48)
        for w in ("postcode", "postal", "zip", "pc:", 'pc"', "pc +", "woonplaats")
    )
    lived = towns and _AT_A_PLACE.search(view.lower, max(0, start - 16), start)
    if not (street or keyed or lived) and (
        letters in _UNITS or _COUNTED.search(view.near(start, 16))
    ):
        return ()
    if raw[-2:].islower() and not (street or keyed):
        return ()
    if 1900 <= digits <= 2099 and not (street or towns or keyed):
        return ()
    return (placed("POSTCODE", start, end), *towns, *street)


def _street_before(view: View, start: int) -> tuple[Hit, ...]:
    """Any capitalised words with a number right before a postcode are a street."""
    left = view.text[max(0, start - 64) : start]
    match = _ANY_STREET.search(left)
    if match is None:
        return ()
    if match["street"].split()[0].lower() in STOP and not match["street"].startswith("It "):
        return ()
    begin = start - len(left) + match.start("street")
    return (placed("STREET_ADDRESS", begin, begin + len(match["street"]), score=0.8),)


_KINDS_BEFORE = {"via", "calle", "rue"}
_HOUSE = re.compile(
    r"(?P<street>(?:[A-ZÀ-Þ][\w'.\-]*|ul\.|al\.|via|calle|rue)(?: (?:[A-ZÀ-Þ][\w'.\-]*|\w{1,3})){0,4},? \d{1,4}(?: ?[A-Za-z])?"
    r"(?:/(?:\d{1,3}|[a-z]))?)(?:, [A-ZÀ-Þ][a-zß-ÿ]{3,14})?(?:, ?\d{1,2}\. ?[ºª°](?: ?[A-Z]\b)?)?[ ]?,?[ \n]{0,2}$"
)


def _foreign_line(view: View, start: int, end: int) -> Iterable[Hit]:
    """``Lindenallee 5, 47533 Kleve``: a postcode and a town behind anything with a house number."""
    towns = tuple(town(view, end - 1))
    left = view.text[max(0, start - 60) : start + 1].rstrip(" ,\n")
    match = _HOUSE.search(left.rpartition("\n")[2] if "\n" in left else left)
    if towns and match is None and _AT_A_PLACE.search(view.lower, max(0, start - 16), start + 1):
        return (placed("POSTCODE", start + 1, end - 2), *towns)
    if not towns or match is None or match["street"].split()[0].lower() in STOP - _KINDS_BEFORE:
        return ()
    place = view.text.rfind(match["street"], 0, start + 1)
    street = placed("STREET_ADDRESS", place, place + len(match["street"].rstrip()), score=0.75)
    return (street, placed("POSTCODE", start + 1, end - 2), *towns)


def _prefixed_postcode(view: View, start: int, end: int) -> Iterable[Hit]:
    towns = tuple(town(view, end - 1))
    if not towns or view.at(start - 1) in ("-", "/") or not view.at(end).islower():
        return ()
    return (placed("POSTCODE", start, end - 2), *towns)


def _american(view: View, start: int, end: int) -> Iterable[Hit]:
    if not view.stands_alone(start + 5, end):
        return ()
    left = _CAPITALS.search(view.text[max(0, start - 30) : start])
    towns = () if left is None else (placed("CITY", start - len(left[0]), start),)
    return (placed("POSTCODE", start + 5, end), *towns)


def _uk_postcode(view: View, start: int, end: int) -> Iterable[Hit]:
    return (placed("POSTCODE", start, end),) if view.stands_alone(start, end) else ()


def _uk_postcode_asked(view: View, start: int, end: int) -> Iterable[Hit]:
    """``bs3 4qn``: in small letters only where a postcode is spoken of."""
    asked = view.lower[max(0, start - 60) : start]
    spoken = "postcode" in asked or "post code" in asked
    return _uk_postcode(view, start, end) if spoken else ()


# The routing keys of Ireland: where a letter is delivered from.
_IRISH_KEYS = frozenset(["A41", "A42", "A45", "A63", "A67", "A75", "A81", "A82", "A83", "A84", "A85", "A86", "A91", "A92", "A94", "A96", "A98", "C15", "D01", "D02", "D03", "D04", "D05", "D06", "D07", "D08", "D09", "D10", "D11", "D12", "D13", "D14", "D15", "D16", "D17", "D18", "D20", "D22", "D24", "D6W", "E21", "E25", "E32", "E34", "E41", "E45", "E53", "E91", "F12", "F23", "F26", "F28", "F31", "F35", "F42", "F45", "F52", "F56", "F91", "F92", "F93", "F94", "H12", "H14", "H16", "H18", "H23", "H53", "H54", "H62", "H65", "H71", "H91", "K32", "K34", "K36", "K45", "K56", "K67", "K78", "N37", "N39", "N41", "N91", "P12", "P14", "P17", "P24", "P25", "P31", "P32", "P36", "P43", "P47", "P51", "P56", "P61", "P67", "P72", "P75", "P81", "P85", "R14", "R21", "R32", "R35", "R42", "R45", "R51", "R56", "R93", "R95", "T12", "T23", "T34", "T45", "T56", "V14", "V15", "V23", "V31", "V35", "V42", "V92", "V93", "V94", "V95", "W12", "W23", "W34", "W91", "X35", "X42", "X91", "Y14", "Y21", "Y25", "Y34", "Y35"])  # fmt: skip


def _eircode(view: View, start: int, end: int) -> Iterable[Hit]:
    """``V95 K7P2``: a routing key and four signs; without the space only where it is named."""
    raw = view.text[start:end]
    if raw[:3] not in _IRISH_KEYS or not view.stands_alone(start, end):
        return ()
    mixed = " " in raw and not raw[-4:].isdigit() and not raw[-4:].isalpha()
    return (placed("POSTCODE", start, end),) if mixed or "eircode" in view.near(start, 40) else ()


_PROVINCE = re.compile(r"\b(?:AB|BC|MB|NB|NL|NS|NT|NU|ON|PE|QC|SK|YT),?[ \n]{1,2}$|postal code:? $")


def _canadian(view: View, start: int, end: int) -> Iterable[Hit]:
    """``Abbotsford, BC V2S 4K9``: behind its province or its name."""
    named = _PROVINCE.search(view.text, max(0, start - 16), start)
    return (placed("POSTCODE", start, end),) if named and view.stands_alone(start, end) else ()


def _at_the_end(view: View, start: int, end: int) -> Iterable[Hit]:
    """The number behind a word that only a postcode follows: ``ZIP 83706``, ``Singapore 467382``."""
    begin = view.text.rindex(" ", start, end) + 1
    if not view.stands_alone(begin, end):
        return ()
    left = (
        _CAPITALS.search(view.text[max(0, start - 30) : start]) if view.at(start) in ", " else None
    )
    towns = () if left is None else (placed("CITY", start - len(left[0]), start),)
    return (*towns, placed("POSTCODE", begin, end))


def _broken_postcode(view: View, start: int, end: int) -> Iterable[Hit]:
    """A line that ends within a postcode, between a street and a town."""
    street = re.search(r"\d ?[a-z]{0,3}, $", view.text[max(0, start - 8) : start])
    return (placed("POSTCODE", start, end - 2), *town(view, end - 1)) if street else ()


def _postcode_in_brackets(view: View, start: int, end: int) -> Iterable[Hit]:
    """``via Rosselli 42, Scandicci (50018)``: behind a town that stands behind a house number."""
    if not re.search(r"\d[a-z]?, $", view.text[max(0, start - 6) : start]):
        return ()
    at = view.text.index("(", start)
    return (placed("CITY", start, at - 1), placed("POSTCODE", at + 1, end - 1))


def _coded(view: View, start: int, end: int) -> Iterable[Hit]:
    """A foreign postcode behind its own key."""
    match = _FOREIGN_CODE.match(view.text[end : end + 16])
    if match is None:
        return ()
    return (placed("POSTCODE", end + match.start(1), end + match.end(1)),)


RULES: tuple[Rule, ...] = (
    (r"\b[0-9OlISBZ]{4} ?[A-Z]{2}\b", False, _damaged_postcode),
    (r"\b[1-9]\d{3} {0,2}[A-Z]{2}\b", True, _postcode),
    (r"\b[1-9]\d{3}\n[A-Z]{2} {1,2}[A-Z]", False, _broken_postcode),
    (r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b", True, _uk_postcode_asked),
    (r"[A-ZÀ-Þ][a-zß-ÿ]{2,20} \(\d{4,5}\)", False, _postcode_in_brackets),
    (r"[, \n](?:[A-Z]{1,2}-)?\d{4,5} [A-Z]", False, _foreign_line),
    (r"\b[A-Z]{1,2}-\d{4,5} [A-Z]|\b(?:\d{2}|\d{4})-\d{3} [A-Z]", False, _prefixed_postcode),
    (r", [A-Z]{2} \d{5}(?:-\d{4})?\b", False, _american),
    (r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b", False, _uk_postcode),
    (r"\b[AC-FHKNPRTV-Y]\d[\dW] ?[0-9ACDEFHKNPRTV-Y]{4}\b", False, _eircode),
    (r"\b(?:postcode|postal ?code|zip(?: ?code)?|plz|postnummer|code postal|postal_code)[\"' ]{0,2}[:=]",
     True, _coded),
    (r"\b(?:zip(?: code)?|cap) ?:? \d{5}\b|\bsingapore \d{6}\b|, (?:vic|act|wa|sa|nt) \d{4}\b", True, _at_the_end),
    (r" (?:NSW|VIC|QLD|TAS) \d{4}\b", False, _at_the_end),
    (r"\b[ABCEGHJ-NPRSTVXY]\d[A-Z] \d[A-Z]\d\b", False, _canadian),
)  # fmt: skip
