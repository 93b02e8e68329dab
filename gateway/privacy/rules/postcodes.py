"""Postcodes of many countries, and the street or city beside one."""

import re
from collections.abc import Iterable

from gateway.privacy.lexicons.loader import words
from gateway.privacy.lexicons.names import MONTHS, STOP_WORDS
from gateway.privacy.rules.cities import city, placed
from gateway.privacy.rules.dutch_identifiers import as_digits
from gateway.privacy.rules.rule import Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch

_UNITS = words("unit_abbreviations.txt")
_RARE_UNITS = words("unit_abbreviations.rare.txt")  # before a city no unit
_EXAMPLE = "1234AB"  # the example in forms and programs
_LAW_BEFORE = re.compile(r"(?:art\.|artikel) ?\d{0,2}:$")  # artikel 8:1098 BW
_MONTHS = "|".join(MONTHS)
_MONTH_BEFORE = re.compile(rf"(?<![^\W\d_])(?:{_MONTHS})\.? $")
_COUNT_BEFORE = re.compile(
    r"(?:bevat|weegt|gewicht|aantal|totaal|qty|quantity|weighs?|weight|contains|max|min|artikel"
    r"|art\.|voorraad|stock|levert|leveren|bestel\w*|order|capaciteit|van|circa|ca\.|ongeveer"
    r"|about|over|x) ?[:=]? ?$"
)
_GAP = re.compile(r"[ \t]{0,2}[,|;]?[ \n\t]{0,2}(?:te |in |\")?")
_SPOKEN_STREET = re.compile(r"[a-z]{4,} \d{1,4}[ ,]{1,2}$")
_ANY_STREET = re.compile(
    r"(?P<street>(?:[A-ZÀ-Þ'][\w'.-]*|\d+e) (?:(?:[A-ZÀ-Þ][\w'.-]*|van|de|den|der|het|'t|ten|ter"
    r"|\d+e) ){0,5}\d{1,5}(?:[- ]?[A-Za-z]{1,3})?(?:-\d{1,3})?)[ ]?[,;|\n]?[ \n\">]{0,2}$"
)
_CAPITALS = re.compile(r"(?:[A-Z][a-z]+ ?){1,3}$")
_FOREIGN_CODE = re.compile(r"[\"' ]{0,3}([A-Z]{0,2}-?\d{2,5}[- ]?\d{0,3}[A-Z]{0,2})\b")


def _damaged_postcode(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find ``35ll AP`` with letters for digits, after its word, a street or before a city."""
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
_LETTERS_BEFORE = re.compile(r"\b(?!NL)[A-Z]{2} $")  # of a licence plate

_RESIDENCE_BEFORE = re.compile(
    r"\b(?:wonende?|woonachtig|gevestigd) (?:te|in) $|(?:verdieping|etage|hoog|huis|boven"
    r"|beneden), $"
)


def _postcode(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    raw = view.text[start:end]
    letters, digits = raw[-2:].upper(), int(raw[:4])
    if not view.stands_alone(start, end) or raw[-2].isupper() != raw[-1].isupper():
        return ()
    if raw.replace(" ", "") == _EXAMPLE:
        return ()
    if _LAW_BEFORE.search(view.lower, max(0, start - 12), start):
        return ()
    is_unit = (
        raw[-2:].islower() and letters in _UNITS and not _HOUSE_NUMBER.search(view.near(start, 12))
    )
    if is_unit and "postcode" not in view.near(start, 24):
        return ()
    if _LETTERS_BEFORE.search(view.text, max(0, start - 4), start):
        return ()
    if (
        raw[-2:].islower()
        and 1900 <= digits <= 2099
        and _MONTH_BEFORE.search(view.before(start, 16))
    ):
        return ()  # "Op 13 mei 2024 om 08:52"
    if raw.endswith(" by") and 1900 <= digits <= 2099 and "postcode" not in view.near(start, 24):
        return ()  # "Copyright 1988 by Digital Equipment"
    street = _street_before(view, start)
    gap = _GAP.match(view.text[end : end + 8])
    cities = tuple(city(view, end + (gap.end() if gap else 0)))
    spoken = _SPOKEN_STREET.search(view.text[max(0, start - 32) : start])
    keyed = spoken or any(
        w in view.near(start, 48)
        for w in ("postcode", "postal", "zip", "pc:", 'pc"', "pc +", "woonplaats")
    )
    resides = cities and _RESIDENCE_BEFORE.search(view.lower, max(0, start - 16), start)
    if not (street or keyed or resides) and (
        (letters in _UNITS and not (cities and letters in _RARE_UNITS))
        or _COUNT_BEFORE.search(view.near(start, 16))
    ):
        return ()
    if raw[-2:].islower() and not (street or keyed):
        return ()
    if 1900 <= digits <= 2099 and not (street or cities or keyed):
        return ()
    return (placed("POSTCODE", start, end), *cities, *street)


def _street_before(view: NormalizedText, start: int) -> tuple[RuleMatch, ...]:
    """Find a street: any capitalised words with a number right before a postcode."""
    left = view.text[max(0, start - 64) : start]
    match = _ANY_STREET.search(left)
    if match is None:
        return ()
    if match["street"].split()[0].lower() in STOP_WORDS and not match["street"].startswith("It "):
        return ()
    begin = start - len(left) + match.start("street")
    return (placed("STREET_ADDRESS", begin, begin + len(match["street"]), score=0.8),)


_KINDS_BEFORE = {"via", "calle", "rue"}
_HOUSE = re.compile(
    r"(?P<street>(?:[A-ZÀ-Þ][\w'.\-]*|ul\.|al\.|via|calle|rue)(?: (?:[A-ZÀ-Þ][\w'.\-]*"
    r"|\w{1,3})){0,4},? \d{1,4}(?: ?[A-Za-z])?"
    r"(?:/(?:\d{1,3}|[a-z]))?)(?:, [A-ZÀ-Þ][a-zß-ÿ]{3,14})?(?:, ?\d{1,2}\. ?[ºª°]"
    r"(?: ?[A-Z]\b)?)?[ ]?,?[ \n]{0,2}$"
)


def _foreign_line(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a postcode and a city after a house number: ``Lindenallee 5, 47533 Kleve``."""
    cities = tuple(city(view, end - 1))
    left = view.text[max(0, start - 60) : start + 1].rstrip(" ,\n")
    match = _HOUSE.search(left.rpartition("\n")[2] if "\n" in left else left)
    if (
        cities
        and match is None
        and _RESIDENCE_BEFORE.search(view.lower, max(0, start - 16), start + 1)
    ):
        return (placed("POSTCODE", start + 1, end - 2), *cities)
    if (
        not cities
        or match is None
        or match["street"].split()[0].lower() in STOP_WORDS - _KINDS_BEFORE
    ):
        return ()
    place = view.text.rfind(match["street"], 0, start + 1)
    street = placed("STREET_ADDRESS", place, place + len(match["street"].rstrip()), score=0.75)
    return (street, placed("POSTCODE", start + 1, end - 2), *cities)


def _prefixed_postcode(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    cities = tuple(city(view, end - 1))
    if not cities or view.at(start - 1) in ("-", "/") or not view.at(end).islower():
        return ()
    return (placed("POSTCODE", start, end - 2), *cities)


def _american(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    if not view.stands_alone(start + 5, end):
        return ()
    left = _CAPITALS.search(view.text[max(0, start - 30) : start])
    cities = () if left is None else (placed("CITY", start - len(left[0]), start),)
    return (placed("POSTCODE", start + 5, end), *cities)


def _uk_postcode(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    return (placed("POSTCODE", start, end),) if view.stands_alone(start, end) else ()


def _uk_postcode_asked(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find ``bs3 4qn`` in lower case only after the word postcode."""
    asked = view.lower[max(0, start - 60) : start]
    spoken = "postcode" in asked or "post code" in asked
    return _uk_postcode(view, start, end) if spoken else ()


# The routing keys of Ireland.
_IRISH_KEY = re.compile(
    r"A(?:41|42|45|63|67|75|81|82|83|84|85|86|91|92|94|96|98)|C15|D(?:01|02|03|04|05|06|07|08|09"
    r"|10|11|12|13|14|15|16|17|18|20|22|24|6W)|E(?:21|25|32|34|41|45|53|91)|F(?:12|23|26|28|31|35"
    r"|42|45|52|56|91|92|93|94)|H(?:12|14|16|18|23|53|54|62|65|71|91)|K(?:32|34|36|45|56|67|78)"
    r"|N(?:37|39|41|91)|P(?:12|14|17|24|25|31|32|36|43|47|51|56|61|67|72|75|81|85)|R(?:14|21|32|35"
    r"|42|45|51|56|93|95)|T(?:12|23|34|45|56)|V(?:14|15|23|31|35|42|92|93|94|95)|W(?:12|23|34|91)"
    r"|X(?:35|42|91)|Y(?:14|21|25|34|35)"
)


def _eircode(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a routing key and four signs: ``V95 K7P2``; without a space only after its name."""
    raw = view.text[start:end]
    if not _IRISH_KEY.match(raw) or not view.stands_alone(start, end):
        return ()
    mixed = " " in raw and not raw[-4:].isdigit() and not raw[-4:].isalpha()
    return (placed("POSTCODE", start, end),) if mixed or "eircode" in view.near(start, 40) else ()


_PROVINCE = re.compile(r"\b(?:AB|BC|MB|NB|NL|NS|NT|NU|ON|PE|QC|SK|YT),?[ \n]{1,2}$|postal code:? $")


def _canadian(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a code after its province or its name: ``Abbotsford, BC V2S 4K9``."""
    named = _PROVINCE.search(view.text, max(0, start - 16), start)
    return (placed("POSTCODE", start, end),) if named and view.stands_alone(start, end) else ()


def _last_token(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find the number after a word that only a postcode follows: ``ZIP 83706``."""
    begin = view.text.rindex(" ", start, end) + 1
    if not view.stands_alone(begin, end):
        return ()
    left = (
        _CAPITALS.search(view.text[max(0, start - 30) : start]) if view.at(start) in ", " else None
    )
    cities = () if left is None else (placed("CITY", start - len(left[0]), start),)
    return (*cities, placed("POSTCODE", begin, end))


def _broken_postcode(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a postcode that a line break cuts, between a street and a city."""
    street = re.search(r"\d ?[a-z]{0,3}, $", view.text[max(0, start - 8) : start])
    return (placed("POSTCODE", start, end - 2), *city(view, end - 1)) if street else ()


def _postcode_in_brackets(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a city and its code after a house number: ``via Rosselli 42, Scandicci (50018)``."""
    if not re.search(r"\d[a-z]?, $", view.text[max(0, start - 6) : start]):
        return ()
    at = view.text.index("(", start)
    return (placed("CITY", start, at - 1), placed("POSTCODE", at + 1, end - 1))


def _keyed_postcode(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a foreign postcode after its key."""
    match = _FOREIGN_CODE.match(view.text[end : end + 16])
    if match is None or (view.lower.startswith("cap", start) and len(match[1]) != 5):
        return ()  # 'cap: 2000' is a limit, not an Italian postcode
    if match[1].replace(" ", "") == _EXAMPLE:
        return ()
    return (placed("POSTCODE", end + match.start(1), end + match.end(1)),)


RULES: tuple[Rule, ...] = (
    Rule(r"\b[0-9OlISBZ]{4} ?[A-Z]{2}\b", False, _damaged_postcode),
    Rule(r"\b[1-9]\d{3} {0,2}[A-Z]{2}\b", True, _postcode),
    Rule(r"\b[1-9]\d{3}\n[A-Z]{2} {1,2}[A-Z]", False, _broken_postcode),
    Rule(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b", True, _uk_postcode_asked),
    Rule(r"[A-ZÀ-Þ][a-zß-ÿ]{2,20} \(\d{4,5}\)", False, _postcode_in_brackets),
    Rule(r"[, \n](?:[A-Z]{1,2}-)?\d{4,5} [A-Z]", False, _foreign_line),
    Rule(r"\b[A-Z]{1,2}-\d{4,5} [A-Z]|\b(?:\d{2}|\d{4})-\d{3} [A-Z]", False, _prefixed_postcode),
    Rule(r", [A-Z]{2} \d{5}(?:-\d{4})?\b", False, _american),
    Rule(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b", False, _uk_postcode),
    Rule(r"\b[AC-FHKNPRTV-Y]\d[\dW] ?[0-9ACDEFHKNPRTV-Y]{4}\b", False, _eircode),
    Rule(
        r"\b(?:postcode|postal ?code|zip(?: ?code)?|plz|postnummer|code postal|cap"
        r"|postal_code)[\"' ]{0,2}[:=]",
        True,
        _keyed_postcode,
    ),
    Rule(
        r"\b(?:zip(?: code)?|cap) ?:? \d{5}\b|\bsingapore \d{6}\b|, (?:vic|act|wa|sa|nt) \d{4}\b",
        True,
        _last_token,
    ),
    Rule(r"\bkod pocztowy:? \d{2}-\d{3}\b", True, _last_token),
    Rule(r" (?:NSW|VIC|QLD|TAS) \d{4}\b", False, _last_token),
    Rule(r"\b[ABCEGHJ-NPRSTVXY]\d[A-Z] \d[A-Z]\d\b", False, _canadian),
)
