"""Licence plates: Dutch ones by their form, others beside a word for a vehicle."""

import re
from collections.abc import Iterable

from gateway.privacy.rules.dutch_identifiers import nearest
from gateway.privacy.rules.rule import Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, Strength

_CODED = re.compile(
    r"(?<![a-z])(?:type|model|onderdeel|part(?: no\.?)?|sku|artikel(?:nummer|nr\.?)?|item|art\."
    r"|bestelnr\.?|maat|serie)[\"' :=]{1,5}$"
)
# Area, age (half-years since September 2001) and three letters: British since then.
_BRITISH = re.compile(r"[A-HJ-PR-Y]{2}(?:0[1-9]|[12]\d|5[1-9]|[67]\d) [A-HJ-PR-Z]{3}")

# District, letters and number, with a hyphen and a space: German.
_GERMAN = re.compile(r"(?!DIN|ISO|NEN|EN-)[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} \d{3,4}[EH]?")

_L, _D = "[A-Z]", "[0-9]"
_SIDECODES = (
    "LL-DD-DD",
    "DD-DD-LL",
    "DD-LL-DD",
    "LL-DD-LL",
    "LL-LL-DD",
    "DD-LL-LL",
    "DD-LLL-D",
    "D-LLL-DD",
    "LL-DDD-L",
    "L-DDD-LL",
    "LLL-DD-L",
    "D-LL-DDD",
    "L-DD-LLL",
)
_PLATES = "|".join(
    "".join({"L": _L, "D": _D, "-": "-?"}[sign] for sign in code) for code in _SIDECODES
)
_SPACED_PLATES = "|".join(
    "".join({"L": _L, "D": _D, "-": " "}[sign] for sign in code) for code in _SIDECODES
)


def _is_coded(view: NormalizedText, start: int) -> bool:
    """Whether a word for an article or a part precedes it."""
    return _CODED.search(view.lower[max(0, start - 16) : start]) is not None


def _plate(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    raw = view.text[start:end]
    if not view.stands_alone(start, end):
        return ()
    if raw.count("-") == 1:
        return ()
    if _is_coded(view, start):
        return ()
    dashed = "-" in raw and raw == raw.upper()
    if nearest(view, start, end) == "LICENSE_PLATE":
        return (_hit(start, end, Strength.CONTEXT),)
    return (_hit(start, end, Strength.PLAIN, score=0.7),) if dashed else ()


def _foreign_plate(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find foreign or damaged plates, beside a word for a vehicle or by a clear form."""
    raw = view.text[start:end]
    if not view.stands_alone(start, end) or not any(map(str.isdigit, raw)):
        return ()
    if _is_coded(view, start):
        return ()
    if raw.partition(" ")[0] in _NUMBER_PREFIXES or raw.partition("-")[0] in _ALGORITHMS:
        return ()
    clear = raw.count("-") == 2 and raw[-1].isdigit() == raw[0].isdigit() and len(raw) == 9
    named = nearest(view, start, end) == "LICENSE_PLATE"
    clear = clear or any(shape.fullmatch(raw) for shape in (_BRITISH, _GERMAN))
    if not any(map(str.isalpha, raw)) or not (named or clear):
        return ()
    strength = Strength.CONTEXT if named else Strength.PLAIN
    return (_hit(start, end, strength, score=0.7),)


# Year and half of it, county, number: Irish since 2013.
_IRISH_COUNTIES = "CE|CN|CW|DL|KE|KK|KY|LD|LH|LK|LM|LS|MH|MN|MO|OY|RN|SO|TN|WD|WH|WX|WW|[CDGLTW]"


def _irish(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    if not view.stands_alone(start, end) or _is_coded(view, start):
        return ()
    return (_hit(start, end, Strength.CONTEXT, score=0.8),)


# Encodings, ciphers and documents with a number: ``UTF-16-LE``.
_ALGORITHMS = frozenset(("UTF", "UCS", "SHA", "AES", "RSA", "RFC", "CVE", "CWE"))
# Abbreviations before other numbers: passengers, reports, standards.
_NUMBER_PREFIXES = frozenset((
    "PAX",
    "RPT",
    "FLT",
    "TEL",
    "REF",
    "ISO",
    "NEN",
    "DIN",
    "RAL",
    "ART",
    "NR",
    "NO",
    "KM",
    "SQ",
    "EN",
))


def _hit(start: int, end: int, strength: Strength, *, score: float = 0.95) -> RuleMatch:
    return RuleMatch("LICENSE_PLATE", start, end, "rule:license_plate", strength, score)


RULES: tuple[Rule, ...] = (
    Rule(rf"\b(?:1[3-9]|2[0-9])[12]-(?:{_IRISH_COUNTIES})-\d{{1,6}}\b", False, _irish),
    Rule(rf"\b(?:{_PLATES})\b", True, _plate),
    Rule(rf"\b(?:{_SPACED_PLATES})\b", False, _plate),
    Rule(
        (
            r"\b(?:[1-9]-[A-Z]{3}-\d{3}|[A-Z]{2}-\d{3}-[A-Z]{2}"
            r"|[A-Z]{1,3}[ \-][A-Z]{1,2} ?\d{1,4}[EH]?|\d{4} ?[B-Z]{3}|[A-Z]{2}\d{2} ?[A-Z]{3}"
            r"|[A-Z]{2} \d{2} [A-Z]{3}|[A-Z]{2,3} \d[A-Z0-9]{2,4}|[A-Z]{2} \d{2} \d{3}"
            r"|[A-Z]{2,3} \d{3,4} [A-Z]{2}|[A-Z0-9]{1,3}-[A-Z0-9]{1,3}-[A-Z0-9]{1,2})\b"
        ),
        False,
        _foreign_plate,
    ),
)
