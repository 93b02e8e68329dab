"""The form in which placeholders are written, and the forms in which they may return."""

from collections.abc import Iterator

from gateway.core.finding import PERSONAL_TYPES
from gateway.core.text.matcher import Compiled
from gateway.core.text.patterns import Pattern, Patterns

# Lower case without vowels (no words), without l 1 o 0 (no doubles), without s (a genitive).
LETTERS, DIGITS = "bcdfghjkmnpqrtvwxz", "23456789"
ALPHABET = LETTERS + DIGITS
SHORTEST, LONGEST_ID = 6, 16
SECRET = "[SECRET]"
LITERAL = "TEXT"  # the type of text that already looked like a placeholder

_DUTCH = {
    "PERSOON": "PERSON",
    "NAAM": "PERSON",
    "NAME": "PERSON",
    "ADRES": "STREET_ADDRESS",
    "STRAAT": "STREET_ADDRESS",
    "STRAATADRES": "STREET_ADDRESS",
    "ADDRESS": "STREET_ADDRESS",
    "PLAATS": "CITY",
    "STAD": "CITY",
    "WOONPLAATS": "CITY",
    "TELEFOON": "PHONE",
    "TELEFOONNUMMER": "PHONE",
    "GEBOORTEDATUM": "DATE_OF_BIRTH",
    "KENTEKEN": "LICENSE_PLATE",
    "PASPOORT": "PASSPORT_ID",
    "RIJBEWIJS": "DRIVING_LICENCE",
    "BTW": "VAT_ID",
    "TEKST": LITERAL,
    "REKENING": "IBAN",
    "REKENINGNUMMER": "IBAN",
    "IP": "IP_ADDRESS",
    "E-MAIL": "EMAIL",
}
# Hints about a person are part of the type word. Each of these words has a letter that no id has,
# so no id begins with one.
GENDERS = ("HE", "SHE")
TITLES = ("DOCTOR", "DRS", "PROFESSOR", "IR", "ING", "MEESTER")
_HINTED = {
    f"{person}{gender}{title}": "PERSON"
    for person in ("PERSON", "PERSOON")
    for gender in ("", *GENDERS)
    for title in ("", *TITLES)
}
_TYPES = {name: name for name in (*PERSONAL_TYPES, LITERAL)} | _DUTCH
_PREFIXES = sorted(
    (
        ("".join(filter(str.isalpha, word)).lower(), type_)
        for word, type_ in (_TYPES | _HINTED).items()
    ),
    key=lambda pair: -len(pair[0]),
)

_JOIN = r"(?:\\?_| |\-)"
_HINTS = f"(?:{_JOIN}(?:{'|'.join(GENDERS)}))?(?:{_JOIN}(?:{'|'.join(TITLES)}))?"
_WORDS = "|".join(
    word.replace("_", _JOIN).replace("E-MAIL", r"E\-MAIL")
    + (_HINTS if word in ("PERSON", "PERSOON") else "")
    for word in sorted(_TYPES)
)
_ID = f"[{ALPHABET}]{{{SHORTEST},{LONGEST_ID}}}"
_GAP = r"(?: |\n|\t){0,2}"
_MARKS = r"(?:\*|_|`|\\){0,3}"
_CORE = rf"{_MARKS}{_GAP}(?:{_WORDS}){_GAP}(?:\\?[_:\-])?{_GAP}{_ID}{_MARKS}{_GAP}"
_SHAPES = (
    ("square", rf"\\?\[{_GAP}{_CORE}\\?\]"),
    ("curly", r"\{{1,2}" + _GAP + _CORE + r"\}{1,2}"),
    ("round", rf"\({_GAP}{_CORE}\)"),
    ("angle", rf"<{{1,2}}{_GAP}{_CORE}>{{1,2}}"),
    ("escaped", rf"&lt;{_GAP}{_CORE}&gt;"),
    ("bare", rf"(?:{_WORDS})(?:\\?_| ?: ?|\-| ){_ID}"),
)
# How JSON source may write a character; a backslash of Markdown is two.
_IN_JSON = (
    (r"\\?", r"(?:\\\\)?"),
    (r"|\\)", r"|\\\\)"),
    (r"|\n|\t)", r"|\n|\t|\\n|\\t)"),
    ("<", r"(?:<|\\u003c)"),
    (">", r"(?:>|\\u003e)"),
    ("&", r"(?:&|\\u0026)"),
)


def _as_json(regex: str) -> str:
    for sign, source in _IN_JSON:
        regex = regex.replace(sign, source)
    return regex


SHAPES = tuple(Pattern(name, regex, ignore_case=True) for name, regex in _SHAPES)
_JSON_SHAPES = tuple(Pattern(p.id, _as_json(p.regex), ignore_case=True) for p in SHAPES)
_LONGEST = 48
GRAMMAR = Compiled(SHAPES, longest=_LONGEST)
JSON_GRAMMAR = Compiled(_JSON_SHAPES, longest=_LONGEST)
_IDS = Patterns([Pattern("id", f"[{ALPHABET}]{{{SHORTEST}}}", ignore_case=True)])


def may_hold(text: str) -> bool:
    """Return False if a text holds no placeholder; a hundred times faster than a search."""
    return next(_ids_in(text), None) is not None


def stretches(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches of a text that can hold placeholders, in order."""
    begin = end = 0
    for at in _ids_in(text):
        if at - _LONGEST > end:
            if end:
                yield begin, end
            begin = at - _LONGEST
        end = at + SHORTEST + _LONGEST
    if end:
        yield begin, min(end, len(text))


def _ids_in(text: str) -> Iterator[int]:
    """Yield where ids may begin: each has a letter and a digit, which no word or number has."""
    for start, _, end in _IDS.places(text):
        signs = set(text[start:end].lower())
        if not (signs.isdisjoint(LETTERS) or signs.isdisjoint(DIGITS)):
            yield start


def parse(placeholder: str) -> tuple[str, str]:
    """Return type and id of a text in one of the shapes; both "" without a known type."""
    text = placeholder.lower().removeprefix("&lt;").removesuffix("&gt;")
    letters = "".join(filter(str.isalnum, text))
    for word, type_ in _PREFIXES:
        if letters.startswith(word):
            return type_, letters[len(word) :]
    return "", ""
