"""What the value of a named field is: one declaration for columns, keys, elements and attributes.

``record_fields.txt`` gives the names. The value of a field has to have the form of its type, and
needs no checksum: a column ``bsn`` with a typing error holds a citizen service number still.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache, partial

from gateway.core.finding import FindingKind
from gateway.privacy.lexicons.loader import entries
from gateway.privacy.lexicons.names import DEPARTMENTS, STOP_WORDS
from gateway.privacy.rules import bsn
from gateway.privacy.rules.birth_dates import is_birth_year
from gateway.privacy.rules.person_names import inverted, is_given_name, person
from gateway.privacy.rules.rule import Check
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, Strength

_SEPARATOR = "[ _.-]?"
_PREFIX = r"(?:[a-z]{2,20}[ _.-]){0,2}"
_LONGEST_NAME = 60  # characters of the name of a field
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NAME_LIKE = re.compile(
    r"(?:'t |'s )?[^\W\d_][\w'.-]*(?:,? (?:[^\W\d_][\w'.-]*|\"[^\W\d_]+\")){0,5}"
)
_INITIALS = re.compile(r"(?:[A-ZÀ-Þ](?:h|j)?\.? ?){1,5}")
_LONGEST_PERSON = 48
_DATE = re.compile(
    r"(\d{1,4}[-/. ]\d{1,2}[-/. ]\d{2,4}|\d{1,2}\.? \w{3,10}\.? (?:\d{4}|'?\d{2})|\d{8})"
    r"(?:[T ]\d\d:\d\d\S{0,24})?"
)
_BSN = re.compile(r"\d{3}[ .-]?\d{3}[ .-]?\d{3}|\d{4}[ .-]\d{2}[ .-]\d{3}")
_FORMS = {
    "AGB_CODE": r"\d{2}-?\d{6}",
    "BIG_NUMBER": r"\d{11}",
    "CITY": r"(?:'s-|'t |d')?[A-ZÀ-Þ][\w'-]*(?: [\w'-]+){0,3}",
    "DRIVING_LICENCE": r"\d{10}|[A-Z9]{5}\d{6}[A-Z9]{2}\w{3}",
    "EMAIL": r"[^\s@<>\"]{1,64}@[^\s@<>\"]{2,200}",
    "IBAN": r"(?i:[a-z]{2}\d{2}(?:[ .-]?[a-z0-9]){10,30})",
    "KVK": r"\d{8}",
    "LICENSE_PLATE": r"(?i:(?=\D*\d)(?=.{4,10}$)[A-Z0-9]{1,4}(?:[- ]?[A-Z0-9]{1,4}){1,3})",
    "NATIONAL_ID": r"(?=(?:\D*\d){6})[A-Z0-9](?:[ ./-]?[A-Z0-9]){7,17}",
    "PASSPORT_ID": r"(?=\D*\d\D*\d\D*\d)[A-Z0-9]{7,9}",
    "PHONE": r"\(?[+0][\d ()./\-]{7,20}|6\d{8}|[1-9]\d{8}|\([2-9]\d\d\) ?\d{3}-\d{4}",
    "POSTCODE": r"[1-9]\d{3} ?[A-Za-z]{2}|\d{4,5}|\d{2}-\d{3}|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}",
    "STREET_ADDRESS": (
        r"(?=[^\d]*[^\W\d_]{2})[\w'. \-]{2,50}? \d{1,5}(?:[ \-]?[\w]{1,4}){0,2}"
        r"|\d{1,5}[a-z]? [A-Z][\w'. \-]{3,40}"
    ),
    "V_NUMBER": r"\d{10}",
}


def _hit(type_: str, start: int, end: int, *, score: float = 0.85) -> Iterable[RuleMatch]:
    return (RuleMatch(type_, start, end, f"rule:{type_.lower()}-column", Strength.CONTEXT, score),)


def _formed(
    type_: str, form: re.Pattern[str], view: NormalizedText, start: int, end: int
) -> Iterable[RuleMatch]:
    return _hit(type_, start, end) if form.fullmatch(view.text[start:end]) else ()


def _person_or_other(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a person in a field that may name a company or a department too."""
    value = view.text[start:end]
    words = value.lower().replace(",", " ").split()
    if not words or words[0] in STOP_WORDS or not DEPARTMENTS.isdisjoint(words):
        return ()
    if len(value) > _LONGEST_PERSON:
        return ()
    whole = _NAME_LIKE.fullmatch(value)
    named = "," in value or (len(words) > 1 and any(is_given_name(word) for word in words))
    if whole is not None and named and any(map(str.isupper, value)):
        return _hit("PERSON", start, end)
    hits = tuple(person(view, start, lower=True, rule="rule:person-column"))
    return tuple(inverted(view, hit) for hit in hits if hit.start - start < 12 and hit.end <= end)


def _person(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a name in a field of names of persons only; a word for a field is a label of a form."""
    value = view.text[start:end]
    fits = _NAME_LIKE.fullmatch(value) and len(value) <= _LONGEST_PERSON
    if is_label(value):
        return ()
    if not fits or not any(map(str.isupper, value)):
        return _person_or_other(view, start, end)
    return _hit("PERSON", start, end)


def is_label(value: str) -> bool:
    """Whether a value is itself the name of a field for names: ``"lastName": "Last name"``."""
    return kind_of(value) in ("PERSON", "INITIALS")


def _initials(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    if _INITIALS.fullmatch(view.text[start:end]) is None:
        return ()
    return (RuleMatch("PERSON", start, end, "rule:person-initials", Strength.CONTEXT, 0.8),)


def _secret(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    value = view.text[start:end]
    if not value.isalnum() and (" " in value or len(value) < 6 or len(set(value)) < 4):
        return ()  # words, or stars instead of it
    if not any(map(str.isdigit, value)):
        return ()
    return (
        RuleMatch("SECRET", start, end, "secret:column", Strength.SECRET, 0.9, FindingKind.SECRET),
    )


def _birth(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    date = _DATE.fullmatch(view.text, start, end)
    if date is None or not is_birth_year(date[1]):
        return ()
    return _hit("DATE_OF_BIRTH", start, date.end(1))


def _bsn(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    value = view.text[start:end]
    if bsn.is_valid("".join(filter(str.isdigit, value))):
        return (RuleMatch("BSN", start, end, "rule:bsn-column", Strength.CHECKSUM, 0.95),)
    return _hit("BSN", start, end) if _BSN.fullmatch(value) else ()


CHECKS: Mapping[str, Check] = {
    "NAME": _person_or_other,
    "PERSON": _person,
    "INITIALS": _initials,
    "DATE_OF_BIRTH": _birth,
    "SECRET": _secret,
    "BSN": _bsn,
    **{type_: partial(_formed, type_, re.compile(form)) for type_, form in _FORMS.items()},
}


def named_fields(file: str) -> dict[str, str]:
    """Return the pattern of the names of each type of a file, longer names first."""
    found: dict[str, list[str]] = {}
    for entry in entries(file):
        type_, _, name = entry.partition(" ")
        found.setdefault(type_, []).append(name.replace(" ", _SEPARATOR))
    return {
        type_: "|".join(sorted(names, key=lambda name: (-len(name), name)))
        for type_, names in found.items()
    }


FIELDS = named_fields("record_fields.txt")


# Another word may be before a name, as in ``patient_bsn``; but ``file_name`` is of no person.
_KINDS = re.compile(
    "|".join(
        f"(?P<{type_}>{'' if type_ == 'NAME' else _PREFIX}(?:{names}))"
        for type_, names in FIELDS.items()
    ),
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def _kind_of(name: str) -> str:
    match = _KINDS.fullmatch(name) or _KINDS.fullmatch(_HUMP.sub(" ", name))
    return (match and match.lastgroup) or ""


def kind_of(name: str) -> str:
    """Return the type of the values of a field of this name; "" for an unknown name."""
    return _kind_of(name) if len(name) <= _LONGEST_NAME else ""


def check_of(name: str) -> Check | None:
    """Return the check for values of a field of this name; None for an unknown name."""
    return CHECKS.get(kind_of(name))
